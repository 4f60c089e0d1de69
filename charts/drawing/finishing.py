"""Gives a figure its final size and layout, and gives a figure that lives on its own back afterwards.

Imported only when something is drawn.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine
from matplotlib.legend import Legend

from charts.drawing import (
    doubts,
    fallbacks,
    guards,
    inks,
    layouts,
    placing,
    remembered,
    retouching,
    sizes,
    tightened,
    unseen,
    zones,
)
from charts.drawing.canvas import Canvas
from charts.exceptions import DrawError


@contextmanager
def finished(
    figure: Figure, size: sizes.Size, transparent: bool, layout: Any
) -> Iterator[tuple[bool, Sequence[remembered.Answers]]]:
    """Lay a figure out at a size in CSS pixels, once, and keep the layout for all that is drawn of it.

    Args:
        figure: drawn.
        size: (width, height) in CSS pixels.
        transparent: leave out the backgrounds of figure and axes.
        layout: what lays the figure out if nothing of its own does; None for one that was handed to the hook.

    Yields:
        Whether the figure was made for a larger size than it got, and what is remembered of its axes.
    """
    width, height = sizes.of_figure(figure)
    squeezed = size[0] < 0.95 * width or size[1] < 0.95 * height
    with _borrowed(figure), ExitStack() as undo:
        if not isinstance(figure.canvas, Canvas):
            Canvas(figure)
        figure.set_dpi(sizes.DPI)
        figure.set_size_inches(sizes.inches(size[0]), sizes.inches(size[1]), forward=False)
        zones.settle(figure)
        doubts.warn(figure)
        undo.enter_context(retouching.retouched(figure))
        if transparent:
            undo.enter_context(_without_backgrounds(figure))
        undo.enter_context(fallbacks.added(figure, guards.check(figure)))
        undo.enter_context(layouts.lent(figure, layout))
        answers = remembered.of(figure)
        with guards.explained(figure), remembered.in_use(answers):
            undo.enter_context(placing.before_layout(figure))
            _lay_out(figure)
            undo.enter_context(placing.after_layout(figure))
        undo.enter_context(unseen.inked(figure, answers))
        undo.enter_context(inks.chosen(figure, answers))
        yield squeezed, answers


@contextmanager
def _borrowed(figure: Figure) -> Iterator[None]:
    """Put back what is changed of a figure: a hook may return one that it keeps and draws on again."""
    size: Any = figure.get_size_inches()
    dpi, canvas, engine = figure.get_dpi(), figure.canvas, figure.get_layout_engine()
    try:
        yield
    finally:
        figure.set_canvas(canvas)
        figure.set_dpi(dpi)
        figure.set_size_inches(size, forward=False)
        if engine is not None:
            figure.set_layout_engine(engine)


def _lay_out(figure: Figure) -> None:
    """Run the layout engine once and freeze what it did: every density and format has the same layout."""
    engine = figure.get_layout_engine()
    tightened.again(figure)
    if engine is None:
        return
    if figure.axes:
        _execute(engine, figure)
    figure.set_layout_engine("none")


def _execute(engine: LayoutEngine, figure: Figure) -> None:
    """Run an engine; one that gives up leaves the figure as it is, as it does when matplotlib draws."""
    try:
        with guards.explained(figure):
            engine.execute(figure)
    except DrawError:  # a ValueError too, but of a text that cannot be drawn either
        raise
    except (ArithmeticError, ValueError) as error:  # constrained layout divides by the heights of a grid's rows
        warnings.warn(f"The layout could not be computed ({error}); the figure is drawn without it", stacklevel=2)


@contextmanager
def _without_backgrounds(figure: Figure) -> Iterator[None]:
    patches = [figure.patch, *_patches(figure)]
    before = [(patch, patch.get_facecolor(), patch.get_edgecolor()) for patch in patches]
    for patch in patches:
        patch.set(facecolor="none", edgecolor="none")
    try:
        yield
    finally:
        for patch, face, edge in before:
            patch.set(facecolor=face, edgecolor=edge)


def _patches(parent: Any) -> Iterator[Any]:
    """Yield the backgrounds of all axes and subfigures in a figure, and of legends that have the page's."""
    for child in parent.get_children():
        if isinstance(child, Legend):
            frame = child.get_frame()
            if frame.get_facecolor()[:3] == to_rgb(mpl.rcParams["axes.facecolor"]):
                yield frame
        elif isinstance(child, Axes) or hasattr(child, "subfigs"):
            yield child.patch
            yield from _patches(child)
