"""The demo in a real browser: every picture loads, nothing scrolls sideways, and axe finds nothing."""

from itertools import product
from typing import Any

import pytest
from almanac.models import CHARTS as SERIES
from django.core.management import call_command
from weather.models import CHARTS, CITIES

from tests.browser import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),  # draws every chart of the site before it looks at ten pages in three windows
    pytest.mark.django_db(transaction=True),
]
# How many pictures each page shows.
PAGES = {
    "/": 2 * len(CHARTS) + len(CITIES) + len(SERIES),
    "/seattle/": len(CHARTS),
    "/new-york/rain/": 1,
    "/cities/months/": 1,
    "/almanac/jobs/": 1,
}


@pytest.fixture
def site(browser: Browser, live_server: Any) -> str:
    """Serve the demo with every picture drawn, and return its address."""
    call_command("load_weather", verbosity=0)
    call_command("load_almanac", verbosity=0)
    call_command("render_charts", verbosity=0)
    return str(live_server.url)


@pytest.fixture
def seattle(browser: Browser, live_server: Any) -> str:
    """Serve the demo with the pictures of one station drawn, and return its address."""
    call_command("load_weather", verbosity=0)
    for model in CHARTS:
        for chart in model.objects.filter(station__slug="seattle"):
            chart.render()
    return str(live_server.url)


def save_a_low_above_the_high(page: Any) -> None:
    page.get_by_label("Lowest").fill("50")
    page.get_by_role("button", name="Save and redraw").click()
    page.wait_for_selector(".errorlist")


def test_every_page_is_whole_and_readable_by_all(site: str, browser: Browser) -> None:
    for scheme, width in product(("light", "dark"), (1280, 375, 320)):
        for path, pictures in PAGES.items():
            seen = browser.look(site + path, width=width, scheme=scheme)
            assert seen.broken == [], (path, width)
            assert len(seen.images) == pictures, (path, width)
            assert seen.overflow <= 0, (path, width)
            assert seen.complaints == [], (path, width)
            assert seen.violations == [], (path, width, scheme)
        if width != 375:
            continue
        for path, act in {"/nowhere/": None, "/seattle/?day=2015-07-04": save_a_low_above_the_high}.items():
            seen = browser.look(site + path, width=width, scheme=scheme, act=act)
            assert seen.overflow <= 0, path
            assert seen.violations == [], (path, scheme)


def test_a_reader_gets_the_theme_and_the_size_that_fit_their_screen(seattle: str, browser: Browser) -> None:
    charts = [chart for model in CHARTS for chart in model.objects.filter(station__slug="seattle")]
    for scheme in ("light", "dark"):
        for width, field, density in ((1280, "image", 1), (375, "narrow", 2)):
            images = browser.look(f"{seattle}/seattle/", width=width, scheme=scheme).images
            shown = [getattr(chart, field).variant(theme=scheme, density=density).url for chart in charts]
            assert [image.removeprefix(seattle) for image in images] == shown


def test_a_saved_record_changes_the_picture_that_is_shown(seattle: str, browser: Browser) -> None:
    before: list[str] = []

    def save_a_record(page: Any) -> None:
        before.extend(page.evaluate("() => [...document.images].map(image => image.src)"))
        page.get_by_label("Highest").fill("44.4")
        page.get_by_role("button", name="Save and redraw").click()
        page.wait_for_selector(".message.success")

    seen = browser.look(f"{seattle}/seattle/?day=2015-07-04", width=1280, scheme="light", act=save_a_record)
    band, rain, calendar, *_ = seen.images
    assert seen.broken == []
    assert seen.complaints == []
    assert not {band, calendar} & set(before)
    # A day's warmth is not in the picture of the rain.
    assert rain in before
