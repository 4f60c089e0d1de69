"""The changelist: each chart's picture small, its state, when it was rendered and how long that took."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.admin import pictures
from charts.admin.names import named, unnamed
from charts.admin.states import STATES, RenderedFilter, StaleFilter, StateFilter, state_of, stated, with_state
from charts.admin.viewing import viewed, viewer_of

COLUMNS = ("chart_thumbnail", "chart_state", "chart_rendered", "chart_duration")
NOTHING = "-"
# Told apart by their form too, for those to whom colours are alike.
SIGNS = {"fresh": "✓", "stale": "◔", "rendering": "…", "failed": "✕", "never": "○"}


class _Stated:
    """A changelist whose charts know their states, also where a project's `get_queryset()` begins anew."""

    root_queryset: "QuerySet[Any]"

    def get_queryset(self, *args: Any, **kwargs: Any) -> "QuerySet[Any]":
        self.root_queryset = with_state(self.root_queryset)
        return super().get_queryset(*args, **kwargs)  # type: ignore[misc,no-any-return]  # a mixin for ChangeList


class ChartListing:
    """Columns and filters of a ModelAdmin for charts, and its rows: they know who looks, and can say their names."""

    @property
    def media(self) -> forms.Media:
        styles = forms.Media(css={"all": ["charts/charts.css", "charts/admin.css"]})
        return super().media + styles  # type: ignore[misc,no-any-return]  # a mixin for ModelAdmin

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return with_state(super().get_queryset(request))  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        chart = super().get_object(request, object_id, from_field)  # type: ignore[misc]  # a mixin for ModelAdmin
        return None if chart is None else viewed(stated(chart), request, self)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        own = super().get_changelist(request, **kwargs)  # type: ignore[misc]  # a mixin for ModelAdmin
        return type(own.__name__, (_Stated, own), {})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]  # a mixin for ModelAdmin
        for chart in changelist.result_list:
            viewed(chart, request, self)
        return changelist

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, unnamed(obj), form, change)  # type: ignore[misc]  # a mixin for ModelAdmin
        named(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, unnamed(obj))  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        for chart in objs:
            named(chart)
        return super().get_deleted_objects(objs, request)  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        own = list(super().get_list_display(request))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*own, *(name for name in COLUMNS if name not in own)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        own = list(super().get_list_filter(request))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*(each for each in (StateFilter, StaleFilter, RenderedFilter) if each not in own), *own]

    @admin.display(description=gettext_lazy("picture"))
    def chart_thumbnail(self, chart: Any) -> SafeString:
        """Show the picture small."""
        return pictures.thumbnail(chart)

    @admin.display(description=gettext_lazy("state"))
    def chart_state(self, chart: Any) -> SafeString:
        """Say the chart's state, and of a failure its first line to those who may change the chart."""
        if state_of(chart) != "failed" or not viewer_of(chart).may_change:
            return badge(chart)
        return badge(chart) + format_html('<div class="charts-why" dir="auto">{}</div>', reason(chart.charts_error))

    @admin.display(description=gettext_lazy("last render"), ordering="rendered_at")
    def chart_rendered(self, chart: Any) -> Any:
        """Say when the picture was drawn."""
        return moment(chart.rendered_at) if chart.rendered_at else NOTHING

    @admin.display(description=gettext_lazy("took"), ordering="charts_duration")
    def chart_duration(self, chart: Any) -> Any:
        """Say how long the last render took, failed ones too."""
        return NOTHING if chart.charts_duration is None else seconds(chart.charts_duration)


def badge(chart: Any) -> SafeString:
    """Return a chart's state as a sign and a word, and since when it is stale."""
    name = state_of(chart)
    html = format_html(
        '<span class="charts-state charts-{}"><span aria-hidden="true">{}</span> {}</span>',
        name,
        SIGNS[name],
        capfirst(str(STATES[name])),
    )
    if name != "stale" or not chart.charts_stale_since:
        return html
    since = format_html(_("since {time}"), time=moment(chart.charts_stale_since))
    return html + format_html('<div class="charts-since">{}</div>', since)


def reason(error: str) -> str:
    """Return why a chart could not be rendered: of an error's first line what follows the chart's name."""
    line = error.partition("\n")[0]
    return capfirst(line.partition(" could not be rendered: ")[2]) or line


def moment(time: Any) -> SafeString:
    """Return a time of the database as people read it, for machines too."""
    local = timezone.localtime(time) if timezone.is_aware(time) else time
    said = formats.date_format(local, "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), said)


def seconds(span: float) -> str:
    """Return a span of time with the digits that it deserves."""
    digits = 2 if span < 1 else 1 if span < 10 else 0
    said = _("%(number)s s") % {"number": formats.number_format(span, digits)}
    return said.replace(" ", "\N{NO-BREAK SPACE}")
