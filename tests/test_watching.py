"""`render_charts --watch` without its children: what it begins, and what it makes of databases that are away."""

from concurrent.futures import Future
from typing import Any

import pytest
from django.db import OperationalError
from pebble import ProcessExpired

from charts import sweeping
from charts.clock import DatabaseTime
from charts.freshness import jobs
from charts.management.watching import Watcher
from charts.workers.crew import Crew
from tests import services
from tests.shop.models import Scripted
from tests.tools import key_of


class Ending:
    """A pool whose one child ends at once, as a killed or a stopped one does."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def schedule(self, *args: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_exception(self.error)
        return future

    def close(self) -> None:
        pass

    join = stop = close


def watching(aliases: list[str], pool: Any = None) -> tuple[Watcher, list[dict[str, Any]]]:
    """Return a watcher whose children do nothing, or what a pool says, and the events that it will tell."""
    events: list[dict[str, Any]] = []
    crew = Crew(1)
    crew._pool = pool or Ending(TimeoutError())
    return Watcher(aliases, crew, events.append), events


def let_it_be_due(chart: Any) -> None:
    jobs.job_of(key_of(chart)).update(due_at=DatabaseTime(), leased_until=None)


@pytest.mark.parametrize("why", [TimeoutError(), ProcessExpired("killed", code=-9)], ids=lambda why: type(why).__name__)
def test_a_chart_whose_end_cannot_be_recorded_is_begun_again(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    chart = Scripted.objects.create()
    watcher, events = watching([database], Ending(why))
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "fail", away)
        watcher.look()
        assert [event["status"] for event in events] == ["failed"]
    let_it_be_due(chart)
    watcher.look()
    assert [event["status"] for event in events] == ["failed", "failed"]


def away(*args: Any, **options: Any) -> Any:
    raise OperationalError("could not connect to server")


@pytest.mark.services
@pytest.mark.parametrize("step", ["sweep", "mark_changed_recipes"])
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_a_database_that_is_away_does_not_stop_the_work_of_another(
    settings: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    services.need("postgres")
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    Scripted.objects.using("postgres").create()
    does = getattr(sweeping, step)
    monkeypatch.setattr(sweeping, step, lambda alias, *rest: away() if alias == "default" else does(alias, *rest))
    watcher, events = watching(["default", "postgres"])
    watcher.look()
    assert [(event["event"], event.get("database")) for event in events] == [("database", "default"), ("chart", None)]
    monkeypatch.undo()
    Scripted.objects.using("default").create()
    watcher.homes[0].away_until = 0.0
    events.clear()
    watcher.look()
    assert [event["chart"] for event in events] == [str(key_of(Scripted.objects.using("default").get()))]
