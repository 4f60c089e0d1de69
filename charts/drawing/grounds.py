"""What is behind marks, as luminance at places all over them: pixels say what a mark can be told from.

Imported only when something is drawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from charts.drawing import guards, legibility, rasters

_SAMPLES = 512
_Points = NDArray[np.float64]


def colour(axes: Axes) -> str:
    """Return the colour of an axes' background, or of the page where it has none."""
    face: Any = axes.get_facecolor()
    return to_hex(face if face[3] else mpl.rcParams["figure.facecolor"])


def without(marks: Sequence[Any], figure: Figure, answers: Any) -> NDArray[np.uint8]:
    """Return the picture at a density of 1 without some visible marks, and without words."""
    for mark in marks:
        mark.set_visible(False)
    try:
        with guards.explained(figure):
            return rasters.wordless(figure, answers)[0]
    finally:
        for mark in marks:
            mark.set_visible(True)


def under(marks: Iterable[Any], axes: Axes, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luminance, 0 to 1, of what is behind marks, at places all over them.

    Args:
        marks: lines, patches or collections of an axes.
        axes: what they are clipped to.
        pixels: the picture without them, RGBA, (height, width, 4), at the figure's own resolution.
    """
    places = np.concatenate([place for mark in marks for place in _places(mark)] or [np.empty((0, 2))])
    box: Any = axes.bbox
    low, high = np.maximum(box.min, 0), np.minimum(box.max, (pixels.shape[1], len(pixels)))
    inside = np.isfinite(places).all(axis=1) & (places >= low).all(axis=1) & (places < high).all(axis=1)
    across, up = places[inside].astype(int).T
    page = legibility.rgb(mpl.rcParams["figure.facecolor"])
    return np.asarray(legibility.luminance(pixels[None, len(pixels) - 1 - up, across], page)[0])


def _places(mark: Any) -> Iterator[_Points]:
    """Yield places on a mark, (places, 2), in pixels, y upwards; NaN where it has none."""
    if isinstance(mark, PathCollection):
        yield _transformed(mark.get_offset_transform(), mark.get_offsets())
    elif isinstance(mark, Line2D) and mark.get_linestyle() == "None":
        yield _transformed(mark.get_transform(), mark.get_xydata())
    else:
        paths = mark.get_paths() if isinstance(mark, Collection) else [mark.get_path()]
        for path in paths:
            for line in path.to_polygons(mark.get_transform(), closed_only=False):
                yield _along(np.asarray(line))


def _transformed(transform: Any, points: Any) -> _Points:
    return np.asarray(np.ma.filled(transform.transform(np.ma.asarray(points, dtype=float)), np.nan))


def _along(line: _Points) -> _Points:
    """Return places at even distances, a pixel at the least, along a line."""
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    ends = np.cumsum(lengths)
    if not len(ends) or not ends[-1] >= 1:
        return line[:1]
    at = np.linspace(0, ends[-1], min(_SAMPLES, int(ends[-1]) + 1))
    step = np.minimum(np.searchsorted(ends, at), len(ends) - 1)
    part = 1 - (ends[step] - at) / np.maximum(lengths[step], 1e-9)
    return np.asarray(line[step] + part[:, None] * steps[step])
