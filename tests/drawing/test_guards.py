"""Axes that would hold the lock for minutes are refused, and ordinary ones are not."""

import datetime as dt
import io

import matplotlib.dates as mdates
import numpy as np
import pytest
from matplotlib import ticker
from PIL import Image, ImageColor

from charts.drawing import encoding, figures, themes
from charts.exceptions import DrawError

START = dt.datetime(2015, 1, 1)  # noqa: DTZ001  (matplotlib takes naive times as they are)


def over_days(days, locator, *, minor=False):
    def hook(figure):
        ax = figure.subplots()
        ax.plot([START, START + dt.timedelta(days=days)], [1, 2])
        ax.set_xlabel("Day")
        set_locator = ax.xaxis.set_minor_locator if minor else ax.xaxis.set_major_locator
        set_locator(locator)

    return hook


def draw(hook, **options):
    with figures.drawn(hook, size=(400, 300), **options) as drawing:
        return encoding.encode(drawing)


def is_drawn(hook, **options):
    """Say whether a file comes out that holds a picture of the size, with ink of the first series in it."""
    with Image.open(io.BytesIO(draw(hook, **options))) as picture:
        colours = picture.convert("RGB").getcolors(picture.width * picture.height)
    blue = ImageColor.getrgb(themes.PALETTES["light"].series[0])
    return picture.size == (400, 300) and any(colour == blue for _, colour in colours)


TOO_MANY = {
    "every minute of ten years": (3650, mdates.MinuteLocator()),
    "every second of a day": (1, mdates.SecondLocator()),
    "every microsecond of an hour": (1 / 24, mdates.MicrosecondLocator()),
    "every day of ten years": (3650, mdates.DayLocator()),
    "every hour of half a year": (180, mdates.HourLocator()),
    "midnight by way of every minute": (3650, mdates.MinuteLocator(byminute=[0])),
    "a rule of the author's": (
        365,
        mdates.RRuleLocator(mdates.rrulewrapper(mdates.DAILY, byhour=range(24), byminute=0, bysecond=0)),
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("minor", [False, True])
@pytest.mark.parametrize("layout", ["constrained", None])
@pytest.mark.parametrize("name", TOO_MANY)
def test_too_many_date_ticks_are_refused_by_the_axis_name(name, layout, minor):
    with pytest.raises(DrawError, match=r'The x axis "Day" would have [\d,]+ ticks by its'):
        draw(over_days(*TOO_MANY[name], minor=minor), layout=layout)


@pytest.mark.parametrize(
    ("days", "locator"),
    [
        (3650, mdates.YearLocator()),
        (3650, mdates.MonthLocator()),
        (3650, mdates.DayLocator(bymonthday=1)),
        (3650, mdates.WeekdayLocator(interval=8)),
        (300, mdates.DayLocator()),
        (7, mdates.HourLocator(byhour=[0, 12])),
        (0.01, mdates.SecondLocator(interval=10)),
        (3650, mdates.AutoDateLocator()),
        (0.5, mdates.AutoDateLocator()),
    ],
)
def test_ordinary_date_ticks_are_drawn(days, locator):
    assert is_drawn(over_days(days, locator))


def test_an_axis_without_a_label_is_named_by_its_title():
    def hook(figure):
        over_days(3650, mdates.MinuteLocator())(figure)
        figure.axes[0].set_xlabel("")
        figure.axes[0].set_title("Temperature")

    with pytest.raises(DrawError, match='x axis of "Temperature"'):
        draw(hook)


@pytest.mark.timeout(60)
def test_thousands_of_categories_are_refused_with_the_way_out():
    def hook(figure):
        figure.subplots().barh([f"city {number}" for number in range(5_000)], np.ones(5_000))

    with pytest.raises(DrawError, match=r"y axis would have 5,000 ticks.*Other"):
        draw(hook)


def test_categories_out_of_view_do_not_count():
    def hook(figure):
        ax = figure.subplots()
        ax.plot([f"city {number}" for number in range(5_000)], np.ones(5_000))
        ax.set_xlim(0, 5)

    assert is_drawn(hook)


@pytest.mark.parametrize(
    "locator",
    [
        ticker.MultipleLocator(1e-6),
        ticker.FixedLocator(np.linspace(0, 1, 10_000)),
        ticker.LinearLocator(10_000),
        ticker.IndexLocator(1e-6, 0),
    ],
)
def test_other_locators_are_bounded_too(locator):
    def hook(figure):
        ax = figure.subplots()
        ax.plot([0, 1])
        ax.yaxis.set_major_locator(locator)

    with pytest.raises(DrawError, match="over the 2,000"):
        draw(hook)


def test_an_axis_that_is_off_may_have_any_locator():
    def hook(figure):
        over_days(3650, mdates.MinuteLocator())(figure)
        figure.axes[0].axis("off")

    assert is_drawn(hook)


def test_a_locator_with_a_larger_bound_of_its_own_is_believed():
    def hook(figure):
        ax = figure.subplots()
        ax.plot([START, START + dt.timedelta(days=1_100)], [1, 2])
        locator = mdates.DayLocator()
        locator.MAXTICKS = 1_200
        ax.xaxis.set_minor_locator(locator)

    assert is_drawn(hook, layout=None)


def test_guarding_asks_no_axis_for_its_ticks():
    from charts.drawing import guards

    asked = []

    class Curious(ticker.MaxNLocator):
        def __call__(self):
            asked.append(True)
            return super().__call__()

    from matplotlib.figure import Figure

    figure = Figure()
    ax = figure.subplots()
    ax.plot([1, 2])
    ax.yaxis.set_major_locator(Curious())
    guards.check(figure)
    assert asked == []
