"""Slow renders of old data against fast ones of new, in an order that gates force: which picture is the last."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.measuring import Untrue
from benchmarks.worlds import DATABASES, World, wait_for, world

OLD, SLOW, NEW = 1, 2, 3


def run(rounds: int = 3, databases: Sequence[str] = DATABASES) -> Iterator[str]:
    """Yield the table: a line for each database and story."""
    stories: dict[str, Callable[[World], int]] = {
        "2 is drawn slowly, 3 fast": old_after_new,
        "2 is drawn slowly, the data is 1 again": back_before,
        "2 is published while 1 is found unchanged": back_meanwhile,
    }
    yield (
        f"## A picture of 1, and two workers, {rounds} times each\n\n"
        "| database | story | what the workers said | last image right |\n|---|---|---|---|"
    )
    for database in databases:
        for name, story in stories.items():
            right, said = 0, ""
            for _ in range(rounds):
                is_right, said = told(database, story)
                right += is_right
            yield f"| {database} | {name} | {said} | {right} of {rounds} |"
            if right < rounds:
                yield Untrue(f"{name}, on {database}: wrong {rounds - right} times of {rounds}")


def told(database: str, story: Callable[[World], Any]) -> tuple[bool, str]:
    """Return whether the last picture is right once a story has been played, and what its workers said."""
    with world(database, DEBOUNCE=0, LEASE=60) as made:
        made.ask("make", 1)
        made.ask("set_value", OLD)
        made.ask("work")
        said = story(made)
        made.ask("sweep")
        state = made.ask("state")
    return not (state["wrong"] or state["stale"]), ", ".join(said)


def old_after_new(made: World) -> list[str]:
    """Let new data be drawn while a slow worker is at the old, which publishes last."""
    made.ask("set_value", SLOW)
    with _held(made, f"drawing {SLOW}", "work") as slow:
        made.ask("set_value", NEW)
        fast = made.ask("work", "again")
    return [*_answers(slow), fast]


def back_before(made: World) -> list[str]:
    """Let data come back to what is shown, and be checked, while a slow worker draws what it was meanwhile."""
    made.ask("set_value", SLOW)
    with _held(made, f"drawing {SLOW}", "work") as slow:
        made.ask("set_value", OLD)
        fast = made.ask("work", "again")
    return [*_answers(slow), fast]


def back_meanwhile(made: World) -> list[str]:
    """Let the slow worker publish after the other has read that the data is what is shown, and before it says so."""
    made.ask("set_value", SLOW)
    with ExitStack() as drawing, ExitStack() as checking:
        slow = drawing.enter_context(_held(made, f"drawing {SLOW}", "work"))
        made.ask("set_value", OLD)
        fast = checking.enter_context(_held(made, f"read {OLD}", "work", "again"))
        drawing.close()
        published = _answers(slow)
    return [*published, *_answers(fast)]


@contextmanager
def _held(made: World, gate: str, *role: str) -> Iterator[Any]:
    """Start a worker and hold it at a gate for a block; it goes on afterwards."""
    closed = made.folder / f"closed {gate}"
    closed.touch()
    worker = made.role(*role)
    assert wait_for((made.folder / f"at {gate}").exists, 60), made.errors()
    yield worker
    closed.unlink()


def _answers(worker: Any) -> list[str]:
    out, _ = worker.communicate()
    return [line.strip('"') for line in out.splitlines()[-1:]]
