"""Whether a change counts: for a watch that names fields, only if one of them changes."""

import json
from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from charts.ledger import begin_write
from charts.watches.marking import holds
from charts.watches.matching import held_values, is_written_as_it_is
from charts.watches.paths import all_rows
from charts.watches.routes import Route


def names_fields(route: Route) -> bool:
    """Say whether only changes of some fields of the changed row count for a route."""
    return route.watch.fields is not None and not route.prefix and not route.chart_prefix


@cache
def counting(route: Route) -> frozenset[Any]:
    """Return the columns whose changes count, for a route that names fields.

    Which charts a row belongs to counts in any case: it leaves one and joins another.
    """
    return _columns(route, route.watch.fields or frozenset()) | deciding_fields(route)


@cache
def deciding_fields(route: Route) -> frozenset[Any]:
    """Return the columns of the source that its charts are found by."""
    return _columns(route, {path.split(LOOKUP_SEP)[0] for path in route.watch.match.values()})


def _columns(route: Route, names: Collection[str]) -> frozenset[Any]:
    found = set()
    for name in names:
        try:
            field: Any = route.source._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.concrete and not field.many_to_many:
            found.add(field)
    return frozenset(found)


class Quiet(NamedTuple):
    """A change that does not count for a route, as far as can be said before it is made.

    Attributes:
        route: the way to the charts.
        fields: those that count and are written.
        stored: what they are in the database.
    """

    route: Route
    fields: list[Any]
    stored: tuple[Any, ...]

    def changed(self, row: models.Model) -> list[Any]:
        """Return the fields that were written with something else after all: other receivers may have set them."""
        return [field for field, old in zip(self.fields, self.stored, strict=True) if _is_other(field, row, old)]


def quiet(route: Route, row: models.Model, using: str, written: Collection[str] | None) -> Quiet | None:
    """Say whether a row that is in the database is about to change in nothing that a route minds; None: it may be.

    Args:
        route: the way to the charts.
        row: as it will be written.
        using: the alias it is written to.
        written: the names of the fields that are written; None: all.
    """
    if not names_fields(route):
        return None
    fields = [
        field
        for field in counting(route)
        if written is None or field.generated or field.name in written or field.attname in written
    ]
    if not fields:
        return Quiet(route, [], ())
    if any(_writes_its_own(field, row) for field in fields):
        return None
    begin_write(using, route.source)
    if holds(using):  # else it would be compared with what somebody is just changing
        held_values(row, (), using, written)
    stored = all_rows(route.source).using(using).filter(pk=route.key_of(row))
    old = stored.values_list(*[field.attname for field in fields]).first()
    found = Quiet(route, fields, old) if old is not None else None
    return None if found is None or found.changed(row) else found


def _writes_its_own(field: Any, row: models.Model) -> bool:
    """Say whether what is written may be something else than the instance has now."""
    if field.generated:
        return True
    if isinstance(field, models.FileField):
        file: Any = getattr(row, field.attname)
        return bool(file) and not file._committed
    if isinstance(field, models.DateField | models.TimeField) and field.auto_now:
        return True
    return not is_written_as_it_is(field)


def _is_other(field: Any, row: models.Model, old: Any) -> bool:
    new = row.__dict__.get(field.attname)
    if hasattr(new, "resolve_expression"):
        return True
    try:
        if isinstance(field, models.JSONField):  # to Python 1, 1.0 and True are equal
            spelled = [json.dumps(value, sort_keys=True, cls=field.encoder) for value in (new, old)]
            return spelled[0] != spelled[1]
        return bool(field.to_python(new) != old)
    except (ValidationError, TypeError, ValueError):
        return True
