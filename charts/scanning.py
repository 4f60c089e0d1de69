"""Looking through storage for files of ours that neither a row nor the ledger knows."""

import logging
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.storage import Storage
from django.db import connections, models, router
from django.utils import timezone

from charts import files
from charts.fields import ChartImageField, chart_fields
from charts.ledger import LooseFile
from charts.models import ChartModel

logger = logging.getLogger("charts")


@dataclass(frozen=True)
class Place:
    """A folder of a storage in which a field's files lie, and what lies in it."""

    storage: Storage
    folder: str
    names: tuple[str, ...]


def scan(using: str, grace: float, *, delete: bool) -> Iterator[str]:
    """Yield, and delete, unknown files that are older than `grace` seconds.

    Files are listed first and names read after, so that a file published meanwhile is known. Only names that this
    app makes are looked at, in folders that its fields write to; a file is unknown if no row of any chart class in
    any database names it, for they may share a folder.

    Args:
        using: alias of the database whose charts' folders are looked through.
        grace: seconds; younger files may be those of a transaction that is still open.
        delete: whether to delete them.
    """
    places = [place for field in _fields() for place in _places(using, field)]
    found = {(place.storage, name) for place in places for name in place.names if files.OURS.search(name)}
    if not found:
        return
    known = _known()
    for storage, name in sorted(found, key=lambda each: each[1]):
        if name in known or files.stem_of(name)[0] in known or not _is_old(storage, name, grace):
            continue
        if not delete or _deleted(storage, name):
            yield name


def unlistable(using: str) -> Iterator[str]:
    """Yield a sentence for each picture field whose storage cannot be looked through."""
    for field in _fields():
        try:
            field.storage.listdir(_home(field) or next(iter(_folders(using, field)), ""))
        except FileNotFoundError:
            continue
        except Exception as error:  # noqa: BLE001  (a storage may raise anything)
            label = f"{field.model._meta.label}.{field.name}"
            yield f"The storage of {label} cannot be listed: {type(error).__name__}: {error}"


def _fields() -> Iterator[ChartImageField]:
    for model in apps.get_models():
        if issubclass(model, ChartModel) and not model._meta.proxy:
            yield from chart_fields(model)


def _known() -> set[str]:
    """Return the names that the ledgers hold and the stems that rows hold, in every database that may have some.

    The ledger before the rows and after: a file leaves it when a row names it, and enters it when no row does.
    """
    known: set[str] = set()
    for read in (_ledger, _stems, _ledger):
        known.update(read())
    return known


def _ledger() -> Iterator[str]:
    for rows in _everywhere(LooseFile):
        yield from rows.values_list("name", flat=True)


def _stems() -> Iterator[str]:
    for field in _fields():
        for rows in _everywhere(field.model):
            for name in rows.exclude(**{field.name: ""}).values_list(field.name, flat=True):
                yield files.stem_of(name)[0]
                yield name


def _everywhere(model: type[models.Model]) -> "Iterator[models.QuerySet[Any]]":
    """Yield all rows of a model from each database that has its table."""
    for alias in connections:
        tables = connections[alias].introspection.table_names
        if router.allow_migrate_model(alias, model) and model._meta.db_table in tables():
            yield model._base_manager.using(alias)


def _places(using: str, field: ChartImageField) -> Iterator[Place]:
    home = _home(field)
    seen: set[str] = set()
    for folder in sorted(_folders(using, field)):
        # What lies below a folder of its own is the field's too: those of past months.
        yield from _walk(field.storage, folder, seen, deep=bool(home) and folder == home)


def _home(field: ChartImageField) -> str:
    """Return the folder that all files of a field lie in or below; "" if that is not known, or is the root."""
    if callable(field.upload_to):
        return ""
    fixed, percent, _ = str(field.upload_to).partition("%")
    if percent:
        return posixpath.dirname(fixed)
    return posixpath.dirname(field.generate_filename(field.model(), "x.png"))


def _folders(using: str, field: ChartImageField) -> set[str]:
    """Return the folders that a field writes to: by its rule, by its rows, by the ledger."""
    shelf = files.Shelf.of(field)
    rows = field.model._base_manager.using(using).exclude(**{field.name: ""})
    loose = LooseFile.objects.using(using).filter(model=shelf.model, field=shelf.field)
    names = {*rows.values_list(field.name, flat=True), *loose.values_list("name", flat=True)}
    folders = {posixpath.dirname(name) for name in names}
    if not callable(field.upload_to):
        folders.add(posixpath.dirname(field.generate_filename(field.model(), "x.png")))
    return folders | ({_home(field)} - {""})


def _walk(storage: Storage, folder: str, seen: set[str], *, deep: bool) -> Iterator[Place]:
    if folder in seen:
        return
    seen.add(folder)
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    except Exception as error:  # noqa: BLE001  (a storage may raise anything; the others can be looked through)
        logger.warning("%s was not looked through: %s: %s", folder or "The root", type(error).__name__, error)
        return
    yield Place(storage, folder, tuple(posixpath.join(folder, name) for name in names))
    for each in folders if deep else ():
        yield from _walk(storage, posixpath.join(folder, each), seen, deep=True)


def _deleted(storage: Storage, name: str) -> bool:
    try:
        storage.delete(name)
    except Exception:  # a storage may raise anything; the other files can go
        logger.exception("The unknown file %s could not be deleted.", name)
        return False
    return True


def _is_old(storage: Storage, name: str, grace: float) -> bool:
    """Say whether a file is older than the grace; one whose storage cannot tell is not."""
    try:
        written: datetime = storage.get_modified_time(name)
    except Exception:  # noqa: BLE001  (a storage may raise anything)
        return False
    if timezone.is_naive(written):  # without USE_TZ, storages tell local time
        written = timezone.make_aware(written)
    return datetime.now(UTC) - written >= timedelta(seconds=grace)
