"""What `drawn` does with a hook's figure: one draw, an exact size, one layout for all that is made of it."""

import io
import subprocess
import sys
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from charts.drawing import encoding, figures, inks, placing, themes
from charts.exceptions import DrawError
from tests.drawing import gallery

# Without what matplotlib's own writer cannot know: our colormaps, and where a theme's grid belongs.
PLAIN = themes.resolve("plain", {"plain": {"image.cmap": "viridis", "axes.axisbelow": "line", "axes.grid": False}})


def nothing_drawn(figure):
    return None


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_hook_is_called_once_for_all_densities_and_formats():
    calls = []

    def hook(figure):
        calls.append(figure)
        gallery.line(figure)

    with figures.drawn(hook, densities=(1, 2)) as drawing:
        for density in (1, 2):
            for name in ("png", "webp", "svg"):
                encoding.encode(drawing, name, density)
    assert len(calls) == 1


def test_the_hook_is_handed_a_figure_of_the_variants_size_and_layout():
    seen = {}

    def hook(figure):
        seen.update(size=figure.get_size_inches(), dpi=figure.dpi, engine=figure.get_layout_engine())
        gallery.line(figure)

    with figures.drawn(hook, size=(640, 360), layout="tight"):
        pass
    assert seen["size"] == pytest.approx([6.4, 3.6], abs=0.001)
    assert seen["dpi"] == 100
    assert type(seen["engine"]).__name__ == "TightLayoutEngine"


@pytest.mark.parametrize("density", [1, 1.5, 2, 3])
@pytest.mark.parametrize("size", [(800, 450), (801, 451), (333, 97), (1, 1)])
def test_a_picture_is_exactly_size_times_density(size, density):
    def hook(figure):
        figure.add_axes((0, 0, 1, 1)).set_axis_off()
        figure.text(0.5, 0.5, "x")

    with figures.drawn(hook, size=size) as drawing:
        width, height = opened(encoding.encode(drawing, "png", density)).size
    assert (width, height) == (int(size[0] * density), int(size[1] * density))


def test_no_width_comes_out_a_pixel_short():
    from charts.drawing import sizes

    for width in range(1, 2_001):
        for density in (1, 2, 3):
            assert sizes.device_pixels((width, width), density) == (width * density,) * 2


def test_the_edges_of_an_odd_size_at_a_broken_density_are_covered():
    with figures.drawn(gallery.line, size=(333, 221), theme=themes.DARK) as drawing:
        pixels = drawing.pixels(1.5)
    assert (pixels[..., 3] == 255).all()
    background = [0x14, 0x18, 0x1F, 255]
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == background).all()


def test_a_figure_of_another_size_gets_the_variants_size():
    def hook(figure):
        other = Figure(figsize=(6.4, 4.8), dpi=72)
        gallery.line(other)
        return other

    with figures.drawn(hook, size=(800, 450), densities=(2,)) as drawing:
        assert opened(encoding.encode(drawing, "png", 2)).size == (1600, 900)
        assert drawing.size == (800, 450)


def test_a_figure_of_another_size_is_laid_out_at_the_variants_size():
    def hook(figure):
        other = Figure(figsize=(6.4, 4.8), layout="constrained")
        gallery.line(other)
        return other

    with figures.drawn(gallery.line, densities=(2,)) as handed, figures.drawn(hook, densities=(2,)) as returned:
        assert returned.figure.axes[0].get_position().bounds == handed.figure.axes[0].get_position().bounds
        assert returned.warnings == []


def test_size_none_keeps_the_returned_figures_own_size():
    def hook(figure):
        other = Figure(figsize=(6.4, 3.333), dpi=50)
        gallery.line(other)
        return other

    with figures.drawn(hook, size=None) as drawing:
        assert drawing.size == (640, 333)
        assert opened(encoding.encode(drawing, "png", 2)).size == (1280, 666)


def test_size_none_lets_the_hook_size_the_handed_figure():
    def hook(figure):
        figure.set_size_inches(3, 7)
        gallery.line(figure)

    with figures.drawn(hook, size=None) as drawing:
        assert drawing.size == (300, 700)


def test_the_hook_cannot_resize_a_field_with_a_size():
    def hook(figure):
        figure.set_size_inches(3, 7)
        gallery.line(figure)

    with figures.drawn(hook, size=(400, 300)) as drawing:
        assert opened(encoding.encode(drawing)).size == (400, 300)


def test_a_returned_figure_keeps_its_own_layout_engine():
    engines = []

    def hook(figure):
        other = Figure(layout="tight")
        gallery.line(other)
        engine = other.get_layout_engine()
        engines.append(engine)
        execute = engine.execute
        engine.execute = lambda laid_out: (engines.append("executed"), execute(laid_out))
        return other

    with figures.drawn(hook, layout="constrained") as drawing:
        encoding.encode(drawing, "png", 1)
        encoding.encode(drawing, "png", 2)
        encoding.encode(drawing, "svg")
    assert engines[1:] == ["executed"], "the layout engine runs once"


def test_a_figure_the_hook_keeps_is_given_back_as_it_was():
    kept = Figure(figsize=(5, 5), dpi=72, layout="constrained")
    gallery.line(kept)
    before = (*kept.get_size_inches(), kept.dpi, kept.get_layout_engine(), kept.canvas)
    faces = [kept.get_facecolor(), kept.axes[0].get_facecolor()]
    with figures.drawn(lambda figure: kept, transparent=True) as drawing:
        first = encoding.encode(drawing)
    assert (*kept.get_size_inches(), kept.dpi, kept.get_layout_engine(), kept.canvas) == before
    assert [kept.get_facecolor(), kept.axes[0].get_facecolor()] == faces
    with figures.drawn(lambda figure: kept, transparent=True) as drawing:
        assert encoding.encode(drawing) == first


def test_no_axis_of_a_kept_figure_remembers_anything():
    kept = Figure(layout="constrained")
    gallery.line(kept)
    with figures.drawn(lambda figure: kept) as drawing:
        encoding.encode(drawing)
        encoding.encode(drawing, "svg")
        assert not {"_update_ticks", "_get_ticklabel_bboxes"} & vars(kept.axes[0].xaxis).keys()


def test_raster_formats_of_one_density_share_one_pass(monkeypatch):
    from charts.drawing import rasters

    passes = []
    draw = rasters.draw
    monkeypatch.setattr(rasters, "draw", lambda *args, **named: (passes.append(args[1]), draw(*args, **named))[1])
    with figures.drawn(gallery.line) as drawing:
        for name in ("png", "webp", "jpeg"):
            encoding.encode(drawing, name, 2)
        encoding.encode(drawing, "png", 1)
    assert passes == [2, 1]


@pytest.mark.skipif(
    mpl.__version_info__ < (3, 11),
    reason="before 3.11 its own canvas is 450.01 pixels high, and rounds words otherwise",
)
@pytest.mark.parametrize(
    "layout",
    ["constrained", None, pytest.param("tight", marks=pytest.mark.slow), pytest.param("none", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("name", [name for name in gallery.HOOKS if name != "table"])
def test_the_pixels_are_those_that_matplotlib_draws(name, layout, monkeypatch):
    """What is remembered between texts, ticks and pictures must not be seen in any pixel."""
    monkeypatch.setattr(inks, "_better", lambda *args: None)  # it is looked at, but every word keeps its colour
    monkeypatch.setattr(placing, "_level", lambda *args: None)  # and its place
    hook = gallery.HOOKS[name]
    if name == "subfigures" and layout == "tight":
        pytest.skip("matplotlib has no tight layout for subfigures")
    with figures.drawn(hook, layout=layout, theme=PLAIN) as drawing:
        ours = drawing.pixels(1)
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The figure layout has changed to tight")
        mpl.rcParams.update({key: value for key, value in PLAIN.rcparams().items() if key in PLAIN.rc})
        figure = Figure(figsize=(8.0001, 4.5001), dpi=100, layout=layout)
        hook(figure)
        stream = io.BytesIO()
        figure.savefig(stream, format="rgba", dpi=100)
    theirs = np.frombuffer(stream.getvalue(), np.uint8).reshape(450, 800, 4)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["line", "dates", "minor", "secondary"])
def test_all_densities_have_one_layout(name):
    with figures.drawn(gallery.HOOKS[name], densities=(1, 2)) as drawing:
        drawing.pixels(2)
        places = [ax.get_position().bounds for ax in drawing.figure.axes]
        drawing.pixels(1)
        encoding.encode(drawing, "svg")
        assert [ax.get_position().bounds for ax in drawing.figure.axes] == places


def test_order_of_densities_and_formats_changes_no_byte():
    def files(order):
        with figures.drawn(gallery.secondary, densities=(1, 2)) as drawing:
            return {key: encoding.encode(drawing, *key) for key in order}

    order = [("png", 1), ("svg", 2), ("png", 2), ("pdf", 1), ("webp", 1)]
    assert files(order) == files(order[::-1])


def test_a_transparent_picture_has_no_background():
    with figures.drawn(gallery.line, transparent=True) as drawing:
        pixels = drawing.pixels(1)
    assert pixels[0, 0, 3] == 0
    assert (pixels[..., 3] == 0).mean() > 0.8
    assert (pixels[..., 3] == 255).any()


def test_a_transparent_picture_has_no_box_behind_its_legend_insets_or_subfigures():
    def hook(figure):
        left, right = figure.subfigures(1, 2)
        ax = left.subplots()
        ax.plot([1, 2], label="a")
        ax.legend(frameon=True, framealpha=1, loc="lower left")
        right.subplots().inset_axes((0.4, 0.4, 0.2, 0.2))

    with figures.drawn(hook, transparent=True, size=(400, 300)) as drawing:
        assert (drawing.pixels(1)[..., 3] == 0).mean() > 0.8


@pytest.mark.parametrize("densities", [(1, 5), (4.0,)])
def test_too_many_pixels_are_refused_before_anything_is_drawn(densities):
    def hook(figure):
        pytest.fail("drawn")

    with (
        pytest.raises(DrawError, match="MAX_PIXELS"),
        figures.drawn(hook, size=(800, 450), max_pixels=800 * 450 * 15, densities=densities),
    ):
        pass


def test_too_large_a_returned_figure_is_refused_before_it_is_rasterised():
    def hook(figure):
        figure.set_size_inches(100, 100)
        gallery.line(figure)

    with pytest.raises(DrawError, match="10000 × 10000 pixels"), figures.drawn(hook, size=None):
        pass


@pytest.mark.parametrize("size", [(0, 100), (100, -1), (100.5, 100), (100,), ("a", "b")])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(DrawError, match="two whole numbers"), figures.drawn(gallery.line, size=size):
        pass


@pytest.mark.parametrize("density", [0, -1, float("nan"), float("inf"), "2"])
def test_a_density_that_is_none_is_refused(density):
    with pytest.raises(DrawError, match="positive number"), figures.drawn(gallery.line, densities=[density]):
        pass


def test_an_unknown_layout_is_refused_with_the_choices():
    with (
        pytest.raises(DrawError, match="constrained, compressed, tight, none"),
        figures.drawn(gallery.line, layout="fancy"),
    ):
        pass


def test_an_exception_in_the_hook_passes_through_unchanged():
    class OddError(Exception):
        pass

    error = OddError("mine")

    def hook(figure):
        raise error

    with pytest.raises(OddError) as caught, figures.drawn(hook):
        pass
    assert caught.value is error


def test_tight_layout_on_a_constrained_figure_with_a_colorbar_says_both():
    def hook(figure):
        gallery.heat(figure)
        figure.tight_layout()

    with pytest.raises(DrawError, match=r"tight_layout.*colorbar"), figures.drawn(hook):
        pass


def test_tight_layout_on_a_constrained_figure_is_no_warning():
    with figures.drawn(gallery.tight) as drawing:
        encoding.encode(drawing)
        assert drawing.warnings == []


def test_encoding_after_the_block_is_refused():
    with figures.drawn(gallery.line) as drawing:
        pass
    with pytest.raises(DrawError, match="inside the block"):
        encoding.encode(drawing)


def test_a_draw_within_a_draw_leaves_the_outer_one_alone():
    def outer(figure):
        before = mpl.rcParams["figure.facecolor"]
        with figures.drawn(gallery.line, theme=themes.DARK, size=(100, 80)) as inner:
            assert mpl.rcParams["figure.facecolor"] == "#14181f"
            encoding.encode(inner)
        assert mpl.rcParams["figure.facecolor"] == before
        gallery.line(figure)

    with figures.drawn(gallery.line) as drawing:
        expected = encoding.encode(drawing)
    with figures.drawn(outer) as drawing:
        assert encoding.encode(drawing) == expected


def test_figures_are_released(monkeypatch):
    import gc
    import weakref

    with figures.drawn(gallery.line) as drawing:
        encoding.encode(drawing)
        figure = weakref.ref(drawing.figure)
    del drawing
    gc.collect()
    assert figure() is None


def test_versions_need_no_matplotlib():
    code = (
        "import sys; from charts.drawing import figures; print(figures.versions());"
        "assert not {'matplotlib', 'numpy', 'PIL'} & sys.modules.keys()"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert f"matplotlib {mpl.__version__}" in found.stdout


def test_importing_the_package_imports_no_matplotlib():
    code = (
        "import sys; from charts.drawing import encoding, figures, themes; themes.resolve('dark');"
        "assert not {'matplotlib', 'numpy', 'PIL', 'django'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
