"""Words whose colour nobody chose can be read on whatever they stand; those that somebody chose stay as they are."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from charts.drawing import colours, encoding, figures, themes
from tests.drawing import gallery

DARK_INK, LIGHT_INK = (themes.PALETTES[scheme].text for scheme in ("light", "dark"))
THEMES = pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK], ids=["light", "dark"])
CELLS = np.arange(9.0).reshape(3, 3)


def inked(hook, theme, **options):
    """Return the colours of an axes' words by what they say, and what was warned of."""
    with figures.drawn(hook, theme=theme, **options) as drawing:
        drawing.pixels(1)
        return {word.get_text(): to_hex(word.get_color()) for word in drawing.figure.axes[0].texts}, drawing.warnings


def pie(figure):
    figure.subplots().pie([1, 1, 1, 1, 1, 1, 1, 1], labels=list("abcdefgh"), autopct="%d%%")


def stack(figure):
    ax, bottom = figure.subplots(), 0
    for height in range(1, 9):
        bars = ax.bar(["all"], [height + 10], bottom=[bottom])
        ax.bar_label(bars, label_type="center")
        bottom += height + 10


def written(ax, offset):
    for (row, column), value in np.ndenumerate(CELLS):
        ax.text(column + offset, row + offset, f"{value:g}", ha="center", va="center")


def image(figure):
    ax = figure.subplots()
    ax.imshow(CELLS, cmap="gray")
    written(ax, 0)


def mesh(figure):
    ax = figure.subplots()
    ax.pcolormesh(CELLS, cmap="gray")
    written(ax, 0.5)


def cells(figure):
    figure.subplots().table([["1", "2"]], cellColours=[["#ffff88", "#000088"]], loc="center", fontsize=10)


@THEMES
@pytest.mark.parametrize("hook", [pie, stack, image, mesh, cells])
@pytest.mark.parametrize("transparent", [False, True])
def test_words_on_marks_can_be_read_and_nobody_is_told_to_leave_what_he_left(hook, theme, transparent):
    _, warnings = inked(hook, theme, transparent=transparent)
    assert not [note for note in warnings if "hardly" in note]


@THEMES
def test_a_wedges_words_are_in_the_ink_that_is_read_on_it(theme):
    with figures.drawn(pie, theme=theme) as drawing:
        wedges = [to_hex(wedge.get_facecolor()) for wedge in drawing.figure.axes[0].patches]
        words = drawing.figure.axes[0].texts
        shares = [word for word in words if word.get_text().endswith("%")]
        names = [word for word in words if word not in shares]
        assert [to_hex(name.get_color()) for name in names] == [theme.rc["text.color"]] * 8
        for wedge, share in zip(wedges, shares, strict=True):
            contrasts = {ink: colours.contrast(ink, wedge) for ink in (DARK_INK, LIGHT_INK)}
            assert contrasts[to_hex(share.get_color())] >= min(4.3, max(contrasts.values()))


@THEMES
@pytest.mark.parametrize("hook", [image, mesh])
def test_a_heat_maps_numbers_are_dark_on_light_and_light_on_dark(hook, theme):
    inks, _ = inked(hook, theme)
    assert (inks["0"], inks["8"]) == (LIGHT_INK, DARK_INK)


@THEMES
def test_words_beside_the_marks_stay_the_themes(theme):
    def hook(figure):
        ax = figure.subplots()
        ax.bar_label(ax.bar(["a", "b"], [1, 2], color=["#ffffff", "#000000"]))

    assert set(inked(hook, theme)[0].values()) == {theme.rc["text.color"]}


def test_words_in_a_box_of_their_own_are_read_in_it():
    def hook(figure):
        gallery.line(figure)
        figure.axes[0].text(0.5, 0.5, "boxed", bbox={"facecolor": "white"}, transform=figure.transFigure)

    inks, warnings = inked(hook, themes.DARK)
    assert inks["boxed"] == DARK_INK
    assert warnings == []


def test_words_on_axes_that_the_author_made_light_are_dark():
    def hook(figure):
        ax = figure.subplots()
        ax.set_facecolor("white")
        ax.text(0.5, 0.5, "here")

    assert inked(hook, themes.DARK)[0] == {"here": DARK_INK}


def test_what_the_author_has_chosen_stays_and_is_warned_of():
    def hook(figure):
        ax = figure.subplots()
        ax.bar(["a"], [4], color="#f0f0e0")
        ax.text(0, 2, "chosen", color="#fffff0", ha="center")
        ax.text(0, 1, "outlined", ha="center", path_effects=[withStroke(linewidth=3, foreground="black")])
        ax.text(0, 3, "watermark", ha="center", alpha=0.1)

    inks, warnings = inked(hook, themes.DARK)
    assert inks == {"chosen": "#fffff0", "outlined": LIGHT_INK, "watermark": LIGHT_INK}
    assert len(warnings) == 1
    assert warnings[0].startswith('"chosen" can hardly be told')


def test_a_theme_of_the_projects_keeps_its_ink_on_its_page():
    theme = themes.resolve("pale", {"pale": {"text.color": "#999999"}})

    def hook(figure):
        ax = figure.subplots()
        ax.bar(["a", "b"], [1, 4], color="#444444")
        ax.text(0, 3, "page", ha="center")
        ax.text(1, 2, "bar", ha="center")

    inks, _ = inked(hook, theme)
    assert inks["page"] == "#999999"
    assert inks["bar"] in {"#999999", LIGHT_INK}


def contours(levels_on, **options):
    def hook(figure):
        ax = figure.subplots()
        x, y = np.meshgrid(np.linspace(-3, 3, 40), np.linspace(-3, 3, 40))
        if levels_on:
            ax.contourf(x, y, x * y)
        labels = options.pop("labels", None)
        ax.clabel(ax.contour(x, y, x * y, **options), colors=labels)

    return hook


@THEMES
@pytest.mark.parametrize("levels_on", [False, True])
def test_contour_labels_that_fade_into_their_ground_get_an_ink(theme, levels_on):
    inks, warnings = inked(contours(levels_on), theme)
    assert {DARK_INK, LIGHT_INK} & set(inks.values())
    assert not [note for note in warnings if "hardly" in note]


@THEMES
@pytest.mark.parametrize("chosen", ["colors", "labels"])
@pytest.mark.parametrize("colour", ["#ff0000", DARK_INK, LIGHT_INK])
def test_contour_labels_keep_the_colours_that_the_author_gave_them(theme, chosen, colour):
    assert set(inked(contours(True, **{chosen: colour}), theme)[0].values()) == {colour}


def test_a_kept_figure_has_its_colours_afterwards():
    kept = []

    def hook(figure):
        kept.append(Figure())
        kept[0].subplots().pie([1, 2], autopct="%d%%", colors=["#ffffff", "#ffff00"])
        return kept[0]

    with figures.drawn(hook, theme=themes.DARK):
        shown = [to_hex(word.get_color()) for word in kept[0].axes[0].texts if word.get_text()]
    after = [to_hex(word.get_color()) for word in kept[0].axes[0].texts if word.get_text()]
    assert (shown, after) == ([DARK_INK] * 2, [LIGHT_INK] * 2)


def test_every_format_has_the_same_ink():
    def hook(figure):
        figure.subplots().pie([1], autopct="%d%%", colors=["#ffff00"])

    with figures.drawn(hook, theme=themes.DARK) as drawing:
        assert LIGHT_INK not in encoding.encode(drawing, format="svg", density=1).decode()
        assert DARK_INK in encoding.encode(drawing, format="svg", density=1).decode()
