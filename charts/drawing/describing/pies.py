"""Pies and donuts, told by their shares.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from charts.drawing.describing.lines import color_of, own_name
from charts.drawing.describing.marks import Color, Frame, Mark, Telling
from charts.drawing.describing.numerals import shares

_LISTED = 6


@dataclass(kw_only=True)
class Pie(Mark):
    """The parts of a whole, in their order, as fractions of the full circle."""

    names: tuple[str, ...] = ()
    parts: tuple[float, ...] = ()
    colors: tuple[Color | None, ...] = ()
    kind: str = "pie"


def read_wedges(wedges: Sequence[Any], frame: Frame) -> Pie | None:
    """Return the outermost ring of wedges as a pie."""
    if not wedges:
        return None
    radius = max(wedge.r for wedge in wedges)
    ring = [wedge for wedge in wedges if abs(wedge.r - radius) < 1e-9]
    return Pie(
        frame=frame,
        names=tuple(own_name(wedge) for wedge in ring),
        parts=tuple(abs(float(wedge.theta2 - wedge.theta1)) / 360 for wedge in ring),
        colors=tuple(color_of(wedge) for wedge in ring),
        kind="donut" if any(wedge.width is not None for wedge in ring) else "pie",
    )


def clauses(marks: Sequence[Pie], telling: Telling) -> Iterator[str]:
    """Yield the shares: all of them while they are few, else the biggest and the smallest."""
    voice = telling.voice
    for mark in marks:
        names = [name or _numbered(telling, at) for at, name in enumerate(mark.names, 1)]
        told = zip(names, shares(voice, list(mark.parts)), strict=True)
        entries = [voice.say("entry", name=name, value=share) for name, share in told]
        if not any(mark.parts):
            yield voice.say("no_data")
        elif len(entries) <= _LISTED and telling.detail < 2:
            yield voice.join(entries)
        else:
            yield _biggest(mark, entries, telling)


def _numbered(telling: Telling, number: int) -> str:
    return telling.voice.say("number_of", noun=telling.voice.say("noun_part"), number=number)


def _biggest(mark: Pie, entries: list[str], telling: Telling) -> str:
    order = sorted(range(len(entries)), key=lambda at: -mark.parts[at])
    top = telling.voice.join([entries[at] for at in order[: 3 if telling.detail < 2 else 1]])
    return telling.voice.count_of("biggest_shares", len(entries), shares=top, last=entries[order[-1]])
