"""The sweep: whatever was lost on the way, a stale chart is found and drawn."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, connections

from charts import dispatch, sweeping
from charts.clock import DatabaseTime
from charts.freshness import jobs, marks, recovering
from charts.ledger import Job, LooseFile
from tests.shop.models import Account, Badge, Balance, Country, Entry, Scripted, Statement
from tests.storages import fail, faults, storage_of
from tests.tools import (
    Recorder,
    Statements,
    in_thread,
    job,
    key_of,
    make_old,
    names_of_storage,
    numbers,
    raise_version,
    row,
    sweep_and_render,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _recorder(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()


@pytest.fixture
def balance(database: str) -> Balance:
    """A chart that shows 1 and has nothing to do."""
    account = Account.objects.create()
    Entry.objects.create(account=account, amount=1)
    chart = Balance.objects.create(account=account)
    dispatch.run(key_of(chart))
    return row(chart)


def lose_the_commit(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(marks, "_committed", [])
        Entry.objects.create(account=chart.account, amount=2)


def lose_the_hint(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    Entry.objects.create(account=chart.account, amount=2)


def lose_the_worker(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    Entry.objects.create(account=chart.account, amount=2)
    assert jobs.claim(key_of(chart))


def lose_the_job(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    Entry.objects.create(account=chart.account, amount=2)
    Job.objects.using(chart._state.db).all().delete()


def lose_the_due_time(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    Entry.objects.create(account=chart.account, amount=2)
    jobs.job_of(key_of(chart)).update(due_at=None, sent_at=None)


def lose_the_sender(chart: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "send", lambda *args, **kwargs: [])
        Entry.objects.create(account=chart.account, amount=2)


@pytest.mark.parametrize(
    "lose",
    [lose_the_commit, lose_the_hint, lose_the_worker, lose_the_job, lose_the_due_time, lose_the_sender],
    ids=lambda lose: lose.__name__,
)
def test_what_was_lost_is_found(
    balance: Balance, lose: Callable[[Balance, pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(balance, monkeypatch)
    make_old(balance._state.db)
    sweep_and_render(balance._state.db)
    assert numbers(balance) == [1, 2]
    assert not row(balance).is_stale


def test_a_sweep_leaves_living_workers_and_hints_alone(balance: Balance, database: str) -> None:
    Entry.objects.create(account=balance.account, amount=2)
    assert sweeping.sweep(database) == []
    jobs.claim(key_of(balance))
    assert sweeping.sweep(database) == []


def test_a_sweep_of_nothing_changes_nothing(balance: Balance, database: str) -> None:
    before = job(balance).__dict__ | {"_state": None}
    assert sweeping.sweep(database) == []
    assert job(balance).__dict__ | {"_state": None} == before


def test_charts_that_were_made_without_signals_are_found(balance: Balance, database: str) -> None:
    Balance.objects.bulk_create([Balance(account=balance.account, title=str(number)) for number in range(3)])
    assert len(sweeping.sweep(database)) == 3


def test_a_sweep_for_some_classes_wakes_only_those(balance: Balance, database: str) -> None:
    raise_version(balance)
    Scripted.objects.bulk_create([Scripted()])
    assert [key.model for key in sweeping.sweep(database, [Scripted])] == ["shop.scripted"]


def test_many_stale_charts_are_woken_in_slices(database: str) -> None:
    Scripted.objects.bulk_create([Scripted(name=str(number)) for number in range(250)])
    with Statements(database) as statements:
        assert recovering.wake(database, Scripted) == 250
    assert len(statements) <= 1 + 3 * 6  # SQLite inserts a hundred rows in three
    assert recovering.wake(database, Scripted) == 0


@pytest.mark.services
def test_a_chart_that_somebody_is_publishing_is_not_waited_for(balance: Balance, database: str) -> None:
    from django.db import connections, transaction

    if not connections[database].features.has_select_for_update_skip_locked:
        pytest.skip("SQLite locks the whole database.")
    raise_version(balance)
    with transaction.atomic(using=database):
        Balance.objects.select_for_update().get(pk=balance.pk)
        assert in_thread(lambda: recovering.wake(database, Balance)).result(30) == 0
    assert recovering.wake(database, Balance) == 1


def test_a_table_that_is_not_as_expected_stops_no_other_charts(
    balance: Balance, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The next release's migration has run, and this release's worker goes on for a while."""
    raise_version(balance)
    with connections[database].schema_editor() as editor:
        editor.execute("ALTER TABLE shop_badge RENAME TO shop_badge_2")
    try:
        assert sweeping.sweep(database, [Badge, Balance]) == [key_of(balance)]
    finally:
        with connections[database].schema_editor() as editor:
            editor.execute("ALTER TABLE shop_badge_2 RENAME TO shop_badge")
    assert "The charts of shop.Badge could not be swept" in caplog.text


def test_what_is_true_of_all_charts_ends_the_sweep(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock(using: str, model: Any) -> int:
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(recovering, "wake", lock)
    monkeypatch.setattr(type(connections[database]), "is_usable", lambda self: False)
    with pytest.raises(InterfaceError):
        sweeping.sweep(database)


# Poison.


def test_a_chart_that_kills_its_workers_is_given_up_and_says_why(balance: Balance, database: str) -> None:
    raise_version(balance)
    for _ in range(3):
        (key,) = sweeping.sweep(database)
        assert jobs.claim(key)
        make_old(database)
    assert sweeping.sweep(database) == []
    assert row(balance).error == recovering.ABANDONED
    assert row(balance).image.name == balance.image.name


def test_it_is_drawn_when_its_data_changes(balance: Balance, database: str) -> None:
    test_a_chart_that_kills_its_workers_is_given_up_and_says_why(balance, database)
    Entry.objects.create(account=balance.account, amount=2)
    dispatch.run(key_of(balance))
    assert (numbers(balance), row(balance).error) == ([1, 2], "")


def test_the_error_that_was_seen_last_is_kept(balance: Balance, database: str) -> None:
    raise_version(balance)
    jobs.make_due([key_of(balance)], 0)
    jobs.job_of(key_of(balance)).update(attempts=3, error="LookupError: No data today.")
    sweeping.sweep(database)
    assert row(balance).error == "LookupError: No data today."


def test_a_storage_that_is_away_for_long_is_tried_again_until_it_is_back(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the data nor the code of the chart will change when it is back."""
    settings.STORAGES = storage_of("tests.storages.Faulty")
    chart = Badge.objects.create()
    with faults(save=fail(OSError("away"))):
        for attempt in range(1, 6):
            assert dispatch.run(key_of(chart)) is None
            assert job(chart).attempts == min(attempt, 2)
            make_old(database)
    assert "its files were stored" in row(chart).error
    sweep_and_render(database)
    assert not row(chart).is_stale
    assert row(chart).error == ""


def test_its_later_attempts_are_far_between(database: str, settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    chart = Badge.objects.create()
    waits = []
    with faults(save=fail(OSError("away"))):
        for _ in range(4):
            dispatch.run(key_of(chart))
            waits.append(round((job(chart).due_at - job(chart).failed_at).total_seconds(), -1))
            make_old(database)
    assert waits == [10, 20, 600, 600]


# Time is a source too.


@pytest.fixture
def hourly(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> Balance:
    monkeypatch.setattr(Balance, "refresh_every", timedelta(hours=1))
    return balance


def set_job(chart: Balance, **values: Any) -> None:
    jobs.job_of(key_of(chart)).update(**values)


def test_a_chart_is_refreshed_when_its_time_is_over(hourly: Balance, database: str) -> None:
    assert sweeping.sweep(database) == []
    set_job(hourly, finished_at=DatabaseTime(-3601))
    before = list(Recorder.sent)
    assert sweeping.sweep(database) == [key_of(hourly)]
    assert Recorder.sent == before  # whoever sweeps sends, or draws
    assert row(hourly).is_stale


def test_a_chart_that_waits_anyway_is_not_refreshed(hourly: Balance, database: str) -> None:
    jobs.make_due([key_of(hourly)], 60)
    set_job(hourly, finished_at=DatabaseTime(-3601))
    sweeping.sweep(database)
    assert not row(hourly).is_stale


def test_a_chart_that_was_given_up_is_tried_again_when_its_time_is_over(hourly: Balance, database: str) -> None:
    """The source may have been down for a minute; that it is not asked again for ever is not what one expects."""
    jobs.make_due([key_of(hourly)], 0)
    set_job(hourly, attempts=3, error="down", finished_at=DatabaseTime(-9999), failed_at=DatabaseTime(-3500))
    sweeping.sweep(database)
    assert not row(hourly).is_stale
    set_job(hourly, failed_at=DatabaseTime(-3601))
    sweeping.sweep(database)
    assert row(hourly).is_stale
    assert job(hourly).attempts == 0


def test_a_chart_that_was_never_looked_at_is_refreshed(hourly: Balance, database: str) -> None:
    Job.objects.using(database).all().delete()
    sweeping.sweep(database)
    assert row(hourly).is_stale


# Recipes.


def test_charts_of_another_recipe_are_marked_when_asked_for_and_only_then(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Balance, "recipe_version", "2")
    sweeping.sweep(database)
    assert not row(balance).is_stale
    assert sweeping.mark_changed_recipes(database, [Balance]) == 1
    assert row(balance).is_stale


def test_charts_without_a_picture_have_no_recipe_to_change(balance: Balance, database: str) -> None:
    Balance.objects.update(image="", recipe_digest="")
    assert sweeping.mark_changed_recipes(database, [Balance]) == 0


# What else it clears up.


def test_loose_files_that_are_due_are_deleted(balance: Balance, database: str) -> None:
    balance.render(force=True)
    make_old(database)
    sweeping.sweep(database)
    assert len(names_of_storage()) == 3
    assert not LooseFile.objects.using(database).exists()


def test_jobs_of_another_releases_charts_are_left_to_it(balance: Balance, database: str) -> None:
    Job.objects.using(database).create(chart_model="shop.fromtomorrow", chart_pk="1", due_at=DatabaseTime(-10))
    assert sweeping.sweep(database) == []
    (foreign,) = Job.objects.using(database).filter(chart_model="shop.fromtomorrow")
    key = key_of(balance).__class__("shop.fromtomorrow", "1", database)
    assert dispatch.run(key) is None
    assert Job.objects.using(database).get(pk=foreign.pk).attempts == 0


def test_jobs_of_another_releases_charts_take_nobodys_place(balance: Balance, database: str) -> None:
    foreign = [Job(chart_model="shop.fromtomorrow", chart_pk=str(pk), due_at=DatabaseTime(-10)) for pk in range(9)]
    Job.objects.using(database).bulk_create(foreign)
    jobs.make_due([key_of(balance)], 0)
    assert recovering.due_now(database, limit=1) == [key_of(balance)]


def test_jobs_of_charts_that_no_release_has_any_more_go_after_a_day(balance: Balance, database: str) -> None:
    jobs.make_due([key_of(balance)], 0)
    rows = Job.objects.using(database)
    rows.create(chart_model="shop.gone", chart_pk="1", due_at=DatabaseTime(-10), stale_since=DatabaseTime(-90_000))
    rows.create(chart_model="shop.gone", chart_pk="2", due_at=DatabaseTime(-10), stale_since=DatabaseTime(-80_000))
    rows.filter(chart_model=key_of(balance).model).update(stale_since=DatabaseTime(-90_000))
    sweeping.sweep(database)
    assert set(rows.values_list("chart_model", "chart_pk")) == {
        (key_of(balance).model, key_of(balance).pk),
        ("shop.gone", "2"),
    }


def test_the_job_of_a_row_that_vanished_without_a_signal_goes(balance: Balance, database: str) -> None:
    raise_version(balance)
    jobs.make_due([key_of(balance)], 0)
    Balance.objects.filter(pk=balance.pk)._raw_delete(database)
    assert dispatch.run(key_of(balance)) is None
    assert not Job.objects.using(database).exists()


@pytest.mark.parametrize("attempts", [0, 3])
def test_the_sweep_drops_the_jobs_of_rows_that_vanished_without_a_signal(
    balance: Balance, database: str, attempts: int
) -> None:
    others = [Balance.objects.create(account=balance.account, title=str(number)) for number in range(2)]
    gone = [balance, *(Scripted.objects.create(name=str(number)) for number in range(150))]
    for chart in gone:
        type(chart)._base_manager.using(database).filter(pk=chart.pk)._raw_delete(database)
    jobs.make_due([key_of(chart) for chart in [*gone, *others]], 0)
    Job.objects.using(database).update(attempts=attempts, stale_since=DatabaseTime(-9999))
    sweeping.sweep(database)
    left = Job.objects.using(database).values_list("chart_model", "chart_pk")
    assert sorted(left) == sorted((key_of(chart).model, key_of(chart).pk) for chart in others)


def test_the_job_of_a_row_that_vanished_is_left_to_the_worker_that_has_it(balance: Balance, database: str) -> None:
    jobs.make_due([key_of(balance)], 0)
    assert jobs.claim(key_of(balance))
    Balance.objects.filter(pk=balance.pk)._raw_delete(database)
    sweeping.sweep(database)
    assert Job.objects.using(database).exists()
    make_old(database)
    sweeping.sweep(database)
    assert not Job.objects.using(database).exists()


@pytest.mark.parametrize("model", [Badge, Country, Statement], ids=lambda model: model.__name__)
def test_of_charts_with_keys_of_every_kind_only_those_that_are_gone_lose_their_jobs(database: str, model: Any) -> None:
    charts = []
    for code in ("1 'a%s\\ é", "2 'a%s\\ é"):
        extra = {Badge: {}, Country: {"code": code}, Statement: {"account": Account.objects.create()}}[model]
        charts.append(model.objects.create(**extra))
    model._base_manager.using(database).filter(pk=charts[0].pk)._raw_delete(database)
    jobs.make_due([key_of(chart) for chart in charts], 0)
    sweeping.sweep(database)
    assert [job.chart_pk for job in Job.objects.using(database)] == [key_of(charts[1]).pk]
