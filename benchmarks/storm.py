"""A storm of saves on one chart from four processes: how often it is drawn, and whether it shows the last value."""

import time
from collections.abc import Iterator, Sequence

from benchmarks.measuring import Untrue
from benchmarks.worlds import DATABASES, wait_for, world

DEBOUNCE = 2.0
PROCESSES = 4
ENGINES = ("watch", "tasks", "redis", "rabbitmq")
# Seconds in which a worker must have started, and in which the last picture must be there.
PATIENCE = 90


def run(size: int = 10_000, databases: Sequence[str] = DATABASES) -> Iterator[str]:
    """Yield the table: a line for each database and engine, and one for a storm in one transaction."""
    yield (
        f"## {size:,} saves on one chart, {PROCESSES} processes, DEBOUNCE {DEBOUNCE:g} s\n\n"
        "| database | engine | saves took, s | renders | at most | last image right |\n|---|---|---|---|---|---|"
    )
    for database in databases:
        for engine in ENGINES:
            yield from storm(database, engine, size, at_once=1)
        yield from storm(database, "watch", size, at_once=size)


def storm(database: str, engine: str, saves: int, *, at_once: int) -> Iterator[str]:
    """Yield one line of the table, and what it should not say."""
    processes = PROCESSES if at_once == 1 else 1
    kind = "one transaction" if at_once > 1 else engine
    with world(database, engine, DEBOUNCE=DEBOUNCE) as made:
        made.ask("make", 1)
        with made.working():
            if not wait_for(lambda: made.ask("state")["stale"] == 0, PATIENCE):
                yield Untrue(f"the worker of {engine} on {database} did not start: {made.errors()[-300:]!r}")
                return
            before = made.ask("state")["draws"]
            started = time.monotonic()
            share = saves // processes
            writers = [made.role("save", share, (number + 1) * 100_000, 1, at_once) for number in range(processes)]
            for writer in writers:
                writer.communicate()
            duration = time.monotonic() - started
            wait_for(lambda: made.ask("state")["stale"] == 0, PATIENCE)
            state = made.ask("state")
        failed = [writer.returncode for writer in writers if writer.returncode]
        drawn = state["draws"] - before
    bound = 1 if at_once > 1 else 2 + duration / DEBOUNCE
    is_right = not (state["wrong"] or state["stale"] or failed)
    yield (
        f"| {database} | {kind} | {duration:.1f} | {drawn} | {bound:.1f} | {'yes' if is_right else f'NO: {state}'} |"
    )
    if not is_right or drawn > bound:
        yield Untrue(f"{kind} on {database}: {drawn} renders, {state}, writers ended with {failed or 0}")
