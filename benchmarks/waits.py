"""Open transactions that touch the same charts in opposite orders: nobody waits, or deadlocks, because of a chart."""

import json
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.measuring import Untrue
from benchmarks.worlds import world

WRITERS, TRANSACTIONS = 8, 10
# How much longer a transaction of 200 ms may take with a watch.
MOST = 1.25


def run(size: int = TRANSACTIONS, databases: Sequence[str] = ("postgres", "mariadb")) -> Iterator[str]:
    """Yield the table: both databases, with a watch and without, taking turns."""
    yield (
        f"## {WRITERS} writers, each {size} transactions held open for 200 ms over the same 2 charts\n\n"
        "| database | watch | deadlocks, other errors | median transaction, ms | slowest, ms | seen waiting |\n"
        "|---|---|---|---|---|---|"
    )
    for database in set(databases) - {"sqlite"}:  # which has one writer at a time
        medians = []
        for watch in (False, True):
            errors, times, waiting = held(database, size, watch=watch)
            medians.append(median(times))
            told = f"{errors} | {medians[-1]:.0f} | {max(times):.0f} | {waiting}"
            yield f"| {database} | {'yes' if watch else 'no'} | {told} |"
            if errors:
                yield Untrue(f"{errors} transactions failed on {database}")
        if medians[1] > MOST * medians[0]:
            yield Untrue(f"on {database} a transaction took {medians[1]:.0f} ms with a watch, {medians[0]:.0f} without")


def held(database: str, transactions: int, *, watch: bool) -> tuple[int, list[float], int]:
    """Return the errors, the milliseconds of each transaction, and how often one was seen waiting for a lock."""
    with world(database, WATCH=watch) as made:
        made.ask("make", 2)
        made.ask("make_own", WRITERS)
        looker = made.role("look_for_waits")
        writers = [made.role("hold", number, transactions) for number in range(WRITERS)]
        answers = [json.loads(writer.communicate()[0].splitlines()[-1]) for writer in writers]
        (made.folder / "stop").touch()
        waiting = int(looker.communicate()[0].splitlines()[-1])
    errors = sum(answer["errors"] for answer in answers)
    return errors, [seconds * 1e3 for answer in answers for seconds in answer["seconds"]], waiting
