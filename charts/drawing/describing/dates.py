"""Dates as people say them, as coarse as the data's own step: 2014, March 2014, 3 March 2014, 14:30.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import numpy as np
from matplotlib import dates
from numpy.typing import NDArray

from charts.drawing.describing.messages import Voice

Floats = NDArray[np.float64]
ToDate = Callable[[float], datetime]

# The smallest median distance in days that counts as each step; months have 28 to 31 days, quarters 90 to 92.
_STEPS = (
    (350, "year"),
    (85, "quarter"),
    (27.5, "month"),
    (6.5, "week"),
    (0.95, "day"),
    (1 / 25, "hour"),
    (0, "time"),
)
_WRITTEN = {"year": "year", "quarter": "month", "month": "month", "week": "day", "day": "day"}


def median_step(values: Floats) -> float:
    """Return the usual distance between neighbours, in the values' own unit; 0 for a single one."""
    distances = np.diff(values)
    if np.any(distances < 0):
        if np.all(distances <= 0):
            distances = -distances
        elif len(values) > 10_000:  # sorting costs more than it tells
            return float(np.ptp(values)) / len(values)
        else:
            distances = np.diff(np.unique(values))
    distances = distances[distances > 0]
    return float(np.median(distances)) if distances.size else 0.0


class DateWriter:
    """Write the dates of one series or panel, with what they have in common (the year, the day) said once.

    `values` are axis numbers without NaN; `to_date` turns one into a (possibly aware) datetime; `day` is
    how many axis units are a day.
    """

    def __init__(self, voice: Voice, values: Floats, to_date: ToDate, *, day: float = 1.0) -> None:
        self._voice = voice
        self._to_date = to_date
        ends = [to_date(float(values.min())), to_date(float(values.max()))]
        days = median_step(values) / day
        self.step = next(name for least, name in _STEPS if days >= least) if days else _lonely_step(ends[0])
        self._written = self._coarseness(values, ends, day)
        one_year = ends[0].year == ends[1].year and ends[0] != ends[1]  # a single date says its year itself
        self._year = ends[0].year if self._written != "year" and one_year else None
        self._date = ends[0].date() if self._written == "time" and days and _same_day(ends) else None
        self.by = voice.say(f"step_{self.step}") if days else ""
        self.context = self._shared()

    def _coarseness(self, values: Floats, ends: list[datetime], day: float) -> str:
        if self.step == "year" and ends[0].month != ends[1].month:
            return "month"
        if self.step in {"hour", "time"} and np.ptp(values) / day > 62:
            return "day"
        return _WRITTEN.get(self.step, "time")

    def _shared(self) -> str:
        """Return what all dates share, "in 2015" or "on 3 March 2015", or ""."""
        if self._date is not None:
            return self._voice.at("on", self._day(self._date, year=True))
        return self._voice.at("in_year", str(self._year)) if self._year is not None else ""

    ordered = True
    named = True
    spans = True

    def value(self, number: float) -> str:
        """Return the date without what `context` says."""
        return self._write(self._to_date(number), year=self._year is None)

    def at(self, number: float) -> str:
        """Return the date with its preposition: "in March 2014", "on 3 March", "at 14:30"."""
        word = {"year": "in_year", "month": "in_month", "day": "on"}.get(self._written, "at_time")
        return self._voice.at(word, self.value(number))

    def span(self, low: float, high: float) -> tuple[str, str]:
        """Return the first and the last date, the year said once, at the end."""
        if self._date is not None:
            return self.value(low), self.value(high)
        first, last = self._to_date(low), self._to_date(high)
        return self._write(first, year=self._year is None), self._write(last, year=True)

    def _write(self, when: datetime, *, year: bool) -> str:
        if self._written == "year":
            return str(when.year)
        if self._written == "month":
            month = self._voice.month(when.month)
            return self._voice.say("month_of_year", month=month, year=when.year) if year else month
        if self._written == "day":
            return self._day(when, year=year)
        time = when.strftime("%H:%M:%S" if when.second and self.step == "time" else "%H:%M")
        if self._date is not None:
            return time
        return self._voice.say("time_of_date", time=time, date=self._day(when, year=year))

    def _day(self, when: date, *, year: bool) -> str:
        month = self._voice.month(when.month)
        if year:
            return self._voice.say("date", day=when.day, month=month, year=when.year)
        return self._voice.say("date_of_year", day=when.day, month=month)


def _same_day(ends: list[datetime]) -> bool:
    return ends[0].date() == ends[1].date()


def _lonely_step(when: datetime) -> str:
    return "day" if when.hour == when.minute == 0 else "time"


def to_date_of(axis: Any, *, dated: bool = False) -> tuple[ToDate, float] | None:
    """Return how this axis' numbers become datetimes and how many of its units are a day; None: no dates.

    `dated` says that they are matplotlib's date numbers though nothing on the axis shows it.
    """
    formatter, converter = axis.get_major_formatter(), axis.get_converter()
    if type(converter).__name__ == "PeriodConverter":  # pandas' time series: numbers are ordinals of periods
        return _from_periods(getattr(formatter, "freq", None) or axis.axes.freq)
    known = (dates.DateFormatter, dates.AutoDateFormatter, dates.ConciseDateFormatter)
    if dated or "DateConverter" in type(converter).__name__ or isinstance(formatter, known):
        zone = _zone(formatter, axis.get_units())
        num2date: Any = dates.num2date  # untyped in matplotlib
        return (lambda number: num2date(number, zone)), 1.0
    return None


def _zone(formatter: Any, units: Any) -> Any:
    """Return the zone dates are read in: the formatter's where somebody chose one, else the data's."""
    chosen = getattr(formatter, "tz", None)
    if chosen is not None and str(chosen) != "UTC":
        return chosen
    return units if hasattr(units, "utcoffset") else None


def _from_periods(freq: Any) -> tuple[ToDate, float]:
    """Return the conversion for pandas' time series plots, whose numbers are ordinals of a period."""
    import pandas as pd  # it has drawn this axis, so it is loaded already

    def to_date(number: float) -> datetime:
        stamp: datetime = pd.Period(ordinal=round(number), freq=freq).to_timestamp().to_pydatetime()
        return stamp

    length = to_date(1001) - to_date(1)
    return to_date, 1000 / (length.total_seconds() / 86_400)
