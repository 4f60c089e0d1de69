"""Members of a crew: a child process as its parent sees it.

Each has a line of its own to its parent, and nothing that it shares with the others: one that is killed, whenever that
is, leaves no lock behind, and its parent knows what it was at.
"""

import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from charts.workers import children
from charts.workers.orders import Order, Report

# Seconds that a child may need to start on a busy machine, which count as no chart's time.
STARTING = 60.0
# Seconds for a child that ends by itself, so that it says how, and for one that is killed, which the kernel may delay.
ENDING = 1.0


class Member:
    """One child; it is started at once, and may be given an order before it is ready.

    Args:
        lease: seconds for which it takes a chart.
        timeout: seconds for each order.
        max_memory: MiB that it may use beyond what it needs when idle; None: no limit.

    Attributes:
        started_at: when it was, by this process's clock.
        until: when it must be ended.
        order: what it is at, or will be when it is ready.
        is_ready: whether it has loaded what it needs.
        is_over: whether it has ended, or cannot be talked to.
        done: how many orders it has carried out.

    Raises:
        OSError: the system starts no more processes.
    """

    def __init__(self, lease: float, timeout: float, max_memory: int | None) -> None:
        self.timeout = timeout
        self.started_at = time.monotonic()
        self.until = self.started_at + STARTING
        self.order: Order | None = None
        self.is_ready = False
        self.is_over = False
        self.done = 0
        self._line, theirs = multiprocessing.Pipe()
        self._process = children.Child(target=children.serve, args=[theirs, lease, max_memory])
        try:
            self._process.start()
        except BaseException:
            self._line.close()
            raise
        finally:
            theirs.close()  # so that the line is dead when the child is

    @property
    def signs(self) -> list[Any]:
        """What `multiprocessing.connection.wait` can wait for: it has said something, or has ended."""
        return [self._line, self._process.sentinel]

    @property
    def is_alive(self) -> bool:
        """Whether its process is there."""
        return not self.is_over and self._process.is_alive()

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.until

    def give(self, order: Order) -> None:
        """Give it an order, which it begins when it is ready."""
        self.order = order
        if self.is_ready:
            self.until = time.monotonic() + self.timeout
        with suppress(OSError):  # it has just ended, which is heard next
            self._line.send(order)

    def hear(self) -> Iterator[Report]:
        """Yield the report that it has sent, if it has, and note whether it is ready, and whether it is there."""
        # Asked before it is listened to: what it has said last is heard. And a process that it has left behind may keep
        # its line open.
        is_over = not self._process.is_alive()
        try:
            while self._line.poll():
                told = self._line.recv()
                if told == children.READY:
                    self.is_ready = True
                    self.until = time.monotonic() + self.timeout if self.order else float("inf")
                elif self.order and told.key == self.order.key:  # else said once more, by a fork that draw() has made
                    self.order, self.until = None, float("inf")
                    self.done += 1
                    yield told
        except Exception:  # noqa: BLE001  (the line has ended, or bears what nobody can read)
            is_over = True
        self.is_over = is_over

    def end(self) -> str:
        """End it if it has not ended; return how it did, in words."""
        if self.is_over:  # its line is dead, and so is it, or soon
            self._process.join(ENDING)
        self._process.terminate()
        self._process.join(ENDING)
        self._line.close()
        return _how(self._process.exitcode)


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode >= 0:
        return f"ended itself, with exit code {exitcode}"
    number = -(exitcode or -9)
    try:
        return f"was killed by {signal.Signals(number).name}"
    except ValueError:  # a signal without a name
        return f"was killed by signal {number}"
