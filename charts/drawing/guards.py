"""Refuses what would hold the drawing lock for minutes, and says what in the figure it is.

Measured: a title of 100,000 characters 5 s, 5,000 bar categories 11 s, a MinuteLocator over ten years never.
matplotlib's own bound (`Locator.MAXTICKS`) only logs. Imported only when something is drawn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import category, dates, ticker
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

from charts.drawing import artists, text
from charts.exceptions import DrawError

MAX_LABELS = 2_000
# At about 0.1 ms each.
MAX_PATCHES = 20_000
# Steps of dateutil's rules, at 3 to 10 µs each, that may be walked to learn how many ticks they make.
_MAX_STEPS = 50_000


def check(figure: Figure) -> list[str]:
    """Clean the texts of a figure, refuse what cannot be drawn in reasonable time, and return the texts.

    Raises:
        DrawError: a text is too long, an axis has too many ticks, or there are too many texts or bars.
    """
    _check_patches(figure)
    texts: list[str] = []
    for artist in list(artists.walk(figure)):
        if isinstance(artist, Text):
            texts.append(_cleaned(artist))
        elif isinstance(artist, Axis):
            _check_axis(artist)
            texts += _categories(artist)
    _check_texts(figure)
    return texts


def _check_patches(figure: Figure) -> None:
    if (count := sum(len(axes.patches) for axes in figure.axes)) > MAX_PATCHES:
        raise DrawError(
            f"The chart has {count:,} bars or other patches, over the {MAX_PATCHES:,} that are drawn: use fewer"
            ' bins, hist(histtype="stepfilled") or fill_between().'
        )


def _check_texts(figure: Figure) -> None:
    written = (artist for artist in artists.walk(figure) if isinstance(artist, Text) and artist.get_visible())
    if (count := sum(bool(artist.get_text()) for artist in written)) > MAX_LABELS:
        raise DrawError(
            f"The chart has {count:,} texts, over the {MAX_LABELS:,} that are drawn: nobody reads so many;"
            " write at the marks that matter only."
        )


def _cleaned(artist: Text) -> str:
    value = artist.get_text()
    if (cleaned := text.drawable(value)) != value:
        artist.set_text(cleaned)
    return cleaned


def _categories(axis: Axis) -> list[str]:
    """Return what an axis of categories will say at its ticks, which are not there yet."""
    locator: Any = axis.major.locator
    return list(map(str, locator._units)) if isinstance(locator, category.StrCategoryLocator) else []


def _check_axis(axis: Axis) -> None:
    axes = axis.axes
    if not (axis.get_visible() and axes.axison and axes.get_visible()):
        return
    for ticks in (axis.major, axis.minor):
        if ticks.locator is not None:
            _check_count(axis, ticks.locator)


def _check_count(axis: Axis, locator: ticker.Locator) -> None:
    if isinstance(locator, dates.RRuleLocator):
        count = _rule_ticks(axis, locator)
        limit = locator.MAXTICKS
        way_out = "choose a coarser date locator"
    else:
        count = _ticks(axis, locator)
        limit = max(MAX_LABELS, locator.MAXTICKS)
        way_out = "show fewer categories (the largest, and one called Other), or set a locator with fewer ticks"
    if count > limit:
        raise DrawError(
            f"The {_name(axis)} would have {count:,.0f} ticks by its {type(locator).__name__},"
            f" over the {limit:,} that are drawn: {way_out}."
        )


def _ticks(axis: Axis, locator: Any) -> float:
    """Return about how many ticks a locator makes, or 0 for those that bound themselves."""
    low, high = sorted(axis.get_view_interval())
    if isinstance(locator, category.StrCategoryLocator):
        places = np.asarray(list(locator._units.values()))
        return int(np.count_nonzero((places >= low) & (places <= high)))
    if isinstance(locator, ticker.FixedLocator):
        return len(locator.tick_values(low, high))
    if isinstance(locator, ticker.LinearLocator):
        return locator.numticks or 0
    step = _step(locator)
    return (high - low) / step if step else 0


def _step(locator: Any) -> float:
    """Return the distance between the ticks of a locator that has one, else 0."""
    kind = type(locator)
    if issubclass(kind, ticker.MultipleLocator):
        return float(locator._edge.step)
    if issubclass(kind, ticker.IndexLocator):
        return float(locator._base)
    if issubclass(kind, dates.MicrosecondLocator):
        return float(locator._interval) / dates.MUSECONDS_PER_DAY
    return 0


def _rule_ticks(axis: Axis, locator: Any) -> float:
    """Return how many ticks a calendar rule makes: guessed if it is many, counted if it may be few.

    A rule walks its whole frequency from one view's width before the view on, also over days that its filters
    leave out, so the walk itself has to be bounded.
    """
    low, high = sorted(axis.get_view_interval())
    rule = locator.rule._rrule
    steps = (high - low) / (locator._get_unit() * max(rule._interval, 1))
    finer = np.prod([len(part) for part in _finer_parts(rule)] or [1])
    if 2 * steps > _MAX_STEPS:
        return float(steps * finer)
    return len(locator()) if steps * finer > locator.MAXTICKS else float(steps * finer)


def _finer_parts(rule: Any) -> Iterator[Any]:
    """Yield the parts by which one step of a rule is several ticks: `DayLocator` with `byhour=range(24)`."""
    parts = ("_byhour", "_byminute", "_bysecond")
    coarser_than = (dates.HOURLY, dates.MINUTELY, dates.SECONDLY)
    for part, frequency in zip(parts, coarser_than, strict=True):
        values = getattr(rule, part, None)
        if values and rule._freq < frequency:
            yield values


def _name(axis: Any) -> str:
    title = axis.axes.get_title("left") or axis.axes.get_title()
    label = axis.get_label_text()
    named = f" {text.quoted(label)}" if label else f" of {text.quoted(title)}" if title else ""
    return f"{axis.axis_name} axis{named}"


@contextmanager
def explained(figure: Figure) -> Iterator[None]:
    """Say which text it was when laying out or drawing fails because of one.

    Raises:
        DrawError: a text of the figure is no valid formula, or holds what no font can.
    """
    try:
        yield
    except DrawError:  # a ValueError, but one that says all
        raise
    except (ValueError, RecursionError, TypeError) as error:
        for artist in artists.walk(figure):
            if isinstance(artist, Text) and artist.get_visible() and not _parses(artist):
                raise DrawError(
                    f"The text {text.quoted(artist.get_text(), 80)} is no formula, as its $ signs say:"
                    ' escape "$" as r"\\$", or pass the text through charts.drawing.text.plain().'
                ) from error
        raise


def _parses(artist: Text) -> bool:
    from matplotlib.mathtext import MathTextParser

    try:
        for line in artist.get_text().split("\n"):
            cleaned, is_formula = artist._preprocess_math(line)  # type: ignore[attr-defined]
            if is_formula is True:
                MathTextParser("path").parse(cleaned, 72, artist.get_fontproperties())
    except (ValueError, RecursionError):
        return False
    return True
