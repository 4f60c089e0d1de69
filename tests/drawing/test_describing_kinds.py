"""Alt texts of the rarer kinds of chart, each told apart by how it is drawn."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from charts.drawing.describing import describe

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def axes(title: str = "", **labels: str) -> Axes:
    ax = Figure().subplots()
    ax.set_title(title)
    ax.set(**labels)
    return ax


def assert_describes(ax: Axes, text: str) -> None:
    assert describe(ax.figure) == text


# Bars


def test_bars_that_only_go_up_are_told_as_a_rise() -> None:
    ax = axes(ylabel="Users")
    ax.bar([dt.date(year, 1, 1) for year in range(2010, 2020)], np.arange(10) * 100 + 50, width=300)
    assert_describes(ax, "Bar chart of users by year from 2010 to 2019: rises from 50 to 950.")


def test_bars_of_many_series_are_named_and_ranged() -> None:
    ax = axes(ylabel="Sales")
    for place, name in enumerate(["A", "B", "C", "D", "E"]):
        ax.bar(np.arange(8) + place / 8, np.arange(8) + 10 * place, 0.1, label=name)
    assert_describes(
        ax,
        "Grouped bar chart of sales: A, B, C, D and E; values from 0 to 47; E has the highest, 47; A the lowest, 0.",
    )


def test_stacked_bars_of_many_places_tell_the_total_s_extremes() -> None:
    ax = axes(ylabel="Sales")
    ax.bar(MONTHS, np.arange(12) % 5 + 1, label="Online")
    ax.bar(MONTHS, 3 + np.arange(12) % 4, bottom=np.arange(12) % 5 + 1, label="Shops")
    assert_describes(
        ax,
        "Stacked bar chart of sales by month from January to December. The total: highest 10 in April, lowest 4 in "
        "January. Online 38 % and Shops 62 % of the total.",
    )


def test_bars_drawn_one_by_one_are_one_series() -> None:
    ax = axes(ylabel="Sales")
    for name, value in (("North", 3), ("South", 5), ("East", 4)):
        ax.bar(name, value, label=name)
    assert_describes(ax, "Bar chart of sales: North 3, South 5 and East 4.")


def test_two_single_bars_side_by_side_keep_their_names() -> None:
    ax = axes(ylabel="Sales")
    ax.bar([-0.2], [3], 0.4, label="2023")
    ax.bar([0.2], [4], 0.4, label="2024")
    ax.set_xticks([0], ["All shops"])
    assert_describes(ax, "Grouped bar chart of sales. 2023: All shops 3. 2024: All shops 4.")


def test_grouped_bars_along_dates_stand_at_the_middle_of_their_group() -> None:
    ax = axes(ylabel="Sales")
    days = np.array([np.datetime64(f"2024-{month:02}-01") for month in (1, 2, 3)])
    ax.bar(days - np.timedelta64(5, "D"), [1, 2, 3], 9, label="A")
    ax.bar(days + np.timedelta64(5, "D"), [4, 5, 6], 9, label="B")
    assert_describes(
        ax,
        "Grouped bar chart of sales by month in 2024. A: 1 in January, 2 in February and 3 in March. B: 4 in January, "
        "5 in February and 6 in March.",
    )


def test_many_ranges_tell_their_number_and_extent() -> None:
    ax = axes(ylabel="Price ($)")
    ax.bar(MONTHS, np.full(12, 5), bottom=np.arange(12))
    assert_describes(ax, "Chart of ranges of price by month from January to December: 12 bars, values from $0 to $16.")


def test_error_bars_of_bars_are_said() -> None:
    ax = axes()
    ax.bar(["a", "b"], [3, 4], yerr=0.5)
    assert_describes(ax, "Bar chart, with error bars: a 3 and b 4.")


def test_a_wind_rose_is_told_by_its_directions() -> None:
    ax = Figure().add_subplot(projection="polar")
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ax.bar(angles, [3, 4, 9, 5, 2, 6, 7, 1], width=0.7)
    ax.set_xticks(angles, ["N", "NE", "E", "SE", "S", "SW", "W", "NW"])
    assert_describes(ax, "Polar bar chart: E is highest with 9, NW lowest with 1.")


def test_polar_angles_are_told_in_degrees() -> None:
    ax = Figure().add_subplot(projection="polar")
    angles = np.linspace(0, 2 * np.pi, 100)
    ax.plot(angles, 1 + np.cos(angles))
    assert_describes(
        ax,
        "Polar line chart: falls from 2 at 0 degrees to a low of 0.0005 at 178 degrees and rises to 2 at 356 degrees.",
    )


# Points


def test_strips_of_points_are_told_by_number_and_range() -> None:
    ax = axes(ylabel="Tip ($)")
    for place, day in enumerate(["Thu", "Fri"]):
        ax.scatter([day] * 20, np.linspace(1, 5 + place, 20))
    assert_describes(ax, "Dot plot of tip by day from Thursday to Friday: 40 points from $1 to $6.")


def test_moments_have_no_step() -> None:
    ax = axes(ylabel="Magnitude")
    moments = [dt.datetime(2020, 1, 1) + dt.timedelta(hours=7 * step * step) for step in range(30)]  # noqa: DTZ001
    ax.scatter(moments, 2 + np.arange(30) % 7 / 2)
    assert_describes(ax, "Dot plot of magnitude from 1 January to 2 September 2020: 30 points from 2 to 5.")


def test_many_named_dots_are_counted() -> None:
    ax = axes(ylabel="Tip ($)")
    for place in range(5):
        ax.plot(["a", "b"], [place, place + 1], "o", label=f"Waiter {place}")
    assert_describes(
        ax,
        "Dot plot of tip: 10 points (Waiter 0 2, Waiter 1 2, Waiter 2 2, Waiter 3 2 and Waiter 4 2), horizontally from "
        "a to b and tip from $0 to $5.",
    )


def test_level_strokes_with_a_name_are_a_mark_at_each_place() -> None:
    ax = axes(ylabel="Rain (mm)")
    ax.bar(MONTHS, np.arange(12) + 10, label="2015")
    ax.hlines(np.arange(12) * 2 + 5, np.arange(12) - 0.4, np.arange(12) + 0.4, label="Usual")
    assert_describes(
        ax,
        "Bar chart of rain in mm by month from January to December, with points. 2015 rises from 10 to 21. Usual: 12 "
        "points from 5 in January to 27 in December.",
    )


def test_curves_in_a_collection_are_lines() -> None:
    from matplotlib.collections import LineCollection

    ax = axes()
    ax.add_collection(LineCollection([[(0, 1), (1, 2), (2, 4)]], label="Path"))
    ax.autoscale_view()
    assert_describes(ax, "Line chart of Path: rises from 1 to 4.")


# Fills


def test_an_area_on_the_ground_is_an_area_chart() -> None:
    ax = axes(ylabel="Users")
    ax.fill_between([2001, 2002, 2003, 2004], [1, 3, 5, 8])
    assert_describes(ax, "Area chart of users by year: rises from 1 in 2001 to 8 in 2004.")


def test_a_line_over_its_own_area_is_one_series() -> None:
    ax = axes(ylabel="Users")
    ax.plot([2001, 2002, 2003, 2004], [1, 3, 5, 8])
    ax.fill_between([2001, 2002, 2003, 2004], [1, 3, 5, 8], alpha=0.2)
    assert_describes(ax, "Area chart of users by year: rises from 1 in 2001 to 8 in 2004.")


def test_fills_above_and_below_zero_only_dress_the_line() -> None:
    change = np.sin(np.arange(20) / 3)
    ax = axes(ylabel="Change (%)")
    years = np.arange(2000, 2020)
    ax.fill_between(years, change, 0, where=change > 0, interpolate=True)
    ax.fill_between(years, change, 0, where=change < 0, interpolate=True)
    ax.plot(years, change)
    assert_describes(
        ax,
        "Line chart of change by year: starts at 0 % in 2000 and ends at 0.05 % in 2019, lowest −1 % in 2014, highest "
        "1 % in 2005.",
    )


def test_a_stack_of_many_layers_tells_the_last_shares() -> None:
    ax = axes(ylabel="Energy (TWh)")
    ax.stackplot(np.arange(2000, 2010), [np.full(10, size) for size in (40, 25, 15, 12, 8)], labels=list("abcde"))
    assert_describes(
        ax,
        "Stacked area chart of energy in TWh by year from 2000 to 2009. Shares at the end: a 40 %, b 25 %, c 15 %, d "
        "12 % and 1 more.",
    )


def test_more_bands_than_can_be_told_are_counted() -> None:
    ax = axes()
    for place in range(8):
        ax.fill_between([0, 1, 2], [place + 0.1] * 3, [place + 0.5] * 3, label=f"Band {place}")
    assert describe(ax.figure, limit=2000).endswith("; 2 more.")


# Groups


def test_one_box_tells_its_middle_half() -> None:
    ax = axes(ylabel="Tip ($)")
    ax.boxplot([np.linspace(0, 8, 41)])
    assert_describes(ax, "Box plot of tip: median $4, the middle half from $2 to $6; all values from $0 to $8.")


def test_lying_notched_and_filled_boxes_are_boxes() -> None:
    for options in ({"orientation": "horizontal"}, {"notch": True}, {"patch_artist": True}):
        ax = axes()
        ax.boxplot([np.linspace(0, 8, 41), np.linspace(2, 6, 41)], tick_labels=["a", "b"], **options)
        assert_describes(ax, "Box plot: medians a 4 and b 4; all values from 0 to 8.")


def test_many_boxes_tell_the_highest_and_the_lowest_median() -> None:
    ax = axes(ylabel="Temperature (°C)")
    ax.boxplot([np.linspace(month, month + 10, 11) for month in range(12)], tick_labels=MONTHS)
    assert_describes(
        ax,
        "Box plot of temperature by month: 12 groups, the median is highest in December with 16 °C and lowest in "
        "January with 5 °C; all values from 0 °C to 21 °C.",
    )


def test_a_closed_rectangle_without_a_median_is_no_box() -> None:
    ax = axes(xlabel="x", ylabel="y")
    ax.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0])
    assert_describes(ax, "Line chart of y by x: a path of 5 points, x from 0 to 1 and y from 0 to 1.")


def test_one_band_about_a_constant_is_no_violin() -> None:
    ax = axes()
    width = np.exp(-(np.linspace(-2, 2, 60) ** 2))
    ax.fill_between(np.arange(60), 5 - width, 5 + width, label="Range")
    assert describe(ax.figure).startswith("Band chart")


def test_half_violins_at_named_places_are_violins() -> None:
    ax = axes(ylabel="Time (ms)")
    levels = np.linspace(100, 200, 60)
    width = 0.4 * np.exp(-(((levels - 150) / 20) ** 2))
    ax.fill_betweenx(levels, np.zeros(60), -width)
    ax.fill_betweenx(levels + 20, np.zeros(60), width)
    ax.set_xticks([0], ["Runners"])
    assert_describes(
        ax, "Violin plot of time in ms: medians about Runners 150 and Runners 170; all values from 100 to 220."
    )


# Distributions


def test_shares_in_bins_are_a_histogram() -> None:
    ax = axes(xlabel="Wind (m/s)", ylabel="Share of days (%)")
    ax.stairs([20.5, 50.25, 29.25], [0, 2, 4, 6], label="Seattle", fill=True)
    ax.stairs([20.5, 50.25, 29.25], [0, 2, 4, 6])
    assert_describes(ax, "Histogram of wind in m/s. Seattle: 3 bins from 0 to 6, most often from 2 to 4.")


def test_other_stairs_are_steps() -> None:
    ax = axes(ylabel="Price")
    ax.stairs([1, 5.5, 2], [0, 10, 20, 30])
    assert_describes(ax, "Step chart of price: rises from 1 at 0 to a peak of 5.5 at 10 and falls to 2 at 20.")


AGES = np.repeat([5, 15, 25, 35], [2, 4, 9, 1])


def test_bins_round_whole_numbers_are_a_histogram() -> None:
    ax = axes(xlabel="Age")
    ax.hist(AGES, bins=range(0, 41, 10))
    assert_describes(ax, "Histogram of age: 16 values in 4 bins from 0 to 40, most often from 20 to 30 (9).")


def test_bars_of_width_one_at_whole_numbers_stay_bars() -> None:
    ax = axes(xlabel="Children")
    ax.bar([0, 1, 2, 3], [5, 3, 7, 2], width=1)
    assert describe(ax.figure).startswith("Bar chart by children: 5 at children 0")


def test_bars_with_room_between_them_at_whole_numbers_stay_bars() -> None:
    ax = axes(xlabel="Minute")
    ax.bar([5, 15, 25, 35], [2, 4, 9, 1], width=9)
    assert describe(ax.figure).startswith("Bar chart by minute: 2 at minute 5")


def test_bars_side_by_side_in_bins_are_histograms() -> None:
    ax = axes(xlabel="Age")
    ax.hist([AGES, AGES[:6]], bins=range(0, 41, 10), label=["A", "B"])
    assert_describes(
        ax,
        "Histogram of age. A: 16 values in 4 bins from 0 to 40, most often from 20 to 30 (9). "
        "B: 6 values in 4 bins from 0 to 40, most often from 10 to 20 (4).",
    )


def test_bins_with_room_between_their_bars_are_a_histogram() -> None:
    ax = axes()
    ax.hist([0.1, 0.4, 0.5, 1.3], bins=3, rwidth=0.9)
    assert_describes(ax, "Histogram: 4 values in 3 bins from 0.1 to 1.3, most often from 0.1 to 0.5 (2).")


@pytest.mark.parametrize("places", [np.arange(4), np.arange(4) + 0.2, 5 * np.arange(4), 2003 + 5 * np.arange(4)])
def test_groups_of_bars_at_round_places_stay_groups(places: np.ndarray) -> None:
    ax, width = axes(), 0.4 * (places[1] - places[0])
    ax.bar(places - width / 2, [1, 2, 3, 4], width)
    ax.bar(places + width / 2, [1, 2, 3, 4], width)
    assert describe(ax.figure).startswith("Grouped bar chart")


def test_stacked_histograms_are_told_one_by_one() -> None:
    ax = axes(xlabel="Wind (m/s)")
    values = [np.repeat([0.5, 1.5, 2.5], counts) for counts in ([10, 30, 20], [5, 6, 7])]
    ax.hist(values, bins=3, range=(0, 3), stacked=True, label=["a", "b"])
    text = describe(ax.figure)
    assert "A: 60 values in 3 bins from 0 to 3, most often from 1 to 2 (30)." in text
    assert "B: 18 values in 3 bins from 0 to 3, most often from 2 to 3 (7)." in text


def test_a_curve_over_a_histogram_is_named_with_it() -> None:
    ax = axes(xlabel="Wind (m/s)", ylabel="Density")
    ax.hist(np.repeat([0.5, 1.5, 2.5], [10, 30, 20]), bins=3, range=(0, 3), density=True)
    places = np.linspace(-1, 4, 50)
    ax.plot(places, np.exp(-((places - 1.5) ** 2)) / 2)
    assert_describes(
        ax,
        "Histogram of wind in m/s, with a density curve: 3 bins from 0 to 3, most often from 1 to 2.",
    )


def test_a_density_alone_tells_its_peak() -> None:
    ax = axes(xlabel="Wind (m/s)", ylabel="Density")
    places = np.linspace(-1, 4, 51)
    ax.plot(places, np.exp(-((places - 1.5) ** 2)), label="Seattle")
    assert_describes(ax, "Density curve of wind in m/s. Seattle: most often around 1.5.")


# Told by colour


def test_hexagons_and_contours_tell_their_values() -> None:
    ax = axes("Clicks")
    x = np.repeat([1.0, 2.0, 3.0], [5, 1, 1])
    ax.hexbin(x, x, gridsize=5)
    assert_describes(ax, "Clicks. Hexagonal heatmap: values from 0 to 5.")
    ax = axes("Field", xlabel="Width (m)", ylabel="Depth (m)")
    lines = ax.contourf(np.arange(20.0).reshape(4, 5))
    ax.figure.colorbar(lines, label="Pressure (hPa)")
    assert_describes(ax, "Field. Contour plot of pressure in hPa by width in m and depth in m: values from 0 to 19.")


def test_tiles_whose_values_are_unknown_tell_rows_and_columns() -> None:
    ax = axes(xlabel="Day", ylabel="Hour")
    corners = [(x, y) for x in (0.5, 1.5, 2.5) for y in (0.5, 1.5)]
    tiles = [[(x, y), (x, y + 1), (x + 1, y + 1), (x + 1, y)] for x, y in corners]
    ax.add_collection(PolyCollection(tiles, facecolors=["C0", "C1"] * 3))
    ax.autoscale_view()
    assert_describes(ax, "Heatmap by day and hour: 2 rows and 3 columns.")


def test_the_highest_cell_is_placed_by_numbers_with_a_label() -> None:
    ax = axes(xlabel="Hour", ylabel="Week")
    cells = np.zeros((5, 24))
    cells[3, 14] = 9
    ax.imshow(cells)
    assert_describes(
        ax, "Heatmap by hour and week: 5 rows and 24 columns, values from 0 to 9, highest at week 3 at hour 14."
    )


def flow(ax: Axes, **options: object) -> object:
    places = np.linspace(-2.0, 2.0, 9)
    return ax.streamplot(places, places, *np.meshgrid(-places, places), **options)


@pytest.mark.parametrize("options", [{}, {"linewidth": np.ones((9, 9))}, {"color": np.ones((9, 9))}])
def test_streamlines_are_one_flow_over_its_ground(options: dict[str, object]) -> None:
    ax = axes()
    flow(ax, **options)
    assert_describes(ax, "Stream plot: horizontally from −2 to 2 and vertically from −2 to 2.")


def test_the_colours_of_streamlines_are_told_where_a_colorbar_says_what_they_mean() -> None:
    ax = axes("Flow", xlabel="East", ylabel="North")
    streams = flow(ax, color=np.arange(81.0).reshape(9, 9))
    ax.figure.colorbar(streams.lines, label="Speed (m/s)")  # type: ignore[attr-defined]
    assert describe(ax.figure).startswith(
        "Flow. Stream plot: east from −2 to 2 and north from −2 to 2; coloured by speed in m/s from "
    )


def test_streamlines_beside_a_line_are_named() -> None:
    ax = axes()
    flow(ax)
    ax.plot([0, 1, 2], [0, 1, 3], label="Ship")
    assert_describes(ax, "Line chart of Ship, with streamlines: rises from 0 to 3.")


@pytest.mark.parametrize(
    "ends", [{"posA": (5, 5), "posB": (6, 6)}, {"path": Path([(0, 0), (1, 1), (2, 3)], [1, 3, 3])}]
)
def test_lines_and_arrows_that_do_not_touch_are_no_flow(ends: dict[str, Any]) -> None:
    ax = axes()
    ax.add_collection(LineCollection([[(0, 0), (1, 1), (2, 3)]]))
    ax.add_patch(FancyArrowPatch(**ends))
    assert_describes(ax, "Line chart: rises from 0 to 3.")


def test_points_with_error_bars_are_told_with_them() -> None:
    ax = axes("Trial")
    ax.errorbar([1, 2, 3, 4], [2, 3, 5, 4], yerr=[0.2, 0.5, 0.3, 0.4], fmt="o")
    assert_describes(
        ax,
        "Trial. Scatter plot, with error bars: 4 points, horizontally from 1 to 4 and vertically from 2 to 5.",
    )


def test_cells_that_are_empty_are_counted() -> None:
    ax = axes()
    ax.imshow([[1.0, np.nan], [3.0, 4.0]])
    assert_describes(ax, "Heatmap: 2 rows and 2 columns, 1 empty, values from 1 to 4.")


def test_arrows_events_and_surfaces_are_named_at_least() -> None:
    ax = axes("Wind field")
    ax.quiver([1, 2], [1, 2], [1, 1], [1, 0])
    assert_describes(ax, "Wind field. Arrow plot.")
    ax = axes("Spikes")
    ax.eventplot([[1, 2, 3], [2, 4]])
    assert_describes(ax, "Spikes. Event plot.")
    ax = Figure().add_subplot(projection="3d")
    across, up = np.meshgrid(np.arange(5.0), np.arange(5.0))
    ax.plot_surface(across, up, across * up)
    assert_describes(ax, "3-D surface plot: x from 0 to 4, y from 0 to 4 and z from 0 to 16.")


# Panels


def panels(count: int, kind: str, **labels: str) -> Figure:
    figure = Figure()
    for place, ax in enumerate(np.ravel(figure.subplots(1, count))):
        getattr(ax, kind)(np.arange(12) % 5, np.arange(12) % 7 + place)
        ax.set(title=f"Site {place + 1}", **labels)
    return figure


def test_a_few_scatters_get_a_sentence_each() -> None:
    assert describe(panels(2, "scatter", xlabel="Width", ylabel="Height")) == (
        "2 panels, each a scatter plot of height against width. Site 1: 12 points, width from 0 to 4 and height from 0 "
        "to 6. Site 2: 12 points, width from 0 to 4 and height from 1 to 7."
    )


def test_many_scatters_are_only_named() -> None:
    assert describe(panels(5, "scatter")) == (
        "5 panels, each a scatter plot: Site 1, Site 2, Site 3, Site 4 and Site 5."
    )


def test_many_panels_of_bars_share_one_range() -> None:
    figure = Figure()
    for place, ax in enumerate(figure.subplots(1, 5)):
        ax.bar(["a", "b"], [place, place + 1], label="x")
        ax.set(title=f"Site {place + 1}", ylabel="Sales")
    assert describe(figure) == (
        "5 panels, each a bar chart of sales: Site 1, Site 2, Site 3, Site 4 and Site 5, values from 0 to 5."
    )


def test_panels_without_titles_are_named_by_what_they_measure() -> None:
    figure = Figure()
    for ax, name in zip(figure.subplots(2), ("Rain", "Wind"), strict=True):
        ax.plot([2001, 2002], [1, 2])
        ax.set_ylabel(name)
    assert describe(figure) == (
        "2 panels, each a line chart by year from 2001 to 2002: Rain rises from 1 to 2; Wind rises from 1 to 2."
    )


def test_panels_of_several_measures_say_their_units() -> None:
    figure = Figure()
    for ax, label in zip(figure.subplots(2), ("Rain (mm)", "Wind (m/s)"), strict=True):
        ax.plot([2001, 2002], [1, 2])
        ax.set_ylabel(label)
    assert describe(figure) == (
        "2 panels, each a line chart by year from 2001 to 2002: Rain in mm rises from 1 to 2; Wind in m/s rises from 1 "
        "to 2."
    )


def test_many_panels_of_several_measures_share_no_range() -> None:
    figure = Figure()
    for place, ax in enumerate(figure.subplots(5)):
        ax.plot([2001, 2002], [1, 2])
        ax.set_ylabel(f"Measure {place} (mm)")
    assert describe(figure) == (
        "5 panels, each a line chart by year from 2001 to 2002: Measure 0 in mm, Measure 1 in mm, Measure 2 in mm, "
        "Measure 3 in mm and Measure 4 in mm."
    )


def test_many_different_panels_are_only_named() -> None:
    figure = Figure()
    for place, ax in enumerate(figure.subplots(1, 5)):
        (ax.bar if place % 2 else ax.plot)([1, 2, 3], [1, 2, 4])
        ax.set_title(f"Panel of {place}")
    assert describe(figure) == "5 panels: Panel of 0, Panel of 1, Panel of 2, Panel of 3 and Panel of 4."


@pytest.mark.parametrize(("twin", "left", "right"), [("twinx", "left", "right"), ("twiny", "bottom", "top")])
def test_twins_are_one_panel_with_two_sides(twin: str, left: str, right: str) -> None:
    ax = axes()
    ax.plot([1, 2, 3], label="One")
    getattr(ax, twin)().plot([3, 2, 1], label="Two")
    text = describe(ax.figure)
    assert f"One ({left} axis) rises from 1 to 3" in text
    assert f"Two ({right} axis) falls from 3 to 1" in text


def test_a_twin_without_marks_is_no_side() -> None:
    ax = axes(ylabel="Temperature (°C)")
    ax.plot([2001, 2002], [1, 2])
    ax.twinx().set_ylabel("Temperature (°F)")
    assert_describes(ax, "Line chart of temperature by year: rises from 1 °C in 2001 to 2 °C in 2002.")


# Tables


def test_a_table_is_told_by_its_size_and_headings() -> None:
    ax = axes("Most visited")
    ax.axis("off")
    ax.table([["Paris", "3.2"], ["Rome", "2.9"]], colLabels=["City", "Visits"], rowLabels=["1st", "2nd"])
    assert_describes(ax, "Most visited. Table with 2 rows and 2 columns: City and Visits.")


def test_a_table_without_headings_has_only_a_size() -> None:
    ax = axes()
    ax.table([["Paris"]])
    assert_describes(ax, "Table with 1 row and 1 column.")


def test_a_table_below_a_chart_is_only_named() -> None:
    ax = axes(ylabel="Sales")
    ax.plot(MONTHS[:3], [1, 2, 4])
    ax.table([["1", "2", "4"]], colLabels=MONTHS[:3])
    assert_describes(ax, "Line chart of sales by month, with a table: rises from 1 in January to 4 in March.")
