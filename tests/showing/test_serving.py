"""Files over HTTP: conditional, in parts, cached as long as it is true, and harmless when opened by itself."""

import asyncio
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.test import AsyncClient, AsyncRequestFactory, Client
from PIL import Image

from charts import markup, views
from charts.views import ranges, serving
from tests.shop.models import MonthlyRevenue

pytestmark = pytest.mark.django_db(transaction=True)


def everybody_may(request: Any, chart: Any) -> bool:
    return True


@pytest.fixture
def served(settings: Any) -> None:
    """Have every picture served by us."""
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_serving.everybody_may"}


@pytest.fixture
def url(revenue: MonthlyRevenue, served: None) -> str:
    return markup.variant_url(revenue)


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


def stored(revenue: MonthlyRevenue, **look: Any) -> bytes:
    return Path(revenue.image.variant(**look).storage.path(revenue.image.variant(**look).name)).read_bytes()


# Caching


def test_an_address_with_a_version_is_kept_for_good_by_the_reader_alone(client: Client, url: str) -> None:
    caching = client.get(url)["Cache-Control"]
    assert caching.startswith("private, max-age=")
    assert caching.endswith(", immutable")
    assert 86_000 < int(caching.split("=")[1].split(",")[0]) <= 2 * 86_400


def test_the_same_address_is_asked_about_again_once_there_is_a_newer_picture(
    client: Client, revenue: MonthlyRevenue, url: str
) -> None:
    revenue.render(force=True)
    response = client.get(url)
    assert response["Cache-Control"] == "private, no-cache"
    assert body(response) == stored(revenue)


def test_a_picture_for_everybody_may_be_kept_by_proxies(client: Client, revenue: MonthlyRevenue) -> None:
    assert client.get(markup.permalink(revenue))["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("header", ["if-none-match", "if-modified-since"])
def test_what_has_not_changed_is_not_sent_again(client: Client, url: str, header: str) -> None:
    first = client.get(url)
    value = first["ETag"] if header == "if-none-match" else first["Last-Modified"]
    again = client.get(url, headers={header: value})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"].endswith("immutable")
    assert client.get(url, headers={"if-none-match": '"other"'}).status_code == 200


def test_the_permalink_always_gives_the_newest(client: Client, revenue: MonthlyRevenue) -> None:
    url = markup.permalink(revenue, theme="dark")
    first = client.get(url)
    assert body(first) == stored(revenue, theme="dark")
    revenue.render(force=True)
    again = client.get(url, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    assert body(again) == stored(revenue, theme="dark")


def test_a_head_has_the_headers_and_no_body(client: Client, url: str) -> None:
    whole, head = client.get(url), client.head(url)
    assert head.content == b""
    assert dict(head.items()) == dict(whole.items())


# Parts


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("Bytes=5-99999999", 5, None)],
)
def test_a_part_is_sent_to_who_asks_for_one(
    client: Client, revenue: MonthlyRevenue, url: str, asked: str, start: int, stop: int | None
) -> None:
    whole = stored(revenue)
    response = client.get(url, headers={"range": asked})
    part = whole[start:stop]
    first = len(whole) + start if start < 0 else start
    assert (response.status_code, body(response)) == (206, part)
    assert response["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    assert response["Content-Length"] == str(len(part))


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=x", "bytes=-", "lines=1-2", "bytes=9-2", "bytes=" + "9" * 40]
)
def test_what_cannot_be_sent_in_part_is_sent_whole(
    client: Client, revenue: MonthlyRevenue, url: str, asked: str
) -> None:
    response = client.get(url, headers={"range": asked})
    assert (response.status_code, body(response)) == (200, stored(revenue))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_said(client: Client, revenue: MonthlyRevenue, url: str, asked: str) -> None:
    response = client.get(url, headers={"range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(stored(revenue))}"


def test_a_part_is_not_compressed(client: Client, url: str, settings: Any) -> None:
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    response = client.get(url, headers={"range": "bytes=0-999", "accept-encoding": "gzip"})
    assert (response.status_code, len(response.content), response["Content-Encoding"]) == (206, 1000, "identity")


def test_a_part_of_another_version_is_sent_whole(client: Client, url: str) -> None:
    first = client.get(url)
    for good in (first["ETag"], first["Last-Modified"]):
        assert client.get(url, headers={"range": "bytes=0-1", "if-range": good}).status_code == 206
    for old in ('"other"', "Wed, 21 Oct 2015 07:28:00 GMT", "nonsense", f"W/{first['ETag']}"):
        assert client.get(url, headers={"range": "bytes=0-1", "if-range": old}).status_code == 200


# Large files


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a picture be a large file."""
    monkeypatch.setattr(serving, "AT_ONCE", 1000)
    monkeypatch.setattr(ranges, "PIECE", 512)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(("first", "last"), [(0, None), (0, 1500), (900, 1200), (1500, None)])
def test_a_large_file_is_streamed(
    client: Client, revenue: MonthlyRevenue, url: str, first: int, last: int | None
) -> None:
    whole = stored(revenue)
    assert len(whole) > 2000
    response = client.get(url, headers={"range": f"bytes={first}-{'' if last is None else last}"})
    assert response.streaming
    assert body(response) == whole[first : None if last is None else last + 1]


@pytest.mark.usefixtures("large")
def test_under_asgi_a_large_file_is_streamed_without_blocking(revenue: MonthlyRevenue, url: str) -> None:
    async def read() -> tuple[bool, bytes]:
        response = await AsyncClient().get(url)
        return response.is_async, b"".join([piece async for piece in response])

    assert asyncio.run(read()) == (True, stored(revenue))


@pytest.mark.usefixtures("large")
def test_a_reader_who_goes_away_under_asgi_leaves_no_file_open(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, sent = threading.Event(), []
    close = ranges.Pieces.close
    monkeypatch.setattr(ranges.Pieces, "close", lambda self: (close(self), closed.set()))

    async def leave() -> None:
        scope = AsyncRequestFactory()._base_scope(path=url, method="GET")
        came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await came.put({"type": "http.request", "body": b"", "more_body": False})

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) == 2:  # the head, and one piece
                await came.put({"type": "http.disconnect"})
            await asyncio.sleep(0.05)

        await ASGIHandler()({**scope, "type": "http"}, came.get, send)

    asyncio.run(leave())
    assert closed.is_set()
    assert sent[0]["status"] == 200
    assert sent[-1].get("more_body")  # cut off


def test_under_asgi_a_picture_is_drawn_and_served(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    url = markup.variant_url(chart)

    async def read() -> Any:
        return await AsyncClient().get(url)

    response = asyncio.run(read())
    with Image.open(BytesIO(response.content)) as image:
        assert image.size == (320, 180)


# What the file is


@pytest.mark.parametrize(
    ("format", "media_type"),
    [("png", "image/png"), ("svg", "image/svg+xml"), ("csv", "text/csv; charset=utf-8")],
)
def test_a_file_is_said_to_be_what_it_is_and_can_do_nothing(
    client: Client, revenue: MonthlyRevenue, served: None, format: str, media_type: str
) -> None:
    response = client.get(markup.variant_url(revenue, format=format))
    assert response["Content-Type"] == media_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none';")
    assert response["Content-Security-Policy"].endswith("; sandbox")


def test_a_file_has_a_name_on_the_readers_disk(client: Client, revenue: MonthlyRevenue, served: None) -> None:
    MonthlyRevenue.objects.update(title="Umsätze: Süd/Nord")
    dark = markup.variant_url(revenue, theme="dark", density=2)
    assert client.get(dark)["Content-Disposition"] == (
        "inline; filename*=utf-8''ums%C3%A4tze-s%C3%BCdnord-dark%402x.png"
    )
    table = markup.variant_url(revenue, format="csv")
    assert client.get(table, {"download": ""})["Content-Disposition"].startswith("attachment; filename*=")


def test_a_name_that_is_all_signs_is_the_classes(client: Client, revenue: MonthlyRevenue, served: None) -> None:
    MonthlyRevenue.objects.update(title="???")
    assert (
        client.get(markup.variant_url(revenue))["Content-Disposition"] == 'inline; filename="monthlyrevenue-light.png"'
    )


def test_a_chart_that_cannot_say_its_name_is_served(client: Client, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue, "__str__", lambda self: 1 / 0)
    assert client.get(url)["Content-Disposition"] == 'inline; filename="monthlyrevenue-light.png"'


# By the web server


def test_nginx_is_told_where_the_file_is(client: Client, revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_serving.everybody_may", "SENDFILE": "/protected/"}
    response = client.get(markup.variant_url(revenue, density=2))
    assert response["X-Accel-Redirect"] == f"/protected/{revenue.image.variant(density=2).name}".replace("@", "%40")
    assert response.content == b""
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"].endswith("immutable")


def test_apache_is_told_where_the_file_is(client: Client, revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_serving.everybody_may", "SENDFILE": "X-Sendfile"}
    assert client.get(markup.variant_url(revenue))["X-Sendfile"] == revenue.image.path
    settings.MEDIA_ROOT = "/srv/Bücher 100%"
    assert client.get(markup.variant_url(revenue))["X-Sendfile"] == f"/srv/B%C3%BCcher%20100%25/{revenue.image.name}"


# What is not there


def test_while_a_file_is_not_drawn_yet_the_primary_one_is_shown(
    client: Client, revenue: MonthlyRevenue, served: None, options: Any
) -> None:
    options(formats=("png", "webp", "pdf"), densities=(1, 2, 3))
    url = markup.variant_url(revenue, density=3, format="webp")
    response = client.get(url)
    assert (response["Content-Type"], body(response)) == ("image/png", stored(revenue))
    assert response["Cache-Control"] == "private, no-cache"


def test_no_picture_is_given_to_who_asked_for_a_document(
    client: Client, revenue: MonthlyRevenue, served: None, options: Any
) -> None:
    options(formats=("png", "pdf", "csv"))
    for format in ("pdf", "csv"):
        response = client.get(markup.variant_url(revenue, format=format))
        assert response.status_code == 503
        assert response["Content-Type"].startswith("text/plain")
        assert response["Cache-Control"] == "no-store"


def test_a_file_that_vanished_is_replaced_by_the_primary_one(
    client: Client, revenue: MonthlyRevenue, served: None
) -> None:
    dark = revenue.image.variant(theme="dark")
    dark.storage.delete(dark.name)
    response = client.get(markup.variant_url(revenue, theme="dark"))
    assert body(response) == stored(revenue)
    assert response["Cache-Control"] == "private, no-cache"


def test_a_picture_that_is_replaced_while_its_file_is_looked_for_gives_the_newer_one(
    client: Client, revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    url, respond = markup.permalink(revenue), serving.response

    def replaced(asked: Any) -> Any:
        monkeypatch.setattr(serving, "response", respond)
        revenue.render(force=True)
        return respond(asked)

    monkeypatch.setattr(serving, "response", replaced)
    response = client.get(url)
    assert (response.status_code, body(response)) == (200, stored(revenue))


def test_no_database_is_in_a_transaction_while_a_picture_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for alias in connections:
        monkeypatch.setitem(connections[alias].settings_dict, "ATOMIC_REQUESTS", True)
    for view in (views.image, views.latest):
        assert BaseHandler().make_view_atomic(view) is view
    assert BaseHandler().make_view_atomic(views.news) is not views.news


def test_a_placeholder_has_the_colours_of_the_theme_that_was_asked_for(
    client: Client, revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    monkeypatch.setattr(MonthlyRevenue, "draw", lambda self, figure, data: 1 / 0)
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    light, dark = (client.get(markup.variant_url(chart, theme=theme)).content for theme in ("light", "dark"))
    assert b'width="320" height="180"' in light
    assert light != dark
