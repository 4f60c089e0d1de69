"""A figure's panels: which axes are charts, which belong together, and what the whole is called.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from charts.drawing.describing import foreign, headings
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.bars import Bars
from charts.drawing.describing.distributions import Histogram
from charts.drawing.describing.lines import Series
from charts.drawing.describing.marks import Color, Frame, Mark
from charts.drawing.describing.names import end_names, legend_names, named, named_by_ends, text_names
from charts.drawing.describing.notes import Note, read_notes
from charts.drawing.describing.points import Points, as_series
from charts.drawing.describing.reading import read_axes
from charts.drawing.describing.scales import Scale
from charts.drawing.describing.solids import read_solid

_MOST = 100  # panels that are read
_WITH_MARGINS = {"scatter", "contour", "hexbin", "heatmap"}


@dataclass
class Panel:
    """One chart of a figure: one axes, or two that share a place and an axis."""

    axes: list[Any]
    title: str = ""
    marks: list[Mark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    shape: str = ""  # "polar" or "three_d"

    @property
    def area(self) -> float:
        """Return how much of the figure the panel takes, 0 to 1."""
        box = self.axes[0].get_position(original=True)
        return float(box.width * box.height)


def read_panels(figure: Any) -> list[Panel]:
    """Return the figure's panels that have anything drawn in them, in order."""
    legend = {**legend_names(figure.legends), **foreign.color_names(figure)}
    panels = [_read_panel(group, legend, figure) for group in _groups(figure)]
    return [panel for panel in panels if panel.marks]


def _groups(figure: Any) -> list[list[Any]]:
    """Return the axes that are charts, twins together."""
    shown = [axes for axes in figure.axes if axes.get_visible() and not _is_colorbar(axes)]
    groups: list[list[Any]] = []
    for axes in [axes for axes in shown if not _is_inset(axes, shown)][:_MOST]:
        twin = next((group for group in groups if _are_twins(group[0], axes)), None)
        if twin is None:
            groups.append([axes])
        else:
            twin.append(axes)
    return groups


def _is_colorbar(axes: Any) -> bool:
    return axes.get_label() == "<colorbar>" or getattr(axes, "_colorbar", None) is not None


def _bounds(axes: Any) -> tuple[float, ...]:
    return tuple(axes.get_position(original=True).extents)


def _is_inset(axes: Any, others: Sequence[Any]) -> bool:
    """Return whether the axes lies wholly inside another one, as a magnifier or a small map does."""
    left, low, right, high = _bounds(axes)
    for other in others:
        if other.get_figure(root=False) is not axes.get_figure(root=False):  # places are told within a subfigure
            continue
        box = _bounds(other)
        inside = box[0] <= left and box[1] <= low and right <= box[2] and high <= box[3]
        if inside and (right - left) * (high - low) < 0.5 * (box[2] - box[0]) * (box[3] - box[1]):
            return True
    return False


def _are_twins(first: Any, second: Any) -> bool:
    joined = first.get_shared_x_axes().joined(first, second) or first.get_shared_y_axes().joined(first, second)
    same = first.get_figure(root=False) is second.get_figure(root=False)
    return bool(joined and same and np.allclose(_bounds(first), _bounds(second)))


def _read_panel(group: list[Any], legend: Mapping[Color, str], figure: Any) -> Panel:
    panel = Panel(group, title=headings.panel_title(figure, group[0]))
    panel.shape = {"polar": "polar", "3d": "three_d"}.get(getattr(group[0], "name", ""), "")
    sides = _sides(group) if len(group) > 1 else {}
    for axes in group:
        frame = _frame(axes, figure, sides.get(id(axes), ""))
        panel.marks += attempt(_read_marks, axes, frame, legend, panel.shape, default=[])
        panel.notes += [] if panel.shape else attempt(read_notes, axes, frame, default=[])
    if len({id(mark.frame.x) for mark in panel.marks}) < 2:  # the twin is empty: no sides to tell apart
        panel.marks = [_without_side(mark) for mark in panel.marks]
    panel.marks = [_plain_name(mark) if mark.frame.side else mark for mark in panel.marks]
    return panel


def _frame(axes: Any, figure: Any, side: str) -> Frame:
    across, up = foreign.axis_labels(figure) or (_label(axes, "x", figure), _label(axes, "y", figure))
    x = Scale(axes.xaxis, label=across, dated=foreign.has_dates(figure, "x"))
    return Frame(x, Scale(axes.yaxis, label=up, dated=foreign.has_dates(figure, "y")), side)


def _label(axes: Any, letter: str, figure: Any) -> str:
    """Return an axis' label; where it has none that of the axes it shares the axis with, or the figure's.

    One that is hidden counts where it is only not repeated: inner panels leave it to the outer ones.
    """
    shown = {id(other): _shown_label(getattr(other, f"{letter}axis")) for other in figure.axes}
    own: str = getattr(axes, f"get_{letter}label")()
    if own and own in shown.values():
        return own
    shared = getattr(axes, f"get_shared_{letter}_axes")().get_siblings(axes)
    labels = [shown[id(other)] for other in figure.axes if other in shared]
    return next(filter(None, labels), "") or str(getattr(figure, f"get_sup{letter}label")())


def _shown_label(axis: Any) -> str:
    return str(axis.get_label_text()) if axis.get_visible() and axis.label.get_visible() else ""


def _sides(group: Sequence[Any]) -> dict[int, str]:
    """Return on which side each twin's own axis is."""
    first = group[0]
    if first.get_shared_x_axes().joined(first, group[1]):
        return {id(axes): str(axes.yaxis.get_label_position()) for axes in group}
    return {id(axes): str(axes.xaxis.get_label_position()) for axes in group}


def _without_side(mark: Mark) -> Mark:
    mark.frame = mark.frame._replace(side="")
    return mark


def _plain_name(mark: Mark) -> Mark:
    mark.name = mark.name.removesuffix(f" ({mark.frame.side})")  # pandas names the side itself
    return mark


def _read_marks(axes: Any, frame: Frame, legend: Mapping[Color, str], shape: str) -> list[Mark]:
    if shape == "three_d":
        return read_solid(axes, frame)
    marks = read_axes(axes, frame)
    own = axes.get_legend()
    texts = attempt(text_names, axes, default={})
    marks = named_by_ends(marks, attempt(end_names, axes, default={}))
    marks = list(named(marks, {**legend, **legend_names([own] if own else [])}, texts))
    marks = [as_series(mark) if isinstance(mark, Points) and _is_strip(mark) else mark for mark in marks]
    return [_unrolled(mark) for mark in marks] if shape == "polar" else marks


def _is_strip(mark: Points) -> bool:
    return mark.places.is_dates or mark.places.has_names(mark.x)


def _unrolled(mark: Mark) -> Mark:
    """Return a line round a polar axes without the point that closes it; as bars where each angle has a name."""
    if not isinstance(mark, Series) or len(mark.x) < 3:
        return mark
    turn = (mark.x[-1] - mark.x[0]) / (2 * np.pi)
    if abs(turn - round(turn)) < 1e-6 and mark.y[-1] == mark.y[0]:
        mark.x, mark.y = mark.x[:-1], mark.y[:-1]
    mark.ordered = not np.any(np.diff(mark.x) < 0)
    if not mark.places.has_names(mark.x):
        return mark
    ground = np.zeros(len(mark.x))
    return Bars(frame=mark.frame, name=mark.name, x=mark.x, y=mark.y, base=ground, widths=ground, kind="line")


def margins_of(panels: list[Panel]) -> tuple[list[Panel], bool]:
    """Return the panels without those that only show the distributions of a scatter's axes at its edges."""
    clouds = [panel for panel in panels if any(mark.kind in _WITH_MARGINS for mark in panel.marks)]
    if len(clouds) != 1:
        return panels, False
    middle = clouds[0]
    rest = [panel for panel in panels if panel is not middle and not _is_margin(panel, middle)]
    found = len(rest) < len(panels) - 1
    return ([middle] if not rest else [panel for panel in panels if panel is middle or panel in rest]), found


def _is_margin(panel: Panel, middle: Panel) -> bool:
    told = all(isinstance(mark, Histogram) or mark.kind in {"density", "area", "line"} for mark in panel.marks)
    one, other = panel.axes[0], middle.axes[0]
    joined = one.get_shared_x_axes().joined(one, other) or one.get_shared_y_axes().joined(one, other)
    return bool(told and joined and panel.area < 0.6 * middle.area)
