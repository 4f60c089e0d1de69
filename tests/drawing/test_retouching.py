"""Tables, images and twin axes fit the theme in the picture, and are as the hook made them afterwards."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.quiver import QuiverKey

from charts.drawing import figures, themes
from tests.drawing import gallery


def in_picture(hook, look, theme=themes.DARK):
    """Return what `look` sees of a kept figure while it is drawn and afterwards."""
    kept = []

    def draw(figure):
        kept.append(Figure())
        hook(kept[0])
        return kept[0]

    with figures.drawn(draw, theme=theme) as drawing:
        drawing.pixels(1)
        seen = look(kept[0])
    return seen, look(kept[0])


def gridded(axes):
    return axes.yaxis.get_tick_params()["gridOn"]


def test_a_table_can_be_read_in_the_dark():
    def cell(figure):
        cell = figure.axes[0].tables[0][1, 0]
        return to_hex(cell.get_facecolor(), keep_alpha=True)[7:], to_hex(cell.get_edgecolor())

    assert in_picture(gallery.table, cell) == (("00", themes.PALETTES["dark"].axis), ("ff", "#000000"))


def test_cells_that_the_hook_has_coloured_stay_so():
    def hook(figure):
        ax = figure.subplots()
        ax.table([["1"]], cellColours=[["#ff0000"]])

    def face(figure):
        return to_hex(figure.axes[0].tables[0][0, 0].get_facecolor())

    assert in_picture(hook, face) == ("#ff0000", "#ff0000")


def test_no_grid_runs_over_an_image():
    def above(figure):
        return figure.axes[0].images[0].get_zorder() > 0.5

    assert in_picture(gallery.heat, above) == (True, False)


def test_a_grid_that_the_hook_wants_over_an_image_stays_there():
    def hook(figure):
        gallery.heat(figure)
        figure.axes[0].set_axisbelow(False)

    assert in_picture(hook, lambda figure: figure.axes[0].images[0].get_zorder()) == (0, 0)


def test_twin_axes_have_one_grid():
    with figures.drawn(gallery.dates) as drawing:
        assert [gridded(axes) for axes in drawing.figure.axes] == [True, False]


def test_a_twins_grid_stays_when_it_is_the_only_one():
    def hook(figure):
        gallery.dates(figure)
        figure.axes[0].grid(visible=False)

    with figures.drawn(hook) as drawing:
        assert [gridded(axes) for axes in drawing.figure.axes] == [False, True]


def test_axes_beside_each_other_keep_their_grids():
    with figures.drawn(gallery.grid) as drawing:
        assert all(gridded(axes) for axes in drawing.figure.axes)


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_arrows_can_be_seen(theme):
    with figures.drawn(gallery.box, theme=theme) as drawing:
        arrow = drawing.figure.axes[0].texts[0].arrow_patch
        assert to_hex(arrow.get_edgecolor()) == themes.PALETTES[theme.scheme].secondary


def test_bars_have_no_edges():
    with figures.drawn(gallery.bars) as drawing:
        assert drawing.figure.axes[0].patches[0].get_edgecolor()[3] == 0


@pytest.mark.parametrize(
    ("options", "edge"),
    [
        ({}, 0),
        ({"alpha": 0.3}, 0),
        ({"markerfacecolor": "none"}, themes.MARKER_EDGE),
        ({"markerfacecolor": "white"}, themes.MARKER_EDGE),
        ({"markeredgecolor": "C1"}, themes.MARKER_EDGE),
        ({"fillstyle": "left"}, themes.MARKER_EDGE),
        ({"markeredgewidth": 3}, 3),
    ],
    ids=str,
)
def test_filled_markers_are_as_large_as_they_say_and_translucent_ones_have_no_ring(options, edge):
    def hook(figure):
        ax = figure.subplots()
        ax.plot([1, 2], "o-", label="a", **options)
        ax.legend()

    def edges(figure):
        (ax,) = figure.axes
        return {ax.lines[0].get_markeredgewidth(), ax.get_legend().legend_handles[0].get_markeredgewidth()}

    before = edge or themes.MARKER_EDGE
    assert in_picture(hook, edges) == ({edge}, {before})


@pytest.mark.parametrize(
    ("options", "ink"),
    [
        ({}, {"light": "#000000", "dark": themes.PALETTES["dark"].secondary}),
        ({"color": "#112233"}, {"light": "#112233", "dark": "#112233"}),
        ({"facecolor": "#112233"}, {"light": "#112233", "dark": "#112233"}),
    ],
)
@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
@pytest.mark.parametrize("values", [(), ([1.0, 2.0],)], ids=["plain", "mapped"])
def test_the_arrow_of_a_key_can_be_seen_as_those_it_explains(options, ink, theme, values):
    def hook(figure):
        ax = figure.subplots()
        ax.quiverkey(ax.quiver([1, 2], [1, 2], [1, 2], [1, 2], *values), 0.9, 1.03, 2, "2 m/s", **options)

    def arrow(figure):
        (key,) = [child for child in figure.axes[0].get_children() if isinstance(child, QuiverKey)]
        return to_hex(key.vector.get_facecolor()[0])

    assert in_picture(hook, arrow, theme) == (ink[theme.scheme], ink["light"])
