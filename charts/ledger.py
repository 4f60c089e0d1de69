"""The app's own tables: what must be looked at, who is at it, and which files belong to no row."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, transaction

logger = logging.getLogger("charts")

# The order of work: one person's click goes before what signals tell of, and that before batches.
CLICK, SIGNAL, BATCH = 0, 10, 20


@dataclass(frozen=True, slots=True, order=True)
class ChartKey:
    """The address of one chart: enough to find it from another process.

    Attributes:
        model: lower-case label of its class, `shop.monthlyrevenue`.
        pk: its primary key as the database casts it to text.
        using: alias of the database it lives in.
    """

    model: str
    pk: str
    using: str

    @classmethod
    def of(cls, chart: models.Model, using: str | None = None) -> "ChartKey":
        """Return the key of a saved chart, in `using` or in the database it came from."""
        alias = using or chart._state.db or "default"
        return cls(model_label(type(chart)), pk_text(type(chart), chart.pk, alias), alias)

    @property
    def model_class(self) -> Any:
        """The chart's class; LookupError if this process has none of that label."""
        return apps.get_model(self.model)

    @property
    def is_known(self) -> bool:
        """Whether this process has such a chart."""
        return is_chart(self.model)

    @property
    def pk_value(self) -> Any:
        """The primary key as Python has it."""
        return self.model_class._meta.pk.to_python(self.pk)

    def __str__(self) -> str:
        try:
            label = self.model_class._meta.label
        except LookupError:
            label = self.model
        return f"{label} {self.pk}"


def is_chart(label: str) -> bool:
    """Say whether this process has a chart of that label: the app may be gone, or another release's."""
    try:
        return hasattr(apps.get_model(label), "data_version")
    except LookupError:
        return False


def model_label(model: type[models.Model]) -> str:
    """Return the label that a chart's marks and jobs go by; a proxy's is its concrete model's."""
    concrete = model._meta.concrete_model or model
    return concrete._meta.label_lower


def pk_text(model: type[models.Model], pk: Any, using: str) -> str:
    """Return a primary key as `CAST(pk AS text)` gives it in that database (UUIDs differ between them)."""
    field = model._meta.pk
    return str(field.get_db_prep_value(field.to_python(pk), connections[using]))


class Mark(models.Model):
    """The note, written in the transaction that changes a source, that a chart must be looked at."""

    batch = models.CharField(max_length=32)
    chart_model = models.CharField(max_length=127)
    chart_pk = models.CharField(max_length=191)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["batch", "chart_model", "chart_pk"], name="charts_mark_batch"),
            models.Index(fields=["created_at"], name="charts_mark_created"),
        ]

    def __str__(self) -> str:
        return f"{self.chart_model} {self.chart_pk} in {self.batch}"


class Job(models.Model):
    """What workers need to know of a chart; one lasting row a chart, beside it in its database."""

    chart_model = models.CharField(max_length=127)
    chart_pk = models.CharField(max_length=191)
    due_at = models.DateTimeField(null=True)
    stale_since = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="")
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    priority = models.SmallIntegerField(default=SIGNAL)
    error = models.TextField(default="")
    failed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    warnings = models.JSONField(default=list)
    duration = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chart_model", "chart_pk"], name="charts_job_chart")]
        indexes = [models.Index(fields=["due_at"], name="charts_job_due")]

    def __str__(self) -> str:
        return f"{self.chart_model} {self.chart_pk}"


class LooseFile(models.Model):
    """A file of ours in storage that no row names: not yet, or no more.

    `picture` is the name a row would hold; `name` is this file's, which differs for a picture's other variants.
    A condemned file can no longer be published: somebody is deleting it.
    """

    model = models.CharField(max_length=127)
    field = models.CharField(max_length=127)
    picture = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    delete_at = models.DateTimeField()
    condemned = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["delete_at"], name="charts_loosefile_delete"),
            models.Index(fields=["name"], name="charts_loosefile_name"),
        ]

    def __str__(self) -> str:
        return self.name


def lock_rows(queryset: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
    """Lock the rows a queryset reads, where the database has row locks; SQLite's writer has them all."""
    if connections[queryset.db].vendor == "sqlite":
        return queryset
    return queryset.select_for_update()


def lock_or_skip(queryset: "models.QuerySet[Any]") -> "models.QuerySet[Any]":
    """Lock rows as `lock_rows` does, but leave those that another worker has locked to that worker.

    Who takes many locks and waits for none is never part of a deadlock.
    """
    if connections[queryset.db].features.has_select_for_update_skip_locked:
        return queryset.select_for_update(skip_locked=True)
    return lock_rows(queryset)


def delete_found(queryset: "models.QuerySet[Any]", index: str) -> int:
    """Delete the rows of one of the app's own tables that a plain filter finds; return how many.

    MySQL reads a small table from end to end whatever the condition, and a DELETE waits there for each row that
    somebody has locked: it would wait for business transactions, and they for it. It is told which index to use.

    Args:
        queryset: rows by conditions on their own columns.
        index: the name of the index that finds them, not the primary key.
    """
    connection = connections[queryset.db]
    if connection.vendor != "mysql":
        return queryset.delete()[0]
    try:
        where, params = queryset.query.get_compiler(queryset.db).compile(queryset.query.where)
    except EmptyResultSet:
        return 0
    table, index = (connection.ops.quote_name(name) for name in (queryset.model._meta.db_table, index))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE {table} FROM {table} FORCE INDEX ({index}) WHERE {where}", params)
        count: int = cursor.rowcount
    return count


def delete_by_pk(model: type[models.Model], using: str, pks: Sequence[int]) -> None:
    """Delete rows of one of the app's own tables; on MySQL one by one, for the reason that `delete_found` has."""
    connection = connections[using]
    if connection.vendor != "mysql":
        model._base_manager.using(using).filter(pk__in=pks).delete()
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {table} WHERE id = %s", [(pk,) for pk in pks])  # noqa: S608  (a table's name)


def begin_write(using: str) -> None:
    """Take SQLite's write lock now, in an open transaction; elsewhere do nothing.

    A DEFERRED transaction that has read cannot wait for another writer: it fails at once with "database is
    locked". One that writes first waits its turn, also when what it writes is no row.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        table = connection.ops.quote_name(Mark._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET batch = batch WHERE 0")  # noqa: S608  (our own table's name)


@dataclass(frozen=True, slots=True)
class Quietly:
    """An action after a commit: what it raises is logged, for the commit has been made and cannot be taken back.

    Django's own `robust=True` wants a function, and fails on any other callable that fails.
    """

    action: Callable[[], object]

    def __call__(self) -> None:
        try:
            self.action()
        except Exception:
            logger.exception("What follows a commit has failed; the next sweep makes up for it.")


def after_commit(action: Callable[[], object], using: str) -> None:
    """Have something done once the open transaction is committed, or now if there is none."""
    transaction.on_commit(Quietly(action), using=using)
