r"""Decides what between two `$` is a formula while a chart is drawn: `$x^2$` is one, "from $5 to $10" is none.

matplotlib asks each `Text` about each of its lines, whenever it is measured or drawn; escaping the texts of a figure
instead would miss the labels of ticks, which come with the layout, and change a figure that the hook keeps. Imported
only when something is drawn.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.text import Text

from charts.drawing import locking, text


@contextmanager
def told_from_prices() -> Iterator[None]:
    """Let this thread's texts be read by `text.without_prices`; the drawing lock's holder enters it."""
    texts: Any = Text
    read, measure = texts._preprocess_math, texts._get_rendered_text_width
    owner = threading.get_ident()

    def meant(artist: Any, line: str) -> str:
        is_read = artist.get_parse_math() and not artist.get_usetex() and threading.get_ident() == owner
        return text.without_prices(line) if is_read else line

    def preprocess_math(artist: Any, line: str) -> Any:
        return read(artist, meant(artist, line))

    def get_rendered_text_width(artist: Any, line: str) -> Any:  # of what is wrapped
        return measure(artist, meant(artist, line))

    def restore() -> None:
        texts._preprocess_math, texts._get_rendered_text_width = read, measure

    locking.on_fork_undo(restore)
    texts._preprocess_math, texts._get_rendered_text_width = preprocess_math, get_rendered_text_width
    try:
        yield
    finally:
        restore()
        locking.no_undo()
