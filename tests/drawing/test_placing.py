"""Labels of an x axis stand on one baseline and titles are in the picture; both are given back as they were."""

import datetime as dt

import pytest
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from charts.drawing import figures, look
from tests.drawing import gallery

NAMES = ["Jan", "Feb", "März", "Apr", "Jul", "gypq"]


def placed(hook, look_at, **options):
    """Return what `look_at` says of a kept figure's last axes in the picture and afterwards, and what was warned of."""
    kept = []

    def draw(figure):
        kept.append(Figure(layout="constrained"))
        hook(kept[0])
        return kept[0]

    with figures.drawn(draw, **options) as drawing:
        drawing.pixels(1)
        inside = look_at(kept[0].axes[-1])
    return inside, look_at(kept[0].axes[-1]), drawing.warnings


def alignments(ax):
    return {tick.label1.get_verticalalignment() for tick in ax.xaxis.majorTicks}, ax.xaxis.majorTicks[0].get_pad()


LEVEL = {
    "names": lambda ax: ax.bar(NAMES, range(6)),
    "numbers": lambda ax: ax.plot([1, 2, 3]),
    "fixed": lambda ax: ax.set_xticks(range(6), NAMES),
    "dates": lambda ax: ax.plot(gallery.DAYS, gallery.A),
}


@pytest.mark.parametrize("name", ["names", "numbers", "fixed", "dates"])
def test_the_labels_of_an_x_axis_stand_on_one_baseline_in_the_picture(name):
    (inside, pad), after, _ = placed(lambda figure: LEVEL[name](figure.subplots()), alignments)
    assert inside == {"baseline"}
    assert after[0] == {"top"}
    assert 6 < pad - after[1] < 8


def test_feb_is_no_pixel_lower_than_jan():
    def hook(figure):
        LEVEL["names"](figure.subplots())

    with figures.drawn(hook) as drawing:
        drawing.pixels(1)
        renderer = drawing.figure.canvas.get_renderer()
        heights = set()
        for tick in drawing.figure.axes[0].xaxis.majorTicks:
            renderer.printed = []
            tick.label1.draw(renderer)
            heights.add(renderer.printed[0].y)
    assert len(heights) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda ax: ax.tick_params(axis="x", rotation=45),
        lambda ax: [label.set_rotation(30) for label in ax.get_xticklabels()],
        lambda ax: [label.set_verticalalignment("center") for label in ax.get_xticklabels()],
        lambda ax: ax.set_xticks(range(6), [*NAMES[:5], "Jan\n2024"]),
        lambda ax: ax.xaxis.set_major_formatter(FuncFormatter(lambda x, place: f"{x}\n{place}")),
        lambda ax: ax.set_xscale("log"),
        lambda ax: ax.xaxis.tick_top(),
        look.baseline_labels,
    ],
    ids=["rotated", "labels rotated", "aligned", "of two lines", "of anyone's", "powers", "above", "by look"],
)
def test_labels_that_stand_otherwise_stay_as_they_are(change):
    before = []

    def hook(figure):
        ax = figure.subplots()
        ax.plot([1, 2, 3, 4])
        change(ax)
        before.append(alignments(ax))

    inside, after, _ = placed(hook, alignments)
    assert inside == after == before[0]


def is_in(ax):
    """Say whether the axes' titles are within the picture, with some air."""
    boxes = [title.get_window_extent() for title in (ax._left_title, ax.title, ax._right_title) if title.get_text()]
    return all(box.x0 >= 5 and box.x1 <= ax.figure.bbox.width - 5 and box.y1 <= ax.figure.bbox.height for box in boxes)


@pytest.mark.parametrize("loc", ["left", "center", "right"])
@pytest.mark.parametrize(
    "words",
    ["Open positions by department", "A very long title that tells in one whole sentence what is to be seen " * 2],
)
def test_a_title_that_is_wider_than_its_plot_is_in_the_picture(loc, words):
    def hook(figure):
        ax = figure.subplots()
        ax.barh(["Ministry for Economic Affairs, Energy and Climate", "IT"], [1, 2])
        ax.set_title(words, loc=loc)

    (inside, shown), after, warnings = placed(
        hook, lambda ax: (is_in(ax), (ax.get_title(loc), ax._left_title.get_position()[0])), size=(640, 400)
    )
    assert inside
    assert shown[0].split() == words.split()
    assert after[1] == (words, 0)
    assert warnings == []


def test_a_title_that_fits_stays_at_the_plots_edge():
    def hook(figure):
        figure.subplots().set_title("Orders")

    assert placed(hook, lambda ax: ax._left_title.get_position()[0])[:2] == (0, 0)


def test_a_title_of_a_second_column_does_not_move_over_the_first():
    def hook(figure):
        for ax in figure.subplots(1, 2):
            ax.set_title("W" * 30)

    inside, _, (warning, *_) = placed(hook, lambda ax: ax._left_title.get_position()[0])
    assert inside == 0
    assert "cut off" in warning


def test_a_formula_and_a_figure_without_a_layout_are_not_wrapped():
    long = "from $a$ to $b$ " * 12

    def hook(figure):
        figure.subplots().set_title(long)

    assert placed(hook, lambda ax: ax.get_title("left"))[0] == long

    def own(figure):
        figure.set_layout_engine("none")
        figure.subplots().set_title("words " * 40)
        return figure

    with figures.drawn(own) as drawing:
        assert "\n" not in drawing.figure.axes[0].get_title("left")


def test_dates_of_the_authors_format_are_level_if_they_are_of_one_line():
    def hook(written):
        def draw(figure):
            from matplotlib.dates import DateFormatter

            ax = figure.subplots()
            ax.plot([dt.date(2024, 1, 1), dt.date(2024, 6, 1)], [1, 2])
            ax.xaxis.set_major_formatter(DateFormatter(written))

        return draw

    assert placed(hook("%b"), alignments)[0][0] == {"baseline"}
    assert placed(hook("%b\n%Y"), alignments)[0][0] == {"top"}
