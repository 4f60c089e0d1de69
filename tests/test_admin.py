"""The changelist of charts: what is shown of each, to whom, and at what cost."""

from typing import Any

import pytest
from django.contrib.admin import ModelAdmin, SimpleListFilter, site
from django.contrib.auth.models import User
from django.core.files.storage import InMemoryStorage
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from charts.admin import ChartAdmin, ChartAdminMixin, StateFilter
from charts.clock import DatabaseTime
from charts.exceptions import RenderError
from charts.ledger import Job, Mark
from tests import staff
from tests.shop.models import MonthlyRevenue, Region, Scripted

pytestmark = pytest.mark.django_db
LIST = "/admin/shop/scripted/"


def html_of(client: Client, path: str = LIST, **query: Any) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    return str(response.content.decode())


def drawn(**values: Any) -> Scripted:
    """Return a chart with a picture."""
    chart = Scripted.objects.create(**values)
    chart.render()
    return Scripted.objects.get(pk=chart.pk)


def failed(script: dict[str, Any], **values: Any) -> Scripted:
    """Return a chart with a picture whose last render has failed."""
    chart = drawn(**values)
    script["draw"] = _raise
    with pytest.raises(RenderError):
        chart.render(force=True)
    del script["draw"]
    return chart


def _raise(*args: Any) -> None:
    raise ZeroDivisionError("division by zero")


# What is shown


def test_the_list_shows_pictures_and_states(boss: Client, script: dict[str, Any]) -> None:
    bad = failed(script, name="bad")
    html = html_of(boss)
    assert bad.image.url in html  # the last good image, from its storage
    assert "Failed</span>" in html
    assert "When draw() drew it (image, light), ZeroDivisionError: division by zero" in html
    assert "Traceback" not in html


def test_a_picture_has_its_size_before_it_is_there(boss: Client) -> None:
    MonthlyRevenue.objects.create(region=Region.objects.create(name="North")).render()
    html = html_of(boss, "/admin/shop/monthlyrevenue/")
    assert html.count('width="128" height="72"') == 3  # light and dark as the admin's theme is, and for paper
    assert 'loading="lazy"' in html
    assert "charts/charts.css" in html


def test_the_list_says_since_when_a_chart_is_stale_and_what_its_last_render_took(boss: Client) -> None:
    drawn()
    Scripted.objects.update(data_version=99)
    Job.objects.update(duration=1.25, stale_since="2026-01-02T03:04:05Z")
    html = html_of(boss)
    assert "Stale</span>" in html
    assert 'since <time datetime="2026-01-02T03:04:05+00:00">' in html
    assert "1.2\N{NO-BREAK SPACE}s" in html or "1.3\N{NO-BREAK SPACE}s" in html


@pytest.mark.parametrize("state", ["fresh", "stale", "rendering", "failed", "never"])
def test_the_list_can_be_filtered_by_state(boss: Client, state: str, script: dict[str, Any]) -> None:
    drawn(name="of-fresh")
    Scripted.objects.create(name="of-never")
    drawn(name="of-stale")
    Scripted.objects.filter(name="of-stale").update(data_version=99)
    busy = drawn(name="of-rendering")
    Job.objects.filter(chart_pk=str(busy.pk)).update(leased_until=DatabaseTime(60))
    failed(script, name="of-failed")
    html = html_of(boss, chart_state=state)
    shown = [name for name in ("fresh", "stale", "rendering", "failed", "never") if f">of-{name}<" in html]
    assert shown == [state]
    assert f'class="charts-state charts-{state}"' in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"chart_waiting": "hour"}, ["two hours", "two days"]),
        ({"chart_waiting": "day"}, ["two days"]),
        ({"chart_rendered": "hour"}, ["fresh"]),
        ({"chart_rendered": "week"}, ["fresh", "two hours", "two days"]),
        ({"chart_rendered": "older"}, []),
        ({"chart_waiting": "nonsense"}, ["fresh", "two hours", "two days"]),
    ],
)
def test_the_list_can_be_filtered_by_age(boss: Client, query: Any, shown: list[str]) -> None:
    for name, age in {"fresh": 0, "two hours": 7_200, "two days": 172_800}.items():
        chart = drawn(name=name)
        if age:
            Scripted.objects.filter(pk=chart.pk).update(data_version=99, rendered_at=DatabaseTime(-age))
            Job.objects.filter(chart_pk=str(chart.pk)).update(stale_since=DatabaseTime(-age))
    html = html_of(boss, **query)
    assert [name for name in ("fresh", "two hours", "two days") if f">{name}<" in html] == shown


def test_a_filter_of_the_project_is_not_taken_for_one_of_ours(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's own filters go by the bare name of a field, and a field may be called `state`."""

    class CityFilter(SimpleListFilter):
        title = "city"
        parameter_name = "state"

        def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
            return [("Berlin", "Berlin"), ("Rome", "Rome")]

        def queryset(self, request: Any, queryset: Any) -> Any:
            return queryset.filter(name=self.value())

    for name in ("Berlin", "Rome"):
        Scripted.objects.create(name=name)
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.list_filter", (StateFilter, CityFilter))
    html = html_of(boss, state="Berlin", chart_state="never")
    assert (">Berlin</a></th>" in html, ">Rome</a></th>" in html) == (True, False)
    assert html.count("By state") == 1


def test_the_list_can_be_sorted_by_when_and_how_long(boss: Client) -> None:
    for name, age in (("first", 60), ("second", 30)):
        chart = drawn(name=name)
        Scripted.objects.filter(pk=chart.pk).update(rendered_at=DatabaseTime(-age))
        Job.objects.filter(chart_pk=str(chart.pk)).update(duration=age)
    columns = ["action_checkbox", "name", "chart_thumbnail", "chart_state", "chart_rendered", "chart_duration"]
    for column, ahead in (("chart_rendered", "first"), ("chart_duration", "second")):
        html = html_of(boss, o=columns.index(column))
        behind = {"first": "second", "second": "first"}[ahead]
        assert html.index(f">{ahead}<") < html.index(f">{behind}<")


def test_a_project_may_begin_its_queryset_anew(
    boss: Client, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = failed(script, name="bad")
    drawn(name="good")
    objects = lambda self, request: Scripted.objects.all()  # noqa: E731
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.get_queryset", objects, raising=False)
    html = html_of(boss, chart_state="failed")
    assert (">bad<" in html, ">good<" in html, "Failed</span>" in html) == (True, False, True)
    assert "Failed</span>" in html_of(boss, f"{LIST}{bad.pk}/change/")
    columns = ["action_checkbox", "name", "chart_thumbnail", "chart_state", "chart_rendered", "chart_duration"]
    assert ">good<" in html_of(boss, o=columns.index("chart_duration"))


# What it costs


def test_a_thousand_charts_cost_as_many_queries_as_one(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChartAdmin, "list_per_page", 1_000)
    name = drawn().image.name
    counts = {}
    for number in (1, 1_000):
        missing = range(number - Scripted.objects.count())
        Scripted.objects.bulk_create(Scripted(name=f"{each}", image=name, image_version=1) for each in missing)
        with CaptureQueriesContext(connection) as queries:
            assert html_of(boss).count("charts-state ") == number
        counts[number] = len(queries)
    assert counts[1] == counts[1_000] < 10


def test_looking_changes_nothing_and_draws_nothing(boss: Client) -> None:
    drawn()
    Scripted.objects.update(data_version=99)  # under `inline`, a page that shows it would have it drawn
    for path in (LIST, f"{LIST}{Scripted.objects.get().pk}/change/"):
        assert "/charts/image/" not in html_of(boss, path)
    assert boss.get(LIST, {"action": "regenerate", "_selected_action": "1"}).status_code in {200, 302}
    assert Scripted.objects.get().is_stale


# Who sees what


def test_why_a_chart_failed_is_told_to_those_who_may_change_it(script: dict[str, Any]) -> None:
    chart = failed(script)
    looker = staff.clerk("view_scripted")
    for path in (LIST, f"{LIST}{chart.pk}/change/"):
        html = html_of(looker, path)
        assert "Failed</span>" in html
        assert "ZeroDivisionError" not in html


@pytest.mark.parametrize("answer", [False, "raises"])
def test_a_picture_that_a_person_may_not_view_is_not_shown(
    boss: Client, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = drawn()
    hook = _raise if answer == "raises" else lambda chart, request: answer
    monkeypatch.setattr(Scripted, "can_view", hook)
    for path in (LIST, f"{LIST}{chart.pk}/change/"):
        html = html_of(boss, path)
        assert "<picture" not in html
        assert chart.image.name not in html
        assert chart.alt not in html
    monkeypatch.setattr(Scripted, "can_view", lambda chart, request: request.user.is_superuser)
    assert "<picture" in html_of(boss)


# Beside other apps

OTHERS = {
    f"other/{page}.html": "{% extends 'admin/PAGE.html' %}{% block object-tools-items %}<li>Other</li>{{ block.super }}"
    "{% endblock %}".replace("PAGE", page)
    for page in ("change_list", "change_form")
}


class OtherAdmin(ModelAdmin):
    change_list_template = "other/change_list.html"
    change_form_template = "other/change_form.html"


class BothAdmin(ChartAdminMixin, OtherAdmin):
    """What a project makes of this app and another one that brings its own templates."""


def test_the_templates_of_another_app_are_kept(settings: Any, rf: RequestFactory) -> None:
    chart = drawn()
    loaders = [("django.template.loaders.locmem.Loader", OTHERS), "django.template.loaders.app_directories.Loader"]
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": {**engine["OPTIONS"], "loaders": loaders}}]
    request, both = rf.get("/"), BothAdmin(Scripted, site)
    request.user = User.objects.create_superuser("boss")
    for page, ours in {
        both.changelist_view(request): "Overview",
        both.change_view(request, str(chart.pk)): "Regenerate",
    }.items():
        html = page.render().content.decode()
        assert "<li>Other</li>" in html
        assert ours in html


# Broken charts


def test_a_chart_that_cannot_say_its_name_breaks_no_page_and_can_be_mended(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = drawn(name="bad", value=1)
    monkeypatch.setattr(Scripted, "__str__", lambda self: self.name if self.name != "bad" else 1 / 0)
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.list_display", ("__str__", "value"))
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.list_editable", ("value",))
    label = f"shop.Scripted {chart.pk}"
    for path in (LIST, f"{LIST}{chart.pk}/change/", f"{LIST}{chart.pk}/history/", f"{LIST}{chart.pk}/delete/"):
        assert label in html_of(boss, path)
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": chart.pk, "form-0-value": 2, "_save": "1"}
    assert boss.post(LIST, form).status_code == 302
    assert Scripted.objects.get().value == 2
    assert Mark.objects.count() == 1  # its signals were heard
    assert boss.post(f"{LIST}{chart.pk}/change/", {"name": "good", "value": 3}).status_code == 302
    assert Scripted.objects.get().value == 3
    assert boss.post(f"{LIST}{chart.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Job.objects.exists()
    several = {"action": "delete_selected", "_selected_action": [drawn(name="bad").pk, drawn(name="other").pk]}
    assert "shop.Scripted" in boss.post(LIST, several).content.decode()
    assert boss.post(LIST, several | {"post": "yes"}).status_code == 302
    assert not Scripted.objects.exists()


def test_a_chart_whose_storage_is_down_or_whose_file_is_missing_breaks_no_page(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = drawn()
    paths = (LIST, f"{LIST}{chart.pk}/change/", f"{LIST}overview/?measure=1")
    chart.image.storage.delete(chart.image.name)
    for path in paths:
        assert html_of(boss, path)
    down = InMemoryStorage()
    for name in ("url", "open", "exists", "size", "listdir"):
        monkeypatch.setattr(down, name, _raise)
    monkeypatch.setattr(Scripted._meta.get_field("image"), "storage", down)
    for path in paths:
        assert html_of(boss, path)


def test_a_class_whose_pictures_cannot_be_described_breaks_no_page(boss: Client) -> None:
    chart = drawn()
    Scripted.objects.update(image="no name of ours", image_width=0)
    for path in (LIST, f"{LIST}{chart.pk}/change/"):
        assert "charts-state" in html_of(boss, path)
