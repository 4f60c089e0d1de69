"""Safe replacing for any model's ImageField: a figure, an image or a URL becomes the row's picture.

Django's own `obj.image.save(…)` overwrites other columns with stale ones, leaves the replaced file for ever and
lets width and height be NULL. Here the file is noted, written, and named by one narrow UPDATE; what it replaces is
deleted once no reader can still ask for it.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any

from django.core.files.base import File
from django.db import router, transaction
from django.db.models.fields.files import ImageFieldFile

from charts import files
from charts.conf import config
from charts.downloads import download_image, verify_image
from charts.fields import ChartImageField
from charts.freshness.jobs import lock_rows
from charts.ledger import begin_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

# Modes that PNG holds as they are; others (CMYK, YCbCr, LAB, HSV, F, I) are converted to RGB.
PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}


@dataclass(frozen=True, kw_only=True)
class _New:
    """A verified image that is to be stored: `width` and `height` in pixels."""

    file: "File[Any]"
    extension: str
    width: int
    height: int


def save_figure(image: ImageFieldFile, figure: "Figure", *, format: str = "png", dpi: float | None = None) -> str:
    """Make a matplotlib figure the picture of a row.

    Args:
        image: `obj.image` of any model's ImageField; the object may be saved or not.
        figure: drawn as it is, with the rcParams in force; it is not closed.
        format: `png`, `jpeg` or `webp`.
        dpi: dots per inch; by default the figure's own.

    Returns:
        The new file's name in storage. With an unsaved object it is set and stored when the object is saved.

    Raises:
        TypeError: this is no ImageField, or a chart's, which `render()` publishes.
        ValueError: the format is none of these, or the row is gone.
    """
    if format not in {"png", "jpeg", "webp"}:
        raise ValueError(f"{_label(image)} cannot hold a figure as {format!r}. Choices are: png, jpeg, webp.")
    from charts.drawing import locking

    if not hasattr(figure, "savefig"):
        raise TypeError(f"{_label(image)} cannot hold a {type(figure).__name__}; pass a matplotlib Figure.")
    buffer = BytesIO()
    with locking.hold():  # mathtext and layout are not safe between threads
        figure.savefig(buffer, format=format, dpi="figure" if dpi is None else dpi)
    return save_image(image, buffer)


def save_image(image: ImageFieldFile, source: "bytes | IO[bytes] | File[Any] | str | PathLike[str] | Image") -> str:
    """Make an image the picture of a row.

    Args:
        image: `obj.image` of any model's ImageField; the object may be saved or not.
        source: bytes, a `BytesIO`, an open file, a `File`, a path, or a PIL image. It is read from its beginning,
            decoded whole and never trusted by its name.

    Returns:
        The new file's name in storage.

    Raises:
        TypeError: this is no ImageField, or a chart's.
        DownloadError: it is no image of an allowed format, damaged or too large.
        ValueError: the row is gone.
    """
    _check(image)
    with _opened(source) as file:
        facts = verify_image(file, max_pixels=config().max_pixels, subject=f"The image for {_label(image)}")
        new = _New(file=File(file), extension=facts.extension, width=facts.width, height=facts.height)
        return _store(image, new)


def save_image_from_url(
    image: ImageFieldFile,
    url: str,
    *,
    timeout: float = 10.0,
    max_bytes: int = 20 * 2**20,
    allow_private: bool = False,
) -> str:
    """Make the image at a URL the picture of a row.

    Args:
        image: `obj.image` of any model's ImageField; the object may be saved or not.
        url: http or https. Redirects are followed and checked again; private addresses are refused.
        timeout: seconds for the whole download.
        max_bytes: size of the largest file that is taken.
        allow_private: whether addresses that are not public may be asked.

    Returns:
        The new file's name in storage.

    Raises:
        TypeError: this is no ImageField, or a chart's.
        DownloadError: the URL, the answer or the image is refused; the message says why.
        ValueError: the row is gone.
    """
    _check(image)
    bounds = {"timeout": timeout, "max_bytes": max_bytes, "max_pixels": config().max_pixels}
    with download_image(url, allow_private=allow_private, **bounds) as download:  # type: ignore[arg-type]  # numbers
        new = _New(file=download.file, extension=download.extension, width=download.width, height=download.height)
        return _store(image, new)


def _label(image: ImageFieldFile) -> str:
    return f"{image.instance._meta.label}.{image.field.name}"


def _check(image: Any) -> None:
    if not isinstance(image, ImageFieldFile):
        raise TypeError(f"{image!r} is no ImageField of a model; pass obj.image.")
    if isinstance(image.field, ChartImageField):
        raise TypeError(f"{_label(image)} is a chart's picture: define draw(), and call render().")


@contextmanager
def _opened(source: Any) -> Iterator[IO[bytes]]:
    """Give a source as an open, seekable file at its beginning; what was opened here is closed."""
    if isinstance(source, str | PathLike):
        with Path(source).open("rb") as file:
            yield file
    elif isinstance(source, bytes | bytearray | memoryview):
        yield BytesIO(source)
    elif hasattr(source, "getbands"):
        yield _encoded(source)
    elif hasattr(source, "seek"):
        source.seek(0)
        yield source
    else:
        kinds = "bytes, an open file, a File, a path or a PIL image"
        raise TypeError(f"A {type(source).__name__} is no image; pass {kinds}.")


def _encoded(picture: "Image") -> BytesIO:
    buffer = BytesIO()
    (picture if picture.mode in PNG_MODES else picture.convert("RGB")).save(buffer, "png")
    return buffer


def _store(image: ImageFieldFile, new: _New) -> str:
    """Write a new file, and name it in the row, or in the instance alone if there is no row yet."""
    instance, field = image.instance, image.field
    using = instance._state.db or router.db_for_write(type(instance), instance=instance)
    name = _new_name(image, new.extension)
    shelf = files.Shelf.of(field)
    files.enter(using, files.loose(shelf, name, [name], files.UNPUBLISHED_FOR))
    new.file.seek(0)
    files.save(image.storage, name, new.file)
    if instance.pk is not None and not instance._state.adding:
        _publish(using, image, name, new)
    _show(image, name, new)
    return name


def _new_name(image: ImageFieldFile, extension: str) -> str:
    """Return a name that was never used before and fits the column."""
    field = image.field
    base = image.instance._meta.model_name or "image"
    root = field.generate_filename(image.instance, f"{base}.{extension}").rpartition(".")[0]
    ending = f"-{token_hex(8)}.{extension}"
    room = (field.max_length or 100) - len(ending)
    folder, stem = posixpath.split(root)
    if len(folder) + 2 > room:
        raise ValueError(f"{_label(image)} has max_length={field.max_length}, too short for files in {folder!r}.")
    return posixpath.join(folder, stem[: room - len(folder) - 1]) + ending


def _publish(using: str, image: ImageFieldFile, name: str, new: _New) -> None:
    """Make the row name the new file in one narrow UPDATE, and its old one loose."""
    instance, field = image.instance, image.field
    rows = type(instance)._base_manager.using(using).filter(pk=instance.pk)
    with transaction.atomic(using=using):
        begin_write(using)
        old = list(lock_rows(rows).values_list(field.attname, flat=True))
        if not rows.update(**{field.name: name}, **_sides(field, new)):
            raise ValueError(f"{instance._meta.label} {instance.pk} has no row any more; its picture was not stored.")
        files.adopt(using, [name])
        replaced = [entry for entry in old if entry]
        shelf = files.Shelf.of(field)
        files.enter(
            using,
            [row for entry in replaced for row in files.loose(shelf, entry, [entry], config().keep_old_files)],
        )
    files.prune_after_commit(using)


def _sides(field: Any, new: _New) -> dict[str, int]:
    sides = ((field.width_field, new.width), (field.height_field, new.height))
    return {column: side for column, side in sides if column}


def _show(image: ImageFieldFile, name: str, new: _New) -> None:
    """Let the instance in hand name the new file; by setting its attribute Django would open it to measure it."""
    image.name = name
    image._committed = True  # type: ignore[attr-defined]  # FieldFile's own flag
    image.__dict__.pop("_dimensions_cache", None)
    image.instance.__dict__[image.field.attname] = image
    for column, side in _sides(image.field, new).items():
        setattr(image.instance, column, side)
