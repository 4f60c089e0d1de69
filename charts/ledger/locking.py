"""Locks that never end in a deadlock: which rows a statement takes, in what order, and what it does not wait for."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from charts.ledger.tables import Mark


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
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.executemany(f"DELETE FROM {table} WHERE id = %s", [(pk,) for pk in pks])  # noqa: S608  (a table's name)
        elif pks:
            some = ", ".join(["%s"] * len(pks))
            cursor.execute(f"DELETE FROM {table} WHERE id IN ({some})", pks)  # noqa: S608  (likewise)


def begin_write(using: str, model: type[models.Model] = Mark) -> None:
    """Take SQLite's write lock now, in an open transaction; elsewhere, and outside of one, do nothing.

    A DEFERRED transaction that has read cannot wait for another writer: it fails at once with "database is
    locked". One that writes first waits its turn, also when what it writes is no row.

    Args:
        using: the alias.
        model: any that has its table there; the app's own tables are only where its charts are.
    """
    connection = connections[using]
    if connection.vendor == "sqlite" and not connection.get_autocommit():
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE 0")  # noqa: S608  (a table's name)
