"""Heatmaps and what else is told by colour: images, meshes, hexagons, contours.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.lines import own_name
from charts.drawing.describing.marks import Floats, Frame, Mark, Telling, floats, nothing
from charts.drawing.describing.numerals import Numerals
from charts.drawing.describing.scales import NumberWriter, Scale, Writer


class Shade(NamedTuple):
    """What colours mean: the values behind them, and the colorbar's scale if there is one."""

    values: Floats
    scale: Scale | None


def shade_of(mappable: Any) -> Shade | None:
    """Return what an artist's colours mean, None where they mean nothing."""
    array = mappable.get_array()
    if array is None:
        return None
    values = floats(array)
    bar = getattr(mappable, "colorbar", None)
    scale = attempt(lambda: Scale(bar.long_axis), default=None) if bar is not None else None
    return Shade(values[np.isfinite(values)], scale)


@dataclass(kw_only=True)
class Grid(Mark):
    """Values in rows and columns (two dimensions, NaN where there is none) with the middle of each.

    Of hexagons and contours only the values are known: one row, no places.
    """

    cells: Floats = field(default_factory=nothing)
    across: Floats = field(default_factory=nothing)
    up: Floats = field(default_factory=nothing)
    shade: Scale | None = None
    valued: bool = True  # False where only colours are known, not what they stand for
    kind: str = "heatmap"

    @property
    def positions(self) -> Floats:
        """Return the middles of the columns."""
        return self.across


def read_image(image: Any, frame: Frame) -> Grid:
    """Return an `imshow`; a photograph (three dimensions) as a mere image."""
    cells = floats(image.get_array())
    if cells.ndim != 2:
        return Grid(frame=frame, kind="image")
    left, right, bottom, top = image.get_extent()
    rows, columns = cells.shape
    if image.origin == "upper":
        bottom, top = top, bottom
    across, up = _middles(left, right, columns), _middles(bottom, top, rows)
    return _grid(image, frame, cells, across, up)


def _middles(start: float, end: float, count: int) -> Floats:
    return start + (np.arange(count) + 0.5) * (end - start) / max(count, 1)


def read_mesh(mesh: Any, frame: Frame) -> Grid:
    """Return a `pcolormesh` or `pcolor`."""
    corners = floats(mesh.get_coordinates())
    cells = floats(mesh.get_array())
    rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
    if cells.shape == corners.shape[:2]:  # gouraud shading: a value at each corner
        return _grid(mesh, frame, cells, corners[0, :, 0], corners[:, 0, 1])
    across = (corners[0, :-1, 0] + corners[0, 1:, 0]) / 2
    up = (corners[:-1, 0, 1] + corners[1:, 0, 1]) / 2
    return _grid(mesh, frame, cells.reshape(rows, columns), across, up)


def _grid(artist: Any, frame: Frame, cells: Floats, across: Floats, up: Floats) -> Grid:
    shade = shade_of(artist)
    kind = "calendar" if _is_calendar(cells) else "heatmap"
    scale = shade.scale if shade else None
    return Grid(frame=frame, name=own_name(artist), cells=cells, across=across, up=up, shade=scale, kind=kind)


def _is_calendar(cells: Floats) -> bool:
    """Return whether the cells are the days of a year by week and weekday."""
    weekdays, weeks = min(cells.shape), max(cells.shape)
    return bool(weekdays == 7 and 52 <= weeks <= 54)


def read_values(collection: Any, frame: Frame, kind: str) -> Grid:
    """Return what has colours for values but no rows: hexagons, contours."""
    values = floats([collection.zmin, collection.zmax] if kind == "contour" else collection.get_array())
    shade = shade_of(collection)
    return Grid(frame=frame, cells=values.reshape(1, -1), shade=shade.scale if shade else None, kind=kind)


def clauses(marks: Sequence[Grid], telling: Telling) -> Iterator[str]:
    """Yield size, range and the place of the highest value of each grid."""
    for mark in marks[:3]:
        yield from _grid_clauses(mark, telling)


def _grid_clauses(mark: Grid, telling: Telling) -> Iterator[str]:
    voice, separator = telling.voice, telling.voice.say("list_separator")
    known = mark.cells[np.isfinite(mark.cells)]
    if mark.kind == "image":
        return
    if not known.size:
        yield voice.say("no_data") if mark.valued else "".join(_size(mark, mark.cells, telling))
        return
    write = _writer(mark, known, telling)
    low, high = write.span(float(known.min()), float(known.max()))
    pieces = [*_size(mark, known, telling), voice.say("grid_values", low=low, high=high)]
    pieces.extend(_top(mark, write, telling))
    yield separator.join(pieces)


def _writer(mark: Grid, known: Floats, telling: Telling) -> Writer:
    if mark.shade is not None:
        return mark.shade.writer(telling.voice, known)
    return NumberWriter(telling.voice, Numerals(telling.voice, float(known.min()), float(known.max())))


def _size(mark: Grid, known: Floats, telling: Telling) -> Iterator[str]:
    voice = telling.voice
    if mark.kind == "calendar":
        yield voice.say("days", count=voice.count(known.size))
    elif mark.kind == "heatmap":
        rows, columns = mark.cells.shape
        yield voice.say("rows_columns", rows=voice.count(rows), columns=voice.count(columns))
        if known.size < mark.cells.size and telling.detail == 0:
            yield voice.say("cells_empty", count=voice.count(mark.cells.size - known.size))


def _top(mark: Grid, write: Writer, telling: Telling) -> Iterator[str]:
    """Yield where the highest value is, if it is one cell and its row or column has a name."""
    if mark.across.size == 0 or telling.detail > 1:
        return
    most = np.nanmax(mark.cells)
    if np.count_nonzero(mark.cells == most) != 1:
        return
    row, column = np.unravel_index(int(np.nanargmax(mark.cells)), mark.cells.shape)
    found = [_place(mark.frame.y, mark.up, int(row), telling), _place(mark.frame.x, mark.across, int(column), telling)]
    named = [place for place in found if place]
    if named:
        both = mark.frame.x.has_names(mark.across) and mark.frame.y.has_names(mark.up)
        places = telling.voice.join(named) if both else " ".join(named)
        yield telling.voice.say("grid_highest", places=places)


def _place(scale: Scale, middles: Floats, at: int, telling: Telling) -> str:
    """Return the name of a row or column, "" where its axis gives it none."""
    if not (scale.is_dates or scale.has_labels or scale.label.name):
        return ""
    where = scale.writer(telling.voice, middles, positions=True)
    place = where.at(float(middles[at]))
    if where.named or not scale.label.name:
        return place
    return telling.voice.say("at", place=f"{telling.voice.inside(scale.label.name)} {where.value(float(middles[at]))}")
