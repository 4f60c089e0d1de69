"""Aware times are shown where the reader lives, and times and dates without a zone as they are."""

import datetime as dt
from zoneinfo import ZoneInfo

import matplotlib as mpl
import pytest
from matplotlib import dates

from charts.drawing import figures

NEW_YORK = ZoneInfo("America/New_York")
NOON = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
NAIVE = NOON.replace(tzinfo=None)
HOUR = dt.timedelta(hours=1)


def labels(hook, timezone=NEW_YORK):
    """Return what is at the ticks of the x axis, and the warnings."""
    with figures.drawn(hook, timezone=timezone) as drawing:
        drawing.pixels(1)
        return [label.get_text() for label in drawing.figure.axes[0].get_xticklabels()], drawing.warnings


def over(start, prepare=lambda ax: None):
    def hook(figure):
        ax = figure.subplots()
        ax.plot([start, start + 2 * HOUR], [1, 2])
        ax.xaxis.set_major_locator(dates.HourLocator())
        ax.xaxis.set_major_formatter(dates.DateFormatter("%d %H:%M"))
        prepare(ax)

    return hook


def test_aware_times_are_shown_in_the_zone():
    assert labels(over(NOON)) == (["01 08:00", "01 09:00", "01 10:00"], [])


def test_matplotlibs_own_date_ticks_are_in_the_zone():
    def hook(figure):
        figure.subplots().plot([NOON, NOON + 5 * HOUR], [1, 2])

    assert "08:00" in labels(hook)[0]


@pytest.mark.parametrize("automatic", [dates.AutoDateFormatter, dates.ConciseDateFormatter])
def test_automatic_formatters_of_the_author_are_in_the_zone(automatic):
    def prepare(ax):
        ax.xaxis.set_major_formatter(automatic(ax.xaxis.get_major_locator()))

    assert any("08" in label for label in labels(over(NOON, prepare))[0])


def test_days_begin_at_midnight_in_the_zone():
    def prepare(ax):
        ax.set_xlim(NOON, NOON + 24 * HOUR)
        ax.xaxis.set_major_locator(dates.DayLocator())

    assert labels(over(NOON, prepare))[0] == ["02 00:00"]


@pytest.mark.parametrize("start", [NAIVE, dt.date(2024, 7, 1)])
def test_times_and_dates_without_a_zone_are_drawn_as_they_are(start):
    found, warnings = labels(over(start, lambda ax: ax.set_xlim(NAIVE, NAIVE + 2 * HOUR)))
    assert found == ["01 12:00", "01 13:00", "01 14:00"]
    assert warnings == []


def test_a_zone_that_the_author_chose_stays():
    tokyo = ZoneInfo("Asia/Tokyo")
    formatter = dates.DateFormatter("%H:%M", tz=tokyo)
    assert labels(over(NOON, lambda ax: ax.xaxis.set_major_formatter(formatter)))[0][0] == "21:00"

    def asking(figure):
        ax = figure.subplots()
        ax.xaxis_date("Asia/Tokyo")
        ax.plot([NOON, NOON + 5 * HOUR], [1, 2])

    assert "21:00" in labels(asking)[0]


def test_without_a_zone_times_are_in_their_own():
    assert labels(over(NOON), timezone=None)[0][0] == "01 12:00"


def test_times_with_and_without_a_zone_on_one_axis_are_noted():
    _, warnings = labels(over(NOON, lambda ax: ax.plot([NAIVE, NAIVE + HOUR], [1, 2])))
    assert len(warnings) == 1
    assert "x axis mixes times with and without a time zone" in warnings[0]


def test_a_date_axis_that_is_asked_for_is_no_mix():
    assert labels(over(NOON, lambda ax: ax.xaxis_date()))[1] == []


def test_units_and_rcparams_are_what_they_were():
    before = dict(mpl.units.registry), mpl.rcParams["timezone"]
    labels(over(NOON))
    assert (dict(mpl.units.registry), mpl.rcParams["timezone"]) == before
