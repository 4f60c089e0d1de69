"""One end for a whole download: every wait asks how much is left, so that drips of bytes buy no time."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, `timeout` seconds after the download began."""

    timeout: float
    at: float

    @classmethod
    def after(cls, timeout: float) -> Self:
        """Return the deadline `timeout` seconds from now."""
        return cls(timeout, time.monotonic() + timeout)

    def remaining(self) -> float:
        """Return the seconds left, always over 0; raise `TimeoutError` when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"{self.timeout:g} seconds are over")
        return left
