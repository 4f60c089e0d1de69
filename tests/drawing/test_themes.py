"""Themes: what their colours promise by published formulas, what they refuse, and how they build on each other."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.markers import MarkerStyle

from charts.drawing import colours, figures, themes
from charts.exceptions import DrawError
from tests.drawing import gallery

SCHEMES = list(themes.PALETTES)
# Smallest OKLab distance of two series colours, and smallest WCAG contrast with the background.
PROMISED = {
    "light": {"normal": 0.151, "protanopia": 0.112, "deuteranopia": 0.114, "tritanopia": 0.132, "contrast": 3.05},
    "dark": {"normal": 0.154, "protanopia": 0.116, "deuteranopia": 0.116, "tritanopia": 0.123, "contrast": 4.55},
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("vision", colours.VISION)
def test_series_stay_apart_for_every_kind_of_sight(scheme, vision):
    series = themes.PALETTES[scheme].series
    smallest = min(colours.distance(one, other, vision) for one, other in combinations(series, 2))
    assert round(smallest, 3) == PROMISED[scheme][vision]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_series_stand_out_from_the_background(scheme):
    palette = themes.PALETTES[scheme]
    lowest = min(colours.contrast(colour, palette.background) for colour in palette.series)
    assert round(lowest, 2) == PROMISED[scheme]["contrast"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_can_be_read(scheme):
    palette = themes.PALETTES[scheme]
    assert colours.contrast(palette.text, palette.background) > 7
    assert colours.contrast(palette.secondary, palette.background) > 4.5


def test_the_formulas_are_the_published_ones():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert colours.oklch("#ffffff")[0] == pytest.approx(1, abs=1e-6)
    # Ottosson's reference: sRGB red is L .62796, a .22486, b .12585.
    lightness, chroma, hue = colours.oklch("#ff0000")
    assert (lightness, chroma * np.cos(hue), chroma * np.sin(hue)) == pytest.approx(
        (0.62796, 0.22486, 0.12585), abs=1e-4
    )
    # Machado's matrices keep white: their rows add up to one.
    for matrix in colours.VISION.values():
        assert np.sum(matrix, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


@pytest.mark.parametrize("colour", [*themes.PALETTES["light"].series, *themes.PALETTES["dark"].series])
def test_a_colour_survives_the_way_to_oklch_and_back(colour):
    assert colours.from_oklch(*colours.oklch(colour)) == colour


def test_a_colour_that_no_screen_shows_loses_chroma_and_keeps_lightness_and_hue():
    lightness, chroma, hue = colours.oklch(colours.from_oklch(0.6, 0.9, 2.0))
    assert chroma < 0.9
    assert (lightness, hue) == pytest.approx((0.6, 2.0), abs=0.02)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_sequential_is_even_in_lightness_and_of_one_hue(scheme):
    steps = themes.sequential(scheme)(np.linspace(0, 1, 17))
    parts = [colours.oklch(mpl.colors.to_hex(step)) for step in steps]
    differences = np.diff([lightness for lightness, _, _ in parts])
    assert np.ptp(differences) < 0.006
    assert (differences < 0).all() == (scheme == "light"), "little is near the background"
    hues = [hue for _, chroma, hue in parts if chroma > 0.05]
    assert np.ptp(hues) < 0.05


@pytest.mark.parametrize("scheme", SCHEMES)
def test_diverging_is_symmetrical_in_lightness_with_a_grey_middle(scheme):
    lightness, chroma, hue = np.array(
        [colours.oklch(mpl.colors.to_hex(step)) for step in themes.diverging(scheme)(np.linspace(0, 1, 17))]
    ).T
    assert lightness == pytest.approx(lightness[::-1], abs=0.01)
    assert chroma[8] < 0.03
    assert abs(hue[0] - hue[-1]) > 1.5


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_nothing_of_a_built_in_theme_is_unknown_to_matplotlib(theme):
    params = theme.rcparams()
    assert set(params) == set(mpl.rcParams.validate)
    assert params["font.sans-serif"][0] == "DejaVu Sans"


def shown(hook, theme):
    """Return the pixels of a picture in RGB, and which of them are not the page."""
    with figures.drawn(hook, theme=theme, size=(400, 300)) as drawing:
        pixels = drawing.pixels(1)[..., :3].copy()
    background = [int(theme.background[place : place + 2], 16) for place in (1, 3, 5)]
    return pixels, (pixels != background).any(axis=-1)


ORDINARY = {
    "box plots": lambda figure: figure.subplots().boxplot([gallery.A, gallery.B], showmeans=True),
    "violins": lambda figure: figure.subplots().violinplot([gallery.A, gallery.B], showmedians=True),
    "error bars": lambda figure: figure.subplots().errorbar([1, 2], [1, 2], yerr=0.3, capsize=8, fmt="o"),
    "pies' words": lambda figure: figure.subplots().pie([1, 2], labels=["a", "b"], autopct="%d%%"),
    "tables": gallery.table,
    "arrows": gallery.box,
    "legends": lambda figure: (figure.subplots().plot([1, 2], label="a"), figure.legend(title="Of what")),
    "3D axes": gallery.three_d,
}


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
@pytest.mark.parametrize("name", ORDINARY)
def test_nothing_ordinary_is_black_on_dark_or_white_on_light(name, theme):
    """Most of these are black in matplotlib's own code or defaults."""
    unseen = (255, 255, 255) if theme.scheme == "light" else (0, 0, 0)
    pixels, is_ink = shown(lambda figure: ORDINARY[name](figure) and None, theme)
    assert is_ink.any()
    assert not (pixels[is_ink] == unseen).all(axis=-1).any()


SHAPES = [marker for marker in MarkerStyle.markers if marker not in {None, "None", "none", " ", ""}]


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
@pytest.mark.parametrize(
    "options",
    [
        *({"marker": marker} for marker in [*SHAPES, "$a$", (5, 2), (6, 1)]),
        *({"marker": "o", "markerfacecolor": face} for face in ("none", "white")),
        *({"marker": "s", "fillstyle": style} for style in ("none", "left")),
    ],
    ids=str,
)
def test_every_marker_leaves_ink(options, theme):
    def hook(figure):
        ax = figure.subplots()
        ax.plot([1, 2, 3], [1, 3, 2], linestyle="none", **options)
        ax.axis("off")

    assert shown(hook, theme)[1].sum() >= 3


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_error_bars_have_the_caps_that_are_asked_for(theme):
    def hook(figure):
        ax = figure.subplots()
        ax.errorbar([1], [1], yerr=0.3, capsize=8)
        ax.axis("off")

    assert shown(hook, theme)[1].sum(axis=1).max() >= 16


def test_no_font_is_looked_for_in_vain(caplog):
    with figures.drawn(gallery.line) as drawing:
        drawing.pixels(1)
    assert "findfont" not in caplog.text


def test_an_unknown_theme_is_refused_with_the_choices():
    with pytest.raises(DrawError, match=r'no theme "solarized"\. Choices are: light, dark, brand'):
        themes.resolve("solarized", {"brand": {}})


def test_a_theme_of_the_projects_builds_on_light():
    theme = themes.resolve("brand", {"brand": {"lines.linewidth": 3}})
    assert theme.rcparams()["lines.linewidth"] == 3
    assert theme.rcparams()["axes.grid"] is True
    assert (theme.name, theme.scheme, theme.background) == ("brand", "light", "#ffffff")


def test_a_theme_can_extend_dark_and_a_theme_of_the_projects():
    extra = {"night": {"extends": "dark", "font.size": 11}, "small": {"extends": "night", "font.size": 7}}
    theme = themes.resolve("small", extra)
    assert (theme.scheme, theme.rc["font.size"], theme.background) == ("dark", 7, "#14181f")


def test_a_built_in_theme_can_be_replaced_by_one_that_extends_it():
    theme = themes.resolve("light", {"light": {"font.size": 12}})
    assert (theme.rc["font.size"], theme.rc["axes.grid"]) == (12, True)


def test_the_scheme_follows_the_background():
    assert themes.resolve("ink", {"ink": {"figure.facecolor": "#001122"}}).scheme == "dark"
    assert themes.resolve("paper", {"paper": {"extends": "dark", "figure.facecolor": "#ffffee"}}).scheme == "light"


def test_themes_that_extend_each_other_are_refused():
    extra = {"a": {"extends": "b"}, "b": {"extends": "a"}}
    with pytest.raises(DrawError, match="extends itself"):
        themes.resolve("a", extra)
    with pytest.raises(DrawError, match="extends itself"):
        themes.resolve("me", {"me": {"extends": "me"}})


@pytest.mark.parametrize("spec", ["ggplot", "https://example.org/x.mplstyle", "/etc/passwd", None, ["dark"]])
def test_a_style_by_name_path_or_address_is_refused(spec):
    with pytest.raises(DrawError, match="not a dictionary of rcParams"):
        themes.resolve("brand", {"brand": spec})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"lines.lnewidth": 3}, '"lines.lnewidth" is no rcParam of matplotlib'),
        ({"lines.linewidth": "fat"}, "'fat' is no value for \"lines.linewidth\""),
        ({"axes.prop_cycle": "__import__('os')"}, "axes.prop_cycle"),
    ],
)
def test_unknown_and_bad_rcparams_are_named(spec, message):
    theme = themes.resolve("brand", {"brand": spec})
    with pytest.raises(DrawError, match=f'Theme "brand": .*{message}|{message}'):
        theme.rcparams()


@pytest.mark.parametrize("key", ["figure.figsize", "figure.dpi", "backend", "interactive"])
def test_what_the_field_says_is_not_a_themes_to_say(key):
    with pytest.raises(DrawError, match=f"sets {key}"):
        themes.resolve("brand", {"brand": {key: 1}})


def test_a_theme_is_built_once_and_again_when_its_settings_change():
    extra = {"brand": {"font.size": 8}}
    assert themes.resolve("brand", extra) is themes.resolve("brand", {"brand": {"font.size": 8}})
    extra["brand"]["font.size"] = 9
    assert themes.resolve("brand", extra).rc["font.size"] == 9


def test_a_theme_cannot_be_changed():
    with pytest.raises(TypeError):
        themes.LIGHT.rc["font.size"] = 3
