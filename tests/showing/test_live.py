"""Open pages that follow their charts: asked once for all, answered with what is newer, said to those who listen."""

import re
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from charts.markup import live
from tests.browser import Browser
from tests.shop.models import MonthlyRevenue, Portrait
from tests.showing.conftest import drawn
from tests.showing.site import put
from tests.test_markup import Tags

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = Path(live.__file__).resolve().parents[1] / "static" / "charts" / "live.js"


def tokens(chart: Any, arguments: str = "", *, paper: bool = False) -> list[str]:
    """Return what the pictures carry that a tag writes; by default not that of the one for paper, the last."""
    html = Template("{% load charts %}{% chart c live=True " + arguments + " %}").render(Context({"c": chart}))
    found = [str(attributes["data-chart"]) for tag, attributes in Tags(html).found if tag == "img"]
    return found if paper else found[:-1]


def ask(*asked: str) -> Any:
    return Client(enforce_csrf_checks=True).post("/charts/news", {"chart": asked})


def test_nothing_is_sent_while_nothing_is_newer(revenue: MonthlyRevenue) -> None:
    response = ask(*tokens(revenue))
    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response["Cache-Control"]


def test_a_newer_picture_is_told_as_what_to_set(revenue: MonthlyRevenue) -> None:
    (token,) = tokens(revenue)
    revenue.render(force=True)
    found = ask(token).json()
    (source, (tag, image)) = found["charts"][token]
    dark = [revenue.image.variant(theme="dark", density=n).url for n in (1, 2)]
    assert source == [
        "source",
        {"media": "screen and (prefers-color-scheme: dark)", "srcset": f"{dark[0]} 1x, {dark[1]} 2x"},
    ]
    assert (tag, image["src"], image["alt"], image["width"]) == ("img", revenue.image.url, revenue.alt, 320)
    assert found["said"] == f"Picture updated: {revenue.alt.partition('. ')[0]}"
    assert ask(image["data-chart"]).status_code == 204


def test_what_the_author_has_set_stays(revenue: MonthlyRevenue) -> None:
    (token,) = tokens(revenue, 'alt="Mine" width=160')
    revenue.render(force=True)
    image = ask(token).json()["charts"][token][-1][1]
    assert set(image) == {"src", "srcset", "data-chart"}


def test_what_is_printed_follows_too(revenue: MonthlyRevenue) -> None:
    *_others, token = tokens(revenue, 'alt="Mine" class="wide"', paper=True)
    revenue.render(force=True)
    ((tag, image),) = ask(token).json()["charts"][token]
    light = [revenue.image.variant(density=n).url for n in (1, 2)]
    assert (tag, image["src"], image["srcset"]) == ("img", light[0], f"{light[0]} 1x, {light[1]} 2x")
    assert set(image) == {"src", "srcset", "width", "height", "data-chart"}


def test_every_picture_is_told_as_it_was_shown(revenue: MonthlyRevenue) -> None:
    portrait = Portrait.objects.get(pk=Portrait.objects.create().pk)
    asked = [*tokens(portrait, 'narrow="narrow" sizes="100vw"'), *tokens(revenue, 'theme="page"', paper=True)]
    portrait.render(force=True)
    revenue.render(force=True)
    found = ask(*asked).json()
    assert set(found["charts"]) == set(asked)
    assert found["said"] == "2 pictures updated."
    first, usual, other, paper = (found["charts"][token] for token in asked)
    assert first[1][1]["srcset"] == f"{portrait.narrow.url} 180w"
    light, dark = revenue.image.url, revenue.image.variant(theme="dark").url
    assert (usual[-1][1]["src"], other[-1][1]["src"], paper[-1][1]["src"]) == (light, dark, light)


def test_a_hundred_pictures_of_one_class_cost_one_query(revenue: MonthlyRevenue) -> None:
    row = MonthlyRevenue.objects.filter(pk=revenue.pk).values().get()
    MonthlyRevenue.objects.bulk_create([MonthlyRevenue(**(row | {"id": None})) for _ in range(99)])
    asked = [token for chart in MonthlyRevenue.objects.all() for token in tokens(chart)]
    with CaptureQueriesContext(connection) as queries:
        assert ask(*asked).status_code == 204
    assert len(queries) == 1


def test_who_may_not_see_a_chart_hears_nothing_of_it(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    other = drawn("South")
    asked = [*tokens(revenue), *tokens(other)]
    revenue.render(force=True)
    other.render(force=True)
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: self.pk == other.pk)
    assert set(ask(*asked).json()["charts"]) == {asked[1]}


def test_tokens_that_nobody_made_or_of_what_is_gone_are_passed_over(revenue: MonthlyRevenue) -> None:
    (token,) = tokens(revenue)
    gone = [
        live._signer().sign_object(value) + ".x"
        for value in (["gone.model", "1", "default", {}, []], [None, 1, {}, {}, []], ["a"], 7)
    ]
    wrong = [
        live._signer().sign_object(["shop.monthlyrevenue", pk, using, {}, []]) + ".x"
        for pk, using in (("x", "default"), ("1", "nowhere"))
    ]
    assert ask("", ".", "x.y", token[:-20], *gone, *wrong, token).status_code == 204
    revenue.render(force=True)
    assert set(ask("x.y", *gone, *wrong, token).json()["charts"]) == {token}
    revenue.delete()
    assert ask(token).status_code == 204


@pytest.mark.parametrize("options", [{"field": "gone"}, {"field": 7}, {"narrow": "region"}, {"theme": "gone"}])
def test_a_page_of_an_older_release_hears_of_what_is_still_there(revenue: MonthlyRevenue, options: Any) -> None:
    (token,) = tokens(revenue)
    old = live._signer().sign_object(["shop.monthlyrevenue", str(revenue.pk), "default", options, []]) + ".x"
    revenue.render(force=True)
    assert set(ask(old, token).json()["charts"]) == {token}


def test_new_data_that_nobody_draws_before_somebody_looks_is_news(revenue: MonthlyRevenue) -> None:
    (token,) = tokens(revenue)
    MonthlyRevenue.objects.update(data_version=99)
    image = ask(token).json()["charts"][token][-1][1]
    assert image["src"].startswith("/charts/image/")


def test_only_asking_is_allowed() -> None:
    assert Client().get("/charts/news").status_code == 405


def test_the_script_is_small_and_needs_nothing_inline() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.encode()) < 2048
    assert not re.search(r"innerHTML|eval|Function\(|setAttribute\(.style", source)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("form", ["", 'theme="page"'])
def test_an_open_page_shows_the_newer_picture_and_says_so(
    revenue: MonthlyRevenue, site: str, browser: Browser, form: str
) -> None:
    path = put("live", "{% chart c live=True " + form + " %}{% chart_live every=0.2 %}", c=revenue)
    shown = "() => [...document.images].find(image => image.checkVisibility()).currentSrc"
    complaints: list[str] = []

    def follow() -> tuple[str, str, str, int]:
        asked: list[str] = []
        with browser.page(color_scheme="dark") as page:
            page.on("console", lambda message: complaints.append(message.text))
            page.on("request", lambda request: asked.append(request.url) if "news" in request.url else None)
            page.goto(site + path, wait_until="load")
            before = page.evaluate(shown)
            browser_is_open.set()
            assert is_drawn.wait(30)  # until then, the page may be sent to the view that waits for it
            newer = revenue.image.variant(theme="dark").url
            page.wait_for_function(f"newer => ({shown})().endsWith(newer)", arg=newer, timeout=20_000)
            page.wait_for_function("() => document.querySelector('[role=status]')?.textContent")
            said = page.evaluate("() => document.querySelector('[role=status]').textContent")
            page.evaluate("""() => {
                Object.defineProperty(document, "hidden", {get: () => true, configurable: true});
                document.dispatchEvent(new Event("visibilitychange"));
            }""")
            page.wait_for_timeout(300)
            count = len(asked)
            page.wait_for_timeout(1000)
            return before, page.evaluate(shown), said, len(asked) - count

    browser_is_open, is_drawn = Event(), Event()
    following = browser._thread.submit(follow)
    assert browser_is_open.wait(30)
    revenue.render(force=True)
    is_drawn.set()
    before, after, said, asked_while_hidden = following.result(60)
    assert before != after
    assert after.endswith(revenue.image.variant(theme="dark").url)
    assert said == f"Picture updated: {revenue.alt.partition('. ')[0]}"
    assert asked_while_hidden == 0
    assert complaints == []
