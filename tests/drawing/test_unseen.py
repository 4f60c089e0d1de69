"""Black marks are drawn with the theme's ink where they are lost in the dark; colours that somebody chose stay."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from charts.drawing import figures, themes

INK, SECONDARY = themes.PALETTES["dark"].text, themes.PALETTES["dark"].secondary
HEIGHTS = [1.0, 3.0, 2.0]


def seen(hook, look, theme=themes.DARK, projection=None, **options):
    """Return what `look` says of a kept figure's axes in the picture and afterwards, and what was warned of."""
    kept = []

    def draw(figure):
        kept.append(Figure().subplots(subplot_kw={"projection": projection}))
        hook(kept[0])
        return kept[0]

    with figures.drawn(draw, theme=theme, **options) as drawing:
        drawing.pixels(1)
        inside = look(kept[0])
    return inside, look(kept[0]), drawing.warnings


def edge(artist):
    return to_hex(artist.get_edgecolor()[0])


def face(artist):
    return to_hex(artist.get_facecolor()[0])


BLACK = {
    "line": (lambda ax: ax.plot(HEIGHTS, "k-"), lambda ax: to_hex(ax.lines[0].get_color())),
    "crosses": (lambda ax: ax.plot(HEIGHTS, "kx"), lambda ax: to_hex(ax.lines[0].get_markeredgecolor())),
    "markers of their own": (
        lambda ax: ax.plot(HEIGHTS, "k-o", mfc="black", mec="black"),
        lambda ax: to_hex(ax.lines[0].get_markerfacecolor()),
    ),
    "level": (
        lambda ax: (ax.bar([1, 2, 3], [1, -1, 2]), ax.axhline(0, c="k")),
        lambda ax: to_hex(ax.lines[0].get_color()),
    ),
    "wicks": (
        lambda ax: (ax.bar(1, 5, color="green"), ax.vlines(1, -1, 6, color="black")),
        lambda ax: edge(ax.collections[0]),
    ),
    "inset": (
        lambda ax: ax.inset_axes((0.5, 0.5, 0.3, 0.3)).plot(HEIGHTS, "k"),
        lambda ax: to_hex(ax.child_axes[0].lines[0].get_color()),
    ),
    "points": (lambda ax: ax.scatter(HEIGHTS, HEIGHTS, c="k"), lambda ax: face(ax.collections[0])),
    "rings": (
        lambda ax: ax.scatter(HEIGHTS, HEIGHTS, facecolors="none", edgecolors="k"),
        lambda ax: edge(ax.collections[0]),
    ),
    "steps": (
        lambda ax: ax.hist(HEIGHTS, histtype="step", color="k"),
        lambda ax: to_hex(ax.patches[0].get_edgecolor()),
    ),
    "bars": (lambda ax: ax.bar([1, 2, 3], HEIGHTS, color="k"), lambda ax: to_hex(ax.patches[0].get_facecolor())),
    "arrow": (
        lambda ax: ax.annotate("here", (0.1, 0.1), (0.8, 0.8), arrowprops={"arrowstyle": "->", "color": "black"}),
        lambda ax: to_hex(ax.texts[0].arrow_patch.get_edgecolor()),
    ),
    "contours": (
        lambda ax: ax.clabel(ax.contour(np.hypot(*np.mgrid[-3:3:30j, -3:3:30j]), colors="k")),
        lambda ax: to_hex(ax.collections[0].labelTexts[0].get_color()),
    ),
}


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("name", BLACK)
def test_black_becomes_ink_in_the_dark_and_is_black_again_afterwards(name, transparent):
    assert seen(*BLACK[name], transparent=transparent) == (INK, "#000000", [])


@pytest.mark.parametrize("name", BLACK)
def test_black_stays_black_on_a_light_page(name):
    assert seen(*BLACK[name], theme=themes.LIGHT) == ("#000000", "#000000", [])


@pytest.mark.parametrize(
    "ground",
    [
        lambda ax: ax.set_facecolor("#dddddd"),
        lambda ax: ax.imshow(np.linspace(0.4, 1, 30).reshape(5, 6), cmap="gray", vmin=0, vmax=1, extent=(0, 2, 0, 4)),
        lambda ax: ax.axhspan(0, 4, color="#ffdd88"),
        lambda ax: ax.contourf([0, 2], [0, 4], [[0.0, 1], [2, 3]], cmap="viridis", levels=9),
    ],
)
def test_black_that_can_be_seen_is_left_alone(ground):
    def hook(ax):
        ground(ax)
        ax.plot(HEIGHTS, "k-")

    assert seen(hook, BLACK["line"][1]) == ("#000000", "#000000", [])


@pytest.mark.parametrize(
    "colour", ["white", "#5050a0", "red", "grey", themes.PALETTES["dark"].grid, themes.sequential("dark")(0)]
)
def test_colours_that_can_be_seen_or_are_the_themes_are_left_alone(colour):
    def hook(ax):
        ax.plot(HEIGHTS, color=colour)
        ax.axhspan(0, 1, color="black", alpha=0.1)
        ax.bar([1], [1], color="white", edgecolor="black")
        ax.axvline(1, color=themes.PALETTES["dark"].background)

    before = to_hex(colour)
    assert seen(hook, BLACK["line"][1]) == (before, before, [])


@pytest.mark.parametrize(
    ("options", "named"),
    [({}, "what is #000080"), ({"label": "Night"}, '"Night"'), ({"label": "_x"}, "what is #000080")],
)
def test_another_colour_that_is_lost_in_the_dark_stays_and_is_warned_of(options, named):
    def hook(ax):
        ax.plot(HEIGHTS, color="navy", **options)

    inside, _, (warning,) = seen(hook, BLACK["line"][1])
    assert inside == "#000080"
    assert warning.startswith(f"On the dark page {named} can hardly be told")
    assert seen(hook, BLACK["line"][1], theme=themes.LIGHT)[2] == []


def test_black_beside_white_does_not_become_the_same():
    def hook(ax):
        ax.plot(HEIGHTS, "k")
        ax.plot([2, 1, 3], "w")

    assert seen(hook, BLACK["line"][1])[0] == SECONDARY


@pytest.mark.parametrize("of_figure", [False, True])
def test_a_legend_has_the_ink_of_what_it_names_and_keeps_what_is_seen(of_figure):
    def hook(ax):
        ax.plot(HEIGHTS, "k", label="measured")
        ax.bar([0, 1, 2], HEIGHTS, color="white", edgecolor="black", label="expected")
        (ax.figure if of_figure else ax).legend(loc="upper right")

    def sample(ax):
        legend = ax.figure.legends[0] if of_figure else ax.get_legend()
        line, bar = legend.legend_handles
        assert isinstance(line, Line2D)
        assert isinstance(bar, Rectangle)
        return to_hex(line.get_color()), to_hex(bar.get_edgecolor())

    assert seen(hook, sample)[:2] == ((SECONDARY, "#000000"), ("#000000", "#000000"))


@pytest.mark.parametrize(("projection", "shown"), [("polar", INK), ("3d", "#000000")])
def test_radars_count_and_three_dimensions_do_not(projection, shown):
    def hook(ax):
        ax.plot(*[HEIGHTS] * (3 if projection == "3d" else 2), "k")

    assert seen(hook, BLACK["line"][1], projection=projection)[0] == shown


def test_what_is_hidden_or_empty_is_left_alone():
    def hook(ax):
        ax.plot(HEIGHTS, "k", visible=False)
        ax.plot([], [], "k")
        ax.plot([np.nan], [1.0], "ko")
        ax.scatter([], [], c="k")

    assert seen(hook, BLACK["line"][1])[0] == "#000000"
