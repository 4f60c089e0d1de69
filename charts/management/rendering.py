"""Rendering many charts one after the other: what became of each, and what is said of all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.management.base import CommandError

from charts import dispatch
from charts.exceptions import WorkersError
from charts.management.finding import Task
from charts.workers import orders
from charts.workers.crew import Crew
from charts.workers.orders import Order, Report

# What may become of a task, in the order in which it is said, and in what words.
WORDS = {
    "rendered": "rendered",
    "unchanged": "unchanged",
    "superseded": "superseded by newer ones",
    "elsewhere": "left to the worker that has them",
    "gone": "deleted meanwhile",
    "waiting": "left alone after a failure (--failed tries again)",
    "failed": "failed",
}


@dataclass
class Tally:
    """What became of tasks.

    Attributes:
        counts: how many by status, a key of `WORDS`.
        failures: a sentence for each chart that has no new picture.
        warnings: a sentence for each thing that matplotlib warned of.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many tasks were looked at."""
        return self.counts.total()

    def __str__(self) -> str:
        return ", ".join(f"{self.counts[status]} {word}" for status, word in WORDS.items() if self.counts[status])

    def take(self, report: Report) -> None:
        """Count a report, and note what is to be said of it."""
        self.counts[report.status] += 1
        if report.sentence:
            self.failures.append(report.sentence)
        self.warnings += [f"{report.key}: {warning}" for warning in report.warnings]
        if report.stale or report.status == "failed":
            dispatch.dispatch(report.key.using, [report.key])


def order_of(task: Task) -> Order:
    """Return a task as an order, for this process or a child."""
    return Order(key=task.key, redraw=task.redraw, asked=task.asked)


def here(tasks: Iterable[Task]) -> Iterator[Report]:
    """Render one chart after the other in this process, where nothing can stop one that hangs."""
    for task in tasks:
        yield orders.carry_out(order_of(task))


def in_children(tasks: Iterable[Task], size: int, timeout: float | None) -> Iterator[Report]:
    """Render several charts at a time in child processes.

    Args:
        tasks: what to render.
        size: how many at a time.
        timeout: seconds for each; by default `CHARTS["TIMEOUT"]`.

    Raises:
        CommandError: no child process can be started.
    """
    try:
        with Crew(size, timeout=timeout) as crew:
            yield from crew.carry_out(map(order_of, tasks))
    except WorkersError as error:
        raise CommandError(str(error)) from error
