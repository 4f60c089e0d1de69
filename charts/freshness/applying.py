"""Applying marks: after the commit, what was noted becomes raised versions and due jobs.

In slices, one short transaction each. A slice takes what locks it can get and waits for none, so that nobody's
transaction ever ends in a deadlock because of it; what others have locked comes last, one chart at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.db.models import F, Q

from charts.clock import DatabaseTime, PkText
from charts.conf import config
from charts.freshness.jobs import FOREIGN_FOR, SLICE, make_due
from charts.freshness.marks import AHEAD
from charts.freshness.statements import Among, Moment, Slot, Statement
from charts.ledger import ChartKey, Mark, begin_write, delete_by_pk, is_chart, lock_or_skip, lock_rows


class Applied(NamedTuple):
    """What became of some marks: charts that were raised, charts that somebody has locked."""

    raised: list[ChartKey]
    busy: set[ChartKey]


class Noted(NamedTuple):
    """A mark as it is read."""

    id: int
    model: str
    pk: str


class Wanted(NamedTuple):
    """Which marks: a condition with slots, and what goes into them."""

    condition: str
    values: Mapping[str, Any]


# One condition at a time: MariaDB locks what it reads on the way, and of two together it would read marks that others
# are deleting.
CONDITIONS: dict[str, Q | Among] = {
    # But those that a living writer may have made for what he is about to write.
    "all": ~Q(batch__startswith=AHEAD) | Q(created_at__lt=Moment("ago")),
    "batches": Among("batch", "batches"),
    "old": Q(created_at__lt=Moment("ago")),
}
# Marks that come after one in the order in which they are taken.
AFTER = Q(chart_model__gt=Slot("model")) | Q(chart_model=Slot("model"), id__gt=Slot("id"))
OF_ONE = Q(chart_model=Slot("model"), chart_pk=Slot("pk"))
ANY = Q()


def apply(
    using: str, batches: Sequence[str] | None = None, *, older_than: float | None = None
) -> Iterator[list[ChartKey]]:
    """Turn marks into raised versions and due jobs.

    Args:
        using: alias of the charts' database.
        batches: whose marks; None: everybody's.
        older_than: also everybody's marks of this age in seconds, of a writer that died after its commit.

    Yields:
        The charts of each transaction, after its commit.
    """
    if batches is None:
        yield from _apply_all(using, Wanted("all", {"ago": -config().lease}))
        return
    for start in range(0, len(batches), SLICE):
        yield from _apply_all(using, Wanted("batches", {"batches": batches[start : start + SLICE]}))
    if older_than is not None and _some_statement(using).rows(ago=-older_than):
        yield from _apply_all(using, Wanted("old", {"ago": -older_than}))


def _apply_all(using: str, wanted: Wanted) -> Iterator[list[ChartKey]]:
    busy: set[ChartKey] = set()
    last: Noted | None = None
    while True:
        applied, last = _apply_slice(using, wanted, last)
        busy |= applied.busy
        yield applied.raised
        if last is None:
            break
    for key in sorted(busy):
        yield _apply_one(key, wanted)


def _apply_slice(using: str, wanted: Wanted, after: Noted | None) -> tuple[Applied, Noted | None]:
    """Apply some marks; return after which the next begin, or None."""
    with transaction.atomic(using=using):
        begin_write(using)
        found = _take(using, wanted, after)
        marks = _at_once(using, found)
        applied = _apply(using, marks, wait=False)
    is_last = len(found) < SLICE and len(marks) == len(found)
    return applied, None if is_last else marks[-1]


def _at_once(using: str, marks: list[Noted]) -> list[Noted]:
    """Return the marks at the start that one transaction may apply.

    Where it must wait for locks, those of one model's charts: whoever deletes rows of two models may lock them in the
    other order.
    """
    connection = connections[using]
    if connection.features.has_select_for_update_skip_locked or connection.vendor == "sqlite":
        return marks
    return list(takewhile(lambda mark: mark.model == marks[0].model, marks))


def _apply_one(key: ChartKey, wanted: Wanted) -> list[ChartKey]:
    """Apply the marks of a chart that somebody has locked, when he is done: with no other lock in hand."""
    with transaction.atomic(using=key.using):
        begin_write(key.using)
        statement = _take_statement(key.using, wanted.condition, OF_ONE)
        found = statement.rows(**wanted.values, model=key.model, pk=key.pk)
        return _apply(key.using, [Noted(*row) for row in found], wait=True).raised


def _take(using: str, wanted: Wanted, after: Noted | None) -> list[Noted]:
    """Lock the next marks that nobody has locked."""
    if after is None:
        rows = _take_statement(using, wanted.condition).rows(**wanted.values)
    else:
        rows = _take_statement(using, wanted.condition, AFTER).rows(**wanted.values, model=after.model, id=after.id)
    return [Noted(*row) for row in rows]


@cache
def _take_statement(using: str, condition: str, narrower: Q = ANY) -> Statement:
    marks = Mark.objects.using(using).filter(CONDITIONS[condition], narrower).order_by("chart_model", "id")
    statement = Statement.select(lock_or_skip(marks.values_list("id", "chart_model", "chart_pk")[:SLICE]), using)
    if condition == "batches" and connections[using].vendor == "mysql":
        # It reads a small table from end to end, and who skips what is locked would skip what it locks on the way.
        table = connections[using].ops.quote_name(Mark._meta.db_table)
        by_batch = statement.sql.replace(f"FROM {table}", f"FROM {table} FORCE INDEX (charts_mark_batch)", 1)
        return replace(statement, sql=by_batch)
    return statement


@cache
def _some_statement(using: str) -> Statement:
    return Statement.select(Mark.objects.filter(CONDITIONS["old"]).values_list("id")[:1], using)


def _apply(using: str, marks: list[Noted], *, wait: bool) -> Applied:
    raised: list[ChartKey] = []
    busy: set[ChartKey] = set()
    for model, group in groupby(marks, lambda mark: mark.model):
        same = list(group)
        if is_chart(model):
            applied = _raise_versions({ChartKey(model, mark.pk, using) for mark in same}, wait=wait)
            raised += applied.raised
            busy |= applied.busy
        else:
            _forget_foreign(using, same)
    done = [mark.id for mark in marks if is_chart(mark.model) and ChartKey(mark.model, mark.pk, using) not in busy]
    if done:
        delete_by_pk(Mark, using, done)
    if raised:
        make_due(raised, config().delay)
    return Applied(raised, busy)


def _forget_foreign(using: str, marks: Iterable[Noted]) -> None:
    ours = Mark.objects.using(using).filter(pk__in=[mark.id for mark in marks])
    old = ours.filter(created_at__lt=DatabaseTime(-FOREIGN_FOR))
    delete_by_pk(Mark, using, list(old.values_list("pk", flat=True)))


def _raise_versions(keys: set[ChartKey], *, wait: bool) -> Applied:
    """Raise the versions of one model's charts; those that are gone are in neither list."""
    one = next(iter(keys))
    model, using = one.model, one.using
    values = _values(keys, using)
    if not values:
        return Applied([], set())
    there = _locked(model, using, values, wait=wait)
    if there:
        _raise_statement(model, using).execute(keys=[values[pk] for pk in there])
    raised = [ChartKey(model, pk, using) for pk in there]
    missing = {pk: value for pk, value in values.items() if pk not in there}
    if wait or not missing or connections[using].vendor == "sqlite":
        return Applied(raised, set())
    locked = _read_statement(model, using, None).rows(keys=list(missing.values()))
    return Applied(raised, {ChartKey(model, pk, using) for (pk,) in locked})


def _locked(model: str, using: str, values: Mapping[str, Any], *, wait: bool) -> list[str]:
    """Lock charts in the order of their keys, and return which are there.

    Locked first, for an UPDATE takes its rows in any order, and two of them deadlock.
    """
    rows = _read_statement(model, using, wait).rows(keys=list(values.values()))
    return [pk for (pk,) in rows if pk in values]


@cache
def _read_statement(model: str, using: str, wait: bool | None) -> Statement:
    """Return what reads the keys of some charts; it locks them, waiting or not, but with None."""
    charts = _charts(model, using).filter(Among("pk", "keys")).order_by("pk").annotate(charts_key=PkText())
    locked = charts if wait is None else lock_rows(charts) if wait else lock_or_skip(charts)
    return Statement.select(locked.values_list("charts_key"), using)


@cache
def _raise_statement(model: str, using: str) -> Statement:
    charts = _charts(model, using).filter(Among("pk", "keys"))
    return Statement.update(charts, using, data_version=F("data_version") + 1)


def _charts(model: str, using: str) -> Any:
    return ChartKey(model, "", using).model_class._base_manager.using(using)


def _values(keys: Iterable[ChartKey], using: str) -> dict[str, Any]:
    """Return the keys as the database takes them, by their text; without those that were keys before a migration."""
    connection = connections[using]
    values = {}
    for key in keys:
        try:
            values[key.pk] = key.model_class._meta.pk.get_db_prep_value(key.pk_value, connection)
        except (ValidationError, ValueError, TypeError):
            continue
    return values
