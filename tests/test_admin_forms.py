"""A chart's form in the admin: all its files, what its last render said, and the button that draws it anew."""

import threading
from typing import Any

import django
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test import Client
from django.urls import resolve

from charts.admin.states import with_state
from charts.admin.viewing import viewed
from charts.exceptions import RenderError
from charts.ledger import CLICK, Job
from tests import staff
from tests.shop.models import MonthlyRevenue, Region, Scripted
from tests.tools import Recorder

pytestmark = pytest.mark.django_db
FORM = "/admin/shop/scripted/{}/change/"
BUTTON = "/admin/shop/scripted/{}/regenerate/"


def drawn(**values: Any) -> Scripted:
    chart = Scripted.objects.create(**values)
    chart.render()
    return Scripted.objects.get(pk=chart.pk)


def html_of(client: Client, chart: Any) -> str:
    return str(client.get(FORM.format(chart.pk)).content.decode())


def _raise(*args: Any) -> None:
    raise ZeroDivisionError("<division>")


def test_every_file_of_every_variant_is_shown_or_linked(boss: Client) -> None:
    chart = MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))
    chart.render()
    html = boss.get(f"/admin/shop/monthlyrevenue/{chart.pk}/change/").content.decode()
    for variant in chart.image.variants:
        assert f'href="{variant.url}"' in html
    for theme in ("light", "dark"):
        assert f'src="{chart.image.variant(theme=theme).url}"' in html
    for size in ("PNG 320 × 180", "PNG 640 × 360", ">SVG<"):
        assert size.replace(">", "").replace("<", "") in html
    assert html.count(f'alt="{chart.alt}"') == 1


def test_a_failure_is_shown_with_its_traceback_folded_and_warnings_with_it(
    boss: Client, script: dict[str, Any]
) -> None:
    chart = drawn()
    Job.objects.update(warnings=["Glyph 128512 is missing."])
    assert "Glyph 128512 is missing." in html_of(boss, chart)
    script["draw"] = _raise
    with pytest.raises(RenderError):
        chart.render(force=True)
    html = html_of(boss, chart)
    assert "when draw() drew it (image, light), ZeroDivisionError: &lt;division&gt;" in html
    assert html.index("<summary>Traceback</summary>") < html.index("Traceback (most recent call last)")
    assert "<details open" not in html


def test_fields_stand_where_the_project_puts_them(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = drawn()
    fieldsets = [("First", {"fields": ["chart_alt", "name"]}), ("Second", {"fields": ["value"]})]
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.fieldsets", fieldsets)
    html = html_of(boss, chart)
    assert html.index("field-chart_alt") < html.index("Second") < html.index("field-chart_picture")
    assert html.count("field-chart_alt") == 1


@pytest.mark.parametrize(
    "placed",
    [
        {"fields": ["name", "value", "chart_status"]},
        {
            "fieldsets": [
                ("First", {"fields": [("name", "chart_alt"), "value"]}),
                ("Ours", {"fields": ["chart_picture"]}),
            ]
        },
        {"get_fieldsets": lambda *args: [(None, {"fields": ["name", "value", "chart_failure"]})]},
    ],
)
def test_wherever_a_project_puts_them_a_chart_can_be_added(
    boss: Client, monkeypatch: pytest.MonkeyPatch, placed: dict[str, Any]
) -> None:
    for name, value in placed.items():
        monkeypatch.setattr(f"tests.shop.admin.ScriptedAdmin.{name}", value, raising=False)
    add, form = "/admin/shop/scripted/add/", {"name": "n", "value": 2}
    html = boss.get(add).content.decode()
    assert ("field-chart_" in html, ">Ours<" in html) == ("get_fieldsets" in placed, False)
    assert "data:image/png" in boss.post("/admin/shop/scripted/preview/", form).content.decode()
    assert boss.post(add, form).status_code == 302
    assert "field-chart_" in html_of(boss, Scripted.objects.get(name="n", value=2))


def test_what_was_warned_of_is_told_to_those_who_may_change_it(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = drawn()
    Job.objects.update(warnings=["Glyph 128512 is missing."])
    fields = ["name", "chart_warnings", "chart_failure"]
    monkeypatch.setattr("tests.shop.admin.ScriptedAdmin.fields", fields)
    assert "Glyph" in html_of(boss, chart)
    assert "Glyph" not in html_of(staff.clerk("view_scripted"), chart)


# The button


def test_the_button_draws_anew_and_says_so(boss: Client) -> None:
    chart = drawn()
    assert f'action="{BUTTON.format(chart.pk)}"' in html_of(boss, chart)
    answer = boss.post(BUTTON.format(chart.pk), follow=True)
    assert answer.redirect_chain == [(FORM.format(chart.pk), 302)]
    assert f"Scripted {chart.pk} was regenerated in" in answer.content.decode()
    assert Scripted.objects.get().image.name != chart.image.name
    assert LogEntry.objects.get().get_change_message() == "Regeneration asked for."


def test_a_failure_of_the_button_is_told_and_the_last_good_image_stays(boss: Client, script: dict[str, Any]) -> None:
    chart = drawn()
    script["draw"] = _raise
    html = boss.post(BUTTON.format(chart.pk), follow=True).content.decode()
    assert "could not be rendered: when draw() drew it (image, light), ZeroDivisionError: &lt;division&gt;" in html
    assert Scripted.objects.get().image.name == chart.image.name
    assert LogEntry.objects.count() == 1


def test_with_workers_the_button_asks_them_before_all_others(boss: Client, settings: Any) -> None:
    chart = drawn()
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()
    html = boss.post(BUTTON.format(chart.pk), follow=True).content.decode()
    assert "will be drawn by the next free worker" in html
    assert Job.objects.get().priority == CLICK
    assert LogEntry.objects.count() == 1
    row = Scripted.objects.get()
    assert (row.image.name, row.data_digest) == (chart.image.name, "")  # so that the worker draws it


@pytest.mark.parametrize("dispatcher", ["manual", "tests.tools.Recorder"])
@pytest.mark.parametrize("named", [False, True])
def test_a_chart_that_was_read_from_a_replica_is_drawn_where_it_is_written(
    boss: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, named: bool, dispatcher: str
) -> None:
    """No database is called "elsewhere", so that whoever asks for it fails."""
    settings.CHARTS = {"DISPATCHER": dispatcher}
    chart = drawn()
    alias, admin = ("default" if named else None), "tests.shop.admin.ScriptedAdmin"
    if named:  # what a ModelAdmin names is told by no router
        answer = lambda self, model, **hints: "elsewhere" if model is Scripted else "default"  # noqa: E731
        monkeypatch.setattr("tests.services.Router.db_for_write", answer)

    def get_object(model_admin: Any, request: Any, *args: Any) -> Any:
        found = with_state(Scripted.objects.all()).get()
        found._state.db, found.charts_job = "elsewhere", None  # what is shown may come from there
        return viewed(found, request, model_admin)

    monkeypatch.setattr(f"{admin}.get_object", get_object)
    monkeypatch.setattr(f"{admin}.get_queryset", lambda self, request: Scripted.objects.using(alias), raising=False)
    assert boss.post(BUTTON.format(chart.pk)).status_code == 302
    row = Scripted.objects.get()
    assert (row.image.name, row.data_digest) != (chart.image.name, chart.data_digest)
    html = boss.post(f"/admin/shop/scripted/{chart.pk}/preview/", {"name": "n", "value": 2}).content.decode()
    assert "data:image/png" in html


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_ever(boss: Client, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    chart = drawn()
    go_on = threading.Event()
    script["draw"] = lambda chart, figure, data: figure.text(0.5, 0.5, "late") and go_on.wait(20) and None
    monkeypatch.setattr("charts.admin.waiting.LONGEST", 0.2)
    html = boss.post(BUTTON.format(chart.pk), follow=True).content.decode()
    assert "is still being drawn" in html
    assert LogEntry.objects.count() == 1
    go_on.set()
    others = [thread for thread in threading.enumerate() if thread.name == "charts admin"]
    for thread in others:
        thread.join(20)
    assert (len(others), Job.objects.get().error) == (1, "")
    assert Scripted.objects.get().image.name != chart.image.name


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django 6.1 has actions on the form.")
def test_on_new_django_it_is_an_action_of_the_form_too(boss: Client) -> None:
    chart = drawn()
    html = html_of(boss, chart)
    assert '<option value="regenerate_this">Regenerate</option>' in html
    assert html.index('name="_save"') < html.index('name="index"')  # which one the Enter key presses
    form = {"CHANGE_FORM-action": "regenerate_this", "_selected_action": chart.pk, "index": "0"}
    answer = boss.post(FORM.format(chart.pk), form, follow=True)
    assert f"Scripted {chart.pk} was regenerated in" in answer.content.decode()


# Who may


@pytest.mark.parametrize("permissions", [(), ("view_scripted",), ("change_monthlyrevenue", "view_scripted")])
def test_without_the_permission_there_is_no_button_and_no_address(permissions: tuple[str, ...]) -> None:
    chart = drawn()
    clerk = staff.clerk(*permissions)
    assert clerk.post(BUTTON.format(chart.pk)).status_code == 403
    assert clerk.get(BUTTON.format(chart.pk)).status_code == 403
    assert Scripted.objects.get().image.name == chart.image.name
    page = clerk.get(FORM.format(chart.pk))
    assert page.status_code == (200 if "view_scripted" in permissions else 403)
    assert b"/regenerate/" not in page.content


def test_a_person_who_may_change_one_chart_may_not_regenerate_another(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = drawn(name="mine"), drawn(name="other")
    monkeypatch.setattr(
        "tests.shop.admin.ScriptedAdmin.has_change_permission",
        lambda self, request, obj=None: obj is None or obj.name == "mine",
        raising=False,
    )
    assert boss.post(BUTTON.format(mine.pk)).status_code == 302
    assert boss.post(BUTTON.format(other.pk)).status_code == 403
    assert "/regenerate/" not in html_of(boss, other)


def test_a_chart_that_a_person_does_not_see_is_not_there_for_them(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = drawn(name="hidden")
    monkeypatch.setattr(
        "tests.shop.admin.ScriptedAdmin.get_queryset",
        lambda self, request: Scripted.objects.exclude(name="hidden"),
        raising=False,
    )
    assert boss.post(BUTTON.format(chart.pk)).status_code == 404
    assert boss.post(f"/admin/shop/scripted/{chart.pk}/preview/", {"name": "n", "value": 1}).status_code == 404
    assert Scripted.objects.get().image.name == chart.image.name


def test_the_button_wants_a_post_a_token_and_a_chart(boss: Client) -> None:
    chart = drawn()
    assert boss.get(BUTTON.format(chart.pk)).status_code == 405
    assert boss.post(BUTTON.format(999)).status_code == 404
    assert boss.post(BUTTON.format("no-key")).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    assert strict.post(BUTTON.format(chart.pk)).status_code == 403
    assert Client().post(BUTTON.format(chart.pk)).status_code == 302  # to the login
    assert Scripted.objects.get().image.name == chart.image.name


@pytest.mark.parametrize("path", ["1/regenerate/", "1/preview/", "preview/", "regenerate/", "regenerate/1/draw/"])
def test_nothing_is_drawn_in_the_transaction_of_a_request(path: str) -> None:
    assert resolve(f"/admin/shop/scripted/{path}").func._non_atomic_requests == set(connections)


# What the form does besides


@pytest.mark.django_db(transaction=True)
def test_saving_the_form_draws_the_change(boss: Client) -> None:
    chart = drawn(value=1)
    boss.post(FORM.format(chart.pk), {"name": "new", "value": 5})
    after = Scripted.objects.get()
    assert (after.name, after.value, after.is_stale) == ("new", 5, False)
    assert after.image.name != chart.image.name


@pytest.mark.django_db(transaction=True)
def test_save_as_new_shares_no_file(boss: Client) -> None:
    region = Region.objects.create(name="North")
    chart = MonthlyRevenue.objects.create(region=region)
    path = f"/admin/shop/monthlyrevenue/{chart.pk}/change/"
    boss.post(path, {"region": region.pk, "title": "Copy", "_saveasnew": "1"})
    first, second = MonthlyRevenue.objects.order_by("pk")
    assert first.image.name != second.image.name
    assert second.image
