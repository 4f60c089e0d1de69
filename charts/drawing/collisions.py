"""Finds texts that are printed over each other, under a legend or cut off, in what was drawn, not what might be.

Texts are compared as turned rectangles of ink: labels at 45° have overlapping boxes and are easy to read.
Imported only when something is drawn.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from charts.drawing import text
from charts.drawing.canvas import Frame, Printed
from charts.drawing.rasters import MAX_TEXTS

# CSS pixels two texts may share, or one may stick out: hinting and rounding, not illegible words.
_TOLERANCE = 1.5


def found(
    printed: Sequence[Printed], frames: Sequence[Frame], shape: Sequence[int], density: float, squeezed: bool
) -> Iterator[str]:
    """Yield a sentence each for overlapping, for hidden and for cut-off texts.

    Args:
        printed: the lines of text of one pass, in device pixels.
        frames: the opaque boxes of its legends.
        shape: (height, width, …) of the picture in device pixels.
        density: device pixels to the CSS pixel.
        squeezed: whether the figure was made for a larger size than it has.
    """
    if not 0 < len(printed) <= MAX_TEXTS:
        return
    slack = _TOLERANCE * density
    every = list(zip(printed, outlines(printed), strict=True))
    under = {place for frame in frames for place in range(frame.after) if _covers(frame, every[place][1], slack)}
    covered = [
        line.text for place, (line, corners) in enumerate(every) if place in under and not _is_hidden(line, corners)
    ]
    lines = [line for place, line in enumerate(every) if place not in under and not _is_hidden(*line)]
    way_out = "size=None keeps the figure's own size" if squeezed else "give the chart more room or shorter texts"
    if cut := [line.text for line, corners in lines if _is_cut(line, corners, shape, slack)]:
        named = text.listed([text.quoted(words) for words in cut])
        yield f"{named} {'is' if len(cut) == 1 else 'are'} cut off at the picture's edge; {way_out}."
    if covered:
        named = text.listed([text.quoted(words) for words in dict.fromkeys(covered)])
        yield f"A legend hides {named}: give it another loc=, or let charts.drawing.look.legend_above() place it."
    if pairs := list(_overlapping(lines, slack)):
        names = [f"{text.quoted(one)} and {text.quoted(other)}" for one, other in pairs]
        yield f"Texts are printed over each other: {text.listed(names)}; {way_out}."


def outlines(printed: Sequence[Printed]) -> Any:
    """Return the corners of the texts' ink, turned as they are, (texts, 4, 2)."""
    x, y, angle, width, height, descent = np.array([line[1:7] for line in printed]).T
    turn = np.deg2rad(angle)[:, None]
    along = np.stack([0 * width, width, width, 0 * width], axis=1)
    up = np.stack([-descent, -descent, height - descent, height - descent], axis=1)
    across = x[:, None] + along * np.cos(turn) - up * np.sin(turn)
    return np.stack([across, y[:, None] + along * np.sin(turn) + up * np.cos(turn)], axis=2)


def _is_hidden(line: Printed, corners: Any) -> bool:
    """Say whether a text lies outside what it is clipped to, as in an axes that is zoomed in."""
    if line.clip is None:
        return False
    left, bottom, right, top = line.clip
    x, y = corners.T
    return bool(x.max() < left or x.min() > right or y.max() < bottom or y.min() > top)


def _covers(frame: Frame, corners: Any, slack: float) -> bool:
    box = np.array(
        [[frame.left, frame.bottom], [frame.right, frame.bottom], [frame.right, frame.top], [frame.left, frame.top]]
    )
    return _rectangles_meet(corners, box, slack)


def _is_cut(line: Printed, corners: Any, shape: Sequence[int], slack: float) -> bool:
    if line.clip is not None:
        return False
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((low < -slack).any() or high[0] > shape[1] + slack or high[1] > shape[0] + slack)


def _overlapping(lines: Sequence[tuple[Printed, Any]], slack: float) -> Iterator[tuple[str, str]]:
    if len(lines) < 2:
        return
    corners = np.array([corners for _, corners in lines])
    low, high = corners.min(axis=1) + slack / 2, corners.max(axis=1) - slack / 2
    boxes_meet = (low[:, None] < high[None]).all(axis=2) & (low[None] < high[:, None]).all(axis=2)
    for one, other in zip(*np.nonzero(np.triu(boxes_meet, k=1)), strict=True):
        names = lines[one][0].text, lines[other][0].text
        # The same word twice at one place, by twin axes or for boldness, is read as one.
        same = names[0] == names[1] and np.abs(corners[one] - corners[other]).max() < slack
        if not same and _rectangles_meet(corners[one], corners[other], slack):
            yield names


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
