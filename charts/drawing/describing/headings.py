"""What a figure and its panels are called: titles, headings set by hand, the subtitle that says the measure.

Imports matplotlib: only imported when a figure is described.
"""

from collections.abc import Iterator
from typing import Any

from charts.drawing.describing import foreign
from charts.drawing.describing.attempts import attempt
from charts.drawing.describing.marks import floats
from charts.drawing.describing.wording import TITLE_LENGTH, plain

_ABOVE = 0.8  # of the figure's height: where headings are written


def panel_title(figure: Any, axes: Any) -> str:
    """Return a panel's title: its strips, its own titles, or that of the subfigure it is in."""
    part = axes.get_figure(root=False)
    subtitle = "" if part is figure else plain(part.get_suptitle(), TITLE_LENGTH)
    return foreign.panel_title(figure, axes) or axes_title(axes) or subtitle


def axes_title(axes: Any) -> str:
    """Return the axes' titles, left, centre and right, as one."""
    titles = [plain(axes.get_title(loc=place), TITLE_LENGTH) for place in ("left", "center", "right")]
    return " · ".join(filter(None, titles))


def figure_titles(figure: Any) -> tuple[str, str]:
    """Return the figure's title and subtitle, as they are set or written above the axes by hand."""
    title = plain(figure.get_suptitle(), TITLE_LENGTH) or foreign.title(figure)
    titled = bool(title) or any(axes_title(axes) for axes in figure.axes)
    written = attempt(_written_above, figure, default=[])
    if not titled and written:
        title, *written = written
    return title, written[0] if written else ""


def _written_above(figure: Any) -> list[str]:
    """Return the texts above the axes, at the left, the largest first; what is as large as another is a label."""
    texts = sorted(_texts_above(figure), key=lambda text: -text.get_fontsize())
    sizes = [text.get_fontsize() for text in texts]
    single = [text for text in texts if sizes.count(text.get_fontsize()) == 1]
    return [text for text in (plain(text.get_text(), TITLE_LENGTH) for text in single) if text]


def _texts_above(figure: Any) -> Iterator[Any]:
    own = {figure.get_suptitle(), figure.get_supxlabel(), figure.get_supylabel()}  # matplotlib keeps them there too
    for text in figure.texts:
        x, y = text.get_position()
        if text.get_text() not in own and y >= _ABOVE and x < 0.5 and text.get_transform() == figure.transFigure:
            yield text
    for axes in figure.axes:
        for text in axes.texts:
            place = _place_in_axes(text, axes)
            if place is not None and place[1] >= 1 and place[0] < 0.5:
                yield text


def _place_in_axes(text: Any, axes: Any) -> tuple[float, float] | None:
    """Return where a text or annotation hangs, as a fraction of the axes; None for one that hangs on data."""
    if getattr(text, "xycoords", None) == "axes fraction":
        x, y = floats(text.xy)
        return float(x), float(y)
    if text.get_transform() == axes.transAxes:
        x, y = floats(text.get_position())
        return float(x), float(y)
    return None


def loose_texts(figure: Any) -> list[str]:
    """Return everything written in the figure, for one that has nothing drawn in it."""
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [written for text in texts if text.get_visible() and (written := plain(text.get_text(), TITLE_LENGTH))]
