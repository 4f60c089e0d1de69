"""What the helpers share: where charts are, and where the marks of one block begin."""

from django.db import connections, router

from charts import sweeping
from charts.freshness import marks
from charts.models import ChartModel


def begin_batch(using: str) -> None:
    """Have the next mark made anew, with a commit callback of its own.

    A TestCase is one transaction, in which a chart that was marked before, by its own creation say, is not marked
    again; nor would `captureOnCommitCallbacks` see the callback of a batch that was begun outside its block.
    """
    batch = marks.current_batch(connections[using])
    if batch:
        batch.is_over = True


def aliases() -> set[str]:
    return {router.db_for_write(model) for model in sweeping.chart_models()}


def is_unsaved(chart: ChartModel) -> bool:
    return chart.pk is None or chart._state.adding
