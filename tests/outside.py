"""Settings for processes that tests start: the same project, on the database and the folder that the test names."""

import json
import os

from tests.settings import *  # noqa: F403  (Django settings are a namespace; this one extends another)

_given = json.loads(os.environ["CHARTS_OUTSIDE"])
DATABASES = {"default": _given["database"]}
DATABASE_ROUTERS: list[str] = []
MEDIA_ROOT = _given["media"]
CHARTS = _given["charts"]
for _name, _value in _given.get("more", {}).items():
    globals()[_name] = _value
