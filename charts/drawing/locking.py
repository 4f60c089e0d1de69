"""The one lock under which figures are styled, drawn, laid out and encoded.

matplotlib keeps its parameters, fonts and parsed mathtext in process-wide state that only part of its own
code locks. Four threads without this lock: 144 of 160 renders raised, were wrong, or left rcParams changed.
"""

import os
import sys
import threading
from collections.abc import Callable

# Undone, newest first, in a forked child whose parent was drawing in another thread. See `_in_child`.
_undo: list[tuple[int, Callable[[], None]]] = []
_lock = threading.RLock()


def hold() -> threading.RLock:
    """Return the process's drawing lock, to be entered with `with`."""
    return _lock


def on_fork_undo(undo: Callable[[], None]) -> None:
    """Call `undo` in a child forked by another thread before `no_undo` is called."""
    _undo.append((threading.get_ident(), undo))


def no_undo() -> None:
    """Forget the newest `undo`: the change it covers has been taken back here."""
    _undo.pop()


def _in_child() -> None:
    """Make a forked child able to draw, whatever the parent's other threads were doing.

    The thread that held the lock does not exist in the child: nobody would ever release it, nor take back
    the parameters it had set. What the forking thread itself has begun goes on in the child as it is.
    """
    global _lock  # noqa: PLW0603  (a lock that nobody can release has to be replaced)
    own = threading.get_ident()
    for owner, undo in reversed(_undo):
        if owner != own:
            undo()
    _undo[:] = [entry for entry in _undo if entry[0] == own]
    _lock = threading.RLock()
    _replace_render_lock()


def _replace_render_lock() -> None:
    """Replace matplotlib's own lock around `Figure.draw` if a thread that is gone holds it."""
    module = sys.modules.get("matplotlib.figure")
    figure_class = getattr(module, "Figure", None)
    lock = getattr(figure_class, "_render_lock", None)
    if lock is None:
        return
    if lock.acquire(blocking=False):
        lock.release()
    else:
        figure_class._render_lock = threading.RLock()  # type: ignore[union-attr]


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)
