"""A table, and what makes its cells fit to be read by people and spreadsheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from numbers import Number
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

_HEADINGS = {
    "date": pgettext_lazy("heading", "date"),
    "time": pgettext_lazy("heading", "time"),
    "label": pgettext_lazy("heading", "label"),
    "value": pgettext_lazy("heading", "value"),
}
_CELLS = (str, Number, date, time, timedelta, UUID, Enum, Promise, Model, PurePath, type(None))


@dataclass(frozen=True)
class Table:
    """Hold rows behind a picture.

    Attributes:
        columns: a heading for each column.
        rows: as many cells in each as there are columns: texts, numbers, dates, ``None`` for what is missing.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def from_columns(names: Sequence[object], columns: Sequence[Sequence[Any]]) -> Table | None:
    """Make a table of columns of one length; ``None`` if something in them is no cell."""
    if not all(map(_is_cells, columns)):
        return None
    tidied = map(without_midnights, columns)
    return Table(tuple(map(heading, names)), tuple(zip(*tidied, strict=True)))


def heading(name: object) -> str:
    """Give a column's name as text; those of several levels in one."""
    if isinstance(name, tuple):
        return " ".join(heading(part) for part in name if part != "")
    return "" if name is None else str(name)


def is_cell(kind: type) -> bool:
    """Say whether values of a type are cells: they say themselves in one text that is always the same."""
    if issubclass(kind, _CELLS):
        return True
    return kind.__str__ is not object.__str__ and not hasattr(kind, "__iter__")


def _is_cells(column: Sequence[Any]) -> bool:
    return all(map(is_cell, set(map(type, column))))


def without_midnights(column: Sequence[Any]) -> Sequence[Any]:
    """Give times as days where all of them are midnights: months and days come out of databases so."""
    if not any(issubclass(kind, datetime) for kind in set(map(type, column))):
        return column
    times = [cell for cell in column if isinstance(cell, datetime) and cell == cell]  # NaT is not
    if len(times) + sum(map(is_missing, column)) < len(column) or any(cell.time() != time.min for cell in times):
        return column
    return [None if is_missing(cell) else cell.date() for cell in column]


def is_missing(cell: Any) -> bool:
    """Say whether a cell has no value: ``None``, and what does not equal itself (NaN, NaT) or says it is NA."""
    if cell is None:
        return True
    equal = cell == cell
    return equal is not True and str(cell) in {"nan", "NaN", "NaT", "<NA>"}


def names_for(columns: Sequence[Sequence[Any]]) -> list[str]:
    """Name columns that came without names by what is in them: date, time, label, value; x and y for two of numbers."""
    kinds = [_kind(column) for column in columns]
    if kinds == ["value", "value"]:
        return ["x", "y"]
    counts = {kind: kinds.count(kind) for kind in kinds}
    seen: dict[str, int] = {}
    names = []
    for kind in kinds:
        seen[kind] = seen.get(kind, 0) + 1
        name = str(_HEADINGS[kind])
        names.append(name if counts[kind] == 1 else f"{name} {seen[kind]}")
    return names


def _kind(column: Sequence[Any]) -> str:
    cells = [cell for cell in column if cell is not None]
    if not cells or any(isinstance(cell, Number) for cell in cells):
        return "value"
    if all(isinstance(cell, date) for cell in cells):
        return "date"
    return "time" if all(isinstance(cell, time) for cell in cells) else "label"


def outer_join(series: Mapping[Any, Sequence[tuple[Any, Any]]]) -> tuple[list[Any], list[list[Any]]]:
    """Put series of (x, y) side by side: each x once, or as often as one series has it.

    Rows come in the order of x if every series is in that order, else as they are met.

    Returns:
        The x of the rows, and for each series its y, ``None`` where it has none.
    """
    columns = [list(zip(*points, strict=True)) for points in series.values()]
    if all(columns) and all(x == columns[0][0] for x, _ in columns):  # they share their rows already
        return list(columns[0][0]), [list(y) for _, y in columns]
    placed = [_numbered(points) for points in series.values()]
    keys = list(dict.fromkeys(key for points in placed for key in points))
    if all(_ascends([x for x, _ in points]) for points in placed) and _comparable(keys):
        keys.sort()
    return [x for x, _ in keys], [[points.get(key) for key in keys] for points in placed]


def _numbered(points: Sequence[tuple[Any, Any]]) -> dict[tuple[Any, int], Any]:
    """Key points by x and by how many had the same x before."""
    met: dict[Any, int] = {}
    numbered = {}
    for x, y in points:
        numbered[x, met.get(x, 0)] = y
        met[x] = met.get(x, 0) + 1
    return numbered


def _ascends(values: Sequence[Any]) -> bool:
    try:
        return all(a <= b for a, b in pairwise(values))
    except TypeError:
        return False


def _comparable(keys: Sequence[tuple[Any, int]]) -> bool:
    """Say whether keys can be sorted; texts are left in their own order."""
    try:
        return not any(isinstance(x, str) for x, _ in keys) and sorted(keys) is not None
    except TypeError:
        return False
