"""The wheel: exactly the app, and all that a new project needs to draw its first chart."""

import json
import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests import services

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[1]

MODELS = """
from django.db import models
from charts.models import ChartModel
from charts.watches import Watch

class Sale(models.Model):
    month = models.IntegerField()
    total = models.IntegerField()

class Sales(ChartModel):
    watches = [Watch("shop.Sale")]

    def get_data(self):
        return list(Sale.objects.order_by("month").values_list("month", "total"))

    def draw(self, figure, data):
        axes = figure.subplots()
        axes.bar([month for month, _ in data], [total for _, total in data])
        axes.set_title("Sales")
"""

SETTINGS = """
INSTALLED_APPS += ["charts", "shop"]
MEDIA_ROOT, MEDIA_URL = BASE_DIR / "media", "media/"
"""

URLS = """
from django.conf import settings
from django.conf.urls.static import static
from django.urls import include

urlpatterns += [
    path("charts/", include("charts.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
"""

# What a visitor of a page gets after a sale.
VISIT = """
import json
from django.template import engines
from django.test import Client
from shop.models import Sale, Sales
import charts

Sale.objects.create(month=1, total=7)
chart = Sales.objects.get()
html = engines["django"].from_string("{% load charts %}{% chart chart %}").render({"chart": chart})
client = Client(SERVER_NAME="localhost")
answers = [client.get(address).status_code for address in (chart.image.url, "/charts/image/nonsense")]
seen = {"file": chart.image.path, "alt": chart.alt, "html": html, "home": charts.__file__, "answers": answers}
print(json.dumps(seen))
"""


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command that must succeed, and return what it prints."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PIP_CONFIG_FILE") if name in os.environ}
    ran = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**kept, **env}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]


def tracked() -> set[str]:
    """Return the files of the app that are in the repository, or, in an export of it, all there are."""
    if (ROOT / ".git").exists():
        return set(run("git", "ls-files", "--", "charts", cwd=ROOT).splitlines())
    files = (path for path in (ROOT / "charts").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in files}


def test_it_holds_every_file_of_the_app(names: list[PurePosixPath]) -> None:
    assert {name for name in tracked() if (ROOT / name).exists()} <= {str(name) for name in names}
    for needed in ("py.typed", "migrations/0001_initial.py", "static/charts/missing.svg", "templatetags/charts.py"):
        assert PurePosixPath("charts", needed) in names


def test_it_holds_nothing_else(names: list[PurePosixPath]) -> None:
    assert {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")} == {"charts"}
    kinds = {name.suffix for name in names if name.parts[0] == "charts" and name.name != "py.typed"}
    assert kinds <= {".py", ".html", ".txt", ".svg", ".css", ".js", ".po", ".mo"}
    assert not [name for name in names if {"tests", "__pycache__", "site", "docs"} & set(name.parts)]


def test_templates_are_in_it_if_the_app_has_any(names: list[PurePosixPath]) -> None:
    own = {str(path.relative_to(ROOT)) for path in (ROOT / "charts" / "templates").rglob("*.html")}
    assert own == {str(name) for name in names if name.suffix == ".html"}


def test_its_metadata_is_the_projects(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in archive.namelist())
    assert f"Name: {project['name']}\n" in text
    needed = [line.partition(": ")[2].lower() for line in text.splitlines() if line.startswith("Requires-Dist: ")]
    assert {name for name in needed if "extra ==" not in name} == {name.lower() for name in project["dependencies"]}
    assert "A chart is a model" in text


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The Python of an empty virtual environment, into which the wheel and what it needs were installed."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--retries", "1", "--timeout", "15"]
    ran = subprocess.run([*command, str(wheel)], capture_output=True, text=True, check=False)
    if ran.returncode:
        services.absent(f"what the wheel needs cannot be installed: {ran.stderr.strip()[-500:]}")
    return python


@pytest.fixture
def project(empty: Path, tmp_path: Path) -> Path:
    """A new project with an app of ten lines, as its author would begin it."""
    django = [str(empty), "-m", "django"]
    run(*django, "startproject", "mysite", ".", cwd=tmp_path)
    run(empty, "manage.py", "startapp", "shop", cwd=tmp_path)
    (tmp_path / "shop" / "models.py").write_text(MODELS, encoding="utf-8")
    for name, more in (("settings", SETTINGS), ("urls", URLS)):
        with (tmp_path / "mysite" / f"{name}.py").open("a", encoding="utf-8") as file:
            file.write(more)
    return tmp_path


def test_a_new_project_draws_its_first_chart(empty: Path, project: Path) -> None:
    def manage(*args: str) -> str:
        return run(empty, "-W", "error::DeprecationWarning", "manage.py", *args, cwd=project)

    manage("check", "--fail-level", "WARNING")
    assert "Create model Sales" in manage("makemigrations", "shop")
    assert "No changes detected" in manage("makemigrations", "--check", "--dry-run")
    manage("migrate", "--verbosity", "0")
    manage("shell", "-c", "from shop.models import Sales; Sales.objects.bulk_create([Sales()])")
    assert manage("render_charts") == "1 rendered.\n"
    (first,) = (project / "media").rglob("*k??????.png")
    seen: dict[str, Any] = json.loads(manage("shell", "--verbosity", "0", "-c", VISIT))
    assert seen["file"] != str(first)
    assert Path(seen["file"]).read_bytes().startswith(b"\x89PNG")
    assert "7" in seen["alt"]
    for part in ("<img ", 'width="640"', 'height="400"', Path(seen["file"]).name):
        assert part in seen["html"]
    assert seen["answers"] == [200, 404]
    assert Path(seen["home"]).is_relative_to(empty.parent.parent)
    assert manage("render_charts") == "Nothing to render.\n"
    assert manage("prune_charts", "--scan") == "0 files deleted.\n"
