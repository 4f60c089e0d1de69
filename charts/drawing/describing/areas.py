"""Filled areas: bands between two curves, areas on the ground, stacks of shares.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from charts.drawing.describing.distributions import is_density
from charts.drawing.describing.lines import Series, color_of, own_name, series_clause
from charts.drawing.describing.marks import Color, Floats, Frame, Mark, Telling, floats, nothing
from charts.drawing.describing.numerals import shares

_TOLD = 6


@dataclass(kw_only=True)
class Band(Mark):
    """The area between a lower and an upper curve over the same places."""

    x: Floats = field(default_factory=nothing)
    low: Floats = field(default_factory=nothing)
    high: Floats = field(default_factory=nothing)
    kind: str = "band"

    @property
    def positions(self) -> Floats:
        """Return where the curves' points are."""
        return self.x

    @property
    def amounts(self) -> Floats:
        """Return both curves' values."""
        return np.concatenate([self.low, self.high])


@dataclass(kw_only=True)
class Stack(Mark):
    """Areas on top of each other, lowest first, each as thick as its values."""

    x: Floats = field(default_factory=nothing)
    layers: tuple[Floats, ...] = ()
    names: tuple[str, ...] = ()
    colors: tuple[Color | None, ...] = ()
    kind: str = "stack"

    @property
    def positions(self) -> Floats:
        """Return where the layers' points are."""
        return self.x

    @property
    def amounts(self) -> Floats:
        """Return the totals."""
        return np.asarray(sum(self.layers[1:], self.layers[0]))


def read_fill(fill: Any, frame: Frame) -> Band | None:
    """Return a `fill_between` as a band; None for polygons that are not two curves over the same places."""
    upright = getattr(fill, "t_direction", "x") == "x"
    curves = [curve for path in fill.get_paths() if (curve := _curves(path.vertices, upright=upright)) is not None]
    if not curves:
        return None
    places, first, second = np.concatenate(curves, axis=1)
    seen = (frame.x if upright else frame.y).seen(places, places, crossing=True)
    places, first, second = places[seen], first[seen], second[seen]
    low, high = np.minimum(first, second), np.maximum(first, second)
    facts: dict[str, Any] = {"name": own_name(fill), "color": color_of(fill), "upright": upright}
    return Band(frame=frame, x=places, low=low, high=high, **facts)


def _curves(vertices: Any, *, upright: bool) -> Floats | None:
    """Return places, first and second curve of one polygon as matplotlib builds it: there, and back again."""
    points = floats(vertices) if upright else floats(vertices)[:, ::-1]
    count = (len(points) - 3) // 2
    if len(points) % 2 == 0 or count < 1:
        return None
    there, back = points[1 : count + 1], points[count + 2 : 2 * count + 2][::-1]
    same = np.array_equal(there[:, 0], back[:, 0]) or np.allclose(there[:, 0], back[:, 0])
    if not same or np.any(np.diff(there[:, 0]) < 0):
        return None
    return np.array([there[:, 0], there[:, 1], back[:, 1]])


def arrange(bands: Sequence[Band], lines: Sequence[Series]) -> tuple[list[Mark], list[Series]]:
    """Return the fills as stacks, areas and bands, and the lines that are not only their edges."""
    marks: list[Mark] = []
    left = list(lines)
    for group in _stacks([band for band in bands if band.x.size and np.any(band.high > band.low)]):
        if len(group) > 1:
            marks.append(_stack_of(group, left))
            left = [line for line in left if not any(_runs_along(line, band.high) for band in group)]
        else:
            mark, left = _alone(group[0], left)
            marks.extend([mark] if mark is not None else [])
    return marks, left


def _stacks(bands: Sequence[Band]) -> list[list[Band]]:
    groups: list[list[Band]] = []
    for band in bands:
        last = groups[-1] if groups else None
        if last and _rests(band, last[-1]):
            last.append(band)
        elif last and _rests(last[0], band):  # plotnine draws from the top
            last.insert(0, band)
        else:
            groups.append([band])
    return groups


def _rests(upper: Band, lower: Band) -> bool:
    if upper.x.shape != lower.x.shape or upper.upright != lower.upright:
        return False
    return bool(np.allclose(upper.x, lower.x) and np.allclose(upper.low, lower.high))


def _stack_of(group: Sequence[Band], lines: Sequence[Series]) -> Stack:
    names = tuple(band.name or _edge_name(band, lines) for band in group)
    layers = tuple(band.high - band.low for band in group)
    facts: dict[str, Any] = {"names": names, "colors": tuple(band.color for band in group)}
    return Stack(frame=group[0].frame, x=group[0].x, layers=layers, upright=group[0].upright, **facts)


def _edge_name(band: Band, lines: Sequence[Series]) -> str:
    return next((line.name for line in lines if _runs_along(line, band.high)), "")


def _runs_along(line: Series, edge: Floats) -> bool:
    return line.y.shape == edge.shape and bool(np.allclose(line.y, edge))


def _alone(band: Band, lines: list[Series]) -> tuple[Mark | None, list[Series]]:
    """Return a single fill as the mark it is, None where it only dresses a line that is told anyway."""
    grounded = not np.any(band.low) or not np.any(band.high)
    edge = band.high if np.any(band.high) else band.low
    if not grounded:
        return _band(band, lines)
    drawn = [line for line in lines if _runs_along(line, edge)]
    if drawn:
        filled = replace(drawn[0], name=drawn[0].name or band.name, kind="area")
        return None, [filled if line is drawn[0] else line for line in lines]
    if not band.name and any(_follows(band.x, edge, line) for line in lines):
        return None, lines
    facts: dict[str, Any] = {"name": band.name, "color": band.color, "upright": band.upright}
    area = Series(frame=band.frame, x=band.x, y=edge, kind="area", **facts)
    return replace(area, kind="density" if is_density(area) else "area"), lines


def _follows(x: Floats, edge: Floats, line: Series) -> bool:
    """Return whether parts of a line are the edge, as where a fill is only above zero."""
    if not line.ordered or not line.x.size:
        return False
    return bool(np.allclose(np.interp(x, line.x, line.y), edge, atol=1e-6 * float(np.ptp(line.y))))


def _band(band: Band, lines: list[Series]) -> tuple[Mark, list[Series]]:
    """Return a band, as mere decoration (kind "halo") where it has no name and a line runs inside it."""
    edges = [line for line in lines if not line.name and (_runs_along(line, band.low) or _runs_along(line, band.high))]
    rest = [line for line in lines if not any(line is edge for edge in edges)]
    inside = any(_runs_inside(line, band) for line in rest)
    return replace(band, kind="halo" if inside and not band.name else "band"), rest


def _runs_inside(line: Series, band: Band) -> bool:
    if not line.x.size or line.upright != band.upright:
        return False
    within = (line.x >= band.x[0]) & (line.x <= band.x[-1])
    x, y = line.x[within], line.y[within]
    slack = 1e-9 * float(np.ptp(band.amounts))
    low, high = np.interp(x, band.x, band.low) - slack, np.interp(x, band.x, band.high) + slack
    return bool(x.size) and bool(np.mean((y >= low) & (y <= high)) > 0.9)


def band_clauses(marks: Sequence[Band], telling: Telling) -> Iterator[str]:
    """Yield how far each band reaches."""
    voice = telling.voice
    for mark in marks[:_TOLD]:
        subject = telling.subject(mark) if mark.name else voice.say("the_band")
        write, where = telling.writer(mark), telling.where or mark.places.writer(voice, mark.x, positions=True)
        least, most = int(mark.low.argmin()), int(mark.high.argmax())
        low, high = write.value(float(mark.low[least])), write.value(float(mark.high[most]))
        if not telling.detail:
            low = voice.placed(low, where.at(float(mark.x[least])))
            high = voice.placed(high, where.at(float(mark.x[most])))
        clause = voice.say("band" if telling.detail < 2 else "ranges", low=low, high=high)
        yield voice.say("named", name=subject, clause=clause)
    yield from telling.untold(len(marks) - _TOLD)


def stack_clauses(marks: Sequence[Stack], telling: Telling) -> Iterator[str]:
    """Yield how the total goes, and how the layers' shares of it change."""
    voice = telling.voice
    for mark in marks:
        total = Series(frame=mark.frame, x=mark.x, y=mark.amounts, upright=mark.upright)
        if np.ptp(total.y) > 1e-6 * float(np.abs(total.y).max()) and telling.detail < 3:
            yield voice.say("named", name=voice.say("total"), clause=series_clause(total, telling))
        if all(mark.names):
            yield _shares_clause(mark, total.y, telling)


def _shares_clause(mark: Stack, total: Floats, telling: Telling) -> str:
    voice = telling.voice
    first, last = ([_part(layer[at], total[at]) for layer in mark.layers] for at in (0, -1))
    told = list(zip(mark.names, shares(voice, first), shares(voice, last), last, strict=True))
    told.sort(key=lambda entry: -entry[3])
    if len(told) > 4 or telling.detail:
        entries = [voice.say("entry", name=name, value=share) for name, _, share, _ in told]
        return voice.say("last_shares", shares=voice.some(entries, 4 if telling.detail < 2 else 2))
    changes = [voice.say("share_change", name=name, first=was, last=share) for name, was, share, _ in told]
    return voice.say("shares_change", changes=voice.join(changes))


def _part(layer: Any, total: Any) -> float:
    return float(layer / total) if total else 0.0
