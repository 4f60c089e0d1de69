"""One axes' artists, sorted into marks.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.collections import (
    EventCollection,
    LineCollection,
    PathCollection,
    PolyCollection,
    PolyQuadMesh,
    QuadMesh,
    RegularPolyCollection,
    TriMesh,
)
from matplotlib.container import BarContainer, ErrorbarContainer, StemContainer
from matplotlib.contour import ContourSet
from matplotlib.image import AxesImage
from matplotlib.patches import Polygon, StepPatch, Wedge
from matplotlib.quiver import Barbs, Quiver

from charts.drawing.describing import areas, bars, blocks, boxes, grids, lines, pies, points, segments, sheets, streams
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.bars import Bars
from charts.drawing.describing.distributions import Histogram, histogram_of, histograms_of, is_density, read_outline
from charts.drawing.describing.grids import Grid
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Frame, Mark, floats
from charts.drawing.describing.points import Points

_MOST = 2000  # artists of one kind; a figure of more is told by its first ones


def read_axes(axes: Any, frame: Frame) -> list[Mark]:
    """Return the marks of one flat axes; lines that are only edges or error bars of others are left out."""
    contained = _Contained(axes, frame)
    flows = attempt(streams.flows_of, axes, default=[])
    contained.taken.update(map(id, flows))
    series, strokes = _split_strokes([*_lines(axes, frame, contained.taken)])
    groups = attempt(boxes.read_boxes, axes, frame, default=None)
    fills, blocky = _fills(axes, frame, skip=groups is not None)
    violins = attempt(boxes.read_violins, fills, axes, frame, default=None) if fills else None
    filled, series = areas.arrange([] if violins else _bands(fills, frame), [*contained.series, *series])
    if groups or violins:
        series = [line for line in series if line.name]
    heap = [*contained.bars, *(mark for mark in blocky if isinstance(mark, Bars))]
    tiles = [mark for mark in blocky if not isinstance(mark, Bars)]
    marks = [*tiles, *_heaps(axes, frame, heap, skip=groups is not None), *filled, *_colours(axes, frame)]
    marks += attempt(lambda: [streams.read_streams(flow, frame) for flow in flows], default=[])
    marks += [mark for mark in (groups, violins, _pie(axes, frame)) if mark is not None]
    clouds = [] if groups or violins else list(_clouds(axes, frame))
    dressing = _error_bars(strokes, heap, series, frame)
    tables = attempt(sheets.read_sheets, axes, frame, default=[])
    return [*marks, *_worth_telling(series, clouds, marks), *dressing, *tables]


def _pie(axes: Any, frame: Frame) -> Mark | None:
    return pies.read_wedges([patch for patch in axes.patches if isinstance(patch, Wedge)], frame)


def _split_strokes(series: list[Series]) -> tuple[list[Series], list[Series]]:
    """Return the series, and the unnamed strokes of two points along an axis: error bars, dividers."""
    strokes = [line for line in series if _is_stroke(line)]
    return [line for line in series if not _is_stroke(line)], strokes


def _is_stroke(line: Series) -> bool:
    return len(line.x) == 2 and line.x[0] == line.x[1] and line.y[0] != line.y[1]


def _error_bars(strokes: list[Series], heap: list[Bars], series: list[Series], frame: Frame) -> list[Mark]:
    """Return error bars as what they are, where strokes stand at the places of bars or points."""
    places = [*(mark.x for mark in heap), *(line.x for line in series)]
    if not strokes or not places:
        return []
    standing = np.concatenate(places)
    hits = sum(1 for stroke in strokes if np.isclose(standing, stroke.x[0]).any())
    return [Mark(frame=frame, kind="errors")] if hits > 1 else []


class _Contained:
    """What matplotlib keeps in containers, and the ids of the artists that belong to them."""

    def __init__(self, axes: Any, frame: Frame) -> None:
        self.taken: set[int] = set()
        self.bars: list[Bars] = []
        self.series: list[Series] = []
        for container in axes.containers[:_MOST]:
            attempt(self._add, container, axes, frame, default=None)

    def _add(self, container: Any, axes: Any, frame: Frame) -> None:
        if isinstance(container, BarContainer):
            self.bars.append(bars.read_container(container, frame))
        elif isinstance(container, ErrorbarContainer):
            line, caps, _ = container.lines
            self.taken.update(id(part) for part in (line, *caps))
            self._add_line(line, container, axes, frame, errors=True)
        elif isinstance(container, StemContainer):
            self.taken.update(id(part) for part in (container.markerline, container.baseline))
            self._add_line(container.markerline, container, axes, frame, kind="stem")

    def _add_line(self, line: Any, container: Any, axes: Any, frame: Frame, **facts: Any) -> None:
        read = lines.read_line(line, frame, axes) if line is not None else None
        if read is not None:
            self.series.append(replace(read, name=lines.own_name(container), **facts))


def _lines(axes: Any, frame: Frame, taken: set[int]) -> Iterator[Series]:
    for line in axes.lines[:_MOST]:
        read = attempt(lines.read_line, line, frame, axes, default=None) if id(line) not in taken else None
        if read is not None:
            yield read
    for collection in axes.collections:
        if id(collection) in taken:
            continue
        if isinstance(collection, LineCollection) and not isinstance(collection, EventCollection):
            yield from attempt(segments.read_segments, collection, frame, axes, default=[])


def _fills(axes: Any, frame: Frame, *, skip: bool) -> tuple[list[Any], list[Mark]]:
    """Return the filled polygons between curves, and what rectangles stand for."""
    fills: list[Any] = []
    marks: list[Mark] = []
    for fill in [] if skip else [fill for fill in axes.collections if _is_fill(fill, axes)][:_MOST]:
        rectangles = attempt(blocks.read_blocks, fill, frame, default=[])
        marks.extend(rectangles)
        if not rectangles:
            fills.append(fill)
    return fills, marks


def _is_fill(fill: Any, axes: Any) -> bool:
    plain = isinstance(fill, PolyCollection) and not isinstance(fill, PolyQuadMesh | Quiver | Barbs)
    if not plain or not fill.get_visible() or fill.get_array() is not None or not fill.get_paths():
        return False
    across, up = fill.get_transform().contains_branch_seperately(axes.transData)
    return bool(across and up)


def _bands(fills: Sequence[Any], frame: Frame) -> list[areas.Band]:
    read = (attempt(areas.read_fill, fill, frame, default=None) for fill in fills)
    return [band for band in read if band is not None]


def _heaps(axes: Any, frame: Frame, heap: list[Bars], *, skip: bool) -> list[Mark]:
    """Return bars as bars or histograms, and stepped outlines."""
    histograms = {id(mark): attempt(histogram_of, mark, default=None) for mark in heap}
    marks: list[Mark] = [found for found in histograms.values() if found is not None]
    rest = [mark for mark in heap if histograms[id(mark)] is None]
    if side_by_side := attempt(histograms_of, rest, default=[]):
        marks, rest = [*marks, *side_by_side], []
    return [*(bars.arrange(rest) if rest else []), *marks, *([] if skip else _outlines(axes, frame))]


def _outlines(axes: Any, frame: Frame) -> list[Mark]:
    """Return stepped outlines; one that only goes round a filled one is the same mark."""
    marks: list[Mark] = []
    for patch in axes.patches[:_MOST]:
        outline = attempt(read_outline, patch, frame, default=None) if isinstance(patch, Polygon | StepPatch) else None
        same = [mark for mark in marks if outline is not None and _are_alike(mark, outline)]
        if outline is not None and not same:
            marks.append(outline)
        elif outline is not None and not same[0].name:
            same[0].name = outline.name
    return marks


def _are_alike(first: Mark, second: Mark) -> bool:
    same_places = np.array_equal(first.positions, second.positions)
    return same_places and np.array_equal(first.amounts, second.amounts) and "" in {first.name, second.name}


def _clouds(axes: Any, frame: Frame) -> Iterator[Points]:
    for collection in axes.collections[:_MOST]:
        scattered = isinstance(collection, PathCollection | RegularPolyCollection) and collection.get_visible()
        if scattered and collection.get_offset_transform().contains_branch(axes.transData):
            read = attempt(points.read_collection, collection, frame, default=None)
            yield from [read] if read is not None else []


def _colours(axes: Any, frame: Frame) -> Iterator[Mark]:
    """Yield what is told by colour, and what can only be named."""
    for artist in [*axes.images, *axes.collections[:_MOST]]:
        read = attempt(_read_colours, artist, frame, default=None) if artist.get_visible() else None
        if read is not None:
            yield read


def _read_colours(artist: Any, frame: Frame) -> Mark | None:
    if isinstance(artist, AxesImage):
        return grids.read_image(artist, frame)
    if isinstance(artist, QuadMesh | PolyQuadMesh):
        return grids.read_mesh(artist, frame)
    if isinstance(artist, ContourSet):
        return grids.read_values(artist, frame, "contour")
    if isinstance(artist, Quiver | Barbs):
        return Mark(frame=frame, kind="arrows")
    if isinstance(artist, EventCollection):
        return Mark(frame=frame, kind="events")
    if isinstance(artist, PolyCollection | TriMesh) and artist.get_array() is not None:
        return grids.read_values(artist, frame, "hexbin" if len(floats(artist.get_offsets())) > 1 else "chart")
    return None


def _worth_telling(series: list[Series], clouds: list[Points], others: list[Mark]) -> list[Mark]:
    """Return lines and points without legend proxies, and with decoration marked as such."""
    drawn = [line for line in series if line.y.size]
    if drawn or clouds or others:
        series = drawn
    whole = [line for line in series if line.kind != "points"]
    dots = [line for line in series if line.kind == "points" and not _dresses(line.x, line.y, whole, line.name)]
    clouds = [cloud for cloud in clouds if not _dresses(cloud.x, cloud.y, whole, cloud.name)]
    counted = any(isinstance(mark, Histogram) for mark in others)
    if any(isinstance(mark, Grid) for mark in others):  # borders and contours on a map of colours
        whole = [line for line in whole if line.name]
    lying = any(isinstance(mark, Bars) and not mark.upright for mark in others)
    whole = [line for line in whole if line.name or not (lying and len(line.x) == 2)]  # their error bars
    kinds = [_told_as(line, among_points=bool(clouds), counted=counted) for line in whole]
    return [*kinds, *_dots(dots, others + list(whole)), *clouds]


def _dots(dots: list[Series], others: list[Mark]) -> list[Mark]:
    """Return marker-only lines: a cloud where both axes are numbers and nothing else is there, else dots."""
    if others or any(dot.places.is_dates or dot.places.has_names(dot.x) for dot in dots):
        return list(dots)
    return [
        Points(frame=dot.frame, name=dot.name, color=dot.color, x=dot.x, y=dot.y, errors=dot.errors) for dot in dots
    ]


def _dresses(x: Any, y: Any, whole: Sequence[Series], name: str) -> bool:
    """Return whether unnamed points only sit on a line that is told anyway."""
    return not name and bool(len(x)) and any(_sits_on(x, y, line) for line in whole)


def _sits_on(x: Any, y: Any, line: Series) -> bool:
    if not line.ordered or not line.upright or not line.x.size:
        return False
    at = np.clip(np.searchsorted(line.x, x), 0, len(line.x) - 1)
    return bool(np.all(line.x[at] == x) and np.all(line.y[at] == y))


def _told_as(line: Series, *, among_points: bool, counted: bool) -> Series:
    if among_points and not line.name and line.kind == "line":
        return replace(line, kind="trend")
    if is_density(line) or (counted and not line.name):
        return replace(line, kind="density")
    return line
