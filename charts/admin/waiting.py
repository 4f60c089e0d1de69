"""Waiting for a drawing that somebody asked for, but not for ever."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any, TypeVar

from django.db import transaction

from charts.conf import config
from charts.markup import flights

Answer = TypeVar("Answer")

# Seconds: servers end requests that take longer (gunicorn: 30), and people have gone before.
LONGEST = 20.0


def patience() -> float:
    """Return how many seconds a request waits for a drawing."""
    return min(LONGEST, config().timeout)


def in_time(action: Callable[[], Answer], using: str) -> Answer:
    """Call a function in a thread of its own, which goes on when the waiting ends.

    Args:
        action: what takes long.
        using: alias of a database; in an open transaction of it there is no other thread, for it would see nothing of
            what the transaction has written.

    Raises:
        TimeoutError: it is not done yet.
        Exception: whatever it raises.
    """
    if transaction.get_connection(using).in_atomic_block:
        return action()
    future: Future[Any] = Future()
    threading.Thread(target=copy_context().run, args=(_run, action, future), name="charts admin", daemon=True).start()
    failure = future.exception(patience())
    if failure is not None:  # an exception may be false, one with a length, say; `result()` takes it for none
        raise failure
    answer: Answer = future.result()
    return answer


def _run(action: Callable[[], Any], future: "Future[Any]") -> None:
    answer: Any = None
    failure: Exception | None = None
    try:
        answer = action()
    except Exception as error:  # noqa: BLE001  (told to who waits)
        failure = error
    except BaseException as error:  # noqa: BLE001  (nothing stops one thread alone; who waits must not go on as if)
        failure = RuntimeError(f"It was ended by {error!r}.")
    finally:
        flights.hang_up()
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(answer)
