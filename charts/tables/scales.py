"""Turn positions on an axis back into what they stand for: dates, categories, whole numbers."""

import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo
from math import isclose
from numbers import Real
from typing import Any

# Nobody labels more positions by hand; finding the label of each takes the square of this.
MAX_LABELS = 2_000


def cells(axis: Any, values: Sequence[Any]) -> list[Any]:
    """Give what values on an axis mean to a reader.

    Args:
        axis: a matplotlib Axis.
        values: what was drawn: positions, or dates and texts as they were given, which stay.
    """
    if not all(issubclass(kind, Real | None) for kind in set(map(type, values))):
        return list(values)
    converter = type(axis.get_converter()).__name__
    if converter == "StrCategoryConverter":
        return _categories(axis, values)
    if converter == "PeriodConverter":
        return _periods(axis, values)
    if is_dated(axis):
        return [None if _is_gap(value) else _moment(axis, value) for value in values]
    return _tick_labels(axis, values) or whole(values)


def is_dated(axis: Any) -> bool:
    """Say whether positions on an axis are dates."""
    return "Date" in type(axis.get_converter()).__name__


def names_places(axis: Any, values: Sequence[float]) -> bool:
    """Say whether each of these positions is something by itself: a category, a label, a period, a whole day."""
    if is_dated(axis):
        return all(value.is_integer() for value in values)
    meant = cells(axis, values)
    return any(isinstance(value, str) for value in meant) or "Category" in type(axis.get_converter()).__name__


def whole(values: Sequence[Any]) -> list[Any]:
    """Give floats as integers where all of them are whole: matplotlib makes floats of all it draws."""
    if all(_is_gap(value) or (isinstance(value, float) and value.is_integer()) for value in values):
        return [None if _is_gap(value) else int(value) for value in values]
    return list(values)


def _is_gap(value: Any) -> bool:
    return value is None or value != value or value in {float("inf"), float("-inf")}


def _says(label: str, position: float) -> bool:
    """Say whether a label is only its position in other words."""
    try:
        return isclose(float(label), position, rel_tol=1e-6)
    except ValueError:
        return False


def _moment(axis: Any, value: float) -> datetime:
    """Give the time at a position; without a zone if none was drawn."""
    from matplotlib import dates

    zone = axis.units if isinstance(axis.units, tzinfo) else None
    moment: datetime = dates.num2date(value, zone)  # type: ignore[no-untyped-call]  # matplotlib's
    return moment if zone else moment.replace(tzinfo=None)


def _categories(axis: Any, values: Sequence[Any]) -> list[Any]:
    """Give the category nearest to each position: bars of a group stand beside it."""
    names = {position: name for name, position in axis.units._mapping.items()}
    return [None if _is_gap(value) else names.get(round(value), value) for value in values]


def _periods(axis: Any, values: Sequence[Any]) -> list[Any]:
    """Give pandas' periods: it draws them by their number."""
    pandas = sys.modules.get("pandas")
    frequency = getattr(axis, "freq", None) or getattr(axis.axes, "freq", None)
    if pandas is None or frequency is None:
        return list(values)
    return [str(pandas.Period(ordinal=round(value), freq=frequency)) for value in values]


def _tick_labels(axis: Any, values: Sequence[Any]) -> list[str] | None:
    """Give the labels of an axis that has a text for each position; ``None`` if it has not."""
    positions = getattr(axis.get_major_locator(), "locs", None)
    formatter = axis.get_major_formatter()
    given = getattr(getattr(formatter, "func", None), "args", None) or getattr(formatter, "seq", None)
    if positions is None or not given or not 0 < len(values) <= min(len(positions), MAX_LABELS):
        return None  # other formatters write numbers as numbers
    labels = formatter.format_ticks(positions)
    if all(map(_says, labels, positions)):
        return None
    nearest = _nearest(positions, values)
    return [labels[index] for index in nearest] if nearest else None


def _nearest(positions: Sequence[float], values: Sequence[Any]) -> list[int] | None:
    """Find the tick of each value, ``None`` if two values have the same or one stands between two."""
    import numpy as np

    ticks = np.array(positions, dtype=float)
    distances = np.abs(np.subtract.outer(np.array(values, dtype=float), ticks))
    nearest = distances.argmin(axis=1)
    gaps = np.diff(np.unique(ticks))
    reach = gaps.min() / 2 if len(gaps) else 0.5
    distinct = len(np.unique(nearest)) == len(values)
    return list(nearest.tolist()) if distinct and bool((distances.min(axis=1) < reach).all()) else None
