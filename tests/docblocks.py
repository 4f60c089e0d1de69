"""Runs the code blocks of a Markdown page, as a reader would who follows it in a project of his own.

A page gets a throw-away project with a shop in it. A block goes to the file that its first line names
(`# settings.py`); else one of capital names goes to the settings, one with classes to the models of an app, and any
other is run, in order, once the project is migrated and checked. Templates are rendered. At the end every chart that
the page has declared is drawn. `<!-- not run: why -->` before a block leaves it out.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<why>.+?) -->\n+)?```(?P<language>python|html)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block of code.

    Attributes:
        page: the page's path, relative to the project's root.
        line: number of its first line of code.
        language: `python` or `html`.
        code: its text.
    """

    page: str
    line: int
    language: str
    code: str

    @property
    def place(self) -> str:
        """Where it belongs: `settings`, `urls`, `models`, `template` or `script`."""
        if self.language == "html":
            return "template"
        named = re.match(r"# (?:\w+/)*(settings|urls|models)\.py$", self.code.partition("\n")[0])
        if named:
            return named[1]
        statements = ast.parse(self.code, f"{self.page}, line {self.line}").body
        if statements and all(_is_setting(statement) for statement in statements):
            return "settings"
        return "models" if any(isinstance(statement, ast.ClassDef) for statement in statements) else "script"


def _is_setting(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return all(isinstance(target, ast.Name) and target.id.isupper() for target in targets)


def blocks(page: str, text: str) -> Iterator[Block]:
    """Yield the blocks of a page that are to be run; of templates, those that use this app's tags."""
    for match in FENCE.finditer(text):
        language, code = match["language"], match["code"]
        if not match["why"] and (language == "python" or "{% load charts %}" in code):
            line = text.count("\n", 0, match.start("code")) + 1
            yield Block(page=page, line=line, language=language, code=code)


def pages() -> list[str]:
    """Return the pages with code for readers, relative to the project's root."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(path.relative_to(ROOT)) for path in found if path.is_file()]


def run(folder: Path, todo: list[Block], before: list[Block] | None = None) -> subprocess.CompletedProcess[str]:
    """Write a throw-away project and run blocks in it.

    Args:
        folder: an empty one.
        todo: the blocks of a page.
        before: blocks of a page that this one builds on; of these only the models are used.
    """
    written = [block for block in before or () if block.place == "models"] + todo
    for name, base in PROJECT.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        place = path.stem if path.parent.name in {"", "pages", folder.name} else ""
        own = "".join(f"\n# {block.page}, line {block.line}\n{block.code}" for block in written if block.place == place)
        path.write_text(base + own + ENDINGS.get(name, ""), encoding="utf-8")
    scripts = [block for block in todo if block.place in {"script", "template"}]
    (folder / "blocks.py").write_text(f"BLOCKS = {[_plain(block) for block in scripts]!r}\n", encoding="utf-8")
    command = [sys.executable, "-W", "error::DeprecationWarning", "run.py"]
    paths = {"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "", "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=paths, capture_output=True, text=True, check=False)


def _plain(block: Block) -> tuple[str, str, str]:
    # Empty lines before it, so that a traceback has the page's own line numbers.
    return block.page, block.place, "\n" * (block.line - 1 if block.place == "script" else 0) + block.code


PROJECT = {
    "settings.py": """
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "docs"
DEBUG = True
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages",
    "django.contrib.sessions", "django.contrib.staticfiles", "shop", "pages",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]}}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "urls"
USE_TZ = True
STATIC_URL = "static/"
""",
    "urls.py": "urlpatterns = []\n",
    "shop/__init__.py": "",
    "shop/models.py": """
from django.db import models


class Region(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Customer(models.Model):
    region = models.ForeignKey(Region, on_delete=models.CASCADE)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    month = models.PositiveSmallIntegerField(default=1)
    total = models.IntegerField(default=0)


class Profile(models.Model):
    photo = models.ImageField(upload_to="photos")
""",
    "pages/__init__.py": "",
    "pages/models.py": "",
    "run.py": '''
import io
import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.apps import apps
from django.core.management import call_command
from django.template import engines

from blocks import BLOCKS

call_command("makemigrations", "shop", "pages", verbosity=0)
call_command("migrate", verbosity=0)
call_command("check", fail_level="WARNING", verbosity=0)


def given():
    """Return what the pages suppose that their readers have."""
    from matplotlib.figure import Figure
    from PIL import Image

    import shop.models

    names = {model.__name__: model for model in apps.get_models() if model._meta.app_label in {"shop", "pages"}}
    region = shop.models.Region.objects.create(name="North")
    customer = shop.models.Customer.objects.create(region=region)
    order = shop.models.Order.objects.create(customer=customer, total=5)
    figure = Figure()
    figure.subplots().plot([1, 3, 2])
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "png")
    names |= {"region": region, "customer": customer, "order": order, "figure": figure}
    names |= {"profile": shop.models.Profile(), "photo_bytes": stream.getvalue()}
    if "MonthlyRevenue" in names:
        names["revenue"] = names["MonthlyRevenue"].objects.create(region=region)
    return names | {"photo_url": served(stream.getvalue())}


def served(content):
    """Return an address of this machine under which a picture is; such addresses are refused but for this once."""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    from charts import images

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    download = images.download_image
    images.download_image = lambda url, **options: download(url, **{**options, "allow_private": True})
    return f"http://127.0.0.1:{server.server_port}/photo.png"


names = given()
for page, place, code in BLOCKS:
    if place == "template":
        shown = engines["django"].from_string(code).render(names)
        assert "<img" in shown or "<table" in shown, shown
    else:
        exec(compile(code, page, "exec"), names)
if "watches" in names:
    # Declared on their own: those of the chart that the page is about.
    names["MonthlyRevenue"].watches = names["watches"]
    call_command("check", fail_level="WARNING", verbosity=0)
for model in apps.get_app_config("pages").get_models():
    if hasattr(model, "render"):
        foreign = {field.name: names[field.name] for field in model._meta.concrete_fields if field.is_relation}
        chart = model.objects.create(**foreign)
        chart.refresh_from_db()
        if not chart.image:
            chart.render()
        assert chart.image.storage.size(chart.image.name) > 500, chart.error
        print(f"{model.__name__}: {chart.alt}")
''',
}
ENDINGS = {"settings.py": '\nif "OPTIONS" in globals():\n    DATABASES["default"]["OPTIONS"] = OPTIONS\n'}
# What README.md tells to add, for pages that come after it.
INSTALLED = {
    "settings.py": """
if "charts" not in INSTALLED_APPS:
    INSTALLED_APPS += ["charts"]
    MEDIA_ROOT, MEDIA_URL = BASE_DIR / "media", "media/"
""",
    "urls.py": """
if not urlpatterns:
    from django.conf import settings
    from django.conf.urls.static import static
    from django.urls import include, path

    urlpatterns = [path("charts/", include("charts.urls")), *static(settings.MEDIA_URL)]
""",
}
ENDINGS = {name: INSTALLED.get(name, "") + ENDINGS.get(name, "") for name in {*INSTALLED, *ENDINGS}}
