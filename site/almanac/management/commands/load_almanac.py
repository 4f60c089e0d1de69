"""Brings the long series and a picture of each; what is there already stays as it is."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import models, transaction

from almanac.models import CHARTS, CarbonDioxide, Employment, Generation, Sector

DATA = Path(__file__).resolve().parents[2] / "data"


class Command(BaseCommand):
    """Load the almanac's series, once."""

    help = "Loads carbon dioxide over Mauna Loa, jobs in the United States, electricity in Iowa, and a picture of each."

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            rows = sum(fill(model, made()) for model, made in SERIES.items())
            charts = sum(fill(model, [model()]) for model in CHARTS)
        self.stdout.write(f"{rows:,} rows of long series loaded now, {charts} new charts.")


def fill(model: type[models.Model], rows: Iterable[Any]) -> int:
    """Write rows of a model that has none, in bulk and so without signals; return how many."""
    manager = model._default_manager
    return 0 if manager.exists() else len(manager.bulk_create(rows))


def read(name: str) -> list[dict[str, str]]:
    """Read one file's rows."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def air() -> Iterator[CarbonDioxide]:
    """Make the months of carbon dioxide."""
    for row in read("co2-concentration.csv"):
        month, measured, adjusted = row["Date"], row["CO2"], row["adjusted CO2"]
        yield CarbonDioxide(month=month, measured=float(measured), adjusted=float(adjusted))


def jobs() -> Iterator[Employment]:
    """Make a row of each sector and month."""
    for row in read("us-employment.csv"):
        for sector in Sector.values:
            yield Employment(sector=sector, month=row["month"], thousands=float(row[sector]))


def power() -> Iterator[Generation]:
    """Make the years of electricity; a thousand megawatt-hours are a gigawatt-hour."""
    for row in read("iowa-electricity.csv"):
        year = date.fromisoformat(row["year"]).year
        yield Generation(year=year, source=row["source"], gigawatt_hours=float(row["net_generation"]))


SERIES = {CarbonDioxide: air, Employment: jobs, Generation: power}
