"""Feeding: a batch's charts are made due slice by slice, so that cancelling leaves the rest untouched.

Whoever is about feeds: a worker that has done a job, a sweep, the page that shows the progress. The batch's row is
locked meanwhile, and who finds it locked leaves it to the other.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from charts.batches.rows import locked_rows, rows_of
from charts.batches.sharing import share
from charts.batches.states import (
    DRAWING,
    DRAWN,
    FAILED,
    FINAL,
    GONE,
    WAITING,
    home_of,
    is_going_on,
    items_of,
    model_of,
    with_states,
)
from charts.clock import DatabaseTime, PkValue
from charts.conf import config
from charts.freshness.jobs import lease_is_free, make_due
from charts.ledger import BATCH, CLICK, Batch, BatchItem, ChartKey, Job, begin_write, is_chart, lock_or_skip

logger = logging.getLogger("charts")

# Charts of a batch that are taken up and not yet done: enough for any crew of workers, few enough to cancel.
WINDOW = 100
# How many must be done before more are taken up: not one at a time.
REFILLED_AT = WINDOW // 2

Logger = Callable[[Batch], None]
_loggers: list[Logger] = []


def when_marked(log: Logger) -> None:
    """Call `log(batch)` after charts of a batch were taken up, and once more when it is over."""
    _loggers[:] = [log]


def feed(using: str) -> list[ChartKey]:
    """Have the next charts of every batch of a database drawn; return them, due and not sent."""
    fed: list[ChartKey] = []
    _each(is_going_on(using), lambda batch: fed.extend(feed_batch(batch)))
    return fed


def _each(batches: "QuerySet[Batch]", act: Callable[[Batch], None]) -> None:
    for batch in batches:
        if not is_chart(batch.chart_model):  # the app may be gone, or another release's
            continue
        try:
            act(batch)
        except Exception:
            logger.exception("Batch %s could not go on; it is tried again. Others do.", batch.pk)


def feed_batch(batch: Batch) -> list[ChartKey]:
    """Have the next charts of a batch drawn, if there is room; return them, due and not sent."""
    # Looked at without a lock: mostly there is nothing to do, and many workers ask.
    in_hand, has_more = _in_hand(batch), _pending(batch).exists()
    if in_hand > (REFILLED_AT if has_more else 0):
        return []
    using = home_of(batch)
    with transaction.atomic(using=using):
        begin_write(using)
        locked = lock_or_skip(is_going_on(using).filter(pk=batch.pk)).first()
        if locked is None:
            return []
        keys, is_over = _feed_locked(locked)
        if is_over:
            Batch.objects.using(using).filter(pk=batch.pk).update(finished_at=DatabaseTime())
    if keys or is_over:
        _log(batch)
    return keys


def _log(batch: Batch) -> None:
    for log in _loggers:
        try:
            log(batch)
        except Exception:  # what is told of the work must not stop it
            logger.exception("The charts taken up by batch %s could not be logged; it is tried again.", batch.pk)


def _in_hand(batch: Batch) -> int:
    return _taken_up(batch).filter(state__in=(WAITING, DRAWING)).count()


def _pending(batch: Batch) -> "QuerySet[BatchItem]":
    return items_of(batch).filter(version__isnull=True, outcome="")


def _taken_up(batch: Batch) -> "QuerySet[Any]":
    return with_states(items_of(batch).filter(version__isnull=False, outcome=""), model_of(batch))


def settle(batch: Batch) -> int:
    """Write down what can change no more, and return how many charts are in hand; the batch's row is locked."""
    found = _taken_up(batch).exclude(state=FAILED).values_list("state", "pk")
    by_state: dict[str, list[int]] = {}
    for state, pk in found:
        by_state.setdefault(state, []).append(pk)
    for state in FINAL:
        if done := by_state.get(state):
            BatchItem.objects.using(home_of(batch)).filter(pk__in=done).update(outcome=state)
    return sum(len(pks) for state, pks in by_state.items() if state not in FINAL)


def settle_late(batch: Batch) -> None:
    """Write down what has become of charts that were not done when their batch was over: they had failed, say."""
    using = home_of(batch)
    if not _taken_up(batch).filter(state__in=FINAL).exists():
        return
    with transaction.atomic(using=using):
        begin_write(using)
        if lock_or_skip(Batch.objects.using(using).filter(pk=batch.pk)).first():
            settle(batch)


def settle_all_late(using: str) -> None:
    """Do so for every batch of a database that is over."""
    open_items = BatchItem.objects.using(using).filter(batch=OuterRef("pk"), version__isnull=False, outcome="")
    over = Q(finished_at__isnull=False) | Q(cancelled_at__isnull=False)
    _each(Batch.objects.using(using).filter(over, Exists(open_items)).order_by("pk"), settle_late)


def _feed_locked(batch: Batch) -> tuple[list[ChartKey], bool]:
    """Take up charts until there is no more room, or no more; return them, and whether the batch is over."""
    in_hand = settle(batch)
    keys: list[ChartKey] = []
    while room := max(0, WINDOW - in_hand - len(keys)):
        pending = dict(_pending(batch).order_by("pk").values_list("chart_pk", "pk")[:room])
        if not pending:
            break
        taken, settled = _take_up(batch, pending)
        keys += taken
        if not settled:  # what is left is locked by others; it is taken up later
            break
    priority = CLICK if items_of(batch).count() == 1 else BATCH
    make_due(keys, 0, priority)
    return keys, not (keys or in_hand or _pending(batch).exists())


def _take_up(batch: Batch, pending: dict[str, int]) -> tuple[list[ChartKey], int]:
    """Make charts stale that nobody has locked; return their keys, and how many items are done without."""
    using, model = home_of(batch), model_of(batch)
    locked = locked_rows(model, using, pending)
    known = set(rows_of(model, using, pending).values_list("charts_key", flat=True))
    items = BatchItem.objects.using(using)
    gone = [item for key, item in pending.items() if key not in known]
    if gone:
        items.filter(pk__in=gone).update(outcome=GONE)
    drawn = [key for key, chart in locked.items() if _is_drawn_since(batch, chart)]
    items.filter(pk__in=[pending[key] for key in drawn]).update(outcome=DRAWN)
    for key in drawn:
        del locked[key]
    if locked:
        _remember(items.filter(pk__in=[pending[key] for key in locked]), model)
        shared = share(batch, locked, pending)
        charts = model._base_manager.using(using).filter(pk__in=[chart.pk for chart in locked.values()])
        charts.exclude(pk__in=[locked[key].pk for key in shared]).update(data_version=F("data_version") + 1)
        if batch.redraw:
            # Without a digest a worker finds that the data is another than was drawn, and draws.
            charts.update(data_digest="")
    return [ChartKey(batch.chart_model, key, using) for key in locked], len(gone) + len(drawn)


def _is_drawn_since(batch: Batch, chart: Any) -> bool:
    """Say whether a chart was drawn for another reason since the batch was confirmed, and is right."""
    began, drawn = batch.confirmed_at, chart.rendered_at
    return bool(began and drawn and drawn > began and chart.image_version >= chart.data_version)


def _remember(items: "QuerySet[BatchItem]", model: Any) -> None:
    """Write down how charts are, before they are made stale."""
    charts = model._base_manager.using(items.db).filter(pk=PkValue(OuterRef("chart_pk"), model)).order_by()
    label = (model._meta.concrete_model or model)._meta.label_lower
    jobs = Job.objects.using(items.db).filter(chart_model=label, chart_pk=OuterRef("chart_pk"))
    items.update(
        version=Subquery(charts.values_list(F("data_version") + 1)[:1]),
        image_before=Coalesce(Subquery(charts.values("image")[:1]), Value("")),
        digest_before=Coalesce(Subquery(charts.values("data_digest")[:1]), Value("")),
        failed_before=Subquery(jobs.values("failed_at")[:1]),
    )


def ready(batch: Batch, limit: int) -> list[ChartKey]:
    """Return charts that a batch waits for and that can be begun now, in the order of work."""
    using = home_of(batch)
    waited_for = items_of(batch).filter(version__isnull=False, outcome="", chart_pk=OuterRef("chart_pk"))
    jobs = Job.objects.using(using).filter(
        lease_is_free(),
        Exists(waited_for),
        chart_model=batch.chart_model,
        due_at__lte=DatabaseTime(),
        attempts__lt=config().max_attempts,
    )
    found = jobs.order_by("priority", "due_at", "pk").values_list("chart_pk", flat=True)[:limit]
    return [ChartKey(batch.chart_model, pk, using) for pk in found]
