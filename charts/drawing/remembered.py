"""Remembers what an axis's ticks are while nothing that they depend on changes.

One layout with one draw asks a plain axis about 15 times for its ticks and for the extents of their labels,
always with the same answer: 9 ms of 40. The answers are kept on the figure's own axis objects, for the time
of a layout or a draw; no class of matplotlib is touched. Imported only when something is drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure

from charts.drawing import text


class Answers:
    """The last answers of one axis, and the state they are good for."""

    def __init__(self, axis: Any) -> None:
        """Take an axis of a class that is matplotlib's own."""
        self._axis = axis
        self._ask: Callable[[], Sequence[Any]] = axis._update_ticks
        self._measure: Callable[[Any, Any], Any] = axis._get_ticklabel_bboxes
        self._state: Any = None
        self._ticks: Sequence[Any] = ()
        self._extents: dict[Any, Any] = {}

    def install(self) -> None:
        """Let matplotlib's code find the answers where it asks."""
        self._axis._update_ticks = self.update_ticks
        self._axis._get_ticklabel_bboxes = self.get_ticklabel_bboxes

    def uninstall(self) -> None:
        """Leave the axis as it was."""
        del self._axis._update_ticks, self._axis._get_ticklabel_bboxes

    def update_ticks(self) -> list[Any]:
        """Return the ticks to draw, updated; as `Axis._update_ticks`."""
        state = self._present()
        if state != self._state:
            self._ticks = self._ask()
            for tick in self._ticks:
                _clean(tick.label1)
                _clean(tick.label2)
            # Asking for ticks can be what settles the limits.
            self._state = self._present()
            self._extents.clear()
        return list(self._ticks)

    def get_ticklabel_bboxes(self, ticks: Sequence[Any], renderer: Any = None) -> Any:
        """Return the extents of the labels on both sides; as `Axis._get_ticklabel_bboxes`."""
        self.update_ticks()
        key = (renderer, *map(id, ticks))  # the renderer itself: an address may be another's next
        if key not in self._extents:
            self._extents[key] = self._measure(ticks, renderer)
        first, second = self._extents[key]
        return list(first), list(second)

    def _present(self) -> tuple[Any, ...]:
        axis = self._axis
        corners = axis.axes.bbox.get_points()
        tickers = (axis.major.locator, axis.major.formatter, axis.minor.locator, axis.minor.formatter)
        view = axis.get_view_interval()
        return (*view, *corners.ravel().tolist(), axis.get_figure(root=True).dpi, *map(id, tickers))


def _clean(label: Any) -> None:
    # What formatters write is in no artist before; vector formats have no renderer of ours to clean it.
    value = label.get_text()
    if (cleaned := text.drawable(value)) is not value:
        label.set_text(cleaned)


def of(figure: Figure) -> list[Answers]:
    """Return a memory for each plain axis of a figure; polar axes, maps and the like are left alone."""
    return [
        Answers(axis)
        for axes in figure.axes
        if type(axes).__module__.startswith("matplotlib.") and axes.name == "rectilinear"
        for axis in (axes.xaxis, axes.yaxis)
        if type(axis) in (XAxis, YAxis) and hasattr(axis, "_get_ticklabel_bboxes")
    ]


@contextmanager
def in_use(answers: Sequence[Answers]) -> Iterator[None]:
    """Use the answers for a layout or a draw."""
    for each in answers:
        each.install()
    try:
        yield
    finally:
        for each in answers:
            each.uninstall()
