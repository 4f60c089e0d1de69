"""The states of charts: read with their rows, named, filtered by."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from charts.clock import DatabaseTime, PkText
from charts.ledger import Job

STATES = {
    "fresh": gettext_lazy("fresh"),
    "stale": gettext_lazy("stale"),
    "rendering": gettext_lazy("rendering"),
    "failed": gettext_lazy("failed"),
    "never": gettext_lazy("never rendered"),
}


def with_state(charts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Add what the admin shows of each chart's job, without a query for each row."""
    label = (charts.model._meta.concrete_model or charts.model)._meta.label_lower
    jobs = Job.objects.filter(chart_model=label, chart_pk=PkText(OuterRef("pk")))
    annotated: QuerySet[Any] = charts.annotate(
        charts_error=Coalesce(Subquery(jobs.values("error")[:1]), Value(""), output_field=TextField()),
        charts_duration=Subquery(jobs.values("duration")[:1]),
        charts_rendering=Exists(jobs.filter(leased_until__gt=DatabaseTime())),
    )
    return annotated


def state_of(chart: Any) -> str:
    """Return the name of a chart's state; the queryset is `with_state`'s."""
    if chart.charts_rendering:
        return "rendering"
    if chart.charts_error:
        return "failed"
    if not chart.image:
        return "never"
    return "stale" if chart.is_stale else "fresh"


class StateFilter(admin.SimpleListFilter):
    """Charts in one state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        failed = ~Q(charts_error="")
        stale = Q(image_version__lt=F("data_version"))
        conditions = {
            "rendering": Q(charts_rendering=True),
            "failed": failed & Q(charts_rendering=False),
            "never": Q(image="", charts_rendering=False) & ~failed,
            "stale": stale & ~Q(image="") & ~failed & Q(charts_rendering=False),
            "fresh": ~stale & ~Q(image="") & ~failed & Q(charts_rendering=False),
        }
        value = self.value()
        return queryset.filter(conditions[value]) if value in conditions else queryset
