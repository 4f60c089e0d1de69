"""One child beside each worker process of another engine, for `CHARTS["ISOLATE"]`."""

import atexit
import multiprocessing
import os
import threading
from contextlib import suppress
from multiprocessing.process import AuthenticationString  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import Any

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
            _allow_children()
            crew = _crews[os.getpid()] = Crew()
            atexit.register(_close, crew, os.getpid())
        try:
            crew.begin(order)
            return next(crew.reports())
        except BaseException:  # told to stop; the next order must not be given this one's report
            _crews.clear()
            _close(crew, os.getpid())
            raise


def _allow_children() -> None:
    """Let a worker process of Celery have a child.

    Python forbids daemons to have any, which might be left behind: ours ends by itself when its parent is no more. And
    the key of Celery's processes can be handed to Celery's own children only.
    """
    process: Any = multiprocessing.current_process()
    process.daemon = False
    process._config["authkey"] = AuthenticationString(process.authkey)


def _close(crew: Crew, pid: int) -> None:
    if pid == os.getpid():
        with suppress(Exception):  # the interpreter is on its way out, and so is the child
            crew.close()


def _renew_lock() -> None:
    """Let no forked child inherit a lock that a thread of its parent holds."""
    global _lock  # noqa: PLW0603  (one lock a process is what it is for)
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
