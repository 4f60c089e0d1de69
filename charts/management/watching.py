"""`render_charts --watch`: the embedded worker for one machine."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections

from charts import dispatch, sweeping
from charts.conf import config
from charts.exceptions import WorkersError
from charts.freshness import recovering
from charts.ledger import ChartKey
from charts.workers.crew import Crew
from charts.workers.orders import Order, Report

# Seconds between looks at the jobs, when there is nothing to do; a quarter of the delay people wait for anyway.
POLL = 0.5
# Seconds until the database is asked again after it did not do what it was asked.
PATIENCE = 2.0


@dataclass
class Home:
    """A database that is looked into.

    Attributes:
        alias: its name.
        recipes_at: when charts of changed recipes are marked there, by this process's clock; infinite when they are.
        sweep_at: when it is swept next.
        away_until: when it is asked again after it did not do what it was asked.
        trouble: what was said of it since the last sweep that succeeded; "" if nothing.
    """

    alias: str
    recipes_at: float = float("-inf")
    sweep_at: float = float("-inf")
    away_until: float = float("-inf")
    trouble: str = ""


class Watcher:
    """Renders what becomes due until it is told to stop.

    Args:
        aliases: the databases to look into.
        crew: who renders.
        say: told of each event, as a dict.
    """

    def __init__(self, aliases: Iterable[str], crew: Crew, say: Callable[[dict[str, Any]], None]) -> None:
        self.homes = [Home(alias) for alias in aliases]
        self.crew = crew
        self.say = say
        self.is_over = threading.Event()

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Finish the charts in hand, and begin no more: what SIGTERM and Ctrl-C do."""
        self.is_over.set()

    def run(self) -> None:
        """Watch until stopped.

        Raises:
            CommandError: no child process can be started.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.say({"event": "started", "size": self.crew.size, "databases": [home.alias for home in self.homes]})
        try:
            while not self.is_over.is_set():
                self.look()
            while not self.crew.is_idle:
                self.take_reports(None)
        except WorkersError as error:
            raise CommandError(str(error)) from error
        self.say({"event": "stopped"})

    def look(self) -> None:
        """See to each database, and wait for a report or a moment."""
        began = sum(self.attend(home) for home in self.homes)
        if self.crew.is_idle:
            self.is_over.wait(POLL)
        else:
            self.take_reports(0.05 if began or not self.crew.room else POLL)

    def attend(self, home: Home) -> int:
        """Sweep one database if it is time, and begin what is due there; return how many charts were begun.

        One that fails is asked again later, and the others meanwhile: it restarts, say, or a release that comes next
        has changed a table.
        """
        if time.monotonic() < home.away_until:
            return 0
        try:
            close_old_connections()
            self.maintain(home)
            return self.begin(home.alias)
        except (DatabaseError, InterfaceError) as error:
            self.note_trouble(home, str(error).strip())
            return 0

    def maintain(self, home: Home) -> None:
        """Mark charts of changed recipes if that has not been done, and sweep if it is time.

        The next time is set before either is tried: what fails then keeps nothing from being begun until that time.
        """
        now, later = time.monotonic(), time.monotonic() + config().lease / 2
        if now >= home.recipes_at:
            home.recipes_at = later
            mark_changed_recipes(home.alias)
            home.recipes_at = float("inf")
        if now >= home.sweep_at:
            home.sweep_at = later
            sweep(home.alias)
            home.trouble = ""

    def note_trouble(self, home: Home, trouble: str) -> None:
        """Say what a database answers instead of doing what it is asked, once, and leave it alone for a while."""
        if trouble != home.trouble:
            self.say({"event": "database", "database": home.alias, "error": trouble})
            home.trouble = trouble
        close_old_connections()
        home.away_until = time.monotonic() + PATIENCE

    def begin(self, alias: str) -> int:
        """Give due charts to children that have nothing to do; return how many."""
        if not self.crew.room:
            return 0
        keys = self.due(alias)
        if len(keys) < self.crew.room and dispatch.feed(alias):
            keys = self.due(alias)
        for key in keys:
            self.crew.begin(Order(key=key, early=False))
        return len(keys)

    def due(self, alias: str) -> list[ChartKey]:
        """Return due charts that nobody is at, as many as children have nothing to do."""
        # As many more as are in hand: their jobs may still be due when they are asked for.
        at_work = self.crew.at_work
        due = recovering.due_now(alias, limit=self.crew.room + len(at_work))
        return [key for key in due if key not in at_work][: self.crew.room]

    def take_reports(self, patience: float | None) -> None:
        """Tell of the charts that are done."""
        for report in self.crew.reports(patience):
            if report.status not in {"elsewhere", "waiting"}:
                self.say(event_of(report))


def mark_changed_recipes(alias: str) -> None:
    """Have charts drawn anew, or tried again, whose class has changed since: this is a new release's worker."""
    with dispatch.held():
        sweeping.mark_changed_recipes(alias, sweeping.models_in(alias))


def sweep(alias: str) -> None:
    """Bring back what was lost on the way."""
    with dispatch.held():
        sweeping.sweep(alias)


def event_of(report: Report) -> dict[str, Any]:
    """Return what is told of a chart that is done."""
    told: dict[str, Any] = {
        "event": "chart",
        "chart": str(report.key),
        "status": report.status,
        "seconds": round(report.duration, 3),
    }
    if report.sentence:
        told["error"] = report.sentence
    if report.warnings:
        told["warnings"] = list(report.warnings)
    return told


def line_of(event: dict[str, Any]) -> str:
    """Return an event as a line for people."""
    if event["event"] == "chart":
        return event.get("error") or f"{event['chart']}: {event['status']} in {event['seconds']:.2f} s"
    if event["event"] == "database":
        return f"The database {event['database']!r} fails, and is asked again later: {event['error']}"
    return {"started": "Watching. Ctrl-C finishes the charts in hand.", "stopped": "Stopped."}[event["event"]]


def json_line(event: dict[str, Any]) -> str:
    """Return an event as a line for machines."""
    return json.dumps(event, ensure_ascii=False)
