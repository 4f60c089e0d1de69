"""What a panel is called: its dominant kind of chart, and what is drawn in it besides."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from charts.drawing.describing import (
    areas,
    bars,
    boxes,
    distributions,
    grids,
    lines,
    pies,
    points,
    sheets,
    solids,
    streams,
)
from charts.drawing.describing.areas import Band, Stack
from charts.drawing.describing.bars import Bars
from charts.drawing.describing.boxes import Groups
from charts.drawing.describing.distributions import Histogram
from charts.drawing.describing.grids import Grid
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Mark, Telling
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.pies import Pie
from charts.drawing.describing.points import Points
from charts.drawing.describing.sheets import Sheet
from charts.drawing.describing.solids import Solid
from charts.drawing.describing.streams import Streams

Clauses = Callable[[Sequence[Any], Telling], Iterator[str]]

# The kind that names the chart comes first; what comes later is drawn over it.
_RANKS = [
    "pie", "donut", "stacked", "grouped", "bars", "barh", "ranges", "histogram", "stack", "box", "violin",
    "calendar", "heatmap", "hexbin", "contour", "image", "surface", "line", "area", "step", "stem", "scatter",
    "band", "points", "density", "arrows", "events", "chart", "streams", "trend", "halo", "errors",
    "table",
]  # fmt: skip
_PARTS = {"stacked": "bars", "grouped": "bars", "barh": "bars", "ranges": "bars", "halo": "band", "calendar": "heatmap"}
_PARTS |= {"hexbin": "heatmap", "donut": "pie", "surface": "line", "chart": "line"}
_PLURALS = {"line": "lines", "step": "steps", "band": "bands"}
# Drawn to help the eye, told by name only where more is drawn.
_DRESSING = {"trend", "halo", "errors", "streams", "table"}
_CLAUSES: dict[type[Mark], Clauses] = {
    Series: lines.clauses,
    Bars: bars.clauses,
    Histogram: distributions.clauses,
    Stack: areas.stack_clauses,
    Band: areas.band_clauses,
    Groups: boxes.clauses,
    Grid: grids.clauses,
    Points: points.cloud_clauses,
    Pie: pies.clauses,
    Solid: solids.clauses,
    Sheet: sheets.clauses,
    Streams: streams.clauses,
}
_SERIES_CLAUSES: dict[str, Clauses] = {"points": points.dot_clauses, "density": distributions.density_clauses}


def ranked(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks, the kind that names the chart first, each kind in the order it was drawn."""
    return sorted(marks, key=lambda mark: _RANKS.index(mark.kind) if mark.kind in _RANKS else len(_RANKS))


def told(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks that get a clause of their own."""
    counted = any(isinstance(mark, Histogram) for mark in marks)
    return [
        mark
        for mark in marks
        if mark.kind not in _DRESSING and not (counted and mark.kind == "density" and not mark.name)
    ]


def clauses_of(marks: Sequence[Mark], telling: Telling) -> Iterator[str]:
    """Yield the clauses of all marks, kind by kind."""
    groups: dict[tuple[type, str], list[Mark]] = {}
    for mark in marks:
        kind = mark.kind if isinstance(mark, Series) and mark.kind in _SERIES_CLAUSES else ""
        groups.setdefault((type(mark), kind), []).append(mark)
    telling.mixed = len(groups) > 1
    for (form, kind), group in groups.items():
        say = _SERIES_CLAUSES.get(kind) or _CLAUSES.get(form)
        if say is not None:
            yield from say(group, telling)


def parts_of(marks: Sequence[Mark], voice: Voice) -> Iterator[str]:
    """Yield what is drawn besides the kind that names the chart: "a line", "error bars"."""
    first = _PARTS.get(marks[0].kind, marks[0].kind)
    counts: dict[str, int] = {}
    for mark in marks:
        part = _PARTS.get(mark.kind, mark.kind)
        counts[part] = counts.get(part, 0) + 1
    for part, count in counts.items():
        if part not in {first, "errors"}:
            yield voice.say("part_" + (_PLURALS.get(part, part) if count > 1 else part))
    if "errors" in counts or any(getattr(mark, "errors", False) for mark in marks):
        yield voice.say("part_errors")
