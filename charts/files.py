"""Files of pictures: their names, writing them, and deleting those that no row names.

Every file is in the ledger before it is in storage and leaves the ledger in the transaction that makes a row name
it, so that a crash at any moment leaves nothing unknown. A name is never used twice: replacing is never
overwriting, and a late deletion can only hit what it means.
"""

import hashlib
import logging
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import connections, transaction
from django.db.models import Field, Q, QuerySet

from charts.clock import DatabaseTime
from charts.exceptions import StorageError
from charts.ledger import LooseFile, Quietly, after_commit, begin_write, delete_by_pk, delete_found, lock_or_skip

logger = logging.getLogger("charts")

# Files that were written and never published: a render that takes longer than this has long lost its lease.
UNPUBLISHED_FOR = 24 * 3600
# For so long such a file is nobody's but its writer's, whatever time replaced files have.
SAFE_FOR = 3600
# A file that cannot be deleted now is left for so long, so that it is in nobody's way.
TRY_AGAIN_IN = 600
PRUNE_AT_ONCE = 100
TOKEN_BYTES = 8

STEM = re.compile(r"^(?P<stem>.*-[0-9a-f]{16}-k(?P<key>[0-9a-f]{6}))[.@]", re.ASCII | re.DOTALL)
OURS = re.compile(
    r"-[0-9a-f]{16}-k[0-9a-f]{6}(\.[A-Za-z_]\w*)?(@[0-9.]+x)?\.(png|webp|jpe?g|avif|svg|pdf|csv)$", re.ASCII
)


def options_key(options: object) -> str:
    """Return a short key of the options that decide which files a picture has; it is part of their names."""
    return hashlib.sha256(repr(options).encode()).hexdigest()[:6]


def safe(text: str) -> str:
    """Return a key as part of a file's name, whatever characters strangers put into it."""
    return re.sub(r"[^0-9A-Za-z_-]+", "_", text)[:40]


def new_stem(root: str, key: str, room: int | None = None) -> str:
    """Return a stem for a picture's files that was never used before.

    Args:
        root: a path without extension, `charts/shop/monthlyrevenue/12`.
        key: the `options_key` of the picture.
        room: the longest it may be; what is over is cut from the end of the root.

    Raises:
        ValueError: the folder alone is too long.
    """
    ending = f"-{token_hex(TOKEN_BYTES)}-k{key}"
    if room is None or len(root) + len(ending) <= room:
        return root + ending
    folder, base = posixpath.split(root)
    left = room - len(ending) - len(folder) - 1
    if left < 1:
        raise ValueError(f"The folder {folder!r} is too long for file names of {room} characters; see upload_to.")
    return posixpath.join(folder, base[:left]) + ending


def stem_of(name: str) -> tuple[str, str]:
    """Return the stem of a file's name and the key within it; ("", "") if it is not one of ours."""
    match = STEM.match(name)
    return (match["stem"], match["key"]) if match else ("", "")


def variant_name(stem: str, *, theme: str, density: float, extension: str) -> str:
    """Return the name of one variant.

    Args:
        stem: what all files of the picture begin with.
        theme: the theme's name; "" for the field's first.
        density: device pixels for a CSS pixel; 1 for formats that have none.
        extension: without its dot.
    """
    return f"{stem}{'.' + theme if theme else ''}{f'@{density:g}x' if density != 1 else ''}.{extension}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a field's files lie: enough to find its storage again from the ledger.

    Attributes:
        model: lower-case label of the field's model.
        field: the field's name.
    """

    model: str
    field: str

    @classmethod
    def of(cls, field: "Field[Any, Any]") -> "Shelf":
        """Return the shelf of a model's file field."""
        return cls((field.model._meta.concrete_model or field.model)._meta.label_lower, field.name)

    @property
    def storage(self) -> Storage:
        """The field's storage; LookupError or FieldDoesNotExist if it is gone."""
        storage: Storage = apps.get_model(self.model)._meta.get_field(self.field).storage
        return storage


def loose(shelf: Shelf, picture: str, names: Iterable[str], seconds: float) -> list[LooseFile]:
    """Return ledger rows for files: before they are written, or when they are replaced.

    Args:
        shelf: where they lie.
        picture: what the row's column holds, or will hold.
        names: all the picture's files.
        seconds: how long they stay.
    """
    then = DatabaseTime(seconds)
    return [
        LooseFile(model=shelf.model, field=shelf.field, picture=picture, name=name, delete_at=then) for name in names
    ]


def enter(using: str, rows: list[LooseFile]) -> list[LooseFile]:
    """Write ledger rows in one statement."""
    return LooseFile.objects.using(using).bulk_create(rows)


def write(storage: Storage, contents: Mapping[str, bytes]) -> None:
    """Save new files.

    Raises:
        StorageError: the storage kept one under another name; readers derive names and would not find it.
    """
    for name, content in contents.items():
        save(storage, name, ContentFile(content, name=posixpath.basename(name)))


def save(storage: Storage, name: str, content: "File[Any]") -> None:
    """Save one new file under exactly the name that the ledger and the row know.

    Raises:
        StorageError: the storage kept it under another name.
    """
    kept = storage.save(name, content)
    if kept != name:
        storage.delete(kept)
        raise StorageError(f"{type(storage).__name__} kept {name!r} as {kept!r}; use a storage that keeps names.")


def adopt(using: str, names: Iterable[str]) -> int:
    """Take files out of the ledger, because a row names them now; return how many were in it and not condemned."""
    ours = LooseFile.objects.using(using).filter(name__in=list(names), condemned=False)
    return delete_found(ours, "charts_loosefile_name")


def hasten(using: str, names: Iterable[str]) -> None:
    """Make loose files due now: what was written for a picture that will never be published."""
    LooseFile.objects.using(using).filter(name__in=list(names)).update(delete_at=DatabaseTime())


def due(using: str, grace: float = 0, limit: int | None = None, *, early: float = 0) -> list[LooseFile]:
    """Return loose files whose time is over, oldest first.

    Args:
        using: alias of the ledger's database.
        grace: seconds for which it has been over.
        limit: at most so many.
        early: seconds before their time at which replaced files are due too. Those that were not published yet have a
            day, by which they are known, and may belong to somebody who is about to.
    """
    wanted = Q(delete_at__lte=DatabaseTime(-grace))
    if early > 0:
        replaced = Q(delete_at__lte=DatabaseTime(min(early, UNPUBLISHED_FOR - SAFE_FOR)))
        if early > UNPUBLISHED_FOR:
            replaced |= Q(delete_at__gt=DatabaseTime(UNPUBLISHED_FOR), delete_at__lte=DatabaseTime(early))
        wanted |= replaced & Q(condemned=False)  # what could not be deleted a moment ago waits
    return list(LooseFile.objects.using(using).filter(wanted).order_by("delete_at", "pk")[:limit])


def prune(using: str, grace: float = 0, *, early: float = 0) -> Iterator[LooseFile]:
    """Delete loose files that are due, and yield each that was deleted; the arguments are those of `due`.

    A file is condemned first: from then on it cannot be published, so that no row can come to name it while it is
    being deleted. A file that a row does name (a row copied with all its columns, say) stays, and leaves the ledger.
    """
    while found := due(using, grace, PRUNE_AT_ONCE, early=early):
        condemned = _condemn(using, found)
        if not condemned:
            return  # others are at them
        for shelf, rows in _by_shelf(condemned).items():
            yield from _prune_shelf(using, shelf, rows)


def prune_all(using: str) -> None:
    """Delete the loose files that are due: a site without a worker stays clean."""
    for _ in prune(using):
        pass


def prune_after_commit(using: str) -> None:
    """Delete the loose files that are due once this transaction is over; asked for many times, it is done once."""
    connection: Any = connections[using]
    last = connection.run_on_commit[-1][1] if connection.in_atomic_block and connection.run_on_commit else None
    if not (isinstance(last, Quietly) and isinstance(last.action, partial) and last.action.func is prune_all):
        after_commit(partial(prune_all, using), using)


def _condemn(using: str, rows: list[LooseFile]) -> list[LooseFile]:
    """Condemn those of some files that are still loose and that nobody else is deleting."""
    ours = LooseFile.objects.using(using).filter(pk__in=[row.pk for row in rows])
    with transaction.atomic(using=using):
        begin_write(using)
        found = set(lock_or_skip(ours.order_by("pk")).values_list("pk", flat=True))
        LooseFile.objects.using(using).filter(pk__in=found).update(condemned=True)
    return [row for row in rows if row.pk in found]


def _by_shelf(rows: list[LooseFile]) -> dict[Shelf, list[LooseFile]]:
    shelves: dict[Shelf, list[LooseFile]] = {}
    for row in rows:
        shelves.setdefault(Shelf(row.model, row.field), []).append(row)
    return shelves


def _prune_shelf(using: str, shelf: Shelf, rows: list[LooseFile]) -> Iterator[LooseFile]:
    try:
        storage, named = shelf.storage, named_pictures(using, shelf, [row.picture for row in rows])
    except (LookupError, FieldDoesNotExist):
        # Another release may have it, while two run side by side.
        logger.warning("%d loose files stay: there is no field %s.%s here.", len(rows), shelf.model, shelf.field)
        _postpone(using, rows)
        return
    for row in rows:
        if row.picture not in named and not _deleted(storage, row.name):
            _postpone(using, [row])
            continue
        delete_by_pk(LooseFile, using, [row.pk])
        if row.picture not in named:
            yield row


def _deleted(storage: Storage, name: str) -> bool:
    """Delete a file; say whether it is gone."""
    try:
        storage.delete(name)
    except Exception:  # a storage may raise anything, and the row that asked for this has nothing to do with it
        try:
            if not storage.exists(name):  # deleted before, by somebody who was killed right after
                return True
        except Exception:  # noqa: BLE001, S110  (the first error is the one to tell)
            pass
        logger.exception("The loose file %s could not be deleted; it is tried again later.", name)
        return False
    return True


def _postpone(using: str, rows: list[LooseFile]) -> None:
    ours = LooseFile.objects.using(using).filter(pk__in=[row.pk for row in rows])
    ours.update(delete_at=DatabaseTime(TRY_AGAIN_IN))


def stuck(using: str) -> "QuerySet[LooseFile]":
    """Return the loose files that could not be deleted when they should have been, and will be tried again."""
    return LooseFile.objects.using(using).filter(condemned=True)


def is_named(using: str, shelf: Shelf, picture: str) -> bool:
    """Say whether a row's column holds that picture; raises as `named_pictures` does."""
    return picture in named_pictures(using, shelf, [picture])


def named_pictures(using: str, shelf: Shelf, pictures: Iterable[str]) -> set[str]:
    """Return those of some pictures that a row names.

    Raises:
        LookupError: the shelf's model is gone.
        FieldDoesNotExist: its field is.
    """
    model = apps.get_model(shelf.model)
    model._meta.get_field(shelf.field)
    rows = model._base_manager.using(using).filter(**{f"{shelf.field}__in": {name for name in pictures if name}})
    return set(rows.values_list(shelf.field, flat=True))


def listed(storage: Storage, stem: str) -> list[str]:
    """Return the files in storage that begin with a stem: those of a picture made under other options."""
    folder, base = posixpath.split(stem)
    try:
        _, names = storage.listdir(folder)
    except NotImplementedError:
        return []
    except Exception:  # a storage may raise anything; what is not found now, a scan finds
        logger.exception("%s could not be listed; replaced files of %s may be left over.", folder, stem)
        return []
    return [posixpath.join(folder, name) for name in names if name.startswith((base + ".", base + "@"))]
