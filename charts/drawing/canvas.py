"""Where figures are rasterised, and what is found out on the way. Imported only when something is drawn."""

from typing import Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from charts.drawing import fonts, text

_OPAQUE = 0.5  # words under what is more translucent can be read


class Printed(NamedTuple):
    """A line of text as it was drawn, all in pixels, y upwards: where its baseline begins, and its ink."""

    text: str
    x: float
    y: float
    angle: float  # degrees
    width: float
    height: float
    descent: float
    clip: tuple[float, float, float, float] | None  # left, bottom, right, top
    alpha: float = 1


class Frame(NamedTuple):
    """The opaque box of a legend, in pixels, y upwards, and how many texts had been printed before it."""

    after: int
    left: float
    bottom: float
    right: float
    top: float


class Renderer(RendererAgg):
    """Agg, which also keeps note of the texts it drew while `printed` is a list, and leaves them out if `is_mute`.

    Of the boxes that may hide texts, those of legends, it keeps note in `frames`.
    """

    printed: list[Printed] | None = None
    frames: list[Frame]
    _at_legend = False
    limit = 0
    is_mute = False

    def __init__(self, width: int, height: int, dpi: float) -> None:
        """Take a size in pixels and pixels to the inch."""
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self._settings = fonts.settings()
        self.frames = []

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Begin a part of the picture; what a legend draws first is its frame, if it has one."""
        self._at_legend = self._at_legend or s == "legend"

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803  (its name)
        """Draw a path, and keep note of a legend's frame."""
        if self._at_legend:
            self._at_legend = False
            if self.printed is not None and rgbFace is not None and rgbFace[3] >= _OPAQUE:
                self.frames.append(Frame(len(self.printed), *path.get_extents(transform).extents.tolist()))
        super().draw_path(gc, path, transform, rgbFace)  # type: ignore[no-untyped-call]

    def draw_text(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, *rest: Any, **named: Any) -> None:
        """Draw a line of text; labels that a formatter makes are seen here first."""
        self._at_legend = False
        if self.is_mute:
            return
        s = text.drawable(s)
        if self.printed is not None and len(self.printed) <= self.limit:
            ismath = rest[0] if rest else named.get("ismath", False)
            self._note(gc, x, y, s, prop, angle, ismath)
        super().draw_text(gc, x, y, s, prop, angle, *rest, **named)  # type: ignore[no-untyped-call]

    def get_text_width_height_descent(self, s: Any, prop: Any, ismath: Any) -> Any:
        """Return the extents of a line of text, in pixels."""
        measure: Any = super().get_text_width_height_descent
        words = text.drawable(s)
        if ismath:  # formulas have a memory of their own
            return measure(words, prop, ismath)
        return fonts.remember((words, *self._key(prop)), lambda: measure(words, prop, ismath))

    def _get_font_height_metrics(self, prop: Any) -> Any:
        """Return ascent, descent and line gap of a font; every `Text` asks, each time it is measured."""
        return fonts.remember(self._key(prop), lambda: fonts.heights(prop, self.dpi))

    def _prepare_font(self, font_prop: Any) -> Any:
        """Return the font of a text, set to its size."""
        prepare: Any = super()._prepare_font
        font = prepare(font_prop)
        # Before matplotlib 3.11 the font itself shapes and draws, in C++, and can be nothing but itself.
        return fonts.Shaping(font, self._key(font_prop)) if hasattr(font, "_layout") else font

    def _key(self, prop: Any) -> tuple[Any, ...]:
        # Font properties are equal when their hashes are; they are no key themselves, as they can be changed.
        return hash(prop), self.dpi, self._settings

    def _note(self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: bool) -> None:
        if self.printed is None or not s.strip() or gc.get_alpha() == 0:
            return
        width, height, descent = self.get_text_width_height_descent(s, prop, ismath)
        clip = gc.get_clip_rectangle()
        edges = tuple(clip.extents.tolist()) if clip is not None else None
        self.printed.append(Printed(s, x, self.height - y, angle, width, height, descent, edges, gc.get_rgb()[3]))


class Canvas(FigureCanvasAgg):
    """The canvas of every figure that is drawn here; it hands out our renderer."""

    def get_renderer(self) -> Renderer:
        """Return the renderer of the figure's present size and resolution."""
        key = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._lastKey != key:
            self._lastKey = key
            self.renderer: Renderer = Renderer(*key)
        return self.renderer
