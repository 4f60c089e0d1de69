"""The house keeps its own rules: where things lie, what importing costs, how long things are, that docs are true."""

import ast
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import docblocks

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for path in (ROOT / "charts").rglob("*.py") if "migrations" not in path.parts)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def run(code: str) -> str:
    """Run code in a Python of its own, with an empty site set up; return what it prints."""
    setup = (
        "import sys; from django.conf import settings; settings.configure(SECRET_KEY='x', USE_TZ=True, "
        "INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'django.contrib.admin', "
        "'django.contrib.messages', 'django.contrib.sessions', 'charts']); import django; "
    )
    command = [sys.executable, "-c", setup + code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def manage(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the demo's manage.py from another working directory."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *args],
        cwd=folder,
        env={**os.environ, "DEMO_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "chartsite.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


# Where things lie


def test_site_is_no_package_for_python_has_a_module_of_that_name() -> None:
    assert (ROOT / "site").is_dir()
    assert not (ROOT / "site" / "__init__.py").exists()


def test_the_demo_passes_every_check_from_another_folder(tmp_path: Path) -> None:
    ran = manage(tmp_path, "check", "--fail-level", "WARNING")
    assert ran.returncode == 0, ran.stderr


def test_no_migration_is_missing(tmp_path: Path) -> None:
    ran = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert ran.returncode == 0, ran.stdout + ran.stderr


# What importing costs

FACES = (
    "charts.models, charts.admin, charts.apps, charts.checks, charts.images, charts.views, charts.urls, "
    "charts.watches, charts.templatetags.charts, charts.management.commands.render_charts, "
    "charts.management.commands.prune_charts, charts.testing"
)


def test_nothing_heavy_is_imported_before_something_is_drawn() -> None:
    heavy = {"matplotlib", "numpy", "pandas", "polars", "seaborn", "plotnine", "scipy"}
    assert run(f"django.setup(); import {FACES}; print({heavy!r} & set(sys.modules))") == "set()\n"


@pytest.mark.parametrize(("themes", "pays"), [({}, False), ({"corporate": {"extends": "dark"}}, True)])
def test_only_who_has_themes_of_their_own_pays_for_checking_them(themes: object, *, pays: bool) -> None:
    code = (
        f"settings.CHARTS = {{'THEMES': {themes!r}}}; django.setup(); "
        "from django.core import checks; checks.run_checks(tags=['charts']); print('matplotlib' in sys.modules)"
    )
    assert run(code) == f"{pays}\n"


def test_importing_every_module_changes_nothing_of_matplotlib() -> None:
    code = """
import importlib, pkgutil, types
import matplotlib, matplotlib.figure, matplotlib.axes, matplotlib.text, matplotlib.font_manager, matplotlib.dates
import matplotlib.backends.backend_agg, matplotlib.backends.backend_svg, matplotlib.backends.backend_pdf

def attributes():
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "matplotlib":
            for key, value in vars(module).items():
                if not isinstance(value, types.ModuleType):
                    found[name, key] = id(value)
                if isinstance(value, type):
                    found.update({(name, key, inner): id(each) for inner, each in vars(value).items()})
    return found

rc, before, backend = dict.copy(matplotlib.rcParams), attributes(), matplotlib.get_backend(auto_select=False)
django.setup()
import charts
for module in pkgutil.walk_packages(charts.__path__, "charts."):
    if not module.name.startswith(("charts.contrib.", "charts.migrations.")):
        importlib.import_module(module.name)
after = attributes()
changed = [key for key in before if after.get(key) != before[key]]
print(changed, [key for key in rc if dict.get(matplotlib.rcParams, key) != rc[key]])
print(matplotlib.get_backend(auto_select=False) == backend)
"""
    assert run(f"exec({code!r})") == "[] []\nTrue\n"


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_pyplot_is_imported_nowhere() -> None:
    found = [(path, name) for path in MODULES for name in imports(path)]
    assert "matplotlib.figure.Figure" in {name for _, name in found}
    assert not [entry for entry in found if entry[1].startswith(("matplotlib.pyplot", "pylab"))]


# How long things are


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and its lines without the docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                (node.end_lineno or 0) - node.lineno + 1 - docstring,
            )


def test_functions_are_short() -> None:
    lengths = dict(entry for path in MODULES for entry in functions(path))
    assert not {name: length for name, length in lengths.items() if length > 50}
    assert statistics.median(lengths.values()) <= 8
    assert statistics.quantiles(lengths.values(), n=10)[8] < 25


def test_modules_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert not {name: length for name, length in lengths.items() if length > 400}


def test_every_module_says_why_it_exists() -> None:
    silent = [
        path
        for path in MODULES
        if (text := path.read_text(encoding="utf-8")) and not ast.get_docstring(ast.parse(text))
    ]
    assert not silent


# That the docs are true


def the_blocks(page: str) -> list[docblocks.Block]:
    return list(docblocks.blocks(page, (ROOT / page).read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in docblocks.pages() if the_blocks(page)])
def test_the_code_on_a_page_runs(page: str, tmp_path: Path) -> None:
    before = [] if page == "README.md" else the_blocks("README.md")
    ran = docblocks.run(tmp_path, the_blocks(page), before)
    assert ran.returncode == 0, ran.stderr


RENAMED = """
chart = RegionReport.objects.create(region=region)
region.name = "South"
region.save()
chart.refresh_from_db()
assert "Orders, South" in chart.alt, chart.alt
"""


@pytest.mark.slow
def test_the_chart_that_the_docs_declare_follows_the_row_its_foreign_key_points_to(tmp_path: Path) -> None:
    asked = docblocks.Block(page="test", line=1, language="python", code=RENAMED)
    ran = docblocks.run(tmp_path, [*the_blocks("docs/charts.md"), asked], the_blocks("README.md"))
    assert ran.returncode == 0, ran.stderr


def test_there_is_code_to_run() -> None:
    assert {block.place for block in the_blocks("README.md")} == {"models", "template", "settings", "urls", "script"}


PAGE = """
```python
# shop/settings.py
CHARTS["PNG"] = "small"
```
```python
CHARTS = {}
OPTIONS = {}
```
```python
import x
class Chart: ...
```
<!-- not run: it never returns -->
```python
wait()
```
```html
<p>no tag of ours</p>
```
```console
pip install nothing
```
```python
go()
```
"""


def test_blocks_go_where_a_reader_would_put_them() -> None:
    found = list(docblocks.blocks("page.md", PAGE))
    assert [(block.place, block.line) for block in found] == [
        ("settings", 3),
        ("settings", 7),
        ("models", 11),
        ("script", 25),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("nothing()", 'page.md", line 2'),
        ("from charts.models import ChartModel\nclass Blank(ChartModel):\n    pass", "charts.E012"),
        ("CHARTS = {'DISPACHER': 'inline'}", "charts.E001"),
        (
            "from charts.models import ChartModel\nclass Bad(ChartModel):\n    def draw(self, figure, data): 1 / 0",
            "Bad 1 could not be rendered",
        ),
    ],
)
def test_wrong_code_on_a_page_is_found(code: str, error: str, tmp_path: Path) -> None:
    ran = docblocks.run(tmp_path, list(docblocks.blocks("page.md", f"```python\n{code}\n```")))
    assert ran.returncode == 1
    assert error in ran.stderr
