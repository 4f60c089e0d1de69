"""A crew: a few child processes that carry out orders, each with a limit of time and of memory."""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import connection
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError

from charts.conf import config
from charts.exceptions import RenderError, WorkersError
from charts.freshness import jobs, publishing
from charts.ledger import ChartKey
from charts.pipeline import recipe
from charts.signals import chart_failed
from charts.workers.members import Member
from charts.workers.orders import Order, Report

logger = logging.getLogger("charts")

# Charts after which a child is replaced: what leaks in somebody's draw() leaks no further.
RECYCLED_AFTER = 200
# A lease must outlive the time limit, or a chart that is still being drawn counts as abandoned.
LEASE_OVER_TIMEOUT = 2.0
# Children that may end one after the other before they are ready; a module that cannot be imported ends them all.
STARTS = 6
# Seconds until another is started then, doubling.
REST, LONGEST_REST = 1.0, 60.0
# Children that may end with an order, but before they take its chart or after they have published it. Who is killed
# for want of memory has done nothing wrong; who ends so each time has.
TRIES = 3
# Seconds between looks at who is alive: what a chart has left behind may keep its child's end from being heard.
LOOK = 1.0


def lease_for(timeout: float) -> float:
    """Return the seconds for which a child has a chart that it may draw for so long."""
    return max(config().lease, timeout * LEASE_OVER_TIMEOUT)


class Crew:
    """Child processes that render; a context manager.

    Children are started when there is something to do. One that ends is replaced; its order goes to the next, unless it
    was drawing: then its chart has failed.

    Args:
        size: how many charts are rendered at a time.
        timeout: seconds for each; by default `CHARTS["TIMEOUT"]`.
    """

    def __init__(self, size: int = 1, *, timeout: float | None = None) -> None:
        self.size = size
        self.timeout = config().timeout if timeout is None else timeout
        self.lease = lease_for(self.timeout)
        self._members: list[Member] = []
        self._orders: deque[Order] = deque()  # begun, and with nobody yet
        self._reports: deque[Report] = deque()
        self._tries: Counter[str] = Counter()
        self._failed_starts = 0
        self._failed_at = self._rests_until = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def room(self) -> int:
        """How many more orders can begin at once."""
        return self.size - len(self._in_hand())

    @property
    def is_idle(self) -> bool:
        """Whether every order that was begun has been reported."""
        return not self._reports and not self._in_hand()

    @property
    def at_work(self) -> set[ChartKey]:
        """The charts whose orders are being carried out."""
        return {order.key for order in self._in_hand()}

    def begin(self, order: Order) -> None:
        """Give an order to a child that has nothing to do."""
        self._orders.append(order)
        self._hand_out()

    def reports(self, patience: float | None = None) -> Iterator[Report]:
        """Yield what has become of orders since the last call.

        Args:
            patience: seconds to wait for the first; None: as long as it takes.

        Raises:
            WorkersError: no child can be started.
        """
        until = float("inf") if patience is None else time.monotonic() + patience
        while not self._reports and self._in_hand():
            self._listen(until)
            if time.monotonic() >= until:
                break
        while self._reports:
            yield self._reports.popleft()

    def carry_out(self, orders: Iterable[Order]) -> Iterator[Report]:
        """Carry out orders, as many at a time as there are children; yield a report for each when it is done."""
        for order in orders:
            while self.room <= 0:
                yield from self.reports()
            self.begin(order)
        while not self.is_idle:
            yield from self.reports()

    def close(self) -> None:
        """End the children at once, and give back what they were at."""
        in_hand = self._in_hand()
        for member in self._members:
            member.end()
        self._members.clear()
        self._orders.clear()
        with suppress(DatabaseError, InterfaceError):  # away as well; the leases end by themselves
            for order in in_hand:
                jobs.release(order.key, order.token, claimed=True)

    def _in_hand(self) -> list[Order]:
        return [*self._orders, *(member.order for member in self._members if member.order)]

    # Children.

    def _hand_out(self) -> None:
        """Give orders to children that have nothing to do, as far as there are any."""
        while self._orders and (member := self._free_member()):
            member.give(self._orders.popleft())

    def _free_member(self) -> Member | None:
        for member in [member for member in self._members if not member.order]:
            if member.is_alive:
                return member
            self._dismiss(member)
        if len(self._members) >= self.size or time.monotonic() < self._rests_until:
            return None
        return self._recruit()

    def _recruit(self) -> Member | None:
        try:
            member = Member(self.lease, self.timeout, config().max_memory)
        except OSError as error:
            self._note_failed_start(time.monotonic(), f"could not be started ({error})")
            return None
        self._members.append(member)
        return member

    def _dismiss(self, member: Member) -> str:
        """End a child if it has not ended; return how it did."""
        self._members.remove(member)
        return member.end()

    def _note_failed_start(self, started_at: float, how: str) -> None:
        """Count a child that was not of any use, and have the next one wait.

        Raises:
            WorkersError: there were too many, one after the other, and there is no other child.
        """
        if started_at < self._failed_at:  # beside one that has been counted, and of the same cause
            return
        self._failed_starts += 1
        if self._failed_starts >= STARTS and not any(member.is_ready for member in self._members):
            raise WorkersError(
                f"{STARTS} child processes one after the other ended before they could render; the last one {how}. "
                "What they wrote to standard error says why."
            )
        self._failed_at = time.monotonic()
        self._rests_until = self._failed_at + min(LONGEST_REST, REST * 2 ** (self._failed_starts - 1))
        logger.warning("A child process that was to render %s before it was ready; another is started.", how)

    # What they say.

    def _listen(self, until: float) -> None:
        """Wait until a child has said something, has ended, or must be."""
        now = time.monotonic()
        until = min(until, now + LOOK, *(member.until for member in self._members))
        if self._orders:
            until = min(until, max(now, self._rests_until))
        connection.wait([sign for member in self._members for sign in member.signs], timeout=max(0.0, until - now))
        for member in tuple(self._members):
            self._hear(member)
        self._hand_out()

    def _hear(self, member: Member) -> None:
        was_ready = member.is_ready
        self._reports.extend(member.hear())
        if member.is_ready and not was_ready:
            self._failed_starts = 0
        if member.is_over or member.is_late:
            self._lose(member)
        elif member.done >= RECYCLED_AFTER and not member.order:
            self._dismiss(member)

    def _lose(self, member: Member) -> None:
        """See to what a child was at that has ended, or has to."""
        how = self._dismiss(member)
        if order := member.order:
            if not member.is_ready or (member.is_over and self._is_unbegun(order)):
                self._orders.appendleft(order)
            elif member.is_over:
                self._reports.append(self._failed(order, f"its process {how}"))
            else:
                self._reports.append(self._failed(order, f"it ran longer than {self.timeout:g} s and was stopped"))
        if not member.is_ready:
            self._note_failed_start(member.started_at, how)

    def _is_unbegun(self, order: Order) -> bool:
        """Say whether a child has ended beside its order, not within it: the chart is not taken, or is published."""
        self._tries[order.token] += 1
        try:
            is_taken = jobs.job_of(order.key).filter(lease_token=order.token).exists()
        except (DatabaseError, InterfaceError):
            return False
        return not is_taken and self._tries[order.token] < TRIES

    def _failed(self, order: Order, why: str) -> Report:
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
