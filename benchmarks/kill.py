"""Kill -9 of workers and writers during storms over many charts: what the pictures show once the dust has settled."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.measuring import Untrue
from benchmarks.worlds import DATABASES, World, end, world

CHARTS = 50
# Rounds after which all is swept and looked at.
EVERY = 25
COLUMNS = ("reads", "failed reads", "wrong last images", "rows naming a missing or partial file")


def run(rounds: int = 200, size: int = CHARTS, databases: Sequence[str] = DATABASES) -> Iterator[str]:
    """Yield the table: a line for each database and some rounds."""
    yield (
        f"## {rounds} rounds of kill -9 over {size} charts, a worker and two writers at a time\n\n"
        f"| database | rounds | {' | '.join(COLUMNS)} |\n{'|---' * (2 + len(COLUMNS))}|"
    )
    for database in databases:
        yield from killed(database, rounds, size)


def killed(database: str, rounds: int, charts: int) -> Iterator[str]:
    """Yield the lines of one database, each with what was counted so far."""
    chance = random.Random(7)
    so_far: Counter[str] = Counter()
    with world(database, "watch", DEBOUNCE=0, LEASE=6, TIMEOUT=3, KEEP_OLD_FILES=60) as made:
        made.ask("make", charts)
        made.ask("sweep")
        for first in range(0, rounds, EVERY):
            numbers = range(first, min(rounds, first + EVERY))
            so_far += looked_at(made, numbers, charts, chance)
            yield f"| {database} | {numbers[-1] + 1} | {' | '.join(str(so_far[name]) for name in COLUMNS)} |"
    faults = {name: so_far[name] for name in COLUMNS[1:] if so_far[name]}
    if faults or not so_far["reads"]:
        yield Untrue(f"on {database}: {faults or 'nothing was read'}")


def looked_at(made: World, numbers: range, charts: int, chance: random.Random) -> Counter[str]:
    """Go some rounds, sweep, and count what is to be seen."""
    stop = made.folder / "stop"
    reader = made.role("read")
    for number in numbers:
        _round(made, number, charts, chance)
    stop.touch()
    reads, failed = map(int, reader.communicate()[0].split())
    stop.unlink()
    made.ask("sweep")
    state = made.ask("state", "whole")
    found = dict(zip(COLUMNS, (reads, failed, len(state["wrong"]), len(state["missing"])), strict=True))
    return Counter({name: count for name, count in found.items() if count})


def _round(made: World, number: int, charts: int, chance: random.Random) -> None:
    """Start a worker and two writers, and kill each at a moment of its own."""
    worker = made.worker()
    writers = [made.role("save", 10_000, number * 100_000 + half, charts, 1 + half * 4) for half in (0, 1)]
    processes = [process for process in (worker, *writers) if process]
    time.sleep(1.5 + chance.random())  # they need about a second to start
    chance.shuffle(processes)
    for process in processes:
        time.sleep(chance.random() * 0.5)
        end(process)
