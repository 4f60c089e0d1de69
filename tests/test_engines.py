"""Engines: real workers of Django's tasks and of Celery, on real brokers, and what becomes of charts without them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from charts import dispatch
from charts.freshness import recovering
from charts.freshness.jobs import Due
from charts.ledger import BATCH, CLICK, SIGNAL, ChartKey, Job
from tests import services
from tests.shop.models import Scripted
from tests.test_workers import ROOT, Outside, until

TASKS = "django.tasks" if sys.version_info >= (3, 12) else "django_tasks"
IMMEDIATE = {"default": {"BACKEND": f"{TASKS}.backends.immediate.ImmediateBackend"}}
DUMMY = {"default": {"BACKEND": f"{TASKS}.backends.dummy.DummyBackend"}}
DATABASE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.django_db(transaction=True)
def test_a_backend_that_runs_at_once_renders_after_the_commit(settings: Any) -> None:
    settings.TASKS = IMMEDIATE
    settings.CHARTS = {"DISPATCHER": "tasks"}
    chart = Scripted.objects.create(value=3)
    chart.refresh_from_db()
    assert chart.image
    assert not chart.is_stale


@pytest.mark.django_db(transaction=True)
def test_the_order_of_work_is_told_to_backends_that_know_one(settings: Any) -> None:
    from charts import tasks

    settings.TASKS = DUMMY
    settings.CHARTS = {"DISPATCHER": "tasks"}
    sender = tasks.Tasks()
    for priority in (BATCH, CLICK, SIGNAL):
        sender.send(Due(ChartKey("shop.scripted", "1", "default"), 0.0, priority))
    sent = tasks.render_chart.get_backend().results
    assert [result.task.priority for result in sent] == [-50, 50, 0]


@pytest.mark.django_db(transaction=True)
def test_what_is_due_later_is_put_off(settings: Any) -> None:
    from charts import tasks

    settings.TASKS = DUMMY
    settings.CHARTS = {"DISPATCHER": "tasks", "DEBOUNCE": 30}
    Scripted.objects.create()
    (result,) = tasks.render_chart.get_backend().results
    assert result.task.run_after is not None
    assert Job.objects.get().sent_at is not None


# Celery's broker.


@contextmanager
def celery_app(broker: str | None = None) -> Iterator[Any]:
    """Make an app the current one for a block."""
    from celery import Celery

    app = Celery(broker=broker, set_as_current=True)
    try:
        yield app
    finally:
        app.close()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_fails_nobody_and_the_sweep_sends_again(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any, scheme: str
) -> None:
    pytest.importorskip("celery")
    pauses: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", pauses.append)
    settings.CHARTS = {"DISPATCHER": "celery", "DEBOUNCE": 0}
    with celery_app(f"{scheme}://127.0.0.1:1"), transaction.atomic():
        for _ in range(2):
            Scripted.objects.create()
    assert len(recovering.waiting("default")) == 2
    assert pauses == []
    (said,) = [record.getMessage() for record in caplog.records if record.name == "charts"]
    assert said.endswith("and 1 more could not be sent to the dispatcher; the next sweep sends again.")


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a broker that answers nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


DUE = Due(ChartKey("shop.scripted", "1", "default"), 0.0)


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_does_not_answer_is_asked_once_and_then_left_alone(
    monkeypatch: pytest.MonkeyPatch, silent: int, scheme: str
) -> None:
    pytest.importorskip("celery")
    from charts.contrib import celery

    monkeypatch.setattr(celery, "PATIENCE", 0.05)
    with celery_app(f"{scheme}://127.0.0.1:{silent}") as app:
        sender = celery.Celery()
        with pytest.raises(ConnectionError, match=r"cannot be talked to: .*[Tt]im"):
            sender.send(DUE)
        with pytest.raises(ConnectionError, match="is asked again after 10 s"):
            sender.send(DUE)
        # The app's other tasks have its own patience.
        theirs = app.connection_for_write()
        assert (theirs.transport_options, theirs.connect_timeout) == ({}, app.conf.broker_connection_timeout)


@pytest.mark.services
@pytest.mark.parametrize("broker", ["redis://127.0.0.1:6379/9", "amqp://guest:guest@127.0.0.1:5672//"])
def test_a_connection_that_the_broker_has_closed_is_opened_again(broker: str) -> None:
    pytest.importorskip("celery")
    services.need("redis" if broker.startswith("redis") else "rabbitmq")
    from charts.contrib import celery

    with celery_app(broker) as app:
        app.conf.task_default_queue = f"charts-{uuid4().hex[:8]}"
        sender = celery.Celery()
        sender.send(DUE)
        with celery._producer() as producer:
            cut(producer.connection)
        sender.send(DUE)
        with app.connection_for_read() as connection:
            queue = connection.SimpleQueue(app.conf.task_default_queue)
            messages = [queue.get(timeout=5) for _ in range(2)]
            assert [message.headers["task"] for message in messages] == ["charts.render_chart"] * 2
            for message in messages:
                message.ack()
            queue.queue.delete()


def cut(connection: Any) -> None:
    """Close a connection as a broker does that is restarted."""
    if connection.transport.driver_type == "redis":
        pool = connection.default_channel.pool
        for held in pool._available_connections:
            held._sock.shutdown(socket.SHUT_RDWR)
    else:
        connection.connection.transport.sock.shutdown(socket.SHUT_RDWR)


@pytest.mark.django_db(transaction=True)
def test_a_celery_app_that_runs_tasks_at_once_renders_after_the_commit(settings: Any) -> None:
    pytest.importorskip("celery")
    settings.CHARTS = {"DISPATCHER": "celery"}
    with celery_app() as app:
        app.conf.task_always_eager = True
        chart = Scripted.objects.create(value=3)
        chart.refresh_from_db()
        assert not chart.is_stale
        chart.value = 4
        chart.save()
    chart.refresh_from_db()
    assert "4" in chart.alt
    assert not chart.is_stale


def test_an_engine_that_is_not_there_is_named() -> None:
    with pytest.raises(ImportError):
        dispatch.import_string("charts.nothing.Engine")


@pytest.fixture
def tasks_project(tmp_path: Path) -> Outside:
    more = {"TASKS": DATABASE, "INSTALLED_APPS": _apps("django_tasks", "django_tasks_db")}
    return Outside(tmp_path, more=more, DISPATCHER="tasks", DEBOUNCE=0.5, TIMEOUT=3, LEASE=8, MAX_MEMORY=300)


@pytest.fixture(params=["redis://127.0.0.1:6379/9", "amqp://guest:guest@127.0.0.1:5672//"], ids=["redis", "rabbitmq"])
def celery_project(request: pytest.FixtureRequest, tmp_path: Path) -> Outside:
    pytest.importorskip("celery")
    services.need("redis" if request.param.startswith("redis") else "rabbitmq")
    project = Outside(tmp_path, DISPATCHER="celery", DEBOUNCE=0.5, TIMEOUT=3, LEASE=8)
    project.environment |= {"CHARTS_BROKER": request.param, "CHARTS_QUEUE": f"charts-{uuid4().hex[:8]}"}
    return project


def _apps(*names: str) -> list[str]:
    from django.conf import settings

    backport = [name for name in names if name != "django_tasks" or name == TASKS]
    return [*settings.INSTALLED_APPS, *backport]


@contextmanager
def worker(project: Outside, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker for a block, in a process group of its own, and end it with all its children."""
    log = (project.folder / "worker.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=project.environment,
        cwd=ROOT,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def saved(project: Outside, name: str, value: int = 0) -> None:
    project.python(f"Misbehaving.objects.create(name={name!r}, value={value})")


@pytest.mark.slow
@pytest.mark.services
def test_a_worker_of_the_database_backend_renders(tasks_project: Outside) -> None:
    with worker(tasks_project, "django", "db_worker", "--interval", "0.2"):
        saved(tasks_project, "good-1")
        assert until(lambda: tasks_project.states()["good-1"][0]), (tasks_project.folder / "worker.log").read_text()


@pytest.mark.slow
@pytest.mark.services
def test_a_task_worker_outlives_a_chart_that_hangs_where_charts_are_isolated(tmp_path: Path) -> None:
    more = {"TASKS": DATABASE, "INSTALLED_APPS": _apps("django_tasks", "django_tasks_db")}
    limits = {"TIMEOUT": 3, "LEASE": 8, "MAX_MEMORY": 300}
    project = Outside(tmp_path, more=more, DISPATCHER="tasks", DEBOUNCE=0, ISOLATE=True, **limits)
    with worker(project, "django", "db_worker", "--interval", "0.2"):
        for name in ("hangs", "dies", "good-1"):
            saved(project, name)
        assert until(lambda: project.states()["good-1"][0], 60), (project.folder / "worker.log").read_text()
        assert until(lambda: "was stopped" in project.states()["hangs"][1])
        assert "was killed" in project.states()["dies"][1]


CELERY = ("celery", "-A", "tests.celery_app", "worker", "--loglevel", "info", "--concurrency", "1")


@pytest.mark.slow
@pytest.mark.services
def test_a_celery_worker_renders(celery_project: Outside) -> None:
    with worker(celery_project, *CELERY):
        saved(celery_project, "good-1")
        assert until(lambda: celery_project.states()["good-1"][0]), (celery_project.folder / "worker.log").read_text()


@pytest.mark.slow
@pytest.mark.services
def test_a_celery_worker_outlives_charts_that_hang_or_kill_it(celery_project: Outside) -> None:
    with worker(celery_project, *CELERY):
        for name in ("hangs", "dies", "good-1"):
            saved(celery_project, name)
        log = celery_project.folder / "worker.log"
        assert until(lambda: celery_project.states()["good-1"][0], 60), log.read_text()
        assert until(lambda: "SoftTimeLimitExceeded" in celery_project.states()["hangs"][1], 60), log.read_text()
        assert not celery_project.states()["dies"][0]


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.timeout(300)
def test_a_celery_worker_loses_no_child_of_its_own_where_charts_are_isolated(tmp_path: Path) -> None:
    pytest.importorskip("celery")
    services.need("redis")
    limits = {"TIMEOUT": 3, "LEASE": 8, "MAX_MEMORY": 300}
    project = Outside(tmp_path, DISPATCHER="celery", DEBOUNCE=0, ISOLATE=True, **limits)
    project.environment |= {"CHARTS_BROKER": "redis://127.0.0.1:6379/9", "CHARTS_QUEUE": f"charts-{uuid4().hex[:8]}"}
    with worker(project, *CELERY):
        for name in ("hangs", "dies", "eats", "good-1"):
            saved(project, name)
        log = project.folder / "worker.log"
        assert until(lambda: project.states()["good-1"][0], 60), log.read_text()
        for name, why in {"hangs": "was stopped", "dies": "was killed", "eats": "MemoryError"}.items():
            assert until(lambda name=name, why=why: why in project.states()[name][1], 60), log.read_text()
        assert "WorkerLostError" not in log.read_text()
