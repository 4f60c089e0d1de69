"""The overview: figures that agree with the lists, of what a person may see, at a price that does not grow."""

import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from charts.clock import DatabaseTime
from charts.ledger import Job, LooseFile, Mark
from tests import staff
from tests.shop.models import Answer, MonthlyRevenue, Region, Scripted, Survey

STATES = ("fresh", "stale", "rendering", "failed", "never")
LIST = "/admin/shop/scripted/"


@pytest.fixture
def charts(database: str, settings: Any) -> None:
    """Charts in every state: five fresh, four stale, three being rendered, two failed, one without a picture."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    for number, state in enumerate(STATES):
        for _ in range(5 - number):
            _make(state)
    MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))


def _make(state: str) -> None:
    """Write the rows of a chart in a state, without drawing it."""
    image = "" if state == "never" else "charts/shop/scripted/1-0-k.png"
    versions = {"data_version": 2 if state in {"stale", "never"} else 1, "image_version": 1}
    chart = Scripted(name=f"a {state} one", image=image, **versions)
    Scripted.objects.bulk_create([chart])
    job = Job(chart_model="shop.scripted", chart_pk=str(chart.pk), finished_at=DatabaseTime(-9000), duration=0.5)
    if state == "stale":
        job.stale_since = DatabaseTime(-60 * chart.pk)
    if state == "rendering":
        job.leased_until, job.duration = DatabaseTime(600), 9.5
    if state == "failed":
        sentence = "shop.Scripted 1 could not be rendered: when draw() drew it, ZeroDivisionError: division by zero"
        job.error, job.attempts, job.failed_at = f"{sentence}\n\nTraceback", chart.pk, DatabaseTime()
    job.save()


def overview(client: Client, **query: Any) -> str:
    response = client.get(reverse("admin:charts_overview"), query)
    assert response.status_code == 200
    return str(response.content.decode())


def cells(html: str, name: str) -> list[str]:
    """Return what a row of the table says: all, by state, loose files."""
    row = re.search(rf'<th scope="row">(?:<a [^>]*>)?{name}.*?</tr>', html, re.DOTALL)
    assert row, html
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'<td class="charts-number">(.*?)</td>', row[0])]


def marks_in(html: str) -> int:
    found = re.search(r"Changes not looked at yet.*?(\d+)", html, re.DOTALL)
    assert found, html
    return int(found[1])


def test_figures_agree_with_the_lists(charts: None, database: str) -> None:
    boss = staff.boss()
    html = overview(boss)
    assert cells(html, "Scripteds")[:6] == ["15", "5", "4", "3", "2", "1"]
    assert cells(html, "Monthly revenues")[:6] == ["1", "0", "0", "0", "0", "1"]
    assert cells(html, "Together")[:6] == ["16", "5", "4", "3", "2", "2"]
    for number, state in enumerate(STATES):
        listed = boss.get(LIST, {"chart_state": state}).content.decode()
        assert listed.count(f'"charts-state charts-{state}"') == 5 - number
        assert listed.count("charts-state ") == 5 - number
        assert f'href="{LIST}?chart_state={state}"' in html


def test_charts_that_want_a_look_are_named_and_linked(charts: None, database: str) -> None:
    html = overview(staff.boss())
    oldest, failing, slowest = (
        html.partition(title)[2].partition("</table>")[0]
        for title in ("Stale for the longest", "Failing the most", "Slowest to render")
    )
    stale = [chart.pk for chart in Scripted.objects.filter(name="a stale one").order_by("-pk")]
    assert [int(pk) for pk in re.findall(r"/scripted/(\d+)/change/", oldest)][:4] == stale
    failed = [chart.pk for chart in Scripted.objects.filter(name="a failed one").order_by("-pk")]
    assert [int(pk) for pk in re.findall(r"/scripted/(\d+)/change/", failing)] == failed
    assert "ZeroDivisionError: division by zero" in failing
    assert slowest.count("a rendering one") == 3
    assert "9.5\N{NO-BREAK SPACE}s" in slowest


def test_it_costs_the_same_for_any_number_of_charts(charts: None, database: str) -> None:
    boss = staff.boss()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connections[database]) as queries:
            overview(boss)
        counts.append(len(queries))
        Scripted.objects.bulk_create([Scripted() for _ in range(200)])
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_files_marks_and_sizes_are_told(settings: Any) -> None:
    boss = staff.boss()
    chart = Scripted.objects.create()
    chart.render()
    LooseFile.objects.create(model="shop.scripted", field="image", picture="a", name="a", delete_at="2026-01-01T00:00Z")
    LooseFile.objects.create(model="gone.model", field="image", picture="b", name="b", delete_at="2026-01-01T00:00Z")
    Mark.objects.all().delete()
    html = overview(boss)
    assert cells(html, "Scripteds") == ["1", "1", "0", "0", "0", "0", "1"]
    assert "?measure=1" in html
    assert "<dt>Files of pictures</dt><dd>1</dd>" in html
    measured = overview(boss, measure=1)
    assert "reckoned from the files of 1 chart" in measured
    assert "?measure=1" not in measured
    Scripted.objects.get().image.storage.delete(chart.image.name)
    assert "1 file could not be read" in overview(boss, measure=1)


@pytest.mark.django_db
def test_only_what_a_person_may_see_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    _make("failed")
    _make("never")
    MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))
    clerk = staff.clerk("view_scripted")
    html = overview(clerk)
    assert "Monthly revenues" not in html.partition('id="content"')[2]
    assert cells(html, "Scripteds")[:6] == ["2", "0", "0", "0", "1", "1"]
    assert "a failed one" in html
    assert "ZeroDivisionError" not in html  # that takes the permission to change
    get_queryset = "tests.shop.admin.ScriptedAdmin.get_queryset"
    for chart in Scripted.objects.all():
        Mark.objects.create(batch="b", chart_model="shop.scripted", chart_pk=str(chart.pk), created_at=DatabaseTime())
    LooseFile.objects.create(model="shop.scripted", field="image", picture="a", name="a", delete_at="2026-01-01T00:00Z")
    assert (cells(html, "Scripteds")[6], marks_in(html)) == ("0", 0)
    html = overview(clerk)
    assert (cells(html, "Scripteds")[6], marks_in(html)) == ("1", 2)
    monkeypatch.setattr(get_queryset, lambda self, request: Scripted.objects.filter(name="a never one"), raising=False)
    html = overview(clerk)
    assert cells(html, "Scripteds") == ["1", "0", "0", "0", "0", "1", "-"]
    assert marks_in(html) == 1
    assert "a failed one" not in html


@pytest.mark.django_db
def test_charts_that_a_queryset_holds_thrice_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = Survey.objects.create(name="of three answers")
    for value in range(3):
        Answer.objects.create(survey=survey, value=value)
    get_queryset = "tests.shop.admin.SurveyAdmin.get_queryset"
    joined = Survey.objects.filter(answer__value__gte=0)
    monkeypatch.setattr(get_queryset, lambda self, request: joined, raising=False)
    html = overview(staff.boss())
    assert cells(html, "Surveys")[0] == "1"
    assert html.count("of three answers</a>") <= 1


@pytest.mark.django_db
def test_it_is_for_staff_who_may_see_a_chart_and_linked_for_them() -> None:
    boss = staff.boss()
    address = reverse("admin:charts_overview")
    assert f'href="{address}"' in boss.get(LIST).content.decode()
    assert boss.post(address).status_code == 405
    assert staff.clerk("view_region").get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_a_chart_that_cannot_say_its_name_does_not_break_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _make("failed")
    monkeypatch.setattr(Scripted, "__str__", lambda self: 1 / 0)
    assert f"shop.Scripted {Scripted.objects.get().pk}" in overview(staff.boss())
