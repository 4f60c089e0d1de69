"""The ink of words that stand on marks: a theme's own is made for its page, not for a light wedge on a dark one.

Words whose colour nobody chose, in pies, bars, heat maps and tables, get the better of the dark and the light ink by
what is under them, and so do the labels of contours that have faded into their ground. It is put back afterwards: the
hook may keep the figure. Imported only when something is drawn.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from charts.drawing import artists, guards, legibility, rasters
from charts.drawing.themes import PALETTES

_READABLE, _SEEN = 4.5, 3.0  # to one: WCAG 2.2, 1.4.3 and 1.4.11
_ALMOST = 0.8  # of the contrast on the page is on the page too: a line of the grid runs through


@contextmanager
def chosen(figure: Figure, answers: Any) -> Iterator[None]:
    """Choose the ink of a laid-out figure's words, for as long as the block runs.

    Args:
        figure: has its final size and layout.
        answers: what is remembered of its axes.
    """
    with ExitStack() as undo:
        every = [axes for axes in artists.walk(figure) if isinstance(axes, Axes) and axes.get_visible()]
        words = [word for axes in every for word in _words(axes)]
        if words and (any(map(_has_marks, every)) or any(_is_boxed(word) for word, _ in words)):
            with guards.explained(figure):
                pixels, renderer = rasters.wordless(figure, answers)
            for word, least in words:
                # An annotation's own answer has its arrow in it.
                box = Text.get_window_extent(word, renderer)
                under = legibility.part(box.min, box.max, pixels)
                if under.size and (ink := _better(word, under, least)) is not None:
                    undo.callback(word.set_color, word.get_color())
                    word.set_color(ink)
        yield


def _words(axes: Axes) -> Iterator[tuple[Any, float]]:
    """Yield the words in an axes whose colour nobody chose, and the contrast at which they keep it."""
    contours: list[Any] = [artist for artist in axes.collections if isinstance(artist, ContourSet)]
    labels = {id(label) for contour in contours for label in contour.labelTexts}
    cells = [cell.get_text() for table in axes.tables for cell in table.get_celld().values()]
    own, least = to_rgba(mpl.rcParams["text.color"]), min(_READABLE, _ALMOST * _on_the_page())
    for word in (*axes.texts, *cells):
        if id(word) not in labels and to_rgba(word.get_color()) == own and _is_plain(word):
            yield word, least
    for contour in contours:
        is_mapped = contour.colors is None and getattr(contour, "labelMappable", None) is contour
        if is_mapped:
            yield from ((label, _SEEN) for label in contour.labelTexts if _is_plain(label))


def _is_plain(word: Any) -> bool:
    """Say whether words can be seen, and have no outline by which their author has made them readable."""
    shown = word.get_visible() and bool(word.get_text().strip()) and word.get_alpha() in {None, 1}
    return shown and not word.get_path_effects()


def _is_boxed(word: Any) -> bool:
    return word.get_bbox_patch() is not None


def _has_marks(axes: Axes) -> bool:
    """Say whether anything in an axes may be under words, which mere lines are not; where it is, pixels say."""
    areas = [artist for artist in axes.collections if not isinstance(artist, LineCollection)]
    filled = [artist for artist in areas if not isinstance(artist, ContourSet) or artist.filled or artist.labelTexts]
    face: Any = axes.get_facecolor()
    has_face = face[3] > 0 and face != to_rgba(mpl.rcParams["axes.facecolor"])
    return bool(axes.patches or axes.images or axes.tables or filled or has_face)


def _better(word: Any, under: NDArray[np.uint8], least: float) -> str | None:
    """Return the ink that is read best on some pixels; None for the words' own, if that is or has `least` to one."""
    page = legibility.rgb(mpl.rcParams["figure.facecolor"])
    ground = legibility.luminance(under, page)
    own = _contrast(word.get_color(), ground)
    if own >= least:
        return None
    best, ink = max((_contrast(palette.text, ground), palette.text) for palette in PALETTES.values())
    return ink if best > own else None


def _on_the_page() -> float:
    """Return the contrast of the theme's words to its page: on the page they stay as the theme wants them."""
    page = np.array(to_rgba(mpl.rcParams["axes.facecolor"]), dtype=np.float32)
    behind = legibility.rgb(mpl.rcParams["figure.facecolor"])
    pixel = np.rint(255 * page).astype(np.uint8).reshape(1, 1, 4)
    return _contrast(mpl.rcParams["text.color"], legibility.luminance(pixel, behind))


def _contrast(colour: Any, ground: NDArray[np.float32]) -> float:
    """Return the WCAG contrast of a colour to what is under it: the mean, in equal steps to the eye."""
    pixel = np.rint(legibility.rgb(colour)).astype(np.uint8)
    ink = legibility.luminance(np.append(pixel, np.uint8(255)).reshape(1, 1, 4), pixel.astype(np.float32))
    return float(np.exp(np.abs(np.log((ground + 0.05) / (ink + 0.05))).mean()))
