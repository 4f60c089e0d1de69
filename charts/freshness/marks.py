"""A mark: the note, in the transaction that changes a source, that charts must be looked at.

A mark is an INSERT and locks no chart, so that business transactions never wait inside, or deadlock, because of
a chart. It is the first statement a watch makes: on SQLite a transaction that reads first fails when another
writes. Marks of one transaction share a batch, and no chart is marked twice in it.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from charts.clock import DatabaseTime, PkText
from charts.ledger import ChartKey, Mark, model_label

Committed = Callable[[str, str], None]
_committed: list[Committed] = []


def when_committed(callback: Committed) -> None:
    """Call `callback(using, batch)` after each commit of a transaction that has marked charts."""
    _committed[:] = [callback]


class Slot(models.Expression):
    """A place in a compiled statement that is filled when it is run."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=models.Field())
        self.name = name

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class MarkStatement:
    """One INSERT … SELECT of marks, compiled once: building it costs sixty times as much as running it.

    Attributes:
        using: the alias that it was compiled for.
        sql: the statement.
        params: its parameters, slots among them.
    """

    using: str
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def compiled(cls, charts: "models.QuerySet[Any]", using: str) -> "MarkStatement":
        """Compile the statement that marks `charts`, a queryset that may hold slots.

        Raises:
            EmptyResultSet: no row can ever match.
        """
        connection = connections[using]
        found = charts.using(using).order_by().annotate(charts_key=PkText()).values("charts_key")
        inner, params = found.query.get_compiler(using).as_sql()
        now, now_params = connection.ops.compiler("SQLCompiler")(found.query, connection, using).compile(DatabaseTime())
        table = connection.ops.quote_name(Mark._meta.db_table)
        sql = (
            f"INSERT INTO {table} (batch, chart_model, chart_pk, created_at) "  # noqa: S608  (no value is in it)
            f"SELECT %s, %s, found.charts_key, {now} FROM ({inner}) found WHERE NOT EXISTS (SELECT 1 FROM {table} old "
            "WHERE old.batch = %s AND old.chart_model = %s AND old.chart_pk = found.charts_key)"
        )
        label = model_label(charts.model)
        batch = Slot("batch")
        return cls(using, sql, (batch, label, *now_params, *params, batch, label))

    def execute(self, **values: Any) -> int:
        """Run the statement with its slots filled; return how many charts it marked."""
        params = [values[param.name] if isinstance(param, Slot) else param for param in self.params]
        with connections[self.using].cursor() as cursor:
            cursor.execute(self.sql, params)
            count: int = cursor.rowcount
            return max(count, 0)


@dataclass(eq=False)
class Batch:
    """The marks of one transaction, and its own commit callback.

    Django drops a callback when the savepoint it was registered in is rolled back, and the database drops the
    marks with it: a new batch is begun then.

    Attributes:
        using: alias of the charts' database.
        id: what the marks go by.
        position: where among the connection's callbacks it was last.
        seen: what need not be asked again.
        callbacks: the connection's callbacks when `seen` was last right.
        is_over: whether the marks have been applied.
    """

    using: str
    id: str = field(default_factory=lambda: uuid4().hex)
    position: int = -1
    seen: set[Hashable] = field(default_factory=set)
    callbacks: Any = None
    is_over: bool = False

    def __call__(self) -> None:
        # Where a test runs the callbacks of a transaction that goes on, what follows is a batch of its own.
        self.is_over = True
        for callback in _committed:
            callback(self.using, self.id)

    def forget_rolled_back(self, callbacks: Any) -> None:
        """Forget what is marked if a savepoint was rolled back: the marks may have gone with it.

        Django gives the connection a new list of callbacks then, for savepoints made by hand too.
        """
        if callbacks is not self.callbacks:
            self.callbacks = callbacks
            self.seen.clear()


def current_batch(connection: Any) -> Batch | None:
    """Return the batch of the open transaction, if it has marked anything that was not rolled back."""
    if not connection.in_atomic_block:
        return None
    registered = connection.run_on_commit
    batch = _last_known(connection, registered)
    if batch:
        batch.forget_rolled_back(registered)
    return batch


def _last_known(connection: Any, registered: Any) -> Batch | None:
    batch: Batch | None = connection.__dict__.get("_charts_batch")
    # Looked for where it was last: a transaction may have registered thousands of callbacks of its own.
    if batch and batch.position < len(registered) and registered[batch.position][1] is batch:
        return None if batch.is_over else batch
    for position, entry in enumerate(registered):
        if isinstance(entry[1], Batch) and not entry[1].is_over:
            entry[1].position = position
            connection.__dict__["_charts_batch"] = entry[1]
            return entry[1]
    return None


def mark(statement: MarkStatement, values: Mapping[str, Any], seen: Hashable = None) -> int:
    """Mark the charts that a statement finds.

    Args:
        statement: the compiled INSERT … SELECT.
        values: what goes into its slots, prepared for the database.
        seen: what makes a second run in the same transaction find the same charts; None: run it anyway.

    Returns:
        How many charts were marked by this call.
    """
    connection: Any = connections[statement.using]
    batch = current_batch(connection)
    if batch and seen is not None and seen in batch.seen:
        return 0
    known = batch or Batch(statement.using, callbacks=connection.run_on_commit)
    count = statement.execute(**values, batch=known.id)
    if seen is not None:
        known.seen.add(seen)
    if count and batch is None:
        _register(connection, known)
    return count


def _register(connection: Any, batch: Batch) -> None:
    batch.position = len(connection.run_on_commit)
    connection.__dict__["_charts_batch"] = batch
    transaction.on_commit(batch, using=batch.using, robust=True)


def mark_charts(charts: "models.QuerySet[Any]", using: str) -> int:
    """Mark every chart of a queryset; return how many."""
    from django.core.exceptions import EmptyResultSet

    try:
        statement = MarkStatement.compiled(charts, using)
    except EmptyResultSet:
        return 0
    return mark(statement, {})


def forget_marks(key: ChartKey) -> None:
    """Delete what this transaction has marked of a chart, so that a later save marks it again.

    Who reads a chart's version inside a transaction has seen all that this transaction did to it.
    """
    connection: Any = connections[key.using]
    batch = current_batch(connection)
    if batch:
        Mark.objects.using(key.using).filter(batch=batch.id, chart_model=key.model, chart_pk=key.pk).delete()
        batch.seen.clear()
