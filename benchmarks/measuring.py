"""Interleaved timing: contenders take turns, so that a noisy machine is noisy for all of them."""

import gc
import time
from collections.abc import Callable, Mapping
from statistics import median


class Untrue(str):
    """What a measurement claims and did not find: a sentence; yielded among its lines."""

    __slots__ = ()


def interleaved(
    contenders: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 3
) -> dict[str, list[float]]:
    """Run each contender once a round.

    Args:
        contenders: what to call, by name.
        rounds: how many times each is measured.
        warm_up: rounds before that, not measured.

    Returns:
        Seconds of each run, by name.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(-warm_up, rounds):
        for name, contender in contenders.items():
            gc.collect()
            started = time.perf_counter()
            contender()
            if number >= 0:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def table(title: str, rows: list[tuple[str, Mapping[str, list[float]]]], base: str) -> str:
    """Return medians in milliseconds and their ratios to a base, a line a case."""
    lines = [
        f"## {title}",
        "",
        f"| case | {base}, ms | contender | ms | ratio | fastest / slowest ratio |",
        "|---" * 6 + "|",
    ]
    for case, seconds in rows:
        reference = seconds[base]
        for name, runs in seconds.items():
            if name != base:
                pairs = [run / other for run, other in zip(runs, reference, strict=True)]
                lines.append(
                    f"| {case} | {median(reference) * 1e3:.1f} | {name} | {median(runs) * 1e3:.1f} "
                    f"| {median(runs) / median(reference):.2f} | {min(pairs):.2f} / {max(pairs):.2f} |"
                )
    return "\n".join(lines)
