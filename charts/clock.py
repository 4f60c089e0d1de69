"""The database's clock and its spelling of a key: one form each, so that like is compared with like."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, DateTimeField, Func
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.timezone import get_default_timezone

SQL = tuple[str, tuple[Any, ...]]
# By the kind of a key in PostgreSQL: what its text looks like, and what it is read as.
NUMBER = ("^-?[0-9]{1,18}$", "bigint")
SHAPES = {"smallint": NUMBER, "integer": NUMBER, "bigint": NUMBER, "uuid": ("^[0-9a-fA-F-]{32,36}$", "uuid")}


def sites_zone() -> timezone.override:
    """Take days and years as the site does, whoever's request it is: so its charts do, and SQL is kept for others."""
    return timezone.override(get_default_timezone())


def is_sites_zone() -> bool:
    """Say whether nobody has activated another time zone than the site's."""
    return timezone.get_current_timezone_name() == timezone.get_default_timezone_name()


class DatabaseTime(Func):
    """The database's time at the start of the statement, moved by some seconds.

    Django's own `Now() + timedelta` will not do: on SQLite the sum is text of another precision than `Now()`, so
    that a time is not `<=` itself, and MariaDB's CURRENT_TIMESTAMP is in the server's zone.

    Args:
        seconds: how far to move; negative is the past.
    """

    output_field = DateTimeField()

    def __init__(self, seconds: float = 0) -> None:
        super().__init__()
        self.seconds = float(seconds)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> SQL:
        return "(STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second')", (spelled(self.seconds, connection),)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        # Six digits, as Django writes a datetime.
        return "(STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s) || '000')", (spelled(self.seconds, connection),)

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        return "(UTC_TIMESTAMP(6) + INTERVAL %s MICROSECOND)", (spelled(self.seconds, connection),)


def spelled(seconds: float, connection: BaseDatabaseWrapper) -> Any:
    """Return by how much a `DatabaseTime` is moved, as the parameter of its SQL."""
    if connection.vendor == "sqlite":
        return f"{seconds + _offset(connection):+.3f} seconds"
    if connection.vendor == "mysql":
        return round((seconds + _offset(connection)) * 1e6)
    return seconds


def _offset(connection: BaseDatabaseWrapper) -> float:
    """Return how many seconds the times in a database without time zones are ahead of UTC."""
    zone = connection.timezone if settings.USE_TZ else get_default_timezone()
    if zone is UTC:
        return 0.0
    ahead = datetime.now(UTC).astimezone(zone).utcoffset() if zone else None
    return ahead.total_seconds() if ahead else 0.0


class PkText(Cast):
    """A chart's primary key as text, as marks and jobs hold it."""

    def __init__(self, expression: Any = "pk") -> None:
        super().__init__(expression, CharField(max_length=191))

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        # A cast takes the connection's character set and collation, a column its table's; where they differ, MySQL
        # refuses to compare them unless one is named.
        sql, params = super().as_mysql(compiler, connection, **extra)
        return f"CONVERT({sql} USING utf8mb4) COLLATE utf8mb4_bin", tuple(params)


class PkValue(Func):
    """A chart's primary key from the text that marks and jobs hold, so that its table's own index finds it.

    Args:
        text: the expression of the text.
        model: the chart's class.
    """

    def __init__(self, text: Any, model: Any) -> None:
        field = model._meta.pk
        while field.remote_field:  # a key that is another row's
            field = field.target_field
        super().__init__(text, output_field=field)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> SQL:
        return self._cast(compiler, self.output_field.cast_db_type(connection) or "text")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        kind = self.output_field.cast_db_type(connection) or "text"
        # Other kinds are text there, and a cast to `date` would make a number of a day.
        return self._cast(compiler, "integer" if "int" in kind else "text")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        kind = self.output_field.cast_db_type(connection) or "text"
        if kind in SHAPES:
            # A text that was a key before a migration, and is none now, must not fail the whole statement.
            sql, params = compiler.compile(self.source_expressions[0])
            shape, kind = SHAPES[kind]
            return f"(CASE WHEN {sql} ~ '{shape}' THEN {sql}::{kind} END)", (*params, *params)
        return self._cast(compiler, kind)

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        kind = self.output_field.cast_db_type(connection) or ""
        if "integer" in kind:
            return self._cast(compiler, kind)
        # Text is compared under one collation, whatever its two tables have.
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(CONVERT({sql} USING utf8mb4) COLLATE utf8mb4_bin)", tuple(params)

    def _cast(self, compiler: SQLCompiler, kind: str) -> SQL:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"CAST({sql} AS {kind})", tuple(params)
