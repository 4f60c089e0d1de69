"""Reckoning: how long a selection will take, and a batch still takes, from what renders have taken."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from charts.batches.states import home_of, items_of, seen_by
from charts.clock import DatabaseTime, PkValue
from charts.freshness.jobs import lease_is_free, seconds_between
from charts.ledger import Batch, Job

# Newest renders that estimates and figures are made of: enough for a steady one, few enough to read.
SAMPLE = 1_000
# Seconds over which the rate is measured that the remaining time is reckoned from.
WINDOW = 60.0
# Seconds after which a chart that is due and not begun says that there is no worker.
IDLE_AFTER = 5.0


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What there is to say of charts before they are regenerated.

    Attributes:
        total: how many they are.
        stale: how many of them are stale.
        oldest: seconds for which the one that has waited longest has been stale; None if none waits.
        typical: seconds that such a chart takes, the median of the newest renders; None before the first.
    """

    total: int
    stale: int
    oldest: float | None
    typical: float | None


def selection(batch: Batch, charts: "QuerySet[Any]") -> Selection:
    """Reckon what regenerating a selection means.

    Args:
        batch: the selection.
        charts: those that the person may see.
    """
    stale = seen_by(charts.filter(image_version__lt=F("data_version")))
    seen = items_of(batch).filter(seen_by(charts))
    counts = seen.aggregate(total=Count("pk"), stale=Count("pk", filter=stale))
    jobs = _jobs(batch)
    waiting = jobs.filter(Exists(charts.order_by().filter(pk=PkValue(OuterRef("chart_pk"), charts.model))))
    waited = waiting.filter(stale_since__isnull=False).aggregate(since=Min("stale_since"), now=Min(DatabaseTime()))
    return Selection(
        total=counts["total"],
        stale=counts["stale"],
        oldest=seconds_between(waited["since"], waited["now"]) if waited["since"] else None,
        typical=_typical(jobs) or _typical(Job.objects.using(charts.db).filter(chart_model=batch.chart_model)),
    )


def _jobs(batch: Batch) -> "QuerySet[Job]":
    """Return the jobs of a batch's charts."""
    jobs = Job.objects.using(home_of(batch)).filter(chart_model=batch.chart_model)
    return jobs.filter(Exists(items_of(batch).filter(chart_pk=OuterRef("chart_pk"))))


def _typical(jobs: "QuerySet[Job]") -> float | None:
    """Return the median duration of the newest renders; failures count for nothing, for they may be over at once."""
    durations = newest_durations(jobs.filter(error=""))
    return median(durations) if durations else None


def newest_durations(jobs: "QuerySet[Job]") -> list[float]:
    """Return how many seconds each of the newest renders took, the newest first."""
    newest = jobs.filter(duration__isnull=False).order_by("-finished_at").values_list("duration", flat=True)
    return [duration for duration in newest[:SAMPLE] if duration is not None]


def per_second(batch: Batch, charts: "QuerySet[Any]") -> float:
    """Return how many charts of a batch were done in each of the last sixty seconds, or since it was confirmed.

    Args:
        batch: which.
        charts: those that the person may see; others do not count.
    """
    now = Batch.objects.using(home_of(batch)).filter(pk=batch.pk).values_list(DatabaseTime(), "confirmed_at").first()
    if now is None or now[1] is None:
        return 0.0
    count = _jobs(batch).filter(_done_within(WINDOW)).filter(seen_by(charts)).count()
    return count / max(1.0, min(WINDOW, seconds_between(now[1], now[0])))


def _done_within(seconds: float) -> Q:
    return Q(finished_at__gt=DatabaseTime(-seconds)) | Q(failed_at__gt=DatabaseTime(-seconds))


def is_idle(batch: Batch) -> bool:
    """Say whether charts of a batch have been due for a while and nobody is at any: there is no worker, it seems."""
    jobs = _jobs(batch)
    if jobs.filter(_done_within(IDLE_AFTER) | Q(leased_until__gt=DatabaseTime())).exists():
        return False
    return jobs.filter(lease_is_free(), due_at__lt=DatabaseTime(-IDLE_AFTER)).exists()
