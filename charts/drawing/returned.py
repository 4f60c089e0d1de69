"""Which figure a hook drew: the one it was handed, or what it returned.

Imported only when something is drawn.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure, FigureBase

from charts.drawing import artists
from charts.exceptions import DrawError

_MAY_BE = (
    "draw on the figure it is handed and return nothing, or return a Figure, an Axes, an object with .figure"
    " (seaborn's grids) or with .draw() (plotnine)"
)


def figure_of(result: Any, handed: Figure, opened: Sequence[Figure]) -> Figure:
    """Return the finished figure of a hook.

    Args:
        result: what the hook returned.
        handed: the figure it was handed.
        opened: the pyplot figures it left open.

    A figure that is empty because nothing was drawn anywhere is a picture too, and warned of: there may be nothing
    to draw yet. One that is empty because the ink is on another figure is not the picture that was meant.

    Raises:
        DrawError: the result is nothing that has a figure, or has several; or what was drawn is on another figure:
            on the handed one, or on one of pyplot.
    """
    figure = handed if result is None else _found(result, handed)
    lost = [other for other in opened if artists.has_data(other)] if result is None else ()
    is_empty = not artists.has_ink(figure)
    if (is_empty and artists.has_ink(handed)) or (lost and not artists.has_data(figure)):
        raise DrawError(f"{_nothing_drawn(figure, handed, opened)}.")
    if is_empty:
        warnings.warn(_nothing_drawn(figure, handed, opened if result is None else ()), stacklevel=2)
    elif lost:
        warnings.warn(
            "draw() drew on the figure it is handed and on one of pyplot, which is not in the picture: draw on one,"
            " and end with `return plt.gcf()` if it is pyplot's",
            stacklevel=2,
        )
    return figure


def _found(result: Any, handed: Figure) -> Figure:
    if _is_seaborn_plot(result):
        result.on(handed).plot()
        return handed
    figures = {id(figure): figure for figure in _figures(result, 0)}
    if len(figures) != 1:
        several = f" of {len(figures)} figures; a chart is one" if figures else ""
        raise DrawError(f"draw() returned {_described(result)}{several}: {_MAY_BE}.")
    return next(iter(figures.values()))


def _figures(result: Any, depth: int) -> Iterable[Figure]:
    """Yield the figures of a result; those of a grid or a mosaic of axes too."""
    if isinstance(result, FigureBase | Artist):
        yield from _root(result)
    elif isinstance(getattr(result, "figure", None), FigureBase):
        yield from _root(result.figure)
    elif isinstance(result, np.ndarray | Sequence | Mapping) and depth < 4 and not isinstance(result, str | bytes):
        for value in result.values() if isinstance(result, Mapping) else result:
            yield from _figures(value, depth + 1)
    elif callable(getattr(result, "draw", None)) and not isinstance(result, type):
        drawn = result.draw()
        if isinstance(drawn, FigureBase | Artist):
            yield from _root(drawn)


def _root(artist: Any) -> Iterable[Figure]:
    figure = artist.get_figure(root=True)
    if isinstance(figure, Figure):
        yield figure


def _is_seaborn_plot(result: Any) -> bool:
    """Say whether this is a `seaborn.objects.Plot`, which is declared first and drawn on a figure later."""
    return type(result).__module__.startswith("seaborn.") and hasattr(result, "on") and hasattr(result, "plot")


def _described(result: Any) -> str:
    shown = repr(result) if isinstance(result, str | int | float | bytes) else ""
    return f"{type(result).__name__} {shown[:60]}".strip()


def _nothing_drawn(figure: Figure, handed: Figure, opened: Sequence[Figure]) -> str:
    if figure is not handed and artists.has_ink(handed):
        return "draw() returned an empty figure, but drew on the one it was handed: return nothing, or that one"
    if opened:
        return (
            f"draw() drew nothing on the figure it is handed, but left {len(opened)} pyplot figure"
            f"{'s' if len(opened) > 1 else ''} open: end it with `return plt.gcf()`"
        )
    return f"draw() drew nothing, and the picture is empty: {_MAY_BE}"
