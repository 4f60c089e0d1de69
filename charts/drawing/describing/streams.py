"""Streamlines: where a flow goes, told by the ground it covers and what its colours mean.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.collections import EventCollection, LineCollection
from matplotlib.patches import FancyArrowPatch

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.grids import Shade, shade_of
from charts.drawing.describing.lines import axis_range
from charts.drawing.describing.marks import Frame, Placed, Telling, floats
from charts.drawing.describing.points import coloured


@dataclass(kw_only=True)
class Streams(Placed):
    """The points of all streamlines of one flow."""

    shade: Shade | None = None
    kind: str = "streams"


def flows_of(axes: Any) -> list[Any]:
    """Return the collections that a `streamplot` made: lines on which arrows begin."""
    tails = {tail for patch in axes.patches if isinstance(patch, FancyArrowPatch) for tail in _tail(patch)}
    lines = [part for part in axes.collections if isinstance(part, LineCollection)] if tails else []
    return [part for part in lines if not isinstance(part, EventCollection) and tails & _points(part)]


def _tail(arrow: Any) -> list[tuple[float, ...]]:
    ends = attempt(lambda: arrow._posA_posB, default=None)  # None: it follows a path of its own
    return [tuple(floats(ends[0]).tolist())] if ends is not None else []


def _points(collection: Any) -> set[tuple[float, ...]]:
    return {tuple(point) for part in collection.get_segments() for point in floats(part).tolist()}


def read_streams(collection: Any, frame: Frame) -> Streams:
    """Return a flow's streamlines."""
    points = np.concatenate([floats(part) for part in collection.get_segments()])
    points = points[np.isfinite(points).all(axis=1)]
    return Streams(frame=frame, x=points[:, 0], y=points[:, 1], shade=shade_of(collection))


def clauses(marks: Sequence[Streams], telling: Telling) -> Iterator[str]:
    """Yield the ground that all flows cover, and what their colours mean."""
    if telling.detail > 2:
        return
    ranges = [axis_range(telling, marks[0], upright=False), axis_range(telling, marks[0], upright=True)]
    yield telling.voice.join(ranges)
    if telling.detail < 2:
        yield from coloured(marks[0].shade, telling)
