"""A crew: what becomes of orders whose child ends, whenever that is, and of children that are of no use."""

from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError

from charts.exceptions import WorkersError
from charts.freshness import jobs
from charts.ledger import Job
from charts.management import rendering
from charts.management.finding import Task
from charts.workers import crew as crews
from charts.workers.crew import Crew
from charts.workers.orders import Order
from tests.shop.models import Scripted
from tests.stubs import Drawing, Ending, Late, Starting, Stub, hire
from tests.tools import key_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the next child."""
    monkeypatch.setattr(crews, "REST", 0.0)


@pytest.fixture
def orders(settings: Any) -> list[Order]:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    return [Order(key=key_of(Scripted.objects.create())) for _ in range(3)]


def statuses(crew: Crew, orders: list[Order]) -> list[str]:
    return [report.status for report in crew.carry_out(orders)]


@pytest.mark.parametrize("kind", [Starting, Ending], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("size", [1, 2])
def test_an_order_whose_child_ends_before_it_draws_goes_to_another(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order], kind: type[Stub], size: int
) -> None:
    hired = hire(monkeypatch, kind, kind, Stub)
    with Crew(size) as crew:
        assert statuses(crew, orders) == ["rendered"] * 3
    assert [type(member) for member in hired[:3]] == [kind, kind, Stub]
    assert not Job.objects.exclude(error="").exists()


def test_a_chart_whose_child_ends_while_it_draws_has_failed_and_says_how(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order]
) -> None:
    hire(monkeypatch, Drawing, Stub)
    with Crew() as crew:
        assert statuses(crew, orders) == ["failed", "rendered", "rendered"]
    assert "its process was killed by SIGKILL" in job_of(orders[0]).error


def test_a_chart_whose_time_is_over_has_failed_and_says_so(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order]
) -> None:
    hire(monkeypatch, Late, Stub)
    with Crew(timeout=7) as crew:
        assert statuses(crew, orders) == ["failed", "rendered", "rendered"]
    assert "it ran longer than 7 s and was stopped" in job_of(orders[0]).error


def test_an_order_that_ends_each_child_before_it_draws_is_not_handed_on_for_ever(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order]
) -> None:
    hired = hire(monkeypatch, Ending)
    with Crew() as crew:
        assert statuses(crew, orders[:1]) == ["failed"]
    assert len(hired) == crews.TRIES


def test_a_child_that_has_ended_while_idle_is_given_nothing(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order]
) -> None:
    hired = hire(monkeypatch, Stub)
    with Crew() as crew:
        assert statuses(crew, orders[:1]) == ["rendered"]
        hired[0].is_alive = False
        assert statuses(crew, orders[1:]) == ["rendered"] * 2
    assert [member.done for member in hired] == [1, 2]


def test_children_that_never_start_are_not_started_for_ever(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order]
) -> None:
    hired = hire(monkeypatch, Starting)
    with pytest.raises(WorkersError, match="the last one was killed by SIGKILL"), Crew() as crew:
        statuses(crew, orders)
    assert len(hired) == crews.STARTS
    assert not Job.objects.filter(attempts__gt=0).exists()


def test_a_command_whose_children_never_start_says_so(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> None:
    hire(monkeypatch, Starting)
    tasks = [Task(key=order.key, reason="stale") for order in orders]
    with pytest.raises(CommandError, match="ended before they could render"):
        list(rendering.in_children(tasks, 2, None))


def test_a_system_that_starts_no_process_is_asked_again(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> None:
    hire(monkeypatch, Stub)
    member, refusals = crews.Member, [OSError("Resource temporarily unavailable")] * 2

    def refuse(*args: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return member(*args)

    monkeypatch.setattr(crews, "Member", refuse)
    with Crew() as crew:
        assert statuses(crew, orders) == ["rendered"] * 3


def test_each_child_in_vain_makes_the_next_one_wait_longer(
    monkeypatch: pytest.MonkeyPatch, orders: list[Order], caplog: Any
) -> None:
    monkeypatch.setattr(crews, "REST", 1.0)
    hire(monkeypatch, Starting)
    with Crew() as crew:
        crew.begin(orders[0])
        for rest in (1, 2, 4, 8):
            assert not list(crew.reports(0))
            assert round(crew._rests_until - crew._failed_at) == rest
            crew._rests_until = 0.0
            crew._hand_out()
    assert caplog.text.count("another is started") == 4


def test_a_child_is_replaced_after_so_many_charts(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> None:
    monkeypatch.setattr(crews, "RECYCLED_AFTER", 2)
    hired = hire(monkeypatch, Stub)
    with Crew() as crew:
        assert statuses(crew, orders) == ["rendered"] * 3
    assert [member.done for member in hired] == [2, 1]


def test_what_is_in_hand_is_given_back_when_a_crew_ends(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> None:
    hire(monkeypatch, Drawing)
    with Crew(2) as crew:
        for order in orders[:2]:
            crew.begin(order)
        assert jobs.job_of(orders[0].key).filter(attempts=1, leased_until__isnull=False).exists()
    assert not Job.objects.exclude(attempts=0, lease_token="", leased_until=None).exists()


def test_a_crew_ends_also_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch, orders: list[Order]) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise OperationalError

    hire(monkeypatch, Drawing)
    monkeypatch.setattr(jobs, "release", away)
    with Crew() as crew:
        crew.begin(orders[0])
    assert crew.is_idle


def job_of(order: Order) -> Job:
    return jobs.job_of(order.key).get()
