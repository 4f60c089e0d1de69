"""Storages that fail: as a full disk, a lost bucket or a clever backend would, at one call or at all of them."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

Fault = Callable[..., None]


class Faulty(FileSystemStorage):
    """Files on disk, behind faults that a test sets: `Faulty.faults["save"] = fail_at(2)`.

    `calls` counts each method's calls, `names` are those it was given.
    """

    faults: ClassVar[dict[str, Fault]] = {}
    calls: ClassVar[list[tuple[str, str]]] = []

    def _pass(self, method: str, name: str) -> None:
        type(self).calls.append((method, name))
        if method in self.faults:
            self.faults[method](name)

    def save(self, name: Any, content: Any, max_length: int | None = None) -> str:
        self._pass("save", name)
        return super().save(name, content, max_length)

    def delete(self, name: str) -> None:
        self._pass("delete", name)
        super().delete(name)

    def exists(self, name: str) -> bool:
        self._pass("exists", name)
        return super().exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        self._pass("listdir", path)
        return super().listdir(path)

    def url(self, name: str | None) -> str:
        self._pass("url", name or "")
        return super().url(name)

    def get_modified_time(self, name: str) -> Any:
        self._pass("get_modified_time", name)
        return super().get_modified_time(name)

    @classmethod
    def count(cls, method: str) -> int:
        return sum(called == method for called, _ in cls.calls)


class Renaming(FileSystemStorage):
    """A storage that keeps files under names of its own making."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return super().get_available_name(name.lower().replace("-k", "-renamed-k"), max_length)


class Unlistable(FileSystemStorage):
    """A storage that cannot say what is in it, as some object stores."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        raise NotImplementedError("This backend doesn't support listing.")


class ReadOnly(FileSystemStorage):
    """A storage that takes and gives up nothing."""

    def _save(self, name: str, content: Any) -> str:
        raise PermissionError(errno.EACCES, "Read-only storage", name)

    def delete(self, name: str) -> None:
        raise PermissionError(errno.EACCES, "Read-only storage", name)


class Full(FileSystemStorage):
    """A disk that is full after some bytes: the file that did not fit is there in part."""

    room: ClassVar[int] = 0

    def _save(self, name: str, content: Any) -> str:
        data = content.read()
        kept = data[: max(0, self.room)]
        type(self).room -= len(data)
        if len(kept) == len(data):
            return super()._save(name, ContentFile(data))
        super()._save(name, ContentFile(kept))
        raise OSError(errno.ENOSPC, "No space left on device", name)


def storage_of(backend: str, **options: Any) -> dict[str, Any]:
    """Return STORAGES with this backend for charts."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "charts": {"BACKEND": backend, "OPTIONS": options},
    }


def fail(error: Exception) -> Fault:
    """Return a fault that strikes at every call."""

    def strike(name: str) -> None:
        raise error

    return strike


def fail_at(call: int, error: Exception) -> Fault:
    """Return a fault that strikes at one call, counted from 1."""
    calls = iter(range(1, 1_000_000))

    def strike(name: str) -> None:
        if next(calls) == call:
            raise error

    return strike


@contextmanager
def faults(**chosen: Fault) -> Iterator[list[tuple[str, str]]]:
    """Let methods of `Faulty` fail while the block runs; give the list of its calls."""
    Faulty.faults, Faulty.calls = chosen, []
    try:
        yield Faulty.calls
    finally:
        Faulty.faults = {}
