"""Charts in an object store, over S3: drawn, shown, replaced, pruned, served by permission, and with faults."""

import time
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from typing import Any, ClassVar

import pytest
from django.core.management import call_command
from django.template import Context, Template
from django.test import Client
from PIL import Image
from storages.backends.s3 import S3Storage

from charts import markup
from charts.exceptions import RenderError
from charts.ledger import LooseFile
from tests.shop.models import MonthlyRevenue
from tests.showing.conftest import drawn

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    # botocore's, on newer Pythons; a socket is closed when the client is collected.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
METHODS = ("_save", "_open", "url", "delete", "exists", "size", "listdir")


class Flawed(S3Storage):
    """An object store of which one call fails, or is slow."""

    fault: ClassVar[tuple[str, str]] = ("", "")

    def _strike(self, method: str) -> None:
        if self.fault == (method, "fails"):
            raise ConnectionError(f"{method} was cut off")
        if self.fault == (method, "slow"):
            time.sleep(0.1)


def _flawed(method: str) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._strike(method)
        return getattr(S3Storage, method)(self, *args, **kwargs)

    return call


for _method in METHODS:
    setattr(Flawed, _method, _flawed(_method))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Any]:
    """Keep charts in an empty bucket; return it."""
    access = {"endpoint_url": endpoint, "access_key": "a", "secret_key": "b", "region_name": "us-east-1"}
    backend = {"BACKEND": "tests.showing.test_objects.Flawed", "OPTIONS": {"bucket_name": "charts", **access}}
    settings.STORAGES = {**settings.STORAGES, "charts": backend}
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    storage: Any = Flawed(bucket_name="charts", **access)
    storage.connection.create_bucket(Bucket="charts")
    yield storage.bucket
    monkeypatch.setattr(Flawed, "fault", ("", ""))
    storage.bucket.objects.all().delete()
    storage.connection.Bucket("charts").delete()


@pytest.fixture
def revenue(bucket: Any, options: Any) -> MonthlyRevenue:
    options(densities=(1,), formats=("png", "csv"))
    return drawn()


def names(bucket: Any) -> set[str]:
    return {found.key for found in bucket.objects.all()}


def page(chart: Any) -> str:
    return Template("{% load charts %}{% chart c %}{% chart_table c %}").render(Context({"c": chart}))


def assert_whole(content: bytes) -> None:
    with Image.open(BytesIO(content)) as image:
        image.load()
        assert image.size == (320, 180)


def test_a_chart_is_drawn_into_the_bucket_and_shown_by_its_address(revenue: MonthlyRevenue, bucket: Any) -> None:
    assert names(bucket) == {variant.name for variant in revenue.image.variants}
    url = markup.variant_url(revenue)
    assert "Signature=" in url
    with urllib.request.urlopen(url) as answer:  # noqa: S310  (the store of this test)
        assert answer.headers["Content-Type"] == "image/png"
        assert_whole(answer.read())
    assert "12,400" in page(revenue)


def test_a_replaced_picture_leaves_nothing_behind(revenue: MonthlyRevenue, bucket: Any) -> None:
    before = names(bucket)
    revenue.render(force=True)
    assert names(bucket) == {variant.name for variant in revenue.image.variants}
    assert not names(bucket) & before
    revenue.delete()
    assert names(bucket) == set()
    assert not LooseFile.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_prune_finds_what_nobody_knows(revenue: MonthlyRevenue, bucket: Any) -> None:
    stray = f"{revenue.image.name.rpartition('/')[0]}/9-{'0' * 16}-k{'0' * 6}.png"
    bucket.put_object(Key=stray, Body=b"x")
    call_command("prune_charts", scan=True, grace="0", verbosity=0)
    assert names(bucket) == {variant.name for variant in revenue.image.variants}


def test_a_private_picture_is_served_by_us(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: "friend" in request.GET)
    url = markup.variant_url(revenue)
    assert Client().get(url).status_code == 404
    whole = Client().get(url, {"friend": "1"})
    assert_whole(whole.content)
    part = Client().get(url, {"friend": "1"}, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])


@pytest.mark.parametrize(
    ("method", "how"), [*((each, "fails") for each in METHODS), *((each, "slow") for each in METHODS[:4])]
)
def test_a_call_that_is_cut_off_or_slow_loses_nothing_and_breaks_no_page(
    revenue: MonthlyRevenue, bucket: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, method: str, how: str
) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0, "CAN_VIEW": None}
    monkeypatch.setattr(Flawed, "fault", (method, how))
    assert "<img" in page(revenue)
    assert Client().get(markup.permalink(revenue)).status_code in {200, 503}
    try:
        revenue.render(force=True)
    except RenderError:
        assert (method, how) == ("_save", "fails")
    revenue.refresh_from_db()
    monkeypatch.setattr(Flawed, "fault", ("", ""))
    assert_whole(Client().get(markup.permalink(revenue)).content)
    revenue.render(force=True)
    LooseFile.objects.update(delete_at=revenue.rendered_at)  # what could not be deleted is tried again later
    call_command("prune_charts", grace="0", verbosity=0)
    assert names(bucket) == {variant.name for variant in revenue.image.variants}
