"""Several databases: charts in another than their source, replicas, requests that are transactions."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from charts.freshness import marks
from charts.ledger import Job, Mark
from charts.models import ChartModel
from charts.watches import WatchedQuerySet, source_changed
from tests import services
from tests.library.models import Measurement, StationChart
from tests.shop.models import Scripted
from tests.tools import rolled_back

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True, databases=["default", "postgres"])]


class ChartsElsewhere:
    """Sends charts, and what the app knows of them, to a database of their own."""

    def db_for_read(self, model: Any, **hints: object) -> str | None:
        return "postgres" if issubclass(model, ChartModel) or model._meta.app_label == "charts" else None

    db_for_write = db_for_read

    def allow_relation(self, *args: object, **hints: object) -> bool:
        return True


class Replica:
    """Reads from a database that is always behind: nothing has ever arrived there."""

    def db_for_read(self, model: Any, **hints: object) -> str:
        return "postgres"

    def db_for_write(self, model: Any, **hints: object) -> str:
        return "default"


@pytest.fixture(autouse=True)
def _two_databases(transactional_db: None) -> None:
    if "postgres" not in django_settings.DATABASES:
        (pytest.fail if services.REQUIRED else pytest.skip)(services.missing("postgres"))


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[None]:
    """Two stations with a chart each, in the other database, fresh."""
    settings.DATABASE_ROUTERS = ["tests.test_databases.ChartsElsewhere"]
    for station in ("North", "South"):
        StationChart.objects.create(station=station)
    StationChart.objects.update(data_version=0)
    yield
    StationChart.objects.all().delete()


def versions() -> dict[str, int]:
    return dict(StationChart.objects.using("postgres").values_list("station", "data_version"))


@pytest.mark.usefixtures("elsewhere")
def test_charts_in_another_database_are_drawn_after_the_commit() -> None:
    with transaction.atomic():
        Measurement.objects.create(station="North", value=7)
        assert versions() == {"North": 0, "South": 0}
    assert versions() == {"North": 1, "South": 0}
    assert StationChart.objects.get(station="North").alt == "[7]"
    assert Job.objects.using("postgres").filter(chart_model="library.stationchart").exists()
    assert not Job.objects.using("default").exists()


@pytest.mark.usefixtures("elsewhere")
def test_a_row_that_moves_marks_both_there_too() -> None:
    row = Measurement.objects.create(station="North")
    row.station = "South"
    row.save()
    assert versions() == {"North": 2, "South": 1}
    row.delete()
    assert versions() == {"North": 2, "South": 2}


@pytest.mark.usefixtures("elsewhere")
def test_many_changes_in_one_transaction_are_one_there() -> None:
    with transaction.atomic():
        for value in range(10):
            Measurement.objects.create(station="North", value=value)
    assert versions() == {"North": 1, "South": 0}


@pytest.mark.usefixtures("elsewhere")
def test_what_is_rolled_back_marks_nothing_there() -> None:
    with transaction.atomic():
        with rolled_back("default"):
            Measurement.objects.create(station="North")
        Measurement.objects.create(station="South")
    assert versions() == {"North": 0, "South": 1}


@pytest.mark.usefixtures("elsewhere")
def test_bulk_writes_are_told_there() -> None:
    Measurement.objects.bulk_create([Measurement(station=f"S{number}") for number in range(500)])
    Measurement.objects.bulk_create([Measurement(station="North")])
    source_changed(Measurement)
    assert versions() == {"North": 1, "South": 0}


@pytest.mark.usefixtures("elsewhere")
def test_a_database_of_charts_that_is_down_fails_no_save(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> int:
        raise ConnectionError

    monkeypatch.setattr(marks, "mark_charts", fail)
    with transaction.atomic():
        Measurement.objects.create(station="North")
    assert Measurement.objects.count() == 1
    assert "run render_charts --check-data" in caplog.text


def test_a_chart_is_read_where_it_is_written(settings: Any) -> None:
    settings.DATABASE_ROUTERS = ["tests.test_databases.Replica"]
    chart = Scripted(value=3)
    chart.save()
    assert Scripted.objects.using("default").get().image
    version = Scripted.objects.using("default").get().data_version
    chart.value = 4
    chart.save()
    found = Scripted.objects.using("default").get()
    assert (found.data_version, found.is_stale) == (version + 1, False)
    assert not Mark.objects.using("default").exists()


def save_one(request: HttpRequest) -> HttpResponse:
    Measurement.objects.create(station="East", value=1)
    return HttpResponse(str(StationChart.objects.get().data_version))


urlpatterns = [path("save/", save_one)]


def test_a_request_that_is_a_transaction_draws_after_it(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "tests.test_databases"
    chart = StationChart.objects.create(station="East")
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    chart.refresh_from_db()
    version = chart.data_version
    assert int(Client().get("/save/").content) == version
    chart.refresh_from_db()
    assert (chart.data_version, chart.alt) == (version + 1, "[1]")


def test_bulk_writes_are_told_where_they_are_written(settings: Any) -> None:
    StationChart.objects.create(station="North")
    StationChart.objects.update(data_version=0)
    Measurement.objects.create(station="North", value=1)
    settings.DATABASE_ROUTERS = ["tests.test_databases.Replica"]
    watched = WatchedQuerySet(Measurement)
    told = []
    for write in (
        lambda: watched.using("default").filter(station="North").update(value=2),
        lambda: watched.bulk_create([Measurement(station="North", value=3)]),
        lambda: source_changed(Measurement),
    ):
        write()
        told.append(StationChart.objects.using("default").get().data_version)
    assert told == [2, 3, 4]
    assert not Mark.objects.using("postgres").exists()
