"""The cells of a CSV file as people read them: numbers and dates in the reader's language.

A CSV file has texts only, so a column is what all its cells can be read as.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Context, Decimal
from html import escape

from django.utils import formats, numberformat, timezone
from django.utils.translation import gettext as _

# What is longer is no number that anybody reads, and Python refuses to convert it.
NUMBER = re.compile(r"-?(\d{1,400})(\.\d{1,400})?(e[+-]?\d{1,4})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d)?", re.ASCII)
BOOLEAN = re.compile(r"true|false")
# A float's own text has up to 17 digits, the last of which are noise: 0.30000000000000004.
TRUE_DIGITS = 15
TRUE = Context(prec=TRUE_DIGITS)
# Numbers of four digits are not grouped, in a column without longer ones: years stay years.
GROUPED_FROM = 5
# Beyond, zeros are not written out.
LONGEST_EXPONENT = 15

# Writes one cell that is not empty, as HTML.
Write = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """How the cells of one column are written.

    Attributes:
        is_number: whether they are numbers, which stand to the right.
        write: one cell as HTML.
    """

    is_number: bool = False
    write: Write = escape


def columns(rows: Sequence[tuple[object, ...]], zone: tzinfo) -> list[Column]:
    """Return how each column of some rows is written, in the active language.

    Args:
        rows: cells as texts, empty where there is no value.
        zone: in which times are said.
    """
    return [_column([str(cell) for cell in cells if cell != ""], zone) for cells in zip(*rows, strict=True)]


def _column(cells: Sequence[str], zone: tzinfo) -> Column:
    for pattern, kind in ((NUMBER, _numbers), (DATE, _dates), (TIME, _times), (BOOLEAN, _booleans)):
        if cells and all(map(pattern.fullmatch, cells)):
            try:
                write = kind(cells, zone)
            except (ValueError, OverflowError):  # the thirtieth of February; a time that is in no year elsewhere
                break
            return Column(kind is _numbers, write)
    return Column()


def _numbers(cells: Sequence[str], zone: tzinfo) -> Write:
    lengths = (len(match[1]) for cell in cells if (match := NUMBER.fullmatch(cell)))
    point, group = formats.get_format("DECIMAL_SEPARATOR"), formats.get_format("THOUSAND_SEPARATOR")
    size = formats.get_format("NUMBER_GROUPING") or 3
    grouped = max(lengths, default=0) >= GROUPED_FROM

    def write(cell: str) -> str:
        plain, exponent = _without_noise(cell)
        said = numberformat.format(Decimal(plain), point, None, size, group, force_grouping=grouped, use_l10n=False)
        return escape(said + exponent)

    return write


def _without_noise(cell: str) -> tuple[str, str]:
    """Return a number without the noise of floats, and its exponent where zeros would be too many."""
    mantissa, _, exponent = cell.partition("e")
    if len(re.sub(r"\D", "", mantissa).lstrip("0")) > TRUE_DIGITS and "." in mantissa:
        mantissa = f"{TRUE.create_decimal(mantissa).normalize():f}"
    if exponent and abs(int(exponent)) > LONGEST_EXPONENT:
        return mantissa, f"e{int(exponent)}"
    return f"{Decimal(f'{mantissa}e{exponent or 0}'):f}", ""


def _dates(cells: Sequence[str], zone: tzinfo) -> Write:
    days = [date.fromisoformat(cell) for cell in cells]
    style = _date_style(days)
    return lambda cell: _time_element(cell, formats.date_format(date.fromisoformat(cell), style))


def _date_style(days: Sequence[date]) -> str:
    """Return how exactly dates are said: years and months come out of databases as their first days."""
    if len(set(days)) > 1 and all(day.day == 1 for day in days):
        return "Y" if all(day.month == 1 for day in days) else "YEAR_MONTH_FORMAT"
    return "DATE_FORMAT"


def _times(cells: Sequence[str], zone: tzinfo) -> Write:
    moments = {cell: _local(datetime.fromisoformat(cell), zone) for cell in cells}
    return lambda cell: _time_element(cell.replace(" ", "T"), formats.date_format(moments[cell], "DATETIME_FORMAT"))


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return timezone.localtime(moment, zone) if timezone.is_aware(moment) else moment


def _time_element(machine: str, said: str) -> str:
    return f'<time datetime="{escape(machine)}">{escape(said)}</time>'


def _booleans(cells: Sequence[str], zone: tzinfo) -> Write:
    said = {"true": escape(_("yes")), "false": escape(_("no"))}
    return said.__getitem__
