"""A mark: the note, in the transaction that changes a source, that charts must be looked at.

A mark is an INSERT and locks no chart, so that business transactions never wait inside, or deadlock, because of
a chart. It is the first statement a watch makes: on SQLite a transaction that reads first fails when another
writes. Marks of one transaction share a batch, and no chart is marked twice in it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from secrets import token_hex
from time import monotonic
from types import MappingProxyType
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, transaction

from charts.clock import PkText, sites_zone
from charts.conf import config
from charts.freshness.statements import Moment, Slot, Statement
from charts.ledger import ChartKey, Mark, Quietly, delete_found, model_label

# How the names of batches begin whose marks are committed before what they are for.
AHEAD = "-"
# Marks that are older than LEASE are applied by anybody. What part of it is left to the write that a mark was
# committed for, and for how long other writes may share the mark.
LATE, SHARED = 1 / 2, 1 / 4

Committed = Callable[[str, Sequence[str]], None]
_committed: list[Committed] = []
_gathering: "ContextVar[Mapping[str, Gathering]]" = ContextVar("charts_gathering", default=MappingProxyType({}))


def when_committed(callback: Committed) -> None:
    """Call `callback(using, batches)` after each commit of a transaction that has marked charts."""
    _committed[:] = [callback]


def compiled(parts: "Sequence[models.QuerySet[Any]]", using: str, *, is_first: bool = False) -> Statement:
    """Compile one INSERT … SELECT that marks the charts of several querysets, which may hold slots.

    Args:
        parts: the charts.
        using: the alias.
        is_first: whether no chart of theirs can be marked yet; else it is looked for, which doubles the work.

    Raises:
        EmptyResultSet: no row can ever match.
    """
    found = [_part(charts, using, is_first=is_first) for charts in parts]
    selects = [part for part in found if part]
    if not selects:
        raise EmptyResultSet
    sql = " UNION ALL ".join(select for select, _ in selects)
    params = [param for _, some in selects for param in some]
    return Statement(
        using, f"INSERT INTO {_table(using)} (batch, chart_model, chart_pk, created_at) {sql}", tuple(params)
    )


def _table(using: str) -> str:
    return connections[using].ops.quote_name(Mark._meta.db_table)


def _part(charts: "models.QuerySet[Any]", using: str, *, is_first: bool) -> tuple[str, list[Any]] | None:
    """Return the SELECT of one queryset's charts that this batch has not marked; None if there can be none."""
    connection = connections[using]
    found = charts.using(using).order_by().annotate(charts_key=PkText()).values("charts_key")
    try:
        with sites_zone():
            inner, params = found.query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return None
    now, now_params = connection.ops.compiler("SQLCompiler")(found.query, connection, using).compile(Moment())
    label, batch = model_label(charts.model), Slot("batch")
    sql = f"SELECT %s, %s, found.charts_key, {now} FROM ({inner}) found"  # noqa: S608  (no value in it)
    filled = [batch, label, *now_params, *params]
    if is_first:
        return sql, filled
    old = f"SELECT 1 FROM {_table(using)} old WHERE old.batch = %s AND old.chart_model = %s"  # noqa: S608  (likewise)
    return f"{sql} WHERE NOT EXISTS ({old} AND old.chart_pk = found.charts_key)", [*filled, batch, label]


class Batch:
    """The marks of one transaction, and its own commit callback.

    Django drops a callback when the savepoint it was registered in is rolled back, and the database drops the
    marks with it: a new batch is begun then.

    Args:
        connection: whose transaction it is.

    Attributes:
        using: alias of the charts' database.
        id: what the marks go by.
        past: what those of the transactions before it went by.
        seen: what need not be asked again.
        callbacks: the connection's own, when `seen` was last right.
        position: where among those this was last.
        is_used: whether there are marks by this id.
        is_over: whether they have been applied.
    """

    id: str
    callbacks: Any

    def __init__(self, connection: Any) -> None:
        self.using: str = connection.alias
        self.past: list[str] = []
        self.seen: set[Hashable] = set()
        self.position = -1
        self.is_used = self.is_over = False
        self._begin_anew(connection)

    def __call__(self) -> None:
        # Where a test runs the callbacks of a transaction that goes on, what follows is a batch of its own.
        self.is_over = True
        for callback in _committed:
            Quietly(partial(callback, self.using, self.ids))()

    @property
    def ids(self) -> list[str]:
        """All that its marks go by."""
        return [*self.past, self.id] if self.is_used else self.past

    def keep_up(self, connection: Any) -> None:
        """Forget what is marked if a savepoint was rolled back, and begin anew with each transaction.

        Django gives the connection a new list of callbacks at each rollback, of savepoints made by hand too, and at
        each commit but those by hand, of which nobody tells. A transaction that counted on a mark of the one before
        would lose its change if others applied that mark, which is committed, while it is still open.
        """
        if self._may_be_past(connection):
            self._begin_anew(connection)
        elif connection.run_on_commit is not self.callbacks:
            self.callbacks = connection.run_on_commit
            self.seen.clear()

    def _may_be_past(self, connection: Any) -> bool:
        """Say whether the transaction that it is for may be over: always, where a project commits by hand."""
        return not connection.commit_on_exit

    def _begin_anew(self, connection: Any) -> None:
        if self.is_used:
            self.past.append(self.id)
        self.id = self._new_id()
        self.callbacks, self.is_used = connection.run_on_commit, False
        self.seen.clear()

    def _new_id(self) -> str:
        return token_hex(16)


class GatheredBatch(Batch):
    """The marks of what one connection does in several transactions, and outside of any.

    Attributes:
        in_block: whether a transaction was open when its id was begun.
        begun: when that was, by a clock that nobody sets.
    """

    in_block: bool
    begun: float

    def _may_be_past(self, connection: Any) -> bool:
        if connection.in_atomic_block is not self.in_block:
            return True
        if self.in_block:
            return connection.run_on_commit is not self.callbacks or super()._may_be_past(connection)
        # Each statement is a transaction, and its mark is shared by those that follow soon.
        return not connection.get_autocommit() or monotonic() > self.begun + SHARED * config().lease

    def _begin_anew(self, connection: Any) -> None:
        super()._begin_anew(connection)
        self.in_block = connection.in_atomic_block
        self.begun = monotonic()

    def _new_id(self) -> str:
        return AHEAD + token_hex(15)


class Gathering:
    """What is not done in one transaction; its marks are applied at its end, each connection's by a batch of its own.

    Others see its marks, and leave them for a while.

    Args:
        using: alias of the charts' database.
    """

    def __init__(self, using: str) -> None:
        self.using = using
        self.begun = monotonic()
        self._batches: dict[int, tuple[Any, Batch]] = {}  # with their connections, for an id is used again

    def __reduce__(self) -> tuple[type["Gathering"], tuple[str]]:
        return Gathering, (self.using,)  # copied or pickled with an instance whose save has failed

    @property
    def is_late(self) -> bool:
        """Whether marks that were committed for a write may have been applied, by others, before it was made."""
        return monotonic() > self.begun + LATE * config().lease

    def batch(self, connection: Any) -> Batch:
        """Return the batch of a connection: threads that share a gathering have connections of their own."""
        key = id(connection)
        if key not in self._batches:
            self._batches[key] = connection, GatheredBatch(connection)
        return self._batches[key][1]

    def finish(self, connection: Any) -> None:
        """Have all marks applied, after the commit of the transaction that is open, if there is one."""
        batch = self.batch(connection)
        batch.past += [each for _, other in self._batches.values() if other is not batch for each in other.ids]
        if batch.ids:
            _register(connection, batch)


def current_batch(connection: Any) -> Batch | None:
    """Return the batch that is being filled: of a gathering, or of the open transaction if it has marked anything."""
    gathering = _gathering.get().get(connection.alias)
    batch = None
    if gathering:
        batch = gathering.batch(connection)
    elif connection.in_atomic_block:
        batch = _last_known(connection, connection.run_on_commit)
    if batch:
        batch.keep_up(connection)
    return batch


def forget_applied(using: str) -> None:
    """Forget what a gathering has marked, outside of a transaction: when the marks are old, others apply them."""
    gathering = _gathering.get().get(using)
    if gathering:
        gathering.batch(connections[using]).seen.clear()


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


def mark(statement: Statement, values: Mapping[str, Any], seen: Iterable[Hashable] = ()) -> int:
    """Mark the charts that a statement finds.

    Args:
        statement: the compiled INSERT … SELECT.
        values: what goes into its slots, prepared for the database.
        seen: keys of whatever makes a second run find the same charts, for the batch to remember.

    Returns:
        How many charts were marked by this call.
    """
    connection: Any = connections[statement.using]
    batch = current_batch(connection)
    known = batch or Batch(connection)
    count = statement.execute(**values, batch=known.id)
    known.seen.update(seen)
    known.is_used |= bool(count)
    if count and batch is None:
        _register(connection, known)
    return count


@contextmanager
def gathered(using: str, gathering: Gathering | None = None) -> Iterator[None]:
    """Put off applying what a block marks until it has ended, however it ends, and apply it at once.

    The marks are committed with the rows they are for: what a killed process has gathered, the next sweep applies.

    Args:
        using: the alias.
        gathering: one that has been begun before; None: a new one.
    """
    gathering = gathering or Gathering(using)
    is_its_own = False
    try:
        with into(gathering) as is_its_own:
            yield
    finally:
        if is_its_own:
            gathering.finish(connections[using])


@contextmanager
def into(gathering: Gathering) -> Iterator[bool]:
    """Gather the marks of a block, and do not apply them; say whether there was no other gathering before."""
    if gathering.using in _gathering.get():
        yield False
        return
    before = _gathering.set({**_gathering.get(), gathering.using: gathering})
    try:
        yield True
    finally:
        _gathering.reset(before)


def _register(connection: Any, batch: Batch) -> None:
    if not (connection.in_atomic_block or connection.get_autocommit()):
        return  # the project commits by hand, and Django tells nobody: the next sweep applies the marks
    batch.position = len(connection.run_on_commit)
    connection.__dict__["_charts_batch"] = batch
    transaction.on_commit(batch, using=batch.using)


def mark_charts(charts: "models.QuerySet[Any]", using: str) -> int:
    """Mark every chart of a queryset; return how many."""
    try:
        statement = compiled([charts], using)
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
        ours = Mark.objects.using(key.using).filter(batch=batch.id, chart_model=key.model, chart_pk=key.pk)
        delete_found(ours, "charts_mark_batch")
        batch.seen.clear()
