"""Alt texts: what a drawn figure shows, in one to three sentences a person would write."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from charts.drawing.describing.messages import COUNTS, MESSAGES, Count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COUNTS", "MESSAGES", "describe"]


def describe(
    figure: "Figure",
    *,
    translate: Callable[[str], str] = lambda text: text,
    count: Count | None = None,
    limit: int = 600,
) -> str:
    """Return the alt text of a figure: title, kind of marks, axes, each series with its range and extremes.

    Only artists are read and nothing is drawn, so it works on drawn and undrawn figures alike and says the
    same under every theme and density. It never raises because of what is in the figure: what cannot be
    described is left out. `translate` gets each message of `MESSAGES` before its named values are filled in
    (`gettext` fits), `count` each pair of `COUNTS` with its number (`ngettext` fits; without it, `translate` gets
    one of the two); where `translate` knows none of the sentences, all is said in English. `limit` is the most
    characters, at least 1: detail is left out until the text keeps it.
    """
    if limit < 1:
        raise ValueError(f"An alt text needs room for at least one character, not {limit}; raise limit.")
    from charts.drawing.describing.composing import compose  # imports matplotlib

    return compose(figure, translate, count, limit)
