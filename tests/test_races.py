"""Races: whatever is published last, the picture shows the data that was committed last.

What another process would do happens inside `get_data()`, right after the data was read: the worst moment, and the
same each time.
"""

from contextvars import Context
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from charts import dispatch
from charts.freshness import jobs
from charts.ledger import Job
from tests.shop.models import Account, Balance, Entry
from tests.tools import (
    Recorder,
    Statements,
    assert_readable,
    in_thread,
    job,
    key_of,
    loose_names,
    make_old,
    meanwhile,
    names_of_storage,
    numbers,
    prune,
    raise_version,
    rolled_back,
    row,
    sweep_and_render,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _recorder(settings: Any) -> None:
    """Draw when a test says so."""
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()


@pytest.fixture
def account(database: str) -> Account:
    return Account.objects.create()


@pytest.fixture
def balance(account: Account) -> Balance:
    """A chart that shows 1."""
    Entry.objects.create(account=account, amount=1)
    chart = Balance.objects.create(account=account)
    dispatch.run(key_of(chart))
    return row(chart)


def set_data(chart: Balance, amount: int) -> None:
    """Change the data, and commit."""
    with transaction.atomic(using=chart._state.db):
        entry = Entry.objects.get(account=chart.account_id)
        entry.amount = amount
        entry.save()


def work(chart: Balance) -> Any:
    """Do what a worker does with a hint; in a context of its own, as another process would."""
    return Context().run(dispatch.run, key_of(chart))


def assert_settled(chart: Balance, shown: list[int]) -> None:
    """Assert that the chart shows the committed data, is fresh, and has nothing left to do."""
    assert numbers(chart) == shown
    assert not row(chart).is_stale
    assert job(chart).due_at is None
    assert_readable(chart)


# One worker.


def test_data_that_changes_while_it_is_drawn_is_drawn_again(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    set_data(balance, 2)
    renders = meanwhile(monkeypatch, Balance, lambda: set_data(balance, 3))
    work(balance)
    assert_settled(balance, [3])
    assert len(renders) == 2


def test_data_that_changes_before_it_is_read_is_drawn_once(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    renders = meanwhile(monkeypatch, Balance)
    for amount in (2, 3, 4):
        set_data(balance, amount)
    work(balance)
    assert_settled(balance, [4])
    assert len(renders) == 1


def test_a_chart_that_never_stands_still_is_left_to_a_later_hint(
    balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = [lambda amount=amount: set_data(balance, amount) for amount in range(2, 40)]
    renders = meanwhile(monkeypatch, Balance, *actions)
    set_data(balance, 100)
    Recorder.sent.clear()
    work(balance)
    assert len(renders) == dispatch.ROUNDS
    assert [due.key for due in Recorder.sent] == [key_of(balance)]


def test_inline_does_not_draw_for_ever_either(balance: Balance, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    actions = [lambda amount=amount: set_data(balance, amount) for amount in range(2, 40)]
    renders = meanwhile(monkeypatch, Balance, *actions)
    set_data(balance, 100)
    assert len(renders) == dispatch.ROUNDS
    assert row(balance).is_stale
    assert job(balance).due_at is not None


def test_a_chart_that_changes_its_own_source_ends(
    balance: Balance, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    actions = [lambda: row(balance).save() for _ in range(40)]
    renders = meanwhile(monkeypatch, Balance, *actions)
    set_data(balance, 2)
    assert len(renders) == dispatch.ROUNDS


def test_a_burst_is_drawn_once_in_a_while(balance: Balance, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 60}
    renders = meanwhile(monkeypatch, Balance, lambda: set_data(balance, 3))
    jobs.make_due([key_of(balance)], 0)
    raise_version(balance)
    work(balance)
    work(balance)
    assert len(renders) == 1
    assert 50 < Recorder.sent[-1].delay <= 60


# Two workers: the lease of the first has run out.


def overtaken(chart: Balance, *steps: Any) -> Any:
    """Return what happens to a worker whose lease runs out: each step, and another worker after each."""

    def happen() -> None:
        make_old(chart._state.db)
        for step in steps:
            step()
            work(chart)

    return happen


def test_an_old_slow_render_does_not_go_over_a_new_fast_one(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    set_data(balance, 2)
    meanwhile(monkeypatch, Balance, overtaken(balance, lambda: set_data(balance, 3)))
    result = work(balance)
    assert result.status == "superseded"
    assert_settled(balance, [3])


def test_its_files_are_gone_at_once(balance: Balance, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    set_data(balance, 2)
    meanwhile(monkeypatch, Balance, overtaken(balance, lambda: set_data(balance, 3)))
    work(balance)
    kept = {variant.name for variant in (*row(balance).image.variants, *balance.image.variants)}
    assert names_of_storage() == kept
    assert set(loose_names(database)) == {variant.name for variant in balance.image.variants}


def test_data_that_comes_back_is_not_taken_for_unchanged(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 is shown; a slow worker reads 2, the data goes back to 1, the slow worker publishes 2: 1 must come back."""
    set_data(balance, 2)
    in_between: list[Any] = []

    def go_back() -> None:
        set_data(balance, 1)
        make_old(balance._state.db)
        in_between.append(work(balance))

    meanwhile(monkeypatch, Balance, go_back)
    work(balance)
    sweep_and_render(balance._state.db)
    assert in_between[0].status == "unchanged"
    assert_settled(balance, [1])


def test_data_that_comes_back_while_the_slow_worker_publishes_is_drawn(
    balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check finds 1 unchanged, but 2 is published before it is blessed."""
    set_data(balance, 2)
    older = key_of(balance)
    token = jobs.claim(older)

    def publish_the_older() -> None:
        from charts import pipeline

        set_data(balance, 2)
        pipeline.work(older, token)
        set_data(balance, 1)

    set_data(balance, 1)
    meanwhile(monkeypatch, Balance, publish_the_older)
    assert row(balance).render().status == "superseded"
    work(balance)
    assert_settled(balance, [1])


def test_two_workers_that_draw_the_same_are_both_right(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    set_data(balance, 2)

    def happen() -> None:
        make_old(balance._state.db)
        work(balance)

    meanwhile(monkeypatch, Balance, happen)
    assert work(balance).status == "superseded"
    assert_settled(balance, [2])


def test_a_worker_that_fails_late_does_not_disturb_the_one_that_took_over(
    balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_late() -> None:
        overtaken(balance, lambda: set_data(balance, 3))()
        raise LookupError

    set_data(balance, 2)
    meanwhile(monkeypatch, Balance, fail_late)
    work(balance)
    assert row(balance).error == ""
    assert_settled(balance, [3])


# Explicit renders.


def test_an_explicit_render_shows_what_is_committed_whoever_publishes_meanwhile(
    balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older version that is published during an explicit render does not make it superseded."""
    set_data(balance, 2)
    token = jobs.claim(key_of(balance))

    def publish_older() -> None:
        from charts import pipeline

        pipeline.work(key_of(balance), token)

    set_data(balance, 3)
    renders = meanwhile(monkeypatch, Balance, publish_older)
    assert row(balance).render().status in {"rendered", "superseded"}
    assert_settled(balance, [3])
    assert len(renders) == 2


def test_an_explicit_check_that_an_older_picture_overtook_draws_after_all(
    balance: Balance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 is shown and found unchanged; before that is said, a slow worker publishes 2."""
    from charts.freshness import publishing
    from charts.pipeline import reading
    from charts.pipeline.drafting import draw
    from charts.pipeline.rendering import _Render

    set_data(balance, 2)
    slow = _Render(key_of(balance), "")
    chart = reading.read(slow.key)
    late = slow.outcome(chart)
    assert draw(chart, [2]).alt == ": [2]"
    set_data(balance, 1)
    meanwhile(monkeypatch, Balance, lambda: publishing.publish(late))
    result = row(balance).render()
    assert (result.status, result.stale) == ("rendered", False)
    assert_settled(balance, [1])


def test_the_instance_in_hand_shows_what_was_published(balance: Balance) -> None:
    set_data(balance, 2)
    balance.render()
    fresh = row(balance)
    names = ("alt", "data_version", "image_version", "image_width", "image_height", "data_digest", "recipe_digest")
    assert balance.image.name == fresh.image.name
    assert [getattr(balance, name) for name in names] == [getattr(fresh, name) for name in names]
    assert balance.rendered_at == fresh.rendered_at


def test_a_superseded_render_shows_the_newer_picture_in_hand(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    def newer() -> None:
        set_data(balance, 3)
        row(balance).render()

    meanwhile(monkeypatch, Balance, newer)
    set_data(balance, 2)
    assert balance.render().status == "superseded"
    assert balance.image.name == row(balance).image.name
    assert_settled(balance, [3])


def test_a_stale_explicit_render_sends_a_hint(balance: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, Balance, lambda: set_data(balance, 3))
    set_data(balance, 2)
    Recorder.sent.clear()
    result = balance.render()
    assert result.stale
    assert Recorder.sent[-1].key == key_of(balance)


# Within a transaction.


def test_save_render_save_in_one_transaction(balance: Balance, database: str) -> None:
    with transaction.atomic(using=database):
        entry = Entry.objects.get(account=balance.account_id)
        entry.amount = 2
        entry.save()
        balance.render()
        assert numbers(balance) == [2]
        entry.amount = 3
        entry.save()
    work(balance)
    assert_settled(balance, [3])


def test_save_render_in_one_transaction_draws_once(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    renders = meanwhile(monkeypatch, Balance)
    with transaction.atomic(using=database):
        set_data(balance, 2)
        balance.render()
    work(balance)
    assert_settled(balance, [2])
    assert len(renders) == 1


def test_a_render_that_is_rolled_back_leaves_the_last_good_picture(balance: Balance, database: str) -> None:
    with rolled_back(database):
        set_data(balance, 2)
        row(balance).render()
        assert numbers(balance) == [2]
    assert_settled(balance, [1])


@pytest.mark.django_db(transaction=True, databases="__all__")  # a scan asks them all who names a file
def test_its_files_are_known_to_a_scan_only(balance: Balance, database: str) -> None:
    with rolled_back(database):
        row(balance).render(force=True)
    left = names_of_storage() - {variant.name for variant in balance.image.variants}
    assert len(left) == 3
    make_old(database)
    prune()
    assert left <= names_of_storage()
    prune(scan=True)
    assert not left & names_of_storage()
    assert_readable(balance)


def test_a_failed_render_in_a_transaction_does_not_break_it(balance: Balance, database: str, monkeypatch: Any) -> None:
    def break_the_query(chart: Balance) -> None:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT nonsense FROM nowhere")

    monkeypatch.setattr(Balance, "get_data", break_the_query)
    with transaction.atomic(using=database):
        Account.objects.create(name="kept")
        with pytest.raises(Exception, match="could not be rendered"):
            row(balance).render()
    assert Account.objects.filter(name="kept").exists()
    assert "get_data() read its data" in row(balance).error


# What it costs.


def test_an_unchanged_explicit_render_makes_five_statements(balance: Balance, database: str) -> None:
    with Statements(database) as statements:
        assert balance.render().status == "unchanged"
    own = 1  # get_data's
    assert len(statements) - own == 5, statements


@pytest.mark.parametrize("force", [True, False])
def test_a_render_makes_nine_statements(balance: Balance, database: str, force: bool) -> None:
    set_data(balance, 2)
    with Statements(database) as statements:
        assert balance.render(force=force).status == "rendered"
    assert len(statements) - 1 == 9, statements


def test_a_first_render_without_a_job_makes_ten(account: Account, database: str) -> None:
    Balance.objects.bulk_create([Balance(account=account)])
    with Statements(database) as statements:
        Balance.objects.get().render()
    assert len(statements) - 2 == 10, statements


def test_a_workers_render_makes_as_many_and_looks_for_batches(balance: Balance, database: str) -> None:
    set_data(balance, 2)
    with Statements(database) as statements:
        work(balance)
    assert len(statements) - 1 == 9, statements


def test_a_save_that_marks_adds_one_statement_to_a_transaction(balance: Balance, database: str) -> None:
    """And where rows have locks, one that waits for whoever is changing the row."""
    entry = Entry.objects.get()
    with transaction.atomic(using=database), Statements(database) as statements:
        entry.save()
    locks = connections[database].features.has_select_for_update
    assert len(statements) - 1 == 1 + locks, statements


def test_a_second_save_of_the_same_row_adds_none(balance: Balance, database: str) -> None:
    entry = Entry.objects.get()
    with transaction.atomic(using=database):
        entry.save()
        with Statements(database) as statements:
            entry.save()
    assert len(statements) - 1 == 0, statements


def test_applying_and_sending_makes_eight(balance: Balance, database: str) -> None:
    entry = Entry.objects.get()
    with CaptureQueriesContext(connections[database]):
        pass
    with Statements(database) as statements:
        with transaction.atomic(using=database):
            entry.save()
            inside = len(connections[database].queries)
        assert inside
    locks = connections[database].features.has_select_for_update
    assert len(statements) - 2 == 8 + locks, statements


# Real threads, in an order that events force.


@pytest.mark.services
def test_a_slow_worker_in_another_process_does_not_win(
    balance: Balance, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connections[database].vendor == "sqlite":
        pytest.skip("The test's SQLite lives in memory.")
    has_read, may_go_on = Event(), Event()
    get_data = Balance.get_data

    def wait(chart: Balance) -> Any:
        data = get_data(chart)
        if data == [2]:
            has_read.set()
            assert may_go_on.wait(30)
        return data

    monkeypatch.setattr(Balance, "get_data", wait)
    set_data(balance, 2)
    slow = in_thread(lambda: work(balance))
    assert has_read.wait(30)
    set_data(balance, 3)
    assert work(balance) is None
    make_old(database)
    assert work(balance).status == "rendered"
    may_go_on.set()
    assert slow.result(30).status == "superseded"
    assert_settled(balance, [3])
    assert not Job.objects.using(database).filter(leased_until__isnull=False).exists()


def balances_of_zero(database: str, count: int) -> list[Balance]:
    """Return charts of accounts with an entry of 0 each, where rows are locked one by one."""
    if not connections[database].features.has_select_for_update:
        pytest.skip("SQLite's writers wait for each other.")
    charts = [Balance.objects.create(account=Account.objects.create()) for _ in range(count)]
    Entry.objects.bulk_create([Entry(account=chart.account, amount=0) for chart in charts])
    return charts


@pytest.mark.services
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_who_move_one_row_leave_no_chart_behind(database: str) -> None:
    """The second reads the row before the first has committed: what he leaves is where the first has moved it."""
    first, middle, last = balances_of_zero(database, 3)
    entry = Entry.objects.create(account=first.account, amount=1)
    for chart in (first, middle, last):
        dispatch.run(key_of(chart))
    is_moving, may_end = Event(), Event()

    def move() -> None:
        with transaction.atomic(using=database):
            mine = Entry.objects.get(pk=entry.pk)
            is_moving.set()
            mine.account = last.account
            mine.save()
            assert may_end.wait(10)

    with transaction.atomic(using=database):
        entry.account = middle.account
        entry.save()
        moving = in_thread(move)
        assert is_moving.wait(10)
        sleep(0.3)  # it waits for this transaction, and nothing tells of that
    dispatch.run(key_of(middle))
    assert numbers(middle) == [0, 1]
    may_end.set()
    moving.result(10)
    for chart in (first, middle, last):
        dispatch.run(key_of(chart))
    assert [numbers(chart) for chart in (first, middle, last)] == [[0], [0], [0, 1]]


@pytest.mark.services
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_the_second_row_of_a_loop_is_looked_at_under_its_lock_too(database: str) -> None:
    here, there = balances_of_zero(database, 2)
    first, second = (Entry.objects.create(account=here.account, amount=1) for _ in range(2))
    for chart in (here, there):
        dispatch.run(key_of(chart))
    is_moving, may_end = Event(), Event()

    def loop() -> None:
        with transaction.atomic(using=database):
            first.save()
            is_moving.set()
            second.save()  # as it was before the other has moved it
            assert may_end.wait(10)

    with transaction.atomic(using=database):
        Entry.objects.filter(pk=second.pk).update(account=there.account)
        looping = in_thread(loop)
        assert is_moving.wait(10)
        sleep(0.3)  # it waits for this transaction, and nothing tells of that
    row(there).render()
    assert numbers(there) == [0, 1]
    may_end.set()
    looping.result(10)
    for chart in (here, there):
        dispatch.run(key_of(chart))
    assert [numbers(chart) for chart in (here, there)] == [[0, 1, 1], [0]]


@pytest.mark.services
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_who_deletes_a_row_that_another_is_moving_marks_where_it_came_to(database: str) -> None:
    here, there = balances_of_zero(database, 2)
    entry = Entry.objects.create(account=here.account, amount=1)
    for chart in (here, there):
        dispatch.run(key_of(chart))
    is_deleting, may_end = Event(), Event()

    def delete() -> None:
        with transaction.atomic(using=database):
            mine = Entry.objects.get(pk=entry.pk)
            is_deleting.set()
            mine.delete()
            assert may_end.wait(10)

    with transaction.atomic(using=database):
        entry.account = there.account
        entry.save()
        deleting = in_thread(delete)
        assert is_deleting.wait(10)
        sleep(0.3)  # it waits for this transaction, and nothing tells of that
    dispatch.run(key_of(there))
    assert numbers(there) == [0, 1]
    may_end.set()
    deleting.result(10)
    for chart in (here, there):
        dispatch.run(key_of(chart))
    assert [numbers(chart) for chart in (here, there)] == [[0], [0]]
