"""Read rows from whatever ``get_data()`` and ``get_table()`` return."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import chain
from types import SimpleNamespace
from typing import Any

from django.core.files.base import File
from django.db.models import AutoField, Field, Model, QuerySet
from django.db.models.query import RawQuerySet
from django.utils.translation import pgettext

from charts.exceptions import DrawError
from charts.tables.arrays import plain_list, read_array
from charts.tables.table import Table, from_columns, is_cell, names_for, outer_join


def as_table(value: Any) -> Table:
    """Make a table of what a ``get_table()`` returned.

    Takes a ``Table``; a pair of (columns, rows); rows of which the first, all texts, is the heading; and whatever
    ``from_data`` can read: frames, dictionaries, querysets. What is empty is a table without columns.

    Raises:
        DrawError: it is none of these, or a row has not as many cells as there are columns.
    """
    if isinstance(value, Iterator):
        value = list(value)
    named = _columns_and_rows(value) or _heading_and_rows(value)
    table = _checked(*named) if named else from_data(value)
    if table is None and _is_empty(value):
        return Table((), ())
    if table is None:
        raise DrawError(
            f"get_table() returned a {type(value).__qualname__} that is no table: return a charts.tables.Table, a pair "
            "(columns, rows), rows with a heading of texts first, or a DataFrame."
        )
    return table


def _is_empty(value: Any) -> bool:
    """Say whether a collection has nothing in it: as little as there was to show."""
    return isinstance(value, Sized) and not isinstance(value, str | bytes) and len(value) == 0


def _columns_and_rows(value: Any) -> tuple[Sequence[str], Sequence[Any]] | None:
    if not isinstance(value, tuple) or len(value) != 2 or not _is_heading(value[0]):
        return None
    rows = list(value[1]) if isinstance(value[1], Iterable) and not isinstance(value[1], str) else [None]
    return (value[0], rows) if all(isinstance(row, list | tuple) for row in rows) else None


def _heading_and_rows(value: Any) -> tuple[Sequence[str], Sequence[Any]] | None:
    if not isinstance(value, list | tuple) or not value or not _is_heading(value[0]):
        return None
    return (value[0], value[1:]) if all(isinstance(row, list | tuple) for row in value) else None


def _is_heading(row: Any) -> bool:
    return isinstance(row, list | tuple) and bool(row) and all(isinstance(name, str) for name in row)


def _checked(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table | None:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise DrawError(
                f"Row {number} of what get_table() returned has {len(row)} cells for {len(names)} columns: give each "
                "row a cell for each column, None for what is missing."
            )
    return from_columns(names, list(zip(*rows, strict=True)) if rows else [()] * len(names))


def from_data(data: Any) -> Table | None:
    """Read the rows in data of any usual shape; ``None`` for what is no table.

    Reads rows (tuples, lists, dictionaries, named tuples, dataclasses, model instances), querysets, a dictionary of
    columns, of label → number, or of series (each a dictionary or pairs of x → y), a tuple of columns, a list of
    values, and the arrays, series and frames of numpy, pandas and polars. Columns without names are called by what is
    in them. Iterators are left alone.
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, QuerySet | RawQuerySet):
        return _from_queryset(data)
    if isinstance(data, Mapping):
        return _from_mapping(data) if data else None
    if isinstance(data, type({}.items()) | type({}.values())):
        data = list(data)
    if isinstance(data, list | tuple):
        return _from_sequence(data) if data else None
    return read_array(data)


def _from_queryset(queryset: Any) -> Table | None:
    """Read a queryset, whose columns have names even when it has no rows."""
    rows = list(queryset)
    names = getattr(queryset, "_fields", None)  # None: rows are instances
    if names is None:
        return _from_instances(queryset.model, rows)
    if rows and isinstance(rows[0], dict):
        return _from_dicts(rows)
    query = queryset.query
    names = names or (*query.extra_select, *query.values_select, *query.annotation_select)
    if rows and not isinstance(rows[0], tuple):  # flat
        rows = [(row,) for row in rows]
    return from_columns(names, list(zip(*rows, strict=True)) if rows else [()] * len(names))


def _from_instances(model: type[Model], rows: Sequence[Model]) -> Table | None:
    """Read rows of a model as people call its fields, without keys that only count, and what queries added."""
    loaded = vars(rows[0]) if rows else {field.attname: None for field in model._meta.concrete_fields}
    fields = [
        field for field in model._meta.concrete_fields if field.attname in loaded and not isinstance(field, AutoField)
    ]
    own = {field.attname for field in model._meta.concrete_fields}
    added = [name for name in loaded if not name.startswith("_") and name not in own and not hasattr(model, name)]
    columns = [[_shown(field, row) for row in rows] for field in fields]
    columns += [[vars(row).get(name) for row in rows] for name in added]
    return from_columns([*(field.verbose_name for field in fields), *added], columns)


def _shown(field: "Field[Any, Any]", row: Model) -> Any:
    """Give a cell as a page would show it: a choice's label, a foreign row if it is loaded, a file's name."""
    value = vars(row).get(field.attname)
    if field.is_relation:
        return row._state.__dict__.get("fields_cache", {}).get(field.name, value)
    if field.choices:
        return dict(field.flatchoices).get(value, value)
    return value.name if isinstance(value, File) else value


def _from_mapping(data: Mapping[Any, Any]) -> Table | None:
    values = list(data.values())
    if all(is_cell(type(value)) for value in values):
        columns = [list(data), values]
        return from_columns(names_for(columns), columns)
    if all(isinstance(value, Mapping) for value in values):
        return _from_series({name: list(points.items()) for name, points in data.items()})
    lists = [plain_list(value) for value in values]
    if any(items is None for items in lists):
        return None
    return _from_lists(dict(zip(data, lists, strict=True)))


def _from_lists(lists: Mapping[Any, Any]) -> Table | None:
    """Read named lists: series of points, columns of one length, or groups of values, one below the other."""
    if all(items and all(_is_pair(item) for item in items) for items in lists.values()):
        return _from_series(lists)
    if len(set(map(len, lists.values()))) == 1:
        return from_columns(list(lists), list(lists.values()))
    groups = [(name, value) for name, values in lists.items() for value in values]
    return from_columns([pgettext("heading", "label"), pgettext("heading", "value")], list(zip(*groups, strict=True)))


def _from_series(series: Mapping[Any, Sequence[tuple[Any, Any]]]) -> Table | None:
    """Put named series of (x, y) side by side."""
    try:
        keys, columns = outer_join(series)
    except TypeError:  # an x that is no key
        return None
    return from_columns([names_for([keys, [0]])[0], *series], [keys, *columns]) if keys else None


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2


def _from_sequence(items: Sequence[Any]) -> Table | None:
    kinds = set(map(type, items))
    first = items[0]
    if all(issubclass(kind, Mapping) for kind in kinds):
        return _from_dicts(items)
    if len(kinds) == 1 and (names := _attribute_names(first)):
        return from_columns(names, [[getattr(item, name, None) for item in items] for name in names])
    if len(kinds) == 1 and isinstance(first, Model):
        return _from_instances(type(first), items)
    if all(map(is_cell, kinds)):
        return from_columns([pgettext("heading", "value")], [items])
    return _from_rows(items)


def _from_rows(items: Sequence[Any]) -> Table | None:
    """Read rows of one length; a tuple of lists or arrays is a tuple of columns, as in ``return months, totals``."""
    rows = [plain_list(item) for item in items]
    if any(row is None for row in rows) or len(widths := {len(row or ()) for row in rows}) != 1 or widths == {0}:
        return None
    columns: list[Any] = list(zip(*rows, strict=True))
    if isinstance(items, tuple) and not any(isinstance(item, tuple) for item in items):
        columns = rows
    return from_columns(names_for(columns), columns)


def _from_dicts(items: Sequence[Mapping[Any, Any]]) -> Table | None:
    """Read dictionaries with all keys that any of them has, in the order in which they are met."""
    names = list(dict.fromkeys(chain.from_iterable(items)))
    return from_columns(names, [[item.get(name) for item in items] for name in names])


def _attribute_names(item: Any) -> list[str]:
    """Name the attributes of a named tuple, a dataclass, an attrs object or a namespace."""
    if dataclasses.is_dataclass(item):
        return [field.name for field in dataclasses.fields(item)]
    if isinstance(item, SimpleNamespace):
        return list(vars(item))
    names = getattr(item, "_fields", None) if isinstance(item, tuple) else None
    return list(names or (field.name for field in getattr(item, "__attrs_attrs__", ())))
