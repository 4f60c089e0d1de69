"""Bars: single, grouped, stacked, floating, lying; read from containers and told by their highest and lowest.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.lines import Series, color_of, own_name, series_clause
from charts.drawing.describing.marks import Floats, Frame, Mark, Telling, nothing
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.numerals import shares
from charts.drawing.describing.scales import Writer
from charts.drawing.describing.trends import trend_of

_LISTED = 6  # so many bars are told one by one


@dataclass(kw_only=True)
class Bars(Mark):
    """The bars of one series: where each stands, where it begins, how long it is, how wide."""

    x: Floats = field(default_factory=nothing)
    y: Floats = field(default_factory=nothing)
    base: Floats = field(default_factory=nothing)
    widths: Floats = field(default_factory=nothing)
    errors: bool = False
    kind: str = "bars"
    noun: ClassVar[str] = "the_bars"

    @property
    def positions(self) -> Floats:
        """Return the middle of each bar."""
        return self.x

    @property
    def amounts(self) -> Floats:
        """Return what the bars say: their lengths, or both ends of bars that float."""
        return np.concatenate([self.base, self.base + self.y]) if self.kind == "ranges" else self.y

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """Return the two sides of each bar along its axis."""
        return self.x - self.widths / 2, self.x + self.widths / 2


def bars_of(frame: Frame, boxes: Floats, *, upright: bool, **facts: Any) -> Bars:
    """Return bars from an array of rows (x, y, width, height), without those that are not finite or not seen."""
    if not upright:
        boxes = boxes[:, [1, 0, 3, 2]]
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    left, width = boxes[:, 0], boxes[:, 2]
    middle, half = left + width / 2, 0.499 * np.abs(width)  # not quite to the side: that alone is not seen
    boxes = boxes[(frame.x if upright else frame.y).seen(middle - half, middle + half)]
    left, base, width, height = boxes.T if len(boxes) else np.empty((4, 0))
    return Bars(frame=frame, x=left + width / 2, y=height, base=base, widths=np.abs(width), upright=upright, **facts)


def read_container(container: Any, frame: Frame) -> Bars:
    """Return a BarContainer's bars."""
    patches = [patch for patch in container.patches if patch.get_visible()]
    rows = [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in patches]
    name = own_name(container) or (own_name(patches[0]) if patches else "")
    return bars_of(
        frame,
        np.array(rows, dtype=float).reshape(-1, 4),
        upright=container.orientation != "horizontal",
        name=name,
        color=attempt(color_of, patches[0], default=None) if patches else None,
        errors=container.errorbar is not None,
    )


def arrange(bars: Sequence[Bars]) -> list[Bars]:
    """Return the bars of one axes as they belong together, their kind told by how they stand to each other."""
    bars = [mark for mark in bars if mark.x.size] or list(bars[:1])
    if len(bars) > 1 and _apart(bars):
        bars = [_joined(bars)]
    kind = _kind(bars)
    centred = _centred(bars) if kind == "grouped" else bars
    return [replace(mark, kind=kind) for mark in centred]


def _apart(bars: Sequence[Bars]) -> bool:
    """Return whether the bars are one series in several calls: single ones with room between, or rows of a plan."""
    places = np.unique(np.concatenate([mark.x for mark in bars]).round(6))
    if all(mark.kind == "ranges" and not mark.name for mark in bars):
        return len(places) >= len(bars)
    widest = max(float(mark.widths.max(initial=0)) for mark in bars)
    single = all(mark.x.size == 1 for mark in bars) and len(places) == len(bars)
    return single and float(np.diff(places).min()) > 1.05 * widest


def _joined(bars: Sequence[Bars]) -> Bars:
    """Return one series of bars that were drawn one call each; their labels name them only if no tick does."""
    fields = ("x", "y", "base", "widths")
    whole: dict[str, Any] = {name: np.concatenate([getattr(mark, name) for mark in bars]) for name in fields}
    return replace(bars[0], name="", **whole)


def _centred(bars: Sequence[Bars]) -> Sequence[Bars]:
    """Return groups of bars at the middle of each group: the place all of its bars are about."""
    if len({len(mark.x) for mark in bars}) > 1:
        return bars
    places = np.array([mark.x for mark in bars])
    middles = places.mean(axis=0)
    apart = float(np.abs(np.diff(middles)).min()) if len(middles) > 1 else np.inf
    near = bool(np.abs(places - middles).max() < apart / 2)
    return [replace(mark, x=middles) for mark in bars] if near else bars


def _kind(bars: Sequence[Bars]) -> str:
    if len(bars) > 1 and _stacked(bars):
        return "stacked"
    if any(_floats(mark) for mark in bars):
        return "ranges"
    if len(bars) > 1:
        return "grouped"
    return "bars" if all(mark.upright for mark in bars) else "barh"


def _stacked(bars: Sequence[Bars]) -> bool:
    """Return whether every later series begins where earlier ones at its places end."""
    tops: dict[float, set[float]] = {}
    resting = False
    for number, mark in enumerate(bars):
        for place, base, length in zip(mark.x.tolist(), mark.base.tolist(), mark.y.tolist(), strict=True):
            ends = tops.setdefault(round(place, 6), set())
            rests = any(abs(base - end) <= 1e-9 * max(1.0, abs(base)) for end in ends)
            if number and ends and base and not rests:
                return False
            resting = resting or bool(number and base and rests)
            ends.add(base + length)
    return resting


def _floats(mark: Bars) -> bool:
    return mark.values.is_dates or bool(mark.base.size and np.ptp(mark.base) > 0)


def clauses(marks: Sequence[Bars], telling: Telling) -> Iterator[str]:
    """Yield what there is to say about the bars of one panel."""
    full = [mark for mark in marks if mark.y.size]
    if not full:
        yield telling.voice.say("no_data")
    elif full[0].kind == "stacked":
        yield from _stack_clauses(full, telling)
    elif len(full) > 4 or telling.detail > 1:
        yield from _summary(full, telling)
    else:
        for number, mark in enumerate(full, 1):
            yield _series_clause(mark, telling, telling.subject(mark, number if len(full) > 1 else 0))


def _series_clause(mark: Bars, telling: Telling, subject: str) -> str:
    where = _where(mark, telling)
    if len(mark.y) <= _LISTED and telling.detail == 0 and not _is_level(mark):
        entries = telling.voice.join(list(_entries(mark, telling, where)))
        return telling.voice.say("titled", name=subject, clause=entries) if subject else entries
    line = Series(frame=mark.frame, x=mark.x, y=mark.y, upright=mark.upright)
    if mark.kind != "ranges" and where.ordered and not _is_level(mark) and _goes_one_way(mark):
        clause = series_clause(line, telling)
    else:
        clause = _extremes(mark, telling, where, named=bool(subject))
        return telling.voice.say("titled", name=subject, clause=clause) if subject else clause
    return telling.voice.say("named", name=subject, clause=clause) if subject else clause


def _is_level(mark: Bars) -> bool:
    return mark.kind != "ranges" and len(mark.y) > 2 and bool(np.ptp(mark.y) == 0)


def _where(mark: Bars, telling: Telling) -> Writer:
    return telling.where or mark.places.writer(telling.voice, mark.x, positions=True, bars=True)


def _goes_one_way(mark: Bars) -> bool:
    ordered = not np.any(np.diff(mark.x) < 0)
    return ordered and len(mark.y) > 2 and trend_of(mark.y, 0.0).shape not in {"varies", "peaks", "dips"}


def _entries(mark: Bars, telling: Telling, where: Writer) -> Iterator[str]:
    voice, write = telling.voice, telling.writer(mark)
    for place, base, length in zip(mark.x.tolist(), mark.base.tolist(), mark.y.tolist(), strict=True):
        if mark.kind == "ranges":
            low, high = write.span(min(base, base + length), max(base, base + length))
            yield voice.say("range_entry", name=where.value(place), low=low, high=high)
        else:
            yield entry(voice, where, place, write.value(length))


def entry(voice: Voice, where: Writer, place: float, value: str) -> str:
    """Return "5 in March" or "North 5"."""
    if where.ordered:
        return voice.placed(value, where.at(place))
    return voice.say("entry", name=where.value(place), value=value)


def _extremes(mark: Bars, telling: Telling, where: Writer, *, named: bool) -> str:
    voice, write = telling.voice, telling.writer(mark)
    if mark.kind == "ranges":
        low, high = write.span(float(mark.amounts.min()), float(mark.amounts.max()))
        bars = voice.count_of("count_bars", len(mark.y))
        return voice.say("list_separator").join([bars, voice.say("all_values", low=low, high=high)])
    least, most = float(mark.y.min()), float(mark.y.max())
    if least == most:
        return voice.count_of("all_equal", len(mark.y), value=write.value(most))
    if named or not where.named:
        return _placed_extremes(mark, telling, where)
    top = _named_at(mark, most, telling, where)
    word = "one_top" if np.count_nonzero(mark.y == most) == 1 else "several_top"
    bottom = _named_at(mark, least, telling, where)
    pieces = [voice.say(word, names=top, high=write.value(most))]
    return voice.say("list_separator").join([*pieces, voice.say("bottom", names=bottom, low=write.value(least))])


def _named_at(mark: Bars, value: float, telling: Telling, where: Writer) -> str:
    places = mark.x[mark.y == value].tolist()
    if len(places) > 3:
        return telling.voice.count_of("count_bars", len(places))
    return telling.voice.join([where.value(place) for place in places])


def _placed_extremes(mark: Bars, telling: Telling, where: Writer) -> str:
    voice, write = telling.voice, telling.writer(mark)
    top, bottom = int(mark.y.argmax()), int(mark.y.argmin())
    high, low = write.value(float(mark.y[top])), write.value(float(mark.y[bottom]))
    at_top, at_bottom = where.at(float(mark.x[top])), where.at(float(mark.x[bottom]))
    highest = voice.say("highest", high=voice.placed(high, at_top))
    lowest = voice.say("lowest", low=voice.placed(low, at_bottom))
    return voice.say("list_separator").join([highest, lowest])


def _stack_clauses(marks: Sequence[Bars], telling: Telling) -> Iterator[str]:
    """Yield how the totals go and what each series' share of everything is."""
    voice, total = telling.voice, _total(marks)
    names = [mark.name for mark in marks]
    sums = [float(np.abs(mark.y).sum()) for mark in marks]
    if telling.detail < 2 and len(total.y) > 1 and np.ptp(total.y) > 1e-9 * np.abs(total.y).max():
        yield _series_clause(total, telling, voice.say("total") if len(total.y) > _LISTED else "")
    if all(names) and sum(sums) > 0:
        told = zip(names, shares(voice, [part / sum(sums) for part in sums]), strict=True)
        entries = [voice.say("entry", name=name, value=share) for name, share in told]
        yield voice.say("share_of_all", shares=voice.some(entries, 4 if telling.detail < 2 else 2))


def _total(marks: Sequence[Bars]) -> Bars:
    places = np.unique(np.concatenate([mark.x for mark in marks]).round(6))
    sums = np.zeros(len(places))
    for mark in marks:
        np.add.at(sums, np.searchsorted(places, mark.x.round(6)), mark.y)
    return replace(marks[0], name="", x=places, y=sums, base=np.zeros(len(places)), kind="bars")


def _summary(marks: Sequence[Bars], telling: Telling) -> Iterator[str]:
    """Yield names and the range of all, where there are too many series to tell each."""
    voice = telling.voice
    names = [mark.name for mark in marks if mark.name]
    if names:
        yield voice.some(names, telling.names_told)
    amounts = np.concatenate([mark.amounts for mark in marks])
    low, high = marks[0].values.writer(voice, amounts).span(float(amounts.min()), float(amounts.max()))
    yield voice.say("all_values", low=low, high=high)
    if len(marks) > 1 and telling.detail < 2:
        yield from _holders(marks, telling)


def _holders(marks: Sequence[Bars], telling: Telling) -> Iterable[str]:
    """Yield which series has the highest bar and which the lowest."""
    top = max(marks, key=lambda mark: float(mark.y.max()))
    bottom = min(marks, key=lambda mark: float(mark.y.min()))
    if top.name and bottom.name and top is not bottom:
        voice, write = telling.voice, telling.writer(top)
        high = write.value(float(top.y.max()))
        low = telling.writer(bottom).value(float(bottom.y.min()))
        yield voice.say("highest_series", name=top.name, high=high)
        yield voice.say("lowest_series", name=bottom.name, low=low)
