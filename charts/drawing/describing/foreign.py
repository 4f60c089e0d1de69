"""Where other libraries put what matplotlib has a place for: plotnine writes its titles and labels as loose texts.

Nothing is imported from them; without them, or when they change, a chart is told with fewer names. Imports
matplotlib: only imported when a figure is described.
"""

from typing import Any

from matplotlib.offsetbox import DrawingArea, OffsetBox, TextArea

from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.lines import color_of
from charts.drawing.describing.marks import Color
from charts.drawing.describing.wording import TITLE_LENGTH, plain


def _plot(figure: Any) -> Any:
    """Return the ggplot that laid this figure out, None for any other figure."""
    engine = figure.get_layout_engine()
    return getattr(engine, "plot", None) if type(engine).__module__.startswith("plotnine") else None


def title(figure: Any) -> str:
    """Return a ggplot's title."""
    plot = _plot(figure)
    return plain(attempt(lambda: plot.labels.title, default="") or "", TITLE_LENGTH) if plot is not None else ""


def axis_labels(figure: Any) -> tuple[str, str] | None:
    """Return what a ggplot writes along its axes, as they lie after a flip of its coordinates."""
    return attempt(_axis_labels, figure, default=None)


def _axis_labels(figure: Any) -> tuple[str, str] | None:
    plot = _plot(figure)
    return (plain(plot.labels.x or ""), plain(plot.labels.y or "")) if plot is not None else None


def has_dates(figure: Any, letter: str) -> bool:
    """Return whether a ggplot's scale, "x" or "y", is one of dates."""
    plot = _plot(figure)
    return plot is not None and attempt(_is_dated, plot, letter, default=False)


def _is_dated(plot: Any, letter: str) -> bool:
    scales = getattr(plot.layout, f"panel_scales_{letter}")
    return "date" in type(scales[0]).__name__


def panel_title(figure: Any, axes: Any) -> str:
    """Return the strips above and beside a facet."""
    strips = [artist for artist in figure.artists if getattr(getattr(artist, "draw_info", None), "ax", None) is axes]
    return attempt(lambda: " · ".join(plain(strip.get_text()) for strip in strips), default="")


def color_names(figure: Any) -> dict[Color, str]:
    """Return what legends that are packed by hand, as plotnine's are, call each colour."""
    names: dict[Color, str] = {}
    for artist in figure.artists:
        attempt(_collect_keys, artist, names, default=None)
    return names


def _collect_keys(artist: Any, names: dict[Color, str], depth: int = 0) -> None:
    """Add each row of a key and its text to the names."""
    if not isinstance(artist, OffsetBox) or depth > 12:
        return
    parts = artist.get_children()
    keys = [part for part in parts if isinstance(part, DrawingArea)]
    texts = [part for part in parts if isinstance(part, TextArea)]
    if len(keys) == len(texts) == 1 and keys[0].get_children():
        color = color_of(keys[0].get_children()[-1])
        if color is not None:
            names.setdefault(color, plain(texts[0].get_text()))
    for part in parts:
        _collect_keys(part, names, depth + 1)
