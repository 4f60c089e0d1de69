"""What matplotlib warns of becomes a sentence with the chart, and nothing of it leaks into other threads."""

import logging
import threading
import warnings

import numpy as np
import pytest

from charts.drawing import encoding, fallbacks, figures, notices, themes
from tests.drawing import gallery


def warnings_of(hook, **options):
    with figures.drawn(hook, **options) as drawing:
        encoding.encode(drawing)
        encoding.encode(drawing, density=2)
        return drawing.warnings


def titled(title):
    def hook(figure):
        figure.subplots().set_title(title)

    return hook


@pytest.fixture
def no_other_fonts(monkeypatch):
    """A machine that has only the fonts that come with matplotlib, wherever this runs."""
    monkeypatch.setattr(fallbacks, "_files", dict)
    monkeypatch.setattr(fallbacks, "_nowhere", set())


def test_an_ordinary_chart_has_no_warnings():
    assert warnings_of(gallery.line) == []


@pytest.mark.usefixtures("no_other_fonts")
def test_a_missing_glyph_is_named_once_with_its_code_point():
    found = warnings_of(titled("销销 up"))
    assert len(found) == 1
    assert '"销" (U+9500)' in found[0]
    assert "font.family" in found[0]


@pytest.mark.usefixtures("no_other_fonts")
def test_a_missing_glyph_that_the_hook_has_measured_before_is_named():
    def hook(figure):
        figure.subplots().set_title("额").get_window_extent()

    assert len(warnings_of(hook)) == 1


@pytest.mark.usefixtures("no_other_fonts")
def test_a_missing_glyph_is_named_with_every_picture_it_is_in():
    assert warnings_of(titled("Umsatz 额")) == warnings_of(titled("Umsatz 额")) != []


def test_a_layout_that_collapses_is_recorded():
    found = warnings_of(lambda figure: figure.subplots(3, 3)[0, 0].set_title("t"), size=(120, 60))
    assert any("constrained_layout not applied" in warning for warning in found)


def test_warnings_of_the_hook_are_recorded_and_not_shown(capsys):
    def hook(figure):
        warnings.warn("look  at\nthis", stacklevel=1)
        warnings.warn("look  at\nthis", stacklevel=1)
        gallery.line(figure)

    assert warnings_of(hook) == ["look at this"]
    assert capsys.readouterr().err == ""


def test_a_warning_that_was_shown_before_is_recorded_again():
    def hook(figure):
        warnings.warn("always the same", UserWarning, stacklevel=1)
        gallery.line(figure)

    assert [warnings_of(hook), warnings_of(hook)] == [["always the same"]] * 2


def test_deprecations_in_the_hook_are_the_processs_own_affair():
    def hook(figure):
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    with pytest.raises(DeprecationWarning), figures.drawn(hook):
        pass


def test_filters_and_hook_are_what_they_were():
    before = (list(warnings.filters), warnings.showwarning)
    warnings_of(gallery.line)
    assert (list(warnings.filters), warnings.showwarning) == before


def test_filters_and_hook_are_what_they_were_after_an_exception():
    before = (list(warnings.filters), warnings.showwarning)
    with pytest.raises(ZeroDivisionError), figures.drawn(lambda figure: 1 / 0):
        pass
    assert (list(warnings.filters), warnings.showwarning) == before


def test_another_threads_warnings_are_neither_recorded_nor_let_through():
    """Its filter says error; a filter for all threads would have it shown, or kept with the chart."""
    raised = []

    def other():
        try:
            warnings.warn("elsewhere", UserWarning, stacklevel=1)
        except UserWarning as error:
            raised.append(str(error))

    def hook(figure):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        gallery.line(figure)

    assert warnings_of(hook) == []
    assert raised == ["elsewhere"]


def test_a_recorder_that_another_thread_puts_back_later_does_nothing():
    """As `catch_warnings` does that was entered during a draw and is left after it."""
    with notices.recorded():
        kept = (warnings.filters[:], warnings.showwarning)
    with warnings.catch_warnings():
        warnings.filters[:], warnings.showwarning = kept
        warnings._filters_mutated()
        with pytest.raises(UserWarning, match="loud"):
            warnings.warn("loud", UserWarning, stacklevel=1)


@pytest.mark.usefixtures("no_other_fonts")
def test_a_draw_within_a_draw_has_warnings_of_its_own():
    def outer(figure):
        inner.extend(warnings_of(titled("额")))
        gallery.line(figure)

    inner = []
    assert warnings_of(outer) == []
    assert len(inner) == 1


@pytest.mark.parametrize("families", ["No Such Font", ["No Such Font"], ["No Such Font", "sans-serif"]])
def test_a_theme_font_that_is_not_there_is_one_note_with_every_picture_and_no_log(families, caplog):
    theme = themes.resolve("brand", {"brand": {"font.family": families}})
    for _ in range(2):
        (found,) = warnings_of(gallery.line, theme=theme)
        assert found.startswith('The font "No Such Font" is not on this machine')
    assert caplog.records == []


def test_a_generic_family_without_a_font_is_noted():
    theme = themes.resolve("brand", {"brand": {"font.sans-serif": ["No Such Font"]}})
    (found,) = warnings_of(gallery.line, theme=theme)
    assert "sans-serif fonts (No Such Font)" in found


def test_missing_fonts_are_logged_as_ever_where_nothing_is_drawn(caplog):
    warnings_of(gallery.line)
    log = logging.getLogger("matplotlib.font_manager")
    log.warning("findfont: Font family %r not found.", "No Such Font")
    assert len(caplog.records) == 1
    assert log.filters == []


def test_a_layout_that_gives_up_is_recorded_and_the_figure_drawn_without_it():
    """matplotlib, too, draws on when an engine raises a ValueError: axes of two grids cannot be compressed."""

    def hook(figure):
        for part in figure.subfigures(2):
            part.subplots().imshow(np.eye(3))

    found = warnings_of(hook, layout="compressed")
    assert ["The layout could not be computed" in warning for warning in found] == [True]


def test_a_number_on_a_log_axis_is_quoted_as_it_is_read():
    def hook(figure):
        ax = figure.subplots()
        ax.loglog([1, 10, 100], [1, 10, 100])
        ax.set_xticks([10, 10.5], minor=False)

    found = [warning for warning in warnings_of(hook) if "printed over each other" in warning]
    assert len(found) == 1
    assert "mathdefault" not in found[0]
    assert "10^{1}" in found[0]
