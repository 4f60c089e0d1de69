"""The saves that `saves` times, in a process of their world."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from benchmarks.models import Plain, Sale, SalesByDay, SalesByHour
from charts.freshness import marks
from charts.ledger import Mark

# Each kind of save, and the one it is compared with.
BASES = {
    "marks": "plain",
    "marks, applied": "plain",
    "marked before": "plain, again",
    "marked before, another row": "plain, again",
}
SERIES = 50


def contenders(count: int) -> dict[str, Callable[[], object]]:
    """Return what is timed, by name: `count` saves of each kind."""
    for series in range(SERIES):
        SalesByDay.objects.create(series=series)
        SalesByHour.objects.create(series=series)
    # As many rows of each kind; the first series has enough for a round of saves.
    for model in (Plain, Sale):
        model.objects.bulk_create([model(series=series) for series in (*range(SERIES), *[0] * count)])
    plain, sales = list(Plain.objects.order_by("pk")), list(Sale.objects.order_by("pk"))
    return {
        "plain": lambda: one_by_one(plain, count),
        "marks": lambda: marks_only(sales, count),
        "forgotten": lambda: Mark.objects.all().delete(),
        "marks, applied": lambda: one_by_one(sales, count),
        "plain, again": lambda: at_once(plain[:1], count),
        "marked before": lambda: at_once(sales[:1], count),
        "marked before, another row": lambda: at_once(sales[SERIES:], count),
    }


def one_by_one(rows: list[Any], count: int) -> None:
    """Save rows, each in a transaction of its own."""
    for number in range(count):
        row = rows[number % SERIES]
        row.value += 1
        with transaction.atomic():
            row.save()


def at_once(rows: list[Any], count: int) -> None:
    """Save rows in one transaction."""
    with transaction.atomic():
        for number in range(count):
            row = rows[number % len(rows)]
            row.value += 1
            row.save()


def marks_only(rows: list[Any], count: int) -> None:
    """Save rows as writers do that die right after their commit."""
    with unapplied():
        one_by_one(rows, count)


@contextmanager
def unapplied() -> Iterator[None]:
    """Apply no marks in a block."""
    known = list(marks._committed)
    marks._committed.clear()
    try:
        yield
    finally:
        marks._committed[:] = known
