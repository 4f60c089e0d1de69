"""Applying marks: after the commit, what was noted becomes raised versions and due jobs.

In slices, one short transaction each. A slice takes what locks it can get and waits for none, so that nobody's
transaction ever ends in a deadlock because of it; what others have locked comes last, one chart at a time.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from charts.clock import DatabaseTime
from charts.conf import config
from charts.freshness.jobs import SLICE, make_due
from charts.ledger import ChartKey, Mark, begin_write, delete_by_pk, is_chart, lock_or_skip, lock_rows, pk_text

# Marks of charts that this process does not know: another release may, for as long as two run side by side.
FOREIGN_FOR = 24 * 3600


class Applied(NamedTuple):
    """What became of some marks: charts that were raised, charts that somebody has locked."""

    raised: list[ChartKey]
    busy: set[ChartKey]


def apply(using: str, batch: str | None = None, *, older_than: float | None = None) -> Iterator[list[ChartKey]]:
    """Turn marks into raised versions and due jobs.

    Args:
        using: alias of the charts' database.
        batch: whose marks; None: everybody's.
        older_than: also everybody's marks of this age in seconds, of a writer that died after its commit.

    Yields:
        The charts of each transaction, after its commit.
    """
    if batch is None:
        yield from _apply_all(using, Q())
        return
    # One condition at a time: MariaDB locks what it reads on the way, and of both together it would read marks that
    # others are deleting.
    yield from _apply_all(using, Q(batch=batch))
    if older_than is not None:
        old = Q(created_at__lt=DatabaseTime(-older_than))
        if Mark.objects.using(using).filter(old).exists():
            yield from _apply_all(using, old)


def _apply_all(using: str, wanted: Q) -> Iterator[list[ChartKey]]:
    busy: set[ChartKey] = set()
    rest: Q | None = wanted
    while rest is not None:
        applied, rest = _apply_slice(using, wanted, rest)
        busy |= applied.busy
        yield applied.raised
    for key in sorted(busy):
        yield _apply_one(key, wanted)


def _apply_slice(using: str, wanted: Q, rest: Q) -> tuple[Applied, Q | None]:
    """Apply some marks of one model's charts; return where the next begin, or None.

    One model at a time: whoever deletes rows of two models may lock them in the other order.
    """
    with transaction.atomic(using=using):
        begin_write(using)
        found = lock_or_skip(Mark.objects.using(using).filter(rest).order_by("chart_model", "id"))
        marks = list(found[:SLICE])
        same = list(takewhile(lambda mark: mark.chart_model == marks[0].chart_model, marks))
        applied = _apply(using, same, wait=False)
    if len(marks) < SLICE and len(same) == len(marks):
        return applied, None
    last = same[-1]
    after = Q(chart_model__gt=last.chart_model) | Q(chart_model=last.chart_model, id__gt=last.pk)
    return applied, wanted & after


def _apply_one(key: ChartKey, wanted: Q) -> list[ChartKey]:
    """Apply the marks of a chart that somebody has locked, when he is done: with no other lock in hand."""
    with transaction.atomic(using=key.using):
        begin_write(key.using)
        marks = Mark.objects.using(key.using).filter(wanted, chart_model=key.model, chart_pk=key.pk)
        return _apply(key.using, list(lock_or_skip(marks)), wait=True).raised


def _apply(using: str, marks: list[Mark], *, wait: bool) -> Applied:
    keys = {ChartKey(mark.chart_model, mark.chart_pk, using) for mark in marks}
    if not keys:
        return Applied([], set())
    if not is_chart(marks[0].chart_model):
        _forget_foreign(using, marks)
        return Applied([], set())
    raised, busy = _raise_versions(keys, wait=wait)
    done = [mark.pk for mark in marks if ChartKey(mark.chart_model, mark.chart_pk, using) not in busy]
    delete_by_pk(Mark, using, done)
    make_due(raised, config().delay)
    return Applied(raised, busy)


def _forget_foreign(using: str, marks: list[Mark]) -> None:
    ours = Mark.objects.using(using).filter(pk__in=[mark.pk for mark in marks])
    old = ours.filter(created_at__lt=DatabaseTime(-FOREIGN_FOR))
    delete_by_pk(Mark, using, list(old.values_list("pk", flat=True)))


def _raise_versions(keys: set[ChartKey], *, wait: bool) -> Applied:
    """Raise the versions of one model's charts; those that are gone are in neither list."""
    one = next(iter(keys))
    charts = one.model_class._base_manager.using(one.using)
    lock = lock_rows if wait else lock_or_skip
    # Locked in the order of their keys first: an UPDATE takes its rows in any order, and two of them deadlock.
    there = list(lock(charts.filter(pk__in=list(_values(keys))).order_by("pk")).values_list("pk", flat=True))
    charts.filter(pk__in=there).update(data_version=F("data_version") + 1)
    raised = _keys(one, there)
    missing = keys - set(raised)
    if wait or not missing:
        return Applied(raised, set())
    locked = charts.filter(pk__in=list(_values(missing))).values_list("pk", flat=True)
    return Applied(raised, missing & set(_keys(one, locked)))


def _keys(like: ChartKey, pks: Any) -> list[ChartKey]:
    model = like.model_class
    return [ChartKey(like.model, pk_text(model, pk, like.using), like.using) for pk in pks]


def _values(keys: set[ChartKey]) -> Iterator[Any]:
    """Yield the keys as Python has them, without those that were keys before a migration and are none now."""
    for key in keys:
        try:
            yield key.pk_value
        except (ValidationError, ValueError, TypeError):
            continue
