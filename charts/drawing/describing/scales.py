"""What an axis means: numbers, dates or categories, in which unit, and how its values are written.

Imports matplotlib: only imported when a figure is described.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from matplotlib import category, ticker
from numpy.typing import NDArray

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.dates import DateWriter, ToDate, to_date_of
from charts.drawing.describing.messages import MONTHS, WEEKDAYS, Voice
from charts.drawing.describing.numerals import Numerals
from charts.drawing.describing.wording import ATTACHED_UNITS, Label, clean, plain, split_label
from charts.drawing.numbers import PeopleFormatter

Floats = NDArray[np.float64]
NO_LABEL = Label("", "")
_MOST_TICKS = 1000
_LABELS_KNOWN = 24  # labels that tell whether an axis is months, weekdays or names


class Writer(Protocol):
    """Writes the values of one series on one axis."""

    by: str  # the step between values, "month", or ""
    context: str  # what all values share, "in 2015", or ""
    ordered: bool  # whether "from the first to the last" means something
    named: bool  # whether a value can be the subject of a sentence: "North is highest"
    spans: bool  # whether the first and the last place are worth telling

    def value(self, number: float) -> str:
        """Return the value alone: "12 %", "March 2014", "North"."""

    def at(self, number: float) -> str:
        """Return the value as a place: "at 12 %", "in March 2014", "for North"."""

    def span(self, low: float, high: float) -> tuple[str, str]:
        """Return both ends of a range."""


class Plain:
    """A writer's answers where nothing is known of steps or shared context."""

    by = ""
    context = ""
    ordered = True
    named = True
    spans = True

    def value(self, number: float) -> str:
        """Return the value alone."""
        raise NotImplementedError

    def span(self, low: float, high: float) -> tuple[str, str]:
        """Return both ends of a range."""
        return self.value(low), self.value(high)


class NumberWriter(Plain):
    """Writes numbers, by the axis' own formatter where somebody gave it one that tells values apart."""

    named = False

    def __init__(self, voice: Voice, write: Callable[[float], str], label: Label = NO_LABEL) -> None:
        self._voice = voice
        self._write = write
        self._unit = "" if label.unit in ATTACHED_UNITS else label.unit
        self._noun = voice.inside(label.name) if " " not in label.name and not label.unit else ""

    def value(self, number: float) -> str:
        """Return "5", without the unit that the chart's description says once."""
        return self._write(number)

    def at(self, number: float) -> str:
        """Return "at 5 km", or "at hour 5"."""
        text = self.value(number)
        if self._unit:
            text = self._voice.say("with_unit", number=text, unit=self._unit)
        elif self._noun:
            text = self._voice.say("number_of", noun=self._noun, number=text)
        return self._voice.at("at", text)


class IndexWriter(Plain):
    """Says nothing of places that are mere counting: 0, 1, 2… on an axis without a label."""

    named = False
    spans = False

    def value(self, number: float) -> str:
        """Return the number."""
        return f"{number:.0f}"

    def at(self, number: float) -> str:
        """Return no place."""
        del number
        return ""


class DegreeWriter(Plain):
    """Writes angles, which come in radians, as a polar axis labels them."""

    named = False

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def value(self, number: float) -> str:
        """Return "90 degrees"."""
        return self._voice.say("degrees", number=f"{np.degrees(number):.0f}".replace("-", "−"))

    def at(self, number: float) -> str:
        """Return "at 90 degrees"."""
        return self._voice.at("at", self.value(number))


class YearWriter(Plain):
    """Writes whole numbers that are years."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.by = voice.say("step_year")

    def value(self, number: float) -> str:
        """Return "2014"."""
        return f"{number:.0f}"

    def at(self, number: float) -> str:
        """Return "in 2014"."""
        return self._voice.at("in_year", self.value(number))


class _Spoken(NamedTuple):
    text: str
    word: str  # the message that makes a place of it
    step: str  # the message that names the step from one to the next, or ""


class LabelWriter(Plain):
    """Writes positions by the tick label they stand at, or near."""

    def __init__(self, voice: Voice, labels: Mapping[float, str], *, near: bool = False) -> None:
        self._voice = voice
        self._positions = np.array(sorted(labels), dtype=float)
        self._labels = [labels[position] for position in self._positions.tolist()]
        known = [_spoken(voice, label) for label in self._labels[:_LABELS_KNOWN]]
        words, steps = {label.word for label in known}, {label.step for label in known}
        self._near = near
        self.ordered = "for" not in words
        self.named = not near
        self.by = voice.say(steps.pop()) if len(steps) == 1 and "" not in steps and not near else ""

    def value(self, number: float) -> str:
        """Return the label's text."""
        return self._find(number).text

    def at(self, number: float) -> str:
        """Return "in March", "on Monday", "for North"."""
        label = self._find(number)
        return self._voice.at("around" if self._near else label.word, label.text)

    def _find(self, number: float) -> _Spoken:
        return _spoken(self._voice, self._labels[int(np.abs(self._positions - number).argmin())])


def _spoken(voice: Voice, label: str) -> _Spoken:
    """Return the label and its preposition, months and weekdays in full: "Jan" is heard as a name."""
    label = plain(label)
    for word, key, step, names in (("in_month", "month", "month", MONTHS), ("on", "weekday", "day", WEEKDAYS)):
        for number, name in enumerate(names, 1):
            if label in {name, name[:3], voice.say(f"{key}_{number}")}:
                return _Spoken(voice.say(f"{key}_{number}"), word, f"step_{step}")
    if _NUMBER.fullmatch(label):  # "3 in 2021" where "2021 3" would be heard as one number
        return _Spoken(label, "in_year", "step_year") if len(label) == 4 else _Spoken(label, "at", "")
    return _Spoken(label, "for", "")


class Scale:
    """One axis of one axes: its label, its scale, and the writers for its values."""

    def __init__(self, axis: Any, *, label: str | None = None, dated: bool = False) -> None:
        self._axis = axis
        self.label: Label = split_label(plain(axis.get_label_text() if label is None else label))
        formatter = axis.get_major_formatter()
        if isinstance(formatter, PeopleFormatter) and not self.label.unit:
            self.label = self.label._replace(unit=clean(formatter.unit))
        self.logarithmic = axis.get_scale() in {"log", "symlog"}
        self._is_angle = getattr(axis.axes, "name", "") == "polar" and axis is axis.axes.xaxis
        self._dates: tuple[ToDate, float] | None = attempt(to_date_of, axis, dated=dated, default=None)
        self._ticks: dict[float, str] = {} if self._dates else attempt(_tick_labels, axis, default={})

    @property
    def unit_is_attached(self) -> bool:
        """Return whether the unit is written with every number: 38 %, 5 °C."""
        return self.label.unit in ATTACHED_UNITS

    @property
    def _is_category(self) -> bool:
        return bool(self._ticks) and isinstance(self._axis.get_major_formatter(), category.StrCategoryFormatter)

    @property
    def is_dates(self) -> bool:
        """Return whether the axis shows dates."""
        return self._dates is not None

    @property
    def view(self) -> float:
        """Return the length of what the axis shows, in data units."""
        low, high = self._axis.get_view_interval()
        return float(abs(high - low))

    def seen(self, low: Floats, high: Floats, *, crossing: bool = False) -> NDArray[np.bool_]:
        """Return which of these places, each from `low` to `high`, lie in the part of the axis that is shown.

        `crossing` says that what is drawn goes on between them: then all are seen where it crosses the part shown
        with less than two places in it, as a trend line through its ends does.
        """
        whole = np.isfinite(low) & np.isfinite(high)
        ends = attempt(self._axis.get_view_interval, default=None)
        if ends is None or getattr(self._axis.axes, "name", "") != "rectilinear" or not whole.any():
            return whole
        first, last = min(ends), max(ends)
        slack = 1e-9 * max(abs(first), abs(last))
        inside = whole & (high >= first - slack) & (low <= last + slack)
        crossed = crossing and low[whole].min() <= first and high[whole].max() >= last
        return whole if crossed and inside.sum() < 2 else inside

    def numbers(self, values: Sequence[Any]) -> Floats:
        """Return values, dates maybe, as the numbers of this axis."""
        return np.asarray(self._axis.convert_units(list(values)), dtype=float)

    @property
    def inverted(self) -> bool:
        """Return whether the axis runs the other way, as depths do."""
        return bool(self._axis.get_inverted())

    @property
    def is_told(self) -> bool:
        """Return whether a place on this axis means anything: it has dates, tick texts or a label."""
        return self.is_dates or bool(self._ticks) or bool(self.label.name)

    def has_names(self, values: Floats) -> bool:
        """Return whether every one of these positions has its own tick label."""
        if self._is_category:
            return True
        return bool(self._ticks) and _named(values, np.array(sorted(self._ticks)))

    def is_sequence(self, values: Floats) -> bool:
        """Return whether these positions are dates, years or names: what a chart goes along, not what it measures."""
        return bool(self.is_dates or self.has_names(values) or (len(values) and _are_years(values, self.label)))

    def writer(
        self, voice: Voice, values: Floats, *, positions: bool = False, near: bool = True, bars: bool = False
    ) -> Writer:
        """Return what writes these values (at least one, without NaN).

        `positions` says that they are where marks stand, so that tick labels name them; `near` that a
        label close by is good enough; `bars` that the marks are bars, whose places are chosen unless they are 0, 1, 2….
        """
        if self._dates is not None:
            to_date, day = self._dates
            dated = attempt(DateWriter, voice, values, to_date, day=day, default=None)
            if dated is not None:
                return dated
        if self._is_category or (positions and self.has_names(values)):
            return LabelWriter(voice, self._ticks)
        if positions and near and self._ticks and not self.label.unit:
            return LabelWriter(voice, self._ticks, near=True)
        if positions and self._is_angle:
            return DegreeWriter(voice)
        if positions and _are_years(values, self.label):
            return YearWriter(voice)
        if positions and not any(self.label) and (_are_in_turn(values) if bars else _are_counted(values)):
            return IndexWriter()
        return NumberWriter(voice, self._numbers(voice, values), self.label if positions else NO_LABEL)

    def _numbers(self, voice: Voice, values: Floats) -> Callable[[float], str]:
        low, high = float(values.min()), float(values.max())
        formatter = self._axis.get_major_formatter()
        significant = 3 if self.logarithmic else 2
        if isinstance(formatter, PeopleFormatter) and formatter.factor == 100:
            parts = Numerals(voice, 100 * low, 100 * high, unit="%")
            return lambda number: parts(100 * number)
        if isinstance(formatter, ticker.PercentFormatter):
            whole = Numerals(voice, 100 * low / formatter.xmax, 100 * high / formatter.xmax, unit="%")
            return lambda number: whole(100 * number / formatter.xmax)
        numerals = Numerals(voice, low, high, unit=self.label.unit, significant=significant)
        own = _own_writing(formatter, low, high)
        return (lambda number: own(number) or numerals(number)) if own else numerals


def _are_counted(values: Floats) -> bool:
    steps = np.diff(values)  # more than one where a point is missing
    whole = bool(values[0] in {0, 1} and np.all((steps >= 1) & (steps == np.round(steps))))
    return whole and float(values[-1] - values[0]) < 2 * len(values)


def _are_in_turn(values: Floats) -> bool:
    """Return whether places are those of `range(n)`, or moved aside by less than a step, as bars of a group are."""
    return bool(abs(values[0]) < 0.6 and np.allclose(values, values[0] + np.arange(len(values))))


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _are_years(values: Floats, label: Label) -> bool:
    if label.unit or values.min() < 1000 or values.max() > 2200 or np.any(values != np.round(values)):
        return False
    return not label.name or "year" in label.name.lower() or bool(np.all(np.abs(np.diff(values)) == 1))


def _own_writing(formatter: Any, low: float, high: float) -> Callable[[float], str] | None:
    """Return the formatter's own writing, if somebody chose it and it tells the range's ends apart."""
    chosen = (ticker.FuncFormatter, ticker.StrMethodFormatter, ticker.FormatStrFormatter, ticker.EngFormatter)
    if not isinstance(formatter, chosen):
        return None

    def write(number: float) -> str:
        return clean(plain(attempt(formatter, number, None, default="")), 30)

    ends = write(low), write(high)
    return write if all(ends) and (low == high or ends[0] != ends[1]) else None


def _tick_labels(axis: Any) -> dict[float, str]:
    """Return the text at each tick whose text is somebody's, not the number itself."""
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if isinstance(formatter, category.StrCategoryFormatter):
        places = [float(place) for place in locator()]
        texts: Any = formatter.format_ticks  # untyped in matplotlib
        return dict(zip(places, texts(places), strict=True))
    if not (isinstance(locator, ticker.FixedLocator) and _is_worded(formatter)):
        return {}
    places = [float(place) for place in locator()][:_MOST_TICKS]
    words = [attempt(formatter, place, at, default="") for at, place in enumerate(places)]
    labels = {place: text for place, text in zip(places, words, strict=True) if text}
    return {} if all(attempt(_is_number, text, place, default=False) for place, text in labels.items()) else labels


def _is_worded(formatter: Any) -> bool:
    return isinstance(formatter, ticker.FixedFormatter | ticker.FuncFormatter)


def _is_number(text: str, place: float) -> bool:
    """Return whether the tick label begins with the tick's own number: "50 km" at 50."""
    match = _NUMBER.match(plain(text).replace("−", "-").replace(",", ""))
    return match is not None and bool(np.isclose(float(match[0]), place))


def _named(values: Floats, places: Floats) -> bool:
    """Return whether the values stand at the ticks: no more of them than ticks, none further off than half way."""
    if not len(values) or len(values) > 20 * len(places):
        return False
    distinct = np.unique(values)
    if len(distinct) > 4 * len(places):
        return False
    apart = min((b - a for a, b in itertools.pairwise(places)), default=1.0)
    nearest = np.abs(distinct[:, None] - places[None, :]).min(axis=1)
    return bool(nearest.max() <= apart / 2)
