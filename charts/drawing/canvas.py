"""Where figures are rasterised, and what is found out on the way. Imported only when something is drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg


@dataclass(frozen=True)
class Printed:
    """A line of text as it was drawn: its corners, (4, 2), are those of its ink, turned as it is turned."""

    text: str
    corners: Any
    clipped_by: tuple[float, float, float, float] | None


class Renderer(RendererAgg):
    """Agg, which also keeps note of the texts it drew while `printed` is a list."""

    printed: list[Printed] | None = None
    limit = 0

    def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, *rest: Any, **named: Any) -> None:
        """Draw a line of text."""
        if self.printed is not None and len(self.printed) <= self.limit:
            ismath = rest[0] if rest else named.get("ismath", False)
            self._note(gc, x, y, s, prop, angle, ismath)
        super().draw_text(gc, x, y, s, prop, angle, *rest, **named)  # type: ignore[no-untyped-call]

    def _note(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: bool) -> None:
        if self.printed is None or not s.strip() or gc.get_alpha() == 0:
            return
        measure: Any = self.get_text_width_height_descent
        width, height, descent = measure(s, prop, ismath)
        corners = np.array([(0, -descent), (width, -descent), (width, height - descent), (0, height - descent)])
        turn = np.deg2rad(angle)
        turned = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        clip = gc.get_clip_rectangle()
        self.printed.append(
            Printed(s, turned + np.array((x, self.height - y)), clip.extents if clip is not None else None)
        )


class Canvas(FigureCanvasAgg):
    """The canvas of every figure that is drawn here; it hands out our renderer."""

    def get_renderer(self) -> Renderer:
        """Return the renderer of the figure's present size and resolution."""
        key = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._lastKey != key:
            self._lastKey = key
            self.renderer: Renderer = Renderer(*key)  # type: ignore[no-untyped-call]
        return self.renderer
