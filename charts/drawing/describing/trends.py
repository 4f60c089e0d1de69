"""How a series goes: rises, falls, peaks, stays, and only what the numbers bear out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FLAT = 0.04  # of the axis' height: what looks level
_OVERALL = 0.7  # of the whole range lies between the first and the last value
_STEADY = 0.6  # least correlation with the order of the points for "overall"


class Trend(NamedTuple):
    """The shape of a series and the indexes of its first, last, lowest and highest points.

    `low` and `high` are None where the extreme is an end's value: then it is told with that end.
    """

    shape: str
    low: int | None
    high: int | None


def trend_of(values: Floats, view: float) -> Trend:
    """Return the trend of at least one value, without NaN, on an axis that shows a length of `view`."""
    low, high = int(values.argmin()), int(values.argmax())
    first, last, least, most = values[0], values[-1], values[low], values[high]
    shape = _shape(values, low, high, view)
    return Trend(
        shape,
        None if least in (first, last) else low,
        None if most in (first, last) else high,
    )


def _shape(values: Floats, low: int, high: int, view: float) -> str:
    spread = float(values[high] - values[low])
    if len(values) == 1:
        return "one_point"
    if spread == 0:
        return "stays"
    if len(values) > 2 and spread < _FLAT * view:
        return "stays_around"
    moves = np.diff(values)
    if not np.any(moves < 0):
        return "rises"
    if not np.any(moves > 0):
        return "falls"
    return _turning(moves, low, high) or _overall(values, spread)


def _turning(moves: Floats, low: int, high: int) -> str:
    """Return "peaks" or "dips" for one clean turn, "" for anything else."""
    if not np.any(moves[:high] < 0) and not np.any(moves[high:] > 0):
        return "peaks"
    if not np.any(moves[:low] > 0) and not np.any(moves[low:] < 0):
        return "dips"
    return ""


def _overall(values: Floats, spread: float) -> str:
    gain = float(values[-1] - values[0])
    if abs(gain) < _OVERALL * spread or len(values) < 4:
        return "varies"
    steadiness = float(np.corrcoef(np.arange(len(values)), values)[0, 1])
    if steadiness * np.sign(gain) >= _STEADY:  # never for NaN, from numbers too big to correlate
        return "rises_overall" if gain > 0 else "falls_overall"
    return "varies"
