"""Numbers on an axis as people write them."""

import pytest
from matplotlib.figure import Figure

from charts.drawing import look
from charts.drawing.numbers import PeopleFormatter

NBSP = "\N{NO-BREAK SPACE}"


def labels(*values, unit="", share=False):
    return [label.replace(NBSP, " ") for label in PeopleFormatter(unit, share=share).format_ticks(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 5, 10), ["0", "5", "10"]),
        ((0, 2.5, 5), ["0", "2.5", "5.0"]),
        ((0, 2_500, 5_000), ["0", "2,500", "5,000"]),
        ((0, 5_000, 10_000), ["0", "5k", "10k"]),
        ((0, 7_500, 15_000), ["0", "7.5k", "15.0k"]),
        ((0, 500_000, 1_000_000, 1_500_000), ["0", "0.5m", "1.0m", "1.5m"]),
        ((0, 2e9, 4e9), ["0", "2bn", "4bn"]),
        ((0, 3e12), ["0", "3tn"]),
        ((-20_000, 0, 20_000), ["−20k", "0", "20k"]),
        ((0, 0.1, 0.2, 0.30000000000000004), ["0", "0.1", "0.2", "0.3"]),
        ((), []),
        ((0,), ["0"]),
    ],
)
def test_numbers_share_one_scale_and_as_few_decimals_as_tell_them_apart(values, expected):
    assert labels(*values) == expected


def test_shares_are_written_as_percent_with_the_sign_once():
    assert labels(0, 0.1, 0.2, share=True) == ["0", "10", "20 %"]


def test_a_unit_stands_once_at_the_last_number():
    assert labels(0, 20_000, 40_000, unit="km") == ["0", "20k", "40k km"]


@pytest.mark.parametrize(("unit", "last"), [("€", "€40"), ("£", "£40"), ("$", r"\$40")])
def test_a_currency_stands_before_the_number(unit, last):
    assert labels(0, 20, 40, unit=unit)[-1] == last


def test_a_currency_stands_after_the_sign():
    assert PeopleFormatter("€")(-5) == "−€5"


def test_one_number_alone_has_a_scale_of_its_own():
    assert PeopleFormatter()(12_000) == "12k"
    assert PeopleFormatter(share=True)(0.38) == f"38{NBSP}%"
    assert PeopleFormatter()(1_234_567) == "1.234567m"


def test_the_unit_stands_at_the_last_number_in_view():
    figure = Figure()
    ax = figure.subplots()
    ax.plot([0, 42])
    look.people_numbers(ax.yaxis, "km")
    figure.draw_without_rendering()
    low, high = ax.get_ylim()
    shown = [tick for tick in ax.get_yticklabels() if low <= tick.get_position()[1] <= high]
    assert [tick.get_text() for tick in shown] == ["0", "10", "20", "30", f"40{NBSP}km"]


def test_the_unit_stands_at_the_largest_number_of_an_inverted_axis():
    figure = Figure()
    ax = figure.subplots()
    ax.plot([0, 40])
    ax.invert_yaxis()
    look.people_numbers(ax.yaxis, "m")
    figure.draw_without_rendering()
    assert [tick.get_text() for tick in ax.get_yticklabels() if NBSP in tick.get_text()] == [f"40{NBSP}m"]
