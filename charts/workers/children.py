"""What runs in a child process. Imported before Django is set up there, so it imports nothing of Django's here."""

import os
import signal
import sys
import threading
import time
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

# Seconds between looks at whether the parent is still there.
ORPHANED_AFTER = 1.0
# What a child says first: it has loaded what it needs. All else that it says are reports.
READY = "ready"

# Both go to a whole group of processes, by Ctrl-C and by a service manager; who gave the orders says when to stop.
GROUP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Child(SpawnProcess):
    """A child that only its parent ends, by a signal that it need not hear: what hangs may hear none.

    Spawned, for a fork copies locks that others hold.
    """

    def start(self) -> None:
        """Start it deaf to the group's signals, also while it does not yet ignore them."""
        if not hasattr(signal, "pthread_sigmask"):  # no signals go to groups there
            super().start()
            return
        resource_tracker.ensure_running()  # else the start does it, and unblocks what it has blocked for itself
        before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def terminate(self) -> None:
        """End it."""
        self.kill()


def serve(line: "Connection[Any, Any]", lease: float, max_memory: int | None) -> None:
    """Carry out orders until the parent hangs up: all that a child does.

    Args:
        line: to the parent, who sends orders and hears reports.
        lease: seconds for which a chart is taken.
        max_memory: MiB; None: no limit.
    """
    prepare(max_memory)
    line.send(READY)
    while True:
        try:
            order = line.recv()
        except (EOFError, OSError):
            return
        line.send(carry_out(order, lease))


def prepare(max_memory: int | None) -> None:
    """Set a new child up: Django, matplotlib, and a limit to its memory.

    Args:
        max_memory: MiB that it may use beyond what it needs when idle; None: no limit. Linux only: elsewhere the
            kernel keeps no such limit.
    """
    for number in GROUP_SIGNALS:  # also by what it may start itself, as LaTeX, without which its chart would fail
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, GROUP_SIGNALS)
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    import django

    django.setup()
    # Loaded now, so that it counts neither as a chart's time nor as its memory.
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401  (for its effect)

    if max_memory is not None and sys.platform == "linux":
        limit_memory(max_memory)


def _end_with(parent: int) -> None:
    """End this process when its parent is no more: nobody would stop a chart that hangs."""
    while os.getppid() == parent:
        time.sleep(ORPHANED_AFTER)
    os._exit(1)


def limit_memory(mebibytes: int) -> None:
    """Let this process use so much more data memory than it does now; beyond, allocations fail."""
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])  # data and stack, in pages
    allowed = pages * resource.getpagesize() + mebibytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or allowed < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))


def carry_out(order: Any, lease: float) -> Any:
    """Carry out one order with fresh database connections where the old ones are no more."""
    from django.db import close_old_connections

    from charts.workers import orders

    close_old_connections()
    return orders.carry_out(order, lease)
