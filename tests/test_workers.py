"""Child processes that render: limits of time and memory, and what their parent makes of their end."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import pytest

from charts.ledger import ChartKey
from charts.workers import members
from charts.workers.children import Child
from charts.workers.orders import Order, Report

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PATH = os.pathsep.join([str(ROOT), str(ROOT / "site")])


class Outside:
    """A project of its own in a folder, in processes of their own."""

    def __init__(self, folder: Path, *, more: Any = None, **charts: Any) -> None:
        self.folder = folder
        self.charts = {"DISPATCHER": "manual", "DEBOUNCE": 0} | charts
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}
        database["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}  # type: ignore[assignment]  # a dict of settings
        given = {"database": database, "media": str(folder / "media"), "charts": self.charts, "more": more or {}}
        self.environment = os.environ | {
            "CHARTS_OUTSIDE": json.dumps(given),
            "DJANGO_SETTINGS_MODULE": "tests.outside",
            "PYTHONPATH": PATH,
        }
        migrated = self.run("migrate", "--run-syncdb", "-v0")
        assert migrated.returncode == 0, migrated.stderr

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a management command."""
        return subprocess.Popen(
            [sys.executable, "-m", "django", *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=100)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def python(self, code: str) -> Any:
        """Run code with Django set up; return what it printed, read as JSON."""
        # A project with a broker has its Celery app in every process.
        app = "import tests.celery_app" if "CHARTS_BROKER" in self.environment else "import django; django.setup()"
        code = f"import json; {app}\nfrom tests.shop.models import *\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def is_at_work(self) -> bool:
        """Say whether somebody draws a chart, without starting a process: by then it would be drawn."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=20)) as connection:
            found = connection.execute("SELECT 1 FROM charts_job WHERE leased_until IS NOT NULL")
            return found.fetchone() is not None

    def states(self) -> dict[str, list[Any]]:
        """Return by name: whether the chart is fresh, its error's first line, its attempts."""
        return self.python(
            "print(json.dumps({c.name: [not c.is_stale, c.error.partition(chr(10))[0], c.job and c.job.attempts]"
            " for c in Misbehaving.objects.all()}))"
        )


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path, TIMEOUT=3, LEASE=8, MAX_MEMORY=300)


def make(outside: Outside, *names: str) -> None:
    outside.python(f"Misbehaving.objects.bulk_create([Misbehaving(name=n) for n in {list(names)!r}])")


def test_jobs_render_in_children(outside: Outside) -> None:
    make(outside, "good-1", "good-2", "good-3")
    done = outside.run("render_charts", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert "3 rendered" in done.stdout
    assert {fresh for fresh, *_ in outside.states().values()} == {True}


def test_what_hangs_dies_or_eats_memory_is_stopped_and_the_others_are_rendered(outside: Outside) -> None:
    names = ("hangs", "dies", "exits", "eats", "raises", "good-1", "good-2")
    make(outside, *names)
    done = outside.run("render_charts", "--jobs", "2")
    assert done.returncode == 1
    states = outside.states()
    assert [states[name][0] for name in names] == [False] * 5 + [True] * 2
    assert "ran longer than 3 s and was stopped" in states["hangs"][1]
    assert "its process was killed by SIGKILL" in states["dies"][1]
    assert "its process ended itself, with exit code 0" in states["exits"][1]
    assert "MemoryError" in states["eats"][1]
    assert "ZeroDivisionError" in states["raises"][1]


def test_a_chart_that_fails_stops_after_its_attempts_and_recovers_when_its_data_changes(outside: Outside) -> None:
    make(outside, "dies")
    for _ in range(4):
        outside.python("from charts.ledger import Job; Job.objects.update(due_at='2000-01-01 00:00:00+00:00')")
        outside.run("render_charts", "--jobs", "1")
    assert outside.states()["dies"][2] == 3
    outside.python("c = Misbehaving.objects.get(); c.name = 'good'; c.save()")
    assert outside.run("render_charts", "--jobs", "1").returncode == 0
    assert outside.states()["good"][0]


def test_the_watch_renders_what_becomes_stale_and_ends_when_it_is_told_to(outside: Outside) -> None:
    watch = outside.start("render_charts", "--watch", "--json")
    try:
        make(outside, "good-1")
        assert until(lambda: outside.states()["good-1"][0])
        outside.python("c = Misbehaving.objects.get(); c.value = 7; c.save()")
        assert until(lambda: outside.states()["good-1"][0])
    finally:
        watch.send_signal(signal.SIGTERM)
        out, err = watch.communicate(timeout=30)
    assert watch.returncode == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["status"] for event in events if event["event"] == "chart"] == ["rendered", "rendered"]
    assert events[-1]["event"] == "stopped"


@pytest.mark.parametrize("told", [os.kill, os.killpg], ids=["the process", "its group"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_the_watch_finishes_the_chart_in_hand(
    outside: Outside, told: Callable[[int, int], None], number: signal.Signals
) -> None:
    make(outside, "slow")
    watch = outside.start("render_charts", "--watch", "--json")
    try:
        assert until(outside.is_at_work)
    finally:
        told(watch.pid, number)
        out, _ = watch.communicate(timeout=60)
    assert outside.states()["slow"] == [True, "", 0], out


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    """Return the children that render, among those that a process has."""
    found = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "spawn_main"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def is_done(outside: Outside) -> bool:
    """Say whether all charts are fresh: then no child that was killed is replaced."""
    return all(fresh for fresh, *_ in outside.states().values())


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_watch_outlives_children_that_are_killed_while_they_start_and_while_they_have_nothing_to_do(
    outside: Outside, jobs: str
) -> None:
    watch = outside.start("render_charts", "--watch", "--json", "--jobs", jobs)
    try:
        for names in (["good-1", "good-2"], ["good-3", "good-4"]):
            make(outside, *names)
            for _ in range(2):  # first those that are there and idle, or not yet there; then those that replace them
                assert until(lambda: children_of(watch) or is_done(outside))
                for pid in children_of(watch):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            assert until(lambda: is_done(outside))
    finally:
        watch.send_signal(signal.SIGTERM)
        out, err = watch.communicate(timeout=30)
    assert watch.returncode == 0, err
    assert json.loads(out.splitlines()[-1]) == {"event": "stopped"}


def test_a_worker_of_another_engine_outlives_the_child_beside_it(tmp_path: Path) -> None:
    outside = Outside(tmp_path, ISOLATE=True, TIMEOUT=3, LEASE=8)
    code = """
import os, signal
from charts import dispatch
from charts.ledger import ChartKey
from charts.workers import alone
statuses = []
for name in ("good-1", "good-2"):
    chart = Misbehaving.objects.create(name=name)
    statuses.append(dispatch.run(ChartKey.of(chart)).status)
    for member in alone._crews[os.getpid()]._members:
        os.kill(member._process.pid, signal.SIGKILL)
print(json.dumps(statuses))
"""
    assert outside.python(code) == ["rendered", "rendered"]


# What children are told, and what they hear of it.


class Lasting:
    """A process that is there until it is ended, and the line of which a test has."""

    line: ClassVar[Any]
    exitcode: int | None = None
    sentinel = 0

    def __init__(self, target: Any, args: list[Any]) -> None:
        type(self).line = Connection(os.dup(args[0].fileno()))

    def start(self) -> None:
        pass

    def is_alive(self) -> bool:
        return self.exitcode is None

    def join(self, timeout: float) -> None:
        pass

    def terminate(self) -> None:
        self.exitcode = -signal.SIGKILL
        self.line.close()


@pytest.fixture
def child() -> Iterator[Child]:
    """A child that is at something and would not end by itself for a minute."""
    child = Child(target=time.sleep, args=[60])
    child.start()
    yield child
    child.kill()
    child.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_what_a_whole_group_is_told_a_child_does_not_hear(child: Child, number: signal.Signals) -> None:
    assert child.pid
    os.kill(child.pid, number)
    child.join(2)
    assert child.is_alive()


def test_its_parent_ends_a_child_at_once(child: Child) -> None:
    child.terminate()
    child.join(2)
    assert child.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("exitcode", "how"),
    [
        (0, "ended itself, with exit code 0"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-33, "was killed by signal 33"),
        (None, "was killed by SIGKILL"),
    ],
)
def test_how_a_child_ended_is_said_in_words(exitcode: int | None, how: str) -> None:
    assert members._how(exitcode) == how


@pytest.mark.parametrize("more", ["nothing", "garbage", "the same again"])
def test_a_line_that_bears_something_else_harms_nobody(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    order = Order(key=ChartKey("shop.scripted", "1", "default"))
    report = Report(key=order.key, status="rendered")
    monkeypatch.setattr(members.children, "Child", Lasting)
    member = members.Member(60.0, 60.0, None)
    try:
        theirs = Lasting.line
        theirs.send(members.children.READY)
        assert list(member.hear()) == []
        member.give(order)
        theirs.send(report)
        if more == "garbage":
            theirs.send_bytes(b"?")
        elif more == "the same again":
            theirs.send(report)
        assert list(member.hear()) == [report]
        assert (member.is_ready, member.done, member.is_over) == (True, 1, more == "garbage")
    finally:
        member.end()


def test_its_parent_goes_on_hearing_signals(child: Child) -> None:
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_child_that_is_ready_still_hears_none_and_blocks_none(tmp_path: Path) -> None:
    """What a chart starts itself, as LaTeX, must hear none either, but what has to wait for signals must get them."""
    code = "from charts.workers import children\nimport os, signal\nchildren.prepare(None)\n"
    code += "[os.kill(os.getpid(), number) for number in children.GROUP_SIGNALS]\n"
    code += "assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": PATH}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 0


def until(check: Any, seconds: float = 60) -> bool:
    """Say whether something comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.2)
    return False
