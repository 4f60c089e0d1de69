"""`manage.py render_charts`: bring charts up to date, with a progress bar."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Sized
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from tqdm import tqdm

from charts.management import choosing, finding, rendering
from charts.management.finding import Search, Task
from charts.management.rendering import Tally
from charts.management.watching import Watcher, json_line, line_of
from charts.workers.crew import Crew

T = TypeVar("T")

# How many failures are listed; the others are on their charts.
LISTED = 20
INTERRUPTED = 130  # what shells expect of a program that Ctrl-C has ended


class Command(BaseCommand):
    """Render what is stale; exit with 1 if a chart has failed."""

    help = (
        "Bring charts up to date: sweep, and render what is stale. A chart that cannot be rendered keeps its last good "
        "image, does not stop the others, and makes the exit code 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("charts", nargs="*", metavar="app[.Model[:pk]]", help="Only these charts. By default, all.")
        add("--force", action="store_true", help="Draw all of them anew, also what has not changed.")
        add("--failed", action="store_true", help="Only charts whose last render failed, however often it did.")
        add("--verify", action="store_true", help="Also redraw charts of whose files one is missing or broken.")
        add("--check-data", action="store_true", help="Also read the data of fresh charts, and redraw what differs.")
        add("--dry-run", action="store_true", help="Only list what would be rendered, and why.")
        add("--jobs", type=_count, metavar="N", help="Render N at a time in child processes, each with a time limit.")
        add("--timeout", type=float, metavar="S", help="Seconds for one chart with --jobs or --watch.")
        add("--watch", action="store_true", help="Go on: render what becomes stale until told to stop.")
        add("--json", action="store_true", help="With --watch, write a line of JSON for each event.")
        add("--database", choices=tuple(connections), help="Only charts there. By default, where the router has them.")

    def handle(self, *args: str, **options: Any) -> None:
        self.verbosity = options["verbosity"]
        if options["watch"] and options["dry_run"]:
            raise CommandError(
                "--watch renders what becomes stale, and --dry-run renders nothing: leave one of them out."
            )
        if options["timeout"] is not None and not 0 < options["timeout"] < float("inf"):
            raise CommandError(f"--timeout {options['timeout']:g} is no time limit; give seconds over 0.")
        if options["watch"]:
            self.watch(options)
            return
        tally = Tally()
        todo: list[Task] = []
        try:
            with choosing.migrated(options["database"]):
                todo = self.search(options, tally)
            if options["dry_run"]:
                self.show(todo)
            else:
                self.render(todo, tally, options)
        except KeyboardInterrupt:
            raise CommandError(_stopped(tally, len(todo)), returncode=INTERRUPTED) from None
        if tally.failures:
            raise CommandError(_listed(tally.failures), returncode=1)

    def search(self, options: dict[str, Any], tally: Tally) -> list[Task]:
        """Return what the options ask to be rendered."""
        wanted = {name: options[name] for name in ("force", "failed", "verify", "check_data", "dry_run")}
        choices = choosing.chosen(options["charts"], options["database"])
        search = Search(choices=choices, progress=self.bar, problems=tally.failures, **wanted)
        return search.tasks()

    def show(self, todo: list[Task]) -> None:
        """Say what would be rendered."""
        for task in todo:
            self.stdout.write(f"{task.key}: {task.reason}{', but waits after a failure' if task.waits else ''}")
        waiting = sum(task.waits for task in todo)
        count = len(todo) - waiting
        rest = f", {waiting} {rendering.WORDS['waiting']}" if waiting else ""
        self.stdout.write(f"{count} {'chart' if count == 1 else 'charts'} would be rendered{rest}.")

    def watch(self, options: dict[str, Any]) -> None:
        """Render what becomes due until SIGTERM or Ctrl-C."""
        aliases = dict.fromkeys(choice.using for choice in choosing.chosen([], options["database"]))
        as_line = json_line if options["json"] else line_of
        with choosing.migrated(options["database"]), Crew(options["jobs"] or 1, timeout=options["timeout"]) as crew:
            Watcher(aliases, crew, lambda event: self.tell(as_line(event))).run()

    def tell(self, line: str) -> None:
        """Write a line at once: whoever reads a worker's output reads it while the worker runs."""
        self.stdout.write(line)
        self.stdout.flush()

    def render(self, todo: list[Task], tally: Tally, options: dict[str, Any]) -> None:
        """Render what was found, and then what people have selected, slice by slice."""
        self.render_each(todo, tally, options["jobs"], options["timeout"])
        while not options["charts"] and (more := finding.fed(options["database"])):
            self.render_each(more, tally, options["jobs"], options["timeout"])
        self.say(f"{tally}." if tally.total else "Nothing to render.")

    def render_each(self, todo: list[Task], tally: Tally, size: int | None, timeout: float | None) -> None:
        """Render one after the other, or several at a time in children."""
        reports = rendering.in_children(todo, size, timeout) if size and todo else rendering.here(todo)
        for report in self.bar(reports, "Rendering", len(todo)):
            warned = len(tally.warnings)
            tally.take(report)
            self.say(f"{report.key}: {report.status}", above=1)
            for warning in tally.warnings[warned:]:
                self.say(f"  {warning}", above=1)

    def bar(self, items: Iterable[T], word: str, total: int | None = None) -> Iterable[T]:
        """Wrap items in a progress bar, on a terminal; pipes and `--verbosity 0` get none."""
        total = len(items) if isinstance(items, Sized) else total
        quiet = True if self.verbosity == 0 or not total else None
        # Not stderr itself, which ends whatever is written to it with a new line.
        stream: Any = self.stderr._out
        looks: dict[str, Any] = {"unit": "chart", "dynamic_ncols": True, "file": stream, "disable": quiet}
        bar: Iterable[T] = tqdm(items, desc=word, total=total, **looks)
        return bar

    def say(self, text: str, above: int = 0) -> None:
        """Write a line if the verbosity is over `above`, beside a progress bar if there is one."""
        if self.verbosity > above:
            with tqdm.external_write_mode():
                self.stdout.write(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number of processes; give 1 or more.")
    return int(text)


def _listed(failures: list[str]) -> str:
    more = len(failures) - LISTED
    return "\n".join([*failures[:LISTED], *([f"… and {more} more."] if more > 0 else [])])


def _stopped(tally: Tally, total: int) -> str:
    if not total:
        return "Stopped before the first chart was rendered; run it again to go on."
    so_far = f": {tally}" if tally.total else ""
    return f"Stopped after {tally.total} of {total} charts{so_far}. The others are as they were; run it again to go on."
