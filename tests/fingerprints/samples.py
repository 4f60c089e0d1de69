"""One value of each kind that has a digest: all different from each other, the same in every process."""

# ruff: noqa: DTZ001  (naive datetimes are a case)

import collections
import dataclasses
import ipaddress
import pathlib
import types
import uuid
from array import array
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
from PIL import Image


class Colour(Enum):
    RED = 1


class Level(IntEnum):
    RED = 1


class Text(str, Enum):  # noqa: UP042  what users have written for years
    RED = "red"


class Letter(str, Enum):  # noqa: UP042  what users have written for years
    """Texts that equal a plain one, and are drawn as another."""

    A = "a"


class Style(Flag):
    BOLD = 1
    ITALIC = 2


class Point(NamedTuple):
    x: float
    y: float


class Pair(NamedTuple):
    x: float
    y: float


@dataclasses.dataclass
class Spot:
    x: float
    y: float


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    x: float
    y: float


class Money(Decimal):
    """A scalar with something besides."""

    currency = "EUR"


class Coloured(list):  # type: ignore[type-arg]  # a list, as users subclass it
    """A list with something besides."""


def coloured(colour: str, *items: Any) -> Coloured:
    made = Coloured(items)
    made.colour = colour  # type: ignore[attr-defined]  # that is the point
    return made


def scalars() -> list[Any]:
    return [
        None,
        True,
        False,
        0,
        1,
        -1,
        2**63,
        10**5000,
        0.0,
        -0.0,
        1.0,
        0.1,
        float("inf"),
        float("-inf"),
        float("nan"),
        1j,
        complex(0, float("nan")),
        "",
        "1",
        "ä",
        "\ud800",
        "a\x00b",
        b"",
        b"1",
        bytearray(b"ab"),
        memoryview(b"abc"),
        array("d", [1.0]),
        array("i", [1]),
        Decimal(1),
        Decimal("1.0"),
        Decimal("1.00"),
        Decimal("NaN"),
        Fraction(1, 3),
        date(2024, 1, 31),
        datetime(2024, 1, 31, tzinfo=UTC),
        datetime(2024, 1, 31),
        datetime(2024, 1, 31, tzinfo=timezone(timedelta(hours=-5))),
        datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Paris")),
        datetime(2024, 1, 31, 0, 0, 0, 1),
        time(12),
        time(12, tzinfo=UTC),
        timedelta(1),
        timedelta(-1),
        uuid.UUID(int=1),
        Colour.RED,
        Level.RED,
        Text.RED,
        Style.BOLD,
        Style.BOLD | Style.ITALIC,
        range(0),
        range(3),
        range(0, 6, 2),
        pathlib.PurePosixPath("a"),
        ipaddress.ip_address("127.0.0.1"),
        Money(7),
    ]  # fmt: skip


def containers() -> list[Any]:
    return [
        [],
        [[]],
        [[], []],
        [[[]]],
        ["ab", "c"],
        ["a", "bc"],
        ["abc"],
        ["abc", ""],
        [1, 2],
        [1.0, 2.0],
        [True, 2],
        ["1", "2"],
        [1, [2]],
        [[1], 2],
        [[1, 2]],
        [[1], [2]],
        [[1, 2], [3, 4]],
        [[1, 3], [2, 4]],
        [[1, 2, 3, 4]],
        [None, 1.0],
        [1.0, None],
        {},
        {"a": 1},
        {"a": 1, "b": 2},
        {"b": 2, "a": 1},
        {1: "a"},
        {"a": {"b": 1}},
        [{"a": 1}],
        [{"a": 1}, {"a": 2}],
        [{"a": 1}, {"b": 2}],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
        [{1: 2}],
        [{True: 2}],
        [{"1": 2}],
        set(),
        {1},
        {"a"},
        {1, "a"},
        {"a", "b"},
        {frozenset({1}), 2},
        {(1, 2), (3, 4)},
        {(1, 3), (2, 4)},
        types.MappingProxyType({"z": 1}),
        collections.deque([9, 8]),
        types.SimpleNamespace(x=1),
        Point(1, 2),
        Pair(1, 2),
        Spot(1, 2),
        Slotted(1, 2),
        [Point(1, 2), Point(3, 4)],
        [Spot(1, 2), Spot(3, 4)],
        [Point(1, 2), Spot(3, 4)],
        coloured("red", 5),
        coloured("blue", 5),
        [[1, "a", None], [2, "b", 3.0]],
        {"x": [1, 2], "y": [3, 4]},
        {"x": [1, 2, 3], "y": [4]},
        [1, "1", 1.0, Decimal(1)],
    ]  # fmt: skip


def arrays() -> list[Any]:
    days = np.array(["2024-01-01", "NaT"], dtype="M8[D]")
    record = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "u1"), ("b", "f8")])
    return [
        np.array(1.0),
        np.array([1.0, 2.0]),
        np.array([1, 2]),
        np.array([1, 2], "i4"),
        np.array([1.0, 2.0], "f4"),
        np.array([[1.0, 2.0]]),
        np.array([[1.0], [2.0]]),
        np.array([np.nan, 1.0]),
        np.array([]),
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        np.array([True, False]),
        np.array(["a", "bc"]),
        np.array([b"a", b"bc"]),
        np.array([1j]),
        days,
        days.astype("M8[s]"),
        np.array([1, 2], "m8[h]"),
        record,
        np.array([(1, 2.0)], dtype=[("a", "u1"), ("c", "f8")]),
        np.array([1, "a", None], dtype=object),
        np.ma.masked_array([1, 2, 3], [0, 1, 0]),
        np.ma.masked_array([1, 2, 3], [0, 0, 1]),
        np.array(["a", "b"], dtype=np.dtypes.StringDType()),
        np.array([1, 3], "longdouble"),
        np.float64(1),
        np.float32(1),
        np.int64(1),
        np.bool_(True),
        np.datetime64("2024-01-01"),
        np.datetime64("2024-01-01T00"),
        np.str_("a"),
    ]  # fmt: skip


def frames() -> list[Any]:
    index = pd.date_range("2024-01-01", periods=2, tz="Europe/Paris")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    return [
        frame,
        frame[["b", "a"]],
        frame.rename(columns={"a": "c"}),
        frame.set_index("a"),
        frame.astype({"a": float}),
        pd.DataFrame({"a": [1, 2]}, index=index),
        pd.DataFrame({"a": [1, 2]}, index=index.tz_convert("UTC")),
        frame["a"],
        pd.Series([1, 2]),
        pd.Series([1, None], dtype="Int64"),
        pd.Series(["a", "b"], dtype="category"),
        pd.Index([1, 2]),
        pd.Series(["a", "b"], dtype=pd.CategoricalDtype(["b", "a"], ordered=True)),
        pd.MultiIndex.from_tuples([(1, "a")]),
        pd.interval_range(0, 2),
        pd.period_range("2024-01", periods=2, freq="M"),
        pd.Timestamp("2024-01-01"),
        pd.NaT,
        pd.NA,
        pd.Timestamp("2024-01-01", tz="UTC"),
        pd.Timedelta(hours=1),
        pd.Period("2024-01"),
        pd.Categorical(["a"]),
        pd.arrays.SparseArray([0, 1]),
        pl.DataFrame({"a": [1, 2]}),
        pl.DataFrame({"a": [1, None]}),
        pl.DataFrame({"b": [1, 2]}),
        pl.DataFrame({"a": [1.0, 2.0]}),
        pl.Series("a", [1, 2]),
        pl.Series("b", [1, 2]),
        pl.Series("a", [date(2024, 1, 1)]),
        pl.Series("a", ["x"], dtype=pl.Categorical),
        pl.Series("a", [[1, 2]]),
        pl.Series("a", [Decimal(1)]),
        pl.Series("a", [{"x": 1}]),
        Image.new("RGB", (2, 2)),
        Image.new("RGB", (4, 1)),
        Image.new("L", (2, 2)),
    ]  # fmt: skip


def texts() -> set[str]:
    """Give a set whose order is another in each process."""
    return {f"text {number}" for number in range(50)}


def everything() -> list[Any]:
    return [*scalars(), *containers(), *arrays(), *frames(), texts()]
