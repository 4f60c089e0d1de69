"""The demo in a real browser: every picture loads, nothing scrolls sideways, and axe finds nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from weather.models import CHARTS

from tests import browser as browsers
from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WINDOWS = [(width, scheme) for width in (1280, 375, 320) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.browser() as started:
        yield started


@pytest.fixture
def site(live_server: Any) -> str:
    """Serve the demo with every picture drawn, and return its address."""
    call_command("load_weather", verbosity=0)
    call_command("render_charts", verbosity=0)
    return str(live_server.url)


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_page_is_whole_and_readable_by_all(site: str, browser: Browser, width: int, scheme: str) -> None:
    pages = {"/": 2 * len(CHARTS), "/seattle/": len(CHARTS), **{f"/new-york/{model.kind}/": 1 for model in CHARTS}}
    for path, pictures in pages.items():
        seen = browser.look(site + path, width=width, scheme=scheme)
        assert seen.broken == [], path
        assert len(seen.images) == pictures, path
        assert seen.overflow <= 0, path
        assert seen.complaints == [], path
        assert seen.violations == [], path


@pytest.mark.parametrize(("scheme", "width", "name"), [("light", 1280, ".png"), ("dark", 1280, ".dark.png")])
def test_a_reader_gets_the_theme_of_their_system(
    site: str, browser: Browser, scheme: str, width: int, name: str
) -> None:
    images = browser.look(f"{site}/seattle/", width=width, scheme=scheme).images
    assert all(image.endswith(name) for image in images)
    assert all((".dark" in image) == (scheme == "dark") for image in images)


def test_a_phone_gets_the_picture_that_was_drawn_for_it(site: str, browser: Browser) -> None:
    narrow = {chart.narrow.variant(density=1).url for model in CHARTS for chart in model.objects.all()}
    images = browser.look(f"{site}/seattle/", width=375, scheme="light").images
    assert all(any(image.endswith(url) for url in narrow) for image in images)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_is_not_there_is_readable_by_all(site: str, browser: Browser, scheme: str) -> None:
    seen = browser.look(f"{site}/nowhere/", width=375, scheme=scheme)
    assert seen.violations == []
    assert seen.overflow <= 0


def save_low_above_high(page: Any) -> None:
    page.get_by_label("Lowest").fill("50")
    page.get_by_role("button", name="Save and redraw").click()
    page.wait_for_selector(".errorlist")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_refused_form_says_why_and_is_readable_by_all(site: str, browser: Browser, scheme: str) -> None:
    seen = browser.look(f"{site}/seattle/?day=2015-07-04", width=375, scheme=scheme, act=save_low_above_high)
    assert seen.violations == []
    assert seen.overflow <= 0


def test_a_saved_record_changes_the_picture_that_is_shown(site: str, browser: Browser) -> None:
    before: list[str] = []

    def save_a_record(page: Any) -> None:
        before.extend(page.evaluate("() => [...document.images].map(image => image.src)"))
        page.get_by_label("Highest").fill("44.4")
        page.get_by_role("button", name="Save and redraw").click()
        page.wait_for_selector(".message.success")

    seen = browser.look(f"{site}/seattle/?day=2015-07-04", width=1280, scheme="light", act=save_a_record)
    assert seen.broken == []
    assert seen.complaints == []
    assert len(seen.images) == len(CHARTS)
    band, calendar = seen.images[0], seen.images[2]
    assert band not in before
    assert calendar not in before
