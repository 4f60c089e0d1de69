"""`manage.py chart_status`: the figures of all charts, for people, machines and monitoring."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from charts.management import choosing
from charts.management.commands.prune_charts import seconds
from charts.models import ChartModel
from charts.statistics import Statistics, statistics

WORDS = {
    "charts": "charts",
    "fresh": "fresh",
    "stale": "stale",
    "unnoticed": "of them without a job",
    "rendering": "being rendered",
    "failed": "failed",
    "never_rendered": "never rendered",
    "unapplied_marks": "changes not looked at yet",
    "loose_files": "loose files",
}


class Command(BaseCommand):
    """Say how the charts are; exit with 1 if something is wrong."""

    help = (
        "Print how many charts are fresh, stale and failed, how long the oldest has waited, and what a render takes. "
        "The exit code is 1 if a chart has failed, has been stale for longer than --max-age, or is stale without a job."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Write one JSON object by database.")
        parser.add_argument("--max-age", default="10m", metavar="SPAN", help="How long a chart may be stale (10m).")
        parser.add_argument("--database", choices=tuple(connections), help="Only charts there.")

    def handle(self, *args: str, **options: Any) -> None:
        limit = seconds(options["max_age"])
        with choosing.migrated(options["database"]):
            found = {alias: statistics(alias, models) for alias, models in _homes(options["database"]).items()}
        if options["json"]:
            self.stdout.write(json.dumps({alias: figures.as_dict() for alias, figures in found.items()}))
        else:
            for alias, figures in found.items():
                self.show(alias if len(found) > 1 else "", figures)
        problems = [problem for figures in found.values() for problem in _problems(figures, limit)]
        if problems:
            raise CommandError(" ".join(problems), returncode=1)

    def show(self, alias: str, figures: Statistics) -> None:
        """Write the figures as a table."""
        if alias:
            self.stdout.write(f"{alias}:")
        for name, word in WORDS.items():
            self.stdout.write(f"{getattr(figures, name):>9,} {word}")
        self.stdout.write(f"{figures.oldest_stale:>8.0f}s since the oldest became stale")
        self.stdout.write(f"{figures.renders_per_minute:>9.1f} renders a minute")
        if figures.median_render is not None and figures.p95_render is not None:
            median, slow = figures.median_render * 1e3, figures.p95_render * 1e3
            self.stdout.write(f"{median:>7.0f}ms median render, {slow:.0f} ms at the 95th percentile")


def _homes(database: str | None) -> dict[str, list[Any]]:
    homes = choosing.homes(database)
    return {
        alias: [model for model in models if issubclass(model, ChartModel)]
        for alias, models in homes.items()
        if any(issubclass(model, ChartModel) for model in models)
    }


def _problems(figures: Statistics, limit: float) -> list[str]:
    found = []
    if figures.failed:
        found.append("1 chart has failed." if figures.failed == 1 else f"{figures.failed} charts have failed.")
    if figures.oldest_stale > limit:
        found.append(f"A chart has been stale for {figures.oldest_stale:.0f} s.")
    if figures.unnoticed:  # it may be for longer than any limit, and where a sweep runs it is for no longer than that
        which = "1 chart is" if figures.unnoticed == 1 else f"{figures.unnoticed} charts are"
        found.append(f"{which} stale without a job, nobody knows since when: the next sweep finds what is.")
    return found
