"""Selecting: charts are noted in the database when somebody selects them, and acted on when he confirms it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.models import F, Q, QuerySet

from charts.batches.states import home_of, items_of, seen_by
from charts.clock import DatabaseTime, PkText
from charts.ledger import (
    Batch,
    BatchItem,
    begin_write,
    delete_by_pk,
    delete_found,
    lock_or_skip,
    lock_rows,
    model_label,
    pk_text,
)

# Seconds for which a selection that nobody confirms is kept: somebody may have gone home over it.
UNCONFIRMED_FOR = 24 * 3600
# Seconds for which a batch that was begun can be looked at.
KEPT_FOR = 90 * 24 * 3600
# Old batches that one sweep deletes.
PRUNED_AT_ONCE = 20
CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for a batch.

    Attributes:
        user_pk: his primary key as text.
        user_name: what he is called.
        may_change: says whether he may change a chart; None: any that he may see.
    """

    user_pk: str = ""
    user_name: str = ""
    may_change: Callable[[Any], bool] | None = None


def select(charts: "QuerySet[Any]", using: str, asked: Asked) -> Batch | None:
    """Note the charts of a queryset as a batch to be confirmed; return it, or None if there are none.

    Args:
        charts: those that were selected, and that the person may see.
        using: alias of their database.
        asked: who has selected them.
    """
    with transaction.atomic(using=using):
        begin_write(using)
        batch = Batch.objects.using(using).create(
            chart_model=model_label(charts.model),
            chart_class=charts.model._meta.label_lower,
            user_pk=asked.user_pk,
            user_name=asked.user_name[:255],
            created_at=DatabaseTime(),
        )
        charts = charts.using(using)
        count = _note_allowed(batch, charts, asked.may_change) if asked.may_change else _note_all(batch, charts)
        if not count:
            batch.delete(using=using)
            return None
    batch.refresh_from_db(using=using)
    return batch


def _note_all(batch: Batch, charts: "QuerySet[Any]") -> int:
    """Note the charts in one statement: none of five thousand has to be loaded."""
    connection = connections[charts.db]
    found = charts.order_by().annotate(charts_id=F("pk"), charts_key=PkText()).values("charts_id", "charts_key")
    try:
        inner, params = found.query.get_compiler(charts.db).as_sql()
    except EmptyResultSet:
        return 0
    quote = connection.ops.quote_name
    columns = ("batch_id", "chart_pk", "image_before", "digest_before", "outcome", "is_logged")
    sql = (
        f"INSERT INTO {quote(BatchItem._meta.db_table)} ({', '.join(map(quote, columns))}) "  # noqa: S608  (names)
        # A search may find a chart more than once. They are drawn in the order of their keys.
        f"SELECT %s, one.charts_key, '', '', '', %s FROM (SELECT DISTINCT charts_id, charts_key FROM ({inner}) found) "
        "one ORDER BY one.charts_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.pk, False, *params])
        count: int = cursor.rowcount
    return count


def _note_allowed(batch: Batch, charts: "QuerySet[Any]", may_change: Callable[[Any], bool]) -> int:
    """Note the charts that a person may change, where he must be asked of each."""
    allowed = (chart.pk for chart in charts.iterator(chunk_size=CHUNK) if may_change(chart))
    count = 0
    while pks := list(dict.fromkeys(islice(allowed, CHUNK))):
        items = [BatchItem(batch=batch, chart_pk=pk_text(charts.model, pk, charts.db)) for pk in pks]
        count += len(BatchItem.objects.using(charts.db).bulk_create(items))
    return count


def confirm(batch: Batch, charts: "QuerySet[Any]", *, only_stale: bool, redraw: bool) -> int:
    """Let a selection begin; return how many charts are in it, 0 if there are none or it had begun already.

    Args:
        batch: the selection.
        charts: those that the person may see, and of them those that are meant; others leave the batch.
        only_stale: whether that was said of them, for the record.
        redraw: draw also what has not changed.
    """
    using = home_of(batch)
    with transaction.atomic(using=using):
        begin_write(using)
        found = lock_rows(Batch.objects.using(using).filter(pk=batch.pk, confirmed_at__isnull=True)).first()
        if found is None:
            return 0
        drop(items_of(batch).exclude(seen_by(charts.using(using))))
        count = items_of(batch).count()
        if count:
            Batch.objects.using(using).filter(pk=batch.pk).update(
                confirmed_at=DatabaseTime(), only_stale=only_stale, redraw=redraw
            )
    return count


def drop(items: "QuerySet[BatchItem]") -> None:
    """Take charts out of a batch that has not begun."""
    # Read first: MySQL locks in a DELETE what its condition reads, and that is other people's charts.
    pks: Sequence[int] = list(items.values_list("pk", flat=True))
    for start in range(0, len(pks), CHUNK):
        delete_by_pk(BatchItem, items.db, pks[start : start + CHUNK])


def discard(batch: Batch) -> None:
    """Forget a selection that was not confirmed."""
    _delete(home_of(batch), Q(pk=batch.pk, confirmed_at__isnull=True), 1)


def prune(using: str) -> int:
    """Delete selections that nobody has confirmed, and batches of long ago, a few at a time; return how many."""
    forgotten = Q(confirmed_at__isnull=True, created_at__lt=DatabaseTime(-UNCONFIRMED_FOR))
    return _delete(using, forgotten | Q(confirmed_at__lt=DatabaseTime(-KEPT_FOR)), PRUNED_AT_ONCE)


def _delete(using: str, which: Q, limit: int) -> int:
    batches = Batch.objects.using(using).filter(which)
    # Looked for first: nearly always there is none, and a sweep need not write to learn that.
    pks = list(batches.order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_delete_one(batches, pk) for pk in pks)


def _delete_one(batches: "QuerySet[Batch]", pk: int) -> int:
    with transaction.atomic(using=batches.db):
        begin_write(batches.db)
        if not lock_or_skip(batches.filter(pk=pk)).values_list("pk", flat=True).first():
            return 0
        delete_found(BatchItem.objects.using(batches.db).filter(batch=pk), "charts_batchitem_chart")
        delete_by_pk(Batch, batches.db, [pk])
    return 1
