"""Numbers on an axis as people write them. Imported only when something is drawn."""

import math
from collections.abc import Sequence

from matplotlib.ticker import Formatter

_SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
_BEFORE = frozenset("$€£¥₹₩₺₽₴")
_SHORT_FROM = 10_000  # below, "7,500" is as short as "7.5k"


class PeopleFormatter(Formatter):
    """Writes 12k, 1.5m, 38 %: one scale for the whole axis, and the unit once, at its last number."""

    def __init__(self, unit: str = "", *, share: bool = False) -> None:
        """Take a unit to write at the last number, or `share` for parts of one as percent."""
        self.unit = "%" if share and not unit else unit
        self.factor = 100 if share else 1

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the labels of an axis's ticks."""
        numbers = [float(value) * self.factor for value in values]
        largest = max((abs(number) for number in numbers), default=0)
        scale, letter = _scale(largest)
        digits = _digits([number / scale for number in numbers])
        labels = [_written(number / scale, digits, letter) for number in numbers]
        if labels and self.unit:
            last = self._last_seen(numbers)
            labels[last] = self._with_unit(labels[last])
        return labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return one number with its unit, as for a label beside a mark."""
        del pos
        number = float(x) * self.factor
        scale, letter = _scale(abs(number))
        written = _written(number / scale, _digits([number / scale]), letter)
        return self._with_unit(written) if self.unit else written

    def _last_seen(self, numbers: Sequence[float]) -> int:
        """Return the place of the largest number in view: a locator gives one more on either side."""
        if self.axis is None:
            return len(numbers) - 1
        low, high = sorted(float(end) * self.factor for end in self.axis.get_view_interval())
        slack = 1e-9 * max(abs(low), abs(high))
        seen = [place for place, number in enumerate(numbers) if low - slack <= number <= high + slack]
        return max(seen or range(len(numbers)), key=lambda place: numbers[place])

    def _with_unit(self, written: str) -> str:
        unit = self.unit.replace("$", r"\$")
        if self.unit not in _BEFORE:
            return f"{written}\N{NO-BREAK SPACE}{unit}"
        sign, digits = (written[0], written[1:]) if written.startswith("−") else ("", written)
        return f"{sign}{unit}{digits}"


def _scale(largest: float) -> tuple[float, str]:
    if largest < _SHORT_FROM:
        return 1, ""
    return next((scale, letter) for scale, letter in _SCALES if largest >= scale)


def _digits(numbers: Sequence[float]) -> int:
    """Return how many decimals tell the numbers apart, and show each of them right, up to six."""
    for digits in range(6):
        if all(math.isclose(number, round(number, digits), rel_tol=1e-9, abs_tol=1e-9) for number in numbers):
            return digits
    return 6


def _written(number: float, digits: int, letter: str) -> str:
    if number == 0:
        return "0"
    shown = f"{abs(number):,.{digits}f}"
    return ("−" if number < 0 else "") + shown + letter
