"""Stopping: telling a process that is told to stop from a chart whose code calls `exit()`."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

from charts.exceptions import DrawError


@contextmanager
def exits_as_errors() -> Iterator[None]:
    """Take a `SystemExit` of a chart's hooks as their failure; one that stops the process goes on as it is.

    Raises:
        DrawError: a hook has called `exit()`.
    """
    try:
        yield
    except SystemExit as error:
        if _stops_process(error):
            raise
        raise DrawError(
            f"the chart's code called exit({error.code!r}), which would end the whole process: raise an exception "
            "that says what is wrong instead."
        ) from error


def _stops_process(error: SystemExit) -> bool:
    """Say whether a signal's handler has raised it: so servers and workers stop amid whatever they are at."""
    # Python runs handlers in no other thread.
    if threading.current_thread() is not threading.main_thread():
        return False
    codes = {_code(signal.getsignal(number)) for number in signal.valid_signals()}
    return any(frame.f_code in codes for frame, _ in walk_tb(error.__traceback__))


def _code(handler: Any) -> Any:
    """Return the code of a function, a method, a partial, or an object that is called."""
    while hasattr(handler, "func"):
        handler = handler.func
    if not callable(handler):  # the system's own
        return None
    return getattr(handler, "__code__", None) or getattr(type(handler).__call__, "__code__", None)
