"""Tables as CSV, as spreadsheets read it, and safe in them whatever strangers wrote into a label.

UTF-8, comma, CRLF and quotes as RFC 4180 has them. A byte order mark comes first only if there is more than ASCII:
without it Excel takes UTF-8 for something else. Always the same bytes for the same table.
"""

import csv
import functools
import io
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice
from typing import Any

from charts.tables.table import Table, is_missing

BOM = b"\xef\xbb\xbf"
# What Excel keeps of a cell; the csv module refuses to read much longer ones.
MAX_TEXT = 32_767

# Spreadsheets run a cell that begins so (OWASP, "CSV Injection"), some also behind what nobody sees; the wide forms,
# in East Asian versions.
_FORMULA = re.compile(r"'*[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*", re.ASCII)
_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


def to_csv(table: Table) -> bytes:
    """Write a table as a CSV file.

    Missing values are empty; numbers are written in full; dates as ``2024-01-31``, times with a space between day and
    hour, and their offset if they have one; durations as hours:minutes:seconds; booleans as ``true`` and ``false``.
    In texts, line breaks become spaces and other control characters go; one that a spreadsheet would run as a formula
    gets an apostrophe in front, numbers excepted.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if table.columns:
        writer.writerow([_text(name) for name in table.columns])
    writer.writerows([written(cell) for cell in row] for row in table.rows)
    data = out.getvalue().encode()
    return data if data.isascii() else BOM + data


def from_csv(data: bytes) -> Table:
    """Read what ``to_csv`` wrote, as texts: without the apostrophes, missing values empty."""
    return first_rows(data, None)[0]


def first_rows(data: bytes, most: int | None) -> tuple[Table, int]:
    """Read the first rows of what ``to_csv`` wrote, and tell how many there are.

    A row that a cut-off file has in part is completed, so that each has as many cells as there are columns.
    """
    lines = csv.reader(io.StringIO(data.removeprefix(BOM).decode("utf-8", "replace"), newline=""))
    names = tuple(map(_plain, next(lines, [])))
    rows = tuple(_fitted(line, len(names)) for line in islice(lines, most))
    return Table(names, rows), len(rows) + sum(1 for _ in lines)


def _fitted(line: list[str], width: int) -> tuple[str, ...]:
    cells = tuple(map(_plain, line[:width]))
    return cells + ("",) * (width - len(cells))


def written(cell: Any) -> str:
    """Write one cell as a text."""
    return _writer_of(type(cell))(cell)


def _find_writer(kind: type) -> Callable[[Any], str]:
    known = (_WRITERS.get(base) for base in kind.__mro__)
    return next(filter(None, known), _other) if not issubclass(kind, Enum) else _enum


_writer_of: Callable[[type], Callable[[Any], str]] = functools.lru_cache(maxsize=256)(_find_writer)


def _enum(cell: Any) -> str:
    return written(getattr(cell, "label", cell.value))


def _other(cell: Any) -> str:
    if is_missing(cell):
        return ""
    value = cell.tolist() if hasattr(cell, "tolist") else cell
    if isinstance(value, float):
        return str(cell)  # a short float of numpy's: its own text has the digits it has
    return _text(str(value)) if value is cell else written(value)


def _datetime(cell: Any) -> str:
    return "" if is_missing(cell) else str(cell.isoformat(sep=" "))


def _float(value: float) -> str:
    return float.__repr__(value) if value == value else ""


def _decimal(value: Decimal) -> str:
    """Write a Decimal without an exponent, unless that would be a long row of zeros."""
    if value.is_nan():
        return ""
    return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 30 else str(value)


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.days * 86400 + value.seconds, 60)
    fraction = f".{value.microseconds:06}" if value.microseconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"


def _text(value: str) -> str:
    """Make a text safe: one line, only characters, no formula."""
    if value[:1].isalnum() and value.isprintable() and len(value) <= MAX_TEXT:
        return value
    value = _SPACES.sub(" ", value)
    if not value.isprintable():
        value = "".join(_character(letter) for letter in value)
    if len(value) > MAX_TEXT:
        value = value[: MAX_TEXT - 2] + "…"
    return "'" + value if _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def _character(letter: str) -> str:
    category = unicodedata.category(letter)
    return "" if category == "Cc" else "\ufffd" if category == "Cs" else letter


def _plain(cell: str) -> str:
    """Take the apostrophe off that ``_text`` put in front."""
    bare = cell.removeprefix("'")
    return bare if bare != cell and _text(bare) == cell else cell


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda cell: "",
    str: _text,
    bool: lambda cell: "true" if cell else "false",
    int: int.__repr__,
    float: _float,
    Decimal: _decimal,
    Fraction: lambda cell: repr(cell.numerator / cell.denominator),
    datetime: _datetime,
    timedelta: _duration,
}
