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
    margins: tuple[Any, ...]


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
    """Lay the figure out as the last `tight_layout()` did, if only its size has changed since."""
    call = _last.get(figure)
    engine = figure.get_layout_engine()
    if call is None or not (engine is None or isinstance(engine, PlaceHolderLayoutEngine)):
        return
    if _margins(figure) == call.margins and _size(figure) != call.size:
        call.engine.execute(figure)
        _note(call.engine, figure)


def _note(engine: TightLayoutEngine, figure: Figure) -> None:
    _last[figure] = _Call(engine, _size(figure), _margins(figure))


def _size(figure: Figure) -> tuple[float, ...]:
    return tuple(figure.get_size_inches().tolist())


def _margins(figure: Figure) -> tuple[Any, ...]:
    """Return what subplots_adjust() sets, which authors call after it to have the last word."""
    margins = figure.subplotpars
    return margins.left, margins.right, margins.bottom, margins.top, margins.wspace, margins.hspace
