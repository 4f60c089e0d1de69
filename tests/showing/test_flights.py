"""Drawing on request: once, however many ask. The others see the last good image, or wait a while for the first."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from charts import markup
from charts.freshness import jobs
from charts.ledger import ChartKey
from charts.markup import flights
from tests.shop.models import Scripted

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nobody_renders(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


class Slow:
    """A draw that takes as long as a test likes."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.draws = 0

    def __call__(self, chart: Any, figure: Any, data: Any) -> None:
        self.draws += 1
        self.begun.set()
        assert self.go_on.wait(20)
        figure.subplots().plot([0, data])


@pytest.fixture
def slow(script: dict[str, Any]) -> Any:
    draw = Slow()
    script["draw"] = draw
    yield draw
    draw.go_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("charts "):
            thread.join(20)


def get(url: str) -> Any:
    try:
        return Client().get(url)
    finally:
        if threading.current_thread() is not threading.main_thread():
            flights.hang_up()


def is_placeholder(response: Any) -> bool:
    """Say whether a page got something in the place of a picture; it is never broken."""
    assert response.status_code == 200
    return bool(response["Cache-Control"] == "no-store")


def test_many_readers_at_once_cost_one_draw_and_all_get_the_picture(slow: Slow) -> None:
    url = markup.variant_url(Scripted.objects.create())
    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(get, url) for _ in range(12)]
        assert slow.begun.wait(10)
        slow.go_on.set()
        found = [answer.result() for answer in answers]
    assert slow.draws == 1
    assert not any(map(is_placeholder, found))
    assert len({response.content for response in found}) == 1


def test_who_comes_while_a_stale_chart_is_drawn_gets_the_last_good_image_at_once(slow: Slow, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    slow.go_on.set()
    chart = Scripted.objects.get(pk=Scripted.objects.create(value=1).pk)
    good = Path(chart.image.path).read_bytes()
    Scripted.objects.update(value=9, data_version=50)
    chart.refresh_from_db()
    slow.go_on.clear()
    slow.begun.clear()
    url = markup.variant_url(chart)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(get, url)
        assert slow.begun.wait(10)
        second = get(url)
        assert not first.done()
        slow.go_on.set()
        newest = first.result()
    assert second.content == good
    assert second["Cache-Control"] == "public, no-cache"
    assert newest.content not in {good, b""}


def test_nobody_waits_for_ever_and_the_drawing_goes_on(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "WAIT", 0.2)
    chart = Scripted.objects.create()
    started = time.monotonic()
    response = get(markup.variant_url(chart))
    assert time.monotonic() - started < 5
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert b"is being drawn" in response.content
    slow.go_on.set()
    (thread,) = [thread for thread in threading.enumerate() if thread.name.startswith("charts ")]
    thread.join(20)
    assert not is_placeholder(get(markup.variant_url(chart)))
    assert slow.draws == 1


def test_a_drawing_that_never_ends_holds_nobody_up_twice(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "WAIT", 0.3)
    url = markup.variant_url(Scripted.objects.create())
    assert is_placeholder(get(url))
    started = time.monotonic()
    answers = [get(url) for _ in range(5)]
    assert time.monotonic() - started < 0.3
    assert all(map(is_placeholder, answers))
    assert slow.draws == 1


def test_what_another_process_has_drawn_for_too_long_is_not_waited_for(settings: Any) -> None:
    chart = Scripted.objects.create()
    key = ChartKey.of(chart)
    jobs.make_due([key], 0)
    assert jobs.claim(key, lease=40)  # as if it had been taken 20 s ago
    started = time.monotonic()
    response = get(markup.variant_url(chart))
    assert time.monotonic() - started < 5
    assert is_placeholder(response)
    assert b"is being drawn" in response.content


def test_only_a_few_charts_are_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    charts = [Scripted(pk=pk, data_version=1) for pk in range(flights.MOST + 2)]
    begun, go_on, drawn = threading.Semaphore(0), threading.Event(), []

    def draw(key: ChartKey, name: str) -> str:
        drawn.append(key.pk)
        begun.release()
        assert go_on.wait(20)
        return f"row {key.pk}"

    monkeypatch.setattr(flights, "_drawn", draw)
    with ThreadPoolExecutor(len(charts)) as pool:
        rows = [pool.submit(flights.shown, chart) for chart in charts]
        assert all(begun.acquire(timeout=10) for _ in range(flights.MOST))
        assert not begun.acquire(timeout=0.1)  # the one too many
        go_on.set()
        assert {row.result() for row in rows} == {f"row {chart.pk}" for chart in charts}


def test_who_finds_no_place_in_time_is_not_kept(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "WAIT", 0.3)
    monkeypatch.setattr(flights, "_runways", threading.BoundedSemaphore(1))
    first, second = (markup.variant_url(Scripted.objects.create()) for _ in range(2))
    assert all(is_placeholder(get(url)) for url in (first, second))
    slow.go_on.set()
    while flights._flights:
        time.sleep(0.01)
    assert not is_placeholder(get(second))


@pytest.mark.services
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_first_picture_that_another_process_draws_is_waited_for(database: str) -> None:
    if database == "default":
        pytest.skip("The test's SQLite lives in memory, where tables are locked.")
    chart = Scripted.objects.create()
    key = ChartKey.of(chart)
    jobs.make_due([key], 0)
    token = jobs.claim(key)
    assert token
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(get, markup.variant_url(chart))
        while not any(thread.name.startswith("charts ") for thread in threading.enumerate()):
            time.sleep(0.01)
        from charts import pipeline

        pipeline.work(key, token)
        assert not is_placeholder(answer.result())


def test_who_has_given_up_is_not_waited_for() -> None:
    chart = Scripted.objects.create()
    key = ChartKey.of(chart)
    jobs.make_due([key], 0)
    jobs.job_of(key).update(attempts=99)
    started = time.monotonic()
    assert is_placeholder(get(markup.variant_url(chart)))
    assert time.monotonic() - started < 5


def test_in_a_transaction_the_chart_is_drawn_in_it() -> None:
    with transaction.atomic():
        chart = Scripted.objects.create()
        row = flights.shown(chart)
        assert row.image
        assert threading.active_count() == len([t for t in threading.enumerate() if not t.name.startswith("charts ")])


def test_a_failure_of_the_database_gives_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = Scripted.objects.create()

    def fail(key: ChartKey) -> None:
        raise OSError("no database")

    monkeypatch.setattr("charts.dispatch.run_now", fail)
    assert flights.shown(chart) is chart
    assert not flights._flights


def test_a_fresh_chart_is_shown_as_it_is() -> None:
    chart = Scripted.objects.create()
    chart.render()
    assert flights.shown(chart) is chart


@pytest.mark.slow
def test_many_processes_cost_one_draw(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.showing.reader", str(tmp_path)]
    subprocess.run([*command, "make"], cwd=ROOT, check=True)
    readers = [subprocess.Popen([*command, "8"], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    (tmp_path / "start").touch()
    answers = [answer for reader in readers for answer in json.loads(reader.communicate(timeout=90)[0])]
    assert [status for status, _ in answers] == [200] * 32
    assert len({digest for _, digest in answers}) == 1
    assert len((tmp_path / "draws").read_text().splitlines()) == 1
