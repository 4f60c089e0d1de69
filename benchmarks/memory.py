"""A thousand renders in one process: what it holds after each two hundred."""

import gc
import resource
from collections.abc import Iterator
from pathlib import Path

from benchmarks import figures
from benchmarks.models import Ours

RENDERS, EVERY = 1_000, 200


def run(rounds: int) -> Iterator[str]:
    """Yield the table: resident size of this process in MiB, as the renders go on."""
    charts = [Ours.objects.create(figure=name) for name in figures.DATA]
    lines = [f"## {RENDERS:,} renders in one process", "", "| renders | resident, MiB |", "|---|---|"]
    for number in range(1, RENDERS + 1):
        charts[number % len(charts)].render(force=True)
        if number % EVERY == 0:
            gc.collect()
            lines.append(f"| {number:,} | {resident()} |")
    yield "\n".join(lines)


def resident() -> int:
    """Return the resident size of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 2**20
