"""Charts that raise, hang, kill their process or eat memory, beside others: who is drawn, left alone, and cured."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.measuring import Untrue
from benchmarks.worlds import World, world

HARMFUL = ("raises", "hangs", "dies", "eats")
GOOD = 20
ATTEMPTS = 3
LIMITS = {"TIMEOUT": 3, "LEASE": 8, "MAX_MEMORY": 300, "MAX_ATTEMPTS": ATTEMPTS}
# `jobs` is a command that runs again and again; `redis` is Celery, whose workers render in children.
ENGINES = ("jobs", "watch", "redis")
# Seconds for each step; a chart is tried again ten seconds after it has failed, then after twenty.
PATIENCE = 180


def run(size: int = GOOD) -> Iterator[str]:
    """Yield the table: a line for each engine and cure."""
    yield (
        f"## {len(HARMFUL)} harmful charts and {size} others on PostgreSQL, MAX_ATTEMPTS {ATTEMPTS}\n\n"
        "| engine | others drawn after, s | harmful left alone after, s | attempts | cured by | recovered after, s |\n"
        "|---|---|---|---|---|---|"
    )
    for engine in ENGINES:
        for cure in ("data", "code"):
            yield from poisoned(engine, cure, size)


def poisoned(engine: str, cure: str, good: int) -> Iterator[str]:
    """Yield one line of the table, and what it should not say."""
    isolated = {"ISOLATE": True} if engine == "redis" else {}
    with world("postgres", "" if engine == "jobs" else engine, DEBOUNCE=0, **LIMITS, **isolated) as made:
        with _working(made, engine) as step:
            made.ask("make_poison", good)
            others = _until(
                made, step, lambda state: all(fresh for name, (fresh, *_) in state.items() if _is_good(name))
            )
            given_up = _until(made, step, lambda state: all(state[name][1] >= ATTEMPTS for name in HARMFUL))
            attempts = [made.ask("poison_state")[name][1] for name in HARMFUL]
            if cure == "data":
                made.ask("cure_data")
                recovered = _until(made, step, _all_fresh)
        if cure == "code":
            (made.folder / "release").write_text("2")
            with _working(made, engine) as step:
                if engine == "redis":
                    made.render("--jobs", "1")  # as a deployment does; Celery's workers look at no release
                recovered = _until(made, step, _all_fresh)
        state = made.ask("poison_state")
    times = [f"{seconds:.0f}" if seconds is not None else "never" for seconds in (others, given_up, recovered)]
    yield f"| {engine} | {times[0]} | {times[1]} | {max(attempts)} | {cure} | {times[2]} |"
    if None in {others, given_up, recovered} or max(attempts) > ATTEMPTS:
        yield Untrue(f"{engine}, cured by {cure}: {times}, {attempts}: {state} {made.errors()[-500:]}")


@contextmanager
def _working(made: World, engine: str) -> Iterator[Callable[[], None]]:
    """Have charts rendered for a block; yield what to do between looks at them."""
    if engine == "jobs":
        yield lambda: made.render("--jobs", "2")
    else:
        with made.working():
            yield lambda: time.sleep(1)


def _until(made: World, step: Callable[[], None], check: Callable[[dict[str, Any]], bool]) -> float | None:
    """Return the seconds until something is true of the charts; None if it does not come true."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        if check(made.ask("poison_state")):
            return time.monotonic() - started
        step()
    return None


def _is_good(name: str) -> bool:
    return name.startswith("good")


def _all_fresh(state: dict[str, Any]) -> bool:
    return all(fresh for fresh, *_ in state.values())
