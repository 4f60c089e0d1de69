"""Rows that somebody names: their charts are marked as they are found, here or in another database."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DatabaseError, models

from charts.clock import is_sites_zone
from charts.freshness import marks
from charts.ledger import begin_write
from charts.watches.afar import mark_afar
from charts.watches.asking import asked
from charts.watches.paths import all_rows
from charts.watches.routes import Route

logger = logging.getLogger("charts")

# Keys in one statement: SQLite takes 250,000, but a plan for so many is slow everywhere.
CHUNK = 1_000


def some_at_a_time(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield keys in lists that fit one statement."""
    listed = list(keys)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def mark_keys(model: type[models.Model], keys: Iterable[Any], routes: Iterable[Route], using: str) -> int:
    """Mark the charts of a model's rows by their keys; return how many of them are in the same database."""
    ways = list(routes)
    return sum(_mark_some(model, some, way, using) for some in some_at_a_time(keys) for way in ways)


def _mark_some(model: type[models.Model], keys: list[Any], route: Route, using: str) -> int:
    is_near = not route.watch.charts and route.alias(None, using) == using
    if is_near and route.model._meta.concrete_model is model._meta.concrete_model:
        return marks.mark_charts(route.charts(route.keys_in(keys)), using)
    return mark_rows(route, all_rows(model).using(using).filter(pk__in=keys), using)


def mark_rows(route: Route, rows: "models.QuerySet[Any]", using: str) -> int:
    """Mark the charts of rows as the database has them; return how many of them are in the same database.

    Args:
        route: the way to the charts.
        rows: some of the route's model, or of a subclass or proxy of it.
        using: the alias that is written.
    """
    key = route.model._meta.pk.attname
    if route.watch.charts:
        begin_write(using, route.model)
        return sum(mark_found(route, row, charts_of(route, row, using), using) for row in rows)
    if route.alias(None, using) != using:
        begin_write(using, route.model)
        for keys in some_at_a_time(rows.values_list(key, flat=True)):
            mark_far(route, noted(route, keys, using), None, using)
        return 0
    if can_be_part(rows):
        return marks.mark_charts(route.charts(route.keys_in(rows.order_by().values(key))), using)
    begin_write(using, route.model)
    found = some_at_a_time(rows.values_list(key, flat=True))
    return sum(marks.mark_charts(route.charts(route.keys_in(keys)), using) for keys in found)


def can_be_part(rows: "models.QuerySet[Any]") -> bool:
    """Say whether a queryset means the same as part of a statement, in the site's time zone, as by itself."""
    query = rows.query
    return is_sites_zone() and not (query.is_sliced or query.combinator or query.distinct_fields)


def charts_of(route: Route, row: Any, using: str) -> "list[models.QuerySet[Any]]":
    """Return what a watch's callable finds for a row; those in another database as they are now, not after the commit.

    Args:
        route: the way to the charts, by a watch with `charts=`.
        row: of the source; None: it is not there.
        using: the alias that is written.
    """
    if row is None:
        return []
    alias = route.alias(row, using)
    found = [charts for each in _taken(route, row, using) for charts in asked(route, each, alias)]
    if alias == using:
        return found
    try:
        keys = [(charts.model, list(charts.using(alias).values_list("pk", flat=True))) for charts in found]
    except DatabaseError:  # it fails nobody's save; perhaps it is back after the commit
        logger.exception("Charts in the database %r could not be looked up.", alias)
        return found
    return [all_rows(model).filter(pk__in=some) for model, listed in keys for some in some_at_a_time(listed)]


def _taken(route: Route, row: Any, using: str) -> list[Any]:
    """Return a row as the callable takes it: of a proxy for one of its table, the child for one of its parents."""
    if isinstance(row, route.source):
        return [row]
    rows = list(route.sources([route.key_of(row)], using))
    for each in rows:  # with what is about to be written
        for name in {field.attname for field in route.model._meta.concrete_fields} & set(row.__dict__):
            setattr(each, name, row.__dict__[name])
    return rows


def noted(route: Route, keys: list[Any], using: str) -> list[Any]:
    """Return what the charts of some rows, in another database, are found by: by a route with `match`, or with none."""
    return keys if route.chart_prefix else route.values(keys, using)


def mark_found(route: Route, row: Any, found: "list[models.QuerySet[Any]]", using: str) -> int:
    """Mark what `charts_of` has found for a row; return how many charts of it are in the same database."""
    alias = route.alias(row, using)
    if alias == using:
        return sum(marks.mark_charts(charts, using) for charts in found)
    mark_afar(found, alias, using)
    return 0


def mark_far(route: Route, found: list[Any], row: models.Model | None, using: str) -> None:
    """Mark charts in another database by what was noted of some rows, of one if it is given."""
    alias = route.alias(row, using)
    if not route.watch.match:
        mark_afar([all_rows(route.chart_model)], alias, using, key=(route,))
    elif found:
        charts = [route.charts(route.keys_in(found))] if route.chart_prefix else route.charts_with(found)
        mark_afar(charts, alias, using, key=(route, *found))
