"""Drawing what somebody looks at and nobody has drawn: one flight a chart, however many ask.

Who asks first has it drawn. Whoever comes meanwhile gets the last good image at once, or waits for the first one, but
no longer than until the flight is `WAIT` old: the drawing goes on without them, and one that never ends holds nobody
up for long. Between processes, the job's lease says who draws.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connections, transaction

from charts import dispatch
from charts.clock import DatabaseTime
from charts.conf import config
from charts.freshness import jobs
from charts.freshness.publishing import rows_of
from charts.ledger import ChartKey
from charts.markup.subjects import needs_render, written_key

logger = logging.getLogger("charts")

View = TypeVar("View", bound=Callable[..., Any])

# Seconds: people wait no longer for a picture, and servers kill workers that let them (gunicorn: after 30).
WAIT = 10.0
# Seconds between two looks at what another process draws, at first and in the end.
LOOK, LONGEST_LOOK = 0.02, 0.25

# Flights of a process at a time: drawing is done one by one anyway, and each that waits for it holds a lease.
MOST = 4


def unbound(view: View) -> View:
    """Keep a view out of `ATOMIC_REQUESTS`, on every database: who draws takes a lease that others must see."""
    for alias in connections:
        view = transaction.non_atomic_requests(alias)(view)
    return view


@dataclass(eq=False)
class Flight:
    """The drawing of one chart, and everybody who waits for it."""

    row: "Future[Any]" = field(default_factory=Future)
    begun: float = field(default_factory=time.monotonic)

    def result(self) -> Any:
        """Return the chart's row, waited for as long as is left."""
        return self.row.result(max(0.0, self.begun + WAIT - time.monotonic()))


_flights: dict[ChartKey, Flight] = {}
_lock = threading.Lock()
_runways = threading.BoundedSemaphore(MOST)


def shown(chart: Any, name: str = "image") -> Any:
    """Return a chart's row as it is to be shown: drawn first if nobody else does that.

    Args:
        chart: a saved chart.
        name: the picture field that is looked at.

    Returns:
        The row, newer than the chart if it was drawn; the chart itself if it is fresh, if a last good image has to do,
        or if nothing came in time; None if the row is gone.
    """
    if not needs_render(chart, name):
        return chart
    key = written_key(chart)
    if transaction.get_connection(key.using).in_atomic_block:  # nobody else sees what this transaction has written
        return _drawn(key, name)
    flight, is_ours = _join(key)
    if is_ours:
        threading.Thread(target=_fly, args=(key, name, flight), name=f"charts {key}", daemon=True).start()
    elif getattr(chart, name):
        return chart
    try:
        return flight.result()
    except TimeoutError:
        logger.warning("%s is not drawn after %g s; whoever asked sees what there is.", key, WAIT)
    except Exception:
        logger.exception("%s could not be drawn for somebody who looked at it.", key)
    return chart


def _join(key: ChartKey) -> tuple[Flight, bool]:
    """Return the flight of a chart, and whether it is ours to fly."""
    with _lock:
        found = _flights.get(key)
        return (found, False) if found else (_flights.setdefault(key, Flight()), True)


def _fly(key: ChartKey, name: str, flight: Flight) -> None:
    """Draw in a thread of its own, with connections of its own, so that those who wait can stop waiting."""
    row, failure = None, None
    try:
        row = _drawn_in_turn(key, name)
    except Exception as error:  # noqa: BLE001  (told to those who wait)
        failure = error
    finally:
        hang_up()
        with _lock:
            _flights.pop(key, None)
        if failure:
            flight.row.set_exception(failure)
        else:
            flight.row.set_result(row)


def _drawn_in_turn(key: ChartKey, name: str) -> Any:
    """Have a chart drawn when others are done.

    Raises:
        TimeoutError: they were not in time; nobody waits any more, and who looks again has it tried again.
    """
    if not _runways.acquire(timeout=WAIT):
        raise TimeoutError
    try:
        return _drawn(key, name)
    finally:
        _runways.release()


def hang_up() -> None:
    """Close this thread's connections, also those that Django keeps: to SQLite's memory, which others share."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.connection is not None:
            connection.connection.close()
            connection.connection = None


def _drawn(key: ChartKey, name: str) -> Any:
    """Have a chart drawn; if another process is at it, look until it is done or has taken too long."""
    dispatch.run_now(key)
    end, pause = time.monotonic() + WAIT, LOOK
    while True:
        row = rows_of(key).first()
        # A last good image will do; a first one is worth waiting for, while it can still come in time.
        if row is None or getattr(row, name) or time.monotonic() > end or not is_being_drawn(key, since=WAIT):
            return row
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK)


def is_being_drawn(key: ChartKey, since: float | None = None) -> bool:
    """Say whether a worker somewhere has the chart's lease.

    Args:
        key: the chart.
        since: seconds; whether it has taken the lease within them.
    """
    left = 0.0 if since is None else max(0.0, config().lease - since)
    return jobs.job_of(key).filter(leased_until__gt=DatabaseTime(left)).exists()
