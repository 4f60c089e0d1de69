"""Lays out a returned figure that nobody laid out: pyplot, pandas and seaborn make them without an engine.

What a script has placed by hand stays where it is; all is put back afterwards, for the hook may keep the figure.
Imported only when something is drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, TightLayoutEngine

_MARGINS = ("left", "right", "bottom", "top")


class _TightTwice(TightLayoutEngine):
    """Tight layout whose first pass may change which ticks there are to make room for."""

    def execute(self, fig: Figure) -> None:
        """Lay the figure out."""
        super().execute(fig)
        super().execute(fig)


@contextmanager
def lent(figure: Figure, layout: Any) -> Iterator[None]:
    """Give a figure without a layout engine one, for as long as the block runs.

    Args:
        figure: what a hook returned.
        layout: the field's: a name, an engine or None.
    """
    engine = None if figure.get_layout_engine() or _is_placed_by_hand(figure) else _fitting(figure, layout)
    if engine in {None, "none"}:
        yield
        return
    whole: Any = figure
    margins = vars(figure.subplotpars).copy()
    places = [
        (axes, which, axes.get_position(original=which == "original").frozen())
        for axes in whole.axes
        for which in ("original", "active")
    ]
    figure.set_layout_engine(engine)
    try:
        yield
    finally:
        vars(figure.subplotpars).update(margins)
        for axes, which, place in places:
            axes._set_position(place, which=which)
        whole._layout_engine = None  # "none" would leave one behind that does nothing


def _is_placed_by_hand(figure: Figure) -> bool:
    """Say whether the script has said where axes are, by `add_axes()` or `subplots_adjust()`."""
    own: Any = figure.subplotpars
    params: Any = mpl.rcParams
    names = (*_MARGINS, "wspace", "hspace")
    is_adjusted = any(getattr(own, name) != params[f"figure.subplot.{name}"] for name in names)
    return is_adjusted or not figure.axes or any(map(_is_axes_placed, figure.axes))


def _is_axes_placed(axes: Axes) -> bool:
    spec = axes.get_subplotspec()
    if spec is None:  # colour bars and what is appended to other axes have no place of their own
        return not hasattr(axes, "_colorbar_info") and axes.get_axes_locator() is None
    grid: Any = spec.get_topmost_subplotspec().get_gridspec()
    return any(getattr(grid, name, None) is not None for name in _MARGINS)


def _fitting(figure: Figure, layout: Any) -> Any:
    """Return the layout, or the one that can do what constrained layout cannot; None if there is none.

    It knows one grid, and neither those of `subplot(221)` and `subplot(212)` nor the one that `colorbar()` cuts an axes
    into, where there is no layout yet; its rows of no height are divided by. Tight layout knows no subfigures.
    """
    if layout == "tight":
        return _TightTwice()
    if not (layout in {"constrained", "compressed"} or isinstance(layout, ConstrainedLayoutEngine)):
        return layout
    specs = [spec for axes in figure.axes if (spec := axes.get_subplotspec()) is not None]
    of_parts = any(0 in _ratios(spec.get_gridspec()) for spec in specs)
    several = len({spec.get_topmost_subplotspec().get_gridspec() for spec in specs}) > 1 and not figure.subfigs
    return layout if not (of_parts or several) else None if figure.subfigs else _TightTwice()


def _ratios(grid: Any) -> list[float]:
    return [*grid.get_width_ratios(), *grid.get_height_ratios()]
