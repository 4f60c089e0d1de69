"""The admin's pages in a real browser: light and dark, wide and narrow, right to left, by keyboard, without scripts."""

from typing import Any

import pytest

from charts.ledger import Job
from tests import staff
from tests.browser import Browser
from tests.shop.models import Answer, Survey

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]

LIST = "/admin/shop/survey/"
PICTURE = "#charts-preview img"


@pytest.fixture
def charts(settings: Any) -> list[Survey]:
    """A chart in every state that pages tell apart."""
    made = [Survey.objects.create(name=name) for name in ("fresh", "stale", "failed", "never")]
    settings.CHARTS = {"DISPATCHER": "manual"}
    stale, failed, never = made[1:]
    Survey.objects.filter(pk=stale.pk).update(data_version=99)
    Survey.objects.filter(pk=never.pk).update(image="")
    Job.objects.filter(chart_pk=str(stale.pk)).update(stale_since="2026-01-02T03:04:05Z")
    error = "shop.Survey 3 could not be rendered: when draw() drew it, ZeroDivisionError: zero\n\nTraceback …"
    Job.objects.filter(chart_pk=str(failed.pk)).update(error=error, failed_at="2026-01-02T03:04:05Z", warnings=["!"])
    return made


@pytest.fixture
def known(charts: list[Survey]) -> dict[str, Any]:
    """Options of a browser in which somebody who may do everything has logged in."""
    cookie = staff.boss().cookies["sessionid"]
    named = {"name": "sessionid", "value": cookie.value, "domain": "localhost", "path": "/"}
    return {
        "storage_state": {"cookies": [{**named, "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}]}
    }


def preview(page: Any) -> None:
    page.get_by_label("Name").fill("Never saved")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_selector(PICTURE)


def preview_nothing(page: Any) -> None:
    page.locator("#charts-preview-button").click()
    page.wait_for_selector("#id_name_error")


@pytest.fixture
def languages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    # Django's own tabular inlines have a heading without words, its file fields a label for nothing.
    monkeypatch.setattr("tests.shop.admin.SurveyAdmin.inlines", ())
    monkeypatch.setattr("tests.shop.admin.SurveyAdmin.exclude", ("sheet",))
    return settings


@pytest.mark.parametrize(
    ("scheme", "width", "language"), [("light", 1280, "en"), ("dark", 1280, "en"), ("light", 375, "ar")]
)
def test_every_page_is_whole_and_readable_by_all(
    scheme: str,
    width: int,
    language: str,
    charts: list[Survey],
    known: Any,
    browser: Browser,
    live_server: Any,
    languages: Any,
) -> None:
    languages.LANGUAGE_CODE = language
    failed, never = charts[2:]
    pages: dict[str, Any] = {
        LIST: None,
        f"{LIST}{failed.pk}/change/": preview if language == "en" else None,
        f"{LIST}overview/?measure=1": None,
    }
    if (scheme, language) == ("light", "en"):
        pages |= {f"{LIST}{never.pk}/change/": None, f"{LIST}add/": preview_nothing}
    for path, act in pages.items():
        seen = browser.look(live_server.url + path, width=width, scheme=scheme, act=act, **known)
        assert seen.violations == [], path
        assert seen.complaints == [], path
        assert seen.broken == [], path
        assert seen.overflow <= 0, path


def test_the_picture_is_in_the_theme_of_the_admin(
    charts: list[Survey], known: Any, browser: Browser, live_server: Any
) -> None:
    def themes(scheme: str, chosen: str) -> set[str]:
        with browser.page(color_scheme=scheme, **known) as page:
            page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
            page.goto(live_server.url + LIST, wait_until="networkidle")
            shown = page.locator("img.charts-thumbnail:visible").evaluate_all("all => all.map(one => one.currentSrc)")
            assert len(shown) == 3
            return {"dark" if ".dark" in address else "light" for address in shown}

    for scheme, chosen, theme in (("light", "auto", "light"), ("light", "dark", "dark"), ("dark", "light", "light")):
        assert browser.run(themes, scheme, chosen) == {theme}


def test_a_preview_is_shown_in_place_and_nothing_is_saved(
    charts: list[Survey], known: Any, browser: Browser, live_server: Any
) -> None:
    address = f"{live_server.url}{LIST}{charts[0].pk}/change/"

    def visit() -> None:
        with browser.page(**known) as page:
            page.goto(address)
            page.locator("#id_name").fill("")
            page.locator("#charts-preview-button").click()
            page.wait_for_selector("#id_name_error")
            assert page.locator("#id_name").get_attribute("aria-invalid") == "true"
            page.locator("#id_name").fill("Drawn")
            page.locator("#id_answer_set-0-value").fill("5")
            page.locator("#charts-preview-button").press("Enter")  # the keyboard's way
            page.wait_for_selector(PICTURE)
            assert page.locator("#id_name_error").count() == 0
            assert "Drawn: [5]" in page.locator("#charts-preview").inner_text()
            assert page.locator("#id_name").input_value() == "Drawn"
            assert page.url == address

    browser.run(visit)
    assert not Answer.objects.exists()
    assert Survey.objects.get(pk=charts[0].pk).name == "fresh"


def test_where_the_script_gets_no_answer_the_browser_asks_itself(
    charts: list[Survey], known: Any, browser: Browser, live_server: Any
) -> None:
    asked = []

    def answer(route: Any) -> None:
        asked.append(route.request.resource_type)
        route.abort() if len(asked) == 1 else route.continue_()

    def visit() -> None:
        with browser.page(**known) as page:
            page.route("**/preview/", answer)
            page.goto(f"{live_server.url}{LIST}{charts[0].pk}/change/")
            page.locator("#charts-preview-button").click()
            page.wait_for_selector(PICTURE)
            assert page.url.endswith("/preview/#charts-preview")

    browser.run(visit)
    assert asked == ["fetch", "document"]


def test_enter_in_a_field_saves_and_does_not_preview(
    charts: list[Survey], known: Any, browser: Browser, live_server: Any
) -> None:
    def visit() -> None:
        with browser.page(**known) as page:
            page.goto(f"{live_server.url}{LIST}{charts[0].pk}/change/")
            page.locator("#id_name").fill("Entered")
            page.locator("#id_name").press("Enter")
            page.wait_for_url(f"{live_server.url}{LIST}")

    browser.run(visit)
    assert Survey.objects.get(pk=charts[0].pk).name == "Entered"


def test_without_scripts_previews_are_drawn_and_values_can_then_be_saved(
    charts: list[Survey], known: Any, browser: Browser, live_server: Any
) -> None:
    before = charts[0].image.name

    def visit() -> None:
        with browser.page(java_script_enabled=False, **known) as page:
            page.goto(f"{live_server.url}{LIST}{charts[0].pk}/change/")
            page.locator("#id_name").fill("Kept")
            page.locator("#charts-preview-button").click()
            page.wait_for_selector(PICTURE)
            assert page.locator("#id_name").input_value() == "Kept"
            assert page.url.endswith("/preview/#charts-preview")
            page.locator("[name=_continue]").click()
            page.wait_for_url(f"{live_server.url}{LIST}{charts[0].pk}/change/")
            page.get_by_role("button", name="Regenerate").click()
            page.wait_for_selector(".messagelist .success")

    browser.run(visit)
    row = Survey.objects.get(pk=charts[0].pk)
    assert row.name == "Kept"
    assert row.image.name != before
