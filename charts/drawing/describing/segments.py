"""Lines that come in collections: whole curves, and level strokes that mark a value at each place.

Imports matplotlib: only imported when a figure is described.
"""

from typing import Any

import numpy as np

from charts.drawing.describing.lines import Series, own_name, series_of
from charts.drawing.describing.marks import Color, Floats, Frame, floats

_MOST = 2000


def read_segments(collection: Any, frame: Frame, axes: Any) -> list[Series]:
    """Return a LineCollection's curves; its strokes, if it has a name: others are whiskers, ticks, decoration."""
    if not collection.get_transform().contains_branch(axes.transData) or not collection.get_visible():
        return []
    parts = [floats(part) for part in collection.get_segments()[:_MOST]]
    name = own_name(collection)
    if name and len(parts) > 1 and all(_is_level(part) for part in parts):
        return [_strokes(parts, frame, name)]
    colors = collection.get_colors()
    return [
        series_of(frame, part[:, 0], part[:, 1], name=name, color=_color(colors[at % len(colors)]))
        for at, part in enumerate(parts)
        if len(part) > 2
    ]


def _is_level(part: Floats) -> bool:
    return len(part) == 2 and part[0, 1] == part[1, 1]


def _strokes(parts: list[Floats], frame: Frame, name: str) -> Series:
    """Return strokes as one mark a place: its middle."""
    points = np.array([part.mean(axis=0) for part in parts])
    return series_of(frame, points[:, 0], points[:, 1], name=name, kind="points")


def _color(color: Any) -> Color:
    red, green, blue = (round(float(part), 3) for part in color[:3])
    return red, green, blue
