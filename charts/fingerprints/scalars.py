"""Write scalars as bytes, a whole column of one type at a time: where digests get their speed.

A scalar is its column's code and a block of one, a column is its code and one block. A block could be decoded again,
given how many items it has: that keeps two different columns from giving the same bytes.

What decides is what a picture could show. So ``1``, ``1.0``, ``True``, ``"1"`` and ``Decimal(1)`` all differ, as do
``Decimal("1.0")`` and ``Decimal("1.00")`` (labels show the zeros), and ``0.0`` and ``-0.0``. Every NaN is the same. An
aware datetime is its wall clock and offset, not its zone's name. Floats are exact: to keep the noise of a sum out,
round where the data is read.
"""

import functools
import math
import sys
from array import array
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID


class Column(NamedTuple):
    """Say how values of one exact type are written: a code no other type has, and many of them as one block."""

    code: bytes
    write: Callable[[Sequence[Any]], bytes]


def sized(data: bytes) -> bytes:
    """Put their length before the bytes."""
    return b"%d:%b" % (len(data), data)


def type_key(kind: type) -> tuple[str, str]:
    """Name a type by its package and qualified name, which stay when a library moves it between its modules."""
    return kind.__module__.partition(".")[0], kind.__qualname__


def numbers(typecode: str, items: Sequence[Any]) -> bytes:
    """Write machine numbers in one block of little-endian bytes; ``typecode`` is that of ``array.array``."""
    block = array(typecode, items)
    if sys.byteorder == "big":
        block.byteswap()
    return block.tobytes()


def texts(write: Callable[[Any], str]) -> Callable[[Sequence[Any]], bytes]:
    """Make the writer of a type whose text, by ``write``, says all and has no comma."""
    return lambda items: sized(",".join(map(write, items)).encode())


def _ints(items: Sequence[int]) -> bytes:
    try:
        return b"q" + numbers("q", items)
    except OverflowError:  # hexadecimal: Python bounds the length of decimal texts
        return b"x" + texts(hex)(items)


def _floats(items: Sequence[float]) -> bytes:
    if math.isnan(sum(items)):  # one NaN makes the sum NaN; so may inf - inf, which does no harm here
        items = [math.nan if math.isnan(item) else item for item in items]
    return numbers("d", items)


def _complexes(items: Sequence[complex]) -> bytes:
    return _floats([item.real for item in items]) + _floats([item.imag for item in items])


def _strings(items: Sequence[str]) -> bytes:
    joined = "".join(items).encode("utf-8", "surrogatepass")
    return numbers("q", list(map(len, items))) + sized(joined)


def _bytes(items: Sequence[bytes]) -> bytes:
    return numbers("q", list(map(len, items))) + b"".join(items)


def _datetimes(items: Sequence[datetime]) -> bytes:
    """Write wall clocks as ten bytes each, which is what pickles of datetimes hold, and their offsets.

    A third of the cost of their ISO texts.
    """
    clocks = b"".join([_state(item) for item in items])
    offsets = list(map(datetime.utcoffset, items))
    names = {offset: str(offset) for offset in set(offsets)}
    return clocks + sized(";".join(map(names.__getitem__, offsets)).encode())


def _state(value: datetime) -> bytes:
    state: Any = datetime.__reduce__(value)[1]  # (ten bytes, zone)
    return bytes(state[0])


def _timedelta_text(value: timedelta) -> str:
    return f"{value.days}:{value.seconds}:{value.microseconds}"


def _fraction_text(value: Fraction) -> str:
    return f"{value.numerator:x}/{value.denominator:x}"


_BUILTIN: dict[type, Column] = {
    type(None): Column(b"N", lambda items: b""),
    bool: Column(b"?", bytes),
    int: Column(b"i", _ints),
    float: Column(b"f", _floats),
    complex: Column(b"c", _complexes),
    str: Column(b"s", _strings),
    bytes: Column(b"b", _bytes),
    Decimal: Column(b"D", texts(str)),
    Fraction: Column(b"F", texts(_fraction_text)),
    date: Column(b"d", lambda items: numbers("q", list(map(date.toordinal, items)))),
    datetime: Column(b"t", _datetimes),
    time: Column(b"h", texts(time.isoformat)),
    timedelta: Column(b"p", texts(_timedelta_text)),
    UUID: Column(b"U", lambda items: b"".join(item.bytes for item in items)),
}


def _numpy_column(kind: type) -> Column | None:
    """Write numpy's scalars as an array of their type; those whose bytes do not say all are left to other writers."""
    import numpy as np

    dtype = np.dtype(kind)
    code = b"n" + dtype.char.encode()
    if dtype.kind in "mM":
        return Column(code, _numpy_times)
    if dtype.kind not in "biufc" or dtype.char in "gG":
        return None
    little = dtype.newbyteorder("<")
    return Column(code, lambda items: without_nan_payloads(np.array(items, dtype)).astype(little).tobytes())


def _numpy_times(items: Sequence[Any]) -> bytes:
    """Write datetime64 and timedelta64 with their unit, which is each value's own."""
    return texts(lambda item: f"{item.dtype.str[1:]}{item.astype('i8')}")(items)


def without_nan_payloads(values: Any) -> Any:
    """Give a contiguous float or complex array in which all NaNs have the same bits: itself where none is NaN."""
    import numpy as np

    if values.dtype.kind not in "fc" or not np.isnan(values).any():
        return values
    values = values.copy()
    parts = values.view(values.real.dtype)
    parts[np.isnan(parts)] = np.nan
    return values


# By package and name, so that no library is imported to ask.
_FOREIGN: dict[tuple[str, str], Callable[[type], Column | None]] = {
    ("numpy", "generic"): _numpy_column,
    ("pandas", "Timestamp"): lambda kind: Column(b"PT", texts(lambda item: item.isoformat())),
    ("pandas", "Timedelta"): lambda kind: Column(b"PD", texts(lambda item: item.isoformat())),
    ("pandas", "NaTType"): lambda kind: Column(b"PN", lambda items: b""),
    ("pandas", "NAType"): lambda kind: Column(b"PA", lambda items: b""),
    ("pandas", "Period"): lambda kind: Column(b"PP", texts(lambda item: f"{item.freqstr}:{item.ordinal}")),
}


def _find_column(kind: type) -> Column | None:
    """Give the column of a scalar's exact type, ``None`` where the type has none."""
    if kind in _BUILTIN:
        return _BUILTIN[kind]
    for base in kind.__mro__:
        if (found := _FOREIGN.get(type_key(base))) is not None:
            return found(kind)
    return None


# Bounded: types come and go, and what is kept here would keep them.
column_of: Callable[[type], Column | None] = functools.lru_cache(maxsize=1024)(_find_column)
