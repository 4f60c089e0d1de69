"""Who renders stale charts: the job, and the engines that are told of it.

A dispatcher is a hint sender: it is told that a chart is due and sees to it that `run` is called with its key, in
this process or another, soon, late, twice or never. The rows decide what is to be done.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Protocol

from django.core.signals import setting_changed
from django.db import Error as AnyDatabaseError
from django.db.models import F, Q
from django.dispatch import receiver
from django.utils.module_loading import import_string

from charts import batches, pipeline
from charts.batches.states import home_of
from charts.conf import ENGINES, config
from charts.exceptions import RenderError
from charts.freshness import applying, jobs, marks, publishing, recovering
from charts.freshness.jobs import Due
from charts.ledger import Batch, ChartKey, Quietly
from charts.workers import alone
from charts.workers.orders import Order

logger = logging.getLogger("charts")

# One call of `run` draws a chart that changes all the time no more often than this; a later hint goes on.
ROUNDS = 3
# Seconds that a commit spends on hints that cannot be sent, whatever the reason.
PATIENCE = 1.0
# Charts that are looked up at a time when a page draws them; another process may be at the next.
DRIVEN_AT_ONCE = 10

_held: ContextVar[bool] = ContextVar("charts_held", default=False)
_feeding: ContextVar[bool] = ContextVar("charts_feeding", default=False)


@dataclass(eq=False)
class _Work:
    """A chart that this thread is at: whether it was asked for again meanwhile, and whether there was a job to do."""

    asked: bool = False
    begun: bool = False


_at_work: ContextVar[Mapping[ChartKey, _Work]] = ContextVar("charts_at_work", default=MappingProxyType({}))


class Dispatcher(Protocol):
    """What `CHARTS["DISPATCHER"]` names: a class without arguments, with these.

    Attributes:
        capacity: how many charts of one commit it takes; None: all.
        can_wait: whether it delivers a hint after a delay. One that cannot is sent only what is due now: a hint that
            comes early is sent again for the rest of its delay, and would come early for ever.
    """

    capacity: int | None
    can_wait: bool

    def send(self, due: Due) -> None:
        """See to it that `run(due.key)` is called in `due.delay` seconds."""


class Inline:
    """Render after commit, in this process."""

    can_wait = False

    @property
    def capacity(self) -> int:
        return config().inline_limit

    def send(self, due: Due) -> None:
        run(due.key)


class Manual:
    """Render nothing: `render_charts`, or whoever looks at the picture, does."""

    capacity = 0
    can_wait = False

    def send(self, due: Due) -> None:
        raise NotImplementedError


BUILT_IN: dict[str, str] = {
    "inline": "charts.dispatch.Inline",
    "manual": "charts.dispatch.Manual",
    **ENGINES,
}


@cache
def dispatcher() -> Dispatcher:
    """Return the dispatcher that `CHARTS` names."""
    name = config().dispatcher
    chosen: Dispatcher = import_string(BUILT_IN.get(name, name))()
    return chosen


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "CHARTS":
        dispatcher.cache_clear()


def committed(using: str, batches: Sequence[str]) -> None:
    """Apply the marks of a transaction that was committed, or of several, and send what they made due."""
    applied = applying.apply(using, batches, older_than=config().lease)
    dispatch(using, list(dict.fromkeys(key for piece in applied for key in piece)))


marks.when_committed(committed)


@contextmanager
def held() -> Iterator[None]:
    """Send no hint while the block runs: who holds them sees to the charts himself."""
    before = _held.set(True)
    try:
        yield
    finally:
        _held.reset(before)


def dispatch(using: str, keys: list[ChartKey]) -> None:
    """Send hints for those charts that want one, as many as the dispatcher takes."""
    chosen = dispatcher()
    if chosen.capacity == 0 or not keys or _held.get():
        return
    _send(chosen, using, jobs.send(using, keys, chosen.capacity, ahead=getattr(chosen, "can_wait", False)))


def _send(chosen: Dispatcher, using: str, dues: list[Due]) -> None:
    unsent: list[Due] = []
    failure: Exception | None = None
    lost = 0.0
    for number, due in enumerate(dues):
        began = time.monotonic()
        try:
            chosen.send(due)
        except Exception as error:  # noqa: BLE001  (a broker that is down must not fail the request that saved the data)
            failure = error
            lost += time.monotonic() - began
            is_down = has_worker() and (isinstance(error, OSError | AnyDatabaseError) or lost >= PATIENCE)
            unsent += dues[number:] if is_down else [due]
            if is_down:  # nor would it take the others, and somebody waits for each attempt
                break
    if unsent:
        jobs.take_back(using, [due.key for due in unsent])
        which = f"{unsent[0].key} and {len(unsent) - 1} more" if len(unsent) > 1 else unsent[0].key
        logger.error("%s could not be sent to the dispatcher; the next sweep sends again.", which, exc_info=failure)


def run(key: ChartKey) -> pipeline.RenderResult | None:
    """Do the job of one chart, if there is one to do: what every worker calls.

    Returns:
        What became of the last render, or None if there was nothing to do or it failed (and says so on the chart).
    """
    if busy := _at_work.get().get(key):  # what changed meanwhile it sees in the end; for itself it never waits
        busy.asked = True
        return None
    if not key.is_known:
        logger.warning("The job of %s is left to a process that knows this chart.", key)
        return None
    work = _Work()
    before = _at_work.set({**_at_work.get(), key: work})
    try:
        return _run_isolated(key, work) if _isolates() else _run(key, work)
    finally:
        _at_work.reset(before)
        if work.begun and has_worker():
            Quietly(partial(feed, key.using))()


def has_worker() -> bool:
    """Say whether charts are drawn by processes that are there for it; else whoever wants to see them draws them."""
    return config().dispatcher not in {"inline", "manual"}


def feed(using: str) -> list[ChartKey]:
    """Have the next charts of the batches that somebody has begun drawn by whoever does that here; return them."""
    if _feeding.get():  # an engine that draws at once, in the midst of being sent what is next
        return []
    before = _feeding.set(True)
    try:
        keys = batches.feed(using)
        if has_worker():
            dispatch(using, keys)
        return keys
    finally:
        _feeding.reset(before)


def drive(batch: Batch, seconds: float) -> None:
    """Draw charts of a batch here, where there may be no worker: one at least, and more until some seconds are over.

    When none can be begun, those whose process was killed each time fail.
    """
    until = time.monotonic() + seconds
    while keys := batches.ready(batch, DRIVEN_AT_ONCE):
        for key in keys:
            run(key)
            if time.monotonic() >= until:
                return
        batches.feed_batch(batch)
    give_up(home_of(batch))  # where there is no worker there is no sweep either


def give_up(using: str) -> None:
    """Let those charts fail whose worker was killed each time that it drew them."""
    for key in recovering.bury(using):
        if key.is_known:
            publishing.tried(key, pipeline.recipe(key.model_class))


def _run(key: ChartKey, work: _Work) -> pipeline.RenderResult | None:
    result = None
    for _ in range(ROUNDS):
        token = jobs.claim(key)
        if not token:
            if jobs.unsend(key):
                dispatch(key.using, [key])
            return result
        work.begun = True
        try:
            result = pipeline.work(key, token)
        except RenderError as error:
            logger.warning("%s", error)
            dispatch(key.using, [key])
            return None
        if not (result.stale or work.asked):
            return result
        work.asked = False
    dispatch(key.using, [key])
    return result


def _isolates() -> bool:
    """Say whether workers of this project render in a child process; who renders inline has no worker."""
    return config().isolate and config().dispatcher != "inline"


def _run_isolated(key: ChartKey, work: _Work) -> pipeline.RenderResult | None:
    report = alone.carry_out(Order(key=key, early=False))
    work.begun = report.status not in {"elsewhere", "waiting"}
    if report.status in {"elsewhere", "waiting"} and not jobs.unsend(key):
        return None
    if report.status not in {"rendered", "unchanged", "superseded"} or report.stale:
        logger.log(logging.WARNING if report.sentence else logging.DEBUG, "%s: %s", key, report.sentence or "again")
        dispatch(key.using, [key])
    return report.result


def run_now(key: ChartKey) -> pipeline.RenderResult | None:
    """Do the job of a chart that somebody looks at, also if it was due only later.

    A chart that has just failed is not drawn again for every reader: its back-off holds.
    """
    undrawn = Q(image="") | Q(image_version__lt=F("data_version"))
    if publishing.rows_of(key).filter(undrawn).exists():
        jobs.hurry(key)
    return run(key)
