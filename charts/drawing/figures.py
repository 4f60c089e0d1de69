"""From a hook to a finished figure: styled, drawn, laid out once, and ready to be encoded.

Everything here happens under one lock, with matplotlib's defaults and the theme as rcParams, with a pyplot
of its own, and leaves no trace in the process.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from importlib import metadata
from typing import TYPE_CHECKING, Any

from charts.drawing import locking, notices, parameters, registry, sizes
from charts.drawing.themes import LIGHT, Theme
from charts.exceptions import DrawError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

# Raise it when this package draws or encodes the same figure to other pixels.
DRAWING_VERSION = 1
LAYOUTS = ("constrained", "compressed", "tight", "none")
MAX_PIXELS = 40_000_000

Hook = Callable[["Figure"], Any]


@dataclass(eq=False)
class Drawing:
    """A finished figure; `size` is in CSS pixels, `warnings` grows while it is drawn and encoded."""

    figure: "Figure"
    size: sizes.Size
    theme: Theme
    max_pixels: int
    warnings: list[str]
    squeezed: bool = False
    answers: Any = ()
    is_open: bool = True
    _rasters: dict[float, "NDArray[np.uint8]"] = field(default_factory=dict, repr=False)

    def pixels(self, density: float) -> "NDArray[np.uint8]":
        """Return the picture as RGBA, (height, width, 4), straight alpha; drawn once a density.

        Raises:
            DrawError: the block of `drawn` is over, the picture too large, or a text is no valid formula.
        """
        if density not in self._rasters:
            self.check_open()
            sizes.check(self.size, [density], self.max_pixels)
            self._rasters[density] = self._rasterised(density)
        return self._rasters[density]

    def check_open(self) -> None:
        """Refuse to draw when the lock, the rcParams and the theme are gone."""
        if not self.is_open:
            raise DrawError("The figure is closed: encode it inside the block of drawn().")

    def _rasterised(self, density: float) -> "NDArray[np.uint8]":
        from charts.drawing import collisions, guards, legibility, rasters

        first = not self._rasters
        with guards.explained(self.figure):
            pixels, printed, frames = rasters.draw(self.figure, density, self.answers, note_texts=first)
        if first:
            for message in (
                *collisions.found(printed, frames, pixels.shape, density, self.squeezed),
                *legibility.found(printed, pixels, self.theme),
                *legibility.glaring(self.figure, pixels, self.theme),
            ):
                notices.note(self.warnings, message)
        return pixels


@contextmanager
def drawn(
    hook: Hook,
    *,
    size: sizes.Size | None = (800, 450),
    layout: Any = "constrained",
    transparent: bool = False,
    theme: Theme = LIGHT,
    max_pixels: int = MAX_PIXELS,
    densities: Iterable[float] = (1,),
    timezone: tzinfo | None = None,
) -> Iterator[Drawing]:
    """Call the hook once and hold its figure, laid out, until the block ends.

    Args:
        hook: takes the figure to draw on; returns None or what it drew instead (see `returned.figure_of`).
        size: (width, height) in CSS pixels, 100 to the inch; None: as the returned figure says.
        layout: the layout engine of the handed figure, and of a returned one that has none and whose axes are not
            placed by hand: a name in `LAYOUTS`, an engine, or None.
        transparent: leave out the backgrounds of figure and axes.
        theme: its rcParams are in force while the block runs, over matplotlib's own defaults.
        max_pixels: the largest area of a picture, in device pixels.
        densities: device pixels to the CSS pixel that will be asked for, so that too many are refused first.
        timezone: where aware times are shown, whatever zone they come in; None: in their own. Times and dates
            without a zone are drawn as they are.

    Raises:
        DrawError: the options, the result of the hook or what is on the figure cannot be drawn.
        Exception: whatever the hook raises, as it is.
    """
    densities = tuple(densities)
    if size is not None:
        sizes.check(size, densities, max_pixels)
    overrides = _overrides(size)
    with locking.hold(), parameters.in_force(theme, overrides, timezone), notices.recorded() as notes:
        from charts.drawing import finishing, formulas

        with registry.own_figures() as opened, formulas.told_from_prices():
            handed, figure = _drawn_by(hook, layout, opened)
            notices.forget_glyphs(notes)
            final = size or sizes.of_figure(figure)
            sizes.check(final, densities, max_pixels)
            with finishing.finished(figure, final, transparent, None if figure is handed else layout) as (
                squeezed,
                answers,
            ):
                drawing = Drawing(figure, final, theme, max_pixels, notes, squeezed, answers)
                try:
                    yield drawing
                finally:
                    drawing.is_open = False


def _overrides(size: sizes.Size | None) -> dict[str, Any]:
    """Return the rcParams by which pyplot code gets a figure of the variant's size without asking."""
    if size is None:
        return {"figure.dpi": float(sizes.DPI)}
    figsize = [sizes.inches(size[0]), sizes.inches(size[1])]
    return {"figure.dpi": float(sizes.DPI), "figure.figsize": figsize}


def _drawn_by(hook: Hook, layout: Any, opened: registry.ThreadsOwn) -> "tuple[Figure, Figure]":
    """Hand the hook a figure, and return that one and the one it drew."""
    from matplotlib.figure import Figure

    from charts.drawing import returned, tightened
    from charts.drawing.canvas import Canvas

    handed = Figure(layout=_checked_layout(layout))
    Canvas(handed)
    try:
        with tightened.noted():
            result = hook(handed)
            figures = [manager.canvas.figure for manager in opened.values()]
            return handed, returned.figure_of(result, handed, figures)
    except RuntimeError as error:
        if "Colorbar layout of new layout engine not compatible" not in str(error):
            raise
        raise DrawError(
            "draw() calls tight_layout(), which constrained layout with a colorbar does not allow:"
            ' leave the call out (the layout is done anyway), or give the field layout="tight".'
        ) from error


def _checked_layout(layout: Any) -> Any:
    if isinstance(layout, str) and layout not in LAYOUTS:
        raise DrawError(f'There is no layout "{layout}". Choices are: {", ".join(LAYOUTS)}, None, or an engine.')
    return layout


@functools.cache
def versions() -> tuple[str, ...]:
    """Return what changes pixels, for a recipe's digest, without importing matplotlib.

    FreeType and HarfBuzz come inside matplotlib's wheels and change with its version.
    """
    installed = (f"{name} {metadata.version(name)}" for name in ("matplotlib", "pillow"))
    return (*installed, f"charts.drawing {DRAWING_VERSION}")
