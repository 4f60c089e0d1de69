"""Files of all formats: lossless where they promise it, on the right background, the same every time."""

import io

import numpy as np
import pytest
from PIL import Image

from charts.drawing import encoding, figures, themes
from charts.exceptions import DrawError
from tests.drawing import gallery


def opened(data):
    return Image.open(io.BytesIO(data))


def rgba(data):
    return np.asarray(opened(data).convert("RGBA"))


@pytest.mark.parametrize("png", encoding.PNG_WRITERS)
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("name", ["line", "bars", "heat", "stacked"])
def test_a_png_has_exactly_the_pixels_that_were_drawn(name, transparent, png):
    with figures.drawn(gallery.HOOKS[name], transparent=transparent, size=(401, 233)) as drawing:
        for density in (1, 1.5):
            data = encoding.encode(drawing, "png", density, png)
            assert np.array_equal(rgba(data), drawing.pixels(density))
            assert opened(data).mode in {"RGBA" if transparent else "RGB", "P" if png == "small" else ""}
            opened(data).verify()


def test_a_png_says_how_many_pixels_are_an_inch():
    with figures.drawn(gallery.line) as drawing:
        assert opened(encoding.encode(drawing, density=2)).info["dpi"] == pytest.approx((200, 200), abs=0.02)


@pytest.mark.parametrize("name", gallery.HOOKS)
def test_a_small_png_is_never_larger_than_a_fast_one(name):
    with figures.drawn(gallery.HOOKS[name], size=(300, 200)) as drawing:
        assert len(encoding.encode(drawing, png="small")) <= len(encoding.encode(drawing, png="fast"))


def test_a_picture_of_few_colours_becomes_a_palette_without_loss():
    from charts.drawing import png

    pixels = np.zeros((90, 120, 4), np.uint8)
    generator = np.random.default_rng(1)
    pixels[...] = generator.integers(0, 256, (200, 4), np.uint8)[generator.integers(0, 200, (90, 120))]
    data = png.small(pixels, 100)
    assert opened(data).mode == "P"
    assert np.array_equal(rgba(data), pixels)


def test_rows_that_repeat_cost_almost_nothing():
    from charts.drawing import png

    row = np.random.default_rng(1).integers(0, 256, (1, 500, 4), np.uint8)
    once = png.fast(row, 100)
    many = png.fast(np.repeat(row, 400, axis=0), 100)
    assert len(many) < len(once) + 5_000
    assert np.array_equal(rgba(many)[399], row[0])


def test_webp_is_lossless():
    with figures.drawn(gallery.line) as drawing:
        assert np.array_equal(rgba(encoding.encode(drawing, "webp", 2)), drawing.pixels(2))


def test_transparency_is_kept_by_the_formats_that_can():
    with figures.drawn(gallery.line, transparent=True) as drawing:
        for name in ("png", "webp", "avif"):
            assert rgba(encoding.encode(drawing, name))[0, 0, 3] == 0, name


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK])
def test_jpeg_is_flattened_on_the_themes_background(theme):
    with figures.drawn(gallery.line, transparent=True, theme=theme) as drawing:
        picture = opened(encoding.encode(drawing, "jpeg"))
    background = tuple(int(theme.background[place : place + 2], 16) for place in (1, 3, 5))
    assert picture.mode == "RGB"
    assert np.abs(np.array(picture.getpixel((2, 2))) - background).max() <= 3


def test_avif_is_close_to_what_was_drawn():
    with figures.drawn(gallery.line) as drawing:
        picture = rgba(encoding.encode(drawing, "avif"))
        assert np.abs(picture.astype(int) - drawing.pixels(1)).mean() < 1


def test_avif_without_the_codec_says_the_way_out(monkeypatch):
    from PIL import features

    monkeypatch.setattr(features, "check", lambda name: False)
    with figures.drawn(gallery.line) as drawing, pytest.raises(DrawError, match=r"cannot write AVIF.*formats="):
        encoding.encode(drawing, "avif")


def test_an_unknown_format_is_refused_with_the_choices():
    with figures.drawn(gallery.line) as drawing, pytest.raises(DrawError, match="png, webp, jpeg, avif, svg, pdf"):
        encoding.encode(drawing, "gif")


def test_an_unknown_way_to_write_png_is_refused_with_the_choices():
    with figures.drawn(gallery.line) as drawing, pytest.raises(DrawError, match="fast, small"):
        encoding.encode(drawing, png="tiny")


def test_a_density_that_was_not_announced_is_bounded_too():
    with (
        figures.drawn(gallery.line, size=(100, 100), max_pixels=20_000) as drawing,
        pytest.raises(DrawError, match="MAX_PIXELS"),
    ):
        encoding.encode(drawing, density=2)


def test_a_side_too_long_for_a_format_is_refused_with_the_way_out():
    def hook(figure):
        figure.text(0.5, 0.5, "x")

    with figures.drawn(hook, size=(17_000, 20)) as drawing:
        with pytest.raises(DrawError, match=r"17000 × 20 pixels cannot be written as webp"):
            encoding.encode(drawing, "webp")
        assert opened(encoding.encode(drawing, "png")).size == (17_000, 20)


@pytest.mark.parametrize("name", encoding.FORMATS)
def test_the_same_figure_makes_the_same_bytes(name):
    def file():
        with figures.drawn(gallery.secondary, size=(300, 200)) as drawing:
            return encoding.encode(drawing, name, 2)

    assert file() == file()
