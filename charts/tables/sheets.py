"""Tables as CSV, as spreadsheets read it, and safe in them whatever strangers wrote into a label.

UTF-8, comma, CRLF and quotes as RFC 4180 has them. A byte order mark comes first only if there is more than ASCII:
without it Excel takes UTF-8 for something else. Always the same bytes for the same table.
"""

import csv
import io
import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from charts.tables.table import Table, is_missing

BOM = b"\xef\xbb\xbf"
# What Excel keeps of a cell; the csv module refuses to read much longer ones.
MAX_TEXT = 32_767

# Spreadsheets run a cell that begins so (OWASP, "CSV Injection"); the wide forms, in East Asian versions.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠]")
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
    writer.writerows([_written(cell) for cell in row] for row in table.rows)
    data = out.getvalue().encode()
    return data if data.isascii() else BOM + data


def from_csv(data: bytes) -> Table:
    """Read what ``to_csv`` wrote, as texts: without the apostrophes, missing values empty."""
    text = data.removeprefix(BOM).decode("utf-8", "replace")
    rows = [tuple(map(_plain, row)) for row in csv.reader(io.StringIO(text, newline=""))]
    return Table(rows[0] if rows else (), tuple(rows[1:]))


def _written(cell: Any) -> str:
    """Write one cell."""
    if is_missing(cell):
        return ""
    if isinstance(cell, Enum):
        return _written(getattr(cell, "label", cell.value))
    if hasattr(cell, "tolist"):  # a number of numpy's: its own text is the shortest that says it
        return str(cell) if isinstance(cell.tolist(), float) else _written(cell.tolist())
    for kind, write in _WRITERS.items():
        if isinstance(cell, kind):
            return str(write(cell))
    return _text(str(cell))


def _decimal(value: Decimal) -> str:
    """Write a Decimal without an exponent, unless that would be a long row of zeros."""
    return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 30 else str(value)


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.days * 86400 + value.seconds, 60)
    fraction = f".{value.microseconds:06}" if value.microseconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"


_WRITERS: dict[type, Any] = {
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: float.__repr__,
    Decimal: _decimal,
    Fraction: lambda value: repr(value.numerator / value.denominator),
    datetime: lambda value: value.isoformat(sep=" "),
    timedelta: _duration,
}


def _text(value: str) -> str:
    """Make a text safe: one line, only characters, no formula."""
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
