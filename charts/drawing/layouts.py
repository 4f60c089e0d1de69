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

_MARGINS = ("left", "right", "bottom", "top")


@contextmanager
def lent(figure: Figure, layout: Any) -> Iterator[None]:
    """Give a figure without a layout engine one, for as long as the block runs.

    Args:
        figure: what a hook returned.
        layout: the field's: a name, an engine or None.
    """
    if layout in {None, "none"} or figure.get_layout_engine() is not None or _is_placed_by_hand(figure):
        yield
        return
    whole: Any = figure
    margins = vars(figure.subplotpars).copy()
    places = [
        (axes, which, axes.get_position(original=which == "original").frozen())
        for axes in whole.axes
        for which in ("original", "active")
    ]
    figure.set_layout_engine("tight" if layout == "constrained" and _has_several_grids(figure) else layout)
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


def _has_several_grids(figure: Figure) -> bool:
    """Say whether axes are of several grids, as by `subplot(221)` and `subplot(212)`: constrained layout knows one."""
    specs = [spec for axes in figure.axes if (spec := axes.get_subplotspec()) is not None]
    return not figure.subfigs and len({spec.get_topmost_subplotspec().get_gridspec() for spec in specs}) > 1
