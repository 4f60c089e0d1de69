"""Marks: written with the change, rolled back with it, applied once it is committed, whoever has died meanwhile."""

from collections.abc import Callable
from contextlib import nullcontext
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from django.test import TestCase

from charts.clock import DatabaseTime
from charts.freshness import applying, jobs, marks
from charts.ledger import Job, Mark
from charts.watches import changes, suspended
from tests.shop.models import Account, Balance, Entry, Scripted
from tests.tools import (
    Recorder,
    Statements,
    in_thread,
    job,
    key_of,
    make_old,
    numbers,
    rolled_back,
    row,
    sweep_and_render,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def account() -> Account:
    return Account.objects.create()


@pytest.fixture
def balance(account: Account) -> Balance:
    return row(Balance.objects.create(account=account))


def add(account: Account, amount: int = 1) -> Entry:
    return Entry.objects.create(account=account, amount=amount)


def marked(using: str) -> list[str]:
    return sorted(Mark.objects.using(using).values_list("chart_pk", flat=True))


def lose_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers die right after their commit."""
    monkeypatch.setattr(marks, "_committed", [])


# Writing.


def test_a_change_is_marked_in_its_own_transaction(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        add(account)
        assert marked(database) == [str(balance.pk)]
        assert not row(balance).is_stale
    assert marked(database) == []


def test_what_is_committed_is_drawn(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        add(account, 1)
        add(account, 2)
    assert numbers(balance) == [1, 2]


def test_a_chart_is_marked_once_a_transaction(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        for _ in range(5):
            add(account)
        balance.save()
        Balance.objects.mark_stale()
        assert len(marked(database)) == 1
    assert row(balance).data_version == balance.data_version + 1


def test_what_a_transaction_has_marked_is_not_asked_again(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        add(account)
        with Statements(database) as statements:
            for _ in range(10):
                add(account)
    assert len(statements) == 10


def test_a_rolled_back_change_marks_nothing(balance: Balance, account: Account, database: str) -> None:
    with rolled_back(database):
        add(account)
    assert (marked(database), row(balance).data_version) == ([], balance.data_version)


def test_a_rolled_back_savepoint_takes_its_marks_along(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        with rolled_back(database):
            add(account)
        assert marked(database) == []
    assert row(balance).data_version == balance.data_version


def test_a_change_after_a_rolled_back_savepoint_is_marked_again(
    balance: Balance, account: Account, database: str
) -> None:
    with transaction.atomic(using=database):
        with rolled_back(database):
            add(account, 1)
        add(account, 2)
    assert numbers(balance) == [2]


def test_a_change_after_a_savepoint_within_a_marked_transaction_is_marked_again(
    balance: Balance, account: Account, database: str
) -> None:
    other = Balance.objects.create(account=Account.objects.create())
    with transaction.atomic(using=database):
        add(other.account, 1)
        with rolled_back(database):
            add(account, 1)
        add(account, 2)
    assert (numbers(other), numbers(balance)) == ([1], [2])


def test_so_it_is_after_a_savepoint_made_by_hand(balance: Balance, account: Account, database: str) -> None:
    other = Balance.objects.create(account=Account.objects.create())
    with transaction.atomic(using=database):
        add(other.account, 1)
        connection: Any = connections[database]
        savepoint = getattr(connection, "savepoint_create", connection.savepoint)()  # renamed in Django 6.1
        add(account, 1)
        connections[database].savepoint_rollback(savepoint)
        add(account, 2)
    assert numbers(balance) == [2]


def test_a_savepoint_that_is_kept_keeps_its_marks(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        with transaction.atomic(using=database):
            add(account, 1)
        with rolled_back(database):
            add(account, 2)
    assert numbers(balance) == [1]


def test_an_inner_rollback_does_not_lose_the_outer_batch(balance: Balance, account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        transaction.on_commit(lambda: None, using=database)
        add(account, 1)
        with rolled_back(database):
            transaction.on_commit(lambda: None, using=database)
            balance.save()
        balance.save()
    assert numbers(balance) == [1]


def test_a_failing_callback_of_others_does_not_lose_the_marks(
    balance: Balance, account: Account, database: str
) -> None:
    def fail() -> None:
        raise LookupError

    @transaction.atomic(using=database)
    def change() -> None:
        transaction.on_commit(fail, using=database)
        add(account, 1)

    with pytest.raises(LookupError):
        change()
    make_old(database)
    add(Account.objects.create())
    assert marked(database) == [str(balance.pk)]
    Balance.objects.create(account=Account.objects.create())
    assert numbers(balance) == [1]


@pytest.mark.services
def test_a_mark_locks_no_chart(balance: Balance, account: Account, database: str) -> None:
    if not connections[database].features.has_select_for_update_nowait:
        pytest.skip("SQLite locks the whole database.")
    with transaction.atomic(using=database):
        add(account)
        assert in_thread(lambda: lock_now(balance)).result(30) == balance


def lock_now(chart: Balance) -> Balance:
    """Lock the chart's row; OperationalError if somebody has."""
    using = chart._state.db
    with transaction.atomic(using=using):
        return Balance.objects.using(using).select_for_update(nowait=True).get(pk=chart.pk)


# Tests of users, which run in a transaction that is never committed.


def test_each_captured_block_of_a_test_case_applies_its_own_marks(
    balance: Balance, account: Account, database: str
) -> None:
    with rolled_back(database):
        for amounts in ([1], [1, 2]):
            with TestCase.captureOnCommitCallbacks(using=database, execute=True) as callbacks:
                add(account, amounts[-1])
            assert sum(isinstance(callback, marks.Batch) for callback in callbacks) == 1
            assert numbers(balance) == amounts


# Applying.


def apply_all(using: str) -> list[Any]:
    return [key for piece in applying.apply(using) for key in piece]


def test_a_writer_that_died_after_its_commit_is_helped_by_the_next(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        lose_commits(patched)
        add(account, 1)
    make_old(database)
    Balance.objects.create(account=Account.objects.create())
    assert (marked(database), numbers(balance)) == ([], [1])


def test_marks_of_living_writers_are_left_to_them(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        lose_commits(patched)
        add(account, 1)
    Balance.objects.create(account=Account.objects.create())
    assert marked(database) == [str(balance.pk)]


def test_marks_are_applied_once(balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_commits(monkeypatch)
    Balance.objects.mark_stale()
    assert apply_all(database) == [key_of(balance)]
    assert apply_all(database) == []
    assert row(balance).data_version == balance.data_version + 1


def test_many_marks_are_applied_in_slices(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_commits(monkeypatch)
    Scripted.objects.bulk_create([Scripted(name=str(number)) for number in range(250)])
    Scripted.objects.mark_stale()
    with Statements(database) as statements:
        pieces = [len(piece) for piece in applying.apply(database)]
    assert pieces == [100, 100, 50]
    assert len(statements) <= 3 * 9
    assert set(Scripted.objects.values_list("data_version", flat=True)) == {2}
    assert Job.objects.using(database).filter(due_at__isnull=False).count() == 250


@pytest.fixture
def two_classes(account: Account, database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Marks of two classes, none of them applied."""
    lose_commits(monkeypatch)
    with transaction.atomic(using=database):
        for number in range(3):
            Scripted.objects.create(name=str(number))
            Balance.objects.create(account=account)
    return database


def test_marks_of_several_classes_are_applied_at_once(two_classes: str) -> None:
    pieces = [{key.model for key in piece} for piece in applying.apply(two_classes)]
    assert pieces == [{"shop.balance", "shop.scripted"}]
    assert marked(two_classes) == []


@pytest.mark.services
def test_where_locks_are_waited_for_they_are_applied_class_by_class(
    two_classes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever deletes rows of two classes may lock them in the other order."""
    if connections[two_classes].vendor == "sqlite":
        pytest.skip("SQLite locks the whole database.")
    monkeypatch.setattr(connections[two_classes].features, "has_select_for_update_skip_locked", False)
    forget_statements()
    try:
        with Statements(two_classes) as statements:
            pieces = [{key.model for key in piece} for piece in applying.apply(two_classes)]
    finally:
        forget_statements()
    assert pieces == [{"shop.balance"}, {"shop.scripted"}]
    assert "SKIP LOCKED" not in str(statements)
    assert marked(two_classes) == []


def forget_statements() -> None:
    """Compile anew what depends on the database's features."""
    applying._take_statement.cache_clear()
    applying._read_statement.cache_clear()


def test_marks_of_a_deleted_chart_go(balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_commits(monkeypatch)
    Balance.objects.mark_stale()
    balance.delete()
    assert apply_all(database) == []
    assert (marked(database), Job.objects.using(database).count()) == ([], 0)


def test_a_key_that_is_none_any_more_keeps_no_other_from_being_applied(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_commits(monkeypatch)
    Mark.objects.using(database).create(
        batch="b", chart_model="shop.balance", chart_pk="no number", created_at=DatabaseTime()
    )
    Balance.objects.mark_stale()
    assert apply_all(database) == [key_of(balance)]
    assert marked(database) == []


@pytest.mark.parametrize("label", ["shop.chartofanotherrelease", "shop.region"])
def test_marks_that_only_another_release_understands_are_left_to_it_for_a_day(
    label: str, balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_commits(monkeypatch)
    foreign = {"batch": "b", "chart_model": label, "chart_pk": "1"}
    Mark.objects.using(database).create(**foreign, created_at=DatabaseTime())
    Balance.objects.mark_stale()
    assert apply_all(database) == [key_of(balance)]
    assert marked(database) == ["1"]
    make_old(database, 25 * 3600)
    assert (apply_all(database), marked(database)) == ([], [])


def test_new_data_forgets_failed_attempts(balance: Balance, account: Account, database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    jobs.job_of(key_of(balance)).update(attempts=3, error="old")
    add(account)
    assert (job(balance).attempts, job(balance).due_at is not None) == (0, True)


def test_a_job_that_is_due_sooner_stays_so(balance: Balance, account: Account, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 10}
    add(account)
    first = job(balance).due_at
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 20}
    add(account)
    assert job(balance).due_at == first


def test_a_job_that_becomes_due_sooner_is_sent_again(balance: Balance, account: Account, settings: Any) -> None:
    """A hint that waits for a long back-off is of no use to new data."""
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 1}
    Recorder.sent.clear()
    key = key_of(balance)
    jobs.job_of(key).update(due_at=DatabaseTime(600), sent_at=DatabaseTime())
    add(account)
    assert [due.key for due in Recorder.sent] == [key]
    assert 0 < Recorder.sent[0].delay <= 1


# Outside a transaction the marks are committed before what they are for.


def die_after_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers die between their own statement and what a watch does after it."""
    monkeypatch.setattr(changes.Change, "after", lambda change, **kwargs: None)
    monkeypatch.setattr("charts.models.marks.gathered", lambda using, batch: nullcontext())


def test_a_writer_that_dies_right_after_its_save_loses_nothing(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = row(Balance.objects.create(account=Account.objects.create()))
    entry = add(account)
    with monkeypatch.context() as patched:
        die_after_the_write(patched)
        entry.account = other.account
        entry.save()
        add(account, 7)
    make_old(database)
    sweep_and_render(database)
    assert (numbers(balance), numbers(other)) == ([7], [1])


def test_a_writer_that_dies_right_after_he_has_saved_a_chart_loses_nothing(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        die_after_the_write(patched)
        lose_commits(patched)
        balance.title = "new"
        balance.save()
    make_old(database)
    sweep_and_render(database)
    assert row(balance).alt.startswith("new")


def test_marks_of_what_is_about_to_be_written_are_left_to_the_writer(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = add(account)
    die_after_the_write(monkeypatch)
    entry.save()
    assert (apply_all(database), marked(database)) == ([], [str(balance.pk)])
    make_old(database)
    assert (apply_all(database), marked(database)) == ([key_of(balance)], [])


def test_what_others_have_applied_in_the_midst_of_an_import_is_marked_again(
    balance: Balance, account: Account, database: str
) -> None:
    with suspended(database):
        add(account, 1)
        make_old(database)
        sweep_and_render(database)
        assert numbers(balance) == [1]
        add(account, 2)
    assert numbers(balance) == [1, 2]


def test_each_transaction_of_an_import_marks_for_itself(balance: Balance, account: Account, database: str) -> None:
    with suspended(database):
        with transaction.atomic(using=database):
            add(account, 1)
        first = set(Mark.objects.values_list("pk", flat=True))
        with transaction.atomic(using=database):
            add(account, 2)
            # What others have made of a mark that is committed does not concern a transaction that is still open.
            Mark.objects.filter(pk__in=first).delete()
        assert marked(database) == [str(balance.pk)]
    assert numbers(balance) == [1, 2]


def test_an_import_that_commits_by_itself_marks_again_before_others_apply(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "monotonic", lambda: 0)
    with suspended(database):
        for now in (0, 1, 2, marks.SHARED * 60 + 3):
            monkeypatch.setattr(marks, "monotonic", lambda now=now: now)
            add(account, now)
        assert len(set(Mark.objects.values_list("batch", flat=True))) == 2
    assert marked(database) == []
    assert len(numbers(balance)) == 4


def test_an_import_of_many_transactions_is_drawn_once(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr("charts.dispatch.run", drawn.append)
    with suspended(database):
        for amount in range(jobs.SLICE + 2):
            with transaction.atomic(using=database):
                add(account, amount)
    assert drawn == [key_of(balance)]
    assert marked(database) == []


@pytest.mark.parametrize("importing", [True, False])
def test_a_save_that_waited_until_others_had_applied_its_marks_marks_again(
    balance: Balance, account: Account, database: str, monkeypatch: pytest.MonkeyPatch, *, importing: bool
) -> None:
    other = row(Balance.objects.create(account=Account.objects.create()))
    entry = add(account)
    before = changes.Change.before

    def wait(change: changes.Change, **kwargs: bool) -> None:
        before(change, **kwargs)
        make_old(database)
        sweep_and_render(database)
        monkeypatch.setattr(marks, "monotonic", lambda: 1e9)

    with monkeypatch.context() as patched, suspended(database) if importing else nullcontext():
        patched.setattr(changes.Change, "before", wait)
        entry.account = other.account
        entry.save()
    assert (numbers(balance), numbers(other)) == ([], [1])


# Waiting for nobody.


@pytest.mark.services
def test_what_others_have_locked_is_applied_last(account: Account, database: str, settings: Any) -> None:
    if not connections[database].features.has_select_for_update_skip_locked:
        pytest.skip("SQLite locks the whole database.")
    settings.CHARTS = {"DISPATCHER": "manual"}
    free, locked = (Balance.objects.create(account=account) for _ in range(2))
    has_lock, let_go = Event(), Event()
    holder = in_thread(lambda: hold(locked, has_lock.set, let_go.wait))
    assert has_lock.wait(30)
    lose: list[Callable[..., None]] = []
    marks._committed[:], before = lose, list(marks._committed)
    try:
        Balance.objects.using(database).mark_stale()
    finally:
        marks._committed[:] = before
    pieces = applying.apply(database)
    assert next(pieces) == [key_of(free)]
    assert marked(database) == [str(locked.pk)]
    let_go.set()
    holder.result(30)
    assert next(pieces) == [key_of(locked)]
    assert marked(database) == []


def hold(chart: Balance, has_lock: Callable[[], object], let_go: Callable[[], object]) -> None:
    using = chart._state.db
    with transaction.atomic(using=using):
        Balance.objects.using(using).select_for_update().get(pk=chart.pk)
        has_lock()
        let_go()


@pytest.mark.services
def test_a_business_transaction_never_ends_in_a_deadlock_because_of_marks(
    account: Account, database: str, settings: Any
) -> None:
    """It holds the second chart and wants the first; applying, which takes them in order, must not hold that."""
    if not connections[database].features.has_select_for_update_skip_locked:
        pytest.skip("SQLite locks the whole database.")
    settings.CHARTS = {"DISPATCHER": "manual"}
    first, second = (Balance.objects.create(account=account) for _ in range(2))
    has_second, at_charts = Event(), Event()

    def business() -> None:
        with transaction.atomic(using=database):
            Balance.objects.using(database).filter(pk=second.pk).update(title="held")
            has_second.set()
            assert at_charts.wait(30)
            Balance.objects.using(database).filter(pk=first.pk).update(title="wanted")

    def tell(execute: Any, sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if Balance._meta.db_table in sql and "SKIP LOCKED" in sql:
            at_charts.set()
        return result

    running = in_thread(business)
    assert has_second.wait(30)
    with connections[database].execute_wrapper(tell):
        Balance.objects.using(database).mark_stale()
    running.result(30)
    assert {row(chart).title for chart in (first, second)} == {"wanted", "held"}
    assert all(row(chart).data_version == 3 for chart in (first, second))


def test_what_fails_after_a_commit_fails_nobody_and_is_logged(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(using: str, batch: str) -> None:
        raise OperationalError("deadlock")

    monkeypatch.setattr(marks, "_committed", [fail])
    with transaction.atomic(using=database):
        Scripted.objects.create()
    assert Scripted.objects.count() == 1
    assert "What follows a commit has failed" in caplog.text


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_who_commits_by_hand_can_save_and_a_sweep_applies_the_marks(
    balance: Balance, account: Account, database: str
) -> None:
    connection = connections[database]
    connection.set_autocommit(False)
    try:
        add(account)
        connection.commit()
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    make_old(database)
    sweep_and_render(database, [Balance])
    assert numbers(balance) == [1]
