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
    def known(self) -> Floats:
        """Return the cells' values, without the empty ones."""
        return self.cells[np.isfinite(self.cells)]

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
    """Yield size, range and the place of the highest value; of several grids those of all."""
    marks = [mark for mark in marks if mark.kind != "image"]
    if not marks:
        return
    voice, known = telling.voice, np.concatenate([mark.known for mark in marks])
    if not known.size:
        yield voice.say("no_data") if marks[0].valued else "".join(_size(marks[0], known, telling))
        return
    write = _writer(marks, known, telling)
    low, high = write.span(float(known.min()), float(known.max()))
    top = max(marks, key=lambda mark: float(mark.known.max(initial=-np.inf)))
    size = _size(marks[0], known, telling) if len(marks) == 1 or marks[0].kind == "calendar" else []
    pieces = [*size, voice.say("grid_values", low=low, high=high), *_top(top, telling)]
    yield voice.say("list_separator").join(pieces)


def shade_scale(marks: Sequence[Mark]) -> Scale | None:
    """Return the colorbar's scale of grids that share one."""
    return next((mark.shade for mark in marks if isinstance(mark, Grid) and mark.shade is not None), None)


def _writer(marks: Sequence[Grid], known: Floats, telling: Telling) -> Writer:
    scale = shade_scale(marks)
    if scale is not None:
        return scale.writer(telling.voice, known)
    return NumberWriter(telling.voice, Numerals(telling.voice, float(known.min()), float(known.max())))


def _size(mark: Grid, known: Floats, telling: Telling) -> Iterator[str]:
    voice = telling.voice
    if mark.kind == "calendar":
        yield voice.count_of("days", known.size)
    elif mark.kind == "heatmap":
        rows, columns = mark.cells.shape
        yield voice.join([voice.count_of("rows", rows), voice.count_of("columns", columns)])
        if 0 < known.size < mark.cells.size and telling.detail == 0:
            yield voice.count_of("cells_empty", mark.cells.size - known.size)


def _top(mark: Grid, telling: Telling) -> Iterator[str]:
    """Yield where the highest value is, if it is one cell and its row or column has a name."""
    if mark.across.size == 0 or telling.detail > 1:
        return
    most = np.nanmax(mark.cells)
    if np.count_nonzero(mark.cells == most) != 1:
        return
    row, column = np.unravel_index(int(np.nanargmax(mark.cells)), mark.cells.shape)
    sides = [(mark.frame.y, mark.up, int(row)), (mark.frame.x, mark.across, int(column))]
    told = [_place(scale, middles, at, telling) for scale, middles, at in sides if scale.is_told]
    if told:
        places = [place for place, _ in told]
        named = not any(ordered for _, ordered in told)  # "for Rome and Food", but "for Rome in March"
        yield telling.voice.say("grid_highest", places=telling.voice.join(places) if named else " ".join(places))


def _place(scale: Scale, middles: Floats, at: int, telling: Telling) -> tuple[str, bool]:
    """Return where a row or column is, and whether its place has an order."""
    where = scale.writer(telling.voice, middles, positions=True)
    return where.at(float(middles[at])), where.ordered
