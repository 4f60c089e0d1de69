"""The demo site's settings, with the test shop beside it and every database this machine has."""

from chartsite.settings import *  # noqa: F403  (Django settings are a namespace; this one extends another)
from chartsite.settings import DATABASES as DEMO_DATABASES
from chartsite.settings import INSTALLED_APPS as DEMO_APPS

from tests import services

DEBUG = False
SECRET_KEY = "tests"
INSTALLED_APPS = [*DEMO_APPS, "tests.shop", "tests.library", "tests.diary"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    **services.databases(),
}
# Sends every query to the database that a test has chosen with the `database` fixture.
DATABASE_ROUTERS = ["tests.services.Router"]
_ = DEMO_DATABASES
