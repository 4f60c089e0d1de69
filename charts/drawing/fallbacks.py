"""Finds installed fonts for characters that the theme's fonts lack: names in Chinese, Hindi or Thai.

DejaVu Sans, which comes with matplotlib, has Latin, Greek, Cyrillic, Arabic and Hebrew. For all else, a font of the
machine is better than a box. Latin charts pay nothing: only texts beyond it are looked at. Imported only when
something is drawn.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from charts.drawing import artists

_LATIN_END = 0x24F  # all of it is in every font that a chart is set in
_FAMILIES = 4  # scripts in one picture; every family is asked for every text
_NOT_WRITING = "Last Resort"  # it comes with matplotlib, has a box for every character, and is used by itself

# Facts about the machine, found out once a process: looking into hundreds of fonts takes half a second.
_used: list[str] = []
_nowhere: set[int] = set()


@contextmanager
def added(figure: Figure, words: Iterable[str]) -> Iterator[None]:
    """Let the figure's texts be drawn with what the machine has of the characters that their fonts lack.

    Only the families of a text itself are fallbacks to each other; of a generic one, such as "sans-serif",
    matplotlib takes the first that is there.
    """
    families = _families_for(_unusual(words))
    if not families:
        yield
        return
    params: Any = mpl.rcParams
    params["font.family"] = [*params["font.family"], *families]  # for labels of ticks that come with the layout
    canvas: Any = figure.canvas
    canvas._lastKey = None  # a renderer remembers texts by the rcParams that were there when it was made
    texts = [(artist, artist.get_fontfamily()) for artist in artists.walk(figure) if isinstance(artist, Text)]
    for artist, own in texts:
        artist.set_fontfamily([*own, *families])
    try:
        yield
    finally:
        for artist, own in texts:
            artist.set_fontfamily(own)


def _unusual(words: Iterable[str]) -> set[int]:
    """Return the code points beyond Latin that some font may have."""
    found = {ord(character) for text in words if not text.isascii() for character in text}
    return {code for code in found if code > _LATIN_END} - _nowhere


def _families_for(codes: set[int]) -> list[str]:
    """Return families that have what the theme's own lack, those that were of use before first."""
    if not codes:
        return []
    files = _files()
    own = [family for family in mpl.rcParams["font.sans-serif"] if family in files]
    missing = codes.difference(*(_among(codes, files[family]) for family in own))
    chosen: list[str] = []
    for candidates in (list(_used), [family for family in files if family not in _used]):
        _choose(missing, {family: files[family] for family in candidates if family not in own}, chosen)
    _used.extend(family for family in chosen if family not in _used)
    _nowhere.update(missing)
    return chosen


def _choose(missing: set[int], files: dict[str, str], chosen: list[str]) -> None:
    """Move families that have most of what is missing to the chosen, and what they have out of the missing."""
    has = {family: _among(missing, file) for family, file in files.items()} if missing else {}
    while missing and has and len(chosen) < _FAMILIES:
        best = max(has, key=lambda family: len(missing & has[family]))
        if not missing & has[best]:
            return
        missing -= has.pop(best)
        chosen.append(best)


def _files() -> dict[str, str]:
    """Return a file for each upright family, sans-serif ones first, in an order that does not change."""
    upright = {
        entry.name: entry.fname
        for entry in fontManager.ttflist
        if entry.style == "normal" and entry.weight in {400, "normal"} and not entry.name.startswith(_NOT_WRITING)
    }
    return {
        name: upright[name] for name in sorted(upright, key=lambda name: ("Sans" not in name, "Mono" in name, name))
    }


def _among(codes: set[int], file: str) -> set[int]:
    """Return those of the code points that a font can draw; none if it cannot be read or has only bitmaps."""
    try:
        font = FT2Font(file)
    except (OSError, RuntimeError, ValueError):
        return set()
    return {code for code in codes if font.get_char_index(code)} if font.scalable else set()
