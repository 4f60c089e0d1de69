"""Make one table of all that a figure shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import chain
from typing import Any

from django.utils.translation import pgettext

from charts.tables.artists import Series, read_axes
from charts.tables.table import Table, from_columns, names_for, outer_join


def from_figure(figure: Any) -> Table | None:
    """Read the rows behind a drawn matplotlib figure; ``None`` if it shows no data that can be read.

    Reads lines, bars, histograms, points, areas, error bars, stems, pies, heatmaps (to 10,000 cells) and drawn tables,
    from dates and categories back to what was given. Series that belong to the same x share rows; where panels have
    different x axes, each has columns of its own. Headings come from labels, legends and titles. Reference lines, box
    plots and what is drawn in three dimensions are left out: for those, define ``get_table()``.
    """
    panels = _panels(figure)
    titles = [_title(panel) if len(panels) > 1 else "" for panel in panels]
    shown = [(axes, _named(axes, title)) for panel, title in zip(panels, titles, strict=True) for axes in panel]
    named = [series for _, found in shown for series in found]
    groups: dict[tuple[str, ...], list[Series]] = {}
    for series in named:
        groups.setdefault(series.keys, []).append(series)
    blocks = [_block(group) for group in groups.values()]
    blocks += [block for axes, found in shown if not found for block in _written(axes)]
    if not blocks:
        return None
    return _beside(blocks)


def _panels(figure: Any) -> list[list[Any]]:
    """Give the axes that show data; those in one place, as two y axes are, together."""
    panels: dict[tuple[Any, ...], list[Any]] = {}
    for axes in figure.axes:
        if axes.get_visible() and _is_panel(axes):
            place = axes.get_position(original=True).extents.round(6).tolist()
            panels.setdefault((id(axes.get_figure(root=False)), *place), []).append(axes)
    return list(panels.values())


def _title(panel: Sequence[Any]) -> str:
    titles = [axes.get_title(loc=place) for axes in panel for place in ("center", "left", "right")]
    return next(filter(None, titles), "")


def _is_panel(axes: Any) -> bool:
    """Say whether an axes shows data of its own that can be read: colour bars do not, three dimensions cannot."""
    return axes.get_label() != "<colorbar>" and not hasattr(axes, "_colorbar") and axes.name != "3d"


def _named(axes: Any, title: str) -> list[Series]:
    """Read an axes, and name what has no name: by its axis, by the panel's title, else "value"."""
    found = read_axes(axes)
    named = []
    for series in found:
        own = series.name.removesuffix(" (right)") if hasattr(axes, "left_ax") else series.name  # pandas adds that
        name = own or (series.measure if len(found) == 1 or not title else "")
        *keys, value = _names(series)
        named.append(replace(series, name=": ".join(filter(None, [title, name])) or value, keys=tuple(keys)))
    return named


def _names(series: Series) -> list[str]:
    """Name the columns of keys, and the values, by what is in them where an axis has no label."""
    columns = list(zip(*(key for key, _ in series.points), strict=True))
    by_kind = [names_for([column, [0]]) for column in columns]
    keys = [name or key for name, (key, _) in zip(series.keys, by_kind, strict=True)]
    return [*keys, by_kind[0][1] if len(columns) == 1 else pgettext("heading", "value")]


def _block(group: Sequence[Series]) -> tuple[list[str], list[list[Any]]]:
    """Put series that belong to the same side by side."""
    keys, columns = outer_join(dict(enumerate(map(_timed, group))))
    names = [*group[0].keys, *(series.name for series in group)]
    return names, [*map(list, zip(*keys, strict=True)), *columns]


def _written(axes: Any) -> Iterator[tuple[list[str], list[list[Any]]]]:
    """Give the texts of tables that were drawn as such; beside other data they only repeat it."""
    from charts.drawing.describing.sheets import read_cells

    for table in axes.tables:
        headings, rows = read_cells(table)
        if table.get_visible() and rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            yield [own or name for own, name in zip(headings, names_for(columns), strict=True)], columns


def _timed(series: Series) -> list[tuple[tuple[Any, ...], Any]]:
    """Give a series' points with days as times, if it has any."""
    if not any(issubclass(kind, date) for kind in {type(part) for key, _ in series.points for part in key}):
        return series.points
    return [(tuple(map(_as_time, key)), value) for key, value in series.points]


def _as_time(key: Any) -> Any:
    """Give days as the times at which they begin, so that series of both meet."""
    if hasattr(key, "to_pydatetime"):
        return key.to_pydatetime()
    if isinstance(key, date) and not isinstance(key, datetime):
        return datetime.combine(key, time.min)
    return key


def _beside(blocks: Sequence[tuple[list[str], list[list[Any]]]]) -> Table | None:
    """Put blocks in columns of their own, each below the one before."""
    heights = [len(columns[0]) for _, columns in blocks]
    columns = [
        [None] * sum(heights[:index]) + column + [None] * sum(heights[index + 1 :])
        for index, (_, block) in enumerate(blocks)
        for column in block
    ]
    return from_columns(_numbered(list(chain.from_iterable(names for names, _ in blocks))), columns)


def _numbered(names: list[str]) -> list[str]:
    """Tell headings apart that are the same."""
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        numbered.append(f"{name} {seen[name]}" if names.count(name) > 1 else name)
    return numbered
