"""What strangers may try: addresses of their own making, and data that would like to be a program."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charts import markup
from charts.markup.addresses import IMAGE, LATEST
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
# Lists of the right length with something wrong in any place.
PARTS = st.tuples(
    st.sampled_from(["shop.monthlyrevenue", "shop.region", "gone.model", "", "x"]) | VALUES,
    st.sampled_from(["1", "-1", "9" * 30, "x", "\0", ""]) | VALUES,
    st.sampled_from(["default", "nowhere"]) | VALUES,
    st.sampled_from(["image", "alt", "id", "nothing"]) | VALUES,
    st.sampled_from(["light", "dark", "x"]) | VALUES,
    st.sampled_from([1, 2, 1e308]) | VALUES,
    st.sampled_from(["png", "svg", "csv", "exe"]) | VALUES,
    st.sampled_from(["", "x"]) | VALUES,
    st.sampled_from([0, 1, 2**70]) | VALUES,
).map(list)


def try_texts(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(PLACES), TEXT | ALMOST)
    def attempt(place: Callable[[str], str], text: str) -> None:
        assert Client().get(place(text)).status_code in {301, 400, 404}

    attempt()


def try_signed(examples: int) -> None:
    """Try tokens that are signed, by an older release or another project with the same key, but mean nothing."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from([IMAGE, LATEST]), PARTS | VALUES)
    def attempt(purpose: str, value: Any) -> None:
        token = Signer(salt=purpose, sep="~").sign_object(value)
        path = f"/charts/image/{token}" if purpose == IMAGE else f"/charts/latest/{token}.png"
        response = Client().get(path)
        response.close()
        assert response.status_code in {200, 404, 503}, value

    attempt()


def test_no_address_of_a_strangers_making_is_an_error(revenue: MonthlyRevenue) -> None:
    try_texts(300)
    try_signed(300)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_address_of_ten_thousand_is_an_error(revenue: MonthlyRevenue) -> None:
    try_texts(5000)
    try_signed(5000)


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
