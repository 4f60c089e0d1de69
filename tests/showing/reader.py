"""A server process with many readers: `python -m tests.showing.reader FOLDER THREADS`, for tests with several of them.

Reads the address in FOLDER/url once FOLDER/start is there, in all threads at once, and prints each answer's status and
what was in it. Each draw leaves a line in FOLDER/draws.
"""

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])


def set_up() -> None:
    """Make Django work on a database and a storage in the folder."""
    from django.conf import settings

    sqlite = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "db.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"},
    }
    settings.configure(
        SECRET_KEY="readers",
        INSTALLED_APPS=["django.contrib.contenttypes", "charts", "tests.shop"],
        DATABASES={"default": sqlite},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MEDIA_ROOT=FOLDER / "media",
        ROOT_URLCONF="tests.showing.site",
        ALLOWED_HOSTS=["testserver"],
        CHARTS={"DISPATCHER": "manual"},
        USE_TZ=True,
    )
    import django

    django.setup()


def draw(chart: Any, figure: Any, data: Any) -> None:
    with (FOLDER / "draws").open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(0.5)  # long enough for everybody to come meanwhile
    figure.subplots().plot([1, 3, 2])


def read(url: str) -> tuple[int, str]:
    from django.db import connections
    from django.test import Client

    try:
        response = Client().get(url)
        return response.status_code, hashlib.sha256(response.content).hexdigest()
    finally:
        connections.close_all()


def main() -> None:
    set_up()
    from tests.shop.models import Scripted

    Scripted.script = {"draw": draw}
    if sys.argv[2] == "make":
        from django.core.management import call_command

        from charts.markup import variant_url

        call_command("migrate", run_syncdb=True, verbosity=0)
        (FOLDER / "url").write_text(variant_url(Scripted.objects.create()))
        return
    url = (FOLDER / "url").read_text()
    with ThreadPoolExecutor(int(sys.argv[2])) as pool:
        while not (FOLDER / "start").exists():
            time.sleep(0.01)
        sys.stdout.write(json.dumps(list(pool.map(read, [url] * int(sys.argv[2])))))


if __name__ == "__main__":
    main()
