"""What strangers may try: addresses of their own making, and data that would like to be a program."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.core.signing import Signer
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts import markup
from charts.ledger import ChartKey
from charts.markup.addresses import IMAGE, LATEST, Address
from tests.browser import Browser
from tests.shop.models import MonthlyRevenue

pytestmark = pytest.mark.django_db(transaction=True)

PLACES: list[Callable[[str], str]] = [
    lambda token: f"/charts/image/{token}",
    lambda token: f"/charts/latest/{token}.png",
    lambda token: f"/charts/image/{token}?download&x={token}",
]
# Anything that a request line can hold, and what is nearly right.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t"), max_size=80)
ALMOST = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~:.=%/", max_size=200)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
# What is in a token, place by place: the first is right, the others are nearly so.
LIKELY: list[tuple[Any, ...]] = [
    ("shop.monthlyrevenue", "shop.region", "gone.model", "", "x"),
    ("1", "-1", "9" * 30, "x", "\0", ""),
    ("default", "nowhere"),
    ("image", "alt", "id", "nothing"),
    ("light", "dark", "x", ""),
    (1, 2, 1e308),
    ("png", "svg", "csv", "exe"),
    ("", "x"),
    (0, 1, 2**70),
]
ODD: list[Any] = [None, True, -1, 0.5, 1e400, "\ud7ff", "9" * 5000, [], ["image"], {}, {"a": 1}]
# Lists of the right length with something wrong in any place.
PARTS = st.tuples(*(st.sampled_from(choices) | VALUES for choices in LIKELY)).map(list)
FACTORY = RequestFactory()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(place=st.sampled_from(PLACES), text=TEXT | ALMOST)
def assert_refused(place: Callable[[str], str], text: str) -> None:
    assert Client().get(place(text)).status_code in {301, 400, 404}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(purpose=st.sampled_from([IMAGE, LATEST]), value=PARTS | VALUES)
def assert_answered(purpose: str, value: Any) -> None:
    """Ask for what is signed, by an older release or another project with the same key, but means nothing."""
    assert status_of(signed(purpose, value)) in {200, 404, 503}, value


def test_no_address_of_a_strangers_making_is_an_error(revenue: MonthlyRevenue) -> None:
    assert_refused()
    assert_answered()


def signed(purpose: str, value: Any) -> str:
    token = Signer(salt=purpose, sep="~").sign_object(value)
    return f"/charts/image/{token}" if purpose == IMAGE else f"/charts/latest/{token}.png"


def status_of(path: str) -> int:
    """Return the status of what the view itself answers; whatever it raises, but 404, is the test's to see."""
    try:
        view, args, kwargs = resolve(path)
        response = view(FACTORY.get("/"), *args, **kwargs)
    except Http404:
        return 404
    response.close()
    return int(response.status_code)


def spoilt(dice: Random, text: str) -> str:
    """Return a text with a few characters changed, added, left out or cut off."""
    for _ in range(dice.randint(1, 3)):
        place, sign = dice.randrange(len(text) + 1), chr(dice.choice([dice.randint(32, 126), dice.randint(0, 0xD7FF)]))
        start, end = text[:place], text[place:]
        text = dice.choice([start + sign + end, start + end[1:], start + sign + end[1:], start, end, text * 2])
    return text[:3000]


def test_no_address_of_ten_thousand_is_an_error(revenue: MonthlyRevenue) -> None:
    dice, good = Random(7), 0
    tokens = [Address(ChartKey.of(revenue), "image", look).token() for look in revenue.image.names()]
    likely = [LIKELY[0], (str(revenue.pk), *LIKELY[1]), *LIKELY[2:]]
    for _ in range(5000):
        if (text := spoilt(dice, dice.choice(tokens))) not in tokens:
            assert status_of(dice.choice(PLACES[:2])(text)) == 404, text
    for _ in range(5000):
        value = [dice.choice([choice] * 30 + [*choices, *ODD]) for choice, *choices in likely]
        status = status_of(signed(dice.choice([IMAGE, LATEST]), value[: dice.choice([9, 9, 9, 8])]))
        assert status in {200, 404, 503}, value
        good += status == 200
    assert good > 50  # some mean something: what is behind the first guards is reached


def test_all_that_is_refused_looks_the_same(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: False)
    forbidden = markup.variant_url(revenue)
    answers = [client.get(url) for url in (forbidden, f"{forbidden[:-2]}xx", "/charts/image/x")]
    revenue.delete()
    answers.append(client.get(forbidden))
    assert {response.status_code for response in answers} == {404}
    assert len({response.content for response in answers}) == 1


EVIL = [
    "<script>document.title='run'</script>",
    '"><img src=x onerror="document.title=\'run\'">',
    "]]><script>document.title='run'</script>",
    "</svg><script>document.title='run'</script>",
    "<![CDATA[<script>document.title='run'</script>",
    "&lt;script&gt;document.title='run'&lt;/script&gt;",
]


@pytest.mark.browser
@pytest.mark.slow
def test_an_svg_of_hostile_data_that_is_opened_by_itself_runs_nothing(
    revenue: MonthlyRevenue, site: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(self: Any, figure: Any, data: Any) -> None:
        axes = figure.subplots()
        bars = axes.bar(EVIL, range(len(EVIL)), label=EVIL[0])
        for bar, words in zip(bars, EVIL, strict=True):
            bar.set_url(f"javascript:document.title='run'//{words}")
            bar.set_gid(words)
        axes.set_title(EVIL[0], url="javascript:document.title='run'")
        axes.legend()

    monkeypatch.setattr(MonthlyRevenue, "draw", draw)
    revenue.render(force=True)
    file = revenue.image.variant(format="svg").url  # as the web server sends it, without our headers
    served = markup.permalink(revenue, format="svg")

    def open_both() -> list[tuple[str, int, int]]:
        seen = []
        for address in (file, served):
            with browser.page() as page:
                page.goto(site + address, wait_until="load")
                for link in page.query_selector_all("a"):
                    link.dispatch_event("click")
                page.wait_for_timeout(200)
                count = "name => document.getElementsByTagName(name).length"
                seen.append((page.title(), page.evaluate(count, "script"), page.evaluate(count, "path")))
        return seen

    for title, scripts, paths in browser.run(open_both):
        assert "run" not in title
        assert scripts == 0
        assert paths > 10
