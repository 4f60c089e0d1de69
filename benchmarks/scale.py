"""Thousands of stale charts with one worker process and with two: throughput and memory."""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.measuring import Untrue
from benchmarks.worlds import end, memory_of, world

Process = Any  # a `subprocess.Popen[str]`

CHARTS = 5_000
ENGINES = ("jobs", "redis")
# What two processes on two processors must be worth at least: the database and the broker run beside them.
LEAST_RATIO = 1.4
# How much more memory the last fifth of the time may take than the second.
MOST_GROWTH = 1.15
# Seconds for each chart after which it is given up.
PATIENCE = 0.5


def run(size: int = CHARTS) -> Iterator[str]:
    """Yield the table: each engine with one and two processes."""
    yield (
        f"## {size:,} stale charts on PostgreSQL\n\n"
        "| engine | processes | seconds | charts a second | ratio | memory in each fifth of the time, MiB |\n"
        "|---|---|---|---|---|---|"
    )
    for engine in ENGINES:
        first = 0.0
        for processes in (1, 2):
            seconds, memory, left = rendered(engine, size, processes)
            speed = size / seconds
            first = first or speed
            fifths = _fifths(memory)
            told = ", ".join(f"{each:.0f}" for each in fifths)
            yield f"| {engine} | {processes} | {seconds:.1f} | {speed:.1f} | {speed / first:.2f} | {told} |"
            if left:
                yield Untrue(f"{left} of {size} charts were stale or wrong after {engine} with {processes}")
            if processes == 2 and speed < LEAST_RATIO * first:
                yield Untrue(f"two processes of {engine} were worth {speed / first:.2f}, under {LEAST_RATIO}")
            if len(fifths) == 5 and fifths[4] > MOST_GROWTH * fifths[1]:
                yield Untrue(
                    f"the memory of {engine} with {processes} grew from {fifths[1]:.0f} to {fifths[4]:.0f} MiB"
                )


def rendered(engine: str, charts: int, processes: int) -> tuple[float, list[float], int]:
    """Return the seconds it takes, the memory of all processes as time goes by, and how many charts are left."""
    with world("postgres", "" if engine == "jobs" else engine, DEBOUNCE=0) as made:
        made.ask("make_many", charts)
        if engine != "jobs":
            made.ask("send_all")
        started = time.monotonic()
        if engine == "jobs":
            waiting = worker = made.start("django", "render_charts", "--jobs", str(processes), "-v0")
        else:
            waiting, worker = made.role("wait_until_fresh"), made.worker(processes)
        memory = _memory(worker, waiting, charts * PATIENCE)
        seconds = time.monotonic() - started
        end(worker)
        if waiting is not worker:
            end(waiting)
        state = made.ask("state")
    return seconds, memory, state["stale"] + len(state["wrong"])


def _memory(worker: "Process", waiting: "Process", seconds: float) -> list[float]:
    """Return the memory of a worker and its children, looked at until a process has ended."""
    memory: list[float] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and waiting.poll() is None:
        memory.append(memory_of(worker.pid))
        time.sleep(0.5)
    return memory


def _fifths(memory: list[float]) -> list[float]:
    """Return the median of each fifth."""
    step = len(memory) // 5
    return [median(memory[step * number : step * (number + 1)]) for number in range(5)] if step else []
