"""Rendering many charts one after the other: what became of each, and what is said of all."""

from collections import Counter
from dataclasses import dataclass, field

from charts import dispatch, pipeline
from charts.exceptions import RenderError
from charts.freshness import jobs, publishing
from charts.ledger import ChartKey
from charts.management.finding import Task
from charts.pipeline.rendering import said

# What may become of a task, in the order in which it is said, and in what words.
WORDS = {
    "rendered": "rendered",
    "unchanged": "unchanged",
    "superseded": "superseded by newer ones",
    "elsewhere": "left to the worker that has them",
    "gone": "deleted meanwhile",
    "waiting": "left alone after a failure",
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

    def do(self, task: Task) -> str:
        """Render one chart, and return what became of it; whatever is wrong with it, the next one follows."""
        try:
            status = self._done(task)
        except publishing.RowGoneError:
            status = "gone"
        except RenderError as error:
            status = self._failed(str(error))
            dispatch.dispatch(task.key.using, [task.key])
        except Exception as error:  # noqa: BLE001  (a database may raise anything between the steps of a render)
            status = self._failed(f"{task.key} could not be rendered: {said(error)}")
        self.counts[status] += 1
        return status

    def _failed(self, sentence: str) -> str:
        self.failures.append(sentence)
        return "failed"

    def _done(self, task: Task) -> str:
        result = _by_person(task) if task.asked or task.redraw else _by_lease(task.key)
        if result is None:
            return self._why_not(task.key)
        self.warnings += [f"{task.key}: {warning}" for warning in result.warnings]
        if result.stale:
            dispatch.dispatch(task.key.using, [task.key])
        return result.status

    def _why_not(self, key: ChartKey) -> str:
        """Say why there was no job to do."""
        error = jobs.job_of(key).filter(jobs.lease_is_free()).values_list("error", flat=True).first()
        if not error:
            return "elsewhere"
        self.failures.append(error.partition("\n")[0])
        return "waiting"


def _by_person(task: Task) -> pipeline.RenderResult:
    return pipeline.render(task.key, force=task.redraw)[0]


def _by_lease(key: ChartKey) -> pipeline.RenderResult | None:
    """Do a chart's job as a worker does, within its limits; None if there is none to do now."""
    jobs.hurry(key)
    token = jobs.claim(key)
    return pipeline.work(key, token) if token else None
