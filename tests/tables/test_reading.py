"""Rows are read from data of every shape that `get_data()` returns, and named as a reader would."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest
from django.db import models
from django.db.models import Count, Sum
from django.test.utils import isolate_apps
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from charts.exceptions import DrawError
from charts.tables import Table, as_table, from_csv, from_data, to_csv
from tests.fingerprints.samples import Slotted, Spot
from tests.shop.models import Customer, Order, Region

DAYS = [date(2024, 1, 31), date(2024, 2, 29)]


class Month(NamedTuple):
    month: date
    total: int


def _columns(data: Any) -> tuple[str, ...]:
    table = from_data(data)
    assert table is not None
    return table.columns


def _rows(data: Any) -> list[tuple[object, ...]]:
    table = from_data(data)
    assert table is not None
    return list(table.rows)


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ([(DAYS[0], 1)], ("date", "value")),
        ([(datetime(2024, 1, 31, 12, tzinfo=UTC), 1)], ("date", "value")),
        ([("North", 1)], ("label", "value")),
        ([(1, 2.5)], ("x", "y")),
        ([(DAYS[0], 1, 2)], ("date", "value 1", "value 2")),
        ([("a", "b", 2)], ("label 1", "label 2", "value")),
        ([(time(12), 2, "a")], ("time", "value", "label")),
        ([[1]], ("value",)),
        ([(None, "a")], ("value", "label")),
        ([1, 2], ("value",)),
        ((1, 2), ("value",)),
        ({"North": 1}, ("label", "value")),
        ({2024: 1}, ("x", "y")),
        ({DAYS[0]: 1}, ("date", "value")),
        ({"North": 1}.items(), ("label", "value")),
        ([{"a": 1, 2: 3}], ("a", "2")),
        (np.array([[1, 2], [3, 4]]), ("x", "y")),
        (np.array([1.0, 2.0]), ("value",)),
        (pd.Series([1]), ("value",)),
        (pd.Series([1], name="n"), ("n",)),
        (pd.Series([1], index=["a"], name="n"), ("label", "n")),
        (pl.Series([1]), ("value",)),
    ],
)
def test_columns_without_names_are_named_by_what_is_in_them(data: Any, columns: tuple[str, ...]) -> None:
    assert _columns(data) == columns


def test_names_are_in_the_active_language() -> None:
    with translation.override("de"):
        assert _columns([(DAYS[0], 1)]) == ("Datum", "Wert")


@pytest.mark.parametrize(
    ("data", "columns", "rows"),
    [
        ([(1, 2), (3, 4)], ("x", "y"), [(1, 2), (3, 4)]),
        ([[1, 2], (3, 4)], ("x", "y"), [(1, 2), (3, 4)]),
        ([["a", 2], ["b", 4], ["c", 6]], ("label", "value"), [("a", 2), ("b", 4), ("c", 6)]),
        ({"a": [(3, 1), (1, 2)], "b": [(2, 3)]}, ("x", "a", "b"), [(3, 1, None), (1, 2, None), (2, None, 3)]),
        ({"a": [(1, 1), (1, 2)], "b": [(1, 3)]}, ("x", "a", "b"), [(1, 1, 3), (1, 2, None)]),
        ({"a": {"Tu": 1}, "b": {"Mo": 3}}, ("label", "a", "b"), [("Tu", 1, None), ("Mo", None, 3)]),
        ([Month(DAYS[0], 1)], ("month", "total"), [(DAYS[0], 1)]),
        ([Spot(1, 2)], ("x", "y"), [(1, 2)]),
        ([Slotted(1, 2)], ("x", "y"), [(1, 2)]),
        ([SimpleNamespace(a=1), SimpleNamespace(a=2)], ("a",), [(1,), (2,)]),
        ([{"a": 1}, {"b": 2, "a": 3}], ("a", "b"), [(1, None), (3, 2)]),
        ({"a": [1, 2], "b": (3, 4)}, ("a", "b"), [(1, 3), (2, 4)]),
        ({"a": np.array([1, 2]), "b": pd.Series([3, 4])}, ("a", "b"), [(1, 3), (2, 4)]),
        ((DAYS, [1, 2]), ("date", "value"), [(DAYS[0], 1), (DAYS[1], 2)]),
        ((np.array([1, 2]), np.array([3.5, 4])), ("x", "y"), [(1, 3.5), (2, 4.0)]),
        ({"a": {1: 2, 3: 4}, "b": {2: 5, 3: 6}}, ("x", "a", "b"), [(1, 2, None), (2, None, 5), (3, 4, 6)]),
        ({"a": [(1, 2)], "b": [(1, 5), (2, 6)]}, ("x", "a", "b"), [(1, 2, 5), (2, None, 6)]),
        (
            {"a": {"Mo": 1, "Tu": 2}, "b": {"We": 3}},
            ("label", "a", "b"),
            [("Mo", 1, None), ("Tu", 2, None), ("We", None, 3)],
        ),
        ({"a": [3, 4], "b": [5]}, ("label", "value"), [("a", 3), ("a", 4), ("b", 5)]),
        (np.array([(1, 2.5)], dtype=[("a", int), ("b", float)]), ("a", "b"), [(1, 2.5)]),
        (np.array(["2024-01-31", "NaT"], "M8[ns]"), ("date",), [(DAYS[0],), (None,)]),
        (np.array([0.1], "f4"), ("value",), [(0.1,)]),
        (np.ma.masked_array([1, 2], [0, 1]), ("value",), [(1,), (None,)]),
        (pl.DataFrame({"a": [1, None], "d": DAYS}), ("a", "d"), [(1, DAYS[0]), (None, DAYS[1])]),
    ],
)
def test_rows_are_read_as_they_stand(data: Any, columns: tuple[str, ...], rows: list[Any]) -> None:
    assert from_data(data) == Table(columns, tuple(rows))


def test_a_table_stays_itself() -> None:
    table = Table(("a",), ((1,),))
    assert from_data(table) is table


def test_an_index_that_says_something_is_a_column() -> None:
    frame = pd.DataFrame({"v": [1, 2]}, index=pd.DatetimeIndex(DAYS, name="day"))
    assert _columns(frame) == ("day", "v")
    assert _rows(frame) == [(DAYS[0], 1), (DAYS[1], 2)]
    assert _columns(frame.reset_index(drop=True)) == ("v",)


def test_columns_of_several_levels_have_one_name() -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("sales", "sum"), ("year", "")]))
    assert _columns(frame) == ("sales sum", "year")


def test_an_index_of_several_levels_is_several_columns() -> None:
    index = pd.MultiIndex.from_tuples([("North", 1)], names=["region", None])
    assert _columns(pd.DataFrame({"v": [1]}, index=index)) == ("region", "value", "v")


def test_midnights_are_days() -> None:
    months = [(datetime(2024, month, 1, tzinfo=UTC), month) for month in (1, 2)]
    assert _rows(months) == [(date(2024, 1, 1), 1), (date(2024, 2, 1), 2)]
    times = [*months, (datetime(2024, 1, 1, 12, tzinfo=UTC), 3)]
    assert _rows(times) == times


@pytest.mark.parametrize(
    "data",
    [
        None, 5, "text", b"bytes", object(), [], {}, (), [[]], [object()], [(1, object())], [(1, 2), (3,)], [(1, [2])],
        {"rows": [1, 2], "total": 5}, {"a": object()}, {1, 2}, np.array(1), np.zeros((2, 2, 2)), iter([1]), [print],
        pd.Timestamp("2024-01-01"), [b"bytes"], {"a": {1: [2]}}, [{"a": {}}],
    ],
)  # fmt: skip
def test_what_is_no_table_is_none(data: Any) -> None:
    assert from_data(data) is None


def test_an_iterator_is_left_alone() -> None:
    numbers = iter([(1, 2)])
    assert from_data(numbers) is None
    assert list(numbers) == [(1, 2)]


# Querysets and rows.


@pytest.fixture
def orders(db: None) -> list[Order]:
    customer = Customer.objects.create(region=Region.objects.create(name="North"))
    return [Order.objects.create(customer=customer, month=month, total=month * 10) for month in (1, 2)]


def test_values_have_the_names_that_were_asked_for(orders: list[Order]) -> None:
    queryset = Order.objects.order_by("month").values("month").annotate(sum=Sum("total"))
    assert from_data(queryset) == Table(("month", "sum"), ((1, 10), (2, 20)))


@pytest.mark.parametrize("named", [True, False])
def test_lists_of_values_have_the_names_that_were_asked_for(orders: list[Order], *, named: bool) -> None:
    queryset = Order.objects.order_by("month").values_list("month", "customer__region__name", named=named)
    assert from_data(queryset) == Table(("month", "customer__region__name"), ((1, "North"), (2, "North")))


def test_a_flat_list_of_values_is_one_column(orders: list[Order]) -> None:
    assert from_data(Order.objects.order_by("total").values_list("total", flat=True)) == Table(
        ("total",), ((10,), (20,))
    )


def test_all_values_have_the_names_of_all_columns(orders: list[Order]) -> None:
    queryset = Order.objects.values_list().annotate(count=Count("pk"))
    assert _columns(queryset) == ("id", "customer_id", "month", "total", "count")


def test_a_queryset_without_rows_has_its_columns(orders: list[Order]) -> None:
    nothing = Order.objects.none()
    assert from_data(nothing.values_list("month", "total")) == Table(("month", "total"), ())
    assert _columns(nothing) == ("customer", "month", "total")


def test_rows_of_a_model_are_shown_as_people_call_them(orders: list[Order], django_assert_num_queries: Any) -> None:
    rows = list(Order.objects.select_related("customer").order_by("pk"))
    with django_assert_num_queries(0):
        assert _columns(rows) == ("customer", "month", "total")
        assert _rows(rows) == [(orders[0].customer, 1, 10), (orders[0].customer, 2, 20)]
        assert str(orders[0].customer).encode() in to_csv(as_table(rows))


def test_a_foreign_row_that_is_not_loaded_is_its_key(orders: list[Order], django_assert_num_queries: Any) -> None:
    rows = list(Order.objects.only("customer").order_by("pk"))
    with django_assert_num_queries(0):
        assert from_data(rows) == Table(("customer",), ((orders[0].customer_id,), (orders[0].customer_id,)))


def test_what_a_query_added_to_rows_is_a_column(orders: list[Order]) -> None:
    assert _columns(Order.objects.annotate(twice=Sum("total"))) == ("customer", "month", "total", "twice")


@isolate_apps("tests.shop")
def test_choices_are_shown_by_their_labels_and_files_by_their_names() -> None:
    class Parcel(models.Model):  # noqa: DJ008  nobody shows it
        size = models.CharField("how big", max_length=1, choices={"s": "small", "Many": {"l": "large"}})
        label = models.FileField()

        class Meta:
            app_label = "shop"

    rows = [Parcel(size="s", label="a.pdf"), Parcel(size="l", label="b.pdf"), Parcel(size="?", label="")]
    assert rows[0].label.name == "a.pdf"
    assert from_data(rows) == Table(("how big", "label"), (("small", "a.pdf"), ("large", "b.pdf"), ("?", "")))


# What get_table() returns.


@pytest.mark.parametrize(
    "value",
    [
        Table(("a", "b"), ((1, 2), (3, 4))),
        (["a", "b"], [(1, 2), (3, 4)]),
        (("a", "b"), ((1, 2), (3, 4))),
        (("a", "b"), (row for row in [(1, 2), (3, 4)])),
        [("a", "b"), (1, 2), (3, 4)],
        (row for row in [["a", "b"], [1, 2], [3, 4]]),
        [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
        pd.DataFrame({"a": [1, 3], "b": [2, 4]}),
        {"a": [1, 3], "b": [2, 4]},
    ],
)
def test_a_table_can_be_returned_in_many_ways(value: Any) -> None:
    assert as_table(value) == Table(("a", "b"), ((1, 2), (3, 4)))


def test_a_table_may_have_columns_and_no_rows() -> None:
    assert as_table((["a", "b"], [])) == as_table([("a", "b")]) == Table(("a", "b"), ())


@pytest.mark.parametrize(
    "value", [[], (), {}, set(), {}.items(), np.array([]), np.empty((0, 2)), pd.DataFrame(), iter([]), {}.values()]
)
def test_a_table_may_have_nothing_at_all(value: Any) -> None:
    assert as_table(value) == Table((), ())
    assert to_csv(as_table(value)) == b""


@pytest.mark.parametrize("value", [pd.DataFrame({"a": []}), pd.Series([], name="a", dtype=float), {"a": []}])
def test_a_table_without_rows_keeps_its_names(value: Any) -> None:
    assert as_table(value) == Table(("a",), ())


def test_rows_whose_first_is_not_all_texts_have_no_heading() -> None:
    assert as_table([("North", 5), ("South", 6)]) == Table(("label", "value"), (("North", 5), ("South", 6)))


@pytest.mark.parametrize("value", [None, 5, "a,b", object(), [object()], (["a"], 5), (["a"], "text")])
def test_what_is_no_table_is_an_error_that_names_the_hook(value: Any) -> None:
    with pytest.raises(DrawError, match=r"^get_table\(\) returned a \w+ that is no table: .*\(columns, rows\)"):
        as_table(value)


def test_a_row_of_another_length_is_an_error_that_says_which() -> None:
    with pytest.raises(DrawError, match=r"^Row 2 of what get_table\(\) returned has 1 cells for 2 columns"):
        as_table((["a", "b"], [(1, 2), (3,)]))


def test_a_cell_that_cannot_be_written_is_an_error() -> None:
    with pytest.raises(DrawError, match=r"get_table\(\)"):
        as_table((["a"], [(object(),)]))


def test_decimals_stay_what_they_are() -> None:
    assert _rows([("a", Decimal("1.50"))]) == [("a", Decimal("1.50"))]


CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.dates()
    | st.decimals(allow_nan=False)
    | st.times()
)
DATA = st.recursive(
    CELLS | st.sampled_from([Decimal("NaN"), Decimal("sNaN")]) | st.builds(object) | st.binary(max_size=2),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(st.tuples(inner, inner), max_size=4),
        st.tuples(st.lists(inner, max_size=3), st.lists(inner, max_size=3)),
        st.dictionaries(CELLS, inner, max_size=3),
        st.lists(st.dictionaries(st.text(max_size=2), inner, max_size=2), max_size=3),
    ),
    max_leaves=15,
)


@given(DATA)
def test_any_data_is_a_table_that_can_be_written_or_none(data: Any) -> None:
    table = from_data(data)
    if table is not None:
        again = from_csv(to_csv(table))
        assert len(again.columns) == len(table.columns)
        assert len(again.rows) == len(table.rows)


@given(DATA)
def test_whatever_get_table_returns_is_a_table_or_the_error_that_names_it(data: Any) -> None:
    with suppress(DrawError):
        assert to_csv(as_table(data)) == to_csv(as_table(data))
