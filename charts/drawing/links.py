"""Lets only harmless addresses into the links of an SVG or PDF. Imported only when one is drawn."""

import re
import warnings
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from charts.drawing import artists, text

SCHEMES = ("http", "https", "mailto")
# Browsers drop white space and control characters before they read the scheme: "java\nscript:" runs.
_IGNORED = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def is_safe(url: str) -> bool:
    """Say whether an address is relative or of a scheme in `SCHEMES`."""
    scheme = _SCHEME.match(_IGNORED.sub("", url))
    return scheme is None or scheme[1].lower() in SCHEMES


def drop_unsafe(figure: Figure) -> None:
    """Take every other address off the figure's artists, and warn of it."""
    for artist in [figure, *artists.walk(figure)]:
        if (url := artist.get_url()) is not None and not is_safe(str(url)):
            _warn(url)
            artist.set_url(None)
        urls: Any = getattr(artist, "get_urls", list)()
        if any(url is not None and not is_safe(str(url)) for url in urls):
            _drop_from_collection(artist, urls)


def _drop_from_collection(artist: Artist, urls: Any) -> None:
    for url in urls:
        if url is not None and not is_safe(str(url)):
            _warn(url)
    kept = [url if url is None or is_safe(str(url)) else None for url in urls]
    artist.set_urls(kept)  # type: ignore[attr-defined]  # a collection's


def _warn(url: object) -> None:
    choices = ", ".join(SCHEMES)
    warnings.warn(
        f"The link {text.quoted(str(url))} is left out: a chart links to {choices} or relative addresses",
        stacklevel=2,
    )
