"""Which of the chosen charts a command has to render, and why each: what is stale, and what nobody has reported."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from charts import dispatch, pipeline, sweeping
from charts.clock import PkText
from charts.conf import config
from charts.freshness import jobs, marks, publishing
from charts.ledger import ChartKey, Job, Mark, model_label
from charts.management import choosing, verifying
from charts.management.choosing import Choice
from charts.pipeline.rendering import said

Progress = Callable[[list[Any], str], Iterable[Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One chart to render.

    Attributes:
        key: which.
        reason: the end of a sentence that says why.
        redraw: draw it also if its data is the same.
        asked: a person named it: no limit holds, neither the wait after a failure nor the number of attempts.
        waits: it has failed and is not tried again yet; only a dry run looks for that.
    """

    key: ChartKey
    reason: str
    redraw: bool = False
    asked: bool = False
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class Search:
    """What to look for among the chosen charts.

    Attributes:
        choices: the charts that the arguments name.
        force: all of them, and drawn anew.
        failed: only those whose last render failed.
        verify: also those of whose files one is missing or broken.
        check_data: also those whose data is another than was drawn.
        dry_run: change nothing.
        progress: wraps what takes long, with a word for it.
        problems: gets a sentence on each chart that could not be looked at.
    """

    choices: list[Choice]
    force: bool = False
    failed: bool = False
    verify: bool = False
    check_data: bool = False
    dry_run: bool = False
    progress: Progress
    problems: list[str]

    def tasks(self) -> list[Task]:
        """Return what to render, in the order of work: one person's click, then signals, then batches."""
        waiting = [] if self.dry_run else self._bring_back()
        found: dict[ChartKey, Task] = {}
        for task in self._tasks():
            found.setdefault(task.key, task)
        first = {key: place for place, key in enumerate(waiting)}
        return sorted(found.values(), key=lambda task: first.get(task.key, len(first)))

    def _tasks(self) -> Iterator[Task]:
        if self.verify and not self.force:
            yield from self._broken()
        if self.check_data and not self.force:
            yield from self._changed()
        for choice in self.choices:
            yield from self._unmarked(choice) if self.dry_run and not self.force else ()
            yield from self._stale(choice)

    def _bring_back(self) -> list[ChartKey]:
        """Mark and sweep; return the charts that wait. No dispatcher hears of it: the command itself renders them."""
        waiting: list[ChartKey] = []
        for using in dict.fromkeys(choice.using for choice in self.choices):
            models = list(dict.fromkeys(choice.model for choice in self.choices if choice.using == using))
            with dispatch.held():
                sweeping.mark_changed_recipes(using, models)
                waiting += sweeping.sweep(using, models)
        return waiting

    def _charts(self, choice: Choice) -> Any:
        return choice.charts.failed() if self.failed else choice.charts

    def _task(self, choice: Choice, key: ChartKey, reason: str, *, redraw: bool = False) -> Task:
        asked = self.force or self.failed or choice.key is not None
        return Task(key=key, reason=reason, redraw=self.force or redraw, asked=asked)

    def _stale(self, choice: Choice) -> Iterator[Task]:
        charts, reason = self._charts(choice), "stale"
        if self.force or self.failed:
            reason = "forced" if self.force else "failed"
        else:
            charts = charts.stale()
        waiting = set(keys_of(charts.filter(_waits(choice.model)), choice.using)) if self.dry_run else set()
        for key in keys_of(charts, choice.using):
            task = self._task(choice, key, reason)
            yield replace(task, waits=key in waiting and not task.asked)

    def _unmarked(self, choice: Choice) -> Iterator[Task]:
        """Yield what a real run would have marked before it looks at versions."""
        using, model = choice.using, choice.model
        marks_of = Mark.objects.using(using).filter(chart_model=model_label(model), chart_pk=PkText(OuterRef("pk")))
        for rows, reason in (
            (sweeping.changed_recipes(using, model), "its recipe has changed"),
            (sweeping.due_for_refresh(using, model), "its time is over"),
            (choice.charts.filter(Exists(marks_of)), "marked"),
        ):
            for key in keys_of(self._charts(choice).filter(pk__in=rows.values("pk")), using):
                yield self._task(choice, key, reason)

    def _broken(self) -> Iterator[Task]:
        for choice, key in self._each("Verifying", lambda charts: charts.exclude(image="")):
            try:
                fault = broken(key)
            except Exception as error:  # noqa: BLE001  (a storage may raise anything; the others go on)
                self.problems.append(f"{key} could not be verified: {said(error)}")
                continue
            if fault:
                yield self._task(choice, key, fault, redraw=True)

    def _changed(self) -> Iterator[Task]:
        fresh = Q(image_version__gte=F("data_version")) & ~Q(image="")
        for choice, key in self._each("Checking", lambda charts: charts.filter(fresh)):
            reason = differs(key)
            if reason and not self.dry_run:
                with dispatch.held():
                    marks.mark_charts(publishing.rows_of(key), key.using)
            if reason:
                yield self._task(choice, key, reason)

    def _each(self, word: str, narrowed: Callable[[Any], Any]) -> Iterator[tuple[Choice, ChartKey]]:
        """Yield some of the chosen charts, all behind one progress bar."""
        pairs = [
            (choice, key) for choice in self.choices for key in keys_of(narrowed(self._charts(choice)), choice.using)
        ]
        yield from self.progress(pairs, word)


def _waits(model: Any) -> Exists:
    """Return the condition that a chart of a class has failed and is not tried again before a while, or new data."""
    held_back = Q(attempts__gte=config().max_attempts) | (Q(attempts__gt=0) & jobs.is_due_later())
    own = Q(chart_model=model_label(model), chart_pk=PkText(OuterRef("pk")))
    return Exists(Job.objects.filter(own, held_back, jobs.lease_is_free(), due_at__isnull=False))


def fed(database: str | None) -> list[Task]:
    """Return the next charts of the batches that people have begun; each call returns others, in the end none.

    Args:
        database: an alias; None: wherever there are charts.
    """
    with dispatch.held():  # the command itself renders them
        keys = [key for using in choosing.homes(database) for key in dispatch.feed(using)]
    return [Task(key=key, reason="selected in the admin") for key in keys]


def keys_of(charts: Any, using: str) -> list[ChartKey]:
    """Return the keys of a queryset's charts, in the order of their primary keys."""
    label = model_label(charts.model)
    found = charts.order_by("pk").annotate(charts_key=PkText()).values_list("charts_key", flat=True)
    return [ChartKey(label, pk, using) for pk in found]


def broken(key: ChartKey) -> str:
    """Say which file of a chart's picture is not as it should be; "" if all are, or the chart is gone."""
    chart = publishing.rows_of(key).first()
    return next(verifying.faults(chart), "") if chart else ""


def differs(key: ChartKey) -> str:
    """Read a chart's data and say whether it is another than was drawn; "" if it is not, or the chart is gone.

    Data that cannot be read is told as a difference: the render that follows records why.
    """
    try:
        return "its data has changed" if pipeline.differs(key) else ""
    except publishing.RowGoneError:
        return ""
    except Exception as error:  # noqa: BLE001  (a hook may raise anything)
        return f"its data cannot be read: {said(error)}"
