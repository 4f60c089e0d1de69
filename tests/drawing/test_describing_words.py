"""The words of alt texts: numbers, dates, labels and names, and what a translator can do with them."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable

import numpy as np
import pytest
from django.utils import translation
from matplotlib.dates import date2num, num2date
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, PercentFormatter

from charts.drawing import look
from charts.drawing.describing import MESSAGES, describe
from charts.drawing.describing.dates import DateWriter
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.numerals import Numerals, shares
from charts.drawing.describing.wording import clean, inside_sentence, plain, sentence, shorten, split_label

ENGLISH = Voice(lambda text: text)


def german(text: str) -> str:
    return {
        "1,234.5": "1.234,5",
        "temperature": "Temperatur",
        "March": "März",
        "line chart": "Liniendiagramm",
        "%(kind)s of %(measure)s": "%(kind)s: %(measure)s",
        "rises from %(first)s to %(last)s": "steigt von %(first)s auf %(last)s",
        "in %(year)s": "%(year)s",
        "in %(month)s": "im %(month)s",
    }.get(text, text)


# Numbers


@pytest.mark.parametrize(
    ("low", "high", "number", "text"),
    [
        (0, 20_000, 12_400, "12,400"),
        (0, 3e6, 1.5e6, "1.5 million"),
        (0, 9e9, 2.5e9, "2.5 billion"),
        (1e12, 9e12, 7e12, "7 trillion"),
        (0, 3e18, 3e18, "3 times 10 to the power of 18"),
        (1e-9, 3e-9, 3e-9, "3 times 10 to the power of −9"),
        (1_000_000_001, 1_000_000_005, 1_000_000_005, "1,000,000,005"),
        (-5, 40, -3.84, "−3.8"),
        (0, 300, 2.3, "2.3"),
        (0, 300, 0.04, "0.04"),
        (312.41, 417.13, 315.7, "316"),
        (0.25, 9.25, 2.25, "2.25"),
        (0, 1e-5, 1e-20, "0"),
        (0, 100, -0.0, "0"),
        (5, 5, 5, "5"),
        (0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2, "0.3"),
        (-1e308, 1e308, 12, "0"),
        (0, 1, float("nan"), "no data"),
    ],
)
def test_a_number_has_the_digits_that_its_range_deserves(low: float, high: float, number: float, text: str) -> None:
    assert Numerals(ENGLISH, low, high)(number) == text


@pytest.mark.parametrize(
    ("unit", "text"), [("%", "−38 %"), ("°", "−38°"), ("°C", "−38 °C"), ("€", "−€38"), ("mm", "−38")]
)
def test_only_units_that_belong_to_the_number_are_written_with_it(unit: str, text: str) -> None:
    assert Numerals(ENGLISH, -40, 40, unit=unit)(-38) == text


def test_a_logarithmic_range_keeps_three_digits_of_every_number() -> None:
    assert Numerals(ENGLISH, 0.001, 1e6, significant=3)(0.00123) == "0.00123"


def test_a_range_too_wide_for_a_float_is_written_all_the_same() -> None:
    assert Numerals(ENGLISH, -1e308, 1e308, significant=3)(1e10) == "10 billion"


def test_numbers_are_separated_as_the_translated_sample_is() -> None:
    assert Numerals(Voice(german), 0, 20_000)(12_400) == "12.400"
    assert Numerals(Voice(german), 0, 5)(2.25) == "2,25"


def test_shares_round_halves_up_and_keep_a_decimal_below_one_per_cent() -> None:
    assert shares(ENGLISH, [0.60, 0.014, 0.004, 0]) == ["60 %", "1 %", "0.4 %", "0 %"]
    assert shares(ENGLISH, [0.015, 0.125]) == ["2 %", "13 %"]


# Dates


def dated(*dates: dt.datetime) -> DateWriter:
    return DateWriter(ENGLISH, np.asarray(date2num(dates)), num2date)


def every(step: dt.timedelta, count: int, start: dt.datetime = dt.datetime(2014, 3, 3, tzinfo=dt.UTC)) -> DateWriter:
    return dated(*(start + step * place for place in range(count)))


def on(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> float:
    return float(date2num(dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)))


def test_daily_dates_of_several_years_are_told_in_full() -> None:
    writer = every(dt.timedelta(days=1), 800)
    assert (writer.by, writer.context, writer.at(on(2014, 3, 3))) == ("day", "", "on 3 March 2014")


def test_daily_dates_of_one_year_leave_the_year_to_the_context() -> None:
    writer = every(dt.timedelta(days=1), 90)
    assert (writer.context, writer.at(on(2014, 3, 3))) == ("in 2014", "on 3 March")
    assert writer.span(on(2014, 3, 3), on(2014, 5, 31)) == ("3 March", "31 May 2014")


def test_monthly_dates_are_months() -> None:
    writer = dated(*(dt.datetime(2013 + month // 12, month % 12 + 1, 1, tzinfo=dt.UTC) for month in range(30)))
    assert (writer.by, writer.at(on(2014, 3))) == ("month", "in March 2014")


def test_quarterly_dates_are_told_by_their_months() -> None:
    writer = dated(*(dt.datetime(2013 + q // 4, q % 4 * 3 + 1, 1, tzinfo=dt.UTC) for q in range(9)))
    assert (writer.by, writer.at(on(2014, 4))) == ("quarter", "in April 2014")


@pytest.mark.parametrize("month_day", [(1, 1), (12, 31)])
def test_yearly_dates_are_years(month_day: tuple[int, int]) -> None:
    writer = dated(*(dt.datetime(year, *month_day, tzinfo=dt.UTC) for year in range(2001, 2018)))
    assert (writer.by, writer.at(on(2014, *month_day))) == ("year", "in 2014")


def test_a_single_date_says_its_year_and_no_step() -> None:
    writer = dated(dt.datetime(2014, 3, 3, tzinfo=dt.UTC))
    assert (writer.by, writer.context, writer.at(on(2014, 3, 3))) == ("", "", "on 3 March 2014")


def test_times_of_one_day_say_the_date_once() -> None:
    writer = every(dt.timedelta(minutes=15), 20)
    assert (writer.by, writer.context, writer.at(on(2014, 3, 3, 1, 30))) == ("time", "on 3 March 2014", "at 01:30")


def test_hours_of_several_days_say_time_and_date() -> None:
    writer = every(dt.timedelta(hours=1), 72)
    assert writer.at(on(2014, 3, 4, 14)) == "at 14:00 on 4 March"


def test_dates_are_read_in_the_zone_of_the_axis() -> None:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    ax = Figure().subplots()
    ax.plot([dt.datetime(2024, month, 1, tzinfo=berlin) for month in range(1, 6)], [1, 2, 3, 4, 5])
    assert describe(ax.figure) == "Line chart by month in 2024: rises from 1 in January to 5 in May."


def test_dates_keep_their_order_when_they_run_backwards() -> None:
    ax = Figure().subplots()
    ax.plot([dt.date(year, 1, 1) for year in range(2020, 2010, -1)], range(10))
    assert describe(ax.figure) == "Line chart by year: falls from 9 in 2011 to 0 in 2020."


# Labels


@pytest.mark.parametrize(
    ("label", "name", "unit"),
    [
        ("Temperature (°C)", "Temperature", "°C"),
        ("Speed [m/s]", "Speed", "m/s"),
        ("Employment (in thousands)", "Employment", "thousands"),
        ("Share in %", "Share", "%"),
        ("Daily high, °C", "Daily high", "°C"),
        ("Distance / km", "Distance", "km"),
        ("ppm", "", "ppm"),
        ("A", "A", ""),
        ("Passengers (2015)", "Passengers (2015)", ""),
        ("Miles in the air", "Miles in the air", ""),
        ("", "", ""),
    ],
)
def test_a_label_is_a_name_and_a_unit(label: str, name: str, unit: str) -> None:
    assert split_label(label) == (name, unit)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("CO$_2$", "CO2"),
        ("m$^2$", "m²"),
        ("s$^{-1}$", "s⁻¹"),
        (r"$\mathrm{NO}_x$", "NOx"),
        (r"$\alpha$ and $\Omega$", "α and Ω"),
        (r"$\frac{a}{b}$", "a/b"),
        (r"25$^\circ$C", "25°C"),
        (r"costs 5\$", "costs 5$"),
        ("from 5$ to 10$", "from 5$ to 10$"),
        ("$O(n^{-3/2})$", "O(n^(−3/2))"),
        ("$2^{n+1}$", "2ⁿ⁺¹"),
        (r"$e^{-\lambda t}$", "e^(−λt)"),
        ("$e^{x^2}$", "e^(x²)"),
        ("5$^{th}$", "5th"),
        ("19$^e$", "19e"),
        ("$V^{max}$ and $A^T$", "Vmax and AT"),
        ("$V^*$", "V*"),
        ("one $ only", "one $ only"),
        (r"$\left( x \right)$", "( x )"),
        ("2014-01-01 00:00:00", "2014-01-01"),
    ],
)
def test_mathtext_is_read_as_it_is_spoken(text: str, spoken: str) -> None:
    assert plain(text) == spoken


@pytest.mark.parametrize(
    ("translate", "spoken"),
    [
        (lambda text: text, "O(n to the power of −3/2) rises"),
        (lambda text: text.replace("to the power of", "hoch"), "O(n hoch −3/2) rises"),
    ],
)
def test_a_power_without_raised_digits_is_said(translate: Callable[[str], str], spoken: str) -> None:
    ax = Figure().subplots()
    ax.plot([1, 2], label="$O(n^{-3/2})$")
    ax.plot([2, 1], label="1/n")
    assert spoken in describe(ax.figure, translate=translate)


def test_what_nobody_can_hear_is_taken_out() -> None:
    assert clean("a\x00b\x07\u202ec\ud800\ufeff\n\t d\u200b") == "abc d"


def test_a_million_characters_are_bounded() -> None:
    assert len(clean("x" * 1_000_000, 60)) == 60


def test_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three", 10) == "one two…"
    assert shorten("abcdefghij", 5) == "abcd…"
    assert shorten("short", 5) == "short"


@pytest.mark.parametrize(
    ("label", "inside"),
    [("Temperature", "temperature"), ("CO2", "CO2"), ("GDP", "GDP"), ("March", "March"), ("x", "x")],
)
def test_a_label_is_lower_case_inside_a_sentence_unless_it_is_a_name(label: str, inside: str) -> None:
    assert inside_sentence(label, keep={"March"}) == inside


@pytest.mark.parametrize(
    ("text", "ended"), [("rain", "Rain."), ("Rain?", "Rain?"), ("“Rain.”", "“Rain.”"), ("pH", "pH."), ("", "")]
)
def test_a_sentence_ends_once(text: str, ended: str) -> None:
    assert sentence(text) == ended


def test_a_title_keeps_its_first_letter() -> None:
    ax = Figure().subplots()
    ax.plot([3, 4])
    ax.set_title("iPhone sales")
    assert describe(ax.figure).startswith("iPhone sales. Line chart")


def test_a_word_that_the_title_writes_with_a_capital_keeps_it() -> None:
    ax = Figure().subplots()
    ax.plot([3, 4])
    ax.set(title="Trains to Berlin", ylabel="Berlin arrivals")
    assert describe(ax.figure) == "Trains to Berlin. Line chart of Berlin arrivals: rises from 3 to 4."


# Formatters


def formatted(formatter: object, *values: float) -> str:
    ax = Figure().subplots()
    ax.plot([2019, 2020], values)
    ax.yaxis.set_major_formatter(formatter)
    return describe(ax.figure).removeprefix("Line chart by year: rises from ").removesuffix(".")


@pytest.mark.parametrize(
    ("formatter", "values", "text"),
    [
        (PercentFormatter(1), (0.31, 0.41), "31 % in 2019 to 41 % in 2020"),
        (EngFormatter(unit="Hz"), (1000, 2500), "1 kHz in 2019 to 2.5 kHz in 2020"),
        ("{x:.0f}°", (7, 12), "7° in 2019 to 12° in 2020"),
        (lambda value, place: f"${value / 1000:.1f}k", (9800, 21000), "$9.8k in 2019 to $21.0k in 2020"),
        (lambda value, place: "all the same", (1, 2), "1 in 2019 to 2 in 2020"),
        (lambda value, place: 1 / 0, (1, 2), "1 in 2019 to 2 in 2020"),
    ],
)
def test_the_axis_own_formatter_is_used_where_it_tells_values_apart(
    formatter: object, values: tuple[float, float], text: str
) -> None:
    assert formatted(formatter, *values) == text


def test_numbers_that_people_read_short_are_heard_in_full() -> None:
    ax = Figure().subplots()
    ax.plot([2019, 2020], [12_400, 1_500_000])
    look.people_numbers(ax.yaxis, "€")
    assert describe(ax.figure) == "Line chart by year: rises from €12,400 in 2019 to €1.5 million in 2020."


def test_shares_of_one_are_heard_as_percent() -> None:
    ax = Figure().subplots()
    ax.plot([2019, 2020], [0.31, 0.38])
    look.people_numbers(ax.yaxis, share=True)
    assert describe(ax.figure) == "Line chart by year: rises from 31 % in 2019 to 38 % in 2020."


# Translation


def simple() -> Figure:
    figure = Figure()
    ax = figure.subplots()
    ax.plot([dt.date(2014, month, 1) for month in (3, 4, 5)], [1, 2, 2.5])
    ax.set_ylabel("Temperatur (°C)")
    return figure


def test_messages_numbers_and_months_are_translated() -> None:
    assert describe(simple(), translate=german) == (
        "Liniendiagramm: Temperatur by month 2014: steigt von 1 °C im März auf 2,5 °C im May."
    )


def test_a_translation_without_its_placeholders_is_said_in_english() -> None:
    broken: Callable[[str], str] = lambda text: "%(nothing)s" if "rises" in text else text  # noqa: E731
    assert "rises from 1 °C" in describe(simple(), translate=broken)


def test_a_translation_that_fails_is_said_in_english() -> None:
    def fails(text: str) -> str:
        raise LookupError(text)

    assert describe(simple(), translate=fails) == describe(simple())


def test_what_is_counted_is_translated_with_its_number() -> None:
    asked = []

    def count(one: str, more: str, number: int) -> str:
        asked.append((one, more, number))
        return "keine: %(count)s" if number == 2 else "%(nothing)s"

    voice = Voice(german, count=count)
    assert voice.count_of("points", 2) == "keine: 2"
    assert voice.count_of("points", 1200) == "1.200 points"
    assert asked[0] == ("%(count)s point", "%(count)s points", 2)
    assert Voice(lambda text: text, count=count).count_of("points", 2) == "2 points"  # it knows no sentence of ours


def test_a_language_that_does_not_count_is_asked_for_one_of_two_messages() -> None:
    voice = Voice(lambda text: german(text).replace("point", "Punkt"))
    assert [voice.count_of("points", number) for number in (1, 2)] == ["1 Punkt", "2 Punkts"]


@pytest.mark.parametrize("key", list(MESSAGES))
def test_a_message_has_only_named_placeholders(key: str) -> None:
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", MESSAGES[key]), "x")
    assert "%(" not in (MESSAGES[key] % names if names else MESSAGES[key])


def test_a_language_that_knows_only_the_months_is_not_mixed_in() -> None:
    with translation.override("de"):
        assert translation.gettext("March") == "März"
        assert describe(simple(), translate=translation.gettext) == describe(simple())
