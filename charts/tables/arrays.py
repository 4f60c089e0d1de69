"""Read rows from numpy, pandas and polars; none of them is imported before somebody has."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import pgettext

from charts.tables.table import Table, from_columns, names_for


def read_array(data: Any) -> Table | None:
    """Read the rows of what a library made, ``None`` if it is no table of its."""
    for kind in type(data).__mro__:
        read = _READERS.get((kind.__module__.partition(".")[0], kind.__qualname__))
        if read is not None:
            return read(data)
    return None


def plain_list(values: Any) -> list[Any] | None:
    """Give a one-dimensional array, Series or Index as a list; ``None`` for anything else."""
    if isinstance(values, list | tuple | range):
        return list(values)
    if getattr(values, "ndim", 0) == 1 and hasattr(values, "dtype") and hasattr(values, "tolist"):
        return _array_list(values) if hasattr(values, "strides") else values.tolist()
    return values.to_list() if hasattr(values, "to_list") and hasattr(values, "null_count") else None


def _array_list(array: Any) -> list[Any]:
    """Give a numpy array as Python's values: dates of any unit as dates, short floats as short as they are."""
    if array.dtype.kind in "mM":
        return list(array.astype(array.dtype.kind + "8[us]").tolist())
    if array.dtype.kind == "f" and array.dtype.itemsize < 8 and not hasattr(array, "mask"):
        return list(array.astype(str).astype(float).tolist())
    return list(array.tolist())


def _read_numpy(array: Any) -> Table | None:
    if array.dtype.names and array.ndim == 1:
        return from_columns(array.dtype.names, [_array_list(array[name]) for name in array.dtype.names])
    if array.ndim not in {1, 2} or array.dtype.names or not array.size:
        return None
    columns = [_array_list(column) for column in ([array] if array.ndim == 1 else array.T)]
    return from_columns(names_for(columns), columns)


def _read_frame(frame: Any) -> Table | None:
    """Read a pandas DataFrame: its index first, unless it only counts."""
    names, columns = _index(frame.index)
    names += list(frame.columns)
    columns += [column.tolist() for _, column in frame.items()]
    return from_columns(names, columns)


def _read_series(series: Any) -> Table | None:
    names, columns = _index(series.index)
    name = pgettext("heading", "value") if series.name is None else series.name
    return from_columns([*names, name], [*columns, series.tolist()])


def _index(index: Any) -> tuple[list[Any], list[list[Any]]]:
    counts = type(index).__name__ == "RangeIndex" and index.name is None
    if counts:
        return [], []
    columns = [index.get_level_values(level).tolist() for level in range(index.nlevels)]
    given = zip(index.names, names_for(columns), strict=True)
    return [own if name is None else name for name, own in given], columns


def _read_polars(frame: Any) -> Table | None:
    return from_columns(frame.columns, [column.to_list() for column in frame.get_columns()])


def _read_polars_series(series: Any) -> Table | None:
    return from_columns([series.name or pgettext("heading", "value")], [series.to_list()])


_READERS: dict[tuple[str, str], Callable[[Any], Table | None]] = {
    ("numpy", "ndarray"): _read_numpy,
    ("pandas", "DataFrame"): _read_frame,
    ("pandas", "Series"): _read_series,
    ("polars", "DataFrame"): _read_polars,
    ("polars", "Series"): _read_polars_series,
}
