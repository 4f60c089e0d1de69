"""What of a row decides its charts, where its own columns hold it: then its charts are found without reading it."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, Subquery
from django.db.models.constants import LOOKUP_SEP

from charts.freshness.statements import Slot, Statement
from charts.watches.paths import all_rows
from charts.watches.routes import Route

# Fields whose values a database stores as they were given. Others it may round or cut, so that only reading the row
# tells what it matches; so may subclasses of these.
FAITHFUL = (
    models.AutoField,
    models.BigAutoField,
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DateTimeField,
    models.DecimalField,
    models.EmailField,
    models.FloatField,
    models.IntegerField,
    models.PositiveBigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.SlugField,
    models.SmallAutoField,
    models.SmallIntegerField,
    models.TextField,
    models.TimeField,
    models.URLField,
    models.UUIDField,
)

# What fields do before they are saved that leaves the instance with what is written.
AS_THEY_ARE = {each.pre_save for each in (models.Field, models.DateField, models.DateTimeField, models.TimeField)}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the source that decides a row's charts.

    Attributes:
        field: its field.
        slot: the name of its place in a compiled statement.
        rest: the path from the row it points to; "" where it is the value itself.
        chart_field: what of a chart must equal that.
        path: the whole path on the source.
    """

    field: Any
    slot: str
    rest: str
    chart_field: str
    path: str

    def value(self) -> Any:
        """Return the expression of what a chart must equal, once the row has the value in the slot."""
        if not self.rest:
            return Slot(self.slot)
        target = self.field.target_field
        rows = all_rows(self.field.related_model).filter(**{target.name: Slot(self.slot)})
        return Subquery(rows.values(self.rest)[:1])


def key_is(model: type[models.Model], prefix: str = "") -> Q:
    """Return the condition that a row, or the one that a path leads to, has the key in its slots."""
    path = f"{prefix}{LOOKUP_SEP}" if prefix else ""
    return Q(**{f"{path}{column.attname}": Slot(_key_slot(column)) for column in model._meta.pk_fields})


def key_slots(model: type[models.Model], key: Any, connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return a key by the slots of `key_is`: several if it is of several columns."""
    columns = model._meta.pk_fields
    values = key if len(columns) > 1 else (key,)
    return {
        _key_slot(column): column.get_db_prep_value(value, connection)
        for column, value in zip(columns, values, strict=True)
    }


@cache
def _key_slot(column: Any) -> str:
    return f"key {column.attname} of {column.model._meta.label}"


@cache
def columns(route: Route) -> tuple[Column, ...]:
    """Return the columns that a row's charts can be found by; none if it must be read."""
    if route.prefix or route.chart_prefix:
        return ()
    found = [_column(route, *pair) for pair in route.watch.match.items()]
    return tuple(column for column in found if column) if all(found) else ()


def _column(route: Route, chart_path: str, path: str) -> Column | None:
    first, _, rest = path.partition(LOOKUP_SEP)
    try:
        field: Any = route.source._meta.get_field(first)
        chart_field: Any = route.chart_model._meta.get_field(chart_path)
    except FieldDoesNotExist:
        return None
    if not chart_field.concrete or chart_field.many_to_many or not _is_faithful(field):
        return None
    if rest and not (field.is_relation and _leads_to_one(field.related_model, rest)):
        return None
    return Column(field, f"{first} of {route.source._meta.label}", rest, chart_path, path)


def _is_faithful(field: Any) -> bool:
    while type(field) in {models.ForeignKey, models.OneToOneField}:
        field = field.target_field
    return type(field) in FAITHFUL


def _leads_to_one(model: Any, path: str) -> bool:
    """Say whether a path from one row leads to one value: over foreign keys to a column."""
    steps = path.split(LOOKUP_SEP)
    for number, step in enumerate(steps):
        try:
            field = model._meta.get_field(step)
        except FieldDoesNotExist:
            return False
        if not field.concrete or field.many_to_many or (number < len(steps) - 1 and not field.is_relation):
            return False
        model = field.related_model
    return True


def by_values(route: Route) -> Q:
    """Return the condition on charts that a row will match them by its values: by a route with `columns`."""
    return Q(**{column.chart_field: column.value() for column in columns(route)})


def by_key(route: Route) -> Q:
    """Return the condition on charts that a row matches them as it is: by a route with `columns`."""
    row = all_rows(route.source).filter(key_is(route.model))
    # Django 6.1 takes a query for a value only where it says itself that it has one row.
    return Q(**{column.chart_field: Subquery(row.values(column.path)[:1]) for column in columns(route)})


def deciding(route: Route) -> tuple[str, ...]:
    """Return the names of the columns that alone decide a row's charts; none if other rows do too."""
    return tuple(field.attname for field in _deciding(route) or ())


def stored_values(route: Route, row: models.Model, using: str) -> Hashable:
    """Return `same_values` of a row as it is in the database; None if it is not there.

    What the database spells in its own way equals no instance's values, and only costs a statement more.
    """
    return _found(_stored(route.source, deciding(route), using), route.key_of(row), route.model, using)


def held_values(
    row: models.Model, names: tuple[str, ...], using: str, written: Collection[str] | None = None
) -> Hashable:
    """Lock a row, as soon as nobody else is changing it, and return some of its columns; None if it is not there.

    In each table that is about to be written, and its parents' first: that is the order in which Django writes them.

    Args:
        row: the instance.
        names: the columns' attributes.
        using: the alias.
        written: the names of the fields that will be written; None: all.
    """
    model = row._meta.concrete_model or type(row)
    for parent in reversed(model._meta.get_parent_list()):
        if _is_written(parent, written):
            _found(_held(parent, (), using), getattr(row, parent._meta.pk.attname), parent, using)
    if _is_written(model, written):
        if _are_its_own(model, names):
            return _found(_held(model, names, using), row.pk, model, using)
        _found(_held(model, (), using), row.pk, model, using)
    return _found(_stored(model, names, using), row.pk, model, using) if names else ()


def _is_written(model: type[models.Model], written: Collection[str] | None) -> bool:
    return written is None or any(
        field.name in written or field.attname in written for field in model._meta.local_concrete_fields
    )


@cache
def _are_its_own(model: type[models.Model], names: tuple[str, ...]) -> bool:
    """Say whether a model's own table has all of some columns, and none is a parent's."""
    return {field.attname for field in model._meta.local_concrete_fields}.issuperset(names)


def _found(statement: Statement, key: Any, model: type[models.Model], using: str) -> Hashable:
    slots = key_slots(model, key, connections[using])
    return next((tuple(found) for found in statement.rows(**slots)), None)


@cache
def _stored(source: type[models.Model], names: tuple[str, ...], using: str) -> Statement:
    return Statement.select(all_rows(source).filter(key_is(source)).order_by().values_list(*names), using)


@cache
def _held(model: type[models.Model], names: tuple[str, ...], using: str) -> Statement:
    rows = all_rows(model).filter(key_is(model))
    rows = rows.values_list(*(names or [column.attname for column in model._meta.pk_fields]))
    no_key = connections[using].features.has_select_for_no_key_update
    return Statement.select(rows.select_for_update(no_key=no_key), using)


def slots(columns: Iterable[Column], row: models.Model, connection: BaseDatabaseWrapper) -> dict[str, Any] | None:
    """Return a row's values by the slots of `by_values`; None if one is none that its column takes."""
    values = row.__dict__
    try:
        return {each.slot: each.field.get_db_prep_value(values[each.field.attname], connection) for each in columns}
    except (TypeError, ValueError, ArithmeticError, ValidationError):
        return None


@cache
def _deciding(route: Route) -> tuple[Any, ...] | None:
    """Return the fields of the source that alone decide a row's charts; None if other rows do too."""
    if route.prefix or route.chart_prefix:
        return None
    found = []
    for path in route.watch.match.values():
        try:
            field: Any = route.source._meta.get_field(path.split(LOOKUP_SEP)[0])
        except FieldDoesNotExist:
            return None
        # What the database works out, or a field when it is saved, an instance need not have even afterwards.
        if not field.concrete or field.many_to_many or field.generated or not is_written_as_it_is(field):
            return None
        found.append(field)
    return tuple(found)


def is_written_as_it_is(field: Any) -> bool:
    """Say whether a field writes what an instance has, once it was saved; others may write what they work out."""
    return type(field).pre_save in AS_THEY_ARE


def same_values(route: Route, row: models.Model, written: Collection[str] | None = None) -> Hashable:
    """Return what decides a row's charts, so that rows with the same have the same; None if that is not known.

    Args:
        route: the way to the charts.
        row: as it is, or will be, in the database.
        written: the names of the fields that are written; None: all.
    """
    if route.chart_prefix and not route.moves:
        key: Hashable = route.key_of(row)
        return key  # what is in the row moves no chart from one row to another
    fields = _deciding(route)
    if fields is None or (written is not None and not _are_written(fields, written)):
        return None
    try:
        values = tuple([row.__dict__[field.attname] for field in fields])
    except KeyError:  # deferred
        return None
    return values if all(_is_value(value) for value in values) else None


def _are_written(fields: Iterable[Any], written: Collection[str]) -> bool:
    return all(field.name in written or field.attname in written for field in fields)


def _is_value(value: Any) -> bool:
    return isinstance(value, Hashable) and not hasattr(value, "resolve_expression")
