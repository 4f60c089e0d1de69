"""What rcParams and colormaps are while a chart is drawn, and how they are put back.

`matplotlib.rc_context` copies by sorted keys and validates every value: about 1 ms. Here a whole dictionary
that was validated once goes in and the old one comes back: about 0.02 ms.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from charts.drawing import locking
from charts.drawing.themes import Theme


@contextmanager
def in_force(theme: Theme, overrides: Mapping[str, Any]) -> Iterator[None]:
    """Set rcParams to the theme's, for the drawing lock's holder, and put back exactly what was there.

    Args:
        theme: what the defaults are overridden with.
        overrides: validated rcParams that go over the theme: the size and resolution of the variant.
    """
    import matplotlib as mpl

    params: Any = mpl.rcParams
    default_backend = dict.__getitem__(mpl.rcParamsDefault, "backend")
    # Its own methods would sort the keys, and resolve the backend.
    before = dict(dict.items(params))

    def restore() -> None:
        _replace(params, before)
        dict.__setitem__(mpl.rcParamsDefault, "backend", default_backend)

    locking.on_fork_undo(restore)
    try:
        _replace(params, _fresh_lists({**theme.rcparams(), **overrides}))
        with _colormaps(theme):
            yield
    finally:
        restore()
        locking.no_undo()


def _replace(params: Any, values: dict[str, Any]) -> None:
    """Make `params` equal `values` without an instant at which another thread would miss a key."""
    dict.update(params, values)
    if len(params) != len(values):
        for key in set(dict.keys(params)) - values.keys():
            dict.__delitem__(params, key)


def _fresh_lists(values: dict[str, Any]) -> dict[str, Any]:
    """Copy the values that a hook could change in place (`rcParams["font.sans-serif"].insert(0, …)`)."""
    return {key: list(value) if type(value) is list else value for key, value in values.items()}


@contextmanager
def _colormaps(theme: Theme) -> Iterator[None]:
    """Let `cmap="charts.sequential"` and `"charts.diverging"` be names, in this draw only."""
    import matplotlib as mpl

    registry = mpl.colormaps
    ours = theme.colormaps()
    before = {name: registry[name] for name in ours if name in registry}
    _register(ours, registry)
    try:
        yield
    finally:
        for name in ours:
            registry.unregister(name)
        _register(before, registry)


def _register(colormaps: Mapping[str, Any], registry: Any) -> None:
    for name, colormap in colormaps.items():
        registry.unregister(name)  # registering over a name warns
        registry.register(colormap, name=name)
