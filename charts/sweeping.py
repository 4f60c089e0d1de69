"""The sweep: find what was lost on the way, whoever lost it, and bring it back to work."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from charts import files
from charts.clock import DatabaseTime, PkText
from charts.freshness import jobs, marks
from charts.ledger import ChartKey, Job
from charts.models import ChartModel
from charts.pipeline import recipe


def chart_models() -> list[type[ChartModel]]:
    """Return every chart class with a table."""
    return [model for model in apps.get_models() if issubclass(model, ChartModel) and not model._meta.proxy]


def sweep(using: str, models: Iterable[Any] | None = None) -> list[ChartKey]:
    """Bring back what was lost, and return the charts that wait to be drawn, in the order of work.

    Args:
        using: alias of the charts' database.
        models: chart classes to look at; None: all.
    """
    for model in models or chart_models():
        _refresh(using, model)
    for _ in jobs.apply(using):
        pass
    for model in models or chart_models():
        jobs.wake(using, model)
    jobs.bury(using)
    files.prune_all(using)
    return jobs.waiting(using)


def _refresh(using: str, model: Any) -> None:
    """Mark charts whose data goes stale by the clock and that nobody has looked at for as long."""
    every: timedelta | None = model.refresh_every
    if every is None:
        return
    recent = Job.objects.using(using).filter(
        Q(finished_at__gt=DatabaseTime(-every.total_seconds())) | Q(due_at__isnull=False),
        chart_model=model._meta.label_lower,
        chart_pk=PkText(OuterRef("pk")),
    )
    marks.mark_charts(model._base_manager.using(using).filter(~Exists(recent)), using)


def mark_changed_recipes(using: str, models: Iterable[Any]) -> int:
    """Mark charts that were drawn by another recipe than their class has now; return how many.

    Only at the start of a command: in a running sweep two releases side by side would undo each other's work.
    """
    return sum(
        marks.mark_charts(
            model._base_manager.using(using).exclude(recipe_digest=recipe(model)).exclude(image=""), using
        )
        for model in models
    )
