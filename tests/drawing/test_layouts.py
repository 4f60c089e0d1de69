"""A returned figure without a layout gets the field's; what is placed by hand, or laid out, stays as it is."""

import pytest
from matplotlib.figure import Figure

from charts.drawing import figures
from tests.drawing.test_tightened import is_whole


def long_names(ax):
    ax.barh(["a rather long name of a district", "another"], [1, 2])
    ax.set(xlabel="Orders", title="Orders a district")


def subplots():
    figure = Figure(figsize=(12, 8))
    long_names(figure.subplots())
    return figure


def colour_bar():
    figure = subplots()
    figure.colorbar(figure.axes[0].scatter([1, 2], [0, 1], c=[1, 2]), ax=figure.axes, label="Orders")
    return figure


def colour_bar_in_a_grid():
    figure = subplots()
    figure.colorbar(figure.axes[0].scatter([1, 2], [0, 1], c=[1, 2]), label="Orders")
    return figure


def colour_bar_below():
    figure = subplots()
    figure.colorbar(figure.axes[0].scatter([1, 2], [0, 1], c=[1, 2]), orientation="horizontal")
    return figure


def several_grids():
    figure = Figure()
    for place in (221, 222, 212):
        ax = figure.add_subplot(place)
        ax.barh(["a district"], [1])
        ax.set_xlabel("Orders")
    return figure


def appended():
    from mpl_toolkits.axes_grid1 import make_axes_locatable

    figure = subplots()
    make_axes_locatable(figure.axes[0]).append_axes("right", "5%", pad=0.1).set_yticks([])
    return figure


def added():
    figure = Figure()
    long_names(figure.add_axes((0.1, 0.1, 0.3, 0.7)))
    return figure


def adjusted():
    figure = subplots()
    figure.subplots_adjust(left=0.15)
    return figure


def margins_of_a_grid():
    figure = Figure()
    long_names(figure.add_subplot(figure.add_gridspec(left=0.05)[0]))
    return figure


def places(figure):
    return [(ax.get_position().bounds, ax.get_position(original=True).bounds) for ax in figure.axes]


@pytest.mark.parametrize(
    "make", [subplots, colour_bar, colour_bar_in_a_grid, colour_bar_below, several_grids, appended]
)
@pytest.mark.parametrize("layout", ["constrained", "compressed", "tight"])
def test_nothing_is_cut_off_of_a_figure_that_nobody_laid_out_and_it_is_given_back(make, layout):
    figure = make()
    before = places(figure), vars(figure.subplotpars).copy()
    if layout == "tight" and make is colour_bar:
        pytest.skip("tight layout knows no colour bars of several axes")
    for size in [(500, 300), (640, 400)]:
        with figures.drawn(lambda handed: figure, size=size, layout=layout) as drawing:
            drawing.pixels(1)
            assert is_whole(figure)
        assert drawing.warnings == []
        assert figure.get_layout_engine() is None
        assert (places(figure), vars(figure.subplotpars)) == before


@pytest.mark.parametrize("make", [added, adjusted, margins_of_a_grid, Figure])
def test_what_is_placed_by_hand_stays_there(make):
    figure = make()
    before = places(figure)
    with figures.drawn(lambda handed: figure):
        assert places(figure) == before


def test_a_grid_that_no_layout_can_do_is_drawn_without_and_told():
    def hook(figure):
        for place in figure.add_gridspec(2, 1, height_ratios=[0, 1]):
            long_names(figure.add_subplot(place))

    with figures.drawn(hook) as drawing:
        drawing.pixels(1)
        assert drawing.warnings[0].startswith("The layout could not be computed (float division by zero)")


def test_subfigures_with_a_colour_bar_in_a_grid_stay_as_they_are():
    figure = Figure()
    (left, _) = figure.subfigures(1, 2)
    ax = left.subplots()
    left.colorbar(ax.scatter([1, 2], [0, 1], c=[1, 2]))
    before = places(figure)
    with figures.drawn(lambda handed: figure):
        assert places(figure) == before


@pytest.mark.parametrize("layout", [None, "none"])
def test_a_field_without_a_layout_has_none_to_give(layout):
    figure = subplots()
    before = places(figure)
    with figures.drawn(lambda handed: figure, layout=layout):
        assert places(figure) == before


def test_a_handed_figure_whose_layout_the_hook_took_away_has_none():
    def hook(figure):
        figure.set_layout_engine("none")
        long_names(figure.subplots())
        before.append(places(figure))

    before = []
    with figures.drawn(hook) as drawing:
        assert places(drawing.figure) == before[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_pandas_and_seaborns_figures_of_their_own_size_lose_nothing():
    pandas = pytest.importorskip("pandas")
    seaborn = pytest.importorskip("seaborn")
    frame = pandas.DataFrame({"men": [3, 5], "women": [4, 2]}, index=["Team with a long name", "Other team"])
    points = pandas.DataFrame({"a": [0.0, 1], "b": [0.0, 1], "kind": ["x", "y"], "side": ["p", "q"]})
    for hook in (
        lambda figure: frame.plot.bar(figsize=(12, 8)),
        lambda figure: seaborn.relplot(points, x="a", y="b", hue="kind", col="side"),
    ):
        with figures.drawn(hook, size=(640, 400)) as drawing:
            drawing.pixels(1)
            assert is_whole(drawing.figure)
            assert drawing.warnings == []
