"""Five thousand stale charts with one worker process and with two: throughput and memory."""

import re
import time
from collections.abc import Iterator

from benchmarks.worlds import world


def run(rounds: int, charts: int = 5_000) -> Iterator[str]:
    """Yield the table: one and two processes, taking turns."""
    yield (
        f"## {charts:,} stale charts on PostgreSQL, `render_charts --jobs`\n\n"
        "| jobs | seconds | charts a second | ratio | largest process, MiB |\n|---|---|---|---|---|"
    )
    first = 0.0
    for jobs in (1, 2):
        seconds, memory = rendered(charts, jobs)
        speed = charts / seconds
        first = first or speed
        yield f"| {jobs} | {seconds:.1f} | {speed:.1f} | {speed / first:.2f} | {memory} |"


def rendered(charts: int, jobs: int) -> tuple[float, int]:
    """Return how long it takes, and the largest resident size of a child."""
    with world("postgres") as made:
        made.ask("make_many", charts)
        started = time.monotonic()
        process = made.start("benchmarks.roles", "render_jobs", str(jobs))
        out, _ = process.communicate()
        seconds = time.monotonic() - started
        state = made.ask("state")
        if state["stale"] or state["wrong"]:
            raise RuntimeError(f"{state['stale']} of {charts} charts are stale: {made.errors()}")
    found = re.findall(r"^(\d+)$", out, re.MULTILINE)
    return seconds, int(found[-1]) if found else 0
