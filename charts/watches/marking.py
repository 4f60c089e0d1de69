"""Marking by routes: all routes of one change in one statement, compiled once."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models

from charts.freshness import marks
from charts.freshness.statements import Slot, Statement
from charts.watches.routes import Route, prepared


def mark_old(routes: Sequence[Route], row: models.Model, using: str) -> None:
    """Mark the charts that a row matches before it is changed.

    Once a transaction: what a row matches after its first change there was marked then.
    """
    _mark({route: (route, "old", route.key_of(row)) for route in routes}, row, using)


def mark_new(routes: Sequence[Route], row: models.Model, using: str) -> None:
    """Mark the charts that a row matches after it was changed; once for all rows with the same values."""
    seen: dict[Route, Any] = {}
    for route in routes:
        values = route.same_values(row)
        seen[route] = None if values is None else (route, "new", values)
    _mark(seen, row, using)


def _mark(seen: dict[Route, Any], row: models.Model, using: str) -> None:
    wanted = tuple(route for route, key in seen.items() if not marks.has_seen(using, key))
    statement = _statement(wanted, using) if wanted else None
    if statement is not None:
        slots = {_slot(route): prepared(route, route.key_of(row), using) for route in wanted}
        marks.mark(statement, slots, seen=[seen[route] for route in wanted])


def _slot(route: Route) -> str:
    return f"key of {route.model._meta.label}"


@cache
def _statement(routes: tuple[Route, ...], using: str) -> Statement | None:
    """Return the statement that marks the charts of one row by several routes; None: none can ever match."""
    parts = [route.charts(Slot(_slot(route))) for route in routes]
    try:
        return marks.compiled(parts, using)
    except EmptyResultSet:
        return None
