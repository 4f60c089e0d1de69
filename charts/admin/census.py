"""What the overview tells: figures of the charts that somebody may see, in as many queries for any number of them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from charts.admin.states import STALE, STATES, StateFilter, with_state
from charts.admin.viewing import viewed
from charts.batches import seen_by
from charts.batches.reckoning import SAMPLE
from charts.clock import DatabaseTime, PkText
from charts.ledger import Job, LooseFile, Mark, model_label
from charts.models import ChartModel
from charts.statistics import WINDOW, quantile

# Charts in each list of those that want a look.
MOST = 5
# For each list: which charts are in it, and by what they are sorted; all are columns of the job.
LISTS: dict[str, tuple[Q, tuple[str, ...]]] = {
    "oldest": (STALE & Q(charts_stale_since__isnull=False), ("charts_stale_since",)),
    "failing": (~Q(charts_error=""), ("-charts_attempts", "-charts_failed_at")),
    "slowest": (Q(charts_duration__isnull=False), ("-charts_duration",)),
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The charts of one class that somebody may see.

    Attributes:
        model: the class.
        admin: its ModelAdmin.
        charts: the rows.
        states: how many there are, by the name of their state.
        stale: how many are stale, failed ones and those that were never rendered too.
        recent: how many were rendered in the last minutes.
        loose: how many files of the class no row names; None for who may not see all of its charts.
        marks: changes of theirs that were committed and not yet looked at.
    """

    model: Any
    admin: Any
    charts: "QuerySet[Any]"
    states: dict[str, int]
    stale: int
    recent: int
    loose: int | None
    marks: int

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.states.values())


@dataclass(frozen=True, kw_only=True)
class Home:
    """The charts of one database that somebody may see.

    Attributes:
        using: the database's alias.
        kinds: by class.
        renders_per_minute: charts finished in the last five minutes, for each of them.
        median_render, p95_render: seconds, of the newest renders; None before the first.
        lists: charts that want a look with their ModelAdmin, by a key of `LISTS`.
    """

    using: str
    kinds: list[Kind]
    renders_per_minute: float
    median_render: float | None
    p95_render: float | None
    lists: dict[str, list[tuple[Any, Any]]]


def admins(site: Any, request: HttpRequest) -> dict[Any, Any]:
    """Return the ModelAdmins of the charts that a request may see, by class; a proxy's only if there is no other."""
    found = {
        model: admin
        for model, admin in site._registry.items()
        if issubclass(model, ChartModel) and admin.has_view_permission(request)
    }
    return {
        model: admin
        for model, admin in found.items()
        if not model._meta.proxy or model._meta.concrete_model not in found
    }


def census(chosen: dict[Any, Any], request: HttpRequest) -> list[Home]:
    """Count the charts of some ModelAdmins, by database.

    Args:
        chosen: as `admins` gave them.
        request: of whoever looks; what it may not see is not counted.
    """
    rows = {model: _with_job(admin.get_queryset(request)) for model, admin in chosen.items()}
    homes = sorted({charts.db for charts in rows.values()})
    return [
        _home(using, {model: charts for model, charts in rows.items() if charts.db == using}, chosen, request)
        for using in homes
    ]


def _with_job(charts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Add all of a chart's job that is counted or sorted by."""
    jobs = Job.objects.filter(chart_model=model_label(charts.model), chart_pk=PkText(OuterRef("pk")))
    more = {f"charts_{name}": Subquery(jobs.values(name)[:1]) for name in ("attempts", "failed_at", "finished_at")}
    annotated: QuerySet[Any] = with_state(charts).annotate(**more).order_by()
    return annotated


def _home(using: str, rows: dict[Any, "QuerySet[Any]"], chosen: dict[Any, Any], request: HttpRequest) -> Home:
    labels = [model_label(model) for model in rows]
    files = LooseFile.objects.using(using).filter(model__in=labels)
    loose = dict(files.values_list("model").annotate(Count("pk")))
    kinds = [_kind(model, chosen[model], charts, loose.get(model_label(model), 0)) for model, charts in rows.items()]
    durations = _durations(kinds)
    return Home(
        using=using,
        kinds=kinds,
        renders_per_minute=sum(kind.recent for kind in kinds) * 60 / WINDOW,
        median_render=quantile(durations, 0.5),
        p95_render=quantile(durations, 0.95),
        lists={name: _first(kinds, which, order, request) for name, (which, order) in LISTS.items()},
    )


def _kind(model: Any, admin: Any, charts: "QuerySet[Any]", loose: int) -> Kind:
    recent = Q(charts_finished_at__gt=DatabaseTime(-WINDOW))
    conditions = {**StateFilter.conditions, "any_stale": STALE, "recent": recent}
    # A ModelAdmin's queryset may join other tables, and hold a chart more than once.
    counts = charts.aggregate(
        **{f"charts_{name}_": Count("pk", filter=which, distinct=True) for name, which in conditions.items()}
    )
    states = {name: counts[f"charts_{name}_"] for name in STATES}
    stale, recently = counts["charts_any_stale_"], counts["charts_recent_"]
    marks = Mark.objects.using(charts.db).filter(seen_by(charts), chart_model=model_label(model)).count()
    # A file belongs to no row, so nobody knows who may see it.
    sees_all = sum(states.values()) == model._base_manager.using(charts.db).count()
    return Kind(
        model=model,
        admin=admin,
        charts=charts,
        states=states,
        stale=stale,
        recent=recently,
        loose=loose if sees_all else None,
        marks=marks,
    )


def _durations(kinds: list[Kind]) -> list[float]:
    """Return what the newest renders took, sorted."""
    newest: list[Any] = []
    for kind in kinds:
        timed = kind.charts.filter(charts_duration__isnull=False, charts_finished_at__isnull=False)
        newest += timed.order_by("-charts_finished_at").values_list("charts_finished_at", "charts_duration")[:SAMPLE]
    return sorted(duration for _, duration in sorted(newest, reverse=True)[:SAMPLE])


def _first(kinds: list[Kind], which: Q, order: tuple[str, ...], request: HttpRequest) -> list[tuple[Any, Any]]:
    """Return the first charts of all kinds in some order, with their ModelAdmins."""
    sorting = [F(name.lstrip("-")).desc(nulls_last=True) if name.startswith("-") else F(name) for name in order]
    found = [
        (viewed(chart, request, kind.admin), kind.admin)
        for kind in kinds
        for chart in {each.pk: each for each in kind.charts.filter(which).order_by(*sorting, "pk")[:MOST]}.values()
    ]
    for name in reversed(order):  # a sort keeps the order of equals, so the first name comes last
        found.sort(key=lambda entry: _sortable(getattr(entry[0], name.lstrip("-"))), reverse=name.startswith("-"))
    return found[:MOST]


def _sortable(value: Any) -> tuple[bool, Any]:
    """Return a value that may be missing so that it can be sorted; what is missing counts as nothing."""
    return value is not None, value
