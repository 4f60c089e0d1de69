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


def points(size: float | str) -> float:
    """Return a font size in points, also of one that is given as a word ("large")."""
    return float(FontProperties(size=size).get_size_in_points())


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
    """Return the words in as few lines as `room` points allow, about equally long; no word is cut."""
    lines: list[str] = []
    for paragraph in words.split("\n"):
        parts = paragraph.split()
        widths = [width(part, size, weight) for part in parts]
        lines += _even(parts, widths, room, width("n n", size, weight) - width("nn", size, weight))
    return lines


def _even(parts: Sequence[str], widths: Sequence[float], room: float, space: float) -> Sequence[str]:
    """Return the lines of the narrowest column that takes no more lines than the widest: no widows."""
    lines = narrower = _filled(parts, widths, room, space)
    while len(narrower) == len(lines) > 1 and room > max(widths):
        lines, room = narrower, 0.97 * room
        narrower = _filled(parts, widths, room, space)
    return lines


def _filled(parts: Sequence[str], widths: Sequence[float], room: float, space: float) -> Sequence[str]:
    lines, taken = [""], 0.0
    for part, wide in zip(parts, widths, strict=True):
        if lines[-1] and taken + space + wide > room:
            lines.append("")
        taken = taken + space + wide if lines[-1] else wide
        lines[-1] = f"{lines[-1]} {part}".strip()
    return lines


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
