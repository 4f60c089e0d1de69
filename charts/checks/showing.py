"""Checks of what stands between a picture and its readers: addresses to serve it, and none around its permission."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.files.storage import FileSystemStorage, Storage
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse

from charts.checks.subjects import AppConfigs, chart_models
from charts.conf import config, problems
from charts.fields import ChartImageField, chart_fields
from charts.markup import is_restricted


def check_urls(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that `charts:image` has an address where pages rely on it."""
    if not chart_models(app_configs) or not getattr(settings, "ROOT_URLCONF", None) or _are_included():
        return []
    hint = f'Add path("charts/", include("charts.urls")) to urlpatterns in {settings.ROOT_URLCONF}.'
    return [
        checks.Warning(f"charts.urls is not included: {lost}", hint=hint, id=name) for name, lost in _lost(app_configs)
    ]


def _are_included() -> bool:
    try:
        reverse("charts:image", args=["token"])
    except NoReverseMatch:
        return False
    return True


def _lost(app_configs: AppConfigs) -> Iterator[tuple[str, str]]:
    """Yield what there is not without the URLs."""
    if config().dispatcher == "inline":
        yield "charts.W401", "a chart that is stale or has no picture yet is not rendered when it is shown."
    unseen = [field for field in _fields(app_configs) if is_restricted(field.model) or _has_no_addresses(field)]
    if unseen:
        yield "charts.W402", f"nobody sees {_named(unseen)}, which is served by permission or has no other address."


def check_media(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that the development server gives out the files on this disk.

    Without DEBUG a web server may do it, of which nobody knows here.
    """
    if not settings.DEBUG or not getattr(settings, "ROOT_URLCONF", None):
        return []
    lost = next((field for field in _fields(app_configs) if not is_restricted(field.model) and _is_lost(field)), None)
    if not lost:
        return []
    storage: Any = lost.storage
    first = 'Set MEDIA_URL = "media/", and add' if storage.base_url == get_script_prefix() else "Add"
    return [
        checks.Warning(
            f"Nobody sees {lost}: no URL pattern serves {storage.base_url}, where its files are.",
            hint=f"{first} *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT), of "
            f"django.conf.urls.static, to urlpatterns in {settings.ROOT_URLCONF}.",
            id="charts.W404",
        )
    ]


def _is_lost(field: ChartImageField) -> bool:
    """Say whether a picture's files are on a disk and have addresses at this site that lead nowhere."""
    storage: Any = field.storage
    # Without a place of its own, another check speaks of it; another site's addresses are that site's.
    if not isinstance(storage, FileSystemStorage) or not storage.base_location:
        return False
    address: str | None = storage.base_url
    if address is None or "//" in address:
        return False
    try:
        resolve(f"/{address.removeprefix(get_script_prefix())}charts/1.png")
    except Resolver404:
        return True
    return False


def check_permissions(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that files of pictures that not everybody may see cannot be had by their own addresses."""
    if any(problems()):  # what a wrong CAN_VIEW means, nobody knows
        return []
    restricted = [field for field in _fields(app_configs) if is_restricted(field.model)]
    public = [field for field in restricted if _is_public(field)]
    # A web server that is told which file to send may well keep the others to itself.
    if not public or config().sendfile:
        return []
    return [
        checks.Warning(
            f"Not everybody may see {_named(public)}, but whoever has a file's own address in storage gets it unasked.",
            hint='Give these a storage that the web does not reach: STORAGES["charts"] with a "location" outside of '
            'MEDIA_ROOT, or with signed addresses ("querystring_auth": True).',
            id="charts.W403",
        )
    ]


def check_sendfile(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that a web server that is told a file's path finds it there."""
    fields = _fields(app_configs) if config().sendfile == "X-Sendfile" else []
    pathless = [field for field in fields if field.storage.__class__.path is Storage.path]
    if not pathless:
        return []
    return [
        checks.Error(
            f"CHARTS['SENDFILE'] is 'X-Sendfile', but the files of {_named(pathless)} have no path on a disk.",
            hint="Leave SENDFILE out, or let nginx send them from an internal location that leads to the storage.",
            id="charts.E401",
        )
    ]


def _fields(app_configs: AppConfigs) -> list[ChartImageField]:
    return [field for model in chart_models(app_configs) for field in chart_fields(model)]


def _has_no_addresses(field: ChartImageField) -> bool:
    storage = field.storage
    if isinstance(storage, FileSystemStorage):
        return storage.base_url is None
    return bool(storage.__class__.url is Storage.url)


def _is_public(field: ChartImageField) -> bool:
    """Say whether a storage gives files to who knows their names, as far as its options tell."""
    storage: Any = field.storage
    if not isinstance(storage, FileSystemStorage):
        return getattr(storage, "querystring_auth", True) is False
    root = settings.MEDIA_ROOT
    return bool(root) and Path(storage.location).resolve().is_relative_to(Path(root).resolve())


def _named(fields: list[ChartImageField]) -> str:
    first, *others = map(str, fields)
    return f"{first} and {len(others)} more" if others else first
