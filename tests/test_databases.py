"""Several databases: charts in another than their source, replicas, requests that are transactions."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from charts.freshness import marks
from charts.ledger import Job, Mark
from charts.models import ChartModel
from charts.watches import WatchedQuerySet, source_changed
from tests import services
from tests.library.models import Coded, CodedChart, District, Measurement, StationChart, Tag, TagChart
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


class ChartsAtHome:
    """Keeps charts to one database; rows may be saved to another, as to an archive."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return db == "default" if app_label == "charts" or "chart" in str(hints.get("model_name")) else None


@pytest.fixture(autouse=True)
def _two_databases(transactional_db: None) -> None:
    services.need("postgres")


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
def test_every_row_has_its_chart_there() -> None:
    Coded.objects.create(name="A", code="a")
    with transaction.atomic():
        Coded.objects.create(name="B", code="b")
        with rolled_back("default"):
            Coded.objects.create(name="C", code="c")
        assert CodedChart.objects.count() == 1
    Coded.objects.bulk_create([Coded(name="D", code="d")])
    assert (CodedChart.objects.ensure(), CodedChart.objects.ensure()) == (1, 0)
    assert set(CodedChart.objects.using("postgres").values_list("coded_id", flat=True)) == {"a", "b", "d"}
    assert not CodedChart.objects.using("default").exists()
    CodedChart.objects.all().delete()


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
def test_links_and_callables_are_told_there() -> None:
    tag = Tag.objects.create(name="wet")
    row = Measurement.objects.create(station="North")
    for name in ("wet", "wet asked", "dry"):
        TagChart.objects.create(tag=name)

    def raised() -> dict[str, int]:
        found = dict(TagChart.objects.using("postgres").values_list("tag", "data_version"))
        TagChart.objects.update(data_version=0)
        return {name: version for name, version in found.items() if version}

    raised()
    row.tags.add(tag)
    assert raised() == {"wet": 1, "wet asked": 1}
    with transaction.atomic():
        row.tags.remove(tag)
        assert raised() == {}
    assert raised() == {"wet": 1, "wet asked": 1}
    tag.measurements.add(row)
    raised()
    source_changed(Tag.objects.all())
    assert raised() == {"wet": 1, "wet asked": 1}
    source_changed(Measurement.objects.all())
    assert raised() == {"wet": 1}
    tag.measurements.clear()
    assert raised() == {"wet": 1, "wet asked": 1}
    TagChart.objects.all().delete()
    assert not Mark.objects.using("default").exists()


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


def test_a_row_may_be_saved_where_there_are_no_charts(settings: Any) -> None:
    StationChart.objects.create(station="North")
    StationChart.objects.update(data_version=0)
    settings.DATABASE_ROUTERS = ["tests.test_databases.ChartsAtHome"]
    with CaptureQueriesContext(connections["postgres"]) as queries, transaction.atomic(using="postgres"):
        row = Measurement(station="North", value=1)
        row.save(using="postgres")
        row.save(using="postgres")
    row.delete(using="postgres")
    assert not [query["sql"] for query in queries if "charts_" in query["sql"]]
    assert StationChart.objects.get().data_version == 2


def test_what_fails_after_a_commit_keeps_no_chart_elsewhere_from_being_marked(elsewhere: None) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    def write() -> None:
        with transaction.atomic():
            transaction.on_commit(fail)
            Measurement.objects.create(station="North")

    with pytest.raises(ZeroDivisionError):
        write()
    assert versions() == {"North": 1, "South": 0}


def test_a_callable_is_asked_before_the_commit_for_charts_elsewhere(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it finds them by may go with the row."""
    tag = Tag.objects.create(name="wet")
    for name in ("wet asked", "dry"):
        TagChart.objects.create(tag=name)
    TagChart.objects.update(data_version=0)
    with transaction.atomic():
        tag.delete()
        TagChart.objects.using("postgres").filter(tag="wet asked").update(tag="gone")
    assert dict(TagChart.objects.using("postgres").values_list("tag", "data_version")) == {"gone": 1, "dry": 0}
    TagChart.objects.all().delete()


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


def test_a_row_has_its_chart_where_it_is_saved_and_none_where_there_are_no_charts(settings: Any) -> None:
    Coded(name="A", code="a").save(using="postgres")
    assert CodedChart.objects.using("postgres").get().coded_id == "a"
    settings.DATABASE_ROUTERS = ["tests.test_databases.ChartsAtHome"]
    Coded(name="B", code="b").save(using="postgres")
    assert [CodedChart.objects.using(alias).count() for alias in ("default", "postgres")] == [0, 1]


def test_rows_are_deleted_where_there_are_no_charts(settings: Any) -> None:
    settings.DATABASE_ROUTERS = ["tests.test_databases.ChartsAtHome"]
    district = District(name="A")
    district.save(using="postgres")
    with CaptureQueriesContext(connections["postgres"]) as queries:
        district.delete(using="postgres")
    assert not [query["sql"] for query in queries if "library_remarkchart" in query["sql"]]


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
