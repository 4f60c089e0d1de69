"""Says what a picture does not show although it is in the data: matplotlib leaves it out without a word.

Each doubt is a warning, which the chart keeps as a note. Imported only when something is drawn.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.category import StrCategoryConverter
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from numpy.typing import NDArray

from charts.drawing import text

_Values = NDArray[np.float64]


def warn(figure: Figure) -> None:
    """Warn of what the figure's axes leave out, in sentences for the author of the chart."""
    for axes in figure.axes:
        if axes.get_visible() and axes.name in {"rectilinear", "polar"}:
            for find in (_without_data, _numbers_as_names, _bars_on_bars, _not_on_log_axes):
                for sentence in find(axes):
                    warnings.warn(sentence, stacklevel=2)


def name_of(axes: Axes) -> str:
    """Return an axes as the beginning of a sentence: by its title, if it has one."""
    title = axes.get_title("left") or axes.get_title()
    return f"The chart {text.quoted(title)}" if title else "The chart"


def places(line: Any) -> _Values:
    """Return the points of a line, (points, 2), NaN where there is none."""
    return np.ma.filled(np.ma.asarray(line.get_xydata(), dtype=float), np.nan)


def _series(axes: Axes) -> Iterator[tuple[Any, _Values]]:
    """Yield the visible lines and scatters with their points."""
    for artist in (*axes.lines, *axes.collections):
        if not artist.get_visible():
            continue
        if isinstance(artist, PathCollection):
            yield artist, np.ma.filled(np.ma.asarray(artist.get_offsets(), dtype=float), np.nan)
        elif hasattr(artist, "get_xydata"):
            yield artist, places(artist)


def _without_data(axes: Axes) -> Iterator[str]:
    """Yield the labelled series that have only gaps, or the whole axes: helpers' lines often have only gaps."""
    empty = [artist for artist, points in _series(axes) if len(points) and not _are_there(points).any()]
    named = [label for artist in empty if (label := str(artist.get_label())) and not label.startswith("_")]
    for label in named:
        yield f"The series {text.quoted(label)} has no data: all of it is missing (None or NaN)"
    shown = any(_are_there(points).any() for _, points in _series(axes))
    if empty and not named and not shown and not (axes.patches or axes.images or len(axes.collections) > len(empty)):
        yield f"{name_of(axes)} shows no data: all of it is missing (None or NaN)"


def _are_there(points: _Values) -> Any:
    return np.isfinite(points).all(axis=1)


def _numbers_as_names(axes: Axes) -> Iterator[str]:
    for axis in (axes.xaxis, axes.yaxis):
        names = _names(axis)
        if len(names) < 2 or _is_of_bars_only(axes, axis) or _are_a_scale(names):
            continue
        yield (
            f"The {axis.axis_name} axis has numbers that are text ({text.quoted(next(iter(names)))}, …): they stand"
            " in the order in which they came, at equal distances; convert them with float() or Decimal()"
        )


def _names(axis: Any) -> dict[str, int]:
    """Return the places of an axis's categories by name."""
    is_named = isinstance(axis.get_converter(), StrCategoryConverter)
    return dict(getattr(axis.get_units(), "_mapping", {})) if is_named else {}


def _is_of_bars_only(axes: Axes, axis: Any) -> bool:
    """Say whether names on the axis are what bars stand for, as numbers of districts may be."""
    orientation = "vertical" if axis is axes.xaxis else "horizontal"
    bars = [one.orientation for one in axes.containers if isinstance(one, BarContainer)]
    return bool(bars) and set(bars) == {orientation} and not any(True for _ in _series(axes))


def _are_a_scale(names: dict[str, int]) -> bool:
    """Say whether names are no numbers, or would be at the same distances as numbers: "2011", "2012"."""
    try:
        numbers = np.array([float(name) for name in names])
    except ValueError:
        return True
    steps = np.diff(numbers)
    return not np.isfinite(numbers).all() or bool(np.allclose(steps, steps[0]) and steps[0] > 0)


def _bars_on_bars(axes: Axes) -> Iterator[str]:
    for bars in axes.containers:
        if not isinstance(bars, BarContainer) or len(bars.patches) < 2:
            continue
        vertical = bars.orientation != "horizontal"
        hidden = _repeated(bars.patches, vertical=vertical)
        if hidden is not None:
            names = {place: name for name, place in _names(axes.xaxis if vertical else axes.yaxis).items()}
            where = text.quoted(names.get(round(hidden), f"{hidden:g}"))
            yield f"Several bars of one call stand at {where}, one over the other: add them up, or group them, before"


def _repeated(patches: Any, *, vertical: bool) -> float | None:
    """Return the middle of the first place at which a bar covers another one."""
    seen = set()
    for patch in patches:
        across, start, wide, length = patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height()
        if not vertical:
            across, start, wide, length = start, across, length, wide
        key = (across, wide, start, length > 0)
        if length and key in seen:
            return float(across + wide / 2)
        seen.add(key)
    return None


def _not_on_log_axes(axes: Axes) -> Iterator[str]:
    both: tuple[Any, Any] = (axes.xaxis, axes.yaxis)
    for place, axis in enumerate(both):
        if axis.get_scale() != "log":
            continue
        lost = sum(
            int((points[:, place] <= 0).sum()) for artist, points in _series(axes) if _in_data(artist, axes, place)
        )
        lost += _negative_bars(axes, place)
        if lost:
            yield (
                f"{lost:,} value{'s' if lost > 1 else ''} of zero or less cannot be shown on the logarithmic"
                f' {axis.axis_name} axis: leave them out, or use the scale "symlog"'
            )


def _in_data(artist: Any, axes: Axes, place: int) -> bool:
    """Say whether an artist's coordinate is in data: axhline() spans from 0 to 1 of the axes."""
    if isinstance(artist, PathCollection):
        return bool(artist.get_offset_transform().contains_branch(axes.transData))
    branches: Callable[[Any], tuple[bool, bool]] = artist.get_transform().contains_branch_seperately
    return branches(axes.transData)[place]


def _negative_bars(axes: Axes, place: int) -> int:
    orientation = ("horizontal", "vertical")[place]
    containers = [one for one in axes.containers if isinstance(one, BarContainer) and one.orientation == orientation]
    lengths = [(bar.get_width(), bar.get_height())[place] for bars in containers for bar in bars.patches]
    return sum(length < 0 for length in lengths)
