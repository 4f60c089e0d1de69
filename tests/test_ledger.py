"""The database's clock, keys as it spells them, and deleting without waiting for others."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q

from charts import files
from charts.clock import DatabaseTime, PkText
from charts.freshness import jobs
from charts.ledger import ChartKey, Job, LooseFile, Mark, delete_by_pk, delete_found, is_chart, pk_text
from tests.shop.models import Account, Badge, Balance, Country, MonthlyRevenue, Statement
from tests.tools import in_thread, key_of

pytestmark = pytest.mark.usefixtures("database")


def now_of(using: str, seconds: float = 0) -> datetime:
    """Return the database's time, as it comes back from a column."""
    Job.objects.using(using).update_or_create(chart_model="clock", chart_pk="1")
    Job.objects.using(using).filter(chart_model="clock").update(due_at=DatabaseTime(seconds))
    told = Job.objects.using(using).values_list("due_at", flat=True).get(chart_model="clock")
    assert told is not None
    return told


# The clock.


def test_the_time_is_now(database: str) -> None:
    assert abs(now_of(database) - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("seconds", [-86400.5, -0.25, 0.0, 0.001, 3600, 1e7])
def test_it_can_be_moved(database: str, seconds: float) -> None:
    expected = datetime.now(UTC) + timedelta(seconds=seconds)
    assert abs(now_of(database, seconds) - expected) < timedelta(seconds=5)


def test_a_time_is_at_once_not_later_than_now(database: str) -> None:
    """SQLite's times are text: of another precision, they are not what they are."""
    now_of(database)
    for _ in range(200):
        Job.objects.using(database).update(due_at=DatabaseTime())
        assert Job.objects.using(database).filter(due_at__lte=DatabaseTime()).exists()


def test_it_compares_with_times_that_python_writes(database: str) -> None:
    now_of(database)
    for seconds in (-2, 2):
        Job.objects.using(database).update(due_at=datetime.now(UTC) + timedelta(seconds=seconds))
        is_over = Job.objects.using(database).filter(due_at__lte=DatabaseTime()).exists()
        assert is_over == (seconds < 0)


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns"])
def test_it_is_right_in_any_zone(database: str, settings: Any, zone: str, use_tz: bool) -> None:
    settings.TIME_ZONE, settings.USE_TZ = zone, use_tz
    told = now_of(database)
    aware = told if use_tz else told.astimezone()
    try:
        assert abs(aware - datetime.now(UTC)) < timedelta(seconds=5)
    finally:
        settings.TIME_ZONE, settings.USE_TZ = "UTC", True


@pytest.mark.services
def test_it_is_right_on_a_server_in_another_zone(database: str) -> None:
    if connections[database].vendor != "mysql":
        pytest.skip("Its CURRENT_TIMESTAMP is in the server's zone; others say which zone they mean.")
    with connections[database].cursor() as cursor:
        cursor.execute("SET time_zone = '+05:00'")
    try:
        assert abs(now_of(database) - datetime.now(UTC)) < timedelta(seconds=5)
        chart = Balance.objects.create(account=Account.objects.create())
        chart.refresh_from_db()
        assert abs(chart.rendered_at - datetime.now(UTC)) < timedelta(seconds=5)
        jobs.make_due([key_of(chart)], 0)
        assert jobs.claim(key_of(chart))
    finally:
        with connections[database].cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")


def test_a_span_of_the_clock_is_a_span(database: str) -> None:
    first, then = now_of(database), now_of(database, 60)
    assert timedelta(seconds=59) < then - first < timedelta(seconds=65)


def test_it_can_be_annotated(database: str) -> None:
    now_of(database)
    late = ExpressionWrapper(Q(due_at__gt=DatabaseTime(-5)), output_field=DateTimeField())
    row = Job.objects.using(database).annotate(now=DatabaseTime(), late=late).values("now", waits=F("due_at")).first()
    assert row
    assert abs(row["now"] - row["waits"]) < timedelta(seconds=5)


# Keys.


def made(model: Any) -> Any:
    return {
        Badge: lambda: Badge.objects.create(id=uuid4()),
        Country: lambda: Country.objects.create(code="de/§'%"),
        Statement: lambda: Statement.objects.create(account=Account.objects.create()),
        Balance: lambda: Balance.objects.create(account=Account.objects.create()),
    }[model]()


@pytest.mark.parametrize("model", [Badge, Country, Statement, Balance])
def test_a_key_is_spelt_as_the_database_casts_it(database: str, model: Any) -> None:
    chart = made(model)
    cast = model.objects.annotate(text=PkText()).values_list("text", flat=True).get()
    assert pk_text(model, chart.pk, database) == cast
    assert pk_text(model, str(chart.pk), database) == cast


@pytest.mark.parametrize("model", [Badge, Country, Statement, Balance])
def test_a_key_leads_back_to_its_row(database: str, model: Any) -> None:
    key = key_of(made(model))
    assert model.objects.filter(pk=key.pk_value).exists()
    assert key.model_class is model


@pytest.mark.services
def test_keys_compare_also_where_the_connection_has_another_collation(database: str) -> None:
    if connections[database].vendor != "mysql":
        pytest.skip("Only MySQL mixes collations within a comparison.")
    for names in ("utf8mb4 COLLATE utf8mb4_general_ci", "utf8mb4 COLLATE utf8mb4_bin", "utf8mb3"):
        with connections[database].cursor() as cursor:
            cursor.execute(f"SET NAMES {names}")
        chart = made(Country)
        assert Country.objects.mark_stale() == 1
        assert Country.objects.failed().count() == 0
        assert not Country.objects.get().is_stale
        chart.delete()
    with connections[database].cursor() as cursor:
        cursor.execute("SET NAMES utf8mb4")


@pytest.mark.services
def test_keys_that_a_collation_takes_for_equal_are_kept_apart_or_found(database: str) -> None:
    chart = Country.objects.create(code="de")
    found = Country.objects.filter(pk="DE").exists()
    assert found == (connections[database].vendor == "mysql")
    Country.objects.filter(pk="DE" if found else "de").update(value=5)
    Country(code="DE" if found else "de", value=6).save()
    chart.refresh_from_db()
    assert not chart.is_stale
    assert Country.objects.count() == 1


def test_a_key_says_which_chart_it_is() -> None:
    assert str(ChartKey("shop.monthlyrevenue", "42", "default")) == "shop.MonthlyRevenue 42"
    assert str(ChartKey("gone.chart", "42", "default")) == "gone.chart 42"


def test_a_chart_is_told_from_other_models() -> None:
    assert is_chart("shop.monthlyrevenue")
    assert not is_chart("shop.region")
    assert not is_chart("gone.chart")
    assert ChartKey("shop.balance", "1", "default").is_known


def test_a_proxys_charts_are_those_of_its_class() -> None:
    class Proxy(MonthlyRevenue):
        class Meta:
            proxy = True
            app_label = "shop"

    try:
        assert ChartKey.of(Proxy(pk=1)) == ChartKey("shop.monthlyrevenue", "1", "default")
    finally:
        from django.apps import apps

        del apps.all_models["shop"]["proxy"]
        apps.clear_cache()


# Deleting. Nobody may wait for the marks or files of a business transaction that is still open.


def open_elsewhere(using: str, work: Any) -> Any:
    """Do something in another connection while this one's transaction is open."""
    if connections[using].vendor == "sqlite":
        pytest.skip("SQLite locks the whole database.")
    return in_thread(work).result(30)


@pytest.mark.services
@pytest.mark.parametrize("count", [1, 3])
def test_deleting_marks_waits_for_no_others(database: str, count: int) -> None:
    values = {"chart_model": "shop.balance", "chart_pk": "1", "created_at": DatabaseTime()}
    mine = [Mark.objects.using(database).create(batch="mine", **values).pk for _ in range(count)]
    with transaction.atomic(using=database):
        Mark.objects.using(database).create(batch="open", **values)
        open_elsewhere(database, lambda: delete_by_pk(Mark, database, mine))
    assert list(Mark.objects.using(database).values_list("batch", flat=True)) == ["open"]


@pytest.mark.services
@pytest.mark.parametrize("count", [1, 3])
def test_publishing_waits_for_no_others_files(database: str, count: int) -> None:
    shelf = files.Shelf("shop.balance", "image")
    mine = [f"mine{number}.png" for number in range(count)]
    files.enter(database, files.loose(shelf, "", mine, 60))
    with transaction.atomic(using=database):
        files.enter(database, files.loose(shelf, "", ["open.png"], 60))
        assert open_elsewhere(database, lambda: files.adopt(database, mine)) == count
    assert LooseFile.objects.using(database).get().name == "open.png"


@pytest.mark.services
def test_dropping_a_job_waits_for_no_other(database: str) -> None:
    for number in (1, 2, 3):
        Job.objects.using(database).create(chart_model="shop.balance", chart_pk=str(number))
    with transaction.atomic(using=database):
        Job.objects.using(database).filter(chart_pk="1").update(error="open")
        open_elsewhere(database, lambda: jobs.drop(ChartKey("shop.balance", "3", database)))
    assert Job.objects.using(database).count() == 2


def test_deleting_nothing_deletes_nothing(database: str) -> None:
    delete_by_pk(Mark, database, [])
    assert delete_found(LooseFile.objects.using(database).filter(name="none"), "charts_loosefile_name") == 0
    assert files.adopt(database, []) == 0
