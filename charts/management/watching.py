"""`render_charts --watch`: the embedded worker for one machine."""

import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections

from charts import dispatch, sweeping
from charts.conf import config
from charts.freshness import recovering
from charts.ledger import ChartKey
from charts.workers.crew import Crew
from charts.workers.orders import Order, Report

logger = logging.getLogger("charts")

# Seconds between looks at the jobs, when there is nothing to do; a quarter of the delay people wait for anyway.
POLL = 0.5
# Seconds until the database is asked again after it did not answer.
PATIENCE = 2.0


class Watcher:
    """Renders what becomes due until it is told to stop.

    Args:
        aliases: the databases to look into.
        crew: who renders.
        say: told of each event, as a dict.
    """

    def __init__(self, aliases: Iterable[str], crew: Crew, say: Callable[[dict[str, Any]], None]) -> None:
        self.aliases = list(aliases)
        self.crew = crew
        self.say = say
        self.at_work: set[ChartKey] = set()
        self.swept_at = float("-inf")
        self.is_over = threading.Event()

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Finish the charts in hand, and begin no more: what SIGTERM and Ctrl-C do."""
        self.is_over.set()

    def run(self) -> None:
        """Watch until stopped."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        self.say({"event": "started", "size": self.crew.size, "databases": self.aliases})
        is_new = True
        while not self.is_over.is_set():
            try:
                if is_new:
                    self.mark_changed_recipes()
                    is_new = False
                self.look()
            except (OperationalError, InterfaceError) as error:  # a database that restarts is there again later
                self.say({"event": "database", "error": str(error).strip()})
                close_old_connections()
                self.is_over.wait(PATIENCE)
        while not self.crew.is_idle:
            self.take_reports(None)
        self.say({"event": "stopped"})

    def look(self) -> None:
        """Sweep if it is time, begin what is due, and wait for a report or a moment."""
        close_old_connections()
        if time.monotonic() - self.swept_at >= config().lease / 2:
            self.sweep()
        began = sum(self.begin(alias) for alias in self.aliases)
        if self.crew.is_idle:
            self.is_over.wait(POLL)
        else:
            self.take_reports(0.05 if began or not self.crew.room else POLL)

    def mark_changed_recipes(self) -> None:
        """Have charts drawn anew, or tried again, whose class has changed since: this is a new release's worker."""
        with dispatch.held():
            for alias in self.aliases:
                sweeping.mark_changed_recipes(alias, sweeping.models_in(alias))

    def sweep(self) -> None:
        """Bring back what was lost on the way."""
        self.swept_at = time.monotonic()
        with dispatch.held():
            for alias in self.aliases:
                sweeping.sweep(alias)

    def begin(self, alias: str) -> int:
        """Give due charts to children that have nothing to do; return how many."""
        if not self.crew.room:
            return 0
        keys = self.due(alias)
        if len(keys) < self.crew.room and dispatch.feed(alias):
            keys = self.due(alias)
        for key in keys:
            self.at_work.add(key)
            self.crew.begin(Order(key=key, early=False))
        return len(keys)

    def due(self, alias: str) -> list[ChartKey]:
        """Return due charts that nobody is at, as many as children have nothing to do."""
        # As many more as are in hand: their jobs may still be due when they are asked for.
        due = recovering.due_now(alias, limit=self.crew.room + len(self.at_work))
        return [key for key in due if key not in self.at_work][: self.crew.room]

    def take_reports(self, patience: float | None) -> None:
        """Tell of the charts that are done."""
        for report in self.crew.reports(patience):
            self.at_work.discard(report.key)
            if report.status not in {"elsewhere", "waiting"}:
                self.say(event_of(report))


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
        return f"The database does not answer: {event['error']}"
    return {"started": "Watching. Ctrl-C finishes the charts in hand.", "stopped": "Stopped."}[event["event"]]


def json_line(event: dict[str, Any]) -> str:
    """Return an event as a line for machines."""
    return json.dumps(event, ensure_ascii=False)
