"""Statements that every commit makes, compiled once: building one costs up to sixty times as much as running it.

They are made from querysets, so that they are spelled as the ORM spells them on each database, with slots where the
values of a run go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.subqueries import UpdateQuery

from charts.clock import SQL, DatabaseTime, sites_zone, spelled

# Where in compiled SQL a list of values goes, however many there are.
LIST = "/* charts: a list */"


class Slot(models.Expression):
    """A place in a compiled statement that is filled when it is run.

    Args:
        name: of the value, which is given as the database takes it.
    """

    is_list = False

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> SQL:
        return "%s", (self,)

    def fill(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return what goes into this place."""
        return values[self.name]


class Moment(DatabaseTime):
    """The database's time, moved by seconds that are known when the statement is run.

    Also without a name it is worked out by each run: how far a database without time zones is from UTC changes twice
    a year.

    Args:
        name: of the seconds; None: not moved.
    """

    is_list = False

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> SQL:
        return super().as_sql(compiler, connection)[0], (self,)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        return super().as_sqlite(compiler, connection)[0], (self,)

    def as_mysql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> SQL:
        return super().as_mysql(compiler, connection)[0], (self,)

    def fill(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return what goes into this place."""
        return spelled(values[self.name] if self.name else 0.0, connection)


class Among(models.Func):
    """A condition: an expression's value is one of a list that is known when the statement is run.

    Args:
        expression: a field's name.
        name: of the list, which is not empty.
    """

    output_field = models.BooleanField()
    is_list = True

    def __init__(self, expression: str, name: str) -> None:
        super().__init__(models.F(expression))
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any) -> SQL:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return f"{sql} IN ({LIST})", (*params, self)

    def fill(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """Return the list that goes into this place."""
        return values[self.name]


@dataclass(frozen=True)
class Statement:
    """SQL with slots among its parameters.

    Attributes:
        using: the alias that it was compiled for.
        sql: the statement.
        params: its parameters.
    """

    using: str
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def select(cls, rows: "models.QuerySet[Any]", using: str) -> "Statement":
        """Compile what reads a queryset."""
        return cls(using, *_compiled(rows.using(using).query, using))

    @classmethod
    def update(cls, rows: "models.QuerySet[Any]", using: str, **values: Any) -> "Statement":
        """Compile `rows.update(**values)`."""
        query: Any = rows.using(using).query.chain(UpdateQuery)
        query.add_update_values(values)
        return cls(using, *_compiled(query, using))

    def execute(self, **values: Any) -> int:
        """Run the statement with its slots filled; return how many rows it wrote."""
        connection = connections[self.using]
        with connection.cursor() as cursor:
            cursor.execute(*self._filled(values, connection))
            count: int = cursor.rowcount
            return max(count, 0)

    def rows(self, **values: Any) -> Sequence[tuple[Any, ...]]:
        """Run the statement with its slots filled; return the rows as the database gives them."""
        connection = connections[self.using]
        with connection.cursor() as cursor:
            cursor.execute(*self._filled(values, connection))
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return found

    @cached_property
    def _gaps(self) -> list[tuple[int, Any]]:
        """What is to be filled, from the last to the first: a list moves what comes after it."""
        gaps = [(place, param) for place, param in enumerate(self.params) if isinstance(param, Slot | Moment | Among)]
        return gaps[::-1]

    def _filled(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        sql, params = self.sql, list(self.params)
        for place, gap in self._gaps:
            filled = gap.fill(values, connection)
            if gap.is_list:
                head, _, tail = sql.rpartition(LIST)
                sql = f"{head}{', '.join(['%s'] * len(filled))}{tail}"
                params[place : place + 1] = filled
            else:
                params[place] = filled
        return sql, params


def _compiled(query: Any, using: str) -> tuple[str, tuple[Any, ...]]:
    with sites_zone():
        sql, params = query.get_compiler(using).as_sql()
    return sql, tuple(params)
