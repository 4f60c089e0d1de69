"""The numbers come back out of a drawn figure, under the names a reader sees in it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from charts.tables import Table, from_figure, to_csv

DAYS = [date(2024, month, 1) for month in (1, 2, 3)]
FRAME = pd.DataFrame({"v": [1.0, 2, 3], "w": [3.0, 4, 5]}, index=pd.date_range("2024-01-01", periods=3, freq="MS"))
LONG = pd.DataFrame({"x": [1, 2, 1, 2], "y": [1, 2, 3, 4], "g": list("aabb")})

Draw = Callable[[Any], object]


def _read(draw: Draw, **options: Any) -> Table | None:
    """Read a figure before and after it was laid out and drawn: there must be no difference."""
    figure = Figure()
    draw(figure.subplots(**options))
    table = from_figure(figure)
    figure.canvas.draw()
    assert from_figure(figure) == table
    assert table is None or to_csv(table) == to_csv(table)
    return table


def _table(draw: Draw, **options: Any) -> Table:
    table = _read(draw, **options)
    assert table is not None
    return table


# Lines.


def test_series_share_rows_by_their_x() -> None:
    def draw(ax: Any) -> None:
        ax.plot(DAYS, [1, 2, 3], label="A")
        ax.plot(DAYS[1:], [5.5, 6], label="B")
        ax.set(xlabel="month", ylabel="EUR")

    rows = ((DAYS[0], 1, None), (DAYS[1], 2, 5.5), (DAYS[2], 3, 6.0))
    assert _table(draw) == Table(("month", "A", "B"), rows)


def test_values_stay_as_they_were_given() -> None:
    moment = datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert _table(lambda ax: ax.plot([moment], [Decimal("0.1")])).rows == ((moment, Decimal("0.1")),)


def test_a_lone_series_is_called_by_its_axis() -> None:
    assert _table(lambda ax: (ax.plot([1, 2], [3, 4]), ax.set_ylabel("EUR"))).columns == ("x", "EUR")
    assert _table(lambda ax: (ax.plot([1, 2], label="EUR"), ax.set_title("Sales"))).columns == ("x", "EUR")
    assert _table(lambda ax: ax.plot([3, 4])) == Table(("x", "y"), ((0, 3), (1, 4)))


def test_dates_come_back_from_numbers() -> None:
    def draw(ax: Any) -> None:
        ax.xaxis_date()
        ax.plot([date2num(day) for day in DAYS], [1, 2, 3])

    assert _table(draw) == Table(("date", "value"), tuple(zip(DAYS, (1, 2, 3), strict=True)))


def test_rows_come_in_the_order_of_x_unless_the_line_goes_back() -> None:
    def there(ax: Any) -> None:
        ax.plot([1, 3], [1, 3], label="a")
        ax.plot([2, 4], [2, 4], label="b")

    def back(ax: Any) -> None:
        ax.plot([3, 1, 2], [3, 1, 2])

    assert [row[0] for row in _table(there).rows] == [1, 2, 3, 4]
    assert [row[0] for row in _table(back).rows] == [3, 1, 2]


def test_a_line_that_comes_back_keeps_all_its_points() -> None:
    assert _table(lambda ax: ax.plot([1, 2, 1], [1, 2, 3])).rows == ((1, 1), (2, 2), (1, 3))


def test_reference_lines_and_empty_lines_are_no_series() -> None:
    def draw(ax: Any) -> None:
        ax.plot([1, 2], [3, 4], label="a")
        ax.plot([], [], label="empty")
        ax.plot([1, 2], [np.nan, np.nan], label="missing")
        ax.axhline(3, label="limit")
        ax.axvline(1)
        ax.axline((0, 0), slope=1)

    assert _table(draw) == Table(("x", "a"), ((1, 3), (2, 4)))


def test_two_y_axes_are_one_table() -> None:
    def draw(ax: Any) -> None:
        ax.plot(DAYS, [1, 2, 3], label="left")
        ax.twinx().plot(DAYS, [9, 8, 7], label="right")

    assert _table(draw).columns == ("date", "left", "right")
    assert _table(draw).rows[0] == (DAYS[0], 1, 9)


def test_the_title_over_two_y_axes_is_no_series_name() -> None:
    def twins(ax: Any) -> None:
        ax.set_title("both")
        ax.plot(DAYS, [1, 2, 3], label="a")
        ax.twinx().plot(DAYS, [9, 8, 7], label="b")

    def second(ax: Any) -> None:
        FRAME.plot(ax=ax, secondary_y="w", title="both")

    assert _table(twins).columns == ("date", "a", "b")
    assert _table(second).columns[1:] == ("v", "w")


def test_the_title_of_each_panel_names_what_is_on_both_of_its_y_axes() -> None:
    figure = Figure()
    for ax, title in zip(figure.subplots(1, 2), ("left", "right"), strict=True):
        ax.set_title(title)
        ax.plot([1, 2], [1, 2], label="a")
        ax.twinx().plot([1, 2], [3, 4], label="b")
    table = from_figure(figure)
    assert table is not None
    assert table.columns == ("x", "left: a", "left: b", "right: a", "right: b")


def test_a_drawn_table_is_read_as_it_is_written() -> None:
    cells = [["Paris", "3.2"], ["Rome", "2.9"]]

    def labelled(ax: Any) -> None:
        ax.table(cells, colLabels=["City", "Visits"], rowLabels=["1st", "2nd"])

    assert _table(labelled) == Table(("label 1", "City", "Visits"), (("1st", "Paris", "3.2"), ("2nd", "Rome", "2.9")))
    assert _table(lambda ax: ax.table(cells)) == Table(("label 1", "label 2"), tuple(map(tuple, cells)))


def test_a_table_below_a_chart_only_repeats_it() -> None:
    table = _table(lambda ax: (ax.plot([1, 2], [3, 4]), ax.table([["3", "4"]], colLabels=["1", "2"])))
    assert table == Table(("x", "y"), ((1, 3), (2, 4)))


def test_steps_stems_and_error_bars_are_their_points() -> None:
    assert _table(lambda ax: ax.step([1, 2], [3, 4])).rows == ((1, 3), (2, 4))
    assert _table(lambda ax: ax.stem([1, 2], [3, 4])).rows == ((1, 3), (2, 4))
    errors = _table(lambda ax: ax.errorbar([1, 2], [3, 4], [1, 1], capsize=3, label="e"))
    assert errors == Table(("x", "e"), ((1, 3), (2, 4)))


def test_errors_without_a_line_are_no_data() -> None:
    assert _read(lambda ax: ax.errorbar([1, 2], [3, 4], [1, 1], fmt="none", capsize=3)) is None


# Bars.


def test_bars_belong_to_their_categories() -> None:
    assert _table(lambda ax: (ax.bar(["a", "b"], [1, 2]), ax.set_ylabel("n"))) == Table(
        ("label", "n"), (("a", 1), ("b", 2))
    )
    lying = _table(lambda ax: (ax.barh(["a", "b"], [1, 2]), ax.set_xlabel("n")))
    assert lying == Table(("label", "n"), (("a", 1), ("b", 2)))


def test_bars_beside_and_above_each_other_belong_to_one_category() -> None:
    def beside(ax: Any) -> None:
        places = np.arange(2)
        ax.bar(places - 0.2, [1, 2], 0.4, label="m")
        ax.bar(places + 0.2, [4, 5], 0.4, label="w")
        ax.set_xticks(places, ["p", "q"])

    def above(ax: Any) -> None:
        ax.bar(["p", "q"], [1, 2], label="m")
        ax.bar(["p", "q"], [4, 5], bottom=[1, 2], label="w")

    def far_beside(ax: Any) -> None:
        places = np.array([0, 50])
        ax.bar(places - 10, [1, 2], 20, label="m")
        ax.bar(places + 10, [4, 5], 20, label="w")
        ax.set_xticks(places, ["p", "q"])

    assert (
        _table(beside) == _table(far_beside) == _table(above) == Table(("label", "m", "w"), (("p", 1, 4), ("q", 2, 5)))
    )


def test_bars_on_dates_and_years_keep_them() -> None:
    assert _table(lambda ax: ax.bar(DAYS, [1, 2, 3], width=20)).rows == tuple(zip(DAYS, (1, 2, 3), strict=True))
    assert _table(lambda ax: ax.bar([2023, 2024], [1, 2], width=1)).rows == ((2023, 1), (2024, 2))


def test_bars_that_begin_at_their_place_keep_it() -> None:
    table = _table(lambda ax: ax.bar(DAYS[:2], [1, 2], width=25, align="edge"))
    assert table.rows == ((DAYS[0], 1), (DAYS[1], 2))


def test_bars_in_another_zone_keep_their_hour() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert _table(lambda ax: ax.bar([noon], [1])).rows == ((noon, 1),)


def test_a_histogram_has_the_edges_of_its_bins() -> None:
    table = _table(lambda ax: (ax.hist([0.5, 1.5, 1.5, 2.5], bins=[0, 1, 2, 3]), ax.set_xlabel("wind")))
    assert table == Table(("wind from", "wind to", "count"), ((0, 1, 1), (1, 2, 2), (2, 3, 1)))
    assert _table(lambda ax: ax.stairs([1, 2], [0, 1, 2])) == Table(("from", "to", "count"), ((0, 1, 1), (1, 2, 2)))


def test_bins_round_whole_numbers_and_side_by_side_have_their_edges() -> None:
    bins = range(0, 31, 10)
    alone = _table(lambda ax: ax.hist([5, 15, 15, 25], bins=bins))
    assert alone == Table(("from", "to", "count"), ((0, 10, 1), (10, 20, 2), (20, 30, 1)))
    beside = _table(lambda ax: ax.hist([[5, 15, 15, 25], [1, 2]], bins=bins, label=["A", "B"]))
    assert beside == Table(("from", "to", "A", "B"), ((0, 10, 1, 2), (10, 20, 2, 0), (20, 30, 1, 0)))


def test_edges_of_bins_have_no_noise() -> None:
    table = _table(lambda ax: ax.hist([0, 99, 50, 20], bins=10))
    assert [row[0] for row in table.rows[:4]] == [0, 9.9, 19.8, 29.7]


def test_bars_of_weeks_that_touch_keep_their_days() -> None:
    weeks = [DAYS[0] + timedelta(days=7 * week) for week in range(3)]
    assert _table(lambda ax: ax.bar(weeks, [1, 2, 3], width=7)).rows == tuple(zip(weeks, (1, 2, 3), strict=True))


def test_numbers_that_were_set_as_ticks_stay_numbers() -> None:
    assert _table(lambda ax: (ax.bar([10, 20], [1, 2]), ax.set_xticks([10, 20]))).rows == ((10, 1), (20, 2))
    assert _table(lambda ax: (ax.plot([10, 20], [1, 2]), ax.set_xticks([10, 20], ["10", "20"]))).rows == (
        (10, 1),
        (20, 2),
    )


def test_labels_that_say_other_numbers_are_taken() -> None:
    slope = _table(lambda ax: (ax.plot([0, 1], [5, 7]), ax.set_xticks([0, 1], ["2010", "2020"])))
    assert slope.rows == (("2010", 5), ("2020", 7))


def test_a_few_labelled_ticks_do_not_name_many_points() -> None:
    table = _table(lambda ax: (ax.plot([0, 1, 2, 3], [1, 2, 3, 4]), ax.set_xticks([0, 3], ["start", "end"])))
    assert [row[0] for row in table.rows] == [0, 1, 2, 3]


@pytest.mark.parametrize(("x", "ticks"), [([0, 1, 2], [0, 50, 100]), ([0, 3], [0, 1, 5])])
def test_points_between_labelled_ticks_stay_numbers(x: list[int], ticks: list[int]) -> None:
    table = _table(lambda ax: (ax.plot(x, x), ax.set_xticks(ticks, ["few", "some", "many"])))
    assert [row[0] for row in table.rows] == x


# Points, areas, pies, heatmaps.


def test_points_are_rows_and_their_colours_a_column() -> None:
    def draw(ax: Any) -> None:
        points = ax.scatter([1, 2, 2], [3, 4, 5], c=[0.1, 0.2, 0.3])
        ax.figure.colorbar(points, label="heat")

    assert _table(draw) == Table(("x", "y", "heat"), ((1, 3, 0.1), (2, 4, 0.2), (2, 5, 0.3)))


def test_points_on_dates_and_categories_have_them() -> None:
    assert _table(lambda ax: ax.scatter(DAYS, ["low", "high", "low"])).rows == (
        (DAYS[0], "low"),
        (DAYS[1], "high"),
        (DAYS[2], "low"),
    )


def test_a_band_has_two_edges() -> None:
    table = _table(lambda ax: ax.fill_between(DAYS, [1, 2, 3], [4, 5, 6.5], label="range"))
    assert table.columns == ("date", "range low", "range high")
    assert table.rows[2] == (DAYS[2], 3, 6.5)


def test_a_band_with_gaps_has_its_points() -> None:
    def draw(ax: Any) -> None:
        ax.fill_between([0, 1, 2, 3, 4, 5], [1] * 6, [2, 3, 4, 5, 6, 7], where=[1, 1, 0, 0, 1, 1])

    assert _table(draw).rows == ((0, 1, 2), (1, 1, 3), (4, 1, 6), (5, 1, 7))


def test_a_shade_under_a_line_is_no_series() -> None:
    def draw(ax: Any) -> None:
        ax.plot(DAYS, [1, 2, 3], label="v")
        ax.fill_between(DAYS, [1, 2, 3], alpha=0.2)

    assert _table(draw).columns == ("date", "v")


def test_a_band_around_a_line_shares_its_rows() -> None:
    def draw(ax: Any) -> None:
        ax.plot(DAYS, [2, 3, 4], label="mean")
        ax.fill_between(DAYS, [1, 2, 3], [3, 4, 5], alpha=0.2)

    assert _table(draw) == Table(
        ("date", "mean", "low", "high"), ((DAYS[0], 2, 1, 3), (DAYS[1], 3, 2, 4), (DAYS[2], 4, 3, 5))
    )


def test_stacked_areas_are_their_heights() -> None:
    table = _table(lambda ax: ax.stackplot(DAYS, [[1, 2, 3], [0.1, 0.2, 0.3]], labels=["coal", "gas"]))
    assert table == Table(("date", "coal", "gas"), ((DAYS[0], 1, 0.1), (DAYS[1], 2, 0.2), (DAYS[2], 3, 0.3)))


def test_a_pie_is_shares_of_a_whole() -> None:
    table = _table(lambda ax: ax.pie([1, 2, 1], labels=["a", "b", "c"], wedgeprops={"width": 0.3}))
    assert table == Table(("label", "share"), (("a", 0.25), ("b", 0.5), ("c", 0.25)))


def test_a_pie_is_named_by_its_legend() -> None:
    def draw(ax: Any) -> None:
        wedges, *_ = ax.pie([1, 3])
        ax.legend(wedges, ["one", "three"])

    assert _table(draw).rows == (("one", 0.25), ("three", 0.75))


def test_a_heatmap_is_a_row_for_each_cell_that_has_a_value() -> None:
    def image(ax: Any) -> None:
        shown = ax.imshow([[1, 2], [3, np.nan]])
        ax.set_xticks([0, 1], ["p", "q"])
        ax.figure.colorbar(shown, label="deg")

    def mesh(ax: Any) -> None:
        shown = ax.pcolormesh([[1.0, 2.0], [3.0, np.nan]])
        ax.set_xticks([0.5, 1.5], ["p", "q"])
        ax.figure.colorbar(shown, label="deg")

    expected = Table(("row", "column", "deg"), ((0, "p", 1), (0, "q", 2), (1, "p", 3)))
    assert _table(image) == _table(mesh) == expected


def test_a_heatmap_on_dates_has_them() -> None:
    def draw(ax: Any) -> None:
        edges = [*DAYS, date(2024, 4, 1)]
        ax.pcolormesh(edges, [0, 1], [[1.0, 2.0, 3.0]])
        ax.set(xlabel="day", ylabel="hour")

    assert _table(draw).columns == ("hour", "day", "value")
    assert len(_table(draw).rows) == 3


@pytest.mark.parametrize("size", [(200, 200), (3, 3, 3), (3, 3, 4)])
def test_photographs_and_huge_heatmaps_are_no_tables(size: tuple[int, ...]) -> None:
    assert _read(lambda ax: ax.imshow(np.zeros(size))) is None


# Several panels.


def test_panels_with_one_x_are_one_table() -> None:
    def draw(panels: Any) -> None:
        for ax, title in zip(panels, ("North", "South"), strict=True):
            ax.plot(DAYS, [1, 2, 3])
            ax.set_title(title, loc="left")
        panels[1].set_xlabel("month")

    assert _table(draw, nrows=2, sharex=True).columns == ("month", "North", "South")


def test_panels_with_different_x_have_columns_of_their_own() -> None:
    def draw(panels: Any) -> None:
        panels[0].plot([1, 2], [3, 4])
        panels[1].bar(["a"], [5])

    expected = ((1, 3, None, None), (2, 4, None, None), (None, None, "a", 5))
    assert _table(draw, nrows=2) == Table(("x", "y", "label", "value"), expected)


def test_headings_that_are_the_same_are_numbered() -> None:
    assert _table(lambda ax: (ax.plot([1, 2]), ax.plot([3, 4]))).columns == ("x", "y 1", "y 2")


def test_hidden_panels_do_not_count() -> None:
    def draw(panels: Any) -> None:
        panels[0].plot([1, 2], label="a")
        panels[1].plot([3, 4], label="b")
        panels[1].set_visible(False)

    assert _table(draw, nrows=2).columns == ("x", "a")


# What other libraries draw.


def test_pandas_lines_bars_and_areas_have_their_periods() -> None:
    expected = Table(("label", "v", "w"), (("2024-01", 1, 3), ("2024-02", 2, 4), ("2024-03", 3, 5)))
    assert _table(lambda ax: FRAME.plot(ax=ax)) == expected
    assert _table(lambda ax: FRAME.plot.bar(ax=ax)) == expected
    assert _table(lambda ax: FRAME.plot.area(ax=ax)) == expected


def test_seaborn_names_come_from_its_legend() -> None:
    expected = (("x", "a", "b"), ((1, 1, 3), (2, 2, 4)))
    assert _table(lambda ax: sns.lineplot(data=LONG, x="x", y="y", hue="g", ax=ax)) == Table(*expected)
    bars = _table(lambda ax: sns.barplot(data=LONG.assign(x=list("pqpq")), x="x", y="y", hue="g", ax=ax, errorbar=None))
    assert bars == Table(("x", "a", "b"), (("p", 1, 3), ("q", 2, 4)))


def test_seaborn_heatmaps_and_histograms_are_read() -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], index=["r", "s"], columns=["c", "d"])
    heat = _table(lambda ax: sns.heatmap(frame, ax=ax))
    assert heat.rows == (("r", "c", 1), ("r", "d", 2), ("s", "c", 3), ("s", "d", 4))
    assert _table(lambda ax: sns.histplot([1, 1, 2], bins=2, ax=ax)).rows == ((1, 1.5, 2), (1.5, 2, 1))


def test_plotnine_lines_are_read() -> None:
    from plotnine import aes, geom_line, ggplot

    figure = (ggplot(LONG, aes("x", "y", group="g")) + geom_line()).draw()
    assert from_figure(figure) == Table(("x", "y 1", "y 2"), ((1, 1, 3), (2, 2, 4)))


# What cannot be read.


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: None,
        lambda ax: ax.text(0.5, 0.5, "text"),
        lambda ax: ax.axhline(1),
        lambda ax: ax.boxplot([[1, 2, 3], [2, 3, 4]]),
        lambda ax: ax.violinplot([[1, 2, 3], [2, 3, 4]]),
        lambda ax: ax.contourf([[1, 2], [3, 4]]),
        lambda ax: ax.tripcolor([0, 1, 0], [0, 0, 1], [1, 2, 3]),
        lambda ax: ax.hexbin(*np.random.default_rng(1).random((2, 50))),
        lambda ax: ax.plot([], []),
    ],
)
def test_what_shows_no_data_is_no_table(draw: Draw) -> None:
    assert _read(draw) is None


def test_three_dimensions_are_no_table() -> None:
    assert _read(lambda ax: ax.plot([0, 1], [1, 2], [1, 2]), subplot_kw={"projection": "3d"}) is None


def test_polar_lines_are_read() -> None:
    assert _table(lambda ax: ax.plot([0, 1], [1, 2]), subplot_kw={"projection": "polar"}).rows == ((0, 1), (1, 2))


def test_a_long_line_is_read_whole() -> None:
    values = np.random.default_rng(1).normal(size=20_000)
    table = _table(lambda ax: ax.plot(values))
    assert [row[1] for row in table.rows] == values.tolist()
