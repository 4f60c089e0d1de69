"""What a hook may return, and what it is told when it returned something else or drew nothing."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from charts.drawing import describing, encoding, figures
from charts.exceptions import DrawError
from tests.drawing import gallery


def other_figure():
    figure = Figure()
    gallery.line(figure)
    return figure


def drawn_figure(hook):
    with figures.drawn(hook) as drawing:
        assert encoding.encode(drawing)
        return drawing.figure


def test_nothing_means_the_handed_figure():
    handed = []
    figure = drawn_figure(lambda figure: (handed.append(figure), gallery.line(figure))[1])
    assert figure is handed[0]


@pytest.mark.parametrize(
    "part",
    [
        lambda figure: figure,
        lambda figure: figure.axes[0],
        lambda figure: figure.axes,
        lambda figure: np.array(figure.axes),
        lambda figure: dict(enumerate(figure.axes)),
        lambda figure: figure.axes[0].lines[0],
        lambda figure: figure.axes[0].lines,
    ],
    ids=["figure", "axes", "list", "array", "mosaic", "artist", "artists"],
)
def test_a_figure_is_found_by_what_is_in_it(part):
    figure = other_figure()
    assert drawn_figure(lambda handed: part(figure)) is figure


def test_an_axes_of_a_subfigure_means_the_whole_figure():
    def hook(figure):
        gallery.subfigures(figure)
        return figure.axes[0]

    assert len(drawn_figure(hook).subfigs) == 2


def test_a_subfigure_means_the_whole_figure():
    figure = Figure()
    gallery.subfigures(figure)
    assert drawn_figure(lambda handed: figure.subfigs[0]) is figure


def test_an_object_with_a_figure_is_taken():
    class Grid:
        figure = other_figure()

    assert drawn_figure(lambda figure: Grid()) is Grid.figure


def test_an_object_with_draw_is_drawn_once():
    class Plot:
        calls = 0

        def draw(self):
            self.calls += 1
            return other_figure()

    plot = Plot()
    drawn_figure(lambda figure: plot)
    assert plot.calls == 1


@pytest.mark.parametrize("result", [3, "chart.png", b"PNG", object(), [1, 2], [], Figure, {"a": 1}, True])
def test_anything_else_is_refused_with_what_may_be(result):
    with pytest.raises(DrawError, match=rf"draw\(\) returned {type(result).__name__}.*return a Figure"):
        drawn_figure(lambda figure: result)


def test_axes_of_two_figures_are_refused():
    with pytest.raises(DrawError, match="2 figures; a chart is one"):
        drawn_figure(lambda figure: [other_figure(), other_figure()])


@pytest.mark.parametrize(
    "hook",
    [
        lambda figure: None,
        lambda figure: figure.subplots().axis("off") and None,
        lambda figure: figure.suptitle(" ") and None,
        lambda figure: Figure(),
    ],
    ids=["nothing", "axes-off", "blank-words", "returned"],
)
def test_an_empty_figure_is_a_picture_with_a_warning_and_words_that_say_so(hook):
    with figures.drawn(hook) as drawing:
        assert encoding.encode(drawing)
        assert describing.describe(drawing.figure) == "Empty chart: nothing is drawn."
        assert len(drawing.warnings) == 1
    assert drawing.warnings[0].startswith("draw() drew nothing, and the picture is empty: draw on the figure it is")


def test_an_empty_figure_beside_an_empty_one_of_pyplot_is_a_picture_with_a_warning():
    def hook(figure):
        import matplotlib.pyplot as plt  # noqa: TID251  (as authors do)

        plt.figure()

    with figures.drawn(hook) as drawing:
        assert encoding.encode(drawing)
    assert len(drawing.warnings) == 1
    assert "drew nothing on the figure it is handed, but left 1 pyplot figure open" in drawing.warnings[0]


def test_an_empty_figure_says_that_pyplot_has_one():
    def hook(figure):
        import matplotlib.pyplot as plt  # noqa: TID251  (what people do)

        plt.plot([1, 2])

    with pytest.raises(DrawError, match=r"1 pyplot figure open: end it with `return plt.gcf\(\)`"):
        drawn_figure(hook)


def test_an_empty_figure_returned_beside_a_full_one_is_pointed_out():
    def hook(figure):
        gallery.line(figure)
        return Figure()

    with pytest.raises(DrawError, match="drew on the one it was handed"):
        drawn_figure(hook)


@pytest.mark.parametrize(
    "hook",
    [
        lambda figure: figure.subplots().set_title("No data yet") and None,
        lambda figure: figure.subplots() and None,
        lambda figure: figure.text(0.5, 0.5, "Nothing sold") and None,
        lambda figure: figure.suptitle("Nothing sold") and None,
        lambda figure: figure.figimage(np.ones((10, 10, 3))) and None,
        lambda figure: figure.subfigures(1, 2)[0].suptitle("left") and None,
    ],
    ids=["title", "axes", "text", "suptitle", "image", "subfigure"],
)
def test_a_little_ink_is_enough(hook):
    assert drawn_figure(hook) is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_seaborn_grids_and_axes_are_taken():
    seaborn = pytest.importorskip("seaborn")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": gallery.A, "b": gallery.B, "kind": list("xy") * 50})
    grid = drawn_figure(lambda figure: seaborn.relplot(frame, x="a", y="b", col="kind"))
    assert len(grid.axes) == 2
    axes = drawn_figure(lambda figure: seaborn.scatterplot(frame, x="a", y="b", ax=figure.subplots()))
    assert len(axes.axes) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_a_declared_seaborn_plot_is_drawn_on_the_handed_figure():
    objects = pytest.importorskip("seaborn.objects")
    figure = drawn_figure(lambda figure: objects.Plot(x=gallery.X, y=gallery.A).add(objects.Line()))
    assert len(figure.axes[0].lines) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_pandas_plots_are_taken():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": gallery.A, "b": gallery.B})
    assert len(drawn_figure(lambda figure: frame.plot()).axes[0].lines) == 2
    assert len(drawn_figure(lambda figure: frame.plot(ax=figure.subplots())).axes) == 1
    assert len(drawn_figure(lambda figure: frame.plot(subplots=True)).axes) == 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_plotnine_is_drawn_at_the_fields_size():
    plotnine = pytest.importorskip("plotnine")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": gallery.A, "b": gallery.B})

    def hook(figure):
        return plotnine.ggplot(frame, plotnine.aes("a", "b")) + plotnine.geom_point()

    with figures.drawn(hook, size=(500, 300)) as drawing:
        assert drawing.pixels(2).shape == (600, 1000, 4)
        assert drawing.warnings == []


def pyplot_line():
    import matplotlib.pyplot as plt  # noqa: TID251  (as authors do)

    plt.figure()
    plt.plot([1, 2, 3])


def test_pyplots_ink_beside_handed_axes_without_data_is_refused_with_the_way_out():
    def hook(figure):
        figure.subplots().set_title("Orders")
        pyplot_line()

    with pytest.raises(DrawError, match=r"return plt\.gcf\(\)"):
        drawn_figure(hook)


def test_ink_on_both_figures_is_noted():
    def hook(figure):
        gallery.line(figure)
        pyplot_line()

    with figures.drawn(hook) as drawing:
        assert len(drawing.warnings) == 1
        assert "return plt.gcf()" in drawing.warnings[0]


def test_an_empty_figure_of_pyplot_is_no_ones_loss():
    def hook(figure):
        import matplotlib.pyplot as plt  # noqa: TID251  (as authors do)

        plt.gca()
        gallery.line(figure)

    with figures.drawn(hook) as drawing:
        assert drawing.warnings == []
