"""Words and arrows that a hook leaves black, or colours for one theme only."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from charts.drawing import figures, themes
from tests.drawing import gallery


def notes(hook, theme=themes.DARK, **options):
    with figures.drawn(hook, theme=theme, **options) as drawing:
        drawing.pixels(1)
        return drawing.warnings


def black_title(figure):
    gallery.line(figure)
    figure.axes[0].set_title("Orders", color="black")


@pytest.mark.parametrize("transparent", [False, True])
def test_a_black_title_on_a_dark_page_is_noted_with_the_theme(transparent):
    (note,) = notes(black_title, transparent=transparent)
    assert note.startswith('"Orders" can hardly be told')
    assert 'theme "dark"' in note
    assert notes(black_title, themes.LIGHT, transparent=transparent) == []


def test_words_on_a_mark_of_nearly_their_colour_are_noted_wherever_they_are_turned():
    def hook(figure):
        ax = figure.subplots()
        ax.bar(["a"], [9], color="#222222")
        ax.text(0, 4, "inside", color="#111111", ha="center", rotation=90)

    assert '"inside"' in notes(hook, themes.LIGHT)[0]


def test_a_style_that_makes_a_dark_theme_light_is_noted():
    def hook(figure):
        gallery.line(figure)
        figure.set_facecolor("white")
        figure.axes[0].set_title("Orders")

    assert '"Orders"' in notes(hook)[0]


def test_words_on_a_box_of_their_own_and_watermarks_are_no_news():
    def hook(figure):
        gallery.line(figure)
        figure.axes[0].text(0.5, 0.5, "boxed", color="black", bbox={"facecolor": "white"}, transform=figure.transFigure)
        figure.text(0.3, 0.3, "draft", alpha=0.05)

    assert notes(hook) == []


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_what_the_theme_colours_can_be_read(theme):
    for hook in (gallery.bars, gallery.heat, gallery.table, gallery.box, gallery.dates):
        assert not [note for note in notes(hook, theme) if "hardly" in note]


@pytest.mark.parametrize("method", ["quiver", "barbs"])
def test_black_arrows_take_the_edges_colour_in_the_dark_only(method):
    def face(theme):
        def hook(figure):
            places = np.arange(3.0)
            kept.append(getattr(figure.subplots(), method)(places, places, 10 * places, places))

        kept = []
        with figures.drawn(hook, theme=theme):
            shown = to_hex(kept[0].get_facecolor()[0])
        return shown, to_hex(kept[0].get_facecolor()[0])

    assert face(themes.DARK) == (themes.PALETTES["dark"].secondary, "#000000")
    assert face(themes.LIGHT) == ("#000000", "#000000")


def white_heat(ax):
    ax.pcolormesh(np.eye(5), cmap="gray_r")
    ax.set_title("Visits")


def white_ground(ax):
    ax.plot(gallery.X, gallery.A)
    ax.set(title="Visits", facecolor="white")


@pytest.mark.parametrize("density", [1, 2])
@pytest.mark.parametrize("hook", [white_heat, white_ground])
def test_an_axes_that_is_mostly_white_in_the_dark_is_noted(hook, density):
    with figures.drawn(lambda figure: hook(figure.subplots()), theme=themes.DARK) as drawing:
        drawing.pixels(density)
        (note,) = drawing.warnings
    assert note.startswith('The chart "Visits" is mostly white in the theme "dark"')
    assert notes(lambda figure: hook(figure.subplots()), themes.LIGHT) == []


@pytest.mark.parametrize(
    "hook",
    [
        lambda ax: ax.imshow(np.ones((5, 5, 3))),
        lambda ax: ax.bar([1, 2], [1, 2], color="white", width=0.3),
        lambda ax: ax.pcolormesh(np.eye(5)),
    ],
    ids=["photo", "bars", "the theme's colours"],
)
def test_photos_and_white_marks_are_no_glare(hook):
    assert notes(lambda figure: hook(figure.subplots()) and None) == []
