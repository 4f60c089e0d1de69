"""Worlds: a project in processes of its own, on a database of its own, with writers and a worker."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

DATABASES = ("sqlite", "postgres", "mariadb")
ROOT = Path(__file__).parents[1]
WAL = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
BROKERS = {"redis": "redis://127.0.0.1:6379/10", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//"}


@dataclass
class World:
    """A project outside this process.

    Attributes:
        folder: its files.
        database: its entry in `DATABASES`.
        charts: its `CHARTS`.
        engine: `watch`, `tasks`, `redis`, `rabbitmq` or "" for none.
    """

    folder: Path
    database: Mapping[str, Any]
    charts: Mapping[str, Any]
    engine: str = ""
    queue: str = field(default_factory=lambda: f"charts-{uuid4().hex[:8]}")

    @property
    def environment(self) -> dict[str, str]:
        """What its processes get."""
        dispatcher = {"watch": "manual", "tasks": "tasks", "": "manual"}.get(self.engine, "celery")
        world = {
            "database": self.database,
            "charts": {"DISPATCHER": dispatcher, **self.charts},
            "broker": BROKERS.get(self.engine, ""),
            "queue": self.queue,
        }
        return os.environ | {
            "BENCHMARK_FOLDER": str(self.folder),
            "BENCHMARK_WORLD": json.dumps(world),
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "MPLBACKEND": "agg",
        }

    def start(self, *command: str, out: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        """Start a process of this world, in a group of its own; its output is piped."""
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self.environment,
            cwd=ROOT,
            stdout=out,
            stderr=(self.folder / "errors.log").open("ab"),
            text=True,
            start_new_session=True,
        )

    def role(self, name: str, *arguments: object) -> "subprocess.Popen[str]":
        """Start one of `benchmarks.roles`."""
        return self.start("benchmarks.roles", name, *map(str, arguments))

    def ask(self, name: str, *arguments: object) -> Any:
        """Run a role to its end; return what it printed, read as JSON."""
        process = self.role(name, *arguments)
        out, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{name} ended with {process.returncode}: {self.errors()}")
        return json.loads(out.splitlines()[-1]) if out.strip() else None

    def errors(self) -> str:
        """Return the end of what its processes complained of."""
        return (self.folder / "errors.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def render(self, *arguments: str) -> None:
        """Run `render_charts` to its end."""
        self.start("django", "render_charts", "-v0", *arguments, out=subprocess.DEVNULL).communicate()

    def worker(self, processes: int = 1) -> "subprocess.Popen[str] | None":
        """Start the engine's worker, with some processes that render."""
        size = str(processes)
        commands = {
            "watch": ("django", "render_charts", "--watch", "--json", "--jobs", size),
            "tasks": ("django", "db_worker", "--interval", "0.2"),
            "redis": ("celery", "-A", "benchmarks.celery_app", "worker", "--concurrency", size),
        }
        commands["rabbitmq"] = commands["redis"]
        return self.start(*commands[self.engine], out=subprocess.DEVNULL) if self.engine else None

    @contextmanager
    def working(self) -> Iterator["subprocess.Popen[str] | None"]:
        """Have a worker for a block; it is ended with all its children."""
        process = self.worker()
        try:
            yield process
        finally:
            if process:
                end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """Kill a process with its group, as a machine that fails would."""
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def memory_of(group: int) -> float:
    """Return the resident size of all processes of a group in MiB; on Linux."""
    pages = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold anything: state, parent, group.
            if int((entry / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                pages += int((entry / "statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):  # it has ended meanwhile
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def world(database: str, engine: str = "", **charts: Any) -> Iterator[World]:
    """Make a world with empty tables, and leave nothing of it.

    Args:
        database: `sqlite` (WAL), `sqlite deferred` (as Django sets it up), `postgres` or `mariadb`.
        engine: who renders.
        charts: its `CHARTS`.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        settings = stack.enter_context(_database(database, folder))
        made = World(folder, settings, charts, engine)
        process = made.start("django", "migrate", "--run-syncdb", "-v0")
        process.communicate()
        if process.returncode:
            raise RuntimeError(made.errors())
        yield made


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    name = f"charts_benchmark_{os.getpid()}"
    if kind.startswith("sqlite"):
        options = {} if "deferred" in kind else WAL
        yield {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "world.sqlite3"), "OPTIONS": options}
        return
    here = {"NAME": name, "HOST": "127.0.0.1"}
    if kind == "postgres":
        user = os.environ.get("PGUSER", "postgres")
        settings = {"ENGINE": "django.db.backends.postgresql", "USER": user, **here}
    else:
        settings = {"ENGINE": "django.db.backends.mysql", "USER": "root", "OPTIONS": {"charset": "utf8mb4"}, **here}
    run = _postgres if kind == "postgres" else _mariadb
    run(f"CREATE DATABASE {name}")
    try:
        yield settings
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)" if kind == "postgres" else f"DROP DATABASE {name}")


def _postgres(statement: str) -> None:
    import psycopg

    user = os.environ.get("PGUSER", "postgres")
    with psycopg.connect(host="127.0.0.1", user=user, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]  # a name made here


def _mariadb(statement: str) -> None:
    import MySQLdb

    connection = MySQLdb.connect(host="127.0.0.1", user="root")
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def wait_for(check: Any, seconds: float) -> bool:
    """Say whether something comes true within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.3)
    return False
