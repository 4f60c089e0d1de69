"""What a digest must tell apart, what it must not, and what it says when it cannot."""

import itertools
import os
import subprocess
import sys
from collections import OrderedDict, defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from django.http import QueryDict
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from charts.exceptions import DigestError
from charts.fingerprints import digest
from tests.fingerprints import samples


def test_a_digest_is_64_hexadecimal_characters() -> None:
    assert len(digest("anything")) == 64
    assert int(digest("anything"), 16)


def test_no_two_samples_have_one_digest() -> None:
    values = samples.everything()
    met: dict[str, Any] = {}
    for value in values:
        other = met.setdefault(digest(value), value)
        assert other is value, f"{value!r} and {other!r}"
    assert len(met) == len(values)


def test_no_two_samples_have_one_digest_inside_lists_either() -> None:
    lists = [[value, value] for value in samples.everything()]
    assert len(set(map(digest, lists))) == len(lists)


def test_every_sample_gives_the_same_digest_again() -> None:
    assert list(map(digest, samples.everything())) == list(map(digest, samples.everything()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["0", "4711"])
def test_digests_are_the_same_in_another_process(seed: str) -> None:
    code = (
        "from charts.fingerprints import digest\nfrom tests.fingerprints import samples\n"
        "print(digest([digest(value) for value in samples.everything()]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": seed}
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest([digest(value) for value in samples.everything()])


# What draws the same picture.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, "a"], (1, "a")),
        ([(1, 2), (3, 4)], [[1, 2], [3, 4]]),
        ({"a": [1, 2]}, {"a": (1, 2)}),
        ({"a": 1}, OrderedDict(a=1)),
        ({"a": [1]}, defaultdict(list, a=[1])),
        ({"a": 1}, MappingProxyType({"a": 1})),
        ([("a", 1)], {"a": 1}.items()),
        (["a"], {"a": 1}.keys()),
        ({1, "a", (2, 3)}, frozenset({(2, 3), "a", 1})),
        (range(0, 5, 3), range(0, 4, 3)),
        (range(5, 5), range(0)),
        ("text", mark_safe("text")),
        (float("nan"), -float("nan")),
        (b"ab", b"ab"),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
        (np.arange(3), np.arange(6)[::2] // 2),
        (np.array([1.5, 2]), np.array([1.5, 2], ">f8")),
        (np.array([1.0, np.nan]), np.array([1.0, -np.nan])),
        (np.ma.masked_array([1, 5], [0, 1]), np.ma.masked_array([1, 7], [0, 1])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1], "b": [2]})[["a"]]),
        (pl.DataFrame({"a": [1, 2]}), pl.concat([pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [2]})], rechunk=False)),
    ],
)
def test_what_draws_the_same_has_the_same_digest(one: Any, other: Any) -> None:
    assert digest(one) == digest(other)


def test_a_set_has_no_order_and_a_dictionary_has_one() -> None:
    orders = [list(order) for order in itertools.permutations(["b", "a", 1, (2,)])]
    assert len({digest(set(order)) for order in orders}) == 1
    assert len({digest(dict.fromkeys(order)) for order in orders}) == len(orders)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([b"a", b"bc"], [b"ab", b"c"]),
        ([{1: 2}, {1: 2}], [{1: 2}, {True: 2}]),
        ([{"a": 2}, {"a": 2}], [{"a": 2}, {samples.Letter.A: 2}]),
        (QueryDict("a=1&a=2"), QueryDict("a=2")),
        (pd.Categorical(["a"]), pd.Categorical(["b"])),
        (pd.Categorical(["a"]), pd.Categorical(["a"], ordered=True)),
        (pd.Index([1], name="a"), pd.Index([1], name="b")),
        (pl.Series(["a"]), pl.Series(["a"], dtype=pl.Categorical)),
        (pl.Series([1.0, None]), pl.Series([1.0, float("nan")])),
        (pl.Series([Decimal("0.1")]), pl.Series([Decimal("0.1000000000000000000001")])),
        (np.datetime64("2024-01-01"), np.datetime64("2024-01-01T00:00")),
        ([np.datetime64("2024-01-01")], [np.datetime64("2024-01-01", "s")]),
    ],
)
def test_what_draws_otherwise_has_another_digest(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_padding_between_the_fields_of_a_structured_array_does_not_count() -> None:
    padded = np.dtype([("a", "u1"), ("b", "f8")], align=True)
    # copy() of such an array leaves out the padding, so that what it holds is left to chance: this is its own buffer.
    one, other = np.zeros(2, padded), np.frombuffer(bytearray(b"\xff" * 32), padded)
    other["a"], other["b"] = 0, 0
    assert one.view("u1").tobytes() != other.view("u1").tobytes()
    assert digest(one) == digest(other)


def test_the_gaps_in_long_doubles_do_not_count() -> None:
    one = np.array([1, 3], "longdouble") / 3
    other = one.copy()
    raw = other.view("u1")
    raw[10 : other.itemsize] = 255
    assert digest(one) == digest(other)
    assert digest(one) != digest(one + np.finfo("longdouble").eps)


def test_hidden_fields_of_a_masked_record_do_not_count() -> None:
    kind = [("a", int), ("b", float)]
    one = np.ma.array([(1, 2.0)], mask=[(False, True)], dtype=kind)
    other = np.ma.array([(1, 9.0)], mask=[(False, True)], dtype=kind)
    assert digest(one) == digest(other)
    assert digest(one) != digest(np.ma.array([(1, 2.0)], dtype=kind))


def test_an_aware_time_is_its_wall_clock_and_offset() -> None:
    noon = datetime(2024, 1, 31, 12, tzinfo=UTC)
    assert digest(noon) == digest(noon.replace(tzinfo=ZoneInfo("UTC")))
    assert digest(noon) != digest(noon.astimezone(timezone(timedelta(hours=1))))
    assert digest([noon]) != digest([noon.replace(tzinfo=None)])


def test_a_lazy_text_counts_as_it_reads_in_the_active_language() -> None:
    with translation.override("en"):
        english, again = digest(gettext_lazy("Yes")), digest(gettext_lazy("Yes"))
    with translation.override("de"):
        german = digest(gettext_lazy("Yes"))
    assert english == again != german


def test_what_a_subclass_adds_counts() -> None:
    class Money(Decimal):
        pass

    euros, dollars = Money(1), Money(1)
    euros.currency, dollars.currency = "EUR", "USD"  # type: ignore[attr-defined]  # that is the point
    assert digest(euros) != digest(dollars)


def test_the_unit_of_an_array_counts() -> None:
    class Quantity(np.ndarray):  # type: ignore[type-arg]  # as units libraries make theirs
        pass

    metres, feet = np.arange(3.0).view(Quantity), np.arange(3.0).view(Quantity)
    metres.unit, feet.unit = "m", "ft"  # type: ignore[attr-defined]  # that is the point
    assert digest(metres) != digest(feet)


def test_attrs_classes_are_known_by_their_fields() -> None:
    field = type("Attribute", (), {"name": "x"})()
    kind = type("Spot", (), {"__attrs_attrs__": (field,), "__init__": lambda self, x: setattr(self, "x", x)})
    assert digest(kind(1)) == digest(kind(1)) != digest(kind(2))


def test_the_label_of_a_choice_counts() -> None:
    from django.db.models import TextChoices

    one = TextChoices("Size", {"S": ("s", "small")})
    other = TextChoices("Size", {"S": ("s", "little")})
    assert digest(one.S) != digest(other.S)


# Long lists take other ways than short ones; the values must count all the same.

COLUMNS: list[list[Any]] = [
    [float(number) for number in range(300)],
    list(range(300)),
    [2**70 + number for number in range(300)],
    [str(number) for number in range(300)],
    [Decimal(number) / 100 for number in range(300)],
    [date(2024, 1, 1) + timedelta(number) for number in range(300)],
    [datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Paris")) + timedelta(hours=number) for number in range(300)],
    [None if number % 7 else number / 2 for number in range(300)],
    [np.float64(number) for number in range(300)],
    [pd.Timestamp("2024-01-01") + pd.Timedelta(number, "h") for number in range(300)],
    [np.datetime64("2024-01-01") + number for number in range(300)],
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: type(column[0]).__name__)
def test_each_item_and_its_place_count_in_a_long_list(column: list[Any]) -> None:
    changed = [*column[:119], column[154], *column[120:]]
    swapped = [*column[:140], column[154], *column[141:154], column[140], *column[155:]]
    assert len({digest(items) for items in (column, column[:-1], changed, swapped)}) == 4


def test_rows_of_each_kind_count_cell_by_cell() -> None:
    rows = [[date(2024, 1, 1) + timedelta(number), Decimal(number), f"n{number}", None] for number in range(100)]
    kinds = [
        rows,
        [dict(zip("abcd", row, strict=True)) for row in rows],
        [samples.Point(row[0], row[1]) for row in rows],  # type: ignore[arg-type]  # any values do
        [samples.Spot(row[0], row[1]) for row in rows],  # type: ignore[arg-type]  # any values do
    ]
    digests = set(map(digest, kinds))
    rows[50][1] = Decimal("0.01")
    kinds[1][50]["b"] = 7  # type: ignore[call-overload]  # a list of dictionaries
    kinds[2][50] = samples.Point(0, 0)  # type: ignore[call-overload]  # a list of points
    kinds[3][50].y = 7  # type: ignore[union-attr]  # a list of spots
    assert len(digests | set(map(digest, kinds))) == 8


# Any two values differ in their digests if, and only if, they differ.

LEAVES = st.one_of(
    st.sampled_from(
        [None, True, False, 0, 1, 1.0, 0.0, -0.0, "", "a", "b", "ab", b"a", b"", Decimal(1), date(1, 1, 1)]
    ),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=3),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(["a", "b", "ab", 1, None]), inner, max_size=3),
        st.lists(st.tuples(inner, inner), max_size=3),
        st.lists(st.fixed_dictionaries({"a": inner}), max_size=3),
    ),
    max_leaves=12,
)


def _said(value: Any) -> str:
    """Say a value in another way than the digest does."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_said, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_said(key)}:{_said(item)}' for key, item in value.items())}}}"
    return f"{type(value).__name__} {value!r}"


MET: dict[str, str] = {}


@given(VALUES)
def test_values_have_one_digest_each(value: Any) -> None:
    said = _said(value)
    assert MET.setdefault(digest(value), said) == said


@given(VALUES, VALUES)
def test_digests_differ_where_values_differ(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) == (_said(one) == _said(other))


# What has no digest says so, and where it is.


class Shape:
    """Something nobody knows."""


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Shape(), r"data is"),
        ({"rows": [1, 2, Shape()]}, r"data\['rows'\]\[2\] is"),
        ([(1, Shape()), (2, 3)], r"data\[0\]\[1\] is"),
        ([{"a": 1, "geom": 2}, {"a": 1, "geom": Shape()}], r"data\[1\]\['geom'\] is"),
        ([samples.Spot(1, 2), samples.Spot(1, Shape())], r"data\[1\]\.y is"),  # type: ignore[arg-type]  # wrong on purpose
        ({"spot": samples.Spot(1, [Shape()])}, r"data\['spot'\]\.y\[0\] is"),  # type: ignore[arg-type]  # wrong on purpose
        ({1: {2: [Shape()]}}, r"data\[1\]\[2\]\[0\] is"),
        ([[[1, 2], [3, Shape()]], [[5, 6], [7, 8]]], r"data\[0\]\[1\]\[1\] is"),
        (pd.DataFrame({"geom": [1, Shape()]}), r"data\['geom'\]\[1\] is"),
        (np.array([1, Shape()], dtype=object), r"data\[1\] is"),
    ],
)
def test_an_unknown_type_is_named_with_its_place_and_the_hook(value: Any, place: str) -> None:
    with pytest.raises(DigestError, match=rf"^{place} a tests\.fingerprints\.test_digests\.Shape.*get_fingerprint\(\)"):
        digest(value)


def test_the_error_calls_the_value_what_it_is_told_to() -> None:
    with pytest.raises(DigestError, match=r"^recipe\[0\] is"):
        digest([Shape()], name="recipe")


@pytest.mark.parametrize(
    ("value", "way_out"),
    [
        ((number for number in []), "make it a list"),
        (iter([1]), "make it a list"),
        (pl.DataFrame({"a": [1]}).lazy(), r"\.collect\(\)"),
    ],
)
def test_what_has_not_been_read_yet_says_how_to(value: Any, way_out: str) -> None:
    with pytest.raises(DigestError, match=way_out):
        digest(value)


def test_a_manager_says_how_to_read_it() -> None:
    from django.contrib.auth.models import User

    with pytest.raises(DigestError, match=r"\.all\(\)"):
        digest(User.objects)


def test_an_iterator_is_not_used_up() -> None:
    numbers = iter([1, 2])
    with pytest.raises(DigestError):
        digest([numbers])
    assert list(numbers) == [1, 2]


def _endless() -> list[Any]:
    one: list[Any] = []
    one.append(one)
    two: list[Any] = []
    two += [two, two]
    three: dict[str, Any] = {}
    three["a"] = three
    four: list[Any] = []
    four.append(samples.Spot(1, four))  # type: ignore[arg-type]  # wrong on purpose
    return [one, two, three, four]


@pytest.mark.parametrize("value", _endless(), ids=["one", "two", "dictionary", "dataclass"])
def test_what_contains_itself_is_refused(value: Any) -> None:
    with pytest.raises(DigestError, match="contains itself"):
        digest(value)


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}, lambda value: frozenset({value})])
def test_depth_is_bounded_before_python_bounds_it(wrap: Any) -> None:
    value: Any = 1
    for _ in range(100):
        value = wrap(value)
    assert digest(value)
    for _ in range(5_000):
        value = wrap(value)
    with pytest.raises(DigestError, match="100 levels"):
        digest(value)


def test_nothing_is_imported_because_it_might_be_used() -> None:
    code = (
        "import sys; from charts.fingerprints import digest; digest([1, 2.0, 'a', {'b': None}]);"
        "print({'numpy', 'pandas', 'polars', 'matplotlib', 'PIL'} & set(sys.modules))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == "set()"


def test_a_lazy_object_is_told_by_what_it_stands_for() -> None:
    assert digest(SimpleLazyObject(lambda: [1, 2])) == digest([1, 2])
