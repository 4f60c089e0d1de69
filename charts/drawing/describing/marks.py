"""What was read from a figure: marks in their frame of two scales, and what a telling of them shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from charts.drawing.describing.messages import Voice
from charts.drawing.describing.scales import Scale, Writer

Floats = NDArray[np.float64]
Color = tuple[float, float, float]
NOTHING: Floats = np.empty(0)


def nothing() -> Floats:
    """Return no data, as the default of a mark's fields."""
    return NOTHING


class Frame(NamedTuple):
    """The two scales marks stand in, and on which side their value axis is where there are two."""

    x: Scale
    y: Scale
    side: str = ""


@dataclass(kw_only=True)
class Mark:
    """One thing in a chart that can be told: a series, a band, a heatmap.

    `upright` says that values go up the y axis and places along the x axis; `color` is what a legend
    may name it by.
    """

    frame: Frame
    name: str = ""
    upright: bool = True
    color: Color | None = None
    kind: str = "chart"
    noun: ClassVar[str] = ""  # the message for a mark that has no name among marks of other kinds

    @property
    def values(self) -> Scale:
        """Return the scale that says how much."""
        return self.frame.y if self.upright else self.frame.x

    @property
    def places(self) -> Scale:
        """Return the scale that says where or when."""
        return self.frame.x if self.upright else self.frame.y

    @property
    def positions(self) -> Floats:
        """Return the places of what is drawn, on their scale, without NaN."""
        return NOTHING

    @property
    def amounts(self) -> Floats:
        """Return the values of what is drawn, on their scale, without NaN."""
        return NOTHING


@dataclass(kw_only=True)
class Placed(Mark):
    """A mark of points, each with a place and an amount."""

    x: Floats = field(default_factory=nothing)
    y: Floats = field(default_factory=nothing)

    @property
    def positions(self) -> Floats:
        """Return where the points are."""
        return self.x

    @property
    def amounts(self) -> Floats:
        """Return the points' values."""
        return self.y


@dataclass(kw_only=True)
class Telling:
    """How the marks of one panel are told: whose voice, in which detail, and what was said already.

    `detail` is 0 for everything, more for less. `where` writes places. `spanned` says that the first and
    last place were said for all marks; `mixed` that marks of several kinds must say which they are.
    """

    voice: Voice
    detail: int = 0
    where: Writer | None = None
    span: tuple[float, float] | None = None
    mixed: bool = False
    bounds: dict[int, Floats] = field(default_factory=dict)  # of each scale, over all marks on it

    @property
    def names_told(self) -> int:
        """Return how many names of a long list are told."""
        return (12, 6, 4)[self.detail] if self.detail < 3 else 2

    def untold(self, count: int) -> Iterator[str]:
        """Yield how many marks of a kind are left out."""
        if count > 0:
            yield self.voice.count_of("and_more", count)

    def subject(self, mark: Mark, number: int = 0) -> str:
        """Return the mark's name as the subject of its clause, "" where it needs none."""
        name = mark.name
        if not name and number:
            name = self.voice.say("number_of", noun=self.voice.say("noun_series"), number=number)
        if not name and (mark.frame.side or self.mixed):
            name = measure_text(self.voice, mark.values) or (self.voice.say(mark.noun) if mark.noun else "")
        if name and mark.frame.side:
            return self.voice.say(f"{mark.frame.side}_axis", name=name)
        return name

    def writer(self, mark: Mark) -> Writer:
        """Return what writes the mark's values, with the digits that the range of all on its scale deserves."""
        shared = None if mark.values.is_dates else self.bounds.get(id(mark.values))
        return mark.values.writer(self.voice, mark.amounts if shared is None else shared)


def measure_text(voice: Voice, scale: Scale) -> str:
    """Return what a scale measures, inside a sentence: "CO2 in ppm", "temperature"."""
    name, unit = scale.label
    name = voice.inside(name)
    if name and unit and not scale.unit_is_attached:
        return voice.say("measure", name=name, unit=unit)
    return name


def floats(values: Any) -> Floats:
    """Return values as floats, masked ones as NaN."""
    array = np.ma.asarray(values)
    if np.ma.is_masked(array):
        return np.asarray(np.ma.filled(array.astype(float), np.nan))
    return np.asarray(array, dtype=float)


def extent(marks: Sequence[Mark]) -> tuple[float, float] | None:
    """Return the lowest and the highest value of all marks, None where there is none."""
    amounts = [mark.amounts for mark in marks if mark.amounts.size]
    if not amounts:
        return None
    return float(min(part.min() for part in amounts)), float(max(part.max() for part in amounts))
