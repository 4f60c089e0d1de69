"""What of a batch somebody may see and do: it is told in figures of the charts that he may see, and of no others."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import router
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from charts import batches
from charts.batches import Figures
from charts.ledger import Batch


class Seen(NamedTuple):
    """A batch as somebody sees it.

    Attributes:
        batch: which.
        charts: the charts that he may see, in the batch or not.
        figures: of those in the batch that he may see.
        is_mine: whether he has made it.
    """

    batch: Batch
    charts: "QuerySet[Any]"
    figures: Figures
    is_mine: bool


def charts_of(model_admin: Any, request: HttpRequest) -> "QuerySet[Any]":
    """Return the charts that somebody may see, in the database in which they are written."""
    charts: Any = model_admin.get_queryset(request)
    chosen: QuerySet[Any] = charts.using(charts._db or router.db_for_write(model_admin.model))
    return chosen


def seen_batch(model_admin: Any, request: HttpRequest, pk: int) -> Seen:
    """Return a batch as somebody sees it.

    Raises:
        Http404: there is none, or he may see none of its charts, or it is a selection of somebody else's.
    """
    charts = charts_of(model_admin, request)
    batch = batches_of(model_admin, charts.db).filter(pk=pk).first()
    if batch is None:
        raise Http404
    mine = is_mine(batch, request)
    figures = batches.figures(batch, charts, gone_too=mine)
    if not mine and not (batch.confirmed_at and figures.total):
        raise Http404
    return Seen(batch, charts, figures, mine)


def batches_of(model_admin: Any, using: str) -> "QuerySet[Batch]":
    """Return the batches of an admin's charts, whoever may see them."""
    return Batch.objects.using(using).filter(chart_class=model_admin.opts.label_lower)


def is_mine(batch: Batch, request: HttpRequest) -> bool:
    """Say whether somebody has made a batch himself."""
    return batch.user_pk == str(request.user.pk)


def asker(model_admin: Any, request: HttpRequest) -> Callable[[Any], bool] | None:
    """Return what says whether somebody may change a chart; None where the answer is the same for all of a model."""
    if type(model_admin).has_change_permission is admin.ModelAdmin.has_change_permission:
        return None
    return lambda chart: bool(model_admin.has_change_permission(request, chart))


def changeable(model_admin: Any, request: HttpRequest, seen: Seen) -> "QuerySet[Any]":
    """Return the charts that somebody may change, those of the batch at least."""
    may_change = asker(model_admin, request)
    if may_change is None:
        return seen.charts
    charts = batches.charts_in(seen.batch, seen.charts).iterator(chunk_size=500)
    return seen.charts.filter(pk__in=[chart.pk for chart in charts if may_change(chart)])


def may_steer(model_admin: Any, request: HttpRequest, seen: Seen) -> bool:
    """Say whether somebody may stop a batch or let it go on: he may see all of it, and change what is not done.

    What is his he may stop in any case, and let go on as far as he may see and change what is left.
    """
    if seen.is_mine and not seen.batch.cancelled_at:
        return True
    everything = seen.charts.model._base_manager.using(seen.charts.db)
    whole = batches.figures(seen.batch, everything, gone_too=False)
    if seen.figures.left != whole.left or (not seen.is_mine and seen.figures.total != whole.total):
        return False
    may_change = asker(model_admin, request)
    if may_change is None:
        return True
    charts = batches.charts_in(seen.batch, seen.charts, only_open=True)
    return all(may_change(chart) for chart in charts.iterator(chunk_size=500))
