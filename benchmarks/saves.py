"""What a watch adds to a save: each kind of save taking turns with the same save of a row that nobody watches."""

import json
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.measuring import Untrue
from benchmarks.worlds import DATABASES, world

SAVES = 100
# What each kind of save may cost, as a ratio to its base. A prototype with compiled statements needed 1.9 on SQLite
# and 3.5 on PostgreSQL for the marks, 8 and 7 with applying them.
# What is claimed leaves room for a noisy machine.
BOUNDS = {"marks": 2.4, "marks, applied": 6.0, "marked before": 1.8}


def run(rounds: int = 30, size: int = SAVES, databases: Sequence[str] = DATABASES) -> Iterator[str]:
    """Yield the table: a line for each database and kind of save."""
    yield (
        f"## A save of a row that two chart models watch, {rounds} rounds of {size} saves\n\n"
        "| database | save | without a watch, µs | with it, µs | ratio |\n|---|---|---|---|---|"
    )
    for database in databases:
        for kind, base, watched in measured(database, rounds, size):
            ratio = median(watched) / median(base)
            micro = [median(seconds) / size * 1e6 for seconds in (base, watched)]
            yield f"| {database} | {kind} | {micro[0]:.0f} | {micro[1]:.0f} | {ratio:.2f} |"
            if ratio > BOUNDS.get(kind, float("inf")):
                yield Untrue(f"{kind} on {database} cost {ratio:.2f} times as much, over {BOUNDS[kind]}")


def measured(database: str, rounds: int, size: int) -> list[tuple[str, list[float], list[float]]]:
    """Return (kind of save, seconds of each round without a watch, with it)."""
    with world(database) as made:
        process = made.role("saves", rounds, size)
        out, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(made.errors())
    return [tuple(row) for row in json.loads(out.splitlines()[-1])]
