"""The figures of batches, counted from the rows: what is done, what is left, what has failed and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Substr

from charts.batches import states
from charts.batches.states import items_of, seen_by, with_states
from charts.ledger import Batch, BatchItem, Job

# Characters of an error that are shown: its first line.
FIRST_LINE = 300


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How many charts of a batch are in which state; those that somebody may see.

    Attributes:
        pending: not taken up yet.
        waiting: taken up, and waiting for a worker.
        drawing: a worker has it.
        drawn: drawn anew.
        unchanged: looked at, and found right.
        failed: failed since it was taken up; it may be tried again.
        gone: deleted.
    """

    pending: int = 0
    waiting: int = 0
    drawing: int = 0
    drawn: int = 0
    unchanged: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def total(self) -> int:
        """All charts of the batch."""
        return self.done + self.left

    @property
    def done(self) -> int:
        """Those that nothing more is done about."""
        return self.drawn + self.unchanged + self.failed + self.gone

    @property
    def left(self) -> int:
        """Those that are still to be done."""
        return self.pending + self.waiting + self.drawing


def figures(batch: Batch, charts: "QuerySet[Any]", *, gone_too: bool) -> Figures:
    """Count the charts of a batch by their states, in one query.

    Args:
        batch: which.
        charts: those that the person may see; others are in no figure.
        gone_too: whether deleted charts are counted: of them nobody can say any more who might see them.
    """
    return figures_of_many([batch], charts, gone_too={batch.pk} if gone_too else set()).get(batch.pk, Figures())


def figures_of_many(batches: Iterable[Batch], charts: "QuerySet[Any]", *, gone_too: set[int]) -> dict[int, Figures]:
    """Count the charts of several batches of one model; return their figures by their primary keys."""
    pks = [batch.pk for batch in batches]
    items = BatchItem.objects.using(charts.db).filter(batch__in=pks)
    there = seen_by(charts.model._base_manager.using(charts.db))
    counted = with_states(items, charts.model).filter(seen_by(charts) | Q(batch__in=gone_too) & ~there)
    rows = counted.order_by().values_list("batch", "state").annotate(count=Count("pk"))
    found: dict[int, dict[str, int]] = {}
    for pk, state, count in rows:
        found.setdefault(pk, {})[state] = count
    return {pk: Figures(**counts) for pk, counts in found.items()}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A chart of a batch that has failed.

    Attributes:
        chart_pk: its primary key as text.
        error: the first line of why.
    """

    chart_pk: str
    error: str


def failures(batch: Batch, charts: "QuerySet[Any]", limit: int) -> list[Failure]:
    """Return the first failures of a batch that somebody may see.

    Args:
        batch: which.
        charts: those that the person may see.
        limit: how many at the most.
    """
    jobs = Job.objects.using(charts.db).filter(chart_model=batch.chart_model, chart_pk=OuterRef("chart_pk"))
    failed = with_states(items_of(batch).filter(outcome=""), charts.model).filter(seen_by(charts), state=states.FAILED)
    error = Coalesce(Subquery(jobs.values_list(Substr("error", 1, FIRST_LINE))[:1]), Value(""))
    rows = failed.order_by("pk").annotate(error=error).values_list("chart_pk", "error")[:limit]
    return [Failure(chart_pk=pk, error=text.partition("\n")[0]) for pk, text in rows]
