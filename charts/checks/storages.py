"""Checks of where pictures are stored.

A storage that overwrites (`allow_overwrite`, S3's `file_overwrite`) is harmless: no name is ever used twice. One that
renames is not, but says so when a chart is rendered.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.files.storage import FileSystemStorage, storages

from charts.checks.subjects import AppConfigs, chart_models, said
from charts.fields import chart_fields


def check_storages(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that the storage of pictures can be made, and that it has a place of its own."""
    if not chart_models(app_configs):
        return []
    return list(_check_alias()) or list(_check_place(app_configs))


def _check_alias() -> Iterator[checks.CheckMessage]:
    alias = "charts" if "charts" in settings.STORAGES else "default"
    try:
        storages[alias]
    except Exception as error:  # noqa: BLE001  (importing and making somebody's class may raise anything)
        yield checks.Error(
            f"STORAGES[{alias!r}], where charts are stored, cannot be made: {said(error)}.",
            hint="Set its BACKEND to the dotted path of a storage class, its OPTIONS to what that class takes.",
            id="charts.E201",
        )


def _check_place(app_configs: AppConfigs) -> Iterator[checks.CheckMessage]:
    fields = (field for model in chart_models(app_configs) for field in chart_fields(model))
    files = ((field, field.storage) for field in fields if isinstance(field.storage, FileSystemStorage))
    # An empty MEDIA_ROOT is the working directory, whatever that is when the server is started.
    lost = next((field for field, storage in files if not storage.base_location), None)
    if lost:
        yield checks.Warning(
            f"MEDIA_ROOT is not set: pictures, such as those of {lost}, would be written to the working directory.",
            hint='Set MEDIA_ROOT = BASE_DIR / "media" and MEDIA_URL = "media/", or give STORAGES a "charts".',
            id="charts.W201",
        )
