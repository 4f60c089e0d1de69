"""Turn positions on an axis back into what they stand for: dates, categories, whole numbers."""

import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from numbers import Real
from typing import Any


def cells(axis: Any, values: Sequence[Any]) -> list[Any]:
    """Give what values on an axis mean to a reader.

    Args:
        axis: a matplotlib Axis.
        values: what was drawn: positions, or dates and texts as they were given, which stay.
    """
    if not all(isinstance(value, Real) or value is None for value in values):
        return list(values)
    converter = type(axis.get_converter()).__name__
    if converter == "StrCategoryConverter":
        return _categories(axis, values)
    if converter == "PeriodConverter":
        return _periods(axis, values)
    if "Date" in converter:
        return [None if _is_gap(value) else _moment(axis, value) for value in values]
    return _tick_labels(axis, values) or whole(values)


def whole(values: Sequence[Any]) -> list[Any]:
    """Give floats as integers where all of them are whole: matplotlib makes floats of all it draws."""
    if all(_is_gap(value) or (isinstance(value, float) and value.is_integer()) for value in values):
        return [None if _is_gap(value) else int(value) for value in values]
    return list(values)


def _is_gap(value: Any) -> bool:
    return value is None or value != value or value in {float("inf"), float("-inf")}


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
    return [str(pandas.Period(ordinal=int(value), freq=frequency)) for value in values]


def _tick_labels(axis: Any, values: Sequence[Any]) -> list[str] | None:
    """Give the labels of an axis that has one for each position; ``None`` if it has not."""
    positions = getattr(axis.get_major_locator(), "locs", None)
    formatter = axis.get_major_formatter()
    labels = getattr(formatter, "seq", None)
    if positions is None or not labels or not values or len(labels) < len(values):
        return None
    nearest = [min(range(len(labels)), key=lambda index: abs(positions[index] - value)) for value in values]
    reach = min((abs(a - b) for a, b in pairwise(positions)), default=1) / 2
    exact = all(abs(positions[index] - value) < reach for index, value in zip(nearest, values, strict=True))
    return [labels[index] for index in nearest] if exact and len(set(nearest)) == len(values) else None
