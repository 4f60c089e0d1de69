"""The figures of all charts, and the command that prints them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from charts import sweeping
from charts.clock import DatabaseTime
from charts.exceptions import RenderError
from charts.freshness import jobs
from charts.ledger import Job, Mark
from charts.statistics import quantile, statistics
from tests.shop.models import Scripted
from tests.tools import key_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def charts(database: str, settings: Any, script: dict[str, Any]) -> None:
    """One fresh chart, one stale, one failed, one being rendered; the last two have no picture."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    script["get_data"] = lambda chart: 1 / 0 if chart.name == "failed" else 1
    for name in ("fresh", "stale", "failed", "rendering"):
        chart = Scripted.objects.create(name=name)
        if name in {"fresh", "stale"}:
            chart.render()
        if name == "failed":
            with pytest.raises(RenderError):
                chart.render()
    Scripted.objects.filter(name="stale").update(data_version=99)
    jobs.make_due([key_of(Scripted.objects.get(name="stale"))], 0)
    Job.objects.filter(chart_pk=str(Scripted.objects.get(name="rendering").pk)).update(leased_until=DatabaseTime(60))


def status(*arguments: str, database: str) -> tuple[str, str]:
    out = StringIO()
    try:
        call_command("chart_status", *arguments, database=database, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_charts_are_counted_by_state(charts: None, database: str) -> None:
    found = statistics(database, [Scripted])
    assert (found.charts, found.fresh, found.stale) == (4, 1, 3)
    assert (found.failed, found.rendering, found.never_rendered) == (1, 1, 2)
    assert found.median_render is not None
    assert found.renders_per_minute == 2 * 60 / 300


def test_counting_costs_the_same_for_any_number_of_charts(charts: None, database: str) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connections[database]) as queries:
            statistics(database, [Scripted])
        counts.append(len(queries))
        Scripted.objects.bulk_create([Scripted() for _ in range(50)])
    assert counts[0] == counts[1] <= 8


def test_how_long_the_oldest_has_waited_is_told(charts: None, database: str) -> None:
    Job.objects.filter(due_at__isnull=False).update(stale_since=DatabaseTime(-1000))
    assert statistics(database, [Scripted]).oldest_stale == pytest.approx(1000, abs=60)
    Scripted.objects.all().delete()
    assert statistics(database, [Scripted]).oldest_stale == 0


def test_a_change_that_nobody_looks_at_waits_too(charts: None, database: str) -> None:
    Job.objects.all().delete()
    for ago, label in ((500, "shop.scripted"), (900, "shop.fromtomorrow")):
        Mark.objects.create(batch="lost", chart_model=label, chart_pk="1", created_at=DatabaseTime(-ago))
    found = statistics(database, [Scripted])
    assert (found.oldest_stale, found.unapplied_marks) == (pytest.approx(500, abs=60), 2)


def test_stale_charts_without_a_job_are_counted(charts: None, database: str) -> None:
    assert statistics(database, [Scripted]).unnoticed == 0
    Scripted.objects.bulk_create([Scripted() for _ in range(3)])
    assert statistics(database, [Scripted]).unnoticed == 3
    sweeping.sweep(database)
    assert statistics(database, [Scripted]).unnoticed == 0


def test_one_that_a_person_has_drawn_anew_is_at_work(charts: None, database: str, script: dict[str, Any]) -> None:
    seen = []
    script["get_data"] = lambda chart: seen.append(statistics(database, [Scripted]))
    Scripted.objects.get(name="fresh").render(force=True)
    assert [(found.unnoticed, found.rendering) for found in seen] == [(0, 2)]


def test_a_chart_that_becomes_fresh_waits_no_more(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Scripted.objects.create()
    assert Job.objects.get().stale_since is not None
    chart.render()
    assert Job.objects.get().stale_since is None


def test_the_command_prints_and_fails_where_monitoring_should_know(charts: None, database: str) -> None:
    out, error = status(database=database)
    assert "4 charts\n" in out
    assert "1 failed\n" in out
    assert error == "1 chart has failed."
    Job.objects.update(error="", stale_since=DatabaseTime(-1000))
    assert "stale for 1" in status("--max-age", "5m", database=database)[1]
    assert status("--max-age", "1h", database=database)[1] == ""
    Scripted.objects.bulk_create([Scripted()])
    assert "1 chart is stale without a job" in status("--max-age", "1h", database=database)[1]
    Job.objects.update(error="broken")
    Scripted.objects.bulk_create([Scripted()])
    error = status("--max-age", "1h", database=database)[1]
    assert error.startswith("4 charts have failed. 2 charts are stale without a job")


def test_the_command_writes_json(charts: None, database: str) -> None:
    out, _ = status("--json", database=database)
    assert json.loads(out)[database]["stale"] == 3


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert quantile([], 0.5) is None
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert quantile([float(number) for number in range(1, 101)], 0.95) == 95.0
