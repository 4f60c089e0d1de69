"""Does a hook's `tight_layout()` again when its figure gets another size: what it made room for is wider then.

`Figure.tight_layout()` lays out once, for the size at that moment, and leaves an engine behind that does nothing.
Imported only when something is drawn.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine, TightLayoutEngine

from charts.drawing import locking


class _Call(NamedTuple):
    engine: TightLayoutEngine
    size: tuple[float, ...]  # in inches
    margins: dict[str, float]
    beside_legend: bool = False


# A figure that a hook keeps is drawn at several sizes after one call.
_last: "WeakKeyDictionary[Figure, _Call]" = WeakKeyDictionary()


@contextmanager
def noted() -> Iterator[None]:
    """Remember which figures this thread calls `tight_layout()` on; the drawing lock's holder enters it."""
    engines: Any = TightLayoutEngine
    original = engines.execute
    owner = threading.get_ident()

    def execute(engine: TightLayoutEngine, figure: Figure) -> None:
        original(engine, figure)
        if threading.get_ident() == owner:
            _note(engine, figure)

    def restore() -> None:
        engines.execute = original

    locking.on_fork_undo(restore)
    engines.execute = execute
    try:
        yield
    finally:
        restore()
        locking.no_undo()


def again(figure: Figure) -> None:
    """Lay the figure out as the last `tight_layout()` did, if its size has changed since.

    What `subplots_adjust()` has said after it is said again, but for the room that seaborn's grids make for a legend
    at their right: the legend takes more of a smaller figure.
    """
    call = _last.get(figure)
    engine = figure.get_layout_engine()
    if (
        call is None
        or not (engine is None or isinstance(engine, PlaceHolderLayoutEngine))
        or _size(figure) == call.size
    ):
        return
    adjusted = {name: value for name, value in _margins(figure).items() if value != call.margins[name]}
    beside_legend = call.beside_legend or adjusted.get("right", 1) < call.margins["right"]
    edge = _edge_of_legends(figure) if beside_legend else 1
    if edge < 1:
        adjusted.pop("right", None)
        _up_to(edge, call.engine).execute(figure)
    else:
        call.engine.execute(figure)
    _note(call.engine, figure, beside_legend=edge < 1)
    figure.subplots_adjust(**adjusted)


def _edge_of_legends(figure: Figure) -> float:
    """Return where the figure's legends begin that are in its right half, as a part of its width; 1 without any."""
    canvas: Any = figure.canvas
    edges = [legend.get_window_extent(canvas.get_renderer()).x0 / figure.bbox.width for legend in figure.legends]
    return min((edge for edge in edges if edge > 0.5), default=1)


def _up_to(edge: float, engine: TightLayoutEngine) -> TightLayoutEngine:
    """Return an engine like the one given, for what is left of an edge."""
    options: Any = engine.get()
    left, bottom, _, top = options["rect"] or (0, 0, 1, 1)
    return TightLayoutEngine(**{**options, "rect": (left, bottom, edge, top)})


def _note(engine: TightLayoutEngine, figure: Figure, *, beside_legend: bool = False) -> None:
    _last[figure] = _Call(engine, _size(figure), _margins(figure), beside_legend)


def _size(figure: Figure) -> tuple[float, ...]:
    return tuple(figure.get_size_inches().tolist())


def _margins(figure: Figure) -> dict[str, float]:
    """Return what subplots_adjust() sets, which authors call after it to have the last word."""
    margins: Any = figure.subplotpars
    return {name: getattr(margins, name) for name in ("left", "right", "bottom", "top", "wspace", "hspace")}
