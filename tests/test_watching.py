"""`render_charts --watch` without its children: what it begins, and what it makes of databases that are away."""

from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, ProgrammingError

from charts import sweeping
from charts.clock import DatabaseTime
from charts.freshness import jobs
from charts.management.watching import Watcher
from charts.workers.crew import Crew
from tests import services
from tests.shop.models import Scripted
from tests.stubs import Drawing, Late, Starting, Stub, hire
from tests.tools import key_of


@pytest.fixture(autouse=True)
def hired(monkeypatch: pytest.MonkeyPatch) -> list[Stub]:
    monkeypatch.setattr("charts.management.watching.POLL", 0.0)
    return hire(monkeypatch, Stub)


def watching(aliases: list[str]) -> tuple[Watcher, list[dict[str, Any]]]:
    """Return a watcher whose children are stubs, and the events that it will tell."""
    events: list[dict[str, Any]] = []
    return Watcher(aliases, Crew(1), events.append), events


def let_it_be_due(chart: Any) -> None:
    jobs.job_of(key_of(chart)).update(due_at=DatabaseTime(), leased_until=None)


@pytest.mark.parametrize("end", [Late, Drawing], ids=lambda end: end.__name__)
def test_a_chart_whose_end_cannot_be_recorded_is_begun_again(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch, end: type[Stub]
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    chart = Scripted.objects.create()
    hire(monkeypatch, end)
    watcher, events = watching([database])
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


@pytest.mark.parametrize("step", ["sweep", "mark_changed_recipes"])
def test_a_table_that_is_another_keeps_no_chart_from_being_begun(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    watcher, events = watching([database])
    monkeypatch.setattr(sweeping, step, another_table)
    watcher.look()
    chart = Scripted.objects.create()
    watcher.homes[0].away_until = 0.0
    watcher.look()
    told = [{"event": "database", "database": database, "error": "no such column"}]
    assert events[:1] == told
    assert [event["chart"] for event in events[1:]] == [str(key_of(chart))]


def another_table(*args: Any) -> Any:
    raise ProgrammingError("no such column\n")


def test_what_a_database_answers_instead_is_said_once_until_it_is_swept(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    watcher, events = watching([database])

    def look_often() -> None:
        for _ in range(3):
            watcher.homes[0].away_until = watcher.homes[0].sweep_at = 0.0
            watcher.look()

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(sweeping, "sweep", another_table)
            look_often()
        look_often()
    assert [event["event"] for event in events] == ["database", "database"]


def test_it_ends_with_a_sentence_where_no_child_can_start(
    database: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}
    monkeypatch.setattr("charts.workers.crew.REST", 0.0)
    monkeypatch.setattr("signal.signal", lambda *args: None)  # this process goes on
    hire(monkeypatch, Starting)
    Scripted.objects.create()
    watcher, _ = watching([database])
    with pytest.raises(CommandError, match=r"^6 child processes one after the other ended before they could render"):
        watcher.run()
