"""The figures that are measured: data made once, and how a user draws it."""

from collections.abc import Callable
from typing import Any

import numpy as np

_random = np.random.default_rng(7)
_x = np.linspace(0, 10, 100)

DATA: dict[str, Any] = {
    "line 2 × 100": (_x, np.sin(_x), np.cos(_x)),
    "bars 12": (list("JFMAMJJASOND"), _random.uniform(1, 9, 12)),
    "scatter 2,000": _random.normal(size=(2, 2_000)),
    "line 100,000": np.cumsum(_random.normal(size=100_000)),
}


def _two_lines(axes: Any, data: Any) -> None:
    axes.plot(data[0], data[1], label="sine")
    axes.plot(data[0], data[2], label="cosine")
    axes.set_title("Two lines")
    axes.legend()


def _bars(axes: Any, data: Any) -> None:
    axes.bar(range(12), data[1])
    axes.set_xticks(range(12), data[0])
    axes.set_title("Twelve bars")


def _scatter(axes: Any, data: Any) -> None:
    axes.scatter(*data)
    axes.set_title("Many points")


def _long_line(axes: Any, data: Any) -> None:
    axes.plot(data)
    axes.set_title("A long line")


DRAW: dict[str, Callable[[Any, Any], None]] = {
    "line 2 × 100": _two_lines,
    "bars 12": _bars,
    "scatter 2,000": _scatter,
    "line 100,000": _long_line,
}
