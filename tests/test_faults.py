"""Faults: whichever statement, commit or storage call fails, the last good picture stays and the next sweep heals.

Each test does something again and again, and lets another call fail each time, until none is left to fail. What takes
long lets every third fail on each database, and others on each, so that all do; `CHARTS_FAULT_STEP=1` lets all fail on
each.
"""

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import OperationalError, connections

from charts import files, pipeline
from charts.exceptions import RenderError
from charts.ledger import Job
from charts.pipeline import rendering
from tests import healing
from tests.barriers import barriers
from tests.healing import (
    SCENARIOS,
    Scenario,
    faults_after_a_sweep,
    faults_after_pruning,
    faults_now,
    left_over,
    new_balance,
)
from tests.shop.models import Account, Balance, Entry, Scripted
from tests.storages import fail, fail_at, faults, storage_of
from tests.tools import (
    Statements,
    assert_readable,
    files_of,
    job,
    key_of,
    loose_names,
    make_old,
    names_of_storage,
    row,
)

pytestmark = pytest.mark.usefixtures("database")
STEP = int(os.environ.get("CHARTS_FAULT_STEP", "3"))
ALIASES = ("default", "postgres", "mariadb")
STORAGE_CALLS = {"save", "half saved", "delete file", "exists", "listdir", "open"}


@pytest.fixture(autouse=True)
def _stepped(settings: Any) -> None:
    settings.STORAGES = storage_of("tests.barriers.Stepped")
    settings.CHARTS = {"KEEP_OLD_FILES": 0}


def fault_of(name: str) -> Exception:
    """Return what a call raises: as a storage does, or as a database that is away."""
    return OSError(f"Fault at {name}") if name in STORAGE_CALLS else OperationalError(f"Fault at {name}")


def each_fault(
    using: str, scenario: Scenario, first: int = 1, step: int = 1
) -> Iterator[tuple[Balance, str, Exception | None]]:
    """Do it again and again, each time with another fault; yield the chart, the barrier and what was raised."""
    for target in count(first, step):
        chart = new_balance()

        def strike(number: int, name: str, target: int = target) -> None:
            if number == target:
                raise fault_of(name)

        raised = None
        with barriers(using, strike) as watching:
            try:
                scenario(chart)
            except Exception as error:  # noqa: BLE001  (what is raised is what the test is about)
                raised = error
        if len(watching.passed) < target:
            assert target > 10
            assert raised is None
            return
        yield chart, watching.passed[target - 1], raised
        Balance.objects.all().delete()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_whatever_fails_the_last_good_picture_stays_and_a_sweep_heals(database: str, scenario: Scenario) -> None:
    seen, rolled_back = set(), set()
    for _, barrier, _ in each_fault(database, scenario, ALIASES.index(database) % STEP + 1, STEP):
        seen.add(barrier)
        assert list(faults_now()) == [], barrier
        assert list(faults_after_a_sweep(database)) == [], barrier
        assert list(faults_after_pruning(database)) == [], barrier
        if scenario is healing.render_in_a_transaction:
            rolled_back |= left_over()  # known to a scan only
        assert left_over() <= rolled_back, barrier
    assert len(seen) > 10 / STEP
    assert STEP > 1 or {"COMMIT", "committed"} <= seen


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_fails_while_rendering_is_told_and_recorded(database: str) -> None:
    told = []
    for chart, barrier, raised in each_fault(database, healing.render):
        if raised is None:  # what is cleared up afterwards, and what reading the row again would need
            continue
        if barrier == "SELECT shop_balance" and not isinstance(raised, RenderError):
            continue  # the test's own reading of the row
        assert isinstance(raised, RenderError), barrier
        if barrier == "committed" and not row(chart).is_stale:
            continue  # it was published; only the word of it was lost
        assert f"Fault at {barrier}" in str(raised)
        assert f"Fault at {barrier}" in row(chart).error
        assert job(chart).due_at is not None
        told.append(barrier)
    assert {"UPDATE shop_balance", "INSERT charts_loosefile", "save", "half saved", "COMMIT"} <= set(told)


# The user's hooks.


class UnreadableError(Exception):
    """An exception whose message cannot be had."""

    def __str__(self) -> str:
        raise LookupError


def hooks_that_fail() -> list[Any]:
    def fails(*args: Any) -> None:
        raise LookupError("Not today.")

    names = ("get_data", "draw", "get_alt_text", "get_fingerprint", "get_size", "get_language", "get_timezone")
    return [pytest.param(name, fails, id=name) for name in names]


@pytest.mark.parametrize(("name", "hook"), hooks_that_fail())
def test_a_failing_hook_leaves_the_last_good_picture(
    name: str, hook: Any, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = Scripted.objects.create()
    before = files_of(chart)
    monkeypatch.setattr(Scripted, name, hook)
    with pytest.raises(RenderError, match=r"shop\.Scripted \d+ could not be rendered: when .*LookupError: Not today\."):
        row(chart).render(force=True)
    assert files_of(chart) == before
    assert_readable(chart)
    assert "Not today." in row(chart).error
    assert names_of_storage() == set(before)


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), UnreadableError(), ValueError("a\x00b\ud800\x1b")])
def test_any_exception_can_be_recorded(error: Exception, script: dict[str, Any], database: str) -> None:
    script["get_data"] = lambda chart: fail(error)("")
    chart = Scripted.objects.create()
    assert type(error).__name__ in row(chart).error
    assert "\x00" not in row(chart).error


def test_a_message_that_holds_the_data_is_cut(script: dict[str, Any], database: str) -> None:
    script["get_data"] = lambda chart: fail(KeyError("data" * 1_000_000))("")
    chart = Scripted.objects.create()
    assert len(row(chart).error) <= rendering.LONGEST_SENTENCE + rendering.LONGEST_TRACE + 100


def test_a_failure_with_a_note_names_the_error_first(script: dict[str, Any], database: str) -> None:
    error = LookupError("Not today.")
    error.add_note("But tomorrow.")
    script["get_data"] = lambda chart: fail(error)("")
    chart = Scripted.objects.create()
    assert row(chart).error.splitlines()[0].endswith("LookupError: Not today.")
    assert "But tomorrow." in row(chart).error


def test_a_query_while_drawing_is_an_error_that_says_where_to_put_it(script: dict[str, Any], database: str) -> None:
    script["draw"] = lambda chart, figure, data: Account.objects.count()
    chart = Scripted.objects.create()
    assert "made a query; load it in get_data(): SELECT COUNT(*)" in row(chart).error


def test_a_query_that_get_data_breaks_is_recorded(script: dict[str, Any], database: str) -> None:
    def broken(chart: Scripted) -> None:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT nonsense FROM nowhere")

    script["get_data"] = broken
    chart = Scripted.objects.create()
    assert "when get_data() read its data" in row(chart).error


# Storages.


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_save_that_fails_leaves_no_file(database: str, settings: Any, call: int) -> None:
    chart = new_balance()
    settings.STORAGES = storage_of("tests.storages.Faulty")
    before = files_of(chart)
    with faults(save=fail_at(call, ConnectionError("The bucket is away."))), pytest.raises(RenderError, match="bucket"):
        chart.render(force=True)
    assert files_of(chart) == before
    assert names_of_storage() == set(before)
    assert loose_names(database) == []


@pytest.mark.parametrize("method", ["delete", "listdir", "exists", "url", "get_modified_time"])
def test_what_else_fails_in_a_storage_keeps_no_picture_from_being_published(
    database: str, settings: Any, method: str
) -> None:
    chart = new_balance()
    before = chart.image.name
    settings.STORAGES = storage_of("tests.storages.Faulty")
    with faults(**{method: fail(ConnectionError("The bucket is away."))}):
        if method == "exists":  # Django's own, on the way to a free name
            with pytest.raises(RenderError, match="bucket"):
                chart.render(force=True)
            return
        assert chart.render(force=True).status == "rendered"
    assert row(chart).image.name != before
    assert_readable(chart)


def test_a_storage_that_is_away_while_a_row_is_deleted_is_cleared_up_later(database: str, settings: Any) -> None:
    chart = new_balance()
    settings.STORAGES = storage_of("tests.storages.Faulty")
    with faults(delete=fail(ConnectionError("The bucket is away."))):
        chart.delete()
    assert not Balance.objects.exists()
    assert names_of_storage()
    make_old(database)
    files.prune_all(database)
    assert names_of_storage() == set()


# Rows that vanish.


def test_a_row_that_vanishes_while_it_is_drawn_leaves_nothing(database: str, script: dict[str, Any]) -> None:
    chart = Scripted.objects.create()

    def vanish(drawn: Scripted) -> int:
        Scripted.objects.filter(pk=drawn.pk).delete()
        return 1

    script["get_data"] = vanish
    with pytest.raises(RenderError, match="its row was deleted"):
        chart.render(force=True)
    assert names_of_storage() == set()
    assert not Job.objects.using(database).exists()
    assert loose_names(database) == []


def test_a_row_that_is_gone_is_an_error_and_gets_no_job(database: str) -> None:
    chart = new_balance()
    row(chart).delete()
    with pytest.raises(RenderError, match=r"shop\.Balance \d+ cannot be rendered: its row was deleted\."):
        chart.render()
    assert not Job.objects.using(database).exists()


def test_telling_whether_a_chart_differs_draws_and_writes_nothing(database: str) -> None:
    chart = new_balance()
    with Statements(database) as statements:
        assert not pipeline.differs(key_of(chart))
        Entry.objects.filter(account=chart.account_id).update(amount=5)
        assert pipeline.differs(key_of(chart))
    assert not any(sql.startswith(("INSERT", "DELETE")) for sql in statements.sql)
