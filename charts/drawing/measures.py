"""How large words and plots will be, in points, before anything is laid out. Imported only when drawn."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from charts.drawing import colours

# What a plot's labels and margins usually take of its cell, in CSS pixels; a label of the y axis takes more.
_BESIDE, _LABEL, _AROUND = 80, 22, 0.76
_POINTS = 0.72  # to the CSS pixel
_READABLE = 4.5  # WCAG 2.2, 1.4.3


def width(words: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text, in points."""
    properties = FontProperties(size=size, weight=weight)
    measured, _, _ = text_to_path.get_text_width_height_descent(words, properties, ismath=False)
    return float(measured)


def line_height(size: float) -> float:
    """Return what a line of text takes, in points."""
    return 1.25 * size


def ascent(size: float) -> float:
    """Return how far capitals and figures rise over the baseline, in points."""
    return 0.76 * size


def wrapped(words: str, room: float, size: float, weight: str = "normal") -> Sequence[str]:
    """Return the words in lines no wider than `room` points, unless one word is."""
    done: list[str] = []
    for paragraph in words.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and width(longer, size, weight) > room:
                done.append(line)
                longer = word
            line = longer
        done.append(line)
    return done


def figure_width(ax: Axes) -> float:
    """Return the width of the figure in CSS pixels."""
    return float(ax.figure.get_figure(root=True).get_figwidth() * 100)


def room(ax: Axes) -> float:
    """Return about how wide the plot will be, in points: its cell less its labels and margins."""
    columns, whole = _columns(ax)
    beside = _BESIDE + (_LABEL if ax.get_ylabel() else 0)
    return float((figure_width(ax) * columns / whole - beside) * _POINTS)


def plot_height(ax: Axes) -> float:
    """Return about how high the plot will be, in points."""
    spec = ax.get_subplotspec()
    rows = len(spec.rowspan) / spec.get_gridspec().nrows if spec else ax.get_position().height
    return float(ax.figure.get_figure(root=True).get_figheight() * 72 * rows * _AROUND)


def _columns(ax: Axes) -> tuple[float, float]:
    spec = ax.get_subplotspec()
    return (len(spec.colspan), spec.get_gridspec().ncols) if spec else (ax.get_position().width, 1)


def readable(colour: str, background: str) -> str:
    """Return the colour, in the lightness nearest its own at which small text can be read."""
    lightness, chroma, hue = colours.oklch(colour)
    step = 0.01 if colours.contrast(background, "#ffffff") > colours.contrast(background, "#000000") else -0.01
    while colours.contrast(colour, background) < _READABLE and 0 < lightness + step < 1:
        lightness += step
        colour = colours.from_oklch(lightness, chroma, hue)
    return colour
