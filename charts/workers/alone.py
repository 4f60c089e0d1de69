"""One child beside each worker process of another engine, for `CHARTS["ISOLATE"]`."""

import atexit
import os
import threading
from contextlib import suppress

from charts.workers.crew import Crew
from charts.workers.orders import Order, Report

_lock = threading.Lock()
# By process: a forked worker must not use its parent's child.
_crews: dict[int, Crew] = {}


def carry_out(order: Order) -> Report:
    """Carry out one order in this process's child; other threads wait for it."""
    with _lock:
        crew = _crews.get(os.getpid())
        if crew is None:
            _crews.clear()
            crew = _crews[os.getpid()] = Crew()
            atexit.register(_close, crew, os.getpid())
        crew.begin(order)
        return next(crew.reports())


def _close(crew: Crew, pid: int) -> None:
    if pid == os.getpid():
        with suppress(Exception):  # the interpreter is on its way out, and so is the child
            crew.close(now=True)


def _renew_lock() -> None:
    """Let no forked child inherit a lock that a thread of its parent holds."""
    global _lock  # noqa: PLW0603  (one lock a process is what it is for)
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
