"""SQLite as Django sets it up: how many short transactions are locked out, with a watch on their rows and without."""

from collections.abc import Iterator
from typing import Any

from benchmarks.measuring import Untrue
from benchmarks.worlds import world

PROCESSES, TRANSACTIONS = 4, 600
# What luck may add, in shares of all transactions.
CHANCE = 0.05


def run(rounds: int = 3, size: int = TRANSACTIONS) -> Iterator[str]:
    """Yield the table: several runs of each, taking turns."""
    yield (
        f"## {size} transactions from {PROCESSES} processes on SQLite, DEFERRED\n\n"
        "| run | locked out without a watch | with it |\n|---|---|---|"
    )
    total = [0, 0]
    for number in range(rounds):
        counts = [locked_out(size, watch=watch) for watch in (False, True)]
        total = [before + count for before, count in zip(total, counts, strict=True)]
        yield f"| {number + 1} | {counts[0]} | {counts[1]} |"
    if total[1] - total[0] > CHANCE * size * rounds:
        yield Untrue(f"{total[1]} were locked out with a watch, {total[0]} without")


def locked_out(transactions: int, *, watch: bool) -> int:
    """Return how many transactions failed with "database is locked"."""
    with world("sqlite deferred", WATCH=watch) as made:
        made.ask("make", 4)
        share = transactions // PROCESSES
        writers: list[Any] = [made.role("short_transactions", share, number) for number in range(PROCESSES)]
        return sum(int(writer.communicate()[0].splitlines()[-1]) for writer in writers)
