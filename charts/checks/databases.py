"""Checks of the databases that charts live in: what the statements that keep charts true rely on."""

import re
from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import connections

from charts.checks.subjects import AppConfigs, aliases

VENDORS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB"}
RECOMMENDED = (
    '{"transaction_mode": "IMMEDIATE", "timeout": 20, '
    '"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}'
)
# As a server is told by its options, where spaces are escaped: -c default_transaction_isolation=repeatable\ read
STRICTER_DEFAULT = re.compile(r"default.transaction.isolation\W*(repeatable\W+read|serializable)", re.IGNORECASE)


def check_databases(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check each database's kind and isolation, from its settings alone."""
    return [problem for alias in aliases(app_configs) for problem in _check_database(alias)]


def _check_database(alias: str) -> Iterator[checks.CheckMessage]:
    connection = connections[alias]
    if connection.vendor == "unknown":  # DATABASES is empty: nothing can be rendered, and Django says why
        return
    if connection.vendor not in VENDORS:
        yield checks.Error(
            f"DATABASES[{alias!r}] is {connection.display_name}, on which charts are not kept true to their data.",
            hint=f"Keep charts in {', '.join(VENDORS.values())}: a database router can send their apps there.",
            id="charts.E301",
        )
        return
    yield from _check_isolation(alias, connection)
    if not connection.settings_dict.get("AUTOCOMMIT", True):
        yield checks.Error(
            f"DATABASES[{alias!r}] has AUTOCOMMIT switched off: no picture is ever published, and their files pile up.",
            hint='Leave AUTOCOMMIT out; "ATOMIC_REQUESTS": True makes a transaction of each request.',
            id="charts.E303",
        )


def _check_isolation(alias: str, connection: Any) -> Iterator[checks.CheckMessage]:
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor == "mysql" and (level := _level_of_mysql(options)):
        yield checks.Error(
            f"DATABASES[{alias!r}] has the isolation level {level}: marks made there lock each other's rows, and a "
            "chart rendered in a transaction reads old data.",
            hint='Set OPTIONS["isolation_level"] to "read committed", or leave it out: that is Django\'s default.',
            id="charts.E302",
        )
    elif connection.vendor == "postgresql" and (level := _level_of_postgresql(options)):
        yield checks.Error(
            f"DATABASES[{alias!r}] has the isolation level {level}: transactions that mark charts fail because of "
            "each other, and so do workers that publish pictures.",
            hint='Leave OPTIONS["isolation_level"] out, or set it to IsolationLevel.READ_COMMITTED.',
            id="charts.E302",
        )


def _level_of_postgresql(options: dict[str, Any]) -> str:
    """Return the isolation level of a PostgreSQL connection if it is over READ COMMITTED, as far as options tell."""
    given = options.get("isolation_level")
    if given is None:
        in_options = STRICTER_DEFAULT.search(str(options.get("options", "")))
        return re.sub(r"\W+", " ", in_options[1]).upper() if in_options else ""
    from django.db.backends.postgresql.psycopg_any import IsolationLevel

    stricter = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)
    return next((level.name.replace("_", " ") for level in stricter if given == level), "")


def _level_of_mysql(options: dict[str, Any]) -> str:
    """Return the isolation level of a MySQL connection if it is not READ COMMITTED."""
    level = options.get("isolation_level", "read committed")
    if level is None:
        return "of the server"
    in_command = re.search(
        r"isolation\s+level\s+(read\s+uncommitted|repeatable\s+read|serializable)", _command(options), re.IGNORECASE
    )
    if in_command:
        return in_command[1].upper()
    return "" if str(level).lower() == "read committed" else str(level).upper()


def _command(options: dict[str, Any]) -> str:
    return str(options.get("init_command", ""))


def check_sqlite(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that writers of a SQLite file wait for each other; in development there is one."""
    return [problem for alias in aliases(app_configs) for problem in _check_sqlite(alias)]


def _check_sqlite(alias: str) -> Iterator[checks.CheckMessage]:
    connection: Any = connections[alias]
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return
    options = connection.settings_dict.get("OPTIONS", {})
    faults = []
    if str(options.get("transaction_mode")).upper() not in {"IMMEDIATE", "EXCLUSIVE"}:
        faults.append('writers fail at once with "database is locked" where they could wait')
    if not re.search(r"journal_mode\s*=\s*wal", _command(options), re.IGNORECASE):
        faults.append("readers wait for writers")
    if faults:
        yield checks.Warning(
            f"DATABASES[{alias!r}] is SQLite with options by which {' and '.join(faults)}.",
            hint=f'Write "OPTIONS": {RECOMMENDED}.',
            id="charts.W301",
        )
