"""Three-dimensional axes, told by their kind and ranges only: depth is drawn, not read.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charts.drawing.describing.marks import Frame, Mark, Telling, measure_text
from charts.drawing.describing.scales import Scale

_KINDS = {
    "Path3DCollection": "scatter",
    "Line3D": "line",
    "Poly3DCollection": "surface",
    "Line3DCollection": "surface",
}


@dataclass(kw_only=True)
class Solid(Mark):
    """Anything in three dimensions: three scales, and from where to where each is filled."""

    scales: tuple[Scale, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()


def read_solid(axes: Any, frame: Frame) -> list[Mark]:
    """Return what a 3-D axes shows, as one mark."""
    artists = [*axes.collections, *axes.lines, *axes.patches]
    kinds = [_KINDS[type(artist).__name__] for artist in artists if type(artist).__name__ in _KINDS]
    limits = (axes.xy_dataLim.intervalx, axes.xy_dataLim.intervaly, axes.zz_dataLim.intervalx)
    ranges = tuple((float(low), float(high)) for low, high in limits)
    if not artists or not np.all(np.isfinite(ranges)):
        return []
    scales = (frame.x, frame.y, Scale(axes.zaxis))
    return [Solid(frame=frame, kind=kinds[0] if kinds else "chart", scales=scales, ranges=ranges)]


def clauses(marks: Sequence[Solid], telling: Telling) -> Iterator[str]:
    """Yield the range of each axis."""
    voice = telling.voice
    for mark in marks:
        told = []
        for letter, scale, ends in zip("xyz", mark.scales, mark.ranges, strict=True):
            low, high = scale.writer(voice, np.array(ends)).span(*ends)
            name = measure_text(voice, scale) or letter
            told.append(voice.say("axis_range", axis=name, low=low, high=high))
        yield voice.join(told)
