"""System checks of what stands between a picture and its readers; each speaks of its fault, and only then."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest
from django.urls import clear_script_prefix, path, set_script_prefix

from charts import checks as chart_checks
from tests.shop.models import MonthlyRevenue

urlpatterns = [path("files/<path:name>", lambda request, name: None)]  # type: ignore[arg-type, return-value]  # never called


class Addressless(FileSystemStorage):
    """Files that the web does not reach."""

    base_url = None  # type: ignore[assignment]  # as with MEDIA_URL = None


class Bucket(Storage):
    """An object store, made but never asked."""

    def __init__(self, *, querystring_auth: bool) -> None:
        self.querystring_auth = querystring_auth

    def url(self, name: str | None) -> str:
        raise AssertionError("a check asks for no file")


def found() -> dict[str, checks.CheckMessage]:
    messages = checks.run_checks(tags=[chart_checks.TAG])
    assert all(message.hint and message.msg.endswith(".") for message in messages)
    return {str(message.id): message for message in messages}


def of(field_storage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue._meta.get_field("image"), "storage", field_storage)


@pytest.fixture
def restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a permission for one class of charts."""
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: False)


def test_charts_that_everybody_may_see_need_nothing() -> None:
    assert found() == {}


@pytest.mark.usefixtures("restricted")
def test_files_with_a_permission_in_the_public_folder_are_warned_of(settings: Any) -> None:
    (message,) = found().values()
    assert message.id == "charts.W403"
    assert message.msg.startswith("Not everybody may see shop.MonthlyRevenue.image, but")
    settings.CHARTS = {"SENDFILE": "/protected/"}
    assert found() == {}


def test_a_permission_for_all_counts_for_each(settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "tests.showing.test_checks.everybody_may"}
    assert " more, but whoever" in found()["charts.W403"].msg


@pytest.mark.usefixtures("restricted")
def test_files_that_the_web_does_not_reach_are_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of(FileSystemStorage(location=tmp_path / "private"), monkeypatch)
    assert found() == {}
    of(Bucket(querystring_auth=True), monkeypatch)
    assert found() == {}
    of(Bucket(querystring_auth=False), monkeypatch)
    assert set(found()) == {"charts.W403"}


def test_without_our_urls_nobody_sees_what_only_they_serve(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF = __name__
    settings.CHARTS = {"DISPATCHER": "manual"}
    assert found() == {}
    of(Addressless(location=tmp_path / "private"), monkeypatch)
    assert "nobody sees shop.MonthlyRevenue.image, which" in found()["charts.W402"].msg
    of(FileSystemStorage(location=tmp_path / "private"), monkeypatch)
    monkeypatch.setattr(MonthlyRevenue, "can_view", lambda self, request: False)
    assert set(found()) == {"charts.W402"}


def test_files_that_the_development_server_does_not_serve_are_warned_of(settings: Any) -> None:
    settings.ROOT_URLCONF, settings.CHARTS = __name__, {"DISPATCHER": "manual"}
    assert found() == {}
    settings.DEBUG = True
    message = found()["charts.W404"]
    assert re.fullmatch(
        r"Nobody sees \w+\.\w+\.image: no URL pattern serves /media/, where its files are\.", message.msg
    )
    assert str(message.hint).startswith("Add *static(settings.MEDIA_URL, ")
    settings.MEDIA_URL = ""
    assert str(found()["charts.W404"].hint).startswith('Set MEDIA_URL = "media/", and add *static(')


@pytest.mark.parametrize(
    "changes",
    [
        {"MEDIA_URL": "https://cdn.example.org/media/"},
        {"MEDIA_URL": "//cdn.example.org/media/"},
        {"CHARTS": {"DISPATCHER": "manual", "CAN_VIEW": "tests.showing.test_checks.everybody_may", "SENDFILE": "/x/"}},
        {"MEDIA_URL": "files/"},
        {"ROOT_URLCONF": None},
    ],
    ids=str,
)
def test_files_that_others_serve_or_nobody_has_to_are_fine(settings: Any, changes: dict[str, Any]) -> None:
    settings.DEBUG, settings.ROOT_URLCONF, settings.CHARTS = True, __name__, {"DISPATCHER": "manual"}
    for name, value in changes.items():
        setattr(settings, name, value)
    assert "charts.W404" not in found()


def test_a_site_under_a_prefix_serves_its_files_under_it(settings: Any) -> None:
    settings.DEBUG, settings.ROOT_URLCONF, settings.MEDIA_URL = True, __name__, "files/"
    set_script_prefix("/shop/")
    try:
        assert "charts.W404" not in found()
    finally:
        clear_script_prefix()


def test_a_web_server_finds_no_path_in_a_bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHARTS = {"SENDFILE": "X-Sendfile"}
    assert found() == {}
    of(Bucket(querystring_auth=True), monkeypatch)
    assert "the files of shop.MonthlyRevenue.image have no path" in found()["charts.E401"].msg


def everybody_may(request: HttpRequest, chart: Any) -> bool:
    return True
