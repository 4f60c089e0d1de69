"""What matplotlib warns of while a chart is drawn, kept for the chart instead of a server's log.

`warnings.catch_warnings` replaces the process's filters and hook and puts back what it saw when it was
entered: two threads whose blocks overlap can leave a dead recorder installed for good. What is installed here
minds only the drawing thread and does nothing once the draw is over, whoever puts it back.
"""

import contextlib
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_RECORDED = (UserWarning, RuntimeWarning)
_recording: dict[int, "Notes"] = {}
_GLYPH = re.compile(r"Glyph (\d+) \(.*?\) missing from font\(s\) (.*?)\.?$", re.DOTALL)
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
