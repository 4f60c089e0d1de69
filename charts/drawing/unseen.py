"""Marks that a hook has coloured for a white page, on a dark one where nobody can see them.

Black is what scripts say when they mean ink: `plot(x, y, "k-")`, `axhline(0, c="k")`, the wicks of candles. It becomes
the theme's ink where pixels say that it is lost and the ink is not; that is put back afterwards, for the hook may keep
the figure. Any other colour is somebody's choice: it stays, and is warned of. White on a light page is left alone, for
it is how people separate marks, and hide them. Imported only when something is drawn.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from charts.drawing import artists, colours, grounds, legibility, text
from charts.drawing.themes import DIVERGING, SEQUENTIAL

_BLACK = "#000000"
_DARK = 3  # to one, of a ground to black; as for arrows
_LEAST = 1.5  # to one: what is faint on purpose is still seen by it
_A_PART, _MOST = 0.15, 0.75  # of what a mark is on; bars leave a fifth of a line along them on the page
_ALIKE = 0.1  # in OKLab; series colours are further apart
_SOLID = 0.5  # what is more translucent is a shade and no mark
_KINDS = (LineCollection, PathCollection, PolyCollection, ContourSet)
_Groups = dict[tuple[Axes, str], list[Any]]


@contextmanager
def inked(figure: Figure, answers: Any) -> Iterator[None]:
    """Draw black marks that are lost in the dark with the theme's ink, and warn of others, while the block runs.

    Args:
        figure: has its final size and layout.
        answers: what is remembered of its axes.
    """
    with ExitStack() as undo:
        if groups := _doubtful(figure):
            pixels = grounds.without([mark for marks in groups.values() for mark in marks], figure, answers)
            lost = []
            for (axes, colour), marks in groups.items():
                under = grounds.under(marks, axes, pixels)
                ink = _ink(axes) if colour == _BLACK else colour
                if (part := _lost(colour, under)) >= _A_PART and _lost(ink, under) < part:
                    for mark in (*marks, *_samples(axes)):
                        _paint(mark, ink, undo)
                elif part >= _MOST:
                    lost += _named(colour, marks)
            _warn(list(dict.fromkeys(lost)))
        yield


def _doubtful(figure: Figure) -> _Groups:
    """Return the marks on dark grounds whose colour is hardly seen there, by axes and colour."""
    groups: _Groups = {}
    for axes in [artist for artist in artists.walk(figure) if isinstance(artist, Axes)]:  # insets too
        ground = grounds.colour(axes)
        if not axes.get_visible() or axes.name == "3d" or colours.contrast(ground, _BLACK) >= _DARK:
            continue
        for mark in _marks(axes):
            colour = _colour(mark) if mark.get_visible() else None
            # What has the ground's own colour is there to separate marks.
            if colour and colour != ground and colours.contrast(colour, ground) < _LEAST:
                groups.setdefault((axes, colour), []).append(mark)
    own = _themes_own() if groups else ()
    return {key: marks for key, marks in groups.items() if key[1] not in own}


def _themes_own() -> set[str]:
    """Return the colours that are faint because the theme wants them so, those of its colormaps too."""
    params: Any = mpl.rcParams
    names = ("axes.edgecolor", "axes.facecolor", "grid.color")
    steps = np.concatenate([mpl.colormaps[name](np.arange(256)) for name in (SEQUENTIAL, DIVERGING)])
    return {*(to_hex(params[name]) for name in names), *(to_hex(step) for step in steps)} - {_BLACK}


def _marks(axes: Axes) -> Iterator[Any]:
    yield from (*axes.lines, *axes.patches, *(artist for artist in axes.collections if isinstance(artist, _KINDS)))
    yield from (arrow for word in axes.texts if (arrow := getattr(word, "arrow_patch", None)) is not None)


def _samples(axes: Axes) -> Iterator[Any]:
    """Yield what stands for marks in the axes' legend and in the figure's."""
    outside = artists.walk_outside_axes(axes.get_figure(root=True))
    for legend in (axes.get_legend(), *outside):
        if isinstance(legend, Legend):
            yield from (artist for artist in artists.walk(legend) if isinstance(artist, Line2D | Patch | Collection))


def _colour(mark: Any) -> str | None:
    """Return the one colour that a mark is drawn in, solid; of what has a face, the face's."""
    if isinstance(mark, Line2D):
        return _one([to_rgba(mark.get_color(), mark.get_alpha())])
    if isinstance(mark, Collection) and mark.get_array() is not None and getattr(mark, "colors", None) is None:
        return None  # its colours are values
    face = np.reshape(mark.get_facecolor(), (-1, 4))
    return _one(face if len(face) and face[:, 3].any() else np.reshape(mark.get_edgecolor(), (-1, 4)))


def _one(rows: Any) -> str | None:
    """Return the colour of rows of RGBA that are all the same and not translucent."""
    is_one = len(rows) > 0 and (np.asarray(rows) == rows[0]).all() and rows[0][3] >= _SOLID
    return to_hex(tuple(rows[0])) if is_one else None


def _lost(colour: str, under: NDArray[np.float32]) -> float:
    """Return on which part, 0 to 1, of some grounds, given by luminance, a colour is hardly seen."""
    pixel = np.append(np.rint(legibility.rgb(colour)), 255).astype(np.uint8).reshape(1, 1, 4)
    own = legibility.luminance(pixel, legibility.rgb(colour))[0, 0]
    contrast = (np.maximum(under, own) + 0.05) / (np.minimum(under, own) + 0.05)
    return float((contrast < _LEAST).mean()) if len(under) else 0.0


def _ink(axes: Axes) -> str:
    """Return the ink of words, or that of secondary ones if another mark of the axes has about the same colour."""
    ink, secondary = (to_hex(mpl.rcParams[name]) for name in ("text.color", "patch.edgecolor"))
    others = {colour for mark in _marks(axes) if (colour := _colour(mark))}
    return secondary if any(colours.distance(ink, other) < _ALIKE for other in others) else ink


def _paint(mark: Any, ink: str, undo: ExitStack) -> None:
    """Draw a mark that is black in the ink, with its markers and labels."""
    if _colour(mark) != _BLACK:
        return
    parts: Sequence[str] = ("facecolor", "edgecolor")
    if isinstance(mark, Line2D):
        # In this order: markers follow their line unless they have a colour of their own.
        parts = ("color", "markerfacecolor", "markeredgecolor")
    for artist, part in (*((mark, part) for part in parts), *((word, "color") for word in _labels(mark))):
        before = getattr(artist, f"get_{part}")()
        if _is_black(before):
            getattr(artist, f"set_{part}")(ink)
            undo.callback(getattr(artist, f"set_{part}"), before)


def _labels(mark: Any) -> Sequence[Any]:
    return getattr(mark, "labelTexts", ())


def _is_black(colour: Any) -> bool:
    rows = mpl.colors.to_rgba_array(colour)
    return len(rows) > 0 and bool((rows[:, :3] == 0).all() and rows[:, 3].all())


def _named(colour: str, marks: Sequence[Any]) -> list[str]:
    """Return the marks' names in a legend, or their colour."""
    labels = (str(mark.get_label()) for mark in marks)
    return [text.quoted(label) for label in labels if label and not label.startswith("_")] or [f"what is {colour}"]


def _warn(lost: Sequence[str]) -> None:
    if lost:
        warnings.warn(
            f"On the dark page {text.listed(lost)} can hardly be told from what is behind: leave the colour to the"
            ' theme, or take one that is seen on light and dark, as "C0" is',
            stacklevel=2,
        )
