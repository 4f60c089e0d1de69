"""Eight threads at three charts, on databases with row locks: no deadlock, and the last picture is right."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction

from charts import dispatch, files
from charts.exceptions import RenderError
from charts.ledger import LooseFile, Mark
from tests.healing import committed, faults_after_a_sweep, faults_now, left_over
from tests.shop.models import Account, Balance, Entry
from tests.tools import in_thread, key_of, make_old, numbers, row, sweep_and_render

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(300)]

THREADS = 8
ROUNDS = 6


@pytest.fixture(autouse=True)
def _no_deadlock(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail also for a deadlock that was only logged: what follows a commit raises nothing."""
    yield
    assert "deadlock" not in caplog.text.lower()


@pytest.fixture
def balances(database: str) -> list[Balance]:
    if connections[database].vendor == "sqlite":
        pytest.skip("The test's SQLite lives in memory, where tables are locked.")
    return [row(Balance.objects.create(account=Account.objects.create())) for _ in range(3)]


def run_all(*works: Callable[[], Any]) -> list[Any]:
    """Run functions at once; raise what any of them raises."""
    start = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        start.wait(30)
        return work()

    futures = [in_thread(lambda work=work: begin(work)) for work in works]
    return [future.result(200) for future in futures]


def assert_right(charts: list[Balance], using: str) -> None:
    """Assert that all show what is committed, and that nothing is left behind."""
    assert list(faults_now()) == []
    assert list(faults_after_a_sweep(using)) == []
    for chart in charts:
        assert numbers(chart) == committed(chart)
    make_old(using)
    files.prune_all(using)
    assert left_over() == set()
    assert not LooseFile.objects.using(using).exists()
    assert not Mark.objects.using(using).exists()


def add_to(charts: list[Balance], amount: int) -> None:
    """Change the data of all charts in one transaction, in the order given."""
    with transaction.atomic(using=charts[0]._state.db):
        for chart in charts:
            Entry.objects.create(account_id=chart.account_id, amount=amount)


def hammer(number: int, charts: list[Balance]) -> None:
    """Do a bit of everything, in an order of one's own."""
    mine = charts[number % 3 :] + charts[: number % 3]
    if number % 2:
        mine.reverse()
    for turn in range(ROUNDS):
        chart = row(mine[turn % 3])
        add_to(mine, turn)
        chart.render(force=bool(turn % 2))
        chart.title = f"{number}.{turn}"
        chart.save()
        dispatch.run(key_of(mine[(turn + 1) % 3]))
        Balance.objects.mark_stale()
        if turn == 3:
            sweep_and_render(chart._state.db, [Balance])


def test_all_of_them_mark_save_render_and_sweep(balances: list[Balance], database: str, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    run_all(*(lambda number=number: hammer(number, balances) for number in range(THREADS)))
    assert_right(balances, database)
    assert all(len(numbers(chart)) == THREADS * ROUNDS for chart in balances)


def test_writers_in_opposite_orders_never_wait_for_charts(
    balances: list[Balance], database: str, settings: Any
) -> None:
    """Each holds its transaction open until all are amid theirs: one that waited for another would wait for ever."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    amid = Barrier(THREADS)

    def write(number: int) -> None:
        order = balances if number % 2 else balances[::-1]
        with transaction.atomic(using=database):
            for first, second in pairwise(order):
                Entry.objects.create(account_id=first.account_id, amount=number)
                amid.wait(60)
                Entry.objects.create(account_id=second.account_id, amount=number)

    run_all(*(lambda number=number: write(number) for number in range(THREADS)))
    assert_right(balances, database)
    assert len(numbers(balances[0])) == THREADS


def test_all_of_them_render_one_chart(balances: list[Balance], database: str) -> None:
    chart = balances[0]
    Entry.objects.create(account_id=chart.account_id, amount=1)
    results = run_all(*(lambda: row(chart).render(force=True).status for _ in range(THREADS)))
    assert set(results) <= {"rendered", "superseded"}
    assert "rendered" in results
    assert_right(balances, database)


def test_one_deletes_what_the_others_render(balances: list[Balance], database: str) -> None:
    chart = balances[0]

    def render() -> str:
        try:
            return str(row(chart).render(force=True).status)
        except (RenderError, Balance.DoesNotExist) as error:
            return str(error)

    _, *said = run_all(row(chart).delete, *(render for _ in range(THREADS - 1)))
    assert all(re.search("rendered|superseded|was deleted|does not exist", each) for each in said), said
    assert_right(balances[1:], database)


def test_two_claim_one_job(balances: list[Balance], database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    for turn in range(10):
        Entry.objects.create(account_id=balances[0].account_id, amount=turn)
        results = run_all(*(lambda: dispatch.run(key_of(balances[0])) for _ in range(4)))
        assert [result.status for result in results if result] == ["rendered"]


def test_the_databases_have_row_locks() -> None:
    for alias in set(django_settings.DATABASES) - {"default"}:
        assert connections[alias].features.has_select_for_update
