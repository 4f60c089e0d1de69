"""The databases of this machine, and the router that sends a test to one of them."""

import os
import socket
from importlib.util import find_spec
from typing import Any

# Two runs at a time, of two Pythons say, do not share a database.
NAME = f"charts_test_{os.getpid()}"
REQUIRED = os.environ.get("CI") == "true"


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def missing(name: str) -> str:
    """Say why a database cannot be tested here; "" if it can."""
    port, driver = {"postgres": (5432, "psycopg"), "mariadb": (3306, "MySQLdb")}[name]
    if find_spec(driver) is None:
        return f"the driver {driver} is not installed"
    return "" if _answers(port) else f"no server answers on 127.0.0.1:{port}"


def databases() -> dict[str, dict[str, Any]]:
    """Return the settings of the servers that answer on this machine."""
    found: dict[str, dict[str, Any]] = {}
    if not missing("postgres"):
        found["postgres"] = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "test",
            "HOST": "127.0.0.1",
            "USER": os.environ.get("PGUSER", "postgres"),
            # Clients are killed here, never the server or the machine.
            "OPTIONS": {"options": "-c synchronous_commit=off"},
            "TEST": {"NAME": NAME},
        }
    if not missing("mariadb"):
        found["mariadb"] = {
            "ENGINE": "django.db.backends.mysql",
            "NAME": "test",
            "HOST": "127.0.0.1",
            "USER": "root",
            "OPTIONS": {"charset": "utf8mb4"},
            "TEST": {"NAME": NAME, "CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"},
        }
    return found


class Router:
    """Send every query to one alias, so that the same test runs on each database."""

    alias = "default"

    def db_for_read(self, model: object, **hints: object) -> str:
        return type(self).alias

    def db_for_write(self, model: object, **hints: object) -> str:
        return type(self).alias

    def allow_relation(self, *args: object, **hints: object) -> bool:
        return True
