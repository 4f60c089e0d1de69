"""Writes that send no signals: told by hand, or by a queryset that tells of its own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, router, transaction

from charts.conf import config
from charts.ledger import begin_write
from charts.watches.links import ends_of, mark_ends
from charts.watches.paths import all_rows
from charts.watches.routes import routes_and_charts
from charts.watches.rows import can_be_part, mark_keys, mark_rows, some_at_a_time


def source_changed(changed: "models.QuerySet[Any] | type[models.Model]", using: str | None = None) -> int:
    """Mark the charts of rows that were changed without signals (`update()`, `bulk_create()`, raw SQL).

    Args:
        changed: the changed rows, of a source, of charts, or of a many-to-many table that Django has made; or the
            model of all of them.
        using: alias of the database that was written; by default the queryset's, or the model's.

    Returns:
        How many charts were marked.
    """
    rows = changed if isinstance(changed, models.QuerySet) else all_rows(changed)
    alias = using or _written(rows)
    if not config().watch:
        return 0
    rows = rows.using(alias)
    with transaction.atomic(using=alias, savepoint=False):  # one batch
        if rows.model._meta.auto_created:
            begin_write(alias, rows.model)
            return mark_ends(rows.model, ends_of(rows), alias)
        return sum(mark_rows(route, rows, alias) for route in routes_and_charts().get(rows.model, ()))


def _written(rows: "models.QuerySet[Any]") -> str:
    """Return the database that a queryset's rows are written to: it may be read from a replica."""
    return rows._db or router.db_for_write(rows.model, **rows._hints)  # type: ignore[attr-defined]  # private to Django


@contextmanager
def source_changing(rows: "models.QuerySet[Any]") -> Iterator[int]:
    """Mark the charts of rows before and after a change, one that falsifies the queryset's own filter too.

    Args:
        rows: what is about to be changed; read once, for its keys.

    Yields:
        How many they are. Who then changes more has changed rows that others committed meanwhile.
    """
    using = _written(rows)
    if not config().watch or not (rows.model._meta.auto_created or routes_and_charts().get(rows.model)):
        yield 0
        return
    with transaction.atomic(using=using, savepoint=False):
        begin_write(using, rows.model)
        keys = list(rows.using(using).values_list("pk", flat=True))
        ends = ends_of(rows.using(using)) if rows.model._meta.auto_created else []
        if can_be_part(rows):  # one statement each, however many rows
            source_changed(rows, using)
        else:
            _tell(rows.model, keys, using)
        yield len(keys)
        _tell(rows.model, keys, using)
        mark_ends(rows.model, ends, using)  # of links that are gone


def _tell(model: type[models.Model], keys: list[Any], using: str) -> None:
    if not config().watch:
        return
    if model._meta.auto_created:
        for some in some_at_a_time(keys):
            mark_ends(model, ends_of(all_rows(model).using(using).filter(pk__in=some)), using)
    mark_keys(model, keys, routes_and_charts().get(model, ()), using)


class WatchedQuerySet(models.QuerySet[Any]):
    """A queryset of a source whose bulk methods tell the charts: `objects = WatchedQuerySet.as_manager()`."""

    def update(self, **kwargs: Any) -> int:
        """Update rows, and mark the charts they match before and after."""
        keys = {"pk", *(field.name for field in self.model._meta.pk_fields)}
        with source_changing(self) as known:
            count = super().update(**kwargs)
            if count > known or not keys.isdisjoint(kwargs):
                source_changed(self.model, _written(self))
        return count

    update.alters_data = True  # type: ignore[attr-defined]  # keeps templates from calling it

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> list[Any]:
        """Insert rows, and mark the charts they match; `bulk_update()` tells through `update()`."""
        using = _written(self)
        with transaction.atomic(using=using, savepoint=False):
            if update_conflicts:  # which rows will be written, or were, the database does not say
                source_changed(self.model, using)
            made = super().bulk_create(objs, batch_size, ignore_conflicts, update_conflicts, *args, **kwargs)
            keys = [row.pk for row in made]
            if None in keys or update_conflicts:
                source_changed(self.model, using)
            else:
                _tell(self.model, keys, using)
        return made


WatchedManager = models.Manager.from_queryset(WatchedQuerySet)
