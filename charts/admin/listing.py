"""The changelist and the form: each chart's picture and state."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from charts import markup
from charts.admin.states import STATES, StateFilter, state_of, with_state


class ChartListing:
    """Columns, filters and read-only fields of a ModelAdmin for charts."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return with_state(super().get_queryset(request))  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        own = list(super().get_list_display(request))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*own, *(name for name in ("thumbnail", "state", "rendered_at") if name not in own)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [StateFilter, *super().get_list_filter(request)]  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*own, "picture", "alt_text", "state", "rendered_at", "error"] if obj else own

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, chart: Any) -> str:
        """Show the picture small; a chart that cannot be shown shows a dash."""
        return _shown(chart, alt="", style="height:4.5rem;width:auto;border-radius:4px")

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, chart: Any) -> str:
        """Show the picture as readers see it."""
        return _shown(chart, style="max-width:100%;height:auto")

    @admin.display(description=gettext_lazy("alternative text"))
    def alt_text(self, chart: Any) -> str:
        """Show what somebody hears who does not see the picture."""
        return chart.alt or "-"

    @admin.display(description=gettext_lazy("state"))
    def state(self, chart: Any) -> Any:
        """Say the chart's state; of a failure, its first line."""
        name = state_of(chart)
        if name != "failed":
            return STATES[name]
        return format_html("<b>{}</b>: {}", STATES[name], chart.charts_error.partition("\n")[0][:200])

    @admin.display(description=gettext_lazy("last failure"))
    def error(self, chart: Any) -> str:
        """Show the last failure, its traceback folded."""
        if not chart.charts_error:
            return "-"
        first, _blank, trace = chart.charts_error.partition("\n")
        return format_html("<details><summary>{}</summary><pre>{}</pre></details>", first, trace.strip())


def _shown(chart: Any, alt: str | None = None, **attrs: Any) -> str:
    if not chart.image:
        return "-"
    return markup.picture(chart, alt=alt, attrs=attrs)
