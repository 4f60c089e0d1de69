"""Rendering what is pending, where no commit and no worker does it."""

from django.db import router
from django.db.models import F

from charts import dispatch, pipeline, sweeping
from charts.clock import PkText
from charts.exceptions import RenderError
from charts.freshness import applying, jobs
from charts.ledger import ChartKey
from charts.pipeline import RenderResult
from charts.testing.batches import aliases, begin_batch

# How often it starts again because a render has made other charts stale.
ROUNDS = 10


def run_pending(using: str | None = None) -> list[RenderResult]:
    """Apply all marks and render every stale chart, as commits and workers would, now.

    In a TestCase nothing is ever committed; and a mark that was coalesced into one made before the block escapes
    `captureOnCommitCallbacks(execute=True)`. Debounce, limits and the wait after a failure are not minded.

    Args:
        using: alias of a database; None: all that the router sends charts to.

    Returns:
        What became of each render.

    Raises:
        RenderError: a chart could not be rendered; the others were.
    """
    results: list[RenderResult] = []
    failures: dict[ChartKey, RenderError] = {}
    for _ in range(ROUNDS):
        stale = [key for alias in sorted({using} if using else aliases()) for key in _stale(alias)]
        todo = [key for key in stale if key not in failures]
        if not todo:
            break
        for key in todo:
            try:
                results.append(_render(key))
            except RenderError as error:
                failures[key] = error
    else:
        raise AssertionError(f"{', '.join(map(str, todo))} became stale again with each of {ROUNDS} renders.")
    for failure in failures.values():
        raise failure
    return results


def _stale(using: str) -> list[ChartKey]:
    """Apply the marks, and return the charts that are stale."""
    for _ in applying.apply(using):
        pass
    begin_batch(using)
    return [
        ChartKey(model._meta.label_lower, pk, using)
        for model in sweeping.chart_models()
        if router.allow_migrate_model(using, model)
        for pk in model._base_manager.using(using)
        .filter(image_version__lt=F("data_version"))
        .order_by("pk")
        .annotate(charts_key=PkText())
        .values_list("charts_key", flat=True)
    ]


def _render(key: ChartKey) -> RenderResult:
    """Do a chart's job as a worker does, or, after a failure, as somebody does who asks for it."""
    with dispatch.held():
        jobs.hurry(key)
        token = jobs.claim(key)
        return pipeline.work(key, token) if token else pipeline.render(key)[0]
