"""Alt texts of odd figures: missing data, hostile texts, decoration, other libraries, every random one."""

import datetime as dt
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charts.drawing.describing import describe
from charts.drawing.describing.trends import trend_of
from tests.drawing import gallery

HOOKS = [
    hook for hook in vars(gallery).values() if callable(hook) and getattr(hook, "__module__", "") == gallery.__name__
]


def axes(title: str = "", **labels: str) -> Axes:
    ax = Figure().subplots()
    ax.set_title(title)
    ax.set(**labels)
    return ax


def text_of(ax: Axes) -> str:
    return describe(ax.figure)


# Nothing, missing, single, constant, huge


def test_a_figure_without_anything_is_a_chart() -> None:
    assert describe(Figure()) == "Empty chart: nothing is drawn."


def test_axes_without_marks_are_a_chart_with_a_title() -> None:
    assert text_of(axes("Sales")) == "Sales. Chart."


def test_all_missing_values_are_no_data() -> None:
    ax = axes("Sales", ylabel="Sales")
    ax.plot([1, 2, 3], [np.nan] * 3)
    assert text_of(ax) == "Sales. Line chart of sales: no data."


def test_bars_without_values_are_no_data() -> None:
    ax = axes("Sales")
    ax.bar(["a", "b"], [np.nan, np.nan])
    assert text_of(ax) == "Sales. Bar chart: no data."


def test_a_point_missing_between_others_is_a_gap() -> None:
    ax = axes()
    ax.plot([1, 2, 3, 4], np.ma.masked_equal([1, 99, 3, 4], 99))
    assert text_of(ax) == "Line chart: rises from 1 to 4, with gaps."


def test_infinite_values_are_missing_ones() -> None:
    ax = axes()
    ax.plot([1, 2, 3, 4], [1, 2, np.inf, -np.inf])
    assert text_of(ax) == "Line chart: rises from 1 to 2."


def test_a_single_point_is_told_with_its_place() -> None:
    ax = axes(ylabel="Temperature (°C)")
    ax.plot([dt.date(2014, 3, 3)], [5], "o")
    assert text_of(ax) == "Dot plot of temperature: 5 °C on 3 March 2014."


def test_a_constant_series_stays() -> None:
    ax = axes()
    ax.plot([1, 2, 3], [5, 5, 5], label="Voltage")
    assert text_of(ax) == "Line chart of Voltage: stays at 5."


def test_equal_bars_are_told_once() -> None:
    ax = axes()
    ax.bar(["a", "b", "c", "d"], [20] * 4)
    assert text_of(ax) == "Bar chart: all 4 at 20."


def test_many_lowest_bars_are_counted() -> None:
    ax = axes()
    ax.bar([dt.date(2015, 1, 1) + dt.timedelta(days=day) for day in range(30)], [0, 5, 0, 0, 0, 9] * 5)
    ax.patches[5].set_height(12)
    assert text_of(ax) == (
        "Bar chart by day from 1 January to 30 January 2015: 6 January is highest with 12, 20 bars lowest with 0."
    )


def test_counting_is_no_place() -> None:
    ax = axes()
    ax.plot([1, 4, 2, 9, 3])
    assert text_of(ax) == "Line chart: starts at 1 and ends at 3, highest 9."


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([0, 1, 2], "100, 300 and 200"),
        ([1, 2, 3], "100 at 1, 300 at 2 and 200 at 3"),
        ([0, 1, 3], "100 at 0, 300 at 1 and 200 at 3"),
        ([6], "100 at 6"),
        ([1], "100 at 1"),
        ([0], "100"),
        ([dt.date(2024, 6, 1)], "100 on 1 June 2024"),
    ],
)
@pytest.mark.parametrize("kind", ["bar", "barh"])
def test_bars_are_told_with_their_places_unless_they_only_follow_each_other(
    kind: str, places: list[float | dt.date], told: str
) -> None:
    ax = axes()
    getattr(ax, kind)(places, [100, 300, 200][: len(places)])
    assert text_of(ax) == f"{'Bar' if kind == 'bar' else 'Horizontal bar'} chart: {told}."


def test_bars_side_by_side_only_follow_each_other_too() -> None:
    ax = axes()
    ax.bar([0, 1, 2], [1, 2, 3], 0.4, label="a")
    ax.bar([0.4, 1.4, 2.4], [3, 1, 2], 0.4, label="b")
    assert text_of(ax) == "Grouped bar chart. A: 1, 2 and 3. B: 3, 1 and 2."


def test_what_goes_back_and_forth_is_a_path() -> None:
    ax = axes(xlabel="Unemployment (%)", ylabel="Inflation (%)")
    ax.plot([4, 6, 5, 7, 4.5], [2, 1, 3, 2.5, 2])
    assert text_of(ax) == (
        "Line chart of inflation by unemployment: a path of 5 points, unemployment from 4 % to 7 % and inflation from "
        "1 % to 3 %."
    )


# Names


def test_lines_are_named_by_the_legend_s_colours() -> None:
    ax = axes()
    ax.plot([1, 2])
    ax.plot([2, 1])
    ax.legend(["First", "Second"])
    assert text_of(ax) == "Line chart: First rises from 1 to 2; Second falls from 2 to 1."


def test_lines_are_named_by_what_is_written_at_their_ends() -> None:
    ax = axes()
    for name, values in (("North", [1, 2, 3]), ("South", [3, 2, 1])):
        ax.plot([2001, 2002, 2003], values)
        ax.annotate(name, (2003, values[-1]))
    assert text_of(ax) == "Line chart by year from 2001 to 2003: North rises from 1 to 3; South falls from 3 to 1."


def test_words_that_hang_on_the_axes_name_no_line() -> None:
    ax = axes()
    ax.plot([0, 1], [1, 0])
    ax.plot([0, 1], [0, 1])
    ax.annotate("Bottom", (1, 0), xycoords="axes fraction")
    ax.annotate("Top", (1, 1), xycoords="axes fraction")
    assert "Top" not in text_of(ax)


def test_a_colour_with_two_names_names_nothing() -> None:
    ax = axes()
    for name in ("North", "South"):
        ax.plot([], [], color="red", label=name)
    ax.legend()
    ax.plot([1, 2], color="red")
    assert text_of(ax) == "Line chart: rises from 1 to 2."


def test_annotations_are_no_series_and_no_names() -> None:
    ax = axes()
    ax.plot([2001, 2002, 2003], [1, 5, 4], label="North")
    ax.annotate("Record", (2002, 5))
    ax.plot([2002], [5], "o")
    assert (
        text_of(ax)
        == "Line chart of North by year: rises from 1 in 2001 to a peak of 5 in 2002 and falls to 4 in 2003."
    )


def test_points_of_one_cloud_are_split_by_the_legend_s_colours() -> None:
    ax = axes()
    ax.scatter([1, 2, 3, 5], [1, 2, 3, 9], c=["#ff0000", "#0000ff", "#ff0000", "#ff0000"])
    for name, color in (("Cats", "#ff0000"), ("Dogs", "#0000ff")):
        ax.plot([], [], "o", color=color, label=name)
    ax.legend()
    assert "4 points (Cats 3 and Dogs 1)" in text_of(ax)


def test_a_number_as_a_name_is_no_measure() -> None:
    ax = axes()
    ax.bar(["Jan", "Feb", "Mar"], [1, 2, 4], label="2015")
    assert text_of(ax) == "Bar chart by month. 2015: 1 in January, 2 in February and 4 in March."


def test_unnamed_lines_among_a_named_one_are_counted() -> None:
    ax = axes()
    for place in range(10):
        ax.plot([0, 1, 2], [place, place, place + 1], color="grey")
    ax.plot([0, 1, 2], [0, 1, 2], color="red", label="Mean")
    assert text_of(ax) == (
        "Line chart: Mean rises from 0 to 2; 10 more lines; values from 0 to 10; 10 of 10 end higher than they start."
    )


# Panels


def test_a_colorbar_is_no_panel() -> None:
    ax = axes()
    image = ax.imshow([[1, 2], [3, 4]])
    ax.figure.colorbar(image, label="Depth (m)")
    assert text_of(ax) == "Heatmap of depth in m: 2 rows and 2 columns, values from 1 to 4."


def test_insets_and_empty_axes_are_no_panels() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3])
    left.inset_axes([0.6, 0.6, 0.3, 0.3]).plot([5, 6])
    figure.add_axes((0.2, 0.6, 0.05, 0.1)).plot([9, 8])
    right.axis("off")
    assert describe(figure) == "Line chart: rises from 1 to 3."


def test_hidden_axes_are_no_panels() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([1, 2, 3])
    right.plot([9, 8])
    right.set_visible(False)
    assert describe(figure) == "Line chart: rises from 1 to 3."


def test_axes_over_each_other_that_share_nothing_are_two_panels() -> None:
    ax = axes()
    ax.plot([1, 2, 3])
    ax.figure.add_axes(ax.get_position()).bar(["a", "b"], [1, 2])
    assert text_of(ax).startswith("2 panels. Panel 1, line chart: rises from 1 to 3.")


def test_a_title_at_the_left_of_panels_is_told_once() -> None:
    figure = Figure()
    for place, ax in enumerate(figure.subplots(1, 2)):
        ax.plot([1, 2, 3])
        ax.set_title(f"Site {place}")
    figure.suptitle("Everything rises", x=0.02, ha="left")
    assert describe(figure) == (
        "Everything rises. 2 panels, each a line chart: Site 0 rises from 1 to 3; Site 1 rises from 1 to 3."
    )


def test_several_words_above_the_plot_are_a_legend_and_no_title() -> None:
    ax = axes()
    ax.plot([2001, 2002], [1, 2])
    ax.text(0, 1.05, "North", transform=ax.transAxes)
    ax.text(0.2, 1.05, "South", transform=ax.transAxes)
    assert text_of(ax) == "Line chart by year: rises from 1 in 2001 to 2 in 2002."


def test_subfigures_lend_their_panels_their_titles() -> None:
    figure = Figure()
    figure.suptitle("All")
    left, right = figure.subfigures(1, 2)
    left.suptitle("Left")
    left.subplots().plot([1, 2, 3])
    right.suptitle("Right")
    right.subplots().bar(["a", "b"], [1, 2])
    assert describe(figure) == "All. 2 panels. Left, line chart: rises from 1 to 3. Right, bar chart: a 1 and b 2."


def test_a_shared_axis_says_its_label_for_all_panels() -> None:
    figure = Figure()
    upper, lower = figure.subplots(2, sharex=True)
    for ax, name in ((upper, "North"), (lower, "South")):
        ax.scatter([1, 2, 3], [1, 2, 4])
        ax.set(title=name, ylabel="Sales")
    lower.set_xlabel("Price ($)")
    assert describe(figure).startswith(
        "2 panels, each a scatter plot of sales against price. North: 3 points, price from $1 to $3"
    )


@pytest.mark.parametrize("hidden", ["label", "axis"])
def test_a_label_that_nobody_sees_is_not_told(hidden: str) -> None:
    ax = axes(xlabel="None", ylabel="Sales")
    ax.plot([1, 2, 3])
    (ax.xaxis.label if hidden == "label" else ax.xaxis).set_visible(False)
    assert text_of(ax) == "Line chart of sales: rises from 1 to 3."


def test_a_hidden_label_of_a_neighbour_is_not_lent() -> None:
    figure = Figure()
    middle, margin = figure.subplots(2, sharex=True)
    middle.plot([1, 2, 3])
    margin.set_xlabel("None")
    margin.xaxis.label.set_visible(False)
    assert describe(figure) == "Line chart: rises from 1 to 3."


def test_a_label_that_is_hidden_because_the_outer_panel_says_it_is_told() -> None:
    figure = Figure()
    upper, lower = figure.subplots(2)
    for ax, name in ((upper, "North"), (lower, "South")):
        ax.scatter([1, 2, 3], [1, 2, 4])
        ax.set(title=name, ylabel="Sales", xlabel="Price")
    upper.xaxis.label.set_visible(False)
    assert "North: 3 points, price from 1 to 3" in describe(figure)


@pytest.mark.parametrize(
    ("corner", "told"), [(False, "9 panels: height, weight and age"), (True, "6 panels: weight, height and age")]
)
@pytest.mark.usefixtures("pyplot_closed")
def test_panels_of_each_variable_against_each_other_name_the_variables(corner: bool, told: str) -> None:
    import seaborn as sns

    grid = sns.pairplot(pd.DataFrame(np.eye(5, 3), columns=["height", "weight", "age"]), corner=corner)
    assert describe(grid.figure) == f"{told}, each against the others."


def test_panels_of_only_some_pairs_are_told_one_by_one() -> None:
    figure = Figure()
    for ax, (x, y) in zip(figure.subplots(1, 2), [("Height", "Age"), ("Weight", "Age")], strict=True):
        ax.scatter([1, 2, 3], [1, 2, 4])
        ax.set(xlabel=x, ylabel=y)
    assert describe(figure) == (
        "2 panels, each a scatter plot of age. Panel 1: 3 points, height from 1 to 3 and age from 1 to 4. "
        "Panel 2: 3 points, weight from 1 to 3 and age from 1 to 4."
    )


# Kinds that are told apart by how they are drawn


def test_bars_at_whole_numbers_are_no_histogram() -> None:
    ax = axes(xlabel="Hour", ylabel="Visits")
    ax.bar(range(24), [50 + hour % 7 for hour in range(23)] + [99], width=1)
    assert text_of(ax) == "Bar chart of visits by hour: highest 99 at hour 23, lowest 50 at hour 0."


@pytest.mark.parametrize("style", ["bar", "step", "stepfilled"])
def test_every_style_of_histogram_is_one(style: str) -> None:
    ax = axes(xlabel="Wind (m/s)")
    ax.hist(np.repeat([0.5, 1.5, 2.5], [10, 30, 20]), bins=3, range=(0, 3), histtype=style)
    assert text_of(ax) == "Histogram of wind in m/s: 60 values in 3 bins from 0 to 3, most often from 1 to 2 (30)."


def test_a_density_has_no_total() -> None:
    ax = axes(xlabel="Wind (m/s)")
    ax.hist(np.repeat([0.5, 1.5, 2.5], [10, 30, 20]), bins=3, range=(0, 3), density=True)
    assert text_of(ax) == "Histogram of wind in m/s: 3 bins from 0 to 3, most often from 1 to 2."


def test_floating_bars_tell_both_ends() -> None:
    ax = axes("Cash")
    ax.bar(["Start", "Sales", "Costs"], [100, 50, -30], bottom=[0, 100, 150])
    assert text_of(ax) == (
        "Cash. Chart of ranges: Start from 0 to 100, Sales from 100 to 150 and Costs from 120 to 150."
    )


def test_rows_of_a_plan_are_read_by_their_ticks() -> None:
    ax = axes(xlabel="Hour")
    ax.broken_barh([(8, 4), (13, 4)], (0, 0.8))
    ax.broken_barh([(9, 8)], (1, 0.8))
    ax.set_yticks([0.4, 1.4], ["Ann", "Bob"])
    assert text_of(ax) == "Chart of ranges: Ann from 8 to 12, Ann from 13 to 17 and Bob from 9 to 17."


def test_several_grids_of_one_axes_are_told_as_one() -> None:
    ax = axes()
    for row, year in enumerate((2014, 2015)):
        cells = np.arange(371.0).reshape(7, 53) + row
        mesh = ax.pcolormesh(np.arange(54), np.arange(8) + 8 * row, cells)
        ax.axhline(8 * row)
        del year
    ax.set_yticks([3.5, 11.5], ["2014", "2015"])
    ax.figure.colorbar(mesh, label="Rain (mm)")
    assert text_of(ax) == "Calendar heatmap of rain in mm: 742 days, values from 0 to 371, highest in 2015."


def test_lines_on_a_heatmap_are_borders() -> None:
    ax = axes()
    ax.imshow([[1, 2], [3, 4]])
    ax.plot([0.5, 0.5, 1.5], [-0.5, 0.5, 0.5])
    assert text_of(ax) == "Heatmap: 2 rows and 2 columns, values from 1 to 4."


def test_strokes_along_lying_bars_are_no_series() -> None:
    ax = axes()
    ax.barh(["a", "b"], [3, 4])
    ax.plot([2.5, 3.5], [0, 0])
    ax.plot([3.5, 4.5], [1, 1])
    assert text_of(ax) == "Horizontal bar chart: a 3 and b 4."


def test_a_photograph_is_an_image() -> None:
    ax = axes("Photo")
    ax.imshow(np.zeros((5, 5, 3)))
    assert text_of(ax) == "Photo. Image."


def test_a_trend_line_among_points_is_no_series() -> None:
    ax = axes(xlabel="Size", ylabel="Price")
    ax.scatter(np.arange(10), np.arange(10) * 2.0)
    ax.plot([0, 9], [0, 18])
    assert text_of(ax) == (
        "Scatter plot of price against size, with a trend line: 10 points, size from 0 to 9 and price from 0 to 18; "
        "price tends to rise with size (correlation 1.00)."
    )


def test_a_weak_correlation_is_not_told() -> None:
    ax = axes()
    ax.scatter(np.arange(50), np.sin(np.arange(50)))
    assert "correlation" not in text_of(ax)


def test_a_correlation_is_that_of_the_logarithms_on_logarithmic_scales() -> None:
    ax = axes(xlabel="Rank", ylabel="Size")
    ax.scatter(np.arange(1, 100), 1 / np.arange(1, 100) ** 2)
    ax.set(xscale="log", yscale="log")
    assert "size tends to fall as rank rises (correlation −1.00)" in text_of(ax)


def test_a_cloud_s_colours_are_told_by_their_colorbar() -> None:
    ax = axes()
    cloud = ax.scatter([1, 2, 3], [2, 1, 3], c=[5, 6, 9])
    ax.figure.colorbar(cloud, label="Population (million)")
    assert "coloured by population in million from 5 to 9" in text_of(ax)


# Hostile texts


def test_hostile_texts_are_cleaned_and_bounded() -> None:
    ax = axes("T\x00itle\u202e" + "x" * 10_000, ylabel="y" * 10_000)
    ax.plot([1, 2], label="name\x07" * 10_000)
    text = text_of(ax)
    assert len(text) <= 600
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in text)


@pytest.mark.parametrize("limit", [1, 2, 10, 40, 80, 120, 200, 400])
def test_the_limit_is_kept_by_leaving_out_detail(limit: int) -> None:
    ax = axes("A title of some length that says the finding", ylabel="Employment (thousands)")
    for place in range(6):
        ax.plot([dt.date(year, 1, 1) for year in range(2000, 2010)], np.arange(10) * place, label=f"Sector {place}")
    assert 1 <= len(describe(ax.figure, limit=limit)) <= limit


@pytest.mark.parametrize("limit", [60, 45, 40])
def test_less_detail_says_the_same_measure(limit: int) -> None:
    ax = axes()
    ax.plot([dt.date(year, 1, 1) for year in range(2000, 2010)], [1, 5, 2, 8, 3, 9, 4, 2, 6, 3], label="Sales")
    assert describe(ax.figure, limit=limit).startswith("Line chart of Sales by year")


def test_no_room_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="room for at least one character"):
        describe(Figure(), limit=0)


def test_numbers_too_big_to_correlate_do_not_warn() -> None:
    ax = axes()
    ax.scatter(np.arange(20.0) * 1e200, np.arange(20.0) * 1e200)
    assert "correlation" not in text_of(ax)


def test_a_series_too_big_to_correlate_only_varies() -> None:
    with np.errstate(all="ignore"):
        assert trend_of(np.array([0, 1, 0.9, 1.2, 1.5]) * 1e308, view=0).shape == "varies"


@pytest.mark.parametrize("text", ["x" * 10**7, "$" * 10**7, "$a{" * 10**6 + "$"])
def test_texts_of_millions_of_characters_cost_little(text: str) -> None:
    ax = axes(ylabel=text)
    ax.plot([1, 2], label=text)
    assert fastest(ax.figure) < 0.05


# Every figure


@pytest.mark.filterwarnings("ignore:The figure layout has changed")
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_a_drawn_figure_is_told_as_an_undrawn_one(hook: Callable[[Figure], object]) -> None:
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    returned = hook(figure)
    figure = getattr(returned, "figure", figure)
    before = describe(figure)
    figure.draw_without_rendering()
    assert describe(figure) == before


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-1000, 1000)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: text.replace("$", ""))
KINDS = st.sampled_from(["plot", "bar", "barh", "scatter", "fill_between", "step", "hlines", "pie", "hist"])


def draw(ax: Axes, kind: str, values: list[float], label: str) -> None:
    x = np.arange(len(values))
    if kind == "pie":
        ax.pie([abs(value) if np.isfinite(value) and abs(value) < 1e6 else 1 for value in [*values, 1]])
    elif kind == "hist":
        ax.hist([value for value in [*values, 1] if abs(value) < 1e6], bins=5)
    elif kind == "fill_between":
        ax.fill_between(x, values, label=label)
    elif kind == "hlines":
        ax.hlines(values, 0, 1, label=label)
    else:
        getattr(ax, kind)(x, values, label=label)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    parts=st.lists(st.tuples(KINDS, st.lists(NUMBERS, max_size=15), TEXTS), max_size=4),
    words=st.tuples(TEXTS, TEXTS, TEXTS),
    limit=st.integers(1, 700),
)
def test_every_random_figure_has_a_sentence(
    parts: list[tuple[str, list[float], str]], words: tuple[str, str, str], limit: int
) -> None:
    ax = axes(words[0], xlabel=words[1], ylabel=words[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matplotlib says of numbers that overflow
        for kind, values, label in parts:
            draw(ax, kind, values, label)
        text = describe(ax.figure, limit=limit)
    assert 1 <= len(text) <= limit
    assert not any(unicodedata.category(letter) == "Cc" for letter in text)
    assert describe(ax.figure, limit=limit) == text


def test_nothing_in_the_figure_is_changed() -> None:
    ax = axes("Title", ylabel="y")
    ax.plot([1, 2, 3], label="a")
    figure = ax.figure
    figure.draw_without_rendering()
    figure.stale = False
    describe(figure)
    assert not figure.stale


# Other libraries


@pytest.fixture
def pyplot_closed() -> Iterator[None]:
    yield
    Gcf.destroy_all()


MONTHLY = pd.DataFrame(
    {"A": np.arange(24.0), "B": 30 - np.arange(24.0)}, index=pd.date_range("2014-01-01", periods=24, freq="MS")
)
TIPS = pd.DataFrame(
    {
        "day": ["Thu", "Fri", "Sat"] * 20,
        "who": ["men", "women"] * 30,
        "tip": np.linspace(1, 7, 60),
        "bill": np.linspace(10, 70, 60),
    }
)
PANDAS: dict[str, tuple[Callable[[Axes], object], str]] = {
    "line": (
        lambda ax: MONTHLY.plot(ax=ax),
        "Line chart by month from January 2014 to December 2015: A rises from 0 to 23; B falls from 30 to 7.",
    ),
    "area": (
        lambda ax: MONTHLY.plot.area(ax=ax),
        (
            "Stacked area chart by month from January 2014 to December 2015. Shares of the total: A from 0 % to 77 % "
            "and B from 100 % to 23 %."
        ),
    ),
    "bar": (
        lambda ax: MONTHLY.head(3).plot.bar(ax=ax),
        (
            "Grouped bar chart by month in 2014. A: 0 in January, 1 in February and 2 in March. B: 30 in January, 29 "
            "in February and 28 in March."
        ),
    ),
    "barh": (
        lambda ax: pd.Series([3, 1, 2], index=["x", "y", "z"]).plot.barh(ax=ax),
        "Horizontal bar chart: x 3, y 1 and z 2.",
    ),
    "years": (
        lambda ax: pd.Series([3, 1, 2], index=pd.period_range("2012", periods=3, freq="Y")).plot(ax=ax),
        "Line chart by year: falls from 3 in 2012 to a low of 1 in 2013 and rises to 2 in 2014.",
    ),
    "secondary": (
        lambda ax: MONTHLY.plot(secondary_y=["B"], ax=ax),
        (
            "Line chart by month from January 2014 to December 2015: A (left axis) rises from 0 to 23; B (right axis) "
            "falls from 30 to 7."
        ),
    ),
    "box": (lambda ax: MONTHLY.plot.box(ax=ax), "Box plot: medians A 11.5 and B 18.5; all values from 0 to 30."),
}


@pytest.mark.parametrize("kind", PANDAS)
@pytest.mark.usefixtures("pyplot_closed")
def test_pandas_plots_are_told(kind: str) -> None:
    ax = Figure().subplots()
    plot, text = PANDAS[kind]
    plot(ax)
    assert text_of(ax) == text


SEABORN = {
    "barplot": "Grouped bar chart of tip by day, with error bars. Men: 3.75 on Thursday, 4.15 on Friday and 3.95 on "
    "Saturday. Women: 4.05 on Thursday, 3.85 on Friday and 4.25 on Saturday.",
    "boxplot": "Box plot of tip by day. Men: medians 3.75 on Thursday, 4.15 on Friday and 3.95 on Saturday. Women: "
    "medians 4.05 on Thursday, 3.85 on Friday and 4.25 on Saturday. All values from 1 to 7.",
    "scatterplot": "Scatter plot of tip against bill: 60 points (men 30 and women 30), bill from 10 to 70 and tip from "
    "1 to 7; tip tends to rise with bill (correlation 1.00).",
    "lineplot": "Line chart of tip by day from Thursday to Saturday, with shaded bands: men rises from 3.746 to a peak "
    "of 4.153 on Friday and falls to 3.949; women falls from 4.051 to a low of 3.847 on Friday and rises to 4.254.",
    "violinplot": "Violin plot of tip by day. Men: medians about 3.7 on Thursday, 4.2 on Friday and 3.9 on Saturday. "
    "Women: medians about 4.1 on Thursday, 3.8 on Friday and 4.3 on Saturday. All values from −1.3 to 9.3.",
}


@pytest.mark.filterwarnings("ignore:vert. bool was deprecated")  # seaborn's own
@pytest.mark.parametrize("kind", SEABORN)
@pytest.mark.usefixtures("pyplot_closed")
def test_seaborn_plots_are_told(kind: str) -> None:
    import seaborn as sns

    ax = Figure().subplots()
    across = "bill" if kind == "scatterplot" else "day"
    getattr(sns, kind)(TIPS, x=across, y="tip", hue="who", ax=ax)
    assert text_of(ax) == SEABORN[kind]


@pytest.mark.usefixtures("pyplot_closed")
def test_plotnine_plots_are_told() -> None:
    from plotnine import aes, geom_line, ggplot, labs

    frame = MONTHLY.reset_index(names="month").melt("month")
    plot = ggplot(frame, aes("month", "value", color="variable")) + geom_line() + labs(title="A and B", y="Sales ($)")
    assert describe(plot.draw()) == (
        "A and B. Line chart of sales by month from January 2014 to December 2015: A rises from $0 to $23; B falls "
        "from $30 to $7."
    )


@pytest.mark.usefixtures("pyplot_closed")
def test_plotnine_facets_are_panels() -> None:
    from plotnine import aes, facet_wrap, geom_point, ggplot

    text = describe((ggplot(TIPS, aes("bill", "tip")) + geom_point() + facet_wrap("who")).draw())
    assert text.startswith("2 panels, each a scatter plot of tip against bill. Men: 30 points, bill from 10 to 69")


# Cost


def fastest(figure: Figure, count: int = 7) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        describe(figure)
        times.append(time.perf_counter() - start)
    return min(times)


def test_ten_series_of_a_thousand_points_cost_little() -> None:
    ax = axes()
    for place in range(10):
        ax.plot(np.sin(np.arange(1000) * place), label=str(place))
    assert fastest(ax.figure) < 0.015  # about 1 ms; the bound leaves room for a busy machine


@pytest.mark.parametrize("kind", ["plot", "scatter", "fill_between"])
def test_a_hundred_thousand_points_cost_little(kind: str) -> None:
    ax = axes()
    getattr(ax, kind)(np.arange(100_000), np.sin(np.arange(100_000)))
    assert fastest(ax.figure) < 0.05  # 1 to 4 ms


def test_importing_the_package_imports_no_matplotlib() -> None:
    import subprocess
    import sys

    code = "import charts.drawing.describing, sys; sys.exit('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# What is outside the view


def test_a_line_is_told_as_far_as_it_is_seen() -> None:
    ax = Figure().subplots()
    ax.plot(np.arange(100), np.arange(100), label="a")
    ax.fill_between(np.arange(100), np.arange(100) - 1, np.arange(100) + 1, alpha=0.2)
    ax.set(xlim=(10, 20), xlabel="Week")
    assert "rises from 10 at week 10 to 20 at week 20." in describe(ax.figure)


def test_bars_and_points_outside_the_view_are_not_told() -> None:
    bars, points = Figure().subplots(), Figure().subplots()
    bars.bar(list("abcd"), [1, 2, 3, 40])
    bars.set_xlim(-0.5, 2.5)
    points.scatter([1, 2, 3, 40], [1, 3, 2, 40])
    points.set_xlim(0, 10)
    assert describe(bars.figure) == "Bar chart: a 1, b 2 and c 3."
    assert describe(points.figure).startswith("Scatter plot: 3 points, horizontally from 1 to 3")


def test_a_line_between_points_outside_the_view_is_told_by_them() -> None:
    ax = Figure().subplots()
    ax.plot([0, 100], [0, 50])
    ax.set(xlim=(10, 20), xlabel="Week")
    assert "rises from 0 at week 0 to 50 at week 100." in describe(ax.figure)


def test_a_line_outside_the_view_is_no_line() -> None:
    ax = Figure().subplots()
    ax.plot([1, 2, 3], [1, 2, 4], label="seen")
    ax.plot([11, 12, 13], [1, 2, 4], label="gone")
    ax.set_xlim(0, 5)
    assert "gone" not in describe(ax.figure)
