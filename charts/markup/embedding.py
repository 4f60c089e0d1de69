"""Pictures that travel inside a document: bytes from storage, for data URIs, PDFs and e-mails."""

import base64
import logging
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from charts import dispatch
from charts.exceptions import RenderError, StorageError
from charts.fields import RASTER_FORMATS, ChartImageField, Look
from charts.freshness.publishing import rows_of
from charts.ledger import ChartKey
from charts.markup import flights, plans
from charts.markup.addresses import MEDIA_TYPES
from charts.markup.placeholders import placeholder
from charts.markup.subjects import css_size, needs_render, picture_field, require_row, words, written_key

logger = logging.getLogger("charts")

# What every reader of documents and mails shows, the best first.
EVERYWHERE = ("png", "jpeg")


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A picture's bytes with what a page must say of them.

    Attributes:
        content: the file.
        look: which of the picture's files it is.
        name: its name in storage.
        width: CSS pixels; None if nobody knows.
        height: CSS pixels; None if nobody knows.
        alt: its text for those who do not see it.
    """

    content: bytes
    look: Look
    name: str
    width: int | None
    height: int | None
    alt: str

    @property
    def data_uri(self) -> str:
        """The picture as an address that needs no server."""
        return data_uri(self.content, MEDIA_TYPES[self.look.format])


def data_uri(content: bytes, media_type: str) -> str:
    """Return bytes as a `data:` address."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def embedded(chart: Any, *, field: str = "image", theme: str | None = None, format: str | None = None) -> Embedded:
    """Return one file of a chart's picture, drawn first if nobody else does that.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        theme: by default the first for light pages: paper is light.
        format: by default the first raster format that every reader shows; of raster files, the densest is taken.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme or format.
        RenderError: it has no picture, for it could not be drawn.
        StorageError: its file could not be read.
    """
    picture = picture_field(chart, field)
    require_row(chart)
    _require(picture, theme, format)
    row = flights.shown(chart, field)
    names = getattr(row, field).names() if row else {}
    if not names:
        raise RenderError(f"{ChartKey.of(chart)} has no picture to embed: {_why(chart)}")
    look = _chosen(names, theme, format)
    width, height = css_size(row, picture)
    content = _read(picture, names[look])
    return Embedded(content=content, look=look, name=names[look], width=width, height=height, alt=row.alt)


def _require(field: ChartImageField, theme: str | None, format: str | None) -> None:
    """Refuse what the field will never have; what it only has not yet, is another matter."""
    wrong = [("theme", theme, field.options.themes), ("format", format, _showable(field))]
    for what, wanted, choices in wrong:
        if wanted and wanted not in choices:
            label = f"{field.model._meta.label}.{field.name}"
            raise ValueError(f"{label} has no {what} {wanted!r} to embed. Choices are: {', '.join(choices)}.")


def _showable(field: ChartImageField) -> list[str]:
    return [format for format in field.options.formats if format in (*RASTER_FORMATS, "svg")]


def _why(chart: Any) -> str:
    return str(chart.error).partition("\n")[0] or "it was not drawn in time."


def _chosen(names: dict[Look, str], theme: str | None, format: str | None) -> Look:
    """Return the file to embed, or the nearest to it: a field's options may be newer than its files."""
    looks = tuple(names)
    theme = theme if any(look.theme == theme for look in looks) else _light(looks)
    formats = [format] if format else [*EVERYWHERE, looks[0].format]
    for wanted in formats:
        found = [look for look in looks if (look.theme, look.format) == (theme, wanted)]
        if found:
            return max(found, key=lambda look: look.density)
    return looks[0]


def _light(looks: tuple[Look, ...]) -> str:
    pair = plans.pair(looks)
    return next((theme for theme in pair if not plans.is_dark(theme)), pair[0])


def _read(field: ChartImageField, name: str) -> bytes:
    try:
        with field.storage.open(name) as file:
            content: bytes = file.read()
    except Exception as error:
        raise StorageError(f"{name} could not be read: {error}") from error
    return content


def as_image(chart: Any, *, field: str, theme: str | None, embed: bool | str) -> dict[str, Any]:
    """Return the attributes of an `<img>` that holds its picture; a placeholder where there is none.

    Where a worker draws, this does not, for it may be a page that is being written: a first picture is not waited for.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        theme: by default the first for light pages.
        embed: a format's name; True: SVG where the field has it, else the densest raster file.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme or format.
    """
    picture = picture_field(chart, field)
    best = "svg" if "svg" in picture.options.formats else None
    format = best if embed is True else str(embed)
    require_row(chart)
    _require(picture, theme, format)
    row = _drawn_by_a_worker(chart, field) if dispatch.has_worker() else chart
    if row is None:
        return _gap(chart, picture, _("This chart is being drawn."))
    try:
        found = embedded(row, field=field, theme=theme, format=format)
    except (RenderError, StorageError):  # a document with a gap, and the reason in it, is better than none
        logger.exception("%s could not be embedded.", ChartKey.of(chart))
        return _gap(chart, picture, _("This chart could not be drawn."))
    return {"src": found.data_uri, "width": found.width, "height": found.height, "alt": found.alt}


def _drawn_by_a_worker(chart: Any, field: str) -> Any:
    """Return a chart with its picture, which may be newer than the instance; None if it has none yet."""
    if not needs_render(chart, field):
        return chart
    row = rows_of(written_key(chart)).first()
    return row if row is not None and getattr(row, field) else None


def _gap(chart: Any, field: ChartImageField, said: str) -> dict[str, Any]:
    width, height = css_size(chart, field)
    content = placeholder(width, height, said)
    return {"src": data_uri(content, MEDIA_TYPES["svg"]), "width": width, "height": height, "alt": words(chart)}
