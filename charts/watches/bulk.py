"""Writes that send no signals: told by hand, or by a queryset that tells of its own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, router, transaction

from charts.conf import config
from charts.freshness import marks
from charts.ledger import begin_write
from charts.watches.afar import mark_afar
from charts.watches.routes import Route, routes

# Keys in one statement: SQLite takes 250,000, but a plan for so many is slow everywhere.
CHUNK = 1_000


def source_changed(changed: "models.QuerySet[Any] | type[models.Model]", using: str | None = None) -> int:
    """Mark the charts of rows that were changed without signals (`update()`, `bulk_create()`, raw SQL).

    Args:
        changed: the changed rows, or a model for all of its rows.
        using: alias of the database that was written; by default the queryset's, or the model's.

    Returns:
        How many charts were marked.
    """
    rows = changed if isinstance(changed, models.QuerySet) else changed._base_manager.all()
    alias = using or _written(rows)
    if not config().watch:
        return 0
    rows = rows.using(alias)
    with transaction.atomic(using=alias, savepoint=False):  # one batch
        return sum(_mark_rows(route, rows, alias) for route in routes().get(rows.model, ()))


def _written(rows: "models.QuerySet[Any]") -> str:
    """Return the database that a queryset's rows are written to: it may be read from a replica."""
    return rows._db or router.db_for_write(rows.model, **rows._hints)  # type: ignore[attr-defined]  # private to Django


def _mark_rows(route: Route, rows: "models.QuerySet[Any]", using: str) -> int:
    if route.watch.charts:
        begin_write(using)
        return sum(marks.mark_charts(route.watch.charts(row), using) for row in rows)
    alias = route.alias(None, using)
    if alias != using:
        begin_write(using)
        found = [value for pk in rows.values_list("pk", flat=True) for value in route.values(pk, using)]
        mark_afar(route.charts_with(list(dict.fromkeys(found))), alias, using)
        return 0
    if rows.query.is_sliced:
        begin_write(using)
        keys: Any = list(rows.values_list("pk", flat=True))
    else:
        keys = rows.order_by().values("pk")
    return marks.mark_charts(route.charts(keys, "pk__in"), using)


@contextmanager
def source_changing(rows: "models.QuerySet[Any]") -> Iterator[None]:
    """Mark the charts of rows before and after a change, one that falsifies the queryset's own filter too.

    Args:
        rows: what is about to be changed; read once, for its keys.
    """
    using = _written(rows)
    if not config().watch or not routes().get(rows.model):
        yield
        return
    with transaction.atomic(using=using, savepoint=False):
        begin_write(using)
        keys = list(rows.using(using).values_list("pk", flat=True))
        _tell(rows.model, keys, using)
        yield
        _tell(rows.model, keys, using)


def _tell(model: type[models.Model], keys: list[Any], using: str) -> None:
    for start in range(0, len(keys), CHUNK):
        source_changed(model._base_manager.using(using).filter(pk__in=keys[start : start + CHUNK]), using)


class WatchedQuerySet(models.QuerySet[Any]):
    """A queryset of a source whose bulk methods tell the charts: `objects = WatchedQuerySet.as_manager()`."""

    def update(self, **kwargs: Any) -> int:
        """Update rows, and mark the charts they match before and after."""
        with source_changing(self):
            return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]  # keeps templates from calling it

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert rows, and mark the charts they match; `bulk_update()` tells through `update()`."""
        using = _written(self)
        with transaction.atomic(using=using, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            keys = [row.pk for row in made]
            if None in keys or kwargs.get("update_conflicts"):
                source_changed(self.model, using)  # which rows were written, the database did not say
            else:
                _tell(self.model, keys, using)
        return made


WatchedManager = models.Manager.from_queryset(WatchedQuerySet)
