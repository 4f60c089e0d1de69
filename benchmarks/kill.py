"""Kill -9 of workers and writers during storms over many charts: what the pictures show once the dust has settled."""

import random
import time
from collections.abc import Iterator

from benchmarks.worlds import World, end, world

CHARTS = 50
DATABASES = ("sqlite", "postgres", "mariadb")


def run(rounds: int) -> Iterator[str]:
    """Yield the table: a line for each database."""
    yield (
        f"## {rounds} rounds of kill -9 over {CHARTS} charts, a worker and two writers at a time\n\n"
        "| database | rounds | reads meanwhile | failed reads | wrong last images | rows naming a missing file |\n"
        "|---|---|---|---|---|---|"
    )
    for database in DATABASES:
        yield killed(database, rounds)


def killed(database: str, rounds: int) -> str:
    """Return one line of the table."""
    chance = random.Random(7)
    with world(database, "watch", DEBOUNCE=0, LEASE=6, TIMEOUT=3, KEEP_OLD_FILES=60) as made:
        made.ask("make", CHARTS)
        made.ask("sweep")
        reader = made.role("read")
        for number in range(rounds):
            _round(made, number, chance)
        (made.folder / "stop").touch()
        reads, failed = map(int, reader.communicate()[0].split())
        made.ask("sweep")
        state = made.ask("state")
    return f"| {database} | {rounds} | {reads} | {failed} | {len(state['wrong'])} | {len(state['missing'])} |"


def _round(made: World, number: int, chance: random.Random) -> None:
    """Start a worker and two writers, and kill each at a moment of its own."""
    worker = made.worker()
    writers = [made.role("save", 10_000, number * 100_000 + half, CHARTS, 1 + half * 4) for half in (0, 1)]
    processes = [process for process in (worker, *writers) if process]
    time.sleep(1.5 + chance.random())  # they need about a second to start
    chance.shuffle(processes)
    for process in processes:
        time.sleep(chance.random() * 0.5)
        end(process)
