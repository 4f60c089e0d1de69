"""Brings the stations, what they observed and a chart of each kind; what is there already stays as it is."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from charts.watches import source_changed
from weather.models import CHARTS, CITIES, Observation, Station

DATA = Path(__file__).resolve().parents[2] / "data" / "weather.csv"
STATIONS = {
    "Seattle": {"slug": "seattle", "place": "Washington State", "latitude": 47.61, "longitude": -122.33},
    "New York": {"slug": "new-york", "place": "New York State", "latitude": 40.71, "longitude": -74.01},
}
MEASURES = ("temp_max", "temp_min", "precipitation", "wind")
OBSERVED = (*MEASURES, "weather")


class Command(BaseCommand):
    """Load the demo's weather, once."""

    help = "Loads two stations, their daily observations of 2012 to 2015 (NOAA) and a chart of each kind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="put changed days back to what was observed")

    def handle(self, *, reset: bool, **options: Any) -> None:
        with transaction.atomic():
            made = load_observations(reset=reset)
            charts = sum(make_charts(model) for model in CHARTS) + sum(make_chart(model) for model in CITIES)
        there = Observation.objects.count()
        self.stdout.write(f"{there:,} observations ({made:,} loaded now), {charts} new charts.")


def load_observations(*, reset: bool) -> int:
    """Load the days of each station that has none, or of all with `reset`; return how many were written.

    Rows come in bulk and so without signals: thousands of saves would each look for charts to mark, and a new
    station would have its charts drawn before it has observations.
    """
    there = Station.objects.filter(name__in=STATIONS).values_list("name", flat=True)
    Station.objects.bulk_create(Station(name=name, **facts) for name, facts in STATIONS.items() if name not in there)
    stations = Station.objects.filter(name__in=STATIONS)
    wanted = {place.name: place for place in stations if reset or not place.observations.exists()}
    rows = [observation(wanted[row["location"]], row) for row in read() if row["location"] in wanted]
    Observation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=("station", "date"), update_fields=OBSERVED
    )
    if rows:
        source_changed(Observation.objects.filter(station__in=wanted.values()))
    return len(rows)


def read() -> list[dict[str, str]]:
    """Read the file's rows."""
    with DATA.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def observation(station: Station, row: dict[str, str]) -> Observation:
    """Make one day of a row of the file."""
    measured = {name: float(row[name]) for name in MEASURES}
    return Observation(station=station, date=row["date"], weather=row["weather"], **measured)


def make_charts(model: Any) -> int:
    """Make the charts that stations lack; `render_charts` draws them, or the first page that shows them."""
    lacking = Station.objects.exclude(pk__in=model.objects.values("station"))
    return len(model.objects.bulk_create([model(station=station) for station in lacking]))


def make_chart(model: Any) -> int:
    """Make the one chart of a kind that shows all stations, if it is not there."""
    return 0 if model.objects.exists() else len(model.objects.bulk_create([model()]))
