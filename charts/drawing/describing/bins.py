"""Bins: which bars are a histogram's, told from how they stand alone; alt texts and tables read it alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GROUP = 0.8  # of a bin is what matplotlib's hist gives to bars side by side in it
_LEAST_GROUP = 0.5  # of a bin; groups with more room between them stand at places
_SLACK = 1e-6  # of a bar's width


def touching(left: Floats, right: Floats) -> Floats | None:
    """Return the edges of bars that each end where the next begins, None where two do not meet."""
    if len(left) < 2 or np.abs(left[1:] - right[:-1]).max() > _SLACK * np.abs(right - left).max():
        return None
    return np.append(left, right[-1])


def at_whole_numbers(edges: Floats) -> bool:
    """Return whether these are bars at numbers that are counted through (3 children), not bins of a range."""
    middles = (edges[1:] + edges[:-1]) / 2
    return _are_whole(middles) and float(np.diff(edges).max()) <= 1 + _SLACK


def gathered(lefts: Sequence[Floats], rights: Sequence[Floats]) -> Floats | None:
    """Return the edges of the bins in which several series' bars stand side by side, or one's with room between.

    None where they are no histogram: where the bars, their groups or where those begin are at round places.
    `lefts` and `rights` have an array for each series, with the two sides of each bar along its axis.
    """
    if len(lefts[0]) < 3 or len({len(part) for part in lefts}) > 1:
        return None
    order = sorted(range(len(lefts)), key=lambda at: float(lefts[at][0]))
    left, right = np.array([lefts[at] for at in order]), np.array([rights[at] for at in order])
    widths = right - left
    if np.any(np.diff(left[0]) <= 0) or np.abs(left[1:] - right[:-1]).max(initial=0) > _SLACK * widths.max():
        return None
    edges, part = _around(left[0], right[-1])
    return None if edges is None or _stand_at_places(left, right, edges, part) else edges


def _around(left: Floats, right: Floats) -> tuple[Floats | None, float]:
    """Return the edges of bins around groups, None where there are none that meet, and how much a group fills."""
    steps = np.diff(left)
    even = np.ptp(steps) <= _SLACK * steps.max()
    part = float(np.mean(right - left) / steps.mean()) if even else _GROUP
    room = (1 / part - 1) / 2 * (right - left)
    return touching(left - room, right + room), part


def _stand_at_places(left: Floats, right: Floats, edges: Floats, part: float) -> bool:
    """Return whether bars or groups stand at whole numbers or at multiples of their distance: 0, 5, 10."""
    if not _LEAST_GROUP <= part < 1:
        return True
    places = [left[0], (left[0] + right[-1]) / 2, *((left + right) / 2)]
    whole = any(map(_are_whole, places))
    if whole and (len(left) == 1 or abs(part - _GROUP) > _SLACK):
        return True
    step = float(np.diff(edges).mean())
    even = np.ptp(np.diff(edges)) <= _SLACK * step
    return bool(even and any(_are_whole(place / step) for place in places))


def _are_whole(values: Floats) -> bool:
    return bool(np.allclose(values, np.round(values), rtol=0, atol=1e-6))
