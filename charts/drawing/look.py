"""What rcParams cannot say about the page of a picture: a toolbox for `draw`, on any matplotlib axes.

    def draw(self, figure, data):
        ax = figure.subplots()
        ax.plot(data.days, data.sales, label="Sales")
        look.title(ax, "Sales doubled in May", "Orders a day", source="Source: the till")
        look.people_numbers(ax.yaxis)

Call these last: they look at what is on the axes and at the figure's size. Imported only where it is drawn.
"""

import itertools
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.legend import Legend
from matplotlib.text import Annotation
from matplotlib.transforms import ScaledTranslation

from charts.drawing import measures
from charts.drawing.numbers import PeopleFormatter

SMALL = 480  # CSS pixels of width under which a picture says less
SUBTITLE_SIZE, SOURCE_SIZE = 10, 8.5
_SUBTITLE, _SOURCE, _ABOVE = "charts-subtitle", "charts-source", "charts-legend"
_GAP = 6  # points between what is stacked above the plot
_SMALLER = 0.88  # of the title's size in a small picture
_BETWEEN = 1.6  # font sizes between the entries of a legend


def title(ax: Axes, title: str, subtitle: str | None = None, source: str | None = None) -> None:
    """Set a title at the plot's left edge, wrapped, a subtitle under it and a source note below the plot.

    A subtitle that does not fit is set in two lines, or left out of a picture under `SMALL` pixels.

    Args:
        ax: the axes that the words belong to.
        title: the finding, where the author knows it.
        subtitle: measure and unit.
        source: where the numbers come from; small, bottom left.
    """
    room = measures.room(ax)
    size = _title_size(ax)
    ax.set_title("\n".join(measures.wrapped(title, room, size, "bold")), loc="left", fontsize=size)
    _remove(ax, _SUBTITLE, _SOURCE)
    if subtitle and (lines := _subtitle_lines(ax, subtitle, room)):
        place: dict[str, Any] = {"xy": (0, 1), "xycoords": "axes fraction", "textcoords": "offset points"}
        _annotate(ax, _SUBTITLE, "\n".join(lines), SUBTITLE_SIZE, xytext=(0, 0), va="bottom", **place)
    if source:
        _note_source(ax, source, room)
    _stack(ax)


def _title_size(ax: Axes) -> float:
    size = measures.points(mpl.rcParams["axes.titlesize"])
    return size if measures.figure_width(ax) >= SMALL else _SMALLER * size


def _subtitle_lines(ax: Axes, subtitle: str, room: float) -> Sequence[str]:
    small = measures.figure_width(ax) < SMALL
    lines = measures.wrapped(subtitle, room, SUBTITLE_SIZE)
    return lines if len(lines) <= (1 if small else 2) else ()


def _note_source(ax: Axes, source: str, room: float) -> None:
    """Set the note under all that the x axis has, wherever the layout puts that."""
    lines = measures.wrapped(source, room, SOURCE_SIZE)

    def below(renderer: Any) -> Any:
        return ax.xaxis.get_tightbbox(renderer) or ax.get_window_extent(renderer)

    place: dict[str, Any] = {
        "xy": (0, 0),
        "xycoords": ("axes fraction", below),
        "textcoords": "offset points",
    }
    _annotate(ax, _SOURCE, "\n".join(lines), SOURCE_SIZE, xytext=(0, -2 * _GAP), va="top", **place)


def _annotate(ax: Axes, gid: str, words: str, size: float, **options: Any) -> Annotation:
    colour = mpl.rcParams["axes.labelcolor"]
    return ax.annotate(words, fontsize=size, color=colour, ha="left", gid=gid, annotation_clip=False, **options)


def _remove(ax: Axes, *gids: str) -> None:
    for artist in [artist for artist in ax.texts if artist.get_gid() in gids]:
        artist.remove()


def _found(ax: Axes, gid: str) -> Any:
    return next((artist for artist in ax.texts if artist.get_gid() == gid), None)


def _stack(ax: Axes) -> None:
    """Put what is above the plot in order: legend, subtitle, title, from the plot upwards."""
    height = _legend_height(ax)
    if (subtitle := _found(ax, _SUBTITLE)) is not None:
        subtitle.set_position((0, height + _GAP))
        lines = subtitle.get_text().count("\n") + 1
        height += lines * measures.line_height(SUBTITLE_SIZE) + _GAP / 2
    if words := ax.get_title("left"):
        # Setting a title sets its looks anew; only its distance is to change.
        set_now: Any = ax._left_title  # type: ignore[attr-defined]
        kept = {"fontsize": set_now.get_fontsize(), "weight": set_now.get_weight(), "color": set_now.get_color()}
        ax.set_title(words, loc="left", pad=height + mpl.rcParams["axes.titlepad"], **kept)


def _legend_height(ax: Axes) -> float:
    legend = ax.get_legend()
    if legend is None or legend.get_gid() != _ABOVE:
        return 0
    rows = -(-len(legend.get_texts()) // legend._ncols)  # type: ignore[attr-defined]
    size = float(legend.get_texts()[0].get_fontsize())
    return float(rows * size + (rows - 1) * legend.labelspacing * size + _GAP)


def legend_above(ax: Axes, handles: Iterable[Any] | None = None, labels: Iterable[str] | None = None) -> Legend | None:
    """Set the legend above the plot, left, in one row (in more where there is no room), in the marks' order.

    Args:
        ax: the axes.
        handles, labels: as for `Axes.legend`; by default all labelled marks.

    Returns:
        None, and no legend, for a single series: its name belongs in the title.
    """
    found_handles, found_labels = ax.get_legend_handles_labels()
    handles = list(handles) if handles is not None else found_handles
    labels = list(labels) if labels is not None else found_labels
    if len(handles) < 2:
        return None
    size = measures.points(mpl.rcParams["legend.fontsize"])
    legend = ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        bbox_transform=ax.transAxes + ScaledTranslation(0, _GAP / 72, ax.figure.dpi_scale_trans),
        borderaxespad=0,
        borderpad=0,
        ncols=_columns(labels, measures.room(ax), size),
        frameon=False,
        columnspacing=_BETWEEN,
    )
    legend.set_gid(_ABOVE)
    _stack(ax)
    return legend


def _columns(labels: Sequence[str], room: float, size: float) -> int:
    """Return in how many columns the entries fit; a legend fills its columns from top to bottom."""
    handle = (mpl.rcParams["legend.handlelength"] + mpl.rcParams["legend.handletextpad"]) * size
    widths = [handle + measures.width(label, size) for label in labels]
    for columns in range(len(labels), 1, -1):
        total = sum(max(part) for part in np.array_split(widths, columns))
        if total + _BETWEEN * size * (columns - 1) <= room:
            return columns
    return 1


def label_ends(ax: Axes, names: Sequence[str] | None = None, size: float = 9) -> list[Annotation]:
    """Write each line's name at its right end, in its colour, nudged apart where ends meet.

    Args:
        ax: axes with lines, whose limits are final.
        names: one for each line; by default their labels, and lines without one are left out.
        size: in points.
    """
    lines = [line for line in ax.lines if names is not None or not str(line.get_label()).startswith("_")]
    named = zip(lines, names or [str(line.get_label()) for line in lines], strict=True)
    ends = [(name, line, end) for name, line in ((n, li) for li, n in named) if (end := _end(line)) is not None]
    heights = [_height(ax, end) for _, _, end in ends]
    background = to_hex(ax.get_facecolor())
    notes = []
    for (name, line, end), height, place in zip(
        ends, heights, _apart(heights, measures.line_height(size)), strict=True
    ):
        colour = measures.readable(to_hex(line.get_color()), background)
        note = ax.annotate(
            name,
            end,
            xytext=(_GAP, place - height),
            textcoords="offset points",
            va="center",
            fontsize=size,
            color=colour,
            annotation_clip=False,
        )
        notes.append(note)
    return notes


def _end(line: Any) -> tuple[float, float] | None:
    """Return a line's last point that is drawn."""
    parts: Any = line.get_data(orig=False)
    x, y = (_floats(part) for part in parts)
    drawn = np.nonzero(np.isfinite(x) & np.isfinite(y))[0]
    return (float(x[drawn[-1]]), float(y[drawn[-1]])) if len(drawn) else None


def _floats(values: Any) -> Any:
    return np.ma.filled(np.ma.asarray(values, float), np.nan)


def _height(ax: Axes, end: tuple[float, float]) -> float:
    """Return about how many points above the plot's bottom a place will be, once the layout is done."""
    box = ax.get_window_extent()
    part = (ax.transData.transform(end)[1] - box.y0) / box.height
    return float(part * measures.plot_height(ax))


def _apart(heights: Sequence[float], distance: float) -> list[float]:
    """Return the heights moved as little as it takes to be `distance` apart, in the same order.

    Least squares under an order is pooling adjacent violators: places that are too close share their mean.
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    groups: list[tuple[float, int]] = []  # sum of the heights, each less its place in the stack; how many
    for place, index in enumerate(order):
        groups.append((heights[index] - place * distance, 1))
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            (upper, more), (lower, count) = groups.pop(), groups.pop()
            groups.append((lower + upper, count + more))
    bases = itertools.chain.from_iterable([total / count] * count for total, count in groups)
    placed = [0.0] * len(heights)
    for place, (index, base) in enumerate(zip(order, bases, strict=True)):
        placed[index] = base + place * distance
    return placed


def baseline_labels(ax: Axes) -> None:
    """Set all labels of the x axis on one baseline.

    Top alignment, matplotlib's, sets "Feb" and "Jul" a pixel lower than "Jan".
    """
    size = measures.points(mpl.rcParams["xtick.labelsize"])
    ax.tick_params(axis="x", pad=mpl.rcParams["xtick.major.pad"] + measures.ascent(size))
    # Ticks that are made later take over what the first one has.
    for tick in ax.xaxis.get_major_ticks(max(1, len(ax.xaxis.majorTicks))):
        tick.label1.set_verticalalignment("baseline")


def people_numbers(axis: Axis, unit: str = "", *, share: bool = False) -> PeopleFormatter:
    """Write an axis's numbers as people do: 12k, 1.5m, 38 %.

    Args:
        axis: `ax.xaxis` or `ax.yaxis`.
        unit: written once, at the axis's last number: "€" before it, all others after it.
        share: numbers from 0 to 1 as percent.
    """
    formatter = PeopleFormatter(unit, share=share)
    axis.set_major_formatter(formatter)
    return formatter


def fewer_ticks(ax: Axes) -> None:
    """Give a small picture as many ticks as it has room for; dates too, whose locator does not look at it."""
    from matplotlib import ticker

    dates: Any = import_module("matplotlib.dates")  # untyped

    # With fewer than five, AutoDateLocator finds no interval for some ranges, and warns.
    count = max(5, int(measures.room(ax) / 48))
    locator = ax.xaxis.get_major_locator()
    if isinstance(locator, dates.AutoDateLocator):
        fewer = dates.AutoDateLocator(minticks=2, maxticks=count)
        ax.xaxis.set_major_locator(fewer)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(fewer))
    elif isinstance(locator, ticker.MaxNLocator):
        ax.xaxis.set_major_locator(ticker.MaxNLocator(nbins=min(count, 9), steps=[1, 2, 2.5, 5, 10]))
