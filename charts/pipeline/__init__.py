"""The one way to render: data, digest, draw, store, publish, signal. Takes any object that has a chart's hooks.

`reading` says what a chart shows and whether that has changed, `drafting` draws it in memory, `rendering` stores
and publishes it. `stopping` tells hooks that call `exit()` from a process that is told to stop.
"""

from charts.pipeline.drafting import Drawn, canvas, clean, draw
from charts.pipeline.reading import chart_locale, differs, digests, get_data, own_fields, read, recipe, replaced
from charts.pipeline.rendering import RenderResult, render, said, work
from charts.pipeline.stopping import exits_as_errors

__all__ = [
    "Drawn",
    "RenderResult",
    "canvas",
    "chart_locale",
    "clean",
    "differs",
    "digests",
    "draw",
    "exits_as_errors",
    "get_data",
    "own_fields",
    "read",
    "recipe",
    "render",
    "replaced",
    "said",
    "work",
]
