"""rcParams and colormaps: the theme's while a chart is drawn, and exactly what they were afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from charts.drawing import figures, themes
from tests.drawing import gallery

ROOT = Path(__file__).parents[2]


def snapshot():
    return {key: repr(dict.__getitem__(mpl.rcParams, key)) for key in dict.keys(mpl.rcParams)}


def draw(hook=gallery.line, **options):
    with figures.drawn(hook, size=(200, 120), **options) as drawing:
        drawing.pixels(1)


def run(code, **options):
    """Run code in a process that has not imported matplotlib yet."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        **options,
    ).stdout


def test_rcparams_are_what_they_were():
    before = snapshot()
    draw(theme=themes.DARK)
    assert snapshot() == before


def test_rcparams_are_what_they_were_after_an_exception():
    def hook(figure):
        mpl.rcParams["lines.linewidth"] = 77
        raise KeyError

    before = snapshot()
    with pytest.raises(KeyError):
        draw(hook)
    assert snapshot() == before


def change_a_list(figure):
    mpl.rcParams["font.sans-serif"].insert(0, "Comic Sans MS")
    del mpl.rcParams["font.sans-serif"][0]
    mpl.rcParams["font.sans-serif"].append("DejaVu Serif")
    gallery.line(figure)


def reset_everything(figure):
    mpl.rcdefaults()
    gallery.line(figure)


def drop_a_key(figure):
    gallery.line(figure)
    dict.pop(mpl.rcParams, "savefig.format")
    dict.__setitem__(mpl.rcParams, "no.such", 1)


def use_a_style(figure):
    import matplotlib.style

    matplotlib.style.use("ggplot")
    gallery.line(figure)


@pytest.mark.parametrize("hook", [change_a_list, reset_everything, use_a_style])
def test_what_a_hook_does_to_rcparams_does_not_outlast_it(hook):
    before, theme_before = snapshot(), repr(themes.LIGHT.rcparams())
    draw(hook)
    assert snapshot() == before
    assert repr(themes.LIGHT.rcparams()) == theme_before


def test_keys_that_a_hook_adds_or_drops_come_back():
    before = snapshot()
    with figures.drawn(drop_a_key):
        pass
    assert snapshot() == before


def test_the_hook_sees_matplotlibs_defaults_under_the_theme():
    seen = {}

    def hook(figure):
        seen.update(mpl.rcParams)
        gallery.line(figure)

    with mpl.rc_context({"lines.linewidth": 9, "savefig.bbox": "tight"}):
        draw(hook, theme=themes.DARK)
    assert seen["savefig.bbox"] is None
    assert seen["lines.linewidth"] == 1.44
    assert seen["figure.facecolor"] == "#14181f"
    assert seen["figure.figsize"] == pytest.approx([2, 1.2], abs=0.001)


def test_a_matplotlibrc_in_the_working_directory_changes_no_picture(tmp_path):
    code = (
        "import hashlib; from charts.drawing import figures, encoding;"
        "hook = lambda figure: figure.subplots().plot([1, 2], label='a').clear();\n"
        "with figures.drawn(hook) as drawing: print(hashlib.sha256(encoding.encode(drawing)).hexdigest())"
    )
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 20\nfigure.facecolor: red\n")
    assert run(code, cwd=tmp_path) == run(code)


@pytest.mark.parametrize("chosen", ["", "TkAgg", "svg"])
@pytest.mark.parametrize("early", [True, False])
def test_pyplot_is_headless_in_a_hook_and_the_backend_untouched_after(chosen, early):
    """Whether pyplot comes first in a hook or before it, and whatever backend the process would use."""
    code = f"""
import matplotlib as mpl
if {early}:
    import matplotlib.pyplot
from charts.drawing import figures
raw = lambda: (dict.__getitem__(mpl.rcParams, "backend"), dict.__getitem__(mpl.rcParamsDefault, "backend"))
def hook(figure):
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    print(mpl.get_backend(), type(plt.gcf().canvas).__name__)
    return plt.gcf()
before = raw()
with figures.drawn(hook) as drawing:
    drawing.pixels(1)
assert raw() == before, (raw(), before)
import matplotlib.pyplot as plt
assert plt._backend_mod is None
assert plt.get_fignums() == []
"""
    assert run(code, env={"MPLBACKEND": chosen}).split() == ["agg", "FigureCanvasAgg"]


def test_a_backend_that_is_in_use_is_in_use_afterwards():
    code = """
import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
from charts.drawing import figures
kept = plt.figure()
def hook(figure):
    plt.plot([1, 2])
    print(type(plt.gcf().canvas).__name__)
    return plt.gcf()
for _ in range(2):
    with figures.drawn(hook) as drawing:
        drawing.pixels(1)
print(matplotlib.get_backend(), type(plt.figure().canvas).__name__, plt.get_fignums())
"""
    assert run(code).split("\n")[:3] == [
        "FigureCanvasAgg",
        "FigureCanvasAgg",
        "svg FigureCanvasSVG [1, 2]",
    ]


def test_our_colormaps_have_names_in_a_draw_and_nowhere_else():
    def hook(figure):
        ax = figure.subplots()
        ax.imshow([[1, 2]], cmap="charts.diverging")
        assert ax.imshow([[1, 2]]).get_cmap().name == "charts.sequential"

    before = list(mpl.colormaps)
    draw(hook)
    assert list(mpl.colormaps) == before
    assert "charts.sequential" not in mpl.colormaps


def test_importing_charts_changes_nothing_in_matplotlib():
    code = """
import matplotlib
import matplotlib.figure, matplotlib.axis, matplotlib.backends.backend_agg, matplotlib.text
state = lambda: {(name, key): id(value) for name, module in sorted(__import__("sys").modules.items())
    if name.startswith("matplotlib") for key, value in [*vars(module).items(),
    *((f"{c}.{k}", v) for c, o in vars(module).items() if isinstance(o, type) for k, v in vars(o).items())]}
params = dict.copy(matplotlib.rcParams)
before = state()
import charts.drawing.encoding, charts.drawing.figures, charts.drawing.look, charts.drawing.themes
import charts.drawing.finishing, charts.drawing.vectors, charts.drawing.links, charts.drawing.returned
after = state()
assert {key: after[key] for key in before} == before
assert dict.copy(matplotlib.rcParams) == params
"""
    run(code)


def test_colours_that_a_hook_renames_have_their_meaning_back():
    """As seaborn's set_theme() does; parsed colours are cached under their names."""

    def hook(figure):
        mpl.colors.get_named_colors_mapping()["b"] = "#123456"
        figure.subplots().bar([1], [1], color="b")

    before = dict(mpl.colors.get_named_colors_mapping())
    draw(hook)
    assert mpl.colors.get_named_colors_mapping() == before
    assert mpl.colors.to_hex("b") == "#0000ff"


def test_colours_that_a_library_adds_when_a_hook_imports_it_stay():
    """It is imported once a process: its names would be missing from the second draw on."""
    names = mpl.colors.get_named_colors_mapping()

    def hook(figure):
        names["library:ours"] = "#123456"
        gallery.line(figure)

    try:
        draw(hook)
        assert mpl.colors.to_hex("library:ours") == "#123456"
    finally:
        del names["library:ours"]


def test_units_that_a_library_registers_when_a_hook_imports_it_stay():
    class Money:
        pass

    def hook(figure):
        mpl.units.registry[Money] = mpl.units.ConversionInterface()
        gallery.line(figure)

    try:
        draw(hook)
        assert Money in mpl.units.registry
    finally:
        mpl.units.registry.pop(Money, None)


def test_units_that_a_hook_replaces_or_removes_come_back():
    def hook(figure):
        mpl.units.registry[str] = mpl.units.ConversionInterface()
        del mpl.units.registry[bytes]
        gallery.line(figure)

    before = dict(mpl.units.registry)
    draw(hook)
    assert dict(mpl.units.registry) == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_a_seaborn_chart_changes_no_other_chart():
    seaborn = pytest.importorskip("seaborn")

    def coloured(figure):
        figure.subplots().bar([1, 2], [1, 2], color=["b", "r"])

    def with_seaborn(figure):
        seaborn.set_theme()
        gallery.line(figure)

    def pixels():
        with figures.drawn(coloured, size=(200, 120)) as drawing:
            return drawing.pixels(1).tobytes()

    before = pixels()
    draw(with_seaborn)
    assert pixels() == before


def test_dates_and_categories_are_drawn_again_in_a_process_that_had_not_imported_matplotlib():
    done = run(
        "from datetime import date\n"
        "from charts.drawing import figures\n"
        "def hook(figure):\n"
        "    axes = figure.subplots(1, 2)\n"
        "    axes[0].plot([date(2012, 1, 1), date(2012, 2, 1)], [1, 2])\n"
        "    axes[1].bar(['a', 'b'], [1, 2])\n"
        "for _ in range(3):\n"
        "    with figures.drawn(hook) as drawing:\n"
        "        drawing.pixels(1)\n"
        "print('drawn')\n"
    )
    assert done.strip() == "drawn"
