"""Marking by routes: all routes of one change in one statement, compiled once.

Where a row's own columns decide its charts, one statement before the change marks those it leaves and those it joins.
Else its charts are found by its key, before the change and after it.
"""

from collections.abc import Collection, Hashable, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from charts.freshness import marks
from charts.freshness.statements import Statement
from charts.watches import matching
from charts.watches.paths import all_rows
from charts.watches.routes import Route

# How a statement finds the charts of a row: as the database has it, as its columns say, or both.
BY_KEY, BY_VALUES, BY_BOTH = "key", "values", "both"


class Wanted:
    """What one statement is to mark for one row.

    Args:
        row: the instance.
        using: the alias it is written to.
    """

    def __init__(self, row: models.Model, using: str) -> None:
        self.row = row
        self.using = using
        self.connection = connections[using]
        self.batch = marks.current_batch(self.connection)
        self.parts: list[tuple[Route, str]] = []
        self.slots: dict[str, Any] = {}
        self.seen: list[Hashable] = []
        self.read: dict[Hashable, Hashable] = {}

    def is_seen(self, key: Hashable) -> bool:
        """Say whether what a key stands for was marked before in this transaction."""
        return self.batch is not None and key in self.batch.seen

    def add(self, route: Route, how: str, *seen: Hashable) -> None:
        """Have the charts of a route marked, which then need not be asked for by some keys again."""
        if how != BY_KEY:
            columns = matching.columns(route)
            values = matching.slots(columns, self.row, self.connection) if columns else None
            if values is None:
                how, seen = BY_KEY, seen[:1]
            else:
                self.slots |= values
        if how != BY_VALUES:
            self.slots |= matching.key_slots(route.model, route.key_of(self.row), self.connection)
        self.parts.append((route, how))
        self.seen += seen

    def values_now(self, route: Route, written: Collection[str] | None) -> Hashable:
        """Read what decides a row's charts, once for all routes that ask the same; lock it where rows have locks."""
        names = matching.deciding(route)
        wanted = (route.source, route.model, names)
        if wanted not in self.read:
            if holds(self.using):
                self.read[wanted] = matching.held_values(self.row, names, self.using, written)
            else:
                self.read[wanted] = matching.stored_values(route, self.row, self.using)
        return self.read[wanted]

    def mark(self) -> None:
        """Mark it."""
        if not self.parts:
            return
        is_first = self.batch is None or not self.batch.is_used
        statement = _statement(tuple(self.parts), self.using, is_first=is_first)
        if statement is not None:
            marks.mark(statement, self.slots, seen=self.seen)


def mark_old(
    routes: Sequence[Route],
    row: models.Model,
    using: str,
    written: Collection[str] | None,
    *,
    is_going: bool,
    is_next: bool,
) -> None:
    """Mark the charts that a row matches before it is changed, and those it is about to match.

    Once a transaction: what a row matches after its first change there was marked then.

    Args:
        routes: to charts in the same database.
        row: as it will be written.
        using: the alias it is written to.
        written: the names of the fields that are written; None: all.
        is_going: whether it is about to be deleted.
        is_next: whether it is the next row that is written: it may be locked then.
    """
    wanted = Wanted(row, using)
    moving = [route for route in routes if _add_old(wanted, route, written, is_going=is_going)]
    wanted.mark()
    if moving and is_next and holds(using):
        _mark_moved(moving, row, using, written)


def _add_old(wanted: Wanted, route: Route, written: Collection[str] | None, *, is_going: bool) -> bool:
    """Have the charts marked that a row leaves by a route; say whether others may be bringing it to yet others."""
    old = (route, "old", route.key_of(wanted.row))
    if wanted.is_seen(old):
        return False
    values = matching.same_values(route, wanted.row, written)
    new = _joining(route, values)
    if values == () or (route.chart_prefix and values is not None):  # the charts it leaves are those it joins
        if values != () or not wanted.is_seen(new):
            wanted.add(route, BY_KEY, old, new)
        return False
    if is_going or values is None:
        wanted.add(route, BY_KEY, old)
        return True
    if not wanted.is_seen(new):
        wanted.add(route, BY_BOTH, old, new)
        return True
    # This transaction has written already: now it may read, which costs less than to mark.
    if not wanted.is_seen(_joining(route, wanted.values_now(route, written))):
        wanted.add(route, BY_KEY, old)
    return False


def _joining(route: Route, values: Hashable) -> Hashable:
    """Return the key of what rows with some values join; 1, True and 1.0 are equal, but not their text."""
    return (route, "new", values, tuple(map(type, values)) if isinstance(values, tuple) else type(values))


def holds(using: str) -> bool:
    """Say whether rows are locked one by one there, and stay so: SQLite's writers wait for each other anyway."""
    connection = connections[using]
    return connection.in_atomic_block and connection.features.has_select_for_update


def _mark_moved(moving: Sequence[Route], row: models.Model, using: str, written: Collection[str] | None) -> None:
    """Mark the charts that the row was brought to by whoever was changing it until now.

    The marks above were made from what was committed then. Now the row is locked, as the write that follows would
    lock it, and what it has is what this change leaves. Not for rows that are deleted with others: Django tells of all
    of them before it deletes any, and to lock them in that order could end in a deadlock.
    """
    again = Wanted(row, using)
    held: dict[Hashable, Hashable] = {}
    for route in moving:
        values = matching.same_values(route, row, written)
        names = matching.deciding(route) if values is not None else ()
        if names not in held:
            held[names] = matching.held_values(row, names, using, written)
        if values is None or held[names] != values:
            again.add(route, BY_KEY)
    again.mark()


def mark_ahead(routes: Sequence[Route], row: models.Model, using: str) -> None:
    """Mark the charts that a new row will match, before it is written: those that its own columns tell.

    Args:
        routes: to charts in the same database.
        row: as it will be written.
        using: the alias it is written to.
    """
    wanted = Wanted(row, using)
    for route in routes:
        values = matching.same_values(route, row)
        columns = matching.columns(route)
        if values is not None and columns and matching.slots(columns, row, wanted.connection) is not None:
            wanted.add(route, BY_VALUES, _joining(route, values))
    wanted.mark()


def mark_new(routes: Sequence[Route], row: models.Model, using: str, written: Collection[str] | None) -> None:
    """Mark the charts that a row matches after it was changed; once for all rows with the same values.

    Args:
        routes: to charts in the same database.
        row: as it was written.
        using: the alias it was written to.
        written: the names of the fields that were written; None: all.
    """
    wanted = Wanted(row, using)
    for route in routes:
        values = matching.same_values(route, row, written)
        new = _joining(route, values)
        if values is None:
            wanted.add(route, BY_KEY)
        elif not wanted.is_seen(new):
            wanted.add(route, BY_VALUES, new)
    wanted.mark()


def forget_statements() -> None:
    """Compile all statements anew when they are run next."""
    _statement.cache_clear()


@cache
def _statement(parts: tuple[tuple[Route, str], ...], using: str, *, is_first: bool) -> Statement | None:
    """Return the statement that marks the charts of one row by several routes; None: none can ever match.

    Args:
        parts: the routes, each with how its charts are found.
        using: the alias.
        is_first: whether the batch has no marks yet, with which others would have to be compared.
    """
    is_first = is_first and len({route.chart_model for route, _ in parts}) == len(parts)
    try:
        return marks.compiled([_charts(*part) for part in parts], using, is_first=is_first)
    except EmptyResultSet:
        return None


def _charts(route: Route, how: str) -> "models.QuerySet[Any]":
    if not matching.columns(route):
        return route.charts(route.reached(matching.key_is))
    conditions = {BY_KEY: matching.by_key, BY_VALUES: matching.by_values}
    wanted = [conditions[each](route) for each in ((BY_KEY, BY_VALUES) if how == BY_BOTH else (how,))]
    return all_rows(route.chart_model).filter(reduce(or_, wanted))
