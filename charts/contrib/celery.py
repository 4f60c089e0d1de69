"""The engine for Celery: two shared tasks, found by any Celery app that autodiscovers or imports this module.

`app.autodiscover_tasks(["charts.contrib"], related_name="celery")`
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app, shared_task
from kombu.exceptions import OperationalError
from kombu.pools import producers

from charts import dispatch, sweeping
from charts.conf import config
from charts.freshness.jobs import Due
from charts.ledger import CLICK, SIGNAL, ChartKey
from charts.workers.crew import lease_for
from charts.workers.members import STARTING

# A worker that minds no soft limit is killed after so many more seconds, before its lease is over.
GRACE = 5.0
# Seconds for connecting to the broker, and for each step of handing it a hint: a request waits for them.
PATIENCE = 1.5
# Seconds for which a broker is left alone that did not even refuse, however many commits a request makes.
SILENCE = 10.0
# What limits the steps, by the kind of the broker's protocol.
TIMEOUTS = {"redis": ("socket_timeout", "socket_connect_timeout"), "amqp": ("write_timeout",)}
# A connection that the broker has closed, because it was restarted say, is found out by using it.
ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


@shared_task(name="charts.render_chart", acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def render_chart(model: str, pk: str, using: str) -> None:
    """Do the job of one chart, if there is one to do.

    Acknowledged late and given back when its worker is lost; that a chart cannot kill workers for ever is seen to by
    the attempts that `claim` counts.

    Args:
        model: lower-case label of its class.
        pk: its primary key as text.
        using: alias of its database.
    """
    dispatch.run(ChartKey(model, pk, using))


@shared_task(name="charts.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def sweep(using: str = "default") -> None:
    """Find what was lost on the way and send it again; for the beat schedule, once a minute."""
    dispatch.dispatch(using, sweeping.sweep(using))


class Celery:
    """Send hints to Celery's broker; one that is down fails at once, and the sweep sends again.

    Its connections are kept beside the app's own, whose patience is right for tasks that no sweep sends again. An app
    that runs its tasks at once (`task_always_eager`) puts off none, and `DEBOUNCE` is 0 with it.
    """

    capacity = None

    def __init__(self) -> None:
        self._silent_until = float("-inf")

    @property
    def can_wait(self) -> bool:
        return not current_app.conf.task_always_eager

    def send(self, due: Due) -> None:
        """Hand a hint to the broker.

        Raises:
            ConnectionError: it is not there, or does not answer.
        """
        if current_app.conf.task_always_eager:
            _apply(due)
            return
        began = time.monotonic()
        if began < self._silent_until:
            raise ConnectionError(f"The broker did not answer, and is asked again after {SILENCE:g} s.")
        try:
            with _producer() as producer:
                _apply(due, producer=producer, priority=_priority(due.priority, producer.connection))
        except OperationalError as error:
            if time.monotonic() - began >= PATIENCE:
                self._silent_until = time.monotonic() + SILENCE
            raise ConnectionError(f"The broker cannot be talked to: {error}") from error


def _apply(due: Due, **options: Any) -> None:
    limit, grace = _limits()
    render_chart.apply_async(
        (due.key.model, due.key.pk, due.key.using),
        countdown=due.delay or None,
        soft_time_limit=limit,
        time_limit=limit + grace,
        retry=True,
        retry_policy=ONCE_MORE,
        **options,
    )


@contextmanager
def _producer() -> Iterator[Any]:
    """Yield what sends messages, by a connection that is there."""
    patience = min(PATIENCE, current_app.conf.broker_connection_timeout or PATIENCE)
    connection = current_app.connection_for_write(connect_timeout=patience)
    options = connection.transport_options
    for name in TIMEOUTS.get(connection.transport.driver_type, ()):
        options[name] = min(PATIENCE, options.get(name) or PATIENCE)
    with producers[connection].acquire(block=True, timeout=PATIENCE) as producer:
        hosts = len(producer.connection.alt or [""])
        producer.connection.ensure_connection(max_retries=hosts - 1, interval_start=0, interval_step=0)
        yield producer


def _limits() -> tuple[float, float]:
    """Return the seconds after which a task is interrupted, and those after which its worker is killed.

    Where charts are drawn in a child, it is the child that is stopped: its worker has to outlive it.
    """
    if config().isolate:
        return lease_for(config().timeout) + STARTING, GRACE
    return config().timeout, min(GRACE, (config().lease - config().timeout) / 2)


def _priority(priority: int, connection: Any) -> int:
    """Return the order of work in the broker's terms: RabbitMQ's highest number is first, Redis's lowest."""
    order = {CLICK: 0, SIGNAL: 3}.get(priority, 6)
    return order if connection.transport.driver_type == "redis" else 9 - order
