"""The sweep: find what was lost on the way, whoever lost it, and bring it back to work."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connections, router
from django.db.models import Exists, OuterRef, Q, QuerySet

from charts import batches, dispatch, files
from charts.clock import DatabaseTime, PkText
from charts.conf import config
from charts.freshness import applying, marks, publishing, recovering
from charts.ledger import ChartKey, Job, model_label
from charts.models import ChartModel
from charts.pipeline import recipe

logger = logging.getLogger("charts")


def chart_models() -> list[type[ChartModel]]:
    """Return every chart class with a table."""
    return [model for model in apps.get_models() if issubclass(model, ChartModel) and not model._meta.proxy]


def models_in(using: str) -> list[type[ChartModel]]:
    """Return every chart class whose table may be in a database."""
    return [model for model in chart_models() if router.allow_migrate_model(using, model)]


def sweep(using: str, models: Iterable[Any] | None = None) -> list[ChartKey]:
    """Bring back what was lost, and return the charts that wait to be drawn, in the order of work.

    Args:
        using: alias of the charts' database.
        models: chart classes to look at; None: all that are there.
    """
    models = models_in(using) if models is None else list(models)
    with dispatch.held():  # what waits is returned, and nothing of it drawn here
        timed = [model for model in models if model.refresh_every is not None]
        _each(using, timed, lambda model: marks.mark_charts(due_for_refresh(using, model), using))
    for _ in applying.apply(using):
        pass
    _each(using, models, partial(recovering.drop_orphans, using))
    _each(using, models, partial(recovering.wake, using))
    recovering.drop_foreign(using)
    dispatch.give_up(using)
    batches.feed(using)
    batches.settle_all_late(using)
    batches.prune(using)
    files.prune_all(using)
    return recovering.waiting(using)


def _each(using: str, models: Iterable[Any], step: Callable[[Any], object]) -> None:
    """Do something for the charts of each class, also if the table of one is not as this release expects it."""
    connection = connections[using]
    for model in models:
        try:
            step(model)
        except DatabaseError:
            if not connection.is_usable():  # it is away, for all of them
                raise
            logger.exception("The charts of %s could not be swept; it is tried again. Others are.", model._meta.label)


def due_for_refresh(using: str, model: Any) -> "QuerySet[Any]":
    """Return the charts whose data goes stale by the clock and that nobody has looked at for as long."""
    charts: QuerySet[Any] = model._base_manager.using(using)
    every: timedelta | None = model.refresh_every
    if every is None:
        return charts.none()
    jobs = Job.objects.using(using).filter(chart_model=model_label(model), chart_pk=PkText(OuterRef("pk")))
    since = DatabaseTime(-every.total_seconds())
    # One that is out of attempts is due for ever, but the time that has passed is new data.
    waits = Q(due_at__isnull=False, attempts__lt=config().max_attempts)
    return charts.filter(~Exists(jobs.filter(waits | Q(finished_at__gt=since) | Q(failed_at__gt=since))))


def changed_recipes(using: str, model: Any) -> "QuerySet[Any]":
    """Return the charts that were drawn, or could not be drawn, by another recipe than their class has now."""
    charts: QuerySet[Any] = model._base_manager.using(using).exclude(image="", recipe_digest="")
    now = recipe(model)
    return charts.exclude(recipe_digest__in=(now, publishing.failing(now)))


def mark_changed_recipes(using: str, models: Iterable[Any]) -> int:
    """Mark charts that were drawn by another recipe than their class has now; return how many.

    Only at the start of a command: in a running sweep two releases side by side would undo each other's work.
    """
    return sum(marks.mark_charts(changed_recipes(using, model), using) for model in models)
