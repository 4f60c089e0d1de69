"""What rcParams, colormaps, named colours and units are while a chart is drawn, and how they are put back.

`matplotlib.rc_context` copies by sorted keys and validates every value: about 1 ms. Here a whole dictionary
that was validated once goes in and the old one comes back: about 0.02 ms.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any

from charts.drawing import locking
from charts.drawing.themes import Theme


@contextmanager
def in_force(theme: Theme, overrides: Mapping[str, Any], timezone: tzinfo | None = None) -> Iterator[None]:
    """Set rcParams to the theme's, for the drawing lock's holder, and put back exactly what was there.

    Args:
        theme: what the defaults are overridden with.
        overrides: validated rcParams that go over the theme: the size and resolution of the variant.
        timezone: where aware times are shown; None: in their own.
    """
    restore = _restorer()
    locking.on_fork_undo(restore)
    try:
        import matplotlib as mpl

        from charts.drawing import zones

        _replace(mpl.rcParams, _fresh_lists({**theme.rcparams(), **overrides, **zones.rcparams(timezone)}))
        zones.register(timezone)
        with _colormaps(theme):
            yield
    finally:
        restore()
        locking.no_undo()


def _restorer() -> Callable[[], None]:
    """Return what puts back all that a hook could leave behind in matplotlib.

    Not only rcParams: seaborn's `set_theme()` redefines the colours "b", "g" and "r" of the whole process, and
    libraries register units. The next chart must not come out different for it.

    What is new under a name of its own stays, of colours and units: a library registers them when it is imported,
    which may be in a hook, and is not imported again.
    """
    import matplotlib as mpl

    # `category` and `dates` register their units when they are imported: before it is noted what there was, or the
    # first draw's restoring takes them away for good.
    from matplotlib import category, colors, dates, units  # noqa: F401

    names: Any = colors.get_named_colors_mapping()
    registry: Any = units.registry
    # The mapping's own methods would sort the keys of rcParams, and resolve the backend.
    params: dict[str, Any] = dict(dict.items(mpl.rcParams))  # type: ignore[arg-type]  # keys are str
    colours, converters = dict(names), dict(registry)
    default_backend = dict.__getitem__(mpl.rcParamsDefault, "backend")

    def restore() -> None:
        if not dict.__eq__(names, colours):
            names.cache.clear()  # of colours that were parsed by these names
        dict.update(names, colours)
        dict.update(registry, converters)
        _replace(mpl.rcParams, params)
        dict.__setitem__(mpl.rcParamsDefault, "backend", default_backend)

    return restore


def _replace(mapping: Any, values: dict[str, Any]) -> None:
    """Make a mapping equal `values` without an instant at which another thread would miss a key."""
    dict.update(mapping, values)
    if len(mapping) != len(values):
        for key in set(dict.keys(mapping)) - values.keys():
            dict.__delitem__(mapping, key)


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
