"""What a picture leaves out of the data is said with the chart, and what can be read is not."""

import numpy as np
import pytest

from charts.drawing import figures
from charts.exceptions import DrawError
from tests.drawing import gallery

NAN = float("nan")


def notes(plot):
    """Return the warnings of a chart whose axes `plot` fills."""

    def hook(figure):
        plot(figure.subplots())

    with figures.drawn(hook) as drawing:
        return drawing.warnings


def only(plot):
    (note,) = notes(plot)
    return note


def test_the_gallery_leaves_nothing_out():
    for hook in (gallery.line, gallery.bars, gallery.heat, gallery.dates, gallery.box, gallery.grid):
        with figures.drawn(hook) as drawing:
            assert drawing.warnings == []


def test_a_series_without_data_is_named():
    def plot(ax):
        ax.plot([1, 2], [1, 2], label="North")
        ax.plot([1, 2], [NAN, NAN], label="South")

    assert 'The series "South" has no data' in only(plot)


def test_a_chart_without_data_is_named_by_its_title():
    def plot(ax):
        ax.scatter([1, 2], [NAN, NAN])
        ax.set_title("Orders")

    assert 'The chart "Orders" shows no data' in only(plot)


def test_a_helpers_line_without_data_among_others_is_no_news():
    def plot(ax):
        ax.bar(["a", "b"], [1, 2])
        ax.plot([0, 0], [NAN, NAN])

    assert notes(plot) == []


def test_numbers_that_are_text_are_noted():
    assert "y axis has numbers that are text" in only(lambda ax: ax.plot([1, 2, 3], ["10", "9", "30"]))
    assert "y axis has numbers that are text" in only(lambda ax: ax.bar(["a", "b"], ["10", "9"]))


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: ax.plot(["2011", "2012", "2013"], [1, 2, 3]),
        lambda ax: ax.plot(["a", "b"], [1, 2]),
        lambda ax: ax.bar(["12", "3", "7"], [9, 8, 7]),
        lambda ax: ax.barh(["12", "3", "7"], [9, 8, 7]),
    ],
    ids=["years", "names", "districts", "districts lying"],
)
def test_names_that_are_numbers_are_no_news_where_they_are_names(plot):
    assert notes(plot) == []


@pytest.mark.parametrize("method", ["bar", "barh"])
def test_bars_that_hide_bars_are_noted_by_name(method):
    assert 'stand at "a"' in only(lambda ax: getattr(ax, method)(["a", "b", "a"], [1, 2, 3]))


def test_stacked_and_grouped_bars_hide_nothing():
    def plot(ax):
        ax.bar(["a", "b"], [1, 2])
        ax.bar(["a", "b"], [1, 2], bottom=[1, 2])
        ax.bar([4, 4, 5], [1, 2, 3], bottom=[0, 1, 0])

    assert notes(plot) == []


@pytest.mark.parametrize("method", ["plot", "scatter"])
def test_values_that_a_log_axis_cannot_show_are_counted(method):
    def plot(ax):
        getattr(ax, method)([1, 2, 3, 4], [1, 0, -2, 100])
        ax.set_yscale("log")

    assert "2 values of zero or less cannot be shown on the logarithmic y axis" in only(plot)


def test_a_line_across_a_log_axis_loses_nothing():
    def plot(ax):
        ax.plot([1, 2, 3], [1, 10, 100])
        ax.axhline(5)
        ax.axvline(2)
        ax.set(xscale="log", yscale="log")

    assert notes(plot) == []


def test_points_that_no_line_reaches_are_marked_in_the_picture_only():
    kept = []

    def hook(figure):
        ax = figure.subplots()
        kept.extend(ax.plot([0, 1, 2, 3, 4, 5], [1, NAN, 2, NAN, 4, 5]) + ax.plot([2], [2]) + ax.plot([0, 1]))
        kept.extend(ax.plot([1], [1], "x"))

    with figures.drawn(hook):
        assert [line.get_marker() for line in kept] == ["o", "o", "None", "x"]
        assert kept[0].get_markevery() == [0, 2]
    assert [line.get_marker() for line in kept] == ["None", "None", "None", "x"]
    assert kept[0].get_markevery() is None


def test_a_lone_point_can_be_seen():
    def dark_pixels(y):
        with figures.drawn(
            lambda figure: figure.subplots().plot([1, 2, 3], [NAN, y, NAN], color="k") and None
        ) as drawing:
            return int((drawing.pixels(1)[150:300, 200:600, :3] < 30).all(axis=2).sum())

    assert dark_pixels(2) > 10
    assert dark_pixels(NAN) == 0


def test_too_many_bars_are_refused_with_the_way_out():
    with pytest.raises(DrawError, match=r"20,001 bars .*fewer bins"):
        notes(lambda ax: ax.hist(np.linspace(0, 1, 100), bins=20_001))


def test_too_many_texts_are_refused_with_the_way_out():
    def plot(ax):
        for place in range(2_001):
            ax.text(place, 0, "x")

    with pytest.raises(DrawError, match=r"2,00\d texts"):
        notes(plot)
