"""What a watch's callable answers, as querysets of charts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models.manager import BaseManager

from charts.clock import sites_zone
from charts.models import ChartModel
from charts.watches.paths import all_rows
from charts.watches.routes import Route


def asked(route: Route, row: Any, using: str) -> "list[models.QuerySet[Any]]":
    """Ask a watch's callable for the charts of a source row.

    Args:
        route: the way to the charts, by a watch with `charts=`.
        row: of the source.
        using: the alias that the charts live in.

    Raises:
        TypeError: the answer is nothing of the kind.
    """
    answer: Any = route.watch.charts
    with sites_zone():
        found = answer(row)
        try:
            return list(_querysets(found, using))
        except TypeError as error:
            raise TypeError(
                f"charts= of {route.watch!r} of {route.chart_model._meta.label} returned {found!r:.100}: {error}; "
                "return a queryset of charts, charts in a list, or None."
            ) from error


def _querysets(found: Any, using: str) -> "Iterator[models.QuerySet[Any]]":
    if found is None:
        return
    if isinstance(found, BaseManager):
        found = found.all()
    if isinstance(found, models.QuerySet):
        yield _plain(found, using)
        return
    keys: dict[Any, list[Any]] = {}
    for chart in [found] if isinstance(found, models.Model) else _listed(found):
        keys.setdefault(type(chart), []).append(chart)
    for model, some in keys.items():
        yield _rows(model).filter(pk__in=[chart.pk for chart in some])


def _listed(found: Any) -> list[Any]:
    if not isinstance(found, Iterable):
        raise TypeError("that is no chart")
    return list(found)


def _plain(charts: "models.QuerySet[Any]", using: str) -> "models.QuerySet[Any]":
    """Return a queryset that can be part of a statement: what is cut, joined or locked cannot."""
    query = charts.query
    if query.is_sliced or query.combinator or query.distinct_fields:
        return _rows(charts.model).filter(pk__in=list(charts.using(using).values_list("pk", flat=True)))
    if query.select_for_update:
        charts = charts.all()
        charts.query.select_for_update = False
    _rows(charts.model)
    return charts


def _rows(model: Any) -> "models.QuerySet[Any]":
    if not (isinstance(model, type) and issubclass(model, ChartModel)):
        raise TypeError(f"{getattr(model, '__name__', model)} is no chart")
    return all_rows(model)
