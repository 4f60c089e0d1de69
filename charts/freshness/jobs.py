"""Jobs: from marks to work, and who is at it. Each statement stands here once and is the same on every database."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import uuid4

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Least

from charts.clock import DatabaseTime, PkText
from charts.conf import config
from charts.ledger import ChartKey, Job, Mark, begin_write

SLICE = 100
BACK_OFF, LONGEST_BACK_OFF = 10.0, 600.0
ABANDONED = "The worker was killed or ran past its lease each time it drew this chart."


class Due(NamedTuple):
    """A chart that a dispatcher is asked to look at, in `delay` seconds."""

    key: ChartKey
    delay: float


def lock_rows(queryset: "QuerySet[Any]") -> "QuerySet[Any]":
    """Lock the rows a queryset reads, where the database has row locks; SQLite's writer has them all."""
    if connections[queryset.db].vendor == "sqlite":
        return queryset
    return queryset.select_for_update()


def _lock_or_skip(queryset: "QuerySet[Any]") -> "QuerySet[Any]":
    """Lock rows as `lock_rows` does, but leave those that another worker has locked to that worker."""
    features = connections[queryset.db].features
    if features.has_select_for_update_skip_locked:
        return queryset.select_for_update(skip_locked=True)
    return lock_rows(queryset)


def job_of(key: ChartKey) -> "QuerySet[Job]":
    """Return the queryset of a chart's one job."""
    return Job.objects.using(key.using).filter(chart_model=key.model, chart_pk=key.pk)


def lease_is_free() -> Q:
    """Return the condition that no living worker has the job."""
    return Q(leased_until__isnull=True) | Q(leased_until__lte=DatabaseTime())


def sendable() -> Q:
    """Return the condition that a hint must be sent for a job: due, nobody at it, not sent or lost."""
    lost = Q(sent_at__lt=DatabaseTime(-config().lease - config().delay))
    return (
        Q(due_at__isnull=False, attempts__lt=config().max_attempts) & lease_is_free() & (Q(sent_at__isnull=True) | lost)
    )


def sooner(delay: float) -> Least:
    """Return the job's due time, or `delay` seconds from now if that is earlier."""
    then = DatabaseTime(delay)
    return Least(Coalesce(F("due_at"), then), then)


# Step A', apply.


def apply(using: str, batch: str | None = None, *, older_than: float | None = None) -> Iterator[list[ChartKey]]:
    """Turn marks into raised versions and due jobs, one short transaction for each slice.

    Args:
        using: alias of the charts' database.
        batch: whose marks; None: everybody's.
        older_than: also everybody's marks of this age in seconds, of a writer that died after its commit.

    Yields:
        The charts of each slice, after its commit.
    """
    mine = Q() if batch is None else Q(batch=batch)
    if batch is not None and older_than is not None:
        mine |= Q(created_at__lt=DatabaseTime(-older_than))
    elif older_than is not None:
        mine = Q(created_at__lt=DatabaseTime(-older_than))
    count = SLICE
    while count == SLICE:
        with transaction.atomic(using=using):
            begin_write(using)
            marks = list(_lock_or_skip(Mark.objects.using(using).filter(mine).order_by("id"))[:SLICE])
            keys = _apply_slice(using, marks)
        count = len(marks)
        yield keys


def _apply_slice(using: str, marks: list[Mark]) -> list[ChartKey]:
    keys = sorted({ChartKey(mark.chart_model, mark.chart_pk, using) for mark in marks})
    Mark.objects.using(using).filter(pk__in=[mark.pk for mark in marks]).delete()
    found = [
        key for model, group in groupby(keys, lambda key: key.model) for key in _raise_versions(model, list(group))
    ]
    make_due(found, config().delay)
    return found


def _raise_versions(model: str, keys: list[ChartKey]) -> list[ChartKey]:
    """Raise the versions of one model's charts; return those that are still there."""
    try:
        charts = apps.get_model(model)._base_manager.using(keys[0].using)
    except LookupError:  # the app is gone; so are its charts
        return []
    pks = {key.pk_value: key for key in keys}
    # Locked in the order of their keys first: an UPDATE takes its rows in any order, and two of them deadlock.
    there = list(lock_rows(charts.filter(pk__in=pks).order_by("pk")).values_list("pk", flat=True))
    charts.filter(pk__in=there).update(data_version=F("data_version") + 1)
    return [pks[pk] for pk in there]


def make_due(keys: list[ChartKey], delay: float) -> None:
    """Make the jobs of charts due, with their attempts forgotten: the data is new.

    Args:
        keys: charts of one database.
        delay: seconds until they are due; a job that is due sooner stays so.
    """
    for model, group in groupby(sorted(keys), lambda key: key.model):
        pks = [key.pk for key in group]
        jobs = Job.objects.using(keys[0].using).filter(chart_model=model, chart_pk__in=pks)
        raised = {"due_at": sooner(delay), "attempts": 0}
        if jobs.update(**raised) < len(pks):
            missing = [Job(chart_model=model, chart_pk=pk) for pk in pks]
            Job.objects.using(keys[0].using).bulk_create(missing, ignore_conflicts=True)
            jobs.update(**raised)


def hurry(key: ChartKey) -> None:
    """Make a chart due now, unless it has failed and waits for its back-off."""
    job = job_of(key)
    if not job.filter(due_at__isnull=False).exists():
        make_due([key], 0)
    job.filter(attempts=0).update(due_at=DatabaseTime())


# Step B, send.


def send(using: str, keys: list[ChartKey], limit: int | None = None) -> list[Due]:
    """Note that hints are sent for those charts that want one; return them with their delays.

    Args:
        using: alias of the charts' database.
        keys: the charts to look at.
        limit: how many the dispatcher takes; None: all.
    """
    due: list[Due] = []
    for model, group in groupby(sorted(keys), lambda key: key.model):
        pks = [key.pk for key in group]
        for start in range(0, len(pks), SLICE):
            room = None if limit is None else limit - len(due)
            if room is not None and room <= 0:
                return due
            jobs = Job.objects.using(using).filter(chart_model=model, chart_pk__in=pks[start : start + SLICE])
            due += _send_slice(using, jobs, room)
    return due


def _send_slice(using: str, jobs: "QuerySet[Job]", room: int | None) -> list[Due]:
    with transaction.atomic(using=using):
        begin_write(using)
        wanted = _lock_or_skip(
            jobs.filter(sendable()).annotate(now=DatabaseTime()).order_by("priority", "due_at", "id")
        )
        rows = list(wanted.values_list("pk", "chart_model", "chart_pk", "due_at", "now")[:room])
        if rows:
            Job.objects.using(using).filter(pk__in=[row[0] for row in rows]).update(sent_at=DatabaseTime())
    return [Due(ChartKey(model, pk, using), seconds_between(now, due_at)) for _, model, pk, due_at, now in rows]


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return the seconds from one time to another, 0 if it is over."""
    return max(0.0, (later - earlier).total_seconds())


# Step C, claim.


def claim(key: ChartKey) -> str:
    """Take the lease of a due job; return its token, or "" if there is nothing to do, or somebody does it."""
    token = uuid4().hex
    claimed = (
        job_of(key)
        .filter(lease_is_free(), due_at__lte=DatabaseTime(), attempts__lt=config().max_attempts)
        .update(
            sent_at=None,
            lease_token=token,
            leased_until=DatabaseTime(config().lease),
            attempts=F("attempts") + 1,
        )
    )
    return token if claimed else ""


def unsend(key: ChartKey) -> bool:
    """Take back the hint that came too early; say whether the job is due later and wants another."""
    early = job_of(key).filter(lease_is_free(), due_at__gt=DatabaseTime(), attempts__lt=config().max_attempts)
    return bool(early.update(sent_at=None))


def take_lease(key: ChartKey) -> str:
    """Take the lease for a person who asked, whatever is due; return its token, or "" if a worker has it."""
    token = uuid4().hex
    taken = job_of(key).filter(lease_is_free()).update(lease_token=token, leased_until=DatabaseTime(config().lease))
    return token if taken else ""


def release(key: ChartKey, token: str) -> None:
    """Give the lease back undone: the worker was told to stop."""
    job_of(key).filter(lease_token=token).update(lease_token="", leased_until=None, attempts=F("attempts") - 1)


# Step F, fail.


def fail(key: ChartKey, token: str, error: str, duration: float) -> None:
    """Record a failure, and when to try again.

    Args:
        key: the chart.
        token: the lease it was rendered under; "" for an explicit render without one, which is recorded anyway.
        error: the sentence and the traceback.
        duration: seconds it took to fail.
    """
    jobs = job_of(key).filter(lease_token=token) if token else job_of(key)
    attempts = jobs.values_list("attempts", flat=True).first()
    if attempts is None and (token or not _add_job(key)):
        return  # the lease has run out and another worker has the job: what it finds is newer
    wait = min(LONGEST_BACK_OFF, BACK_OFF * 2 ** max(0, (attempts or 1) - 1))
    recorded: dict[str, Any] = {
        "error": error,
        "failed_at": DatabaseTime(),
        "duration": duration,
        "due_at": DatabaseTime(wait),
        "sent_at": None,
    }
    if token:
        recorded |= {"lease_token": "", "leased_until": None}
    jobs.update(**recorded)


def _add_job(key: ChartKey) -> bool:
    Job.objects.using(key.using).bulk_create([Job(chart_model=key.model, chart_pk=key.pk)], ignore_conflicts=True)
    return True


# The sweep.


def wake(using: str, model: Any) -> int:
    """Make the stale charts of a model due that no job waits for; return how many there were."""
    waiting = Job.objects.using(using).filter(
        chart_model=model._meta.label_lower, chart_pk=PkText(OuterRef("pk")), due_at__isnull=False
    )
    stale = model._base_manager.using(using).filter(~Exists(waiting), image_version__lt=F("data_version"))
    keys = [
        ChartKey(model._meta.label_lower, pk, using)
        for pk in stale.annotate(key=PkText()).values_list("key", flat=True)
    ]
    for start in range(0, len(keys), SLICE):
        make_due(keys[start : start + SLICE], 0)
    return len(keys)


def bury(using: str) -> int:
    """Give a reason to jobs that are out of attempts without one; return how many."""
    dead = Job.objects.using(using).filter(
        lease_is_free(), due_at__isnull=False, attempts__gte=config().max_attempts, error=""
    )
    return dead.update(error=ABANDONED, failed_at=DatabaseTime(), lease_token="", leased_until=None)


def waiting(using: str) -> list[ChartKey]:
    """Return the charts that a hint must be sent for, in the order of work."""
    jobs = Job.objects.using(using).filter(sendable()).order_by("priority", "due_at", "id")
    return [ChartKey(model, pk, using) for model, pk in jobs.values_list("chart_model", "chart_pk")]
