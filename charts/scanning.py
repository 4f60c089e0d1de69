"""Looking through storage for files of ours that neither a row nor the ledger knows."""

import posixpath
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from charts import files
from charts.fields import ChartImageField, chart_fields
from charts.ledger import LooseFile
from charts.models import ChartModel


def scan(using: str, grace: float, *, delete: bool) -> Iterator[str]:
    """Yield, and delete, unknown files that are older than `grace` seconds.

    Files are listed first and names read after, so that a file published meanwhile is known. Only names that this
    app makes are looked at, in folders that its fields write to.
    """
    for model in apps.get_models():
        if issubclass(model, ChartModel) and not model._meta.proxy:
            for field in chart_fields(model):
                yield from _scan_field(using, model, field, grace, delete=delete)


def _scan_field(using: str, model: Any, field: ChartImageField, grace: float, *, delete: bool) -> Iterator[str]:
    found = [
        name for folder in _folders(using, model, field) for name in _files(field, folder) if files.OURS.search(name)
    ]
    if not found:
        return
    rows = model._base_manager.using(using)
    stems = {files.stem_of(name)[0] for name in rows.exclude(**{field.name: ""}).values_list(field.name, flat=True)}
    ledger = set(LooseFile.objects.using(using).values_list("name", flat=True))
    for name in found:
        if name in ledger or files.stem_of(name)[0] in stems or not _is_old(field, name, grace):
            continue
        if delete:
            field.storage.delete(name)
        yield name


def _folders(using: str, model: Any, field: ChartImageField) -> set[str]:
    """Return the folders that a field writes to: by its rule, by its rows, by the ledger."""
    names = set(model._base_manager.using(using).exclude(**{field.name: ""}).values_list(field.name, flat=True))
    shelf = files.Shelf.of(field)
    names |= set(
        LooseFile.objects.using(using).filter(model=shelf.model, field=shelf.field).values_list("name", flat=True)
    )
    if not callable(field.upload_to):
        names.add(field.generate_filename(model(), "x.png"))
    return {posixpath.dirname(name) for name in names}


def _files(field: ChartImageField, folder: str) -> list[str]:
    try:
        _, names = field.storage.listdir(folder)
    except (OSError, NotImplementedError):
        return []
    return [posixpath.join(folder, name) for name in names]


def _is_old(field: ChartImageField, name: str, grace: float) -> bool:
    """Say whether a file is older than the grace; one whose storage cannot tell is not."""
    try:
        written: datetime = field.storage.get_modified_time(name)
    except (OSError, NotImplementedError):
        return False
    if timezone.is_naive(written):
        written = timezone.make_aware(written)
    return timezone.now() - written >= timedelta(seconds=grace)
