"""SQLite as Django sets it up: how many short transactions are locked out, with a watch on their rows and without."""

from collections.abc import Iterator
from typing import Any

from benchmarks.worlds import world

PROCESSES, TRANSACTIONS = 4, 600


def run(rounds: int) -> Iterator[str]:
    """Yield the table: several runs of each, taking turns."""
    yield (
        f"## {TRANSACTIONS} transactions from {PROCESSES} processes on SQLite, DEFERRED\n\n"
        "| run | locked out without a watch | with it |\n|---|---|---|"
    )
    for number in range(max(1, rounds // 10)):
        counts = [locked_out(watch=watch) for watch in (False, True)]
        yield f"| {number + 1} | {counts[0]} | {counts[1]} |"


def locked_out(*, watch: bool) -> int:
    """Return how many transactions failed with "database is locked"."""
    with world("sqlite deferred", WATCH=watch) as made:
        made.ask("make", 4)
        share = TRANSACTIONS // PROCESSES
        writers: list[Any] = [made.role("short_transactions", share, number) for number in range(PROCESSES)]
        return sum(int(writer.communicate()[0].splitlines()[-1]) for writer in writers)
