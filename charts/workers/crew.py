"""A crew: a few child processes that carry out orders, each with a limit of time and of memory."""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import TracebackType
from typing import Any, Self

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError

from charts.conf import config
from charts.exceptions import RenderError
from charts.freshness import jobs, publishing
from charts.ledger import ChartKey
from charts.pipeline import recipe
from charts.signals import chart_failed
from charts.workers import children
from charts.workers.orders import Order, Report

logger = logging.getLogger("charts")

# Charts after which a child is replaced: what leaks in somebody's draw() leaks no further.
RECYCLED_AFTER = 200
# A lease must outlive the time limit, or a chart that is still being drawn counts as abandoned.
LEASE_OVER_TIMEOUT = 2.0


def lease_for(timeout: float) -> float:
    """Return the seconds for which a child has a chart that it may draw for so long."""
    return max(config().lease, timeout * LEASE_OVER_TIMEOUT)


class Crew:
    """Child processes that render; a context manager.

    Args:
        size: how many charts are rendered at a time.
        timeout: seconds for each; by default `CHARTS["TIMEOUT"]`.

    Raises:
        ImproperlyConfigured: Pebble, which manages the processes, is not installed.
    """

    def __init__(self, size: int = 1, *, timeout: float | None = None) -> None:
        try:
            import pebble
        except ImportError as error:
            raise ImproperlyConfigured(
                "Rendering in child processes needs Pebble: pip install 'django-chart-models[workers]'."
            ) from error
        self.size = size
        self.timeout = config().timeout if timeout is None else timeout
        self.lease = lease_for(self.timeout)
        self._at_work: dict[Future[Any], Order] = {}
        self._expired: type[Exception] = pebble.ProcessExpired
        self._pool: Any = pebble.ProcessPool(
            max_workers=size,
            max_tasks=RECYCLED_AFTER,
            initializer=children.prepare,
            initargs=(config().max_memory,),
            context=children.Children(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(now=kind is not None)

    @property
    def room(self) -> int:
        """How many more orders can begin at once."""
        return self.size - len(self._at_work)

    @property
    def is_idle(self) -> bool:
        """Whether no order is being carried out."""
        return not self._at_work

    @property
    def at_work(self) -> set[ChartKey]:
        """The charts whose orders have not been reported."""
        return {order.key for order in self._at_work.values()}

    def begin(self, order: Order) -> None:
        """Give an order to a child that has nothing to do."""
        future = self._pool.schedule(children.carry_out, args=[order, self.lease], timeout=self.timeout)
        self._at_work[future] = order

    def reports(self, patience: float | None = None) -> Iterator[Report]:
        """Yield what has become of orders since the last call.

        Args:
            patience: seconds to wait for the first; None: as long as it takes.
        """
        done, _ = wait(self._at_work, timeout=patience, return_when=FIRST_COMPLETED)
        for future in done:
            yield self._report(self._at_work.pop(future), future)

    def carry_out(self, orders: Iterable[Order]) -> Iterator[Report]:
        """Carry out orders, as many at a time as there are children; yield a report for each when it is done."""
        for order in orders:
            while not self.room:
                yield from self.reports()
            self.begin(order)
        while not self.is_idle:
            yield from self.reports()

    def close(self, *, now: bool = False) -> None:
        """End the children: at once, or when they have done what they are at."""
        if now:
            self._pool.stop()
            for order in self._at_work.values():
                jobs.release(order.key, order.token, claimed=True)
        else:
            self._pool.close()
        self._pool.join()

    def _report(self, order: Order, future: "Future[Any]") -> Report:
        try:
            report: Report = future.result()
        except TimeoutError:
            return self._killed(order, f"it ran longer than {self.timeout:g} s and was stopped")
        except self._expired as error:
            return self._killed(order, f"its process was killed ({error})")
        return report

    def _killed(self, order: Order, why: str) -> Report:
        """Record on the chart what its child could not."""
        sentence = f"{order.key} could not be rendered: {why}."
        try:
            publishing.tried(order.key, recipe(order.key.model_class))
            jobs.fail(order.key, order.token, sentence, self.timeout)
        except (DatabaseError, InterfaceError):
            # Reported all the same: the lease ends by itself, and then the chart is due again, its attempt counted.
            logger.exception("%s Its database does not answer, so its page does not say so.", sentence)
        chart_failed.send_robust(
            sender=order.key.model_class, chart=order.key, error=RenderError(sentence), duration=self.timeout
        )
        return Report(key=order.key, status="failed", sentence=sentence, duration=self.timeout)
