"""Clouds of points, told by their ranges and, where it is strong, their correlation.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from charts.drawing.describing.grids import Shade, shade_of
from charts.drawing.describing.lines import Series, axis_range, color_of, own_name
from charts.drawing.describing.marks import (
    NOTHING,
    Color,
    Floats,
    Frame,
    Placed,
    Telling,
    floats,
    measure_text,
    nothing,
)
from charts.drawing.describing.scales import Writer

_STRONG = 0.7  # correlations below say more about the listener's hopes than about the data
_LISTED = 3
_PLACED = 60


@dataclass(kw_only=True)
class Points(Placed):
    """Points that have no order, and the colour of each where colours tell groups apart."""

    shades: Floats = field(default_factory=nothing)
    shade: Shade | None = None
    errors: bool = False
    kind: str = "scatter"


def read_collection(collection: Any, frame: Frame) -> Points:
    """Return a scatter's PathCollection, without the points that are not seen."""
    offsets = floats(collection.get_offsets())
    across, up = offsets.T
    whole = frame.x.seen(across, across) & frame.y.seen(up, up)
    faces = floats(collection.get_facecolor())
    several = len(faces) == len(offsets) > 1
    return Points(
        frame=frame,
        name=own_name(collection),
        color=color_of(collection),
        x=offsets[whole, 0],
        y=offsets[whole, 1],
        shades=faces[whole, :3].round(3) if several and collection.get_array() is None else NOTHING,
        shade=shade_of(collection),
    )


def split_by_color(mark: Points, names: Mapping[Color, str]) -> list[Points]:
    """Return one mark for each colour that the legend names, or the mark as it is."""
    if not len(mark.shades) or len(mark.shades) > 20_000 or mark.name:
        return [mark]
    shades, group = np.unique(mark.shades, axis=0, return_inverse=True)
    colors: list[Any] = [tuple(float(part) for part in shade) for shade in shades]
    if not 1 < len(colors) <= 12 or not all(color in names for color in colors):
        return [mark]
    group = group.reshape(-1)
    parts = [
        replace(mark, name=names[color], x=mark.x[group == at], y=mark.y[group == at], shades=NOTHING)
        for at, color in enumerate(colors)
    ]
    order = list(names.values())
    return sorted(parts, key=lambda part: order.index(part.name))


def as_series(mark: Points) -> Series:
    """Return points along a date or category axis as dots of a series."""
    order = np.argsort(mark.x, kind="stable")
    facts: dict[str, Any] = {"name": mark.name, "color": mark.color, "errors": mark.errors, "kind": "points"}
    return Series(frame=mark.frame, x=mark.x[order], y=mark.y[order], **facts)


def dot_clauses(marks: Sequence[Series], telling: Telling) -> Iterator[str]:
    """Yield single dots with their places, more of them by their number and range."""
    voice = telling.voice
    if len(marks) > 1 and not any(mark.name for mark in marks):
        marks = [_merged(marks)]
    if len(marks) > 4:
        yield from cloud_clauses([_cloud(mark) for mark in marks], telling)
        return
    for number, mark in enumerate(marks, 1):
        subject = telling.subject(mark, number) if len(marks) > 1 or mark.name else ""
        clause = _dots_clause(mark, telling)
        yield voice.say("titled", name=subject, clause=clause) if subject else clause


def _dots_clause(mark: Series, telling: Telling) -> str:
    voice = telling.voice
    if not mark.y.size:
        return voice.say("no_data")
    write = telling.writer(mark)
    if len(mark.y) <= _LISTED and telling.detail == 0:
        where = telling.where or mark.places.writer(voice, mark.x, positions=True)
        pairs = zip(mark.y.tolist(), mark.x.tolist(), strict=True)
        return voice.join([voice.placed(write.value(y), where.at(x)) for y, x in pairs])
    low, high = _dot_ends(mark, telling)
    return voice.say("named", name=_number(telling, len(mark.y)), clause=voice.say("ranges", low=low, high=high))


def _dot_ends(mark: Series, telling: Telling) -> tuple[str, str]:
    """Return the lowest and the highest dot, with their places where each dot has one of its own."""
    write, where = telling.writer(mark), telling.where
    low, high = int(mark.y.argmin()), int(mark.y.argmax())
    least, most = write.span(float(mark.y[low]), float(mark.y[high]))
    if telling.detail or where is None or not where.named or not _have_places(mark, where):
        return least, most
    at_low, at_high = where.at(float(mark.x[low])), where.at(float(mark.x[high]))
    return telling.voice.placed(least, at_low), telling.voice.placed(most, at_high)


def _have_places(mark: Series, where: Writer) -> bool:
    return len(mark.x) <= _PLACED and len({where.value(place) for place in mark.x.tolist()}) == len(mark.x)


def _merged(marks: Sequence[Series]) -> Series:
    """Return dots that nothing tells apart by name, as one."""
    x, y = np.concatenate([mark.x for mark in marks]), np.concatenate([mark.y for mark in marks])
    order = np.argsort(x, kind="stable")
    return replace(marks[0], x=x[order], y=y[order])


def _number(telling: Telling, count: int) -> str:
    return telling.voice.count_of("points", count)


def _cloud(mark: Series) -> Points:
    return Points(frame=mark.frame, name=mark.name, x=mark.x, y=mark.y)


def cloud_clauses(marks: Sequence[Points], telling: Telling) -> Iterator[str]:
    """Yield number and ranges of one cloud; of several their names and numbers, then the ranges of all."""
    voice = telling.voice
    full = [mark for mark in marks if mark.x.size]
    if not full:
        yield voice.say("no_data")
        return
    everything = replace(full[0], x=np.concatenate([m.x for m in full]), y=np.concatenate([m.y for m in full]))
    counts = _number(telling, len(everything.x))
    names = [_named_count(mark, telling) for mark in full if mark.name]
    if names and len(full) > 1:
        counts = voice.say("points_named", points=counts, names=voice.some(names, 6 if telling.detail < 2 else 2))
    ranges = [axis_range(telling, everything, upright=False), axis_range(telling, everything, upright=True)]
    yield voice.say("list_separator").join([counts, voice.join(ranges)]) if telling.detail < 3 else counts
    if telling.detail < 2:
        yield from _relation(everything, telling)
        yield from coloured(full[0].shade, telling)


def _named_count(mark: Points, telling: Telling) -> str:
    return telling.voice.say("entry", name=mark.name, value=telling.voice.count(len(mark.x)))


def _relation(mark: Points, telling: Telling) -> Iterator[str]:
    """Yield a correlation worth telling; logarithms are correlated where a scale is logarithmic."""
    x = np.log(mark.x) if mark.places.logarithmic and mark.x.min() > 0 else mark.x
    y = np.log(mark.y) if mark.values.logarithmic and mark.y.min() > 0 else mark.y
    if len(x) < 8 or np.ptp(x) == 0 or np.ptp(y) == 0 or mark.places.is_dates:
        return
    correlation = float(np.corrcoef(x, y)[0, 1])
    if np.isnan(correlation) or abs(correlation) < _STRONG:
        return
    voice = telling.voice
    word = "rise_together" if correlation > 0 else "fall_apart"
    text = f"{correlation:.2f}".replace("-", "−").replace(".", voice.separators[1])
    names = {
        "y": voice.inside(mark.values.label.name) or voice.say("the_vertical"),
        "x": voice.inside(mark.places.label.name) or voice.say("the_horizontal"),
    }
    yield voice.say(word, r=text, **names)


def coloured(shade: Shade | None, telling: Telling) -> Iterator[str]:
    """Yield what colours mean and their range, where a colorbar says it."""
    if shade is None or shade.scale is None or not shade.values.size:
        return
    measure = measure_text(telling.voice, shade.scale)
    write = shade.scale.writer(telling.voice, shade.values)
    low, high = write.span(float(shade.values.min()), float(shade.values.max()))
    if measure:
        yield telling.voice.say("coloured_by", measure=measure, low=low, high=high)
