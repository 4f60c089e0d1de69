"""From a laid-out figure to pixels: one Agg pass. Imported only when something is drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from charts.drawing import remembered, sizes
from charts.drawing.canvas import Frame, Printed

MAX_TEXTS = 400


def draw(
    figure: Figure, density: float, answers: Any, *, note_texts: bool
) -> tuple[NDArray[np.uint8], Sequence[Printed], Sequence[Frame]]:
    """Return the picture, RGBA, (height, width, 4), and the texts and legends' frames in it if they were asked for."""
    renderer = _cleared(figure, density)
    renderer.limit = MAX_TEXTS
    renderer.printed, renderer.frames = [] if note_texts else None, []
    with remembered.in_use(answers):
        figure.draw(renderer)
    return np.asarray(renderer.buffer_rgba()), renderer.printed or (), renderer.frames


def wordless(figure: Figure, answers: Any) -> tuple[NDArray[np.uint8], Any]:
    """Return the picture at a density of 1, without its words but with the boxes behind them, and what drew it.

    The pixels are good until the next pass.
    """
    renderer = _cleared(figure, 1)
    renderer.printed, renderer.is_mute = None, True
    try:
        with remembered.in_use(answers):
            figure.draw(renderer)
    finally:
        renderer.is_mute = False
    return np.asarray(renderer.buffer_rgba()), renderer


def _cleared(figure: Figure, density: float) -> Any:
    """Return the renderer of a density, with nothing on it."""
    figure.set_dpi(sizes.DPI * density)
    canvas: Any = figure.canvas
    renderer = canvas.get_renderer()
    renderer.clear()
    return renderer
