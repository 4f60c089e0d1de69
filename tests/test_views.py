"""The view behind a picture's signed address: it renders once, serves whole images and never breaks a page."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from charts import markup
from charts.fields import Look
from charts.ledger import ChartKey, Job
from charts.markup.addresses import Address
from charts.markup.flights import hang_up
from tests.shop.models import MonthlyRevenue, Region, Scripted

pytestmark = pytest.mark.django_db(transaction=True)
PRIMARY = Look("light", 1, "png")


@pytest.fixture(autouse=True)
def _nobody_renders(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


def address(chart: Any, look: Look = PRIMARY) -> str:
    return f"/charts/image/{Address(ChartKey.of(chart), 'image', look).token()}"


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


def test_the_first_reader_has_the_chart_rendered(client: Client) -> None:
    chart = Scripted.objects.create(value=3)
    response = client.get(address(chart))
    with Image.open(BytesIO(body(response))) as image:
        assert image.size == (200, 120)
    chart.refresh_from_db()
    assert chart.image
    assert not chart.is_stale
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_every_file_of_the_picture_is_served(client: Client) -> None:
    chart = MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))
    with Image.open(BytesIO(body(client.get(address(chart, Look("dark", 2, "png")))))) as image:
        assert image.size == (640, 360)
    response = client.get(address(chart, Look("light", 1, "svg")))
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert body(response).lstrip().startswith(b"<")


@pytest.mark.parametrize(
    "database", [pytest.param(name, marks=pytest.mark.services) for name in ("postgres", "mariadb")], indirect=True
)  # not the test's SQLite, which lives in memory, where tables are locked
def test_many_readers_cost_one_draw(script: dict[str, Any], database: str) -> None:
    chart = Scripted.objects.create()
    draws: list[int] = []
    counting = Lock()

    def draw(chart: Any, figure: Any, data: Any) -> None:
        with counting:
            draws.append(1)
        figure.subplots()

    script["draw"] = draw
    url = address(chart)

    def read(_: int) -> bytes:
        try:
            return body(Client().get(url))
        finally:
            hang_up()

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(read, range(16)))
    assert len(draws) == 1
    assert len(set(bodies)) == 1
    with Image.open(BytesIO(bodies[0])) as image:
        image.load()


def test_a_chart_that_cannot_be_drawn_gives_a_placeholder_that_nobody_caches(
    client: Client, script: dict[str, Any]
) -> None:
    script["draw"] = _raise
    chart = Scripted.objects.create()
    response = client.get(address(chart))
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert response["Cache-Control"] == "no-store"
    assert b"could not be drawn" in response.content
    assert b'width="200" height="120"' in response.content
    assert "ZeroDivisionError" not in response.content.decode()
    assert "ZeroDivisionError" in chart.error


def test_a_chart_that_fails_is_not_drawn_again_for_every_reader(client: Client, script: dict[str, Any]) -> None:
    script["draw"] = _raise
    chart = Scripted.objects.create()
    for _ in range(5):
        client.get(address(chart)).close()
    assert Job.objects.get().attempts == 1


def test_a_stale_chart_that_fails_gives_the_last_good_image(client: Client, script: dict[str, Any]) -> None:
    chart = Scripted.objects.create()
    chart.render()
    good = Path(chart.image.path).read_bytes()
    script["draw"] = _raise
    Scripted.objects.update(value=9, data_version=50)
    chart.refresh_from_db()
    response = client.get(address(chart))
    assert response.status_code == 200
    assert body(response) == good


def test_the_last_good_image_is_given_while_a_worker_draws(
    script: dict[str, Any], client: Client, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    chart = Scripted.objects.create()
    chart.refresh_from_db()
    good = Path(chart.image.path).read_bytes()
    Scripted.objects.update(value=9, data_version=50)
    from charts.freshness import jobs

    jobs.make_due([ChartKey.of(chart)], 0)
    assert jobs.claim(ChartKey.of(chart))
    chart.refresh_from_db()
    assert body(client.get(address(chart))) == good


def test_a_file_that_is_missing_breaks_no_page(client: Client) -> None:
    chart = Scripted.objects.create()
    chart.render()
    Path(chart.image.path).unlink()
    for url in (address(chart), markup.permalink(chart)):
        response = client.get(url)
        assert response.status_code == 200
        assert b"could not be drawn" in response.content


def test_no_placeholder_is_kept_as_the_file_that_was_asked_for(client: Client, script: dict[str, Any]) -> None:
    script["draw"] = _raise
    response = client.get(address(Scripted.objects.create()), {"download": ""})
    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/plain")
    assert (response["Cache-Control"], response["Retry-After"]) == ("no-store", "10")


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "a" * 5000, "é", "WyJzaG9wIl0:1x:abc"])
def test_an_address_that_nobody_signed_is_not_found(client: Client, token: str) -> None:
    assert client.get(f"/charts/image/{token}").status_code == 404


def test_a_signed_address_of_what_is_gone_is_not_found(client: Client) -> None:
    chart = Scripted.objects.create()
    url = address(chart)
    chart.delete()
    assert client.get(url).status_code == 404
    for key in (ChartKey("gone.model", "1", "default"), ChartKey("shop.region", "1", "default")):
        assert client.get(f"/charts/image/{Address(key, 'image', PRIMARY).token()}").status_code == 404


def test_who_may_not_view_a_chart_learns_nothing(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = Scripted.objects.create()
    settings.CHARTS = {"CAN_VIEW": "tests.test_views.nobody_may"}
    assert client.get(address(chart)).status_code == 404
    settings.CHARTS = {"DISPATCHER": "manual"}
    monkeypatch.setattr(Scripted, "can_view", lambda self, request: False)
    assert client.get(address(chart)).status_code == 404
    assert not Job.objects.filter(attempts__gt=0).exists()


def test_an_unchanged_picture_is_not_sent_twice(client: Client) -> None:
    chart = Scripted.objects.create()
    first = client.get(address(chart))
    assert body(first)
    again = client.get(address(chart), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_only_reading_is_allowed(client: Client) -> None:
    chart = Scripted.objects.create()
    assert client.post(address(chart)).status_code == 405
    head = client.head(address(chart))
    head.close()
    assert head.status_code == 200


def nobody_may(request: Any, chart: Any) -> bool:
    return False


def _raise(*args: Any) -> None:
    raise ZeroDivisionError
