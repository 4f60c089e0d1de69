"""Steering: a batch is cancelled, resumed, and its failures tried again."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from charts.batches.feeding import settle
from charts.batches.rows import locked_rows
from charts.batches.selecting import CHUNK
from charts.batches.sharing import is_untouched, lock_idle_jobs, taken_elsewhere
from charts.batches.states import FAILED, WAITING, home_of, items_of, model_of, seen_by, with_states
from charts.clock import DatabaseTime
from charts.ledger import BATCH, SIGNAL, Batch, BatchItem, Job, begin_write, lock_rows

# Is told of charts by their keys as text.
Log = Callable[[list[str]], None]


def cancel(batch: Batch) -> bool:
    """Stop a batch: what is being drawn is finished, all else is left as it was; say whether it was going on."""
    using = home_of(batch)
    with transaction.atomic(using=using):
        begin_write(using)
        found = _locked(batch, confirmed_at__isnull=False, cancelled_at__isnull=True)
        if found is None:
            return False
        Batch.objects.using(using).filter(pk=found.pk).update(cancelled_at=DatabaseTime())
        settle(found)
        _let_go(found)
    return True


def resume(batch: Batch, log: Log) -> bool:
    """Let a cancelled batch go on; say whether it was cancelled.

    Args:
        batch: which.
        log: told of the charts that are to be drawn, in the same transaction; taking them up is then logged no more.
    """
    using = home_of(batch)
    with transaction.atomic(using=using):
        begin_write(using)
        found = _locked(batch, cancelled_at__isnull=False)
        if found is None:
            return False
        Batch.objects.using(using).filter(pk=found.pk).update(cancelled_at=None, finished_at=None)
        pending = items_of(found).filter(version__isnull=True, outcome="")
        _log(pending, log)
    return True


def retry(batch: Batch, charts: "QuerySet[Any]", log: Log) -> int:
    """Take up again what has failed, with its attempts forgotten; return how many charts.

    Args:
        batch: one that is not cancelled.
        charts: those that the person may see.
        log: told of those that are tried again, as by `resume`.
    """
    using = home_of(batch)
    with transaction.atomic(using=using):
        begin_write(using)
        found = _locked(batch, confirmed_at__isnull=False, cancelled_at__isnull=True)
        if found is None:
            return 0
        failed = with_states(items_of(found).filter(outcome=""), model_of(found)).filter(state=FAILED)
        pks = list(failed.filter(seen_by(charts.using(using))).values_list("pk", flat=True))
        for start in range(0, len(pks), CHUNK):
            items = BatchItem.objects.using(using).filter(pk__in=pks[start : start + CHUNK])
            _untake(items)
            _log(items, log)
        if pks:
            Batch.objects.using(using).filter(pk=found.pk).update(finished_at=None)
    return len(pks)


def _log(items: "QuerySet[BatchItem]", log: Log) -> None:
    """Have items logged by whoever asks for them now, and by nobody when they are taken up."""
    keys = list(items.order_by("pk").values_list("chart_pk", flat=True))
    items.update(is_logged=True)
    for start in range(0, len(keys), CHUNK):
        log(keys[start : start + CHUNK])


def _locked(batch: Batch, **conditions: Any) -> Batch | None:
    return lock_rows(Batch.objects.using(home_of(batch)).filter(pk=batch.pk, **conditions)).first()


def _untake(items: "QuerySet[BatchItem]") -> None:
    items.update(version=None, image_before="", digest_before="", failed_before=None)


def _let_go(batch: Batch) -> None:
    """Put back what is taken up and that no worker has begun, as far as nobody else has changed or wants it."""
    using, model = home_of(batch), model_of(batch)
    waiting = with_states(items_of(batch).filter(version__isnull=False, outcome=""), model).filter(state=WAITING)
    items = {item.chart_pk: item for item in waiting}
    charts = locked_rows(model, using, items)
    free = lock_idle_jobs(batch, list(charts))
    wanted = taken_elsewhere(batch, charts)
    ours = {key: pk for key, pk in free.items() if key not in wanted}
    fresh = [pk for key, pk in ours.items() if _put_back(charts[key], items[key], using)]
    jobs = Job.objects.using(using)
    jobs.filter(pk__in=fresh).update(due_at=None, stale_since=None, sent_at=None, priority=SIGNAL)
    jobs.filter(pk__in=list(ours.values()), priority=BATCH).update(priority=SIGNAL)
    _untake(BatchItem.objects.using(using).filter(pk__in=[items[key].pk for key in free]))


def _put_back(chart: Any, item: Any, using: str) -> bool:
    """Leave a chart as it was before it was taken up; say whether it was fresh."""
    if not is_untouched(chart, item):
        return False
    fresh: bool = chart.image_version == item.version - 1
    # Its picture is as right as it was, for only the batch has raised the version. That is said of the version it has
    # now: one that is lowered could be reached again, by a change, with the picture of before.
    changes: dict[str, Any] = {"image_version": item.version} if fresh else {}
    if not chart.data_digest:
        changes["data_digest"] = item.digest_before
    if changes:
        type(chart)._base_manager.using(using).filter(pk=chart.pk).update(**changes)
    return fresh
