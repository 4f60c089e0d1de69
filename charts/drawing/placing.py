"""Where words stand: the labels of an x axis on one baseline, titles within the picture.

matplotlib's alignment at the top sets "Feb" a pixel lower than "Jan", and its layouts do not know how wide a title is.
Only what still is as matplotlib made it is moved, and it is put back afterwards: the hook may keep the figure. Imported
only when something is drawn.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis
from matplotlib.category import StrCategoryFormatter
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.ticker import FixedFormatter, FixedLocator, PercentFormatter, ScalarFormatter

from charts.drawing import measures, sizes
from charts.drawing.numbers import PeopleFormatter

_MARGIN = 0.02  # of the picture's width, at both sides
_POINTS = 72 / sizes.DPI


@contextmanager
def before_layout(figure: Figure) -> Iterator[None]:
    """Level the labels of x axes and wrap titles that are wider than their place, while the block runs."""
    engine = figure.get_layout_engine()
    with ExitStack() as undo:
        for axes in figure.axes:
            _level_labels(axes, undo)
            # Without a layout there is no room for a second line.
            if not (engine is None or isinstance(engine, PlaceHolderLayoutEngine)):
                _wrap_titles(axes, undo)
        yield


@contextmanager
def after_layout(figure: Figure) -> Iterator[None]:
    """Move titles that stick out of the picture into it, as far as that goes, while the block runs."""
    with ExitStack() as undo:
        for axes in figure.axes:
            for title in _titles(axes):
                _move_in(title, axes, undo)
        yield


def _level_labels(axes: Axes, undo: ExitStack) -> None:
    axis: Any = axes.xaxis
    if axes.name != "rectilinear" or type(axis) is not XAxis:
        return
    for which, ticker, get_ticks in (
        ("major", axis.major, axis.get_major_ticks),
        ("minor", axis.minor, axis.get_minor_ticks),
    ):
        made = vars(axis).get(f"{which}Ticks", ())
        # `set_xticks(places, labels)` writes them at ticks.
        written = [words for tick in made if (words := tick.label1.get_text())]
        if _is_of_one_line(ticker.formatter, written if isinstance(ticker.locator, FixedLocator) else ()):
            # Ticks that are made later take over what the first one has.
            ticks = get_ticks(max(1, len(made)))
            if all(_hangs(tick) for tick in ticks):
                _level(axes, which, ticks, undo)


def _is_of_one_line(formatter: Any, written: Sequence[str]) -> bool:
    """Say whether a formatter is known to write labels of one line: of several, the last one's baseline counts."""
    if isinstance(formatter, ScalarFormatter | PercentFormatter | PeopleFormatter):
        return True
    words: Any = written or ("\n",)
    if isinstance(formatter, FixedFormatter):
        words = formatter.seq
    elif isinstance(formatter, StrCategoryFormatter):
        words = formatter._units
    elif isinstance(formatter, ConciseDateFormatter):
        words = (*formatter.formats, *formatter.zero_formats)
    elif isinstance(formatter, AutoDateFormatter):
        words = formatter.scaled.values()
    elif isinstance(formatter, DateFormatter):
        words = (formatter.fmt,)
    return not any("\n" in str(word) for word in words)


def _hangs(tick: Any) -> bool:
    """Say whether a tick's label hangs from the axis, as matplotlib made it, and none stands on its other side."""
    label = tick.label1
    is_lower = label.get_verticalalignment() == "top" and label.get_rotation() == 0
    return bool(is_lower and not tick.label2.get_visible())


def _level(axes: Axes, which: Any, ticks: Any, undo: ExitStack) -> None:
    pad = ticks[0].get_pad()
    size = ticks[0].label1.get_fontsize()
    axes.tick_params(axis="x", which=which, pad=pad + measures.ascent(size))
    undo.callback(_set_alignment, axes, which, "top")
    undo.callback(axes.tick_params, axis="x", which=which, pad=pad)
    _set_alignment(axes, which, "baseline")


def _set_alignment(axes: Axes, which: str, alignment: Any) -> None:
    for tick in vars(axes.xaxis).get(f"{which}Ticks", ()):
        tick.label1.set_verticalalignment(alignment)


def _titles(axes: Any) -> Iterator[Any]:
    if axes.get_visible():
        for title in (axes._left_title, axes.title, axes._right_title):
            if title.get_visible() and title.get_text().strip():
                yield title


def _wrap_titles(axes: Axes, undo: ExitStack) -> None:
    whole: Any = axes.figure
    room = whole.bbox.width * (_share(axes) - 2 * _MARGIN)
    for title in _titles(axes):
        words = title.get_text()
        # A formula cannot be taken apart.
        if "$" not in words and title.get_window_extent().width > room:
            lines = measures.wrapped(words, room * _POINTS, title.get_fontsize(), title.get_fontweight())
            title.set_text("\n".join(lines))
            undo.callback(title.set_text, words)


def _share(axes: Axes) -> float:
    """Return which part of its figure's width an axes' columns are."""
    spec = axes.get_subplotspec()
    if spec is None:
        return 1
    whole = spec.get_topmost_subplotspec()
    grid: Any = whole.get_gridspec()
    ratios = grid.get_width_ratios() or [1] * grid.ncols
    return float(sum(ratios[place] for place in whole.colspan) / sum(ratios))


def _move_in(title: Any, axes: Any, undo: ExitStack) -> None:
    page, spec = axes.figure.bbox, axes.get_subplotspec()
    margin = _MARGIN * page.width
    # What is at the left of other columns is another axes' place.
    is_first = spec is None or spec.get_topmost_subplotspec().colspan.start == 0
    left = page.x0 + margin if is_first else axes.bbox.x0
    words = title.get_window_extent()
    move = min(page.x1 - margin - words.x1, 0)
    move += max(left - words.x0 - move, 0)
    if abs(move) >= 1:
        x = title.get_position()[0]
        title.set_x(x + move / axes.bbox.width)
        undo.callback(title.set_x, x)
