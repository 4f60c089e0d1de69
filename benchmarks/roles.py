"""What processes of a world do: `python -m benchmarks.roles NAME …`, printing JSON."""

import json
import sys
import time
from typing import Any

from django.conf import settings


def make(charts: str) -> None:
    """Make series of readings, with a chart each."""
    from benchmarks.models import Reading, Trend

    for series in range(int(charts)):
        Reading.objects.create(series=series)
        Trend.objects.create(series=series)


def save(count: str, first: str, charts: str, at_once: str) -> None:
    """Save readings, one after the other over the series; `at_once` in one transaction each."""
    from django.db import transaction

    from benchmarks.models import Reading

    rows = list(Reading.objects.order_by("series")[: int(charts)])
    started, size = time.monotonic(), int(at_once)
    for begin in range(0, int(count), size):
        with transaction.atomic() if size > 1 else _nothing():
            for number in range(begin, begin + size):
                row = rows[number % len(rows)]
                row.value = int(first) + number
                row.save()
    print(json.dumps(time.monotonic() - started))


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def short_transactions(count: str, series: str) -> None:
    """Write, then read, then write again, in short transactions; print how many were locked out."""
    from django.db import OperationalError, transaction

    from benchmarks.models import Reading

    locked = 0
    for number in range(int(count)):
        try:
            with transaction.atomic():
                row = Reading(pk=int(series) + 1, series=int(series), value=number)
                row.save(force_update=True)
                Reading.objects.filter(series__lt=number).count()
                row.save(force_update=True)
        except OperationalError:
            locked += 1
    print(locked)


def make_own(writers: str) -> None:
    """Give each writer rows of its own that match the first two charts."""
    from benchmarks.models import Reading

    for writer in range(int(writers)):
        for series in (0, 1):
            Reading.objects.create(pk=1000 + 2 * writer + series, series=series)


def make_many(charts: str) -> None:
    """Make charts at once, all of them stale."""
    from benchmarks.models import Reading, Trend

    numbers = range(int(charts))
    Reading.objects.bulk_create([Reading(series=number, value=number) for number in numbers])
    Trend.objects.bulk_create([Trend(series=number) for number in numbers])


def hold(writer: str, count: str) -> None:
    """Touch both charts in transactions held open, in one order or the other; print times and errors."""
    from django.db import DatabaseError, transaction

    from benchmarks.models import Reading

    rows = [Reading.objects.get(pk=1000 + 2 * int(writer) + series) for series in (0, 1)]
    if int(writer) % 2:
        rows.reverse()
    seconds, errors = [], 0
    for number in range(int(count)):
        started = time.monotonic()
        try:
            with transaction.atomic():
                for row in rows:
                    row.value = number
                    row.save()
                    time.sleep(0.1)
        except DatabaseError:
            errors += 1
        seconds.append(time.monotonic() - started)
    print(json.dumps({"seconds": seconds, "errors": errors}))


def saves(rounds: str, count: str) -> None:
    """Time saves with a watch and without; print (kind of save, seconds without, seconds with)."""
    from benchmarks import measuring, saving

    timed = measuring.interleaved(saving.contenders(int(count)), int(rounds))
    print(json.dumps([[kind, timed[base], timed[kind]] for kind, base in saving.BASES.items()]))


def read() -> None:
    """Read every chart's file over and over until told to stop; print how many reads there were, how many failed."""
    from PIL import Image

    from benchmarks.models import Trend

    reads = failed = 0
    while not (settings.FOLDER / "stop").exists():
        for chart in Trend.objects.all():
            try:
                with chart.image.variant().open() as file, Image.open(file) as image:
                    image.load()
            except (OSError, ValueError):
                failed += 1
            reads += 1
    print(reads, failed)


def set_value(value: str) -> None:
    """Change the data of the first chart."""
    from benchmarks.models import Reading

    row = Reading.objects.get(series=0)
    row.value = int(value)
    row.save()


def work(how: str = "") -> None:
    """Do what a worker does with a hint for the first chart; `again`: after the lease of another is over."""
    from benchmarks.models import Trend
    from charts import dispatch
    from charts.clock import DatabaseTime
    from charts.ledger import ChartKey, Job

    if how == "again":
        Job.objects.filter(leased_until__isnull=False).update(leased_until=DatabaseTime(-1))
    result = dispatch.run(ChartKey.of(Trend.objects.get(series=0)))
    print(json.dumps(result.status if result else ""))


def make_poison(good: str) -> None:
    """Make charts that do harm, and others, and have them drawn by whoever does that."""
    from benchmarks.models import Poison

    names = ["raises", "hangs", "dies", "eats", *(f"good {number}" for number in range(int(good)))]
    for name in names:
        Poison.objects.create(name=name)


def cure_data() -> None:
    """Change the data of the charts that do harm."""
    from benchmarks.models import Poison

    for chart in Poison.objects.exclude(name__startswith="good"):
        chart.name = f"good, {chart.name} no more"
        chart.save()


def poison_state() -> None:
    """Say of each chart whether it is fresh, how often it was tried, and why there is no picture."""
    from benchmarks.models import Poison

    found = {}
    for chart in Poison.objects.all():
        job = chart.job
        error = job.error.partition("\n")[0] if job else ""
        found[chart.name] = [not chart.is_stale, job.attempts if job else 0, error]
    print(json.dumps(found))


def send_all() -> None:
    """Send hints for all charts that wait."""
    from charts import dispatch, sweeping

    dispatch.dispatch("default", sweeping.sweep("default"))


def wait_until_fresh() -> None:
    """Look at the charts until none is stale."""
    from benchmarks.models import Trend

    while Trend.objects.stale().exists():
        time.sleep(0.3)


def look_for_waits() -> None:
    """Count the transactions that are seen waiting for a lock until told to stop."""
    from django.db import connection

    looks = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock'",
        "mysql": "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p "
        "ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE() AND t.trx_state = 'LOCK WAIT'",
    }
    seen = 0
    with connection.cursor() as cursor:
        while not (settings.FOLDER / "stop").exists():
            cursor.execute(looks[connection.vendor])
            seen += cursor.fetchone()[0]
            time.sleep(0.02)
    print(seen)


def state(how: str = "") -> None:
    """Say which charts are wrong or stale, how often was drawn, and which files are missing; `whole`: or partial."""
    from benchmarks.models import DRAWS, Reading, Trend
    from charts.management import verifying

    values = dict(Reading.objects.values_list("series", "value"))
    charts = list(Trend.objects.all())
    draws = settings.FOLDER / DRAWS
    shown = [chart for chart in charts if chart.image]
    if how == "whole":
        missing = [fault for chart in shown for fault in verifying.faults(chart)]
    else:
        images = [chart.image for chart in shown]
        missing = [name for image in images for name in image.all_names() if not image.storage.exists(name)]
    print(
        json.dumps(
            {
                "stale": sum(chart.is_stale for chart in charts),
                "wrong": [chart.series for chart in charts if chart.alt != str(values[chart.series])],
                "draws": draws.stat().st_size if draws.exists() else 0,
                "missing": missing,
            }
        )
    )


def sweep() -> None:
    """Render what is stale, also what the dead had in hand: leases and marks are taken for old."""
    from django.core.management import call_command

    from charts.clock import DatabaseTime
    from charts.ledger import Job, Mark

    Job.objects.filter(leased_until__isnull=False).update(leased_until=DatabaseTime(-1))
    Mark.objects.update(created_at=DatabaseTime(-3600))
    call_command("render_charts", verbosity=0)


def main() -> None:
    if settings.WORLD.get("broker"):
        import benchmarks.celery_app  # noqa: F401  (a project with a broker has its Celery app in every process)
    else:
        import django

        django.setup()
    known = (
        *(make, make_own, make_many, save, saves, short_transactions, hold, look_for_waits, read),
        *(set_value, work, make_poison, cure_data, poison_state, send_all, wait_until_fresh, state, sweep),
    )
    roles = {role.__name__: role for role in known}
    roles[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
