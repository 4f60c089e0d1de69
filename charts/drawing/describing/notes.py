"""Reference lines and shaded ranges: what a chart is read against, named apart from its series.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.lines import AxLine
from matplotlib.patches import Rectangle

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.lines import own_name
from charts.drawing.describing.marks import Floats, Frame, Telling, floats
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.scales import Scale

_TOLD = 4


class Note(NamedTuple):
    """A labelled line or range at values of one scale; without values a line that runs across both."""

    name: str
    scale: Scale
    values: Floats
    is_place: bool = False  # upright lines stand at places, level ones at values


def read_notes(axes: Any, frame: Frame) -> list[Note]:
    """Return the axes' labelled reference lines and ranges."""
    found = [attempt(_line, line, axes, frame, default=None) for line in axes.lines if own_name(line)]
    found += [attempt(_range, patch, axes, frame, default=None) for patch in axes.patches if own_name(patch)]
    return [note for note in found if note is not None]


def _line(line: Any, axes: Any, frame: Frame) -> Note | None:
    name = own_name(line)
    if isinstance(line, AxLine):
        return Note(name, frame.y, np.empty(0))
    scale = _free_scale(line, axes, frame)
    if scale is frame.y:
        return Note(name, frame.y, floats(line.get_ydata(orig=False))[:1])
    x, y = floats(line.get_xdata(orig=False)), floats(line.get_ydata(orig=False))
    upright = len(x) == 2 and x[0] == x[1] and y[0] != y[1]
    return Note(name, frame.x, x[:1], is_place=True) if scale is frame.x or upright else None


def _free_scale(artist: Any, axes: Any, frame: Frame) -> Scale | None:
    """Return the one scale an artist holds on to, while it runs the whole length of the other."""
    across, up = artist.get_transform().contains_branch_seperately(axes.transData)
    if across == up:
        return None
    return frame.x if across else frame.y


def _range(patch: Any, axes: Any, frame: Frame) -> Note | None:
    if not isinstance(patch, Rectangle):
        return None
    scale = _free_scale(patch, axes, frame)
    if scale is None:
        return None
    start = patch.get_x() if scale is frame.x else patch.get_y()
    length = patch.get_width() if scale is frame.x else patch.get_height()
    return Note(own_name(patch), scale, np.sort(scale.numbers([start, start + length])), is_place=scale is frame.x)


def sentences(notes: Sequence[Note], telling: Telling) -> Iterator[str]:
    """Yield a sentence for all reference lines, and one for each shaded range."""
    voice = telling.voice
    single = [note for note in notes if note.values.size == 1][:_TOLD]
    if len(single) == 1:
        yield voice.say("reference", name=single[0].name, place=_place(single[0], voice))
    elif single:
        entries = [voice.say("reference_entry", name=note.name, place=_place(note, voice)) for note in single]
        yield voice.say("references", entries=voice.join(entries))
    for note in notes[:_TOLD]:
        if note.values.size == 2:
            low, high = note.scale.writer(voice, note.values, positions=note.is_place, near=False).span(
                *note.values.tolist()
            )
            yield voice.say("span", name=note.name, low=low, high=high)
        elif not note.values.size:
            yield voice.say("diagonal", name=note.name)


def _place(note: Note, voice: Voice) -> str:
    writer = note.scale.writer(voice, note.values, positions=note.is_place, near=False)
    return writer.at(float(note.values[0]))
