"""`manage.py render_charts`: bring charts up to date, with a progress bar."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from tqdm import tqdm

from charts.management import choosing
from charts.management.finding import Search, Task
from charts.management.rendering import Tally

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
        add("--database", choices=tuple(connections), help="Only charts there. By default, where the router has them.")

    def handle(self, *args: str, **options: Any) -> None:
        self.verbosity = options["verbosity"]
        tally = Tally()
        todo: list[Task] = []
        try:
            with choosing.migrated(options["database"]):
                todo = self.search(options, tally)
            if options["dry_run"]:
                self.show(todo)
            else:
                self.render(todo, tally)
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
            self.stdout.write(f"{task.key}: {task.reason}")
        self.stdout.write(f"{len(todo)} {'chart' if len(todo) == 1 else 'charts'} would be rendered.")

    def render(self, todo: list[Task], tally: Tally) -> None:
        """Render one after the other."""
        for task in self.bar(todo, "Rendering"):
            warned = len(tally.warnings)
            status = tally.do(task)
            self.say(f"{task.key}: {status}", above=1)
            for warning in tally.warnings[warned:]:
                self.say(f"  {warning}", above=1)
        self.say(f"{tally}." if tally.total else "Nothing to render.")

    def bar(self, items: list[T], word: str) -> Iterable[T]:
        """Wrap items in a progress bar, on a terminal; pipes and `--verbosity 0` get none."""
        quiet = True if self.verbosity == 0 or not items else None
        # Not stderr itself, which ends whatever is written to it with a new line.
        stream: Any = self.stderr._out
        bar: Iterable[T] = tqdm(items, desc=word, unit="chart", disable=quiet, file=stream, dynamic_ncols=True)
        return bar

    def say(self, text: str, above: int = 0) -> None:
        """Write a line if the verbosity is over `above`, beside a progress bar if there is one."""
        if self.verbosity > above:
            with tqdm.external_write_mode():
                self.stdout.write(text)


def _listed(failures: list[str]) -> str:
    more = len(failures) - LISTED
    return "\n".join([*failures[:LISTED], *([f"… and {more} more."] if more > 0 else [])])


def _stopped(tally: Tally, total: int) -> str:
    if not total:
        return "Stopped before the first chart was rendered; run it again to go on."
    so_far = f": {tally}" if tally.total else ""
    return f"Stopped after {tally.total} of {total} charts{so_far}. The others are as they were; run it again to go on."
