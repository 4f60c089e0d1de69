"""What a ModelAdmin of a chart shows and does beside its own."""

from typing import Any

from django.contrib import admin

from charts.admin.batches import ChartRegenerating
from charts.admin.forms import ChartForm
from charts.admin.listing import ChartListing
from charts.admin.overview import ChartOverview
from charts.admin.previewing import ChartPreview
from charts.admin.regenerating import ChartButton

ACTIONS = (*ChartRegenerating.actions, *ChartButton.form_actions)


class ChartAdminMixin(ChartRegenerating, ChartButton, ChartPreview, ChartForm, ChartOverview, ChartListing):
    """What a ModelAdmin of a chart shows beside its own."""

    actions = ACTIONS

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # A project that names actions of its own means them beside these; with None it switches all of them off.
        if self.actions is not None:
            self.actions = (*self.actions, *(name for name in ACTIONS if name not in self.actions))


class ChartAdmin(ChartAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg,misc]  # not generic; a tuple, both
    """A ModelAdmin for charts."""
