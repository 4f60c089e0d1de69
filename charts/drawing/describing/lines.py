"""Series of points along an axis: lines, steps, stems and dots, read from Line2D and told by their trend.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from matplotlib import colors
from matplotlib.lines import AxLine, Line2D

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.marks import (
    Color,
    Floats,
    Frame,
    Mark,
    Placed,
    Telling,
    extent,
    floats,
)
from charts.drawing.describing.trends import Trend, trend_of
from charts.drawing.describing.wording import plain

_NAMES_TOLD = 6
_NAMED_AMONG_MANY = 3


@dataclass(kw_only=True)
class Series(Placed):
    """Points in the order of their axis, without the missing ones.

    `kind` is line, step, stem or points; `gaps` says that points are missing between others; `ordered`
    that the places only go up, so that "first" and "last" mean something.
    """

    gaps: bool = False
    ordered: bool = True
    errors: bool = False
    kind: str = "line"
    noun: ClassVar[str] = "the_line"


def series_of(frame: Frame, x: Any, y: Any, **facts: Any) -> Series:
    """Return the series through the points that are seen.

    Places and values are swapped where only the y axis has an order, as in depth profiles.
    """
    x, y = floats(x), floats(y)
    whole = np.isfinite(x) & np.isfinite(y)
    upright = not _is_profile(frame, x[whole], y[whole])
    places, (x, y) = (frame.x, (x, y)) if upright else (frame.y, (y, x))
    whole &= places.seen(x, x, crossing=facts.get("kind") in {None, "line", "step"})
    gaps = _has_gaps(whole)
    x, y = x[whole], y[whole]
    ordered, backwards = _order(x)
    if backwards:
        x, y = x[::-1], y[::-1]
    return Series(frame=frame, x=x, y=y, gaps=gaps, upright=upright, ordered=ordered or backwards, **facts)


def _is_profile(frame: Frame, x: Floats, y: Floats) -> bool:
    """Return whether the series runs along the y axis: x has no order, or falls while y goes down as depths do."""
    if len(y) < 3 or not any(_order(y)) or (frame.x.is_sequence(x) and not frame.y.is_sequence(y)):
        return False
    ordered, backwards = _order(x)
    return (frame.y.inverted and backwards) or not (ordered or backwards)


def _has_gaps(whole: Any) -> bool:
    there = np.flatnonzero(whole)
    return bool(there.size) and there.size < there[-1] - there[0] + 1


def _order(places: Floats) -> tuple[bool, bool]:
    """Return whether places only go up, and whether they only go down."""
    moves = np.diff(places)
    up = not np.any(moves < 0)
    return up, not up and not np.any(moves > 0)


def read_line(line: Line2D, frame: Frame, axes: Any) -> Series | None:
    """Return a Line2D as a series; None for what is no series: reference lines, decoration, invisible lines."""
    if isinstance(line, AxLine) or not line.get_visible():
        return None
    across, up = line.get_transform().contains_branch_seperately(axes.transData)
    marked = line.get_marker() not in {None, "None", "none", "", " "}
    drawn = line.get_linestyle() not in {"None", "none", "", " "}
    if not (across and up and (marked or drawn)):
        return None
    x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
    stepped = "steps" in str(line.get_drawstyle())
    kind = ("step" if stepped else "line") if drawn else "points"
    return series_of(frame, x, y, name=own_name(line), color=color_of(line), kind=kind)


def own_name(artist: Any) -> str:
    """Return the artist's label, "" for the names matplotlib gives to what has none."""
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else plain(label)


def color_of(artist: Any) -> Color | None:
    """Return the one colour an artist is seen in, without its transparency."""
    only_markers = isinstance(artist, Line2D) and _is_marker(artist)
    for name in ("get_markerfacecolor",) * only_markers + ("get_color", "get_facecolor", "get_edgecolor"):
        method = getattr(artist, name, None)
        color = attempt(_single_color, method(), default=None) if method else None
        if color is not None:
            return color
    return None


def _is_marker(line: Line2D) -> bool:
    """Return whether of a line only its markers are seen, as in a legend's key."""
    drawn = line.get_linestyle() not in {"None", "none", "", " "} and len(floats(line.get_xdata(orig=False))) > 1
    return not drawn and line.get_marker() not in {None, "None", "none", "", " "}


def _single_color(value: Any) -> Color | None:
    rows = colors.to_rgba_array(value)
    if not len(rows) or (rows != rows[0]).any() or rows[0][3] == 0:
        return None
    red, green, blue = (round(float(part), 3) for part in rows[0][:3])
    return red, green, blue


def clauses(marks: Sequence[Series], telling: Telling) -> Iterator[str]:
    """Yield what there is to say about the series of one panel, a clause each while they are few."""
    named = [mark for mark in marks if mark.name]
    if len(marks) > 4 and 0 < len(named) <= _NAMED_AMONG_MANY and telling.detail < 2:
        rest = [mark for mark in marks if not mark.name]
        yield from clauses(named, telling)
        yield from _summary(rest, telling, count="more_lines")
        return
    if len(marks) > 4 or telling.detail > 1:
        yield from _summary(marks, telling)
        return
    for number, mark in enumerate(marks, 1):
        subject = telling.subject(mark, number if len(marks) > 1 else 0)
        clause = series_clause(mark, telling)
        joint = "named" if len(mark.y) > 1 and mark.ordered else "titled"
        yield telling.voice.say(joint, name=subject, clause=clause) if subject else clause


def series_clause(mark: Series, telling: Telling) -> str:
    """Return how one series goes: "rises from 3 in March to 9 in May"."""
    voice = telling.voice
    if not mark.y.size:
        return voice.say("no_data")
    trend = trend_of(mark.y, attempt(lambda: mark.values.view, default=0.0))
    if not mark.ordered:
        return _path_clause(mark, telling)
    told = _Told(mark, trend, telling)
    tails = [told.tail("lowest"), told.tail("highest"), voice.say("gaps") if mark.gaps else ""]
    return voice.say("list_separator").join([told.main(), *filter(None, tails)])


class _Told:
    """One series' trend in words."""

    def __init__(self, mark: Series, trend: Trend, telling: Telling) -> None:
        self.mark, self.trend, self.telling = mark, trend, telling
        self.voice = telling.voice
        self.write = telling.writer(mark)
        self.where = telling.where or mark.places.writer(telling.voice, mark.x, positions=True)

    def main(self) -> str:
        shape, last = self.trend.shape, len(self.mark.y) - 1
        if shape == "stays_around":
            return self._level()
        if shape == "one_point":
            return self.voice.say(shape, value=self._placed(0))
        if shape == "stays":
            return self.voice.say(shape, value=self.write.value(float(self.mark.y[0])))
        values = {"first": self._end(0), "last": self._end(last)}
        if shape in {"peaks", "dips"}:
            values["high"], values["low"] = self._placed(self.trend.high), self._placed(self.trend.low)
        return self.voice.say(shape, **values)

    def tail(self, word: str) -> str:
        """Return the lowest or highest value where it lies between the ends and is not told yet."""
        at = self.trend.low if word == "lowest" else self.trend.high
        if at is None or self.trend.shape not in {"varies", "rises_overall", "falls_overall"}:
            return ""
        return self.voice.say(word, low=self._placed(at), high=self._placed(at))

    def _level(self) -> str:
        low, middle, high = (float(part) for part in np.quantile(self.mark.y, (0, 0.5, 1)))
        reach = 20 * (high - low)  # what looks level is told in fewer digits than it wavers
        write = self.mark.values.writer(self.voice, np.array([low - reach, high + reach]))
        values = {"low": write.value(low), "value": write.value(middle), "high": write.value(high)}
        return self.voice.say("stays_around", **values)

    def _end(self, at: int) -> str:
        span = self.telling.span
        said = span is not None and self.mark.x[at] == span[0 if at == 0 else 1]
        return self.write.value(float(self.mark.y[at])) if said else self._placed(at)

    def _placed(self, at: int | None) -> str:
        """Return the value and its place; alone where several points share it, or where detail is short."""
        if at is None:
            return ""
        value = self.write.value(float(self.mark.y[at]))
        inside = 0 < at < len(self.mark.y) - 1
        if self.telling.detail or (inside and self._is_scattered(at)):
            return value
        return self.voice.placed(value, self.where.at(float(self.mark.x[at])))

    def _is_scattered(self, at: int) -> bool:
        """Return whether the value is met again elsewhere, so that one place would tell half of it."""
        same = np.flatnonzero(self.mark.y == self.mark.y[at])
        return int(same[-1] - same[0]) >= same.size


def _path_clause(mark: Series, telling: Telling) -> str:
    path = telling.voice.count_of("path", len(mark.x))
    ranges = [axis_range(telling, mark, upright=False), axis_range(telling, mark, upright=True)]
    return telling.voice.say("list_separator").join([path, telling.voice.join(ranges)])


def axis_range(telling: Telling, mark: Mark, *, upright: bool) -> str:
    """Return the range of a mark's places or values, named by its axis: "weight in kg from 50 to 90"."""
    voice = telling.voice
    scale, values = (mark.values, mark.amounts) if upright else (mark.places, mark.positions)
    vertical = upright == mark.upright
    low, high = scale.writer(voice, values, positions=not upright).span(float(values.min()), float(values.max()))
    name, unit = scale.label
    if unit and not name and not scale.unit_is_attached:
        high = voice.say("with_unit", number=high, unit=unit)
    name = voice.inside(name) or voice.say("vertically" if vertical else "horizontally")
    return voice.say("axis_range", axis=name, low=low, high=high)


def _summary(marks: Sequence[Series], telling: Telling, count: str = "count_lines") -> Iterator[str]:
    """Yield names, the range of all, and who ends highest: what can be kept in mind of many series."""
    voice, full = telling.voice, [mark for mark in marks if mark.y.size]
    names = [mark.name for mark in marks if mark.name]
    if names:
        yield voice.some(names, telling.names_told)
    elif len(marks) > 1:
        yield voice.count_of(count, len(marks))
    bounds = extent(full)
    if bounds is None:
        yield voice.say("no_data")
        return
    write = full[0].values.writer(voice, np.array(bounds))
    low, high = write.span(*bounds)
    yield voice.say("all_values", low=low, high=high)
    if len(full) > 1 and telling.detail < 2:
        yield from _ranking(full, telling)


def _ranking(marks: Sequence[Series], telling: Telling) -> Iterator[str]:
    voice, ordered = telling.voice, [mark for mark in marks if mark.ordered]
    ranked = sorted(ordered, key=lambda mark: float(mark.y[-1]))
    if len(ranked) == len(marks) and ranked[0].name and ranked[-1].name:
        low, high = float(ranked[0].y[-1]), float(ranked[-1].y[-1])
        write = marks[0].values.writer(voice, np.array([low, high]))
        ends = {"low": write.value(low), "high": write.value(high)}
        yield voice.say("end_extremes", top=ranked[-1].name, bottom=ranked[0].name, **ends)
    risen = sum(1 for mark in ordered if mark.y[-1] > mark.y[0])
    if ordered and telling.detail == 0:
        yield voice.count_of("end_higher", risen, all=len(marks))
