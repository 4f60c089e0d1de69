"""What is usual for a day of the year, and what is not: the arithmetic between observations and pictures.

Days of the year are numbered 0 to 365 as in a leap year, so that 1 March has one number in every year.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAYS = 366
LEAP_YEAR_START = date(2012, 1, 1)


def day_numbers(days: Sequence[date]) -> NDArray[np.int64]:
    """Number days within their year, 0 for 1 January to 365 for 31 December."""
    return np.array([(day.replace(year=2012) - LEAP_YEAR_START).days for day in days], dtype=np.int64)


def usual(numbers: NDArray[np.int64], values: Floats, window: int = 31) -> Floats:
    """Average the values of each day of the year with those of the days around it.

    Args:
        numbers: days of the year, shape (n,), 0 to 365.
        values: what was observed on them, shape (n,), over any number of years.
        window: width of the moving average in days, odd; it runs on from December into January.

    Returns:
        One average a day of the year, shape (366,); NaN where the window holds no observation.
    """
    totals = _around(np.bincount(numbers, weights=values, minlength=DAYS), window)
    counts = _around(np.bincount(numbers, minlength=DAYS).astype(float), window)
    # Moving sums leave rounding noise where nothing was counted.
    return np.divide(totals, counts, out=np.full(DAYS, np.nan), where=counts > 0.5)


def _around(values: Floats, window: int) -> Floats:
    half = window // 2
    return np.convolve(np.concatenate([values[-half:], values, values[:half]]), np.ones(window), "valid")


def highest(numbers: NDArray[np.int64], values: Floats) -> Floats:
    """Find the highest value of each day of the year, shape (366,); NaN where there is none."""
    record = np.full(DAYS, np.nan)
    np.fmax.at(record, numbers, values)
    return record


def lowest(numbers: NDArray[np.int64], values: Floats) -> Floats:
    """Find the lowest value of each day of the year, shape (366,); NaN where there is none."""
    return -highest(numbers, -values)


def monthly_totals(days: Sequence[date], values: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Sum what was observed in each month.

    Args:
        days: the days, in any order, shape (n,).
        values: what was observed on them, shape (n,).

    Returns:
        The years, shape (years,), and their totals, shape (years, 12); NaN for a month without a day.
    """
    years, rows = np.unique([day.year for day in days], return_inverse=True)
    months = np.array([day.month - 1 for day in days], dtype=np.int64)
    totals = np.zeros((len(years), 12))
    counts = np.zeros_like(totals)
    np.add.at(totals, (rows, months), values)
    np.add.at(counts, (rows, months), 1)
    totals[counts == 0] = np.nan
    return years, totals


def years_in_words(years: Iterable[int]) -> str:
    """Write years with runs drawn together: 2009, 2012–2014."""
    runs: list[list[int]] = []
    for year in sorted(map(int, years)):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def in_words(number: int) -> str:
    """Write a small number out."""
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words[number] if number < len(words) else str(number)


def degrees(value: float, digits: int = 1) -> str:
    """Write a temperature as people do, with a true minus sign: −3.8 °C."""
    return f"{value:.{digits}f} °C".replace("-", "−")
