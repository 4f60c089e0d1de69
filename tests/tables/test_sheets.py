"""CSV files open in spreadsheets as they should, run nothing there, and say the same again when read."""

import csv
import io
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st

from charts.tables import Table, from_csv, to_csv


class Size(TextChoices):
    SMALL = "s", "small"


class Level(Enum):
    LOW = 1


def _cell(value: Any) -> str:
    """Write a cell, and read it as any other program would."""
    data = to_csv(Table(("a", "b"), ((value, 1),))).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(data, newline="")))[1][0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (Decimal("NaN"), ""),
        (Decimal("sNaN"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (np.float64("nan"), ""),
        (np.datetime64("NaT"), ""),
        (True, "true"),
        (False, "false"),
        (np.bool_(True), "true"),
        (0, "0"),
        (-5, "-5"),
        (2**70, str(2**70)),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e300, "1e+300"),
        (float("-inf"), "-inf"),
        (np.float32(0.1), "0.1"),
        (np.float64(0.1), "0.1"),
        (np.int64(-5), "-5"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E-99"), "1E-99"),
        (Fraction(1, 4), "0.25"),
        (date(2024, 1, 31), "2024-01-31"),
        (datetime(2024, 1, 31, 9, 5, tzinfo=UTC), "2024-01-31 09:05:00+00:00"),
        (datetime(2024, 1, 31, 9, 5), "2024-01-31 09:05:00"),  # noqa: DTZ001  naive is a case
        (datetime(2024, 1, 31, tzinfo=timezone(timedelta(hours=-5))), "2024-01-31 00:00:00-05:00"),
        (pd.Timestamp("2024-01-31 09:05"), "2024-01-31 09:05:00"),
        (np.datetime64("2024-01-31T09:05"), "2024-01-31 09:05:00"),
        (time(9, 5), "09:05:00"),
        (timedelta(hours=26, seconds=5), "26:00:05"),
        (timedelta(hours=-26), "-26:00:00"),
        (timedelta(microseconds=5), "0:00:00.000005"),
        (pd.Timedelta(hours=26), "26:00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Size.SMALL, "small"),
        (Level.LOW, "1"),
        ("", ""),
        ("a,b", "a,b"),
        ('say "hi"', 'say "hi"'),
        ("two\r\nlines", "two lines"),
        ("tab\there", "tab here"),
        ("nul\x00bell\x07", "nulbell"),
        ("lone \ud800 half", "lone � half"),
        ("no\u00a0break", "no\u00a0break"),
        ("flag 🇩🇪", "flag 🇩🇪"),
        ("1-2", "1-2"),
    ],
)
def test_a_cell_is_written_so(value: Any, text: str) -> None:
    assert _cell(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 170 1234",
        "-cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "＝1+1",
        "'=1+1",
        "''=1+1",
        "=",
        "--5",
        "-",
        "+1-2",
        "=\x00cmd",
        "\x00=cmd",
        "\u200b=1+1",
    ],
)
def test_a_formula_is_no_formula_and_reads_back_as_it_was(text: str) -> None:
    assert _cell(text).startswith("'")
    table = from_csv(to_csv(Table((text, "b"), ((text, "1"),))))
    plain = text.replace("\x00", "").translate(str.maketrans("\t\r\n", "   "))
    assert table == Table((plain, "b"), ((plain, "1"),))


@pytest.mark.parametrize("text", ["-5", "+5", "-1.5e-3", "-1,234.50", "-.5", "+5 %", "-5%", "12", "'tis", "O'Hara"])
def test_numbers_and_apostrophes_of_their_own_stay(text: str) -> None:
    assert _cell(text) == text


def test_headings_are_made_safe_too() -> None:
    assert to_csv(Table(("=a", "b\n"), ())) == b"'=a,b \r\n"


def test_a_table_is_written_as_rfc_4180_says() -> None:
    table = Table(("a", "b"), ((1, 'x "y", z'), (None, "")))
    assert to_csv(table) == b'a,b\r\n1,"x ""y"", z"\r\n,\r\n'


def test_there_is_a_byte_order_mark_only_where_it_is_needed() -> None:
    assert to_csv(Table(("a",), (("b",),))).startswith(b"a")
    marked = to_csv(Table(("é",), (("ü",),)))
    assert marked.startswith(b"\xef\xbb\xbf")
    assert from_csv(marked) == Table(("é",), (("ü",),))
    assert pd.read_csv(io.BytesIO(marked)).columns.tolist() == ["é"]


def test_a_lazy_text_is_written_in_the_active_language() -> None:
    with override("de"):
        assert _cell(gettext_lazy("Yes")) == "Ja"


@pytest.mark.parametrize("letter", ["a", "ä", "=", "\n"])
def test_a_text_is_cut_where_spreadsheets_cut_it(letter: str) -> None:
    assert len(_cell("a" + letter * 200_000)) <= 32_767
    assert _cell(letter + "a" * 200_000).endswith("…")


def test_a_lone_empty_cell_is_a_row() -> None:
    assert from_csv(to_csv(Table(("a",), ((None,), (1,))))) == Table(("a",), (("",), ("1",)))


def test_no_table_is_no_text() -> None:
    assert to_csv(Table((), ())) == b""
    assert from_csv(b"") == Table((), ())


def test_bytes_that_are_no_utf_8_do_not_break_reading() -> None:
    assert from_csv(b"a\r\n\xff\r\n") == Table(("a",), (("�",),))


@given(st.floats(allow_nan=False))
def test_floats_survive(value: float) -> None:
    assert float(_cell(value)) == value


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20) | st.text(
    "=+-@'＝ 1a", max_size=6
)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_texts_survive(rows: list[tuple[str, str]]) -> None:
    table = Table(("a", "b"), tuple(rows))
    assert from_csv(to_csv(table)) == table


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_no_text_is_a_formula(rows: list[tuple[str, str]]) -> None:
    data = to_csv(Table(("a", "b"), tuple(rows))).decode("utf-8-sig")
    for cell in (cell for row in csv.reader(io.StringIO(data, newline="")) for cell in row):
        if cell.lstrip().startswith(("=", "+", "-", "@", "＝")):
            assert float(cell.replace("%", "")) is not None  # raises where it is no number


@given(st.text(st.characters(), max_size=20))
def test_any_text_is_one_line_of_a_csv_file(text: str) -> None:
    data = to_csv(Table(("a", "b"), ((text, 1),)))
    assert data.count(b"\r\n") == 2
    assert data.count(b"\n") == 2
    assert to_csv(Table(("a", "b"), ((text, 1),))) == data
