"""What matplotlib warns of while a chart is drawn, kept for the chart instead of a server's log.

`warnings.catch_warnings` replaces the process's filters and hook and puts back what it saw when it was
entered: two threads whose blocks overlap can leave a dead recorder installed for good. What is installed here
minds only the drawing thread and does nothing once the draw is over, whoever puts it back.
"""

import contextlib
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_RECORDED = (UserWarning, RuntimeWarning)
_recording: dict[int, "Notes"] = {}
_GLYPH = re.compile(r"Glyph (\d+) \(.*?\) missing from font\(s\) (.*?)\.?$", re.DOTALL)
_FONTS = re.compile(r"findfont: Font family (.*) not found")
_GENERIC = re.compile(r"findfont: Generic family '(.*)' not found because none of .* were found: (.*)")
_FAMILIES = frozenset({"serif", "sans-serif", "sans serif", "sans", "cursive", "fantasy", "monospace"})
_GLYPH_MISSING = "The character "
# The hook asked for it, by calling tight_layout().
_EXPECTED = ("The figure layout has changed to tight",)


class Notes(list[str]):
    """Sentences for the author of a chart; `seen` counts the warnings behind them, repetitions too."""

    seen = 0


class _Here(type):
    """Makes `issubclass` true for what is recorded, in a thread that is recording, and nowhere else."""

    def __subclasscheck__(cls, subclass: type) -> bool:
        return threading.get_ident() in _recording and issubclass(subclass, _RECORDED)


class _Recorded(Warning, metaclass=_Here):
    """The category of the filter that shows every warning of a draw, also one that was shown before."""


class _Fonts(logging.Filter):
    """Keeps what is logged of missing fonts with the chart: it comes with every text that is measured."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is for the log: it is unless this thread is recording and it is a missing font."""
        notes = _recording.get(threading.get_ident())
        missing = _missing_fonts(record) if record.levelno >= logging.WARNING else None
        if notes is None or missing is None:
            return True
        notes.seen += 1
        for fonts in missing:
            note(notes, f'{fonts} on this machine: install it, or change the theme\'s "font.family"; another is used')
        return False


_fonts = _Fonts()
_font_log = logging.getLogger("matplotlib.font_manager")


def _missing_fonts(record: logging.LogRecord) -> list[str] | None:
    """Return the beginning of a sentence for each font that a record misses; None: it is of something else."""
    logged = record.getMessage()
    if generic := _GENERIC.match(logged):
        return [f"None of the {generic[1]} fonts ({generic[2]}) is"]
    found = _FONTS.match(logged)
    if found is None:
        return None
    names = re.findall(r"'([^']+)'", found[1])
    # A generic family has a record of its own before, which says what it stands for.
    return [f'The font "{name}" is not' for name in names if name not in _FAMILIES]


@contextmanager
def recorded() -> Iterator[Notes]:
    """Record this thread's warnings, a sentence each, without repetition; a draw in a draw has its own."""
    ident = threading.get_ident()
    outer = _recording.get(ident)
    found = Notes()
    previous = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *args: Any, **kwargs: Any) -> None:
        notes = _recording.get(threading.get_ident())
        if notes is None or not issubclass(category, _RECORDED):
            previous(message, category, *args, **kwargs)
        else:
            notes.seen += 1
            note(notes, str(message))

    _recording[ident] = found
    # The category's name is in no other filter, and adding it again moves it: overlapping draws share one.
    warnings.simplefilter("always", category=_Recorded)
    warnings.showwarning = show
    _font_log.addFilter(_fonts)
    try:
        yield found
    finally:
        _restore(ident, outer)
        if warnings.showwarning is show:
            warnings.showwarning = previous


def _restore(ident: int, outer: Notes | None) -> None:
    if outer is not None:
        _recording[ident] = outer
        return
    _recording.pop(ident, None)
    if not _recording:
        _font_log.removeFilter(_fonts)
    for entry in [entry for entry in warnings.filters if entry[2] is _Recorded]:
        with contextlib.suppress(ValueError):
            warnings.filters.remove(entry)  # type: ignore[attr-defined]  # a list, typed as a sequence


def seen() -> int:
    """Return how many warnings this thread's draw has given so far."""
    notes = _recording.get(threading.get_ident())
    return notes.seen if notes is not None else 0


def note(notes: list[str], message: str) -> None:
    """Add a sentence to the notes, unless it is there or is no news."""
    sentence = _sentence(" ".join(message.split()))
    if sentence not in notes and not sentence.startswith(_EXPECTED):
        notes.append(sentence)


def forget_glyphs(notes: Notes) -> None:
    """Forget characters that were missing when the hook measured a text: fonts are found afterwards.

    Those that stay missing are warned of again when they are drawn.
    """
    notes[:] = [sentence for sentence in notes if not sentence.startswith(_GLYPH_MISSING)]


def _sentence(message: str) -> str:
    """Return the message as the author of a chart can use it."""
    glyph = _GLYPH.search(message)
    if glyph is None:
        return message
    code = int(glyph[1])
    shown = chr(code) if chr(code).isprintable() else ""
    return (
        f'{_GLYPH_MISSING}"{shown}" (U+{code:04X}) is in none of the fonts {glyph[2]} and is drawn as a box;'
        ' add a font that has it to the theme\'s "font.family".'
    )
