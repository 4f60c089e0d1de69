"""Numbers as people write them: 12,400, 1.5 million, 38 %, with as many digits as the data's range deserves."""

import math
from collections.abc import Callable

from charts.drawing.describing.messages import Voice
from charts.drawing.describing.wording import ATTACHED_UNITS, CURRENCIES

_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_STEPS = 100  # a range is told in about as many steps as an eye can tell on a chart


class Numerals:
    """Write the numbers of one range.

    `low` and `high` bound what will be written; they decide how many decimals tell the values apart.
    `significant` digits are kept of every number, however small it is beside the range: two, or three
    where the scale is logarithmic.
    """

    def __init__(self, voice: Voice, low: float, high: float, *, unit: str = "", significant: int = 2) -> None:
        self._voice = voice
        self._unit = unit if unit in ATTACHED_UNITS else ""
        self._significant = significant
        self._spread = min(high - low, 1e308)
        self._ends = (low, high)
        biggest = max(abs(low), abs(high))
        self._negligible = biggest * (1e-6 if significant < 3 else 1e-300)  # nobody sees it beside the biggest

    def __call__(self, number: float) -> str:
        """Return the number with its sign, words for millions, and the unit where it belongs to the number."""
        if not math.isfinite(number):
            return self._voice.say("no_data")
        text = self._words(0.0 if abs(number) <= self._negligible else abs(number))
        minus = "−" if number < 0 and any(digit in text for digit in "123456789") else ""
        return self._with_unit(text, minus)

    def _with_unit(self, text: str, minus: str) -> str:
        unit = self._unit
        if unit == "%":
            return self._voice.say("percent", number=minus + text)
        if unit == "°":
            return minus + text + unit
        if unit in CURRENCIES:
            return minus + self._voice.say("currency", number=text, unit=unit)
        return self._voice.say("with_unit", number=minus + text, unit=unit) if unit else minus + text

    def _words(self, number: float) -> str:
        if number >= 1e15 or 0 < number < 1e-6:
            return self._power(number)
        for size, word in _WORDS:
            decimals = self._decimals(number / size, self._spread / size * 2)
            if number >= size * 0.99999 and decimals <= 2:
                return self._voice.say(word, number=self._digits(number / size, decimals))
        return self._digits(number, self._decimals(number, self._spread))

    def _decimals(self, number: float, spread: float) -> int:
        if number <= 0:
            return 0
        resolution = spread / _STEPS if spread > 0 else number * 1e-4
        needed = max(0, math.ceil(-math.log10(resolution) - 0.1))
        if self._are_round_ends(needed):
            needed += 1
        size = -math.floor(math.log10(number))
        kept = size + self._significant - 1
        if self._significant < 3:  # one decimal more than the range needs, but never a zero that is none
            kept = max(size, min(kept, needed + 1))
        return max(0, min(12, max(needed, kept)))

    def _are_round_ends(self, decimals: int) -> bool:
        """Return whether both ends have three digits with one decimal more: 0.25 and 9.25, as somebody chose."""
        short = max(map(abs, self._ends)) * 10 ** (decimals + 1) < 1000
        return short and not self._are_ends_at(decimals) and self._are_ends_at(decimals + 1)

    def _are_ends_at(self, decimals: int) -> bool:
        return all(math.isclose(end, round(end, decimals), abs_tol=1e-12) for end in self._ends)

    def _power(self, number: float) -> str:
        exponent = math.floor(math.log10(number))
        mantissa = self._digits(number / 10.0**exponent, 1) if exponent > -300 else "1"
        return self._voice.say("power", number=mantissa, exponent=f"{exponent}".replace("-", "−"))

    def _digits(self, number: float, decimals: int) -> str:
        text = f"{number:,.{decimals}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        thousands, point = self._voice.separators
        return text.replace(",", "\0").replace(".", point).replace("\0", thousands)


Write = Callable[[float], str]


def shares(voice: Voice, parts: list[float]) -> list[str]:
    """Return parts of a whole (0 to 1) as percentages: whole ones, with a decimal below one per cent."""
    return [voice.say("percent", number=_percent(voice, part)) for part in parts]


def _percent(voice: Voice, part: float) -> str:
    percent = 100 * part
    half = 0.5 + 1e-4  # halves go up, also where a wedge's angle has lost some digits
    text = f"{percent:.1f}" if 0 < percent < 0.95 else f"{math.floor(percent + half)}"
    return text.replace(".", voice.separators[1])
