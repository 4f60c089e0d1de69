"""Open transactions that touch the same charts in opposite orders: nobody waits, or deadlocks, because of a chart."""

import json
from collections.abc import Iterator
from statistics import median

from benchmarks.worlds import world

WRITERS, TRANSACTIONS = 8, 10


def run(rounds: int) -> Iterator[str]:
    """Yield the table: both databases, with a watch and without, taking turns."""
    yield (
        f"## {WRITERS} writers, each {TRANSACTIONS} transactions held open for 200 ms over the same 2 charts\n\n"
        "| database | watch | deadlocks, other errors | median transaction, ms | slowest, ms |\n|---|---|---|---|---|"
    )
    for database in ("postgres", "mariadb"):
        for watch in (False, True):
            yield held(database, watch=watch)


def held(database: str, *, watch: bool) -> str:
    """Return one line of the table."""
    with world(database, WATCH=watch) as made:
        made.ask("make", 2)
        made.ask("make_own", WRITERS)
        writers = [made.role("hold", number, TRANSACTIONS) for number in range(WRITERS)]
        answers = [json.loads(writer.communicate()[0].splitlines()[-1]) for writer in writers]
    errors = sum(answer["errors"] for answer in answers)
    times = [seconds * 1e3 for answer in answers for seconds in answer["seconds"]]
    return f"| {database} | {'yes' if watch else 'no'} | {errors} | {median(times):.0f} | {max(times):.0f} |"
