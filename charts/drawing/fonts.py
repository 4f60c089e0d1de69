"""Remembers how large texts are, from picture to picture: axes of all charts say 0, 20, 40.

Measuring and shaping cost about 0.1 ms a text, and every text is measured several times a picture. Nothing is
remembered of a text that matplotlib warned about: the warning has to come again with the next picture.
Imported only when something is drawn.
"""

import os
import threading
from collections.abc import Callable, Hashable
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, fontManager, get_font

from charts.drawing import notices

_LIMIT = 5_000  # entries, of at most some hundred bytes
_SETTINGS = tuple(sorted(key for key in mpl.RcParams.validate if key.startswith(("font.", "mathtext.", "text."))))
# (OpenType specification, OS/2 and hhea): line gap, ascender, descender, in the order in which Text looks.
_TABLES = (("OS/2", "sTypoLineGap", "sTypoAscender", "sTypoDescender"), ("hhea", "lineGap", "ascent", "descent"))

_remembered: dict[Hashable, Any] = {}
_numbers: dict[Hashable, int] = {}


if hasattr(os, "register_at_fork"):
    # A font cannot be used on the other side of a fork: pictures came out wrong, or the child crashed.
    # matplotlib empties its own cache of fonts for the same reason.
    os.register_at_fork(after_in_child=_remembered.clear)


def settings() -> int:
    """Return a number that stands for the present rcParams that extents of texts depend on."""
    params: Any = mpl.rcParams
    values = tuple(_hashable(params._get(key)) for key in _SETTINGS)  # _get does not warn of deprecated ones
    if len(_numbers) >= _LIMIT:
        _numbers.clear()
        _remembered.clear()
    return _numbers.setdefault(values, len(_numbers))


def remember(key: Hashable, find_out: Callable[[], Any]) -> Any:
    """Return what was found out for a key, now or before."""
    if key in _remembered:
        return _remembered[key]
    warnings_before = notices.seen()
    value = find_out()
    if notices.seen() == warnings_before:
        if len(_remembered) >= _LIMIT:
            _remembered.clear()
        _remembered[key] = value
    return value


def heights(properties: FontProperties, dpi: float) -> tuple[float | None, float | None, float | None]:
    """Return ascent, descent and line gap of a font in pixels, as `Text` takes them; None: none is given."""
    font: Any = get_font(fontManager._find_fonts_by_props(properties))
    for name, gap, ascender, descender in _TABLES:
        if (table := font.get_sfnt_table(name)) is not None:
            per_em = font.get_sfnt_table("head")["unitsPerEm"]
            scale = 1 / per_em * properties.get_size_in_points() * dpi / 72
            return table[ascender] * scale, -table[descender] * scale, table[gap] * scale
    return None, None, None


class Shaping:
    """A font, set to a size, that remembers how it shaped a text; in all else it is the font."""

    def __init__(self, font: Any, key: Hashable) -> None:
        """Take the font as the renderer prepared it, and what it was prepared by."""
        self._font = font
        # The shaped glyphs refer to fonts, which matplotlib keeps for each thread apart.
        self._key = (key, threading.get_ident())

    def _layout(self, words: str, **options: Any) -> Any:
        """Return the glyphs of a line and their places."""
        asked = tuple((name, _hashable(value)) for name, value in sorted(options.items()))
        return remember((*self._key, words, asked), lambda: list(self._font._layout(words, **options)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._font, name)


def _hashable(value: Any) -> Hashable:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
