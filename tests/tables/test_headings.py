"""Rows without names are called what the picture calls them, if it shows the same rows."""

from datetime import date
from decimal import Decimal
from typing import Any

from matplotlib.figure import Figure

from charts.tables import Table, from_chart

DATA = [(date(2024, 1, 1), Decimal("1.50")), (date(2024, 2, 1), Decimal("2.25"))]


def _figure(rows: list[tuple[Any, Any]] = DATA) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.bar([month for month, _ in rows], [float(total) for _, total in rows])
    axes.set(xlabel="month", ylabel="EUR")
    return figure


def test_pairs_are_called_by_the_labels_of_the_axes_and_stay_exact() -> None:
    assert from_chart(DATA, _figure()) == Table(("month", "EUR"), tuple(DATA))


def test_names_of_the_data_are_kept() -> None:
    named = [{"day": day, "total": total} for day, total in DATA]
    assert from_chart(named, _figure()) == Table(("day", "total"), tuple(DATA))


def test_other_values_in_the_picture_name_nothing() -> None:
    doubled = [(day, total * 2) for day, total in DATA]
    assert from_chart(DATA, _figure(doubled)) == Table(("date", "value"), tuple(DATA))
    turned = [(total, day) for day, total in DATA]
    assert from_chart(turned, _figure()) == Table(("value", "date"), tuple(turned))


def test_the_figure_is_read_where_the_data_is_no_table() -> None:
    table = from_chart({"months": DATA, "unit": "EUR"}, _figure())
    assert table == Table(("month", "EUR"), tuple((day, float(total)) for day, total in DATA))
    assert from_chart(None, Figure()) is None
