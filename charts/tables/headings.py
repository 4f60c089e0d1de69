"""Give rows that came without names the headings that a reader sees in the picture."""

from math import isclose
from typing import Any

from charts.tables.figures import from_figure
from charts.tables.reading import from_data
from charts.tables.sheets import written
from charts.tables.table import Table, names_for


def from_chart(data: Any, figure: Any) -> Table | None:
    """Give the rows behind a picture: those of its data, else those that its figure shows.

    Pairs and arrays have no names for their columns. Where the figure shows the same values, in the same rows, its
    labels name them.

    Args:
        data: what ``get_data()`` returned.
        figure: the matplotlib figure that was drawn from it.
    """
    table = from_data(data)
    if table is None:
        return from_figure(figure)
    columns = list(zip(*table.rows, strict=True))
    if not columns or table.columns != tuple(names_for(columns)):
        return table
    shown = from_figure(figure)
    return Table(shown.columns, table.rows) if shown is not None and _agree(table, shown) else table


def _agree(one: Table, other: Table) -> bool:
    """Say whether two tables have the same values in the same places."""
    if len(one.columns) != len(other.columns) or len(one.rows) != len(other.rows):
        return False
    pairs = zip(one.rows, other.rows, strict=True)
    return all(_same(a, b) for row, shown in pairs for a, b in zip(row, shown, strict=True))


def _same(one: Any, other: Any) -> bool:
    """Say whether two cells mean the same: matplotlib makes floats of most numbers."""
    if written(one) == written(other):
        return True
    try:
        return isclose(one, other)
    except TypeError:
        return False
