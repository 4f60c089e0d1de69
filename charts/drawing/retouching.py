"""What a theme means for parts whose colours and order matplotlib has in its code, not in rcParams.

Tables are black on white and arrows black, which nobody can see in the dark; a grid is drawn over images, and a
twin's grid over the first one's lines; a point with gaps on both sides is on no line; a filled marker's edge makes it
larger, and shows as a ring where it is translucent. Only what still is as matplotlib made it is touched, and it is put
back afterwards: the hook may keep the figure. Imported only when something is drawn.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.quiver import Barbs, Quiver, QuiverKey

from charts.drawing import artists, colours, doubts, grounds
from charts.drawing.themes import MARKER_EDGE

_BLACK, _WHITE = to_rgba("black"), to_rgba("white")
_NO_MARKER = (None, "None", "none", " ", "")
_SEEN = 3  # to one: WCAG 2.2, 1.4.11
_OVER_THE_GRID = 0.6  # the grid is at 0.5, images at 0, and marks begin at 1


@contextmanager
def retouched(figure: Figure) -> Iterator[None]:
    """Fit tables, images, markers, lone points and twin axes of a figure to the theme in force."""
    with ExitStack() as undo:
        for axes in figure.axes:
            _retouch_tables(axes, undo)
            _raise_images(axes, undo)
            _mark_lone_points(axes, undo)
            _lighten_arrows(axes, undo)
        _thin_out_grids(figure.axes, undo)
        _take_off_edges(figure, undo)
        yield


def _retouch_tables(axes: Axes, undo: ExitStack) -> None:
    for table in axes.tables:
        for cell in table.get_celld().values():
            if cell.get_facecolor() == _WHITE:
                _set(cell.set_facecolor, "none", _WHITE, undo)
            if cell.get_edgecolor() == _BLACK:
                _set(cell.set_edgecolor, mpl.rcParams["axes.edgecolor"], _BLACK, undo)
                _set(cell.set_linewidth, mpl.rcParams["axes.linewidth"], cell.get_linewidth(), undo)


def _mark_lone_points(axes: Axes, undo: ExitStack) -> None:
    """Mark the points of a line that nothing connects, which nobody would see."""
    for line in axes.lines:
        if line.get_marker() in _NO_MARKER and line.get_linestyle() not in _NO_MARKER and axes.name != "3d":
            there: Any = np.isfinite(doubts.places(line)).all(axis=1)
            before, after = np.r_[False, there[:-1]], np.r_[there[1:], False]
            if len(lone := np.flatnonzero(there & ~before & ~after)):
                _set(line.set_marker, "o", line.get_marker(), undo)
                _set(line.set_markevery, lone.tolist(), line.get_markevery(), undo)


def _take_off_edges(figure: Figure, undo: ExitStack) -> None:
    """Leave filled markers, in axes and legends, without the edge that is there for those that are nothing else."""
    for line in artists.walk(figure):
        if isinstance(line, Line2D) and line.get_markeredgewidth() == MARKER_EDGE and _is_of_one_colour(line):
            _set(line.set_markeredgewidth, 0, MARKER_EDGE, undo)


def _is_of_one_colour(line: Line2D) -> bool:
    """Say whether a line's markers have a face, and an edge that looks the same."""
    marker = line.get_marker()
    if marker in _NO_MARKER or line.get_fillstyle() != "full" or not MarkerStyle(marker).is_filled():
        return False
    face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
    return to_rgba(face)[3] > 0 and to_rgba(face) == to_rgba(edge)


def _lighten_arrows(axes: Axes, undo: ExitStack) -> None:
    """Give arrows and barbs that are left black the edges' colour on a page where black is not seen."""
    if colours.contrast(grounds.colour(axes), "#000000") >= _SEEN:
        return
    black = [arrows for arrows in axes.collections if isinstance(arrows, Quiver | Barbs) and _is_left_black(arrows)]
    for arrows in black:
        _set(arrows.set_facecolor, mpl.rcParams["patch.edgecolor"], arrows.get_facecolor(), undo)
    for key in axes.get_children():
        if isinstance(key, QuiverKey) and key.color is None and _is_keys_arrow_black(key):
            _set(functools.partial(_colour_key, key), mpl.rcParams["patch.edgecolor"], None, undo)


def _is_left_black(arrows: Any) -> bool:
    face = arrows.get_facecolor()
    return arrows.get_array() is None and len(face) == 1 and tuple(face[0]) == _BLACK


def _is_keys_arrow_black(key: Any) -> bool:
    # Before matplotlib 3.11 there is no arrow until it is drawn.
    face: Any = key.vector.get_facecolor() if hasattr(key, "vector") else {**key.Q.polykw, **key.kw}.get("facecolors")
    return bool((to_rgba_array(face) == _BLACK).all())


def _colour_key(key: Any, colour: Any) -> None:
    """Set the colour that a key gives its arrow each time it is drawn; None: it is black, as it was made."""
    key.color = colour
    if colour is None:
        key.vector.set_color("black")


def _raise_images(axes: Axes, undo: ExitStack) -> None:
    for image in axes.images if axes.get_axisbelow() is True else ():
        if image.get_zorder() == 0:
            _set(image.set_zorder, _OVER_THE_GRID, 0, undo)


def _thin_out_grids(all_axes: list[Axes], undo: ExitStack) -> None:
    """Leave one grid where axes lie on each other: two with different steps cannot be read."""
    seen: dict[Any, list[Axes]] = {}
    for axes in all_axes:
        below = seen.setdefault((axes.bbox.bounds, axes.name), [])
        for name in ("xaxis", "yaxis"):
            axis = getattr(axes, name)
            if _has_grid(axis) and any(_has_grid(getattr(other, name)) for other in below):
                _set(axis.grid, False, True, undo)
        below.append(axes)


def _has_grid(axis: Any) -> bool:
    return bool(axis.get_tick_params().get("gridOn"))


def _set(setter: Callable[[Any], Any], value: Any, before: Any, undo: ExitStack) -> None:
    setter(value)
    undo.callback(setter, before)
