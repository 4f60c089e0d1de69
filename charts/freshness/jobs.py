"""Jobs: who is at which chart, and when. Each statement stands here once and is the same on every database."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from charts.clock import DatabaseTime
from charts.conf import config
from charts.freshness.statements import Among, Moment, Slot, Statement
from charts.ledger import CLICK, SIGNAL, ChartKey, Job, begin_write, delete_found, lock_or_skip
from charts.ledger import lock_rows as lock_rows  # noqa: PLC0414  (part of this module's interface)

SLICE = 100
BACK_OFF, LONGEST_BACK_OFF = 10.0, 600.0
LONG = 24 * 3600.0
# Seconds for which marks and jobs of charts that this process does not know are kept: another release may know them, as
# long as two run side by side.
FOREIGN_FOR = 24 * 3600.0


class Due(NamedTuple):
    """A chart that a dispatcher is asked to look at, in `delay` seconds."""

    key: ChartKey
    delay: float
    priority: int = SIGNAL


def job_of(key: ChartKey) -> "QuerySet[Job]":
    """Return the queryset of a chart's one job."""
    return Job.objects.using(key.using).filter(chart_model=key.model, chart_pk=key.pk)


def add_job(key: ChartKey) -> None:
    """Give a chart its job if it has none."""
    _add_missing(key.using, key.model, [key.pk])


def _add_missing(using: str, model: str, pks: list[str]) -> None:
    jobs = Job.objects.using(using)
    # Only those: an INSERT that is ignored leaves a shared lock, which two who then write cannot both give up.
    there = set(jobs.filter(chart_model=model, chart_pk__in=pks).values_list("chart_pk", flat=True))
    missing = [Job(chart_model=model, chart_pk=pk) for pk in pks if pk not in there]
    if missing:
        jobs.bulk_create(missing, ignore_conflicts=True)


def drop(key: ChartKey) -> None:
    """Delete the job of a chart that is no more."""
    delete_found(job_of(key), "charts_job_chart")


def lease_is_free() -> Q:
    """Return the condition that no living worker has the job."""
    return Q(leased_until__isnull=True) | Q(leased_until__lte=DatabaseTime())


def is_due() -> Q:
    """Return the condition that a job, found by its chart, is due."""
    return Q(LessThanOrEqual(_due_at(LONG), DatabaseTime()))


def is_due_later() -> Q:
    """Return the condition that a job, found by its chart, is due, but not yet."""
    return Q(GreaterThan(_due_at(-LONG), DatabaseTime()))


def _due_at(never: float) -> Coalesce:
    """Return the due time so that no index can find it.

    MySQL would lock an entry of that index before the row, while whoever moves the due time has locked the row
    before the entry.
    """
    return Coalesce(F("due_at"), DatabaseTime(never))


def sendable() -> Q:
    """Return the condition that a hint must be sent for a job: due, nobody at it, not sent or lost."""
    # A hint for later is on its way until then.
    lost = Q(sent_at__lt=DatabaseTime(-config().lease - config().delay), due_at__lt=DatabaseTime(-config().lease))
    return (
        Q(due_at__isnull=False, attempts__lt=config().max_attempts) & lease_is_free() & (Q(sent_at__isnull=True) | lost)
    )


# Making due.


def make_due(keys: list[ChartKey], delay: float, priority: int = SIGNAL) -> None:
    """Make the jobs of charts due, with their attempts forgotten: the data is new.

    Args:
        keys: charts of one database.
        delay: seconds until they are due; a job that is due sooner stays so.
        priority: their place in the order of work; a job that has a better one keeps it.
    """
    for model, group in groupby(sorted(keys), lambda key: key.model):
        pks = [key.pk for key in group]
        statement = _due_statement(keys[0].using, priority)
        if statement.execute(model=model, pks=pks, delay=delay) < len(pks):
            _add_missing(keys[0].using, model, pks)
            statement.execute(model=model, pks=pks, delay=delay)


@cache
def _due_statement(using: str, priority: int) -> Statement:
    jobs = Job.objects.filter(Among("chart_pk", "pks"), chart_model=Slot("model"))
    return Statement.update(jobs, using, **_due_in(priority))


def _due_in(priority: int) -> dict[str, Any]:
    then = Moment("delay")
    # A hint that was sent for a later time, or to the end of the queue, is of no use to a job that is due sooner or
    # goes first. In this order, for MySQL computes each column from those it has already set.
    sent_at = Case(When(due_at__lte=then, priority__lte=priority, then=F("sent_at")), default=None)
    return {
        "sent_at": sent_at,
        "priority": _preferred(priority),
        "due_at": Least(Coalesce(F("due_at"), then), then),
        "stale_since": Coalesce(F("stale_since"), Moment()),
        "attempts": 0,
    }


def _preferred(priority: int) -> Any:
    """Return the better of a job's place in the order of work and another; one that rests has none but a click's."""
    if priority <= SIGNAL:
        return Least(F("priority"), Value(priority), output_field=SmallIntegerField())
    rests = When(due_at__isnull=True, priority__gte=SIGNAL, then=Value(priority))
    return Case(rests, default=F("priority"), output_field=SmallIntegerField())


def prefer(key: ChartKey) -> None:
    """Put a chart before all that nobody has asked for by name; its job need not be due yet."""
    add_job(key)
    job_of(key).filter(priority__gt=CLICK).update(priority=CLICK, sent_at=None)


def hurry(key: ChartKey) -> None:
    """Make a chart due now, unless it has failed and waits for its back-off."""
    job = job_of(key)
    if not job.filter(due_at__isnull=False).exists():
        make_due([key], 0)
    job.filter(attempts=0).update(due_at=DatabaseTime())


# Step B, send.


def send(using: str, keys: list[ChartKey], limit: int | None = None, *, ahead: bool = True) -> list[Due]:
    """Note that hints are sent for those charts that want one; return them with their delays.

    Args:
        using: alias of the charts' database.
        keys: the charts to look at.
        limit: how many the dispatcher takes; None: all.
        ahead: whether it takes hints for later; else only what is due now is sent.
    """
    now = Q() if ahead else Q(due_at__lte=DatabaseTime())
    due: list[Due] = []
    for model, pks in _slices(keys):
        room = None if limit is None else limit - len(due)
        if room is not None and room <= 0:
            return due
        jobs = Job.objects.using(using).filter(now, chart_model=model, chart_pk__in=pks)
        due += _send_slice(using, jobs, room)
    return due


def _send_slice(using: str, jobs: "QuerySet[Job]", room: int | None) -> list[Due]:
    with transaction.atomic(using=using):
        begin_write(using)
        wanted = lock_or_skip(jobs.filter(sendable()).annotate(now=DatabaseTime()).order_by("priority", "due_at", "id"))
        rows = list(wanted.values_list("pk", "chart_model", "chart_pk", "due_at", "now", "priority")[:room])
        if rows:
            Job.objects.using(using).filter(pk__in=[row[0] for row in rows]).update(sent_at=DatabaseTime())
    return [
        Due(ChartKey(model, pk, using), seconds_between(now, due_at), priority)
        for _, model, pk, due_at, now, priority in rows
    ]


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return the seconds from one time to another, 0 if it is over."""
    return max(0.0, (later - earlier).total_seconds())


def take_back(using: str, keys: list[ChartKey]) -> None:
    """Note that the hints for some charts were not sent after all."""
    for model, pks in _slices(keys):
        Job.objects.using(using).filter(chart_model=model, chart_pk__in=pks).update(sent_at=None)


def _slices(keys: list[ChartKey]) -> Iterator[tuple[str, list[str]]]:
    """Yield charts by their model, as many keys at a time as one statement takes."""
    for model, group in groupby(sorted(keys), lambda key: key.model):
        pks = [key.pk for key in group]
        for start in range(0, len(pks), SLICE):
            yield model, pks[start : start + SLICE]


def unsend(key: ChartKey) -> bool:
    """Take back the hint that came too early; say whether the job is due later and wants another."""
    early = job_of(key).filter(lease_is_free(), is_due_later(), attempts__lt=config().max_attempts)
    return bool(early.update(sent_at=None))


# Step C, claim.


def claim(key: ChartKey, token: str = "", lease: float | None = None) -> str:
    """Take the lease of a due job.

    Args:
        key: the chart.
        token: what to take it under; by default a new one.
        lease: seconds it lasts; by default `CHARTS["LEASE"]`.

    Returns:
        The token, or "" if there is nothing to do, or somebody does it.
    """
    due = job_of(key).filter(lease_is_free(), is_due(), attempts__lt=config().max_attempts)
    token = token or uuid4().hex
    until = DatabaseTime(config().lease if lease is None else lease)
    claimed = due.update(sent_at=None, lease_token=token, leased_until=until, attempts=F("attempts") + 1)
    return token if claimed else ""


def take_lease(key: ChartKey, token: str = "", lease: float | None = None) -> str:
    """Take the lease for a person who asked, whatever is due; return its token, or "" if a worker has it.

    Args:
        key: the chart.
        token: what to take it under; by default a new one.
        lease: seconds it lasts; by default `CHARTS["LEASE"]`.
    """
    token = token or uuid4().hex
    until = DatabaseTime(config().lease if lease is None else lease)
    taken = job_of(key).filter(lease_is_free()).update(lease_token=token, leased_until=until)
    return token if taken else ""


def release(key: ChartKey, token: str, *, claimed: bool) -> None:
    """Give a lease back undone: whoever had it was told to stop.

    Args:
        key: the chart.
        token: of the lease; "" if there is none.
        claimed: whether it was taken by `claim`, which has counted an attempt.
    """
    if not token:
        return
    # The attempts may have been forgotten meanwhile; the column holds none below 0.
    fewer = Case(When(attempts__gt=0, then=F("attempts") - 1), default=Value(0))
    back = {"attempts": fewer} if claimed else {}
    job_of(key).filter(lease_token=token).update(lease_token="", leased_until=None, **back)


# Step F, fail.


def fail(key: ChartKey, token: str, error: str, duration: float, *, is_outage: bool = False) -> None:
    """Record a failure, and when to try again.

    Args:
        key: the chart.
        token: the lease it was rendered under; "" for an explicit render without one, which is recorded anyway.
        error: the sentence and the traceback.
        duration: seconds it took to fail.
        is_outage: whether it is none of the chart's: its storage is away, say. It is then tried for as long as it
            takes, for neither its data nor its code will change when the storage is back.
    """
    jobs = job_of(key).filter(lease_token=token) if token else job_of(key)
    attempts = jobs.values_list("attempts", flat=True).first()
    if attempts is None:
        if token:
            return  # the lease has run out and another worker has the job: what it finds is newer
        add_job(key)
    wait = min(LONGEST_BACK_OFF, BACK_OFF * 2 ** max(0, (attempts or 1) - 1))
    recorded: dict[str, Any] = {
        "error": error,
        "failed_at": DatabaseTime(),
        "duration": duration,
        "due_at": DatabaseTime(wait),
        "sent_at": None,
    }
    if is_outage and (attempts or 0) >= config().max_attempts:
        recorded |= {"attempts": config().max_attempts - 1, "due_at": DatabaseTime(LONGEST_BACK_OFF)}
    if token:
        recorded |= {"lease_token": "", "leased_until": None}
    jobs.update(**recorded)
