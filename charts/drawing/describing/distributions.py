"""Distributions: histograms and density curves, told by where most values are.

Imports matplotlib: only imported when a figure is described.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from charts.drawing.describing.bars import Bars
from charts.drawing.describing.bins import at_whole_numbers, gathered, touching
from charts.drawing.describing.lines import Series, color_of, own_name
from charts.drawing.describing.marks import NOTHING, Floats, Frame, Mark, Telling, floats, nothing

_COUNTED = re.compile(r"count|frequen|number|density|probab|percent|proportion|share|anzahl|häufig", re.IGNORECASE)

_TOLD = 6


@dataclass(kw_only=True)
class Histogram(Mark):
    """Counts (or densities) between edges."""

    edges: Floats = field(default_factory=nothing)
    counts: Floats = field(default_factory=nothing)
    kind: str = "histogram"

    @property
    def positions(self) -> Floats:
        """Return the bins' edges."""
        return self.edges

    @property
    def amounts(self) -> Floats:
        """Return the bins' heights."""
        return self.counts

    @property
    def is_counted(self) -> bool:
        """Return whether the heights are counts, so that they can be added."""
        return bool(np.all(self.counts == np.round(self.counts)))


def histogram_of(bars: Bars) -> Histogram | None:
    """Return touching bars as a histogram, if their heights are counts or densities of a number's bins."""
    if bars.places.is_dates or len(bars.x) < 3 or bars.y.min() < 0:
        return None
    edges = touching(*bars.edges)
    return None if edges is None or bars.places.has_names(bars.x) else _counted(_binned(bars, edges))


def histograms_of(group: Sequence[Bars]) -> list[Histogram]:
    """Return bars side by side, or one's with room between, as histograms over the same bins; none if one is not."""
    if not group or len({mark.upright for mark in group}) > 1 or any(_are_placed(mark) for mark in group):
        return []
    sides = [mark.edges for mark in group]
    edges = gathered([left for left, _ in sides], [right for _, right in sides])
    found = [_counted(_binned(mark, edges)) for mark in group] if edges is not None else []
    return [] if None in found else [mark for mark in found if mark is not None]


def _are_placed(bars: Bars) -> bool:
    """Return whether the bars stand at dates, years or names, or float: then no bin is around them."""
    return not bars.x.size or bars.places.is_sequence(bars.x.round()) or bool(bars.y.min() < 0 or np.any(bars.base))


def _binned(bars: Bars, edges: Floats) -> Histogram:
    facts: dict[str, Any] = {"name": bars.name, "upright": bars.upright, "color": bars.color}
    return Histogram(frame=bars.frame, edges=edges, counts=bars.y, **facts)


def _counted(mark: Histogram) -> Histogram | None:
    total = float(mark.counts.sum())
    sums = (total, total / 100, float((mark.counts * np.diff(mark.edges)).sum()))  # shares, per cent, a density
    binned = mark.is_counted and not at_whole_numbers(mark.edges)
    named = _COUNTED.search(mark.values.label.name) is not None
    return mark if named or binned or any(abs(part - 1) < 1e-6 for part in sums) else None


def read_outline(patch: Any, frame: Frame) -> Histogram | Series | None:
    """Return a stepped outline, from `hist(histtype="step")` or `stairs`, as a histogram or a stepped line."""
    edges, heights = _outline(patch)
    if len(heights) < 2 or np.any(np.diff(edges) <= 0):
        return None
    facts: dict[str, Any] = {"frame": frame, "name": own_name(patch), "color": color_of(patch)}
    counted = _counted(Histogram(edges=edges, counts=heights, **facts))
    return counted or Series(x=edges[:-1], y=heights, kind="step", **facts)


def _outline(patch: Any) -> tuple[Floats, Floats]:
    if hasattr(patch, "get_data"):
        data = patch.get_data()
        return floats(data.edges), floats(data.values)
    x, y = floats(patch.get_xy()).T
    if len(x) < 6 or x[0] != x[1] or y[1] != y[2]:  # up an edge, along a bin: how matplotlib draws the outline
        return NOTHING, NOTHING
    turn = int(x.argmax())
    return np.unique(x[: turn + 1]), y[1 : turn + 1 : 2]


def is_density(line: Series) -> bool:
    """Return whether a line is a density curve: named so by its axis, never negative, without an end high up."""
    label = line.values.label.name.lower()
    if "densit" not in label or len(line.y) < 20 or line.y.min() < 0:
        return False
    return bool(max(line.y[0], line.y[-1]) < line.y.max() / 2)


def clauses(marks: Sequence[Histogram], telling: Telling) -> Iterator[str]:
    """Yield how many values lie where."""
    for number, mark in enumerate(marks[:_TOLD], 1):
        subject = telling.subject(mark, number) if len(marks) > 1 else mark.name
        clause = telling.voice.say("list_separator").join(_histogram_pieces(mark, telling))
        yield telling.voice.say("titled", name=subject, clause=clause) if subject else clause
    yield from telling.untold(len(marks) - _TOLD)


def _histogram_pieces(mark: Histogram, telling: Telling) -> Iterator[str]:
    voice, where = telling.voice, mark.places.writer(telling.voice, mark.edges)
    low, high = where.span(float(mark.edges[0]), float(mark.edges[-1]))
    bins, total = voice.count_of("bins", len(mark.counts)), int(mark.counts.sum())
    counted = mark.is_counted and mark.counts.size and total > 0
    if counted:
        yield voice.say("histogram_counts", counted=_said_count(mark, total, telling), bins=bins, low=low, high=high)
    else:
        yield voice.say("histogram_shape", bins=bins, low=low, high=high)
    if telling.detail > 1 or not mark.counts.size:
        return
    top = int(mark.counts.argmax())
    low, high = where.span(float(mark.edges[top]), float(mark.edges[top + 1]))
    if counted:
        yield voice.say("most_common", low=low, high=high, count=voice.count(int(mark.counts[top])))
    else:
        yield voice.say("most_common_shape", low=low, high=high)


def _said_count(mark: Histogram, total: int, telling: Telling) -> str:
    """Return how many were counted, and of what where the axis says it in one word: "1,461 days"."""
    label, voice = mark.values.label.name, telling.voice
    if label and " " not in label and not _COUNTED.search(label):
        return voice.say("count_noun", count=voice.count(total), noun=voice.inside(label))
    return voice.count_of("values", total)


def density_clauses(marks: Sequence[Series], telling: Telling) -> Iterator[str]:
    """Yield where each density curve has its peak."""
    for number, mark in enumerate(marks[:_TOLD], 1):
        where = mark.places.writer(telling.voice, mark.x)
        peak = telling.voice.say("density_peak", place=where.value(float(mark.x[mark.y.argmax()])))
        subject = telling.subject(mark, number) if len(marks) > 1 else mark.name
        yield telling.voice.say("titled", name=subject, clause=peak) if subject else peak
    yield from telling.untold(len(marks) - _TOLD)
