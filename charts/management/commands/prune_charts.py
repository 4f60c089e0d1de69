"""`manage.py prune_charts`: delete files that no row names."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from charts import files, scanning
from charts.conf import config
from charts.ledger import LooseFile
from charts.management import choosing

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DAY = 86400


def seconds(span: object) -> float:
    """Return the seconds of a span: `90s`, `15m`, `24h`, `7d`, a number of seconds, or a timedelta.

    Raises:
        CommandError: it is none.
    """
    if isinstance(span, timedelta) and span >= timedelta(0):
        return span.total_seconds()
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", str(span).strip(), re.ASCII)
    if not match:
        raise CommandError(f"{span!r} is no span of time; write 90s, 15m, 24h or 7d.")
    return float(match[1]) * UNITS[match[2] or "s"]


class Command(BaseCommand):
    """Delete loose files past their grace; exit with 1 if a storage did not let go of one."""

    help = (
        "Delete loose files: those of our own that no row names, not yet or no more. Rendering deletes them too; this "
        "is for what a crash or a failing storage has left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--grace",
            metavar="SPAN",
            help="Delete what was replaced so long ago, whatever KEEP_OLD_FILES says: 90s, 15m, 24h, 7d, or 0 for all. "
            "By default, what is past its time by 24h.",
        )
        add("--dry-run", action="store_true", help="Only list what would be deleted.")
        add(
            "--scan", action="store_true", help="Also list the storage for files that neither a row nor a ledger knows."
        )
        add("--database", choices=tuple(connections), help="Only files of charts there. By default, of all.")

    def handle(self, *args: str, **options: Any) -> None:
        grace = None if options["grace"] is None else seconds(options["grace"])
        dry, verbosity = options["dry_run"], options["verbosity"]
        aliases = list(choosing.homes(options["database"]))
        deleted: dict[str, None] = {}
        with choosing.migrated(options["database"]):
            for name in self.names(aliases, grace, dry=dry, scan=options["scan"]):
                if name not in deleted and (dry or verbosity > 1):
                    self.stdout.write(name)
                deleted[name] = None
            problems = list(_problems(aliases, scan=options["scan"]))
        if verbosity:
            self.stdout.write(f"{_files(len(deleted))} {'would be ' if dry else ''}deleted.")
        if problems:
            raise CommandError("\n".join(problems))

    def names(self, aliases: list[str], grace: float | None, *, dry: bool, scan: bool) -> Iterator[str]:
        """Yield the name of each file that is, or would be, deleted.

        Args:
            aliases: the databases whose charts' files are looked at.
            grace: seconds since they were replaced; None: they are past their time by a day.
            dry: whether they are only looked for.
            scan: whether the storage is looked through too.
        """
        kept = 0 if grace is None else config().keep_old_files
        left = (DAY if grace is None else grace) - kept
        late, early = max(left, 0), max(-left, 0)
        for using in aliases:
            rows = _doomed(using, late, early) if dry else files.prune(using, late, early=early)
            yield from (row.name for row in rows)
            if scan:
                yield from scanning.scan(using, DAY if grace is None else grace, delete=not dry)


def _doomed(using: str, late: float, early: float) -> Iterator[LooseFile]:
    """Yield the rows of files that pruning would delete; it keeps those that a row names nonetheless."""
    rows = files.due(using, late, early=early)
    shelves = {files.Shelf(row.model, row.field) for row in rows}
    named: dict[files.Shelf, set[str]] = {}
    for shelf in shelves:
        # Without its model or field there is no way to the storage.
        with suppress(LookupError, FieldDoesNotExist):
            named[shelf] = files.named_pictures(using, shelf, [row.picture for row in rows])
    for row in rows:
        shelf = files.Shelf(row.model, row.field)
        if shelf in named and row.picture not in named[shelf]:
            yield row


def _problems(aliases: list[str], *, scan: bool) -> Iterator[str]:
    """Yield a sentence for what is left, and for what could not be looked through."""
    for using in aliases:
        if left := files.stuck(using).count():
            yield f"{_files(left)} could not be deleted and will be tried again; the log says why."
        if scan:
            yield from scanning.unlistable(using)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
