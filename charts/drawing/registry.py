"""Keeps pyplot's figures of a draw apart from everybody else's.

pyplot has one registry for the process: without this, `plt.gcf()` in a hook could be another thread's figure,
and what the hook opened would stay open for ever (1.2 to 6 MB each).
"""

import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any


class ThreadsOwn(MutableMapping[Any, Any]):
    """A registry of figures that shows one thread its own and every other thread the process's."""

    def __init__(self, others: "OrderedDict[Any, Any]") -> None:
        """Remember the calling thread as the one with its own registry; `others` is what the rest see."""
        self._owner = threading.get_ident()
        self._own: OrderedDict[Any, Any] = OrderedDict()
        self._others = others

    def _seen(self) -> "OrderedDict[Any, Any]":
        return self._own if threading.get_ident() == self._owner else self._others

    def __getitem__(self, number: Any) -> Any:
        return self._seen()[number]

    def __setitem__(self, number: Any, manager: Any) -> None:
        self._seen()[number] = manager

    def __delitem__(self, number: Any) -> None:
        del self._seen()[number]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._seen())

    def __reversed__(self) -> Iterator[Any]:
        yield from reversed(self._seen())

    def __len__(self) -> int:
        return len(self._seen())

    def __getattr__(self, name: str) -> Any:
        # What an OrderedDict can do beside, such as move_to_end.
        return getattr(self._seen(), name)

    # pyplot takes `reversed(Gcf.figs.values())`, which a plain mapping's views do not offer.
    def keys(self) -> Any:
        """Return the numbers of the figures this thread sees."""
        return self._seen().keys()

    def values(self) -> Any:
        """Return the managers of the figures this thread sees."""
        return self._seen().values()

    def items(self) -> Any:
        """Return the figures this thread sees, by number."""
        return self._seen().items()


@contextmanager
def own_figures() -> Iterator[ThreadsOwn]:
    """Give this thread an empty pyplot for a while; what it opens there is closed at the end."""
    from matplotlib._pylab_helpers import Gcf

    others = Gcf.figs
    registry = ThreadsOwn(others)
    with _agg_in_pyplot():
        Gcf.figs = registry  # type: ignore[assignment]  # stands in for the dictionary
        try:
            yield registry
        finally:
            try:
                for manager in list(registry.values()):
                    Gcf.destroy(manager)
            finally:
                Gcf.figs = others


_agg: Any = None


@contextmanager
def _agg_in_pyplot() -> Iterator[None]:
    """Let pyplot make Agg figures, whatever backend the process has chosen or would choose."""
    global _agg  # noqa: PLW0603  (resolving a backend costs 0.2 ms: once is enough)
    pyplot = sys.modules.get("matplotlib.pyplot")
    before = getattr(pyplot, "_backend_mod", None)
    if pyplot is not None and not _is_agg(before):
        pyplot._backend_mod = _agg  # type: ignore[attr-defined]  # None: resolved from rcParams, which say Agg
    try:
        yield
    finally:
        pyplot = sys.modules.get("matplotlib.pyplot")
        chosen = getattr(pyplot, "_backend_mod", None)
        if _is_agg(chosen):
            _agg = chosen
        if pyplot is not None:
            pyplot._backend_mod = before  # type: ignore[attr-defined]


def _is_agg(backend: Any) -> bool:
    """Say whether pyplot's backend is plain Agg; notebooks have one that draws with Agg and shows figures."""
    return backend is not None and vars(backend).get("__name__") == "matplotlib.backends.backend_agg"
