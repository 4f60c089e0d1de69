"""A hook's tight_layout() holds for the size of the picture, and what the author set afterwards holds too."""

import pytest
from matplotlib.figure import Figure
from matplotlib.layout_engine import TightLayoutEngine

from charts.drawing import figures


def large(*, adjust=None, count=1):
    figure = Figure(figsize=(16, 12))
    for ax in figure.subplots(1, count, squeeze=False)[0]:
        ax.barh(["a rather long name of a district", "another"], [1, 2])
        ax.set(ylabel="District", xlabel="Orders", title="Orders a district")
    figure.tight_layout()
    if adjust:
        figure.subplots_adjust(**adjust)
    return figure


def is_whole(figure):
    """Say whether all that axes say lies within the figure."""
    renderer = figure.canvas.get_renderer()
    return all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height
        for box in (ax.get_tightbbox(renderer) for ax in figure.axes)
    )


@pytest.mark.parametrize("count", [1, 2])
def test_nothing_is_cut_off_when_a_tight_figure_gets_smaller(count):
    with figures.drawn(lambda figure: large(count=count), size=(800, 450)) as drawing:
        drawing.pixels(1)
        assert is_whole(drawing.figure)
        assert drawing.warnings == []


def test_pyplots_tight_layout_holds_for_the_pictures_size():
    def hook(figure):
        import matplotlib.pyplot as plt  # noqa: TID251  (what people do)

        plt.figure(figsize=(16, 12))
        plt.barh(["a rather long name of a district"], [1])
        plt.tight_layout()
        return plt.gcf()

    with figures.drawn(hook, size=(800, 450)) as drawing:
        assert is_whole(drawing.figure)


def test_margins_that_the_author_set_afterwards_stay():
    with figures.drawn(lambda figure: large(adjust={"left": 0.4}), size=(800, 450)) as drawing:
        assert drawing.figure.subplotpars.left == 0.4


def test_what_the_author_did_not_set_afterwards_fits_the_pictures_size():
    with figures.drawn(lambda figure: large(adjust={"top": 0.8}), size=(800, 450)) as drawing:
        assert drawing.figure.subplotpars.top == 0.8
        assert is_whole(drawing.figure)


def test_room_beside_the_axes_for_a_legend_grows_when_the_figure_gets_smaller():
    kept = []

    def hook(figure):
        if not kept:
            kept.append(large())
            kept[0].legend(handles=kept[0].axes[0].patches[:1], labels=["the orders of a year"], loc="center right")
            kept[0].subplots_adjust(right=0.85)
        return kept[0]

    for size in [(800, 450), (600, 300), (800, 450)]:
        with figures.drawn(hook, size=size) as drawing:
            assert drawing.figure.legends[0].get_window_extent().x0 >= drawing.figure.axes[0].get_window_extent().x1
            assert is_whole(drawing.figure)


def test_a_legend_below_leaves_what_the_author_set():
    def hook(figure):
        figure = large()
        figure.legend(handles=figure.axes[0].patches[:1], labels=["the orders of a year"], loc="lower center")
        figure.subplots_adjust(right=0.85)
        return figure

    with figures.drawn(hook, size=(800, 450)) as drawing:
        assert drawing.figure.subplotpars.right == 0.85


def test_a_kept_figure_is_laid_out_for_every_size_it_is_drawn_at():
    kept = []

    def hook(figure):
        kept.append(kept[0] if kept else large())
        return kept[0]

    for size in [(800, 450), (500, 300), (1600, 1200)]:
        with figures.drawn(hook, size=size) as drawing:
            assert is_whole(drawing.figure)


def test_matplotlib_is_as_it_was():
    before = TightLayoutEngine.execute
    with figures.drawn(lambda figure: large()):
        assert TightLayoutEngine.execute is before
    with pytest.raises(ZeroDivisionError), figures.drawn(lambda figure: 1 / 0):
        pass
    assert TightLayoutEngine.execute is before
