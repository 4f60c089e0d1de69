"""Shows times of day in the reader's time zone: an ORM hands out UTC, which nobody lives by.

`rcParams["timezone"]` is not the way: matplotlib takes naive times and dates for UTC, so a zone for all of them would
move the first of January into December. Only axes of aware times get the zone. Imported only when something is
drawn.
"""

import datetime as dt
import warnings
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib import units
from matplotlib.axis import Axis
from matplotlib.figure import Figure

# `Axis.axis_date(tz)` passes this moment, in the zone that the author asks for.
_ASKING = dt.datetime(2009, 1, 1)  # noqa: DTZ001  (matplotlib's own is naive or in any zone)


class NoneChosen(dt.tzinfo):
    """UTC, as the zone of locators and formatters whose author gave none: theirs may become the reader's."""

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta:
        """Return no offset."""
        return dt.timedelta(0)

    def dst(self, when: dt.datetime | None) -> dt.timedelta:
        """Return no offset."""
        return dt.timedelta(0)

    def tzname(self, when: dt.datetime | None) -> str:
        """Return the name by which matplotlib knows it."""
        return "UTC"

    def fromutc(self, when: dt.datetime) -> dt.datetime:
        """Return the same time."""
        return when

    def __str__(self) -> str:
        return "UTC"


_NONE_CHOSEN = NoneChosen()


class ZonedDateConverter:
    """A converter of dates that has aware times shown in one zone, and says when naive ones are among them."""

    def __init__(self, converter: Any, zone: dt.tzinfo | None, seen: "WeakKeyDictionary[Axis, set[bool]]") -> None:
        """Take the converter that does the work; `seen` is shared by the converters of a draw."""
        self._converter = converter
        self.zone = zone
        self._seen = seen

    def axisinfo(self, unit: Any, axis: Any) -> Any:
        """Return locators and formatters for the zone `unit`."""
        return self._converter.axisinfo(unit, axis)

    def default_units(self, x: Any, axis: Any) -> Any:
        """Return the zone for aware times, None for others."""
        own = self._converter.default_units(x, axis)
        if isinstance(x, dt.datetime) and x.replace(tzinfo=None) == _ASKING:
            return own
        if not isinstance(x, dt.date):
            self._note(axis, own is not None)
        return own if own is None or self.zone is None else self.zone

    def convert(self, value: Any, unit: Any, axis: Any) -> Any:
        """Return the value as days since the epoch."""
        return self._converter.convert(value, unit, axis)

    def _note(self, axis: Any, aware: bool) -> None:
        seen = self._seen.setdefault(axis, set())
        seen.add(aware)
        if len(seen) > 1:
            warnings.warn(
                f"The {axis.axis_name} axis mixes times with and without a time zone; those without are taken for"
                " UTC: pass them through django.utils.timezone.make_aware(), or all through make_naive()",
                stacklevel=2,
            )


def rcparams(zone: dt.tzinfo | None) -> Mapping[str, Any]:
    """Return the rcParams by which it is seen afterwards whose zone nobody chose."""
    return {} if zone is None else {"timezone": _NONE_CHOSEN}


def register(zone: dt.tzinfo | None) -> None:
    """Have aware times shown in a zone (None: in their own) until the registry of units is put back."""
    seen: WeakKeyDictionary[Axis, set[bool]] = WeakKeyDictionary()
    for kind in (dt.date, dt.datetime, np.datetime64):
        if (converter := units.registry.get(kind)) is not None:
            units.registry[kind] = ZonedDateConverter(converter, zone, seen)


def settle(figure: Figure) -> None:
    """Give the zone of an axis of aware times to its locators and formatters that were made without one."""
    for axes in figure.axes:
        axis: Any
        for axis in axes._axis_map.values():  # of a polar and a 3D one too
            zone = axis.get_units()
            if isinstance(axis.get_converter(), ZonedDateConverter) and isinstance(zone, dt.tzinfo):
                for part in _parts(axis):
                    _settle(part, zone)


def _parts(axis: Any) -> Iterator[Any]:
    for ticks in (axis.major, axis.minor):
        # An automatic formatter has another one at hand, and the locator's.
        yield from (ticks.locator, ticks.formatter, getattr(ticks.formatter, "_formatter", None))


def _settle(part: Any, zone: dt.tzinfo) -> None:
    for name in ("tz", "_tz"):
        if isinstance(getattr(part, name, None), NoneChosen):
            setattr(part, name, zone)
    if getattr(part, "_tz", zone) is None:
        part._tz = zone
