"""Recovering: what the sweep makes of charts and jobs that nobody is at any more."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from charts.clock import DatabaseTime, PkText, PkValue
from charts.conf import config
from charts.freshness.jobs import FOREIGN_FOR, SLICE, lease_is_free, make_due, sendable
from charts.ledger import ChartKey, Job, begin_write, delete_by_pk, known_labels, lock_or_skip, model_label

ABANDONED = "The worker was killed or ran past its lease each time it drew this chart."


def wake(using: str, model: Any) -> int:
    """Make the stale charts of a model due that no job waits for; return how many there were."""
    label = model_label(model)
    jobs = Job.objects.using(using).filter(chart_model=label, chart_pk=PkText(OuterRef("pk")))
    stale = model._base_manager.using(using).filter(image_version__lt=F("data_version"))
    asleep = list(stale.filter(~Exists(jobs.filter(due_at__isnull=False))).values_list("pk", flat=True))
    return sum(
        _wake_slice(using, stale, label, asleep[start : start + SLICE]) for start in range(0, len(asleep), SLICE)
    )


def _wake_slice(using: str, stale: Any, label: str, pks: list[Any]) -> int:
    with transaction.atomic(using=using):
        begin_write(using)
        # The charts first, as whoever publishes or marks does; what is locked is being seen to.
        found = lock_or_skip(stale.filter(pk__in=pks).order_by("pk").annotate(charts_key=PkText()))
        keys = [ChartKey(label, key, using) for key in found.values_list("charts_key", flat=True)]
        if keys:
            make_due(keys, 0)
    return len(keys)


def drop_orphans(using: str, model: Any) -> int:
    """Delete the due jobs of a model whose charts are gone; return how many there were.

    No signal tells of rows that the database's own cascades or SQL have deleted. Should such a chart come back
    meanwhile, it is stale without a job, and woken.
    """
    charts = model._base_manager.using(using).order_by().filter(pk=PkValue(OuterRef("chart_pk"), model))
    jobs = Job.objects.using(using).filter(lease_is_free(), chart_model=model_label(model), due_at__isnull=False)
    orphans = list(jobs.filter(~Exists(charts)).values_list("pk", flat=True))
    return sum(_drop_slice(using, jobs, orphans[start : start + SLICE]) for start in range(0, len(orphans), SLICE))


def drop_foreign(using: str) -> int:
    """Delete jobs of charts that no process has seen to for long: their class is gone; return how many there were.

    Should another release have it after all, its sweep finds the chart stale without a job.
    """
    jobs = Job.objects.using(using).exclude(chart_model__in=known_labels())
    jobs = jobs.filter(lease_is_free(), stale_since__lt=DatabaseTime(-FOREIGN_FOR))
    pks = list(jobs.values_list("pk", flat=True))
    return sum(_drop_slice(using, jobs, pks[start : start + SLICE]) for start in range(0, len(pks), SLICE))


def _drop_slice(using: str, jobs: Any, pks: list[int]) -> int:
    with transaction.atomic(using=using):
        begin_write(using)
        # Not in one statement: a DELETE that looks at charts would lock them on MySQL.
        found = list(lock_or_skip(jobs.filter(pk__in=pks).order_by("pk")).values_list("pk", flat=True))
        delete_by_pk(Job, using, found)
    return len(found)


def bury(using: str) -> list[ChartKey]:
    """Give a reason to jobs that are out of attempts without one; return their charts."""
    dead = Q(due_at__isnull=False, attempts__gte=config().max_attempts, error="") & lease_is_free()
    jobs = Job.objects.using(using)
    if not jobs.filter(dead).exists():  # nearly always; then nothing is locked
        return []
    with transaction.atomic(using=using):
        begin_write(using)
        found = list(lock_or_skip(jobs.filter(dead)).values_list("pk", "chart_model", "chart_pk"))
        dead_jobs = jobs.filter(pk__in=[row[0] for row in found])
        dead_jobs.update(error=ABANDONED, failed_at=DatabaseTime(), lease_token="", leased_until=None)
    return [ChartKey(model, pk, using) for _, model, pk in found]


def due_now(using: str, limit: int) -> list[ChartKey]:
    """Return charts that a worker which asks the database itself can begin, in the order of work.

    Args:
        using: alias of the charts' database.
        limit: how many at the most.
    """
    due = Q(due_at__lte=DatabaseTime(), attempts__lt=config().max_attempts) & lease_is_free()
    return _in_order(using, due, limit)


def waiting(using: str) -> list[ChartKey]:
    """Return the charts that a hint must be sent for, in the order of work."""
    return _in_order(using, sendable(), None)


def _in_order(using: str, wanted: Q, limit: int | None) -> list[ChartKey]:
    """Return the charts of some jobs in the order of work; other releases' take nobody's place."""
    jobs = Job.objects.using(using).filter(wanted, chart_model__in=known_labels())
    found = jobs.order_by("priority", "due_at", "id").values_list("chart_model", "chart_pk")
    return [ChartKey(model, pk, using) for model, pk in found[:limit]]
