"""What runs in a child process. Imported before Django is set up there, so it imports nothing of Django's here."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

# Seconds between looks at whether the parent is still there.
ORPHANED_AFTER = 1.0


def prepare(max_memory: int | None) -> None:
    """Set a new child up: Django, matplotlib, and a limit to its memory.

    Args:
        max_memory: MiB that it may use beyond what it needs when idle; None: no limit. Linux only: elsewhere the
            kernel keeps no such limit.
    """
    # Ctrl-C goes to the whole group of processes; who gave the orders says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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


def carry_out(order: Any, lease: float | None) -> Any:
    """Carry out one order with fresh database connections where the old ones are no more."""
    from django.db import close_old_connections

    from charts.workers import orders

    close_old_connections()
    return orders.carry_out(order, lease)
