"""What a watch adds to a save: each kind of save taking turns with the same save of a row that nobody watches."""

import json
from collections.abc import Iterator
from statistics import median

from benchmarks.worlds import world

DATABASES = ("sqlite", "postgres", "mariadb")
SAVES = 100
# What each kind of save may cost, as a ratio to its base: a prototype needed 1.9 and 3.5 on SQLite and PostgreSQL for
# the marks, 8 and 7 with applying them.
BOUNDS = {"marks": 2.5, "marks, applied": 5.5, "marked before": 1.2}


def run(rounds: int) -> Iterator[str]:
    """Yield the table: a line for each database and kind of save."""
    yield (
        f"## A save of a row that two chart models watch, {rounds} rounds of {SAVES} saves\n\n"
        "| database | save | without a watch, µs | with it, µs | ratio |\n|---|---|---|---|---|"
    )
    over = []
    for database in DATABASES:
        for kind, base, watched in measured(database, rounds):
            ratio = median(watched) / median(base)
            if ratio > BOUNDS.get(kind, float("inf")):
                over.append(f"{database}, {kind}: {ratio:.2f} is over {BOUNDS[kind]}")
            micro = [median(seconds) / SAVES * 1e6 for seconds in (base, watched)]
            yield f"| {database} | {kind} | {micro[0]:.0f} | {micro[1]:.0f} | {ratio:.2f} |"
    if over:
        raise AssertionError("; ".join(over))


def measured(database: str, rounds: int) -> list[tuple[str, list[float], list[float]]]:
    """Return (kind of save, seconds of each round without a watch, with it)."""
    with world(database) as made:
        process = made.role("saves", rounds, SAVES)
        out, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(made.errors())
    return [tuple(row) for row in json.loads(out.splitlines()[-1])]
