"""Names for marks that carry none themselves: from legends by colour, from texts in a line's own colour.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from charts.drawing.describing.areas import Stack
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.boxes import Groups, split_groups
from charts.drawing.describing.lines import Series, color_of
from charts.drawing.describing.marks import Color, Mark
from charts.drawing.describing.pies import Pie
from charts.drawing.describing.points import Points, split_by_color
from charts.drawing.describing.wording import plain


def legend_names(legends: Iterable[Any]) -> dict[Color, str]:
    """Return what legends call each colour; a colour with two names has none."""
    return _unambiguous(entry for legend in legends for entry in attempt(_entries, legend, default=[]))


def _entries(legend: Any) -> list[tuple[Color | None, str]]:
    return [
        (attempt(color_of, handle, default=None), plain(text.get_text()))
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=False)
    ]


def text_names(axes: Any) -> dict[Color, str]:
    """Return the texts inside the axes by their colour: labels at the ends of lines are set in the line's."""
    texts = [text for text in axes.texts[:100] if _hangs_on_data(text, axes)]
    return _unambiguous((color_of(text), plain(text.get_text(), 30)) for text in texts)


def _hangs_on_data(text: Any, axes: Any) -> bool:
    coordinates = getattr(text, "xycoords", None)
    return coordinates == "data" if coordinates is not None else bool(text.get_transform() == axes.transData)


def end_names(axes: Any) -> dict[tuple[float, float], str]:
    """Return the annotations by the data point that they hang on."""
    notes = (text for text in axes.texts[:100] if getattr(text, "xycoords", None) == "data")
    return {
        (_number(axes.xaxis, text.xy[0]), _number(axes.yaxis, text.xy[1])): plain(text.get_text(), 30) for text in notes
    }


def _number(axis: Any, value: Any) -> float:
    return float(axis.convert_units(value))


def named_by_ends(marks: list[Mark], ends: Mapping[tuple[float, float], str]) -> list[Mark]:
    """Return the marks, lines named by what is written at their last points if each of them has its own."""
    lines = [mark for mark in marks if isinstance(mark, Series) and not mark.name and mark.y.size]
    names = [ends.get((float(line.x[-1]), float(line.y[-1])), "") for line in lines]
    if len(lines) > 1 and all(names) and len(set(names)) == len(names):
        for line, name in zip(lines, names, strict=True):
            line.name = name
    return marks


def _unambiguous(pairs: Iterable[tuple[Color | None, str]]) -> dict[Color, str]:
    names: dict[Color, str] = {}
    twice: set[Color] = set()
    for color, name in pairs:
        if color is None or not name:
            continue
        if names.setdefault(color, name) != name:
            twice.add(color)
    return {color: name for color, name in names.items() if color not in twice}


def named(marks: list[Mark], legend: Mapping[Color, str], texts: Mapping[Color, str]) -> Iterator[Mark]:
    """Yield the marks with the names that colours give them."""
    lonely = sum(1 for mark in marks if isinstance(mark, Series)) < 2
    for mark in marks:
        if isinstance(mark, Stack | Pie):
            yield _parts_named(mark, legend)
        elif isinstance(mark, Groups):
            yield from split_groups(mark, legend)
        elif isinstance(mark, Points) and not mark.name:
            yield from _points_named(mark, legend)
        else:
            colors = {**({} if lonely or not isinstance(mark, Series) else texts), **legend}
            yield replace(mark, name=mark.name or (colors.get(mark.color, "") if mark.color else ""))


def _points_named(mark: Points, legend: Mapping[Color, str]) -> list[Points]:
    if mark.color is not None and mark.color in legend:
        return [replace(mark, name=legend[mark.color])]
    return split_by_color(mark, legend)


def _parts_named(mark: Stack | Pie, legend: Mapping[Color, str]) -> Mark:
    pairs = zip(mark.names, mark.colors, strict=True)
    return replace(mark, names=tuple(name or (legend.get(color, "") if color else "") for name, color in pairs))
