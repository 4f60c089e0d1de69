"""Walks what is in a figure without asking any axis for its ticks, which may be what takes for ever.

Imported only when something is drawn.
"""

from collections.abc import Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.table import Cell


def walk(artist: Artist) -> Iterator[Artist]:
    """Yield all that is in an artist, at any depth; of an axis, its label and the ticks it has already."""
    for child in _children(artist):
        yield child
        if type(child).get_children is not Artist.get_children:
            yield from walk(child)
        elif isinstance(child, Cell):
            yield child.get_text()


def _children(artist: Artist) -> list[Any]:
    if not isinstance(artist, Axis):
        return artist.get_children()
    # `majorTicks` makes a tick when it is first asked for, and get_children() as many as the locator says.
    made = vars(artist)
    return [artist.label, artist.offsetText, *made.get("majorTicks", ()), *made.get("minorTicks", ())]


def has_ink(figure: Figure) -> bool:
    """Say whether anything is on a figure, be it an axes without data."""
    return any(_axes_show(axes) for axes in figure.axes) or _has_ink_outside_axes(figure)


def has_data(figure: Figure) -> bool:
    """Say whether anything but frames and titles of axes is on a figure."""
    return any(axes.get_visible() and _axes_hold(axes) for axes in figure.axes) or _has_ink_outside_axes(figure)


def _has_ink_outside_axes(figure: Figure) -> bool:
    background = {figure.patch, *(part.patch for part in _subfigures(figure))}
    return any(
        artist not in background and not _is_container(artist) and artist.get_visible() and _says(artist)
        for artist in walk_outside_axes(figure)
    )


def walk_outside_axes(figure: Any) -> Iterator[Artist]:
    """Yield the figure's own artists and its subfigures', not those in axes."""
    for child in figure.get_children():
        if child in figure.axes:
            continue
        yield child
        if child in figure.subfigs:
            yield from walk_outside_axes(child)


def _subfigures(figure: Any) -> Iterator[Any]:
    for part in figure.subfigs:
        yield part
        yield from _subfigures(part)


def _is_container(artist: Artist) -> bool:
    return hasattr(artist, "subfigs")


def _says(artist: Artist) -> bool:
    get_text = getattr(artist, "get_text", None)
    return get_text is None or bool(get_text().strip())


def _axes_show(axes: Axes) -> bool:
    """Say whether an axes has a frame, data or words; `axis("off")` leaves nothing of an empty one."""
    if not axes.get_visible():
        return False
    words = (axes.get_title("left"), axes.get_title(), axes.get_title("right"))
    return bool(axes.axison or _axes_hold(axes) or any(words))


def _axes_hold(axes: Axes) -> bool:
    """Say whether an axes has marks, words within it, or axes of its own."""
    return bool(axes.has_data() or axes.texts or axes.tables or axes.child_axes)
