"""Preview: the picture of a form's values, and no trace of it."""

import base64
import io
import re
import sys
import threading
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.db.models import signals
from django.forms import ModelForm
from django.test import Client
from django.utils import timezone, translation
from PIL import Image

from charts.ledger import Job, LooseFile, Mark
from charts.models import ChartModel
from tests import staff
from tests.shop.models import Answer, Scripted, Survey
from tests.tools import names_of_storage

pytestmark = pytest.mark.django_db
ADD = "/admin/shop/survey/preview/"
CHANGE = "/admin/shop/survey/{}/preview/"


@pytest.fixture
def survey() -> Survey:
    chart = Survey.objects.create(name="Old")
    Answer.objects.create(survey=chart, value=1)
    Answer.objects.create(survey=chart, value=2)
    chart.render()
    return Survey.objects.get(pk=chart.pk)


def values(*answers: tuple[int | str, int | str], **fields: Any) -> dict[str, Any]:
    """Return a form with the answers as (key, value), those without a key new."""
    found: dict[str, Any] = {"answer_set-TOTAL_FORMS": len(answers), "name": "New", **fields}
    found["answer_set-INITIAL_FORMS"] = sum(pk != "" for pk, _ in answers)
    for number, (pk, value) in enumerate(answers):
        found[f"answer_set-{number}-id"], found[f"answer_set-{number}-value"] = pk, value
    return found


def state_of_the_world() -> Any:
    """Return all that a preview must not change."""
    tables = (Survey, Answer, Scripted, Job, LooseFile, Mark, LogEntry)
    return [list(table.objects.order_by("pk").values()) for table in tables], names_of_storage()


def pictures(html: str) -> list[Image.Image]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


def said(html: str) -> str:
    """Return what the preview says, without its pictures."""
    return html.partition('class="charts-preview-result"')[2].partition("</section>")[0]


def test_it_draws_what_is_not_saved_and_leaves_no_trace(database: str, boss: Client, survey: Survey) -> None:
    first, second = Answer.objects.order_by("pk")
    before = state_of_the_world()
    form = values((first.pk, 7), (second.pk, 2), ("", 9)) | {"answer_set-1-DELETE": "on"}
    html = boss.post(CHANGE.format(survey.pk), form).content.decode()
    assert "New: [7, 9]" in said(html)
    assert [picture.size for picture in pictures(html)] == [(400, 240), (400, 240)]  # light and dark, dense
    assert state_of_the_world() == before


def test_it_draws_what_is_not_even_there_yet(boss: Client) -> None:
    before = state_of_the_world()
    html = boss.post(ADD, values(("", 3), ("", 4))).content.decode()
    assert "New: [3, 4]" in said(html)
    assert len(pictures(html)) == 2
    assert state_of_the_world() == before


def test_an_upload_is_drawn_from_memory(boss: Client, survey: Survey) -> None:
    before = state_of_the_world()
    for path in (ADD, CHANGE.format(survey.pk)):
        sheet = SimpleUploadedFile("sheet.csv", b"four")
        html = boss.post(path, values(sheet=sheet)).content.decode()
        assert "New: [4" in said(html)
    assert state_of_the_world() == before


def test_nothing_of_the_project_that_saves_is_called(
    boss: Client, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in (ChartModel, Answer):
        monkeypatch.setattr(model, "save", lambda self, **kwargs: pytest.fail("saved"), raising=False)
    for name in ("save_model", "save_related", "save_formset", "log_change"):
        monkeypatch.setattr(f"tests.shop.admin.SurveyAdmin.{name}", lambda *args: pytest.fail("saved"), raising=False)
    html = boss.post(CHANGE.format(survey.pk), values(("", 3))).content.decode()
    assert "New: [1, 2, 3]" in said(html)


def test_no_receiver_of_the_project_hears_of_it(boss: Client, survey: Survey) -> None:
    """Receivers send mails, and delete files for good."""
    heard: list[Any] = []

    def hear(signal: Any, sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    kinds = (signals.pre_save, signals.post_save, signals.pre_delete, signals.post_delete)
    first, second = Answer.objects.order_by("pk")
    form = values((first.pk, 7), (second.pk, 2), ("", 9)) | {"answer_set-1-DELETE": "on"}
    for kind in kinds:
        kind.connect(hear)
    try:
        html = boss.post(CHANGE.format(survey.pk), form).content.decode()
    finally:
        for kind in kinds:
            kind.disconnect(hear)
    assert "New: [7, 9]" in said(html)
    assert [sender for sender in heard if sender in {Survey, Answer}] == []


class EagerForm(ModelForm):
    """As many forms are: it saves whatever it is told, and a row beside it."""

    def save(self, commit: bool = True) -> Any:
        chart = super().save(commit=False)
        chart.save()
        Scripted.objects.create(name=f"beside {chart.pk}")
        return chart


def test_a_form_that_saves_at_once_leaves_no_trace_either(
    boss: Client, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.shop.admin.SurveyAdmin.form", EagerForm)
    before = state_of_the_world()
    for path in (ADD, CHANGE.format(survey.pk)):
        sheet = SimpleUploadedFile("sheet.csv", b"four")
        html = boss.post(path, values(("", 3), sheet=sheet)).content.decode()
        assert re.search(r"New: \[4(, 1, 2)?, 3\]", said(html))
        assert state_of_the_world() == before


def test_the_page_is_the_form_with_its_values_and_saves_to_its_own_address(boss: Client, survey: Survey) -> None:
    html = boss.post(CHANGE.format(survey.pk) + "?_changelist_filters=q%3Dx", values()).content.decode()
    assert 'name="name" value="New"' in html
    assert re.search(rf'<form [^>]*action="/admin/shop/survey/{survey.pk}/change/\?_changelist_filters=q%3Dx"', html)
    assert f'formaction="{CHANGE.format(survey.pk)}?_changelist_filters=q%3Dx#charts-preview"' in html
    added = boss.post(ADD, values()).content.decode()
    assert re.search(r'<form [^>]*action="/admin/shop/survey/add/"', added)


def test_errors_stand_beside_their_fields(boss: Client, survey: Survey) -> None:
    html = boss.post(CHANGE.format(survey.pk), values(("", "x"), name="")).content.decode()
    assert 'id="id_name_error"' in html
    assert "Enter a whole number." in html
    assert "correct the errors first" in said(html)
    assert not pictures(html)


def test_a_draw_that_fails_says_why_in_place_of_the_picture(
    boss: Client, script: dict[str, Any], survey: Survey
) -> None:
    chart = Scripted.objects.create(value=1)
    path, form = f"/admin/shop/scripted/{chart.pk}/preview/", {"name": "n", "value": 2}
    before = state_of_the_world()
    for name, step in {"draw": "draw() drew it (image, light)", "get_data": "get_data() read its data"}.items():
        script.clear()
        script[name] = lambda *args: 1 / 0
        html = boss.post(path, form).content.decode()
        assert f"When {step}, ZeroDivisionError: division by zero" in said(html)
        script[name] = lambda *args: sys.exit(1)
        html = boss.post(path, form).content.decode()
        assert f"When {step}, DrawError: the chart&#x27;s code called exit(1)" in said(html)
        assert "<summary>Traceback</summary>" in said(html)
    assert state_of_the_world() == before


def test_a_query_of_the_hook_that_fails_breaks_nothing_else(boss: Client, script: dict[str, Any]) -> None:
    script["get_data"] = lambda chart: Scripted.objects.raw("SELECT nonsense")[0]
    html = boss.post("/admin/shop/scripted/preview/", {"name": "n", "value": 2}).content.decode()
    assert "OperationalError" in said(html)
    assert Scripted.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_what_is_drawn(boss: Client, script: dict[str, Any]) -> None:
    seen = []

    def hook(chart: Any, figure: Any, data: Any) -> None:
        seen.append((threading.current_thread().name, connections["default"].in_atomic_block))
        figure.text(0, 0, chart.name)

    script["draw"] = hook
    html = boss.post("/admin/shop/scripted/preview/", {"name": "n", "value": 2}).content.decode()
    assert len(pictures(html)) == 1
    assert seen == [("charts admin", False)]
    assert not Scripted.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_said_in_the_language_and_time_of_whoever_looks(
    boss: Client, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def can_view(chart: Any, request: Any) -> bool:
        seen.append((threading.current_thread().name, timezone.get_current_timezone_name()))
        return False

    monkeypatch.setattr(Survey, "can_view", can_view)
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        html = boss.post(CHANGE.format(survey.pk), values(("", 3))).content.decode()
    assert "Dieses Bild dürfen Sie nicht sehen." in said(html)
    assert ("charts admin", "Asia/Tokyo") in seen


def test_it_takes_a_permission_a_post_and_a_token(survey: Survey, boss: Client) -> None:
    path = CHANGE.format(survey.pk)
    clerk = staff.clerk("view_survey")
    for address in (path, ADD):
        assert clerk.post(address, values()).status_code == 403
        assert clerk.get(address).status_code == 403
        assert boss.put(address).status_code == 405
        assert Client().post(address, values()).status_code == 302
    assert boss.get(path)["Location"] == f"/admin/shop/survey/{survey.pk}/change/"
    assert boss.get(ADD)["Location"] == "/admin/shop/survey/add/"
    assert b"charts-preview" not in clerk.get(f"/admin/shop/survey/{survey.pk}/change/").content
    assert boss.post(CHANGE.format(99), values()).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    assert strict.post(path, values()).status_code == 403


@pytest.mark.parametrize("name", ["Secret", "Raises"])
def test_what_a_person_may_not_see_is_not_drawn_for_them(
    boss: Client, survey: Survey, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"Secret": False, "Open": True}
    monkeypatch.setattr(Survey, "can_view", lambda chart, request: answers[chart.name])
    for path in (ADD, CHANGE.format(survey.pk)):
        html = boss.post(path, values(("", 3), name=name)).content.decode()
        assert "You may not see this picture." in said(html)
        assert not pictures(html)
        assert len(pictures(boss.post(path, values(name="Open")).content.decode())) == 2


@pytest.mark.parametrize(
    ("permissions", "add", "change"),
    [(["add_survey"], 403, 403), (["change_survey"], 403, 200), (["add_survey", "change_survey"], 200, 200)],
)
def test_each_form_asks_for_its_own_permission(permissions: list[str], add: int, change: int, survey: Survey) -> None:
    clerk = staff.clerk(*permissions)
    assert clerk.post(ADD, values()).status_code == add
    assert clerk.post(CHANGE.format(survey.pk), values()).status_code == change
