"""What a ModelAdmin of a chart shows and does beside its own."""

from django.contrib import admin

from charts.admin.batches import ChartRegenerating
from charts.admin.listing import ChartListing


class ChartAdminMixin(ChartRegenerating, ChartListing):
    """What a ModelAdmin of a chart shows beside its own."""


class ChartAdmin(ChartAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg,misc]  # not generic; a tuple, both
    """A ModelAdmin for charts."""
