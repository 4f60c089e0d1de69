"""Children without a process: what a crew makes of what they say, and of how they end."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from charts.freshness import jobs
from charts.workers import crew
from charts.workers.orders import Order, Report


class Stub:
    """A child that is ready at once and carries an order out without doing anything."""

    is_ready: bool = True
    is_alive: bool = True
    is_over: bool = False
    is_late: bool = False
    signs: ClassVar[list[Any]] = []

    def __init__(self, lease: float, timeout: float, max_memory: int | None) -> None:
        self.lease = lease
        self.order: Order | None = None
        self.done = 0
        self.started_at = float("inf")
        self.until = float("-inf")

    def give(self, order: Order) -> None:
        self.order = order

    def hear(self) -> Iterator[Report]:
        if self.order:
            order, self.order = self.order, None
            self.done += 1
            yield Report(key=order.key, status="rendered")

    def end(self) -> str:
        return "was killed by SIGKILL"


class Ending(Stub):
    """One that ends with the order that it is given."""

    def hear(self) -> Iterator[Report]:
        self.is_over = self.order is not None
        return iter(())


class Drawing(Ending):
    """One that ends while it draws."""

    def give(self, order: Order) -> None:
        super().give(order)
        jobs.claim(order.key, order.token, self.lease)


class Starting(Ending):
    """One that ends before it is ready."""

    is_ready = False


class Late(Drawing):
    """One whose time is over while it draws."""

    is_late = True

    def hear(self) -> Iterator[Report]:
        return iter(())


def hire(monkeypatch: pytest.MonkeyPatch, *kinds: type[Stub]) -> list[Stub]:
    """Have crews hire stubs of some kinds, one after the other, the last kind for ever; return those hired."""
    waiting, hired = list(kinds), []

    def member(*args: Any) -> Stub:
        hired.append((waiting.pop(0) if len(waiting) > 1 else waiting[0])(*args))
        return hired[-1]

    monkeypatch.setattr(crew, "Member", member)
    return hired
