"""What the overview tells: figures of the charts that somebody may see, in as many queries for any number of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from charts.admin.states import STALE, STATES, StateFilter, with_state
from charts.admin.viewing import viewed
from charts.clock import PkText
from charts.ledger import ChartKey, Job, LooseFile, Mark, model_label
from charts.models import ChartModel
from charts.statistics import Timings, timings

# Charts in each list of those that want a look.
MOST = 5
LISTS = {
    "oldest": (Q(stale_since__isnull=False), ("stale_since", "pk")),
    "failing": (~Q(error=""), ("-attempts", "-failed_at", "pk")),
    "slowest": (Q(duration__isnull=False), ("-duration", "pk")),
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
        loose: how many files of theirs no row names.
    """

    model: Any
    admin: Any
    charts: "QuerySet[Any]"
    states: dict[str, int]
    stale: int
    loose: int

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.states.values())


@dataclass(frozen=True, kw_only=True)
class Found:
    """A chart that wants a look: its row, its ModelAdmin, and what workers know of it."""

    chart: Any
    admin: Any
    job: Job


@dataclass(frozen=True, kw_only=True)
class Home:
    """The charts of one database that somebody may see.

    Attributes:
        using: the database's alias.
        kinds: by class.
        timings: of all.
        marks: changes that were committed and not yet looked at.
        lists: those that want a look, by a key of `LISTS`.
    """

    using: str
    kinds: list[Kind]
    timings: Timings
    marks: int
    lists: dict[str, list[Found]]


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
    rows = {model: with_state(admin.get_queryset(request)).order_by() for model, admin in chosen.items()}
    homes = sorted({charts.db for charts in rows.values()})
    return [
        _home(using, {model: charts for model, charts in rows.items() if charts.db == using}, chosen, request)
        for using in homes
    ]


def _home(using: str, rows: dict[Any, "QuerySet[Any]"], chosen: dict[Any, Any], request: HttpRequest) -> Home:
    labels = [model_label(model) for model in rows]
    files = LooseFile.objects.using(using).filter(model__in=labels)
    loose = dict(files.values_list("model").annotate(Count("pk")))
    kinds = [_kind(model, chosen[model], charts, loose.get(model_label(model), 0)) for model, charts in rows.items()]
    jobs = Job.objects.using(using).filter(_of(rows))
    lists = {name: list(jobs.filter(which).order_by(*order)[:MOST]) for name, (which, order) in LISTS.items()}
    charts = _charts({job.pk: job for jobs in lists.values() for job in jobs}.values(), kinds, request)
    return Home(
        using=using,
        kinds=kinds,
        timings=timings(jobs),
        marks=Mark.objects.using(using).filter(chart_model__in=labels).count(),
        lists={name: [charts[job.pk] for job in found if job.pk in charts] for name, found in lists.items()},
    )


def _kind(model: Any, admin: Any, charts: "QuerySet[Any]", loose: int) -> Kind:
    conditions = {**StateFilter.conditions, "all_stale": STALE}
    counts = charts.aggregate(**{f"charts_{name}_": Count("pk", filter=which) for name, which in conditions.items()})
    states = {name: counts[f"charts_{name}_"] for name in STATES}
    return Kind(model=model, admin=admin, charts=charts, states=states, stale=counts["charts_all_stale_"], loose=loose)


def _of(rows: dict[Any, "QuerySet[Any]"]) -> Q:
    """Return the condition that a job is of one of some charts."""
    found = Q(pk__in=[])
    for model, charts in rows.items():
        keys = charts.annotate(charts_key=PkText()).values("charts_key")
        found |= Q(chart_model=model_label(model), chart_pk__in=keys)
    return found


def _charts(jobs: Iterable[Job], kinds: list[Kind], request: HttpRequest) -> dict[int, Found]:
    """Return the charts of some jobs by the jobs' keys: a query for each class among them."""
    jobs = list(jobs)
    found = {}
    for kind in kinds:
        using, label = kind.charts.db, model_label(kind.model)
        asked = {ChartKey(label, job.chart_pk, using): job for job in jobs if job.chart_model == label}
        rows = kind.charts.filter(pk__in=[key.pk_value for key in asked]) if asked else ()
        for chart in rows:
            job = asked[ChartKey.of(chart)]
            found[job.pk] = Found(chart=viewed(chart, request, kind.admin), admin=kind.admin, job=job)
    return found
