"""`manage.py prune_charts`: delete files that no row names."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from charts import files, scanning

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """Read a span: `90s`, `15m`, `24h`, `7d`, or a number of seconds.

    Raises:
        CommandError: it is none.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if not match:
        raise CommandError(f"{text!r} is no span; write 90s, 15m, 24h or 7d.")
    return float(match[1]) * UNITS[match[2] or "s"]


class Command(BaseCommand):
    """Delete loose files past their grace."""

    help = "Delete loose files: those of our own that no row names, not yet or no more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grace", default="24h", help="How long past their time files stay (default: 24h).")
        parser.add_argument("--dry-run", action="store_true", help="Only list what would be deleted.")
        parser.add_argument("--scan", action="store_true", help="Also list the storage for files nobody knows.")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="Alias of the charts' database.")

    def handle(self, *args: str, **options: Any) -> None:
        using, grace, dry = options["database"], seconds(options["grace"]), options["dry_run"]
        count = 0
        for row in files.due(using, grace) if dry else files.prune(using, grace):
            self.stdout.write(row.name)
            count += 1
        if options["scan"]:
            for name in scanning.scan(using, grace, delete=not dry):
                self.stdout.write(name)
                count += 1
        self.stdout.write(f"{count} files {'would be' if dry else 'were'} deleted.")
