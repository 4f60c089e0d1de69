"""Finds texts that are printed over each other or cut off, in what was drawn and not in what might be.

Texts are compared as turned rectangles of ink: labels at 45° have overlapping boxes and are easy to read.
Imported only when something is drawn.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from charts.drawing import text
from charts.drawing.canvas import Printed
from charts.drawing.rasters import MAX_TEXTS

# CSS pixels two texts may share, or one may stick out: hinting and rounding, not illegible words.
_TOLERANCE = 1.5
_NAMED = 3


def found(printed: Sequence[Printed], shape: Sequence[int], density: float, squeezed: bool) -> Iterator[str]:
    """Yield a sentence each for overlapping and for cut-off texts.

    Args:
        printed: the lines of text of one pass, in device pixels.
        shape: (height, width, …) of the picture in device pixels.
        density: device pixels to the CSS pixel.
        squeezed: whether the figure was made for a larger size than it has.
    """
    if not 0 < len(printed) <= MAX_TEXTS:
        return
    slack = _TOLERANCE * density
    shown = [line for line in printed if not _is_hidden(line)]
    way_out = "size=None keeps the figure's own size" if squeezed else "give the chart more room or shorter texts"
    if cut := [line.text for line in shown if _is_cut(line, shape, slack)]:
        named = _listed([text.quoted(name) for name in cut])
        yield f"{named} {_is(cut)} cut off at the picture's edge; {way_out}."
    if pairs := list(_overlapping(shown, slack)):
        names = [f"{text.quoted(one)} and {text.quoted(other)}" for one, other in pairs]
        yield f"Texts are printed over each other: {_listed(names)}; {way_out}."


def _is_hidden(line: Printed) -> bool:
    """Say whether a text lies outside what it is clipped to, as in an axes that is zoomed in."""
    if line.clipped_by is None:
        return False
    left, bottom, right, top = line.clipped_by
    x, y = line.corners.T
    return bool(x.max() < left or x.min() > right or y.max() < bottom or y.min() > top)


def _is_cut(line: Printed, shape: Sequence[int], slack: float) -> bool:
    height, width = shape[:2]
    x, y = line.corners.T
    out = x.min() < -slack or y.min() < -slack or x.max() > width + slack or y.max() > height + slack
    return bool(out) and line.clipped_by is None


def _overlapping(lines: Sequence[Printed], slack: float) -> Iterator[tuple[str, str]]:
    if len(lines) < 2:
        return
    corners = np.array([line.corners for line in lines])
    low, high = corners.min(axis=1) + slack / 2, corners.max(axis=1) - slack / 2
    boxes_meet = (low[:, None] < high[None]).all(axis=2) & (low[None] < high[:, None]).all(axis=2)
    for one, other in zip(*np.nonzero(np.triu(boxes_meet, k=1)), strict=True):
        same = lines[one].text == lines[other].text and np.abs(corners[one] - corners[other]).max() < slack
        if not same and _rectangles_meet(corners[one], corners[other], slack):
            yield lines[one].text, lines[other].text


def _rectangles_meet(one: Any, other: Any, slack: float) -> bool:
    """Say whether two turned rectangles share more than the slack (the separating axis theorem)."""
    for corners in (one, other):
        for along in (corners[1] - corners[0], corners[3] - corners[0]):
            length = np.hypot(*along)
            if length == 0:
                return False
            first, second = one @ along / length, other @ along / length
            if min(first.max(), second.max()) - max(first.min(), second.min()) <= slack:
                return False
    return True


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
