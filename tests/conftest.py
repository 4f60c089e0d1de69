"""Fixtures: a media folder for each test, each database this machine has, a browser, and who may do everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps.registry import Apps
from django.conf import settings
from django.test import Client
from django.test.utils import isolate_apps

from charts.checks import subjects
from tests import browser as browsers
from tests import services, staff
from tests.browser import Browser
from tests.shop.models import MonthlyRevenue, Region, Scripted


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: object) -> Path:
    """Give each test storage of its own."""
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder  # type: ignore[attr-defined]  # pytest-django's settings wrapper
    return folder


@pytest.fixture(autouse=True)
def script() -> Iterator[dict[str, object]]:
    """Give each test the hooks of `Scripted`, empty."""
    Scripted.script = {}
    yield Scripted.script
    Scripted.script = {}


def _databases() -> list[object]:
    servers = [pytest.param(name, marks=pytest.mark.services) for name in ("postgres", "mariadb")]
    return ["default", *servers]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Open the database that a test's `database` parameter names, with real commits."""
    for item in items:
        alias = getattr(item, "callspec", None) and item.callspec.params.get("database")
        if alias:
            aliases = ["default", *({alias} & set(settings.DATABASES) - {"default"})]
            item.add_marker(pytest.mark.django_db(transaction=True, databases=aliases))


@pytest.fixture(params=_databases())
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run a test on every database of this machine, with real commits."""
    alias = request.param
    if alias != "default":
        services.need(alias)
    request.getfixturevalue("db")
    services.Router.alias = alias
    yield alias
    services.Router.alias = "default"


@pytest.fixture
def region(database: str) -> Region:
    return Region.objects.create(name="North")


@pytest.fixture
def chart(region: Region) -> MonthlyRevenue:
    """A rendered chart, as its row is."""
    return MonthlyRevenue.objects.get(pk=MonthlyRevenue.objects.create(region=region).pk)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Apps]:
    """Give a test a registry of its own, for the classes it declares; the checks look at no others."""
    with isolate_apps("tests.shop") as registry:
        monkeypatch.setattr(subjects, "apps", registry)
        yield registry


@pytest.fixture
def boss() -> Client:
    """A client that may do everything in the admin."""
    return staff.boss()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for a whole module: starting one takes longer than most pages."""
    with browsers.browser() as started:
        yield started


def names_in(folder: Path) -> set[str]:
    """Return the names of all files in a storage folder, relative to it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
