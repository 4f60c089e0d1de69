"""Characters that the theme's fonts lack come from fonts of the machine, where it has one."""

import matplotlib as mpl
import pytest
from matplotlib.font_manager import FontEntry, fontManager

from charts.drawing import encoding, fallbacks, figures
from tests.drawing import gallery

SAMPLES = {"Ethiopic": "ሽያጭ", "Thai": "ยอดขาย", "Chinese": "销售额"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(fallbacks, "_used", [])
    monkeypatch.setattr(fallbacks, "_nowhere", set())


def installed(words):
    """Return a sample that this machine can write, or skip."""
    if not fallbacks._families_for(set(map(ord, words))):
        pytest.skip("this machine has no font for it")
    fallbacks._used.clear()
    return words


def titled(words):
    def hook(figure):
        figure.subplots().set_title(words)

    return hook


@pytest.mark.parametrize("name", SAMPLES)
def test_words_of_other_scripts_are_drawn_without_a_warning(name):
    words = installed(SAMPLES[name])
    with figures.drawn(titled(words)) as drawing:
        encoding.encode(drawing)
        encoding.encode(drawing, "svg")
        assert drawing.warnings == []


def test_categories_of_other_scripts_are_drawn_without_a_warning():
    words = installed(SAMPLES["Ethiopic"])

    def hook(figure):
        figure.subplots().bar([words, "b"], [1, 2])

    with figures.drawn(hook) as drawing:
        encoding.encode(drawing)
        assert drawing.warnings == []


def test_a_hook_that_has_measured_texts_before_gets_the_font_too():
    words = installed(SAMPLES["Ethiopic"])

    def hook(figure):
        title = figure.subplots().set_title("Title")
        title.get_window_extent()
        title.set_text(words)
        title.get_window_extent()

    with figures.drawn(hook) as drawing:
        encoding.encode(drawing)
        assert drawing.warnings == []


def test_fonts_are_what_they_were_afterwards():
    before = list(mpl.rcParams["font.family"])
    with figures.drawn(titled(installed(SAMPLES["Ethiopic"]))) as drawing:
        title = drawing.figure.axes[0]._left_title
        assert title.get_fontfamily()[0] == mpl.rcParams["font.family"][0] == "sans-serif"
        assert len(title.get_fontfamily()) == len(mpl.rcParams["font.family"]) == 2
    assert title.get_fontfamily() == mpl.rcParams["font.family"] == before


@pytest.mark.parametrize("words", ["Title", "Größe, señor, Łódź", "Привет", "שלום", "مرحبا", "Ελλάδα 😀"])
def test_what_the_theme_has_is_looked_for_nowhere_else(words):
    with figures.drawn(titled(words)):
        assert mpl.rcParams["font.family"] == ["sans-serif"]


def test_latin_charts_look_into_no_font(monkeypatch):
    looked = []
    monkeypatch.setattr(fallbacks, "_files", lambda: looked.append(True) or {})
    with figures.drawn(gallery.line) as drawing:
        encoding.encode(drawing)
    assert looked == []


def test_a_character_that_no_font_has_is_looked_for_once(monkeypatch):
    looked = []
    among = fallbacks._among
    monkeypatch.setattr(fallbacks, "_among", lambda *args: (looked.append(args), among(*args))[1])
    counts = []
    for _ in range(2):
        with figures.drawn(titled("\U0010fffd")):
            counts.append(len(looked))
    assert counts[0] == counts[1] > 0


def test_a_font_that_cannot_be_read_is_passed_over(monkeypatch, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    entry = FontEntry(fname=str(broken), name="A Sans", style="normal", weight=400)
    monkeypatch.setattr(fontManager, "ttflist", [entry, *fontManager.ttflist])
    assert "A Sans" not in fallbacks._families_for({0x9500})
