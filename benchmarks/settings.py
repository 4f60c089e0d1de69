"""A project with nothing in it but what is measured, in a folder that is gone afterwards."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ["BENCHMARK_FOLDER"])
# Set where the project runs in processes of its own: its database, its CHARTS, its broker.
WORLD = json.loads(os.environ.get("BENCHMARK_WORLD", "{}"))

SECRET_KEY = "benchmarks"  # noqa: S105  (protects nothing)
INSTALLED_APPS = ["charts", "benchmarks"]
MEDIA_ROOT = FOLDER / "media"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {
    "default": WORLD.get("database")
    or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "benchmark.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    },
}
CHARTS = WORLD.get("charts", {})
if CHARTS.get("DISPATCHER") == "tasks":
    INSTALLED_APPS += ["django_tasks_db"]
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
