"""What this machine has for tests and what it lacks; the router that sends a test to one of its databases."""

import os
import socket
from functools import cache
from importlib.util import find_spec
from typing import Any, NoReturn

# Two runs at a time, of two Pythons say, do not share a database.
NAME = f"charts_test_{os.getpid()}"
# Where every test must run, nothing may be absent.
REQUIRED = os.environ.get("CI") == "true"
# Each server's port, and the package that speaks to it.
SERVERS = {
    "postgres": (5432, "psycopg"),
    "mariadb": (3306, "MySQLdb"),
    "redis": (6379, "redis"),
    "rabbitmq": (5672, "amqp"),
}


def absent(reason: str) -> NoReturn:
    """Skip the test for something that is not here; fail it where every test must run."""
    import pytest  # here, for settings import this module in processes that run no test

    (pytest.fail if REQUIRED else pytest.skip)(reason)


def need(name: str) -> None:
    """Go on only with a server that answers."""
    if reason := missing(name):
        absent(f"{name}: {reason}")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@cache  # so that tests agree with the settings, even if a server comes or goes meanwhile
def missing(name: str) -> str:
    """Say why there can be no tests with a server here; "" if there can."""
    port, driver = SERVERS[name]
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
