"""Read the numbers back out of what matplotlib has drawn, one kind of artist at a time.

Only looks at artists of a figure that exists, so matplotlib is imported already where anything here runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Any

from django.utils.translation import pgettext

from charts.tables.arrays import plain_list
from charts.tables.scales import cells, is_dated, names_places, whole
from charts.tables.table import is_missing

# A heatmap of more cells than this is a picture, not a table.
MAX_CELLS = 10_000


@dataclass(frozen=True)
class Series:
    """Hold one column of values and what each belongs to.

    Attributes:
        name: what the artist is called; empty if nobody named it.
        measure: what the axis or colour bar says that the values are read on.
        keys: the names of the columns that say what a value belongs to; empty ones are named by what is in them.
        points: pairs of (what it belongs to, a cell for each of ``keys``) and value.
    """

    name: str
    measure: str
    keys: tuple[str, ...]
    points: list[tuple[tuple[Any, ...], Any]]


def read_axes(axes: Any) -> list[Series]:
    """Read all data that an axes shows: no reference lines, no decoration."""
    containers = list(_containers(axes))
    taken = {id(line) for container in axes.containers for line in _lines_of(container)}
    unnamed = [line for line in axes.lines if line.get_label() == "_nolegend_" and id(line) not in taken]
    lines = [
        _line(axes, line)
        for line in axes.lines
        # Lines nobody names in a legend and nothing holds are a box plot's; its boxes come with them.
        if id(line) not in taken and not (unnamed and line.get_label().startswith("_")) and _is_data(axes, line)
    ]
    areas = list(_collections(axes, bool(lines)))
    filled = {area.name for area in areas if area.points}  # a line of the same name is the upper edge of an area
    lines = [line for line in lines if not line.name or line.name not in filled]
    found = [*containers, *lines, *_patches(axes), *areas, *_images(axes)]
    return [series for series in found if any(not is_missing(value) for _, value in series.points)]


def name_of(axes: Any, artist: Any) -> str:
    """Give an artist's label, or what the legend says to its colour: seaborn and pandas make their legends so."""
    label = str(artist.get_label() or "")
    if label and not label.startswith("_"):
        return label
    legend = axes.get_legend()
    colour = _colour(artist)
    if legend is None or colour is None:
        return ""
    texts = zip(legend.legend_handles, legend.get_texts(), strict=False)
    return next((text.get_text() for handle, text in texts if _colour(handle) == colour), "")


def _colour(artist: Any) -> str | None:
    from matplotlib.colors import to_hex

    artist = artist[0] if isinstance(artist, tuple) and artist else artist  # a container
    colour: Any = artist.get_color() if hasattr(artist, "get_color") else getattr(artist, "get_facecolor", str)()
    try:
        return to_hex(colour)
    except (TypeError, ValueError):
        return to_hex(colour[0]) if len(colour) == 1 else None


def _lines_of(container: Any) -> list[Any]:
    """Give the lines that a container of error bars or of stems holds: that of its data first, if there is one."""
    if hasattr(container, "markerline"):
        return [container.markerline, container.baseline]
    line, caps, *_ = getattr(container, "lines", (None, ()))
    return [line, *caps]


def _containers(axes: Any) -> Iterator[Series]:
    edges = _shared_edges(axes)
    for container in axes.containers:
        if hasattr(container, "patches"):
            yield _bars(axes, container, edges.get(id(container)))
        elif (line := _lines_of(container)[0]) is not None:
            yield replace(_line(axes, line), name=name_of(axes, container) or name_of(axes, line))


def _is_data(axes: Any, line: Any) -> bool:
    """Say whether a line is in data coordinates; axhline and its kin are not, in one of the two."""
    transform = line.get_transform()
    in_data = all(transform.contains_branch_seperately(axes.transData))
    return bool(in_data and line.get_visible() and len(line.get_xdata()))


def _line(axes: Any, line: Any) -> Series:
    """Read a line as it was given: dates, texts and decimals are still there."""
    x, y = (plain_list(values) for values in line.get_data(orig=True))
    if x is None or y is None or len(x) != len(y):
        x, y = (values.tolist() for values in line.get_data(orig=False))
    return _series(axes, name_of(axes, line), x, cells(axes.yaxis, y))


def _series(axes: Any, name: str, x: Sequence[Any], y: Sequence[Any]) -> Series:
    points = [((key,), value) for key, value in zip(cells(axes.xaxis, x), y, strict=True)]
    return Series(name, label_of(axes, "y"), (label_of(axes, "x"),), points)


def label_of(axes: Any, letter: str) -> str:
    """Give an axis' label, or that of an axes which shares it: only the outer ones of a grid have labels."""
    siblings = getattr(axes, f"get_shared_{letter}_axes")().get_siblings(axes)
    found = [getattr(axes, f"get_{letter}label")() for axes in [axes, *siblings]]
    return next((label for label in found if label), "")


def _shared_edges(axes: Any) -> dict[int, list[float]]:
    """Give the edges of the bins of each container that is a histogram: alone, or side by side with others."""
    alone: dict[int, list[float]] = {}
    beside: list[Any] = []
    for container in axes.containers:
        if hasattr(container, "patches") and len(container.patches) > 1:
            edges = _edges(axes, [container])
            beside += [] if edges else [container]
            alone |= {id(container): edges} if edges else {}
    edges = _edges(axes, beside) if len({container.orientation for container in beside}) == 1 else None
    return alone | ({id(container): edges for container in beside} if edges else {})


def _edges(axes: Any, containers: Sequence[Any]) -> list[float] | None:
    """Give the edges of the bins in which the bars of containers stand, ``None`` if they stand at places."""
    import numpy as np

    from charts.drawing.describing.bins import at_whole_numbers, gathered, touching

    sides = [np.array(_sides(container), dtype=float) for container in containers]
    lefts, rights = [part[:, 0] for part in sides], [part.sum(axis=1) for part in sides]
    axis = axes.yaxis if containers[0].orientation == "horizontal" else axes.xaxis
    edges = touching(lefts[0], rights[0]) if len(sides) == 1 else None
    if edges is None:
        edges = None if names_places(axis, ((lefts[0] + rights[-1]) / 2).tolist()) else gathered(lefts, rights)
    elif at_whole_numbers(edges) or names_places(axis, ((edges[1:] + edges[:-1]) / 2).tolist()):
        return None
    if edges is None:
        return None
    digits = 10 - int(np.floor(np.log10(np.abs(np.diff(edges)).min() or 1)))  # beyond is noise of adding widths up
    return list((np.round(edges, digits) + 0.0).tolist())  # no -0.0


def _sides(container: Any) -> list[tuple[float, float]]:
    """Give where each bar begins along its axis, and how wide it is."""
    lying = container.orientation == "horizontal"
    return [(bar.get_y(), bar.get_height()) if lying else (bar.get_x(), bar.get_width()) for bar in container.patches]


def _bars(axes: Any, container: Any, edges: Sequence[float] | None) -> Series:
    """Read bars by category, or by the edges of their bins if they have some."""
    lying = container.orientation == "horizontal"
    axis, letter, other = (axes.yaxis, "y", "x") if lying else (axes.xaxis, "x", "y")
    values = container.datavalues
    if values is None:
        values = [bar.get_width() if lying else bar.get_height() for bar in container.patches]
    values = whole(plain_list(values) or [])
    name, measure, label = _bars_name(axes, container), label_of(axes, other), label_of(axes, letter)
    if edges is not None:
        return _bins(name, measure, label, cells(axis, edges) if is_dated(axis) else edges, values)
    keys = cells(axis, _places(_sides(container)))
    return Series(name, measure, (label,), [((key,), value) for key, value in zip(keys, values, strict=False)])


def _bars_name(axes: Any, container: Any) -> str:
    """Give the name of bars; hist writes it on the first of them, where bar may have one on each."""
    labels = [str(patch.get_label() or "_") for patch in container.patches]
    on_first = labels and not labels[0].startswith("_") and all(label.startswith("_") for label in labels[1:])
    return name_of(axes, container) or (labels[0] if on_first and len(labels) > 1 else "")


def _places(bars: Sequence[tuple[float, float]]) -> list[float]:
    """Give the middles of bars; where they begin, if only those are whole: bars can be aligned at their edges."""
    starts, centres = [float(start) for start, _ in bars], [float(start + width / 2) for start, width in bars]
    aligned = all(start.is_integer() for start in starts) and not any(centre.is_integer() for centre in centres)
    return starts if aligned else centres


def _bins(name: str, measure: str, label: str, edges: Sequence[Any], values: Sequence[Any]) -> Series:
    names = tuple(f"{label} {word}".strip() for word in (pgettext("heading", "from"), pgettext("heading", "to")))
    points = zip(pairwise(whole(list(edges))), values, strict=False)
    return Series(name, measure or pgettext("heading", "count"), names, list(points))


def _patches(axes: Any) -> Iterator[Series]:
    for patch in axes.patches:
        if hasattr(patch, "get_data"):  # stairs
            values, edges, _ = patch.get_data()
            values, labels = whole(values.tolist()), (label_of(axes, "y"), label_of(axes, "x"))
            yield _bins(name_of(axes, patch), *labels, edges.tolist(), values)
    wedges = [patch for patch in axes.patches if hasattr(patch, "theta1")]
    for radius in dict.fromkeys(wedge.r for wedge in wedges):
        yield _pie(axes, [wedge for wedge in wedges if wedge.r == radius])


def _pie(axes: Any, wedges: Sequence[Any]) -> Series:
    """Read a ring of a pie as shares of a whole; to six digits, for matplotlib keeps angles as short floats."""
    legend = axes.get_legend()
    texts = [text.get_text() for text in legend.get_texts()] if legend else []
    labels = [str(wedge.get_label()) for wedge in wedges]
    if len(texts) == len(wedges) and all(label.startswith("_") or not label for label in labels):
        labels = texts
    shares = [round(float(abs(wedge.theta2 - wedge.theta1)) / 360, 6) for wedge in wedges]
    points = [(("" if label.startswith("_") else label,), share) for label, share in zip(labels, shares, strict=True)]
    return Series("", pgettext("heading", "share"), ("",), points)


def _collections(axes: Any, beside_lines: bool) -> Iterator[Series]:
    fills: list[_Fill] = []
    for collection in axes.collections:
        kind = type(collection).__name__
        if kind == "FillBetweenPolyCollection":
            fills.append(_Fill.of(collection))
        elif kind == "QuadMesh":
            yield from _mesh(axes, collection)
        elif kind == "PathCollection" or (kind == "PolyCollection" and _is_hexbin(collection)):
            yield from _scatter(axes, collection)
    for fill in filter(attrgetter("x"), fills):
        if not fill.is_violin() and not (beside_lines and fill.is_shade(axes)):
            yield from fill.series(axes, stacked=any(fill.stands_on(other) for other in fills))


def _is_hexbin(collection: Any) -> bool:
    values = collection.get_array()
    return values is not None and 1 < len(values) == len(collection.get_offsets()) <= MAX_CELLS


@dataclass(frozen=True)
class _Fill:
    """Hold the outline of an area between two curves."""

    artist: Any
    x: list[float]
    low: list[float]
    high: list[float]

    @classmethod
    def of(cls, artist: Any) -> "_Fill":
        """Read the outline as fill_between makes it: start, first curve, end, second curve backwards, start."""
        x: list[float] = []
        low: list[float] = []
        high: list[float] = []
        along = 1 if artist.t_direction == "y" else 0
        for path in artist.get_paths():
            points = path.vertices
            count = (len(points) - 3) // 2
            x += points[1 : count + 1, along].tolist()
            low += points[1 : count + 1, 1 - along].tolist()
            high += points[count + 2 : 2 * count + 2, 1 - along][::-1].tolist()
        return cls(artist, x, *sorted([low, high], key=sum))

    def is_shade(self, axes: Any) -> bool:
        """Say whether this only shades the space under a line: nobody named it, and it stands on one level."""
        return not name_of(axes, self.artist) and len(set(self.low)) == 1

    def is_violin(self) -> bool:
        """Say whether this shows how often values are: the same outline to both sides of its place."""
        return (
            self.artist.t_direction == "y"
            and len({_unrounded(a + b) for a, b in zip(self.low, self.high, strict=True)}) == 1
        )

    def stands_on(self, other: "_Fill") -> bool:
        return self is not other and self.low == other.high

    def series(self, axes: Any, *, stacked: bool) -> Iterator[Series]:
        """Give the height of an area that stands on zero or on another, else both of its edges."""
        letter, other = ("y", "x") if self.artist.t_direction == "y" else ("x", "y")
        axis = axes.yaxis if letter == "y" else axes.xaxis
        keys = [(key,) for key in cells(axis, self.x)]
        name, labels = name_of(axes, self.artist), (label_of(axes, other), (label_of(axes, letter),))
        if stacked or set(self.low) == {0}:
            heights = [_unrounded(high - low) for high, low in zip(self.high, self.low, strict=True)]
            yield Series(name, *labels, list(zip(keys, whole(heights), strict=True)))
            return
        for edge, values in ((pgettext("heading", "low"), self.low), (pgettext("heading", "high"), self.high)):
            yield Series(f"{name} {edge}".strip(), *labels, list(zip(keys, whole(values), strict=True)))


def _unrounded(value: float) -> float:
    """Take off the noise of adding up and subtracting again."""
    return float(f"{value:.12g}")


def _scatter(axes: Any, collection: Any) -> Iterator[Series]:
    """Read points, and what their colours stand for if that is a number."""
    offsets = collection.get_offsets()
    x, y = (column.tolist() for column in offsets.T)
    name = name_of(axes, collection)
    yield _series(axes, name, x, cells(axes.yaxis, y))
    colours = collection.get_array()
    if colours is not None and len(colours) == len(x):
        yield _series(axes, _scale_name(collection) or pgettext("heading", "colour"), x, whole(colours.tolist()))


def _scale_name(artist: Any) -> str:
    """Give the label of an artist's colour bar."""
    bar = getattr(artist, "colorbar", None)
    return (bar.ax.get_ylabel() or bar.ax.get_xlabel()) if bar is not None else ""


def _mesh(axes: Any, mesh: Any) -> Iterator[Series]:
    """Read the cells of pcolormesh by their left and lower edges, where an axis has its ticks."""
    values, corners = mesh.get_array(), mesh.get_coordinates()
    if values.ndim != 2:
        return
    rows, columns = values.shape
    step_x, step_y = corners[0, : columns + 1, 0], corners[: rows + 1, 0, 1]
    if corners.shape[0] > rows:
        step_x, step_y = _centres(axes.xaxis, step_x), _centres(axes.yaxis, step_y)
    yield from _grid(axes, mesh, step_x, step_y)


def _centres(axis: Any, edges: Any) -> Any:
    """Give the middles of cells; their edges if those are whole numbers that nothing else is known of."""
    centres = (edges[1:] + edges[:-1]) / 2
    plain = axis.get_converter() is None and cells(axis, centres.tolist()) == centres.tolist()
    return edges[:-1] if plain and all(float(edge).is_integer() for edge in edges) else centres


def _images(axes: Any) -> Iterator[Series]:
    for image in axes.images:
        values = image.get_array()
        if values is None or values.ndim != 2:  # a photograph has colours, not numbers
            continue
        rows, columns = values.shape
        left, right, bottom, top = image.get_extent()
        first, last = (top, bottom) if image.origin == "upper" else (bottom, top)
        x = [left + (column + 0.5) * (right - left) / columns for column in range(columns)]
        y = [first + (row + 0.5) * (last - first) / rows for row in range(rows)]
        yield from _grid(axes, image, x, y)


def _grid(axes: Any, artist: Any, x: Any, y: Any) -> Iterator[Series]:
    """Read a heatmap as one row for each of its cells that has a value."""
    values = artist.get_array()
    if values.size > MAX_CELLS:
        return
    columns, rows = cells(axes.xaxis, list(map(float, x))), cells(axes.yaxis, list(map(float, y)))
    flat = whole([value for line in values.tolist() for value in line])
    keys = [(row, column) for row in rows for column in columns]
    points = [(key, value) for key, value in zip(keys, flat, strict=True) if not is_missing(value)]
    names = (label_of(axes, "y") or pgettext("heading", "row"), label_of(axes, "x") or pgettext("heading", "column"))
    yield Series("", _scale_name(artist), names, points)
