"""Box and violin plots, recognised by their geometry (matplotlib keeps no container), told by their medians.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from charts.drawing.describing.bars import entry
from charts.drawing.describing.lines import color_of
from charts.drawing.describing.marks import Color, Floats, Frame, Mark, Telling, floats, nothing
from charts.drawing.describing.scales import Writer

_LISTED = 6
_BODY_POINTS = 5000  # more is a curve of data, not of a kernel density


@dataclass(kw_only=True)
class Groups(Mark):
    """Groups of values: where each stands, its median, its box, and how far its values reach."""

    x: Floats = field(default_factory=nothing)
    medians: Floats = field(default_factory=nothing)
    boxes: Floats = field(default_factory=nothing)  # two columns: lower and upper quartile
    reach: Floats = field(default_factory=nothing)
    colors: tuple[Color | None, ...] = ()
    kind: str = "box"

    @property
    def positions(self) -> Floats:
        """Return where the groups stand."""
        return self.x

    @property
    def amounts(self) -> Floats:
        """Return the medians and the ends of everything drawn."""
        return np.concatenate([self.medians, self.reach])


@dataclass(frozen=True)
class _Rectangle:
    left: float
    right: float
    low: float
    high: float
    color: Color | None


def read_boxes(axes: Any, frame: Frame) -> Groups | None:
    """Return the axes' box plot, None where no rectangle has a median line across it."""
    outlines = [(points, artist) for artist in _outlines(axes) if (points := _points(artist)) is not None]
    if not outlines:
        return None
    strokes = list(_strokes(axes))
    for upright in (True, False):
        found = list(_with_medians(outlines, strokes, upright=upright))
        if found:
            return _groups(found, axes, frame, upright=upright)
    return None


def _outlines(axes: Any) -> Iterator[Any]:
    yield from (line for line in axes.lines if len(_line_points(line)) in {5, 11})
    yield from (patch for patch in axes.patches if isinstance(patch, PathPatch))
    yield from (fill for fill in axes.collections if isinstance(fill, PolyCollection) and len(fill.get_paths()) == 1)


def _points(artist: Any) -> Floats | None:
    if isinstance(artist, Line2D):
        return _line_points(artist)
    path = artist.get_path() if isinstance(artist, PathPatch) else artist.get_paths()[0]
    vertices = floats(path.vertices)
    return vertices if 5 <= len(vertices) <= 24 else None


def _line_points(line: Any) -> Floats:
    return floats(line.get_xydata())


def _strokes(axes: Any) -> Iterator[Floats]:
    """Yield every straight stroke as two points."""
    for line in axes.lines:
        if len(_line_points(line)) == 2:
            yield _line_points(line)
    for collection in axes.collections:
        if isinstance(collection, LineCollection):
            yield from (floats(part) for part in collection.get_segments() if len(part) == 2)


def _with_medians(
    outlines: Iterable[tuple[Floats, Any]], strokes: Sequence[Floats], *, upright: bool
) -> Iterator[tuple[_Rectangle, float]]:
    """Yield each rectangle that a stroke crosses from side to side, and that stroke's value."""
    turned = [stroke if upright else stroke[:, ::-1] for stroke in strokes]
    level = [(*sorted(stroke[:, 0]), stroke[0, 1]) for stroke in turned if stroke[0, 1] == stroke[1, 1]]
    for points, artist in outlines:
        box = _rectangle(points if upright else points[:, ::-1], artist)
        medians = [value for left, right, value in level if box and _crosses(box, left, right, value)]
        if box and medians:
            yield box, float(medians[0])


def _rectangle(points: Floats, artist: Any) -> _Rectangle | None:
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 4:
        return None
    (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
    upright_sides = np.isclose(points[:, 0], left) | np.isclose(points[:, 0], right)
    if len(points) == 5 and not upright_sides.all():  # more points: notches, rounded corners
        return None
    return _Rectangle(float(left), float(right), float(low), float(high), color_of(artist))


def _crosses(box: _Rectangle, left: float, right: float, value: float) -> bool:
    inside = box.low <= value <= box.high and left >= box.left - 1e-9 and right <= box.right + 1e-9
    return inside and right - left > 0.3 * (box.right - box.left)


def _groups(found: Sequence[tuple[_Rectangle, float]], axes: Any, frame: Frame, *, upright: bool) -> Groups:
    boxes = [box for box, _ in found]
    reach = _reach(axes, upright=upright)
    return Groups(
        frame=frame,
        upright=upright,
        x=np.array([(box.left + box.right) / 2 for box in boxes]),
        medians=np.array([median for _, median in found]),
        boxes=np.array([(box.low, box.high) for box in boxes]),
        colors=tuple(box.color for box in boxes),
        reach=reach,
    )


def _reach(axes: Any, *, upright: bool) -> Floats:
    """Return the lowest and highest value of whiskers, outliers and boxes."""
    column = 1 if upright else 0
    parts = [_line_points(line)[:, column] for line in axes.lines]
    parts += [stroke[:, column] for stroke in _strokes(axes)]
    parts += [points[:, column] for artist in _outlines(axes) if (points := _points(artist)) is not None]
    parts += [floats(cloud.get_offsets())[:, column] for cloud in axes.collections if cloud.get_offsets().size > 2]
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return np.array([values.min(), values.max()])


class _Body(NamedTuple):
    """One violin: where it stands, its median and ends; `half` of it where only one side is drawn."""

    middle: float
    median: float
    ends: Floats
    half: bool


def read_violins(fills: Sequence[Any], axes: Any, frame: Frame) -> Groups | None:
    """Return fills that mirror themselves about a line as violins, their medians from the area's halves."""
    for upright in (True, False):
        bodies = [body for fill in fills if (body := _body(fill, upright=upright)) is not None]
        if bodies and len(bodies) == len(fills) and _have_places(bodies, frame, upright=upright):
            return Groups(
                frame=frame,
                upright=upright,
                kind="violin",
                x=np.array([body.middle for body in bodies]),
                medians=np.array([body.median for body in bodies]),
                reach=np.concatenate([body.ends for body in bodies]),
                colors=tuple(color_of(fill) for fill in fills),
            )
    return None


def _have_places(bodies: Sequence[_Body], frame: Frame, *, upright: bool) -> bool:
    """Return whether the bodies stand at places: an area on its ground, or one band, may have a violin's shape."""
    if any(body.half for body in bodies) or (len(bodies) == 1 and not upright):
        return (frame.x if upright else frame.y).has_names(np.array([body.middle for body in bodies]))
    return True


def _body(fill: Any, *, upright: bool) -> _Body | None:
    if len(fill.get_paths()) != 1 or not 20 <= len(fill.get_paths()[0].vertices) <= _BODY_POINTS:
        return None
    if getattr(fill, "t_direction", "") == ("x" if upright else "y"):  # filled along the other axis
        return None
    points = floats(fill.get_paths()[0].vertices)
    points = points if upright else points[:, ::-1]
    half = _half(points)
    side = half or _mirror_half(points)
    if side is None:
        return None
    middle, widths, levels = side
    area = np.cumsum(np.append(0, (widths[1:] + widths[:-1]) / 2 * np.diff(levels)))
    median = float(np.interp(area[-1] / 2, area, levels))
    return _Body(middle, median, np.array([levels[0], levels[-1]]), half is not None)


def _half(points: Floats) -> tuple[float, Floats, Floats] | None:
    """Return middle, widths and levels of a body that is straight on one side."""
    for middle in (float(points[:, 0].min()), float(points[:, 0].max())):
        straight = np.isclose(points[:, 0], middle)
        curve = points[~straight]
        if 0.4 < straight.mean() < 0.6 and np.ptp(points[straight, 1]) > 0 and len(curve):
            curve = curve[np.argsort(curve[:, 1])]
            return middle, np.abs(curve[:, 0] - middle), curve[:, 1]
    return None


def _mirror_half(points: Floats) -> tuple[float, Floats, Floats] | None:
    """Return middle, widths and levels of a body that mirrors itself."""
    middle = float(points[:, 0].min() + points[:, 0].max()) / 2
    right, left = points[points[:, 0] > middle], points[points[:, 0] < middle]
    if abs(len(right) - len(left)) > 4 or not _mirrored(left, right, middle):
        return None
    right = right[np.argsort(right[:, 1])]
    return middle, right[:, 0] - middle, right[:, 1]


def _mirrored(left: Floats, right: Floats, middle: float) -> bool:
    if not len(left) or not len(right):
        return False
    right, left = right[np.argsort(right[:, 1])], left[np.argsort(left[:, 1])]
    mirrored = np.interp(right[:, 1], left[:, 1], 2 * middle - left[:, 0])
    width = right[:, 0].max() - middle
    return bool(np.median(np.abs(mirrored - right[:, 0])) < 0.02 * width)


def split_groups(mark: Groups, legend: Mapping[Color, str]) -> list[Groups]:
    """Return the groups of each colour that the legend names, or all as they are."""
    colors = [color for color in legend if color in mark.colors]
    if len(colors) < 2 or set(mark.colors) != set(colors):
        return [mark]
    chosen = {color: np.array([other == color for other in mark.colors]) for color in colors}
    return [
        replace(
            mark,
            name=legend[color],
            x=mark.x[which],
            medians=mark.medians[which],
            boxes=mark.boxes[which] if mark.boxes.size else mark.boxes,
            colors=(color,) * int(which.sum()),
        )
        for color, which in chosen.items()
    ]


def clauses(marks: Sequence[Groups], telling: Telling) -> Iterator[str]:
    """Yield the medians and the range of everything."""
    voice = telling.voice
    for mark in marks:
        medians = voice.say("list_separator").join(_medians(mark, telling.writer(mark), telling))
        yield voice.say("titled", name=mark.name, clause=medians) if mark.name else medians
    amounts = np.concatenate([mark.amounts for mark in marks])
    low, high = telling.writer(marks[0]).span(float(amounts.min()), float(amounts.max()))
    yield voice.say("beyond", low=low, high=high)


def _medians(mark: Groups, write: Writer, telling: Telling) -> Iterator[str]:
    voice, medians = telling.voice, mark.medians
    if len(medians) == 1:
        median = write.value(float(medians[0]))
        quartiles = write.span(*mark.boxes[0].tolist()) if mark.boxes.size else ("", "")
        word = "one_violin" if mark.kind == "violin" else "one_box"
        yield voice.say(word, median=median, low=quartiles[0], high=quartiles[1])
    elif len(medians) <= _LISTED and telling.detail == 0:
        where = _where(mark, telling)
        pairs = list(zip(mark.x.tolist(), medians.tolist(), strict=True))
        entries = [entry(voice, where, x, write.value(y)) for x, y in pairs]
        yield voice.say("medians_about" if mark.kind == "violin" else "medians", entries=voice.join(entries))
    else:
        yield from _many(mark, write, telling)


def _many(mark: Groups, write: Writer, telling: Telling) -> Iterator[str]:
    voice, where = telling.voice, _where(mark, telling)
    yield voice.count_of("groups", len(mark.medians))
    top, bottom = int(mark.medians.argmax()), int(mark.medians.argmin())
    if telling.detail < 2 and top != bottom:
        high, low = write.value(float(mark.medians[top])), write.value(float(mark.medians[bottom]))
        places = {"top": where.at(float(mark.x[top])), "bottom": where.at(float(mark.x[bottom]))}
        yield voice.say("median_extremes", high=high, low=low, **places)


def _where(mark: Groups, telling: Telling) -> Writer:
    return mark.places.writer(telling.voice, mark.x, positions=True)
