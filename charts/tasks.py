"""The engine for Django's tasks: `django.tasks`, or its backport `django-tasks` before Django 6."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from charts import dispatch, sweeping
from charts.freshness.jobs import Due
from charts.ledger import CLICK, SIGNAL, ChartKey

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]  # the same, by its backport

# The order of work, in the priorities that backends know (-100 to 100, the highest first).
PRIORITIES = {CLICK: 50, SIGNAL: 0}
LAST = -50


@task()
def render_chart(model: str, pk: str, using: str) -> None:
    """Do the job of one chart, if there is one to do.

    Args:
        model: lower-case label of its class.
        pk: its primary key as text.
        using: alias of its database.
    """
    dispatch.run(ChartKey(model, pk, using))


@task()
def sweep_charts(using: str = "default") -> None:
    """Find what was lost on the way and send it again; for a schedule, once a minute."""
    dispatch.dispatch(using, sweeping.sweep(using))


class Tasks:
    """Send hints to the default task backend.

    A backend that cannot put off a task is sent only what is due, and `DEBOUNCE` is 0 with it.
    """

    capacity = None

    @property
    def can_wait(self) -> bool:
        return bool(render_chart.get_backend().supports_defer)

    def send(self, due: Due) -> None:
        backend: Any = render_chart.get_backend()
        changes: dict[str, Any] = {}
        if backend.supports_priority:
            changes["priority"] = PRIORITIES.get(due.priority, LAST)
        if due.delay and backend.supports_defer:
            changes["run_after"] = timezone.now() + timedelta(seconds=due.delay)
        render_chart.using(**changes).enqueue(due.key.model, due.key.pk, due.key.using)
