"""Signed addresses: what they name, when they end, and which pictures are behind them."""

import time
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest
from django.test import Client

from charts import markup
from charts.fields import Look
from charts.ledger import ChartKey
from charts.markup import flights
from charts.markup.addresses import LATEST, Address
from tests.shop.models import MonthlyRevenue

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = Address(ChartKey("shop.monthlyrevenue", "1", "default"), "image", Look("light", 1, "png"))


def nobody_may(request: HttpRequest, chart: Any) -> bool:
    return False


async def somebody_may(request: HttpRequest, chart: Any) -> bool:
    return "friend" in request.GET


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_pictures_that_everybody_may_see_have_their_storages_addresses(revenue: MonthlyRevenue) -> None:
    assert not markup.is_restricted(MonthlyRevenue)
    assert markup.variant_url(revenue) == revenue.image.url


def test_pictures_that_not_everybody_may_see_are_served_by_permission(
    revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may"}
    assert markup.is_restricted(MonthlyRevenue)
    assert markup.variant_url(revenue).startswith("/charts/image/")
    settings.CHARTS = {}
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: True)
    assert markup.is_restricted(MonthlyRevenue)
    assert markup.variant_url(revenue).startswith("/charts/image/")


def test_without_our_urls_a_restricted_picture_is_not_given_away(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.shop.no_urls"
    assert markup.variant_url(revenue) == revenue.image.url
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may"}
    assert markup.variant_url(revenue).endswith("charts/missing.svg")


def test_a_restricted_address_ends_and_is_the_same_for_a_while(
    revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may", "SIGNED_FOR": 100}
    now = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    first = markup.variant_url(revenue)
    until = Address.read(token_of(first)).until
    assert 100 <= until - now <= 200
    now += 99
    Address.read(token_of(first))
    now = 1_700_000_000.0 + 201
    with pytest.raises(BadSignature):
        Address.read(token_of(first))
    assert markup.variant_url(revenue) != first


def test_addresses_can_last_for_ever(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may", "SIGNED_FOR": None}
    assert Address.read(token_of(markup.variant_url(revenue))).until == 0


def test_an_address_of_a_fresh_picture_names_its_version(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may"}
    before = Address.read(token_of(markup.variant_url(revenue))).version
    revenue.render(force=True)
    after = Address.read(token_of(markup.variant_url(revenue))).version
    assert before != after
    MonthlyRevenue.objects.update(data_version=99)
    revenue.refresh_from_db()
    assert Address.read(token_of(markup.variant_url(revenue))).version == ""


def test_a_permalink_is_for_good_and_the_same_whatever_is_drawn(revenue: MonthlyRevenue) -> None:
    first = markup.permalink(revenue, format="svg")
    assert first.endswith(".svg")
    revenue.render(force=True)
    assert markup.permalink(revenue, format="svg") == first
    assert Address.read(token_of(first).removesuffix(".svg"), LATEST).until == 0


def test_a_token_of_one_purpose_is_none_of_the_other() -> None:
    with pytest.raises(BadSignature):
        Address.read(ADDRESS.token(LATEST))
    with pytest.raises(BadSignature):
        Address.read(ADDRESS.token(), LATEST)


def test_tokens_outlive_a_change_of_the_secret_key(settings: Any) -> None:
    token = ADDRESS.token()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert Address.read(token) == ADDRESS
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadSignature):
        Address.read(token)


# Permission


def test_both_the_model_and_the_setting_must_say_yes(
    client: Client, revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"model": True, "setting": True}
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: answers["model"])
    monkeypatch.setattr("tests.showing.test_addresses.nobody_may", lambda request, chart: answers["setting"])
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.nobody_may"}
    statuses = {}
    for answers["model"] in (True, False):
        for answers["setting"] in (True, False):
            statuses[tuple(answers.values())] = client.get(markup.variant_url(revenue)).status_code
    assert statuses == {(True, True): 200, (True, False): 404, (False, True): 404, (False, False): 404}


def test_a_hook_may_be_a_coroutine_which_is_waited_for(client: Client, revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_addresses.somebody_may"}
    url = markup.variant_url(revenue)
    assert client.get(url).status_code == 404
    assert client.get(url, {"friend": "1"}).status_code == 200


@pytest.mark.parametrize("error", [PermissionDenied, Http404, AttributeError, ValueError])
def test_a_hook_that_raises_says_no_like_any_other(
    client: Client, revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(self: Any, request: HttpRequest) -> bool:
        raise error("not you")

    monkeypatch.setattr(MonthlyRevenue, "can_view", refuse)
    url = markup.variant_url(revenue)
    refused, unknown = client.get(url), client.get(url[:-3])
    assert (refused.status_code, refused.content) == (unknown.status_code, unknown.content)
    assert refused.status_code == 404


def test_a_proxy_has_a_permission_of_its_own(client: Client, revenue: MonthlyRevenue) -> None:
    class Secret(MonthlyRevenue):
        class Meta:
            app_label = "shop"
            proxy = True

        def can_view(self, request: HttpRequest) -> bool:
            return "friend" in request.GET

    try:
        MonthlyRevenue.objects.update(data_version=99)
        chart = Secret.objects.get()
        for url in (markup.variant_url(chart), markup.permalink(chart)):
            assert client.get(url).status_code == 404
            response = client.get(url, {"friend": "1"})
            assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")
        assert client.get(markup.permalink(revenue)).status_code == 200
    finally:
        del apps.all_models["shop"]["secret"]
        apps.clear_cache()


class Reading:
    """Send what is read to a replica."""

    def db_for_read(self, model: object, **hints: object) -> str:
        return "replica"

    def db_for_write(self, model: object, **hints: object) -> str:
        return "default"


def test_what_was_read_from_a_replica_is_drawn_where_it_is_written(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.DATABASE_ROUTERS = [Reading()]
    revenue._state.db = "replica"
    assert Address.read(token_of(markup.permalink(revenue)).removesuffix(".png"), LATEST).key.using == "default"
    revenue.image_version, revenue.data_version = 0, 1
    assert flights.shown(revenue).image


def test_the_permalink_asks_for_the_same_permission(
    client: Client, revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = markup.permalink(revenue)
    assert client.get(url).status_code == 200
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: False)
    assert client.get(url).status_code == 404
