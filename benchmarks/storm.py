"""A storm of saves on one chart from four processes: how often it is drawn, and whether it shows the last value."""

import time
from collections.abc import Iterator

from benchmarks.worlds import wait_for, world

DEBOUNCE = 2.0
PROCESSES = 4
DATABASES = ("sqlite", "postgres", "mariadb")
ENGINES = ("watch", "tasks", "redis", "rabbitmq")


def run(rounds: int, saves: int = 10_000) -> Iterator[str]:
    """Yield the table: a line for each database and engine, and one for a storm in one transaction."""
    yield (
        f"## {saves:,} saves on one chart, {PROCESSES} processes, DEBOUNCE {DEBOUNCE:g} s\n\n"
        "| database | engine | saves took, s | renders | at most | last image right |\n|---|---|---|---|---|---|"
    )
    for database in DATABASES:
        for engine in ENGINES:
            yield storm(database, engine, saves, at_once=1)
    yield storm("sqlite", "watch", saves, at_once=saves)


def storm(database: str, engine: str, saves: int, *, at_once: int) -> str:
    """Return one line of the table."""
    processes = PROCESSES if at_once == 1 else 1
    with world(database, engine, DEBOUNCE=DEBOUNCE) as made:
        made.ask("make", 1)
        with made.working():
            if not wait_for(lambda: made.ask("state")["stale"] == 0, 60):
                return f"| {database} | {engine} | the worker did not start: {made.errors()[-300:]!r} |"
            before = made.ask("state")["draws"]
            started = time.monotonic()
            share = saves // processes
            writers = [made.role("save", share, (number + 1) * 100_000, 1, at_once) for number in range(processes)]
            for writer in writers:
                writer.communicate()
            duration = time.monotonic() - started
            wait_for(lambda: made.ask("state")["stale"] == 0, 30)
            state = made.ask("state")
        drawn, bound = state["draws"] - before, 2 + duration / DEBOUNCE
        right = "yes" if not state["wrong"] and not state["stale"] else f"NO: {state}"
        kind = "one transaction" if at_once > 1 else engine
        return f"| {database} | {kind} | {duration:.1f} | {drawn} | {bound:.1f} | {right} |"
