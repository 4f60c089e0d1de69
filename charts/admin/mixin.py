"""What a ModelAdmin of a chart shows and does beside its own."""

from django.contrib import admin

from charts.admin.batches import ChartRegenerating
from charts.admin.forms import ChartForm
from charts.admin.listing import ChartListing
from charts.admin.overview import ChartOverview
from charts.admin.previewing import ChartPreview
from charts.admin.regenerating import ChartButton


class ChartAdminMixin(ChartRegenerating, ChartButton, ChartPreview, ChartForm, ChartOverview, ChartListing):
    """What a ModelAdmin of a chart shows beside its own."""

    actions = (*ChartRegenerating.actions, *ChartButton.form_actions)  # type: ignore[assignment]  # longer than each


class ChartAdmin(ChartAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg,misc]  # not generic; a tuple, both
    """A ModelAdmin for charts."""
