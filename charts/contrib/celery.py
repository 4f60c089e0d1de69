"""The engine for Celery: two shared tasks, found by any Celery app that autodiscovers or imports this module.

`app.autodiscover_tasks(["charts.contrib"], related_name="celery")`
"""

from celery import current_app, shared_task

from charts import dispatch, sweeping
from charts.conf import config
from charts.freshness.jobs import Due
from charts.ledger import CLICK, SIGNAL, ChartKey
from charts.workers.crew import lease_for

# A worker that minds no soft limit is killed after so many more seconds, before its lease is over.
GRACE = 5.0
# Seconds that a child may need to start on a busy machine, which count as no chart's time.
STARTING = 60.0


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

    An app that runs its tasks at once (`task_always_eager`) puts off none, and `DEBOUNCE` is 0 with it.
    """

    capacity = None

    @property
    def can_wait(self) -> bool:
        return not current_app.conf.task_always_eager

    def send(self, due: Due) -> None:
        limit, grace = _limits()
        render_chart.apply_async(
            (due.key.model, due.key.pk, due.key.using),
            countdown=due.delay or None,
            priority=_priority(due.priority),
            soft_time_limit=limit,
            time_limit=limit + grace,
            retry=False,
        )


def _limits() -> tuple[float, float]:
    """Return the seconds after which a task is interrupted, and those after which its worker is killed.

    Where charts are drawn in a child, it is the child that is stopped: its worker has to outlive it.
    """
    if config().isolate:
        return lease_for(config().timeout) + STARTING, GRACE
    return config().timeout, min(GRACE, (config().lease - config().timeout) / 2)


def _priority(priority: int) -> int:
    """Return the order of work in the broker's terms: RabbitMQ's highest number is first, Redis's lowest."""
    order = {CLICK: 0, SIGNAL: 3}.get(priority, 6)
    transport = current_app.connection_for_write().transport
    return order if transport.driver_type == "redis" else 9 - order
