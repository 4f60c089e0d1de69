"""Where other libraries put what matplotlib has a place for: plotnine writes its titles and labels as loose texts.

Nothing is imported from them; without them, or when they change, a chart is told with fewer names.
"""

from typing import Any

from charts.drawing.describing.attempts import attempt
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
    if plot is None:
        return None
    view = plot.coordinates.labels(plot.layout.set_xy_labels(plot.labels))
    return plain(view.x or ""), plain(view.y or "")


def panel_title(figure: Any, axes: Any) -> str:
    """Return the strips above and beside a facet."""
    strips = [artist for artist in figure.artists if getattr(getattr(artist, "draw_info", None), "ax", None) is axes]
    return attempt(lambda: " · ".join(plain(strip.get_text()) for strip in strips), default="")


def color_names(figure: Any) -> dict[Color, str]:
    """Return what a ggplot's colour and fill scales call each colour."""
    return attempt(_color_names, figure, default={})


def _color_names(figure: Any) -> dict[Color, str]:
    from matplotlib.colors import to_rgb

    names: dict[Color, str] = {}
    for scale in getattr(_plot(figure), "scales", None) or ():
        if {"color", "fill"} & set(scale.aesthetics) and not hasattr(scale, "palette_type_continuous"):
            limits = list(scale.limits)
            for color, label in zip(scale.map(limits), scale.get_labels(), strict=True):
                red, green, blue = (round(part, 3) for part in to_rgb(color))
                names[red, green, blue] = plain(label)
    return names
