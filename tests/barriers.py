"""Every statement, commit and storage call as a numbered, named barrier: where a process can be killed or a call fail.

A barrier is passed before the thing itself is done. A file is written in two halves with a barrier between.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar
from unittest import mock

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import connections

Reach = Callable[[int, str], None]

# What of a statement names it: its verb and its table.
STATEMENT = re.compile(r"^(INSERT(?: IGNORE)? INTO|UPDATE|DELETE FROM|SELECT\b.*?\bFROM)\s+[`\"]?(\w*)", re.DOTALL)


class Barriers:
    """Counts barriers, and tells `reach` of each before it is passed."""

    current: "ClassVar[Barriers | None]" = None

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.passed: list[str] = []

    def at(self, name: str) -> None:
        self.passed.append(name)
        self.reach(len(self.passed), name)

    def statement(self, execute: Any, sql: str, *args: Any) -> Any:
        self.at(named(sql))
        return execute(sql, *args)


def named(sql: str) -> str:
    """Return a statement's verb and table."""
    found = STATEMENT.match(sql)
    return f"{found[1].split()[0]} {found[2]}".strip() if found else sql.split(maxsplit=1)[0]


def at(name: str) -> None:
    if Barriers.current:
        Barriers.current.at(name)


class Stepped(FileSystemStorage):
    """Files on disk, with a barrier before and amid each call."""

    def _save(self, name: str, content: Any) -> str:
        data = content.read()
        at("save")
        kept = super()._save(name, ContentFile(data[: len(data) // 2]))
        at("half saved")
        with self.open(name, "ab") as file:
            file.write(data[len(data) // 2 :])
        return kept

    def delete(self, name: str) -> None:
        at("delete file")
        super().delete(name)

    def exists(self, name: str) -> bool:
        at("exists")
        return super().exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        at("listdir")
        return super().listdir(path)

    def open(self, name: str, mode: str = "rb") -> Any:
        at("open")
        return super().open(name, mode)


@contextmanager
def barriers(using: str, reach: Reach) -> Iterator[Barriers]:
    """Put barriers before all that a block does to a database and to `Stepped` storages."""
    connection = connections[using]
    watching = Barriers(reach)
    commit = connection._commit

    def commit_at_a_barrier() -> Any:
        watching.at("COMMIT")
        result = commit()
        watching.at("committed")
        return result

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Barriers, "current", watching))
        stack.enter_context(connection.execute_wrapper(watching.statement))
        stack.enter_context(mock.patch.object(connection, "_commit", commit_at_a_barrier))
        yield watching
