"""A chart's state as the admin tells it, for any number of charts in one query."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Substr
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from charts.clock import DatabaseTime, PkText
from charts.ledger import Job, model_label

STATES = {
    "fresh": gettext_lazy("fresh"),
    "stale": gettext_lazy("stale"),
    "rendering": gettext_lazy("rendering"),
    "failed": gettext_lazy("failed"),
    "never": gettext_lazy("never rendered"),
}
# Characters of an error that lists need: its first line. The rest is a traceback, on the chart's own page.
FIRST_LINE = 300
# What `with_state` adds.
ANNOTATIONS = {"charts_error", "charts_duration", "charts_stale_since", "charts_rendering"}
HOUR, DAY, WEEK = 3_600, 86_400, 604_800

STALE = Q(image_version__lt=F("data_version"))


def with_state(charts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Add what the admin shows of each chart's job, without a query for each row; once, however often it is asked."""
    if charts.query.annotations.keys() >= ANNOTATIONS:
        return charts
    jobs = Job.objects.filter(chart_model=model_label(charts.model), chart_pk=PkText(OuterRef("pk")))
    error = Substr("error", 1, FIRST_LINE, output_field=CharField())
    annotated: QuerySet[Any] = charts.annotate(
        charts_error=Coalesce(Subquery(jobs.values_list(error)[:1]), Value(""), output_field=CharField()),
        charts_duration=Subquery(jobs.values("duration")[:1]),
        charts_stale_since=Subquery(jobs.values("stale_since")[:1]),
        charts_rendering=Exists(jobs.filter(leased_until__gt=DatabaseTime())),
    )
    return annotated


def stated(chart: Any) -> Any:
    """Return a chart that knows its state, with a query if its own queryset was not `with_state`'s."""
    if not chart.__dict__.keys() >= ANNOTATIONS:
        rows = with_state(type(chart)._base_manager.using(chart._state.db).filter(pk=chart.pk))
        chart.__dict__.update(rows.values(*ANNOTATIONS).first() or {})
    return chart


def state_of(chart: Any) -> str:
    """Return the name of a chart's state; the queryset is `with_state`'s."""
    if chart.charts_rendering:
        return "rendering"
    if chart.charts_error:
        return "failed"
    if not chart.image:
        return "never"
    return "stale" if chart.is_stale else "fresh"


class _Choices(admin.SimpleListFilter):
    """A filter whose choices are conditions.

    Its parameter begins with `chart_`: a project's own field of the bare name has a filter of that name.
    """

    choice_labels: dict[str, Any]
    conditions: dict[str, Q]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, capfirst(label)) for name, label in self.choice_labels.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        condition = self.conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


_FAILED, _RENDERING = ~Q(charts_error=""), Q(charts_rendering=True)
_SETTLED = ~_FAILED & ~_RENDERING


class StateFilter(_Choices):
    """Charts in one state: the conditions are those of `state_of`, in SQL."""

    title = gettext_lazy("state")
    parameter_name = "chart_state"
    choice_labels = STATES
    conditions = {
        "rendering": _RENDERING,
        "failed": _FAILED & ~_RENDERING,
        "never": Q(image="") & _SETTLED,
        "stale": STALE & ~Q(image="") & _SETTLED,
        "fresh": ~STALE & ~Q(image="") & _SETTLED,
    }


class StaleFilter(_Choices):
    """Charts that have waited for long, whatever keeps them from being drawn."""

    title = gettext_lazy("waiting time")
    parameter_name = "chart_waiting"
    choice_labels = {
        "hour": gettext_lazy("More than an hour"),
        "day": gettext_lazy("More than a day"),
        "week": gettext_lazy("More than a week"),
    }
    conditions = {
        name: STALE & Q(charts_stale_since__lt=DatabaseTime(-age))
        for name, age in {"hour": HOUR, "day": DAY, "week": WEEK}.items()
    }


class RenderedFilter(_Choices):
    """Charts by when they were rendered last."""

    title = gettext_lazy("last render")
    parameter_name = "chart_rendered"
    choice_labels = {
        "hour": gettext_lazy("In the last hour"),
        "day": gettext_lazy("In the last day"),
        "week": gettext_lazy("In the last week"),
        "older": gettext_lazy("More than a week ago"),
    }
    conditions = {
        "hour": Q(rendered_at__gte=DatabaseTime(-HOUR)),
        "day": Q(rendered_at__gte=DatabaseTime(-DAY)),
        "week": Q(rendered_at__gte=DatabaseTime(-WEEK)),
        "older": Q(rendered_at__lt=DatabaseTime(-WEEK)),
    }
