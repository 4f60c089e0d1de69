"""Figures of all charts of a database: how many are fresh, how long the others wait, what a render takes."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from charts.batches.reckoning import newest_durations
from charts.clock import DatabaseTime, PkText
from charts.freshness.jobs import seconds_between
from charts.ledger import Job, LooseFile, Mark, model_label

# Renders of so many seconds are what "per minute" is measured over.
WINDOW = 300


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The figures of one database.

    Attributes:
        charts: how many there are.
        fresh, stale: by their versions.
        rendering: how many a living worker has.
        failed: whose last render failed.
        never_rendered: without a picture.
        unnoticed: stale charts that no job waits for, as `bulk_create()` and SQL leave them until the next sweep; since
            when, nothing says.
        unapplied_marks: changes that were committed and not yet looked at.
        loose_files: files that no row names, not yet deleted.
        oldest_stale: seconds for which the longest-waiting chart has been stale, or a change to one not looked at; 0 if
            none is.
        renders_per_minute: charts finished in the last five minutes, for each of them.
        median_render, p95_render: seconds, of the newest renders; None before the first.
    """

    charts: int
    fresh: int
    stale: int
    rendering: int
    failed: int
    never_rendered: int
    unnoticed: int
    unapplied_marks: int
    loose_files: int
    oldest_stale: float
    renders_per_minute: float
    median_render: float | None
    p95_render: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures by name, for JSON."""
        return asdict(self)


def statistics(using: str, models: Iterable[Any]) -> Statistics:
    """Count the charts of some classes, in a few queries whatever their number.

    Args:
        using: alias of the charts' database.
        models: the chart classes that live there.
    """
    models = list(models)
    counts = [_counts(using, model) for model in models]
    names = ("charts", "stale", "failed", "never", "rendering", "unnoticed")
    total = {name: sum(count[name] for count in counts) for name in names}
    labels = [model_label(model) for model in models]
    jobs = Job.objects.using(using).filter(chart_model__in=labels)
    marks = Mark.objects.using(using).filter(chart_model__in=labels)
    durations = sorted(newest_durations(jobs))
    recent = jobs.filter(finished_at__gt=DatabaseTime(-WINDOW)).count()
    return Statistics(
        charts=total["charts"],
        fresh=total["charts"] - total["stale"],
        stale=total["stale"],
        rendering=total["rendering"],
        failed=total["failed"],
        never_rendered=total["never"],
        unnoticed=total["unnoticed"],
        unapplied_marks=Mark.objects.using(using).count(),
        loose_files=LooseFile.objects.using(using).count(),
        oldest_stale=max(_oldest(jobs, "stale_since"), _oldest(marks, "created_at")),
        renders_per_minute=recent * 60 / WINDOW,
        median_render=quantile(durations, 0.5),
        p95_render=quantile(durations, 0.95),
    )


def _counts(using: str, model: Any) -> dict[str, int]:
    jobs = Job.objects.using(using).filter(chart_model=model_label(model), chart_pk=PkText(OuterRef("pk")))
    charts: QuerySet[Any] = model._base_manager.using(using).annotate(
        charts_failed=Exists(jobs.filter(error__gt="")),
        charts_rendering=Exists(jobs.filter(leased_until__gt=DatabaseTime())),
        # Who renders a chart that he was asked for has a lease, but his job need not be due.
        charts_noticed=Exists(jobs.filter(Q(due_at__isnull=False) | Q(leased_until__gt=DatabaseTime()))),
    )
    is_stale = Q(image_version__lt=F("data_version"))
    return charts.aggregate(
        charts=Count("pk"),
        stale=Count("pk", filter=is_stale),
        failed=Count("pk", filter=Q(charts_failed=True)),
        never=Count("pk", filter=Q(image="")),
        rendering=Count("pk", filter=Q(charts_rendering=True)),
        unnoticed=Count("pk", filter=is_stale & Q(charts_noticed=False)),
    )


def _oldest(rows: "QuerySet[Any]", column: str) -> float:
    found: dict[str, datetime | None] = rows.aggregate(since=Min(column), now=Min(DatabaseTime()))
    since, now = found["since"], found["now"]
    return seconds_between(since, now) if since and now else 0.0


def quantile(ordered: list[float], share: float) -> float | None:
    """Return the value that a share of ordered values does not exceed (nearest rank); None of none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
