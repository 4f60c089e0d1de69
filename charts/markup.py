"""The HTML of a picture, from a row's columns alone: what tag, admin, views and mails share.

Nothing here renders, opens a storage or makes a query: a page of a hundred charts costs the query that loaded them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from django.core import signing
from django.forms.utils import flatatt
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from charts.conf import config
from charts.fields import RASTER_FORMATS, ChartImageField, Look
from charts.ledger import ChartKey

SALT = "charts.image"
# Formats that only newer readers show come first, the one in the column last.
BEST_FIRST = ("avif", "webp", "jpeg", "png")
MEDIA_TYPES = {
    "png": "image/png",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
}


def sign(key: ChartKey, field: str, look: Look) -> str:
    """Return the token of a picture's address: who has it may ask for this file of this chart."""
    return signing.dumps([key.model, key.pk, key.using, field, look.theme, look.density, look.format], salt=SALT)


def unsign(token: str) -> tuple[ChartKey, str, Look]:
    """Return what a token names.

    Raises:
        BadSignature: nobody here made it.
    """
    model, pk, using, field, theme, density, format = signing.loads(token, salt=SALT)
    return ChartKey(model, pk, using), field, Look(theme, density, format)


def picture_field(chart: Any, name: str = "image") -> ChartImageField:
    """Return a chart's picture field.

    Raises:
        TypeError: the object has none of that name.
    """
    try:
        field = type(chart)._meta.get_field(name)
    except Exception as error:
        raise TypeError(f"{chart!r} is no chart: it has no picture field {name!r}.") from error
    if not isinstance(field, ChartImageField):
        raise TypeError(f"{type(chart)._meta.label}.{name} is no ChartImageField.")
    return field


def needs_render(chart: Any, name: str = "image") -> bool:
    """Say whether whoever looks at a picture must have it rendered: nobody else does, or nobody has yet."""
    if not getattr(chart, name):
        return True
    return config().dispatcher == "inline" and chart.image_version < chart.data_version


def look_url(chart: Any, field: ChartImageField, look: Look) -> str:
    """Return the address of one file: in storage, or of the view that renders and serves it."""
    names = getattr(chart, field.name).names()
    if not needs_render(chart, field.name) and look in names:
        return field.storage.url(names[look])
    try:
        return reverse("charts:image", args=[sign(ChartKey.of(chart), field.name, look)])
    except NoReverseMatch:  # the project serves no pictures itself: a last good image is better than none
        return field.storage.url(names[look]) if look in names else static("charts/missing.svg")


def css_size(chart: Any, field: ChartImageField) -> tuple[int | None, int | None]:
    """Return a picture's width and height in CSS pixels, as far as the row or its field knows them."""
    file = getattr(chart, field.name)
    return file.width, file.height


def offered(chart: Any, field: ChartImageField) -> list[Look]:
    """Return the files that a page can show: those of the picture, or, with none yet, those it will have."""
    looks = getattr(chart, field.name).names() or field.options.looks()
    return [look for look in looks if look.format in RASTER_FORMATS]


def scheme(theme: str) -> str:
    """Return `light` or `dark`: for which pages a theme is made."""
    if theme in {"light", "dark"}:
        return theme
    extends = config().themes.get(theme, {}).get("extends", "light")
    return scheme(str(extends)) if extends != theme else "light"


def picture(
    chart: Any,
    *,
    field: str = "image",
    narrow: str | None = None,
    narrow_media: str = "(max-width: 40rem)",
    alt: str | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> SafeString:
    """Return the `<picture>` of a chart.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        narrow: name of another picture field, made for small screens.
        narrow_media: the media query of such screens.
        alt: replaces the chart's own alternative text; "" for a picture that only decorates.
        attrs: further attributes of the `<img>`; None and False leave one out.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved.
    """
    wide = picture_field(chart, field)
    if chart.pk is None:
        raise ValueError(f"This {chart._meta.label} is not saved: save() it, then show it.")
    looks = offered(chart, wide)
    width, height = css_size(chart, wide)
    chosen = {
        "src": look_url(chart, wide, looks[0]),
        "srcset": _srcset(chart, wide, [look for look in looks if _alike(look, looks[0])]),
        "width": width,
        "height": height,
        "alt": chart.alt if alt is None else alt,
        "loading": "lazy",
        "decoding": "async",
    } | dict(attrs or {})
    sources = list(_small_sources(chart, picture_field(chart, narrow), narrow_media)) if narrow else []
    sources += takewhile(lambda source: not _alike(source.look, looks[0]), _sources(chart, wide))
    tags = format_html_join("", "<source{}>", ((flat(source.attributes()),) for source in sources))
    return format_html("<picture>{}{}</picture>", tags, format_html("<img{}>", flat(chosen)))


def flat(attrs: Mapping[str, Any]) -> SafeString:
    """Return attributes as HTML, those without a value left out; `alt` is always said."""
    kept = {
        name: value for name, value in attrs.items() if value not in (None, False) and (value != "" or name == "alt")
    }
    for name in kept:
        if not name or any(character in " \"'<>/=\t\n\r\f\0" for character in name):
            raise ValueError(f"{name!r} cannot be the name of an HTML attribute.")
    # A literal in a template counts as safe HTML, but a quote in it would still end the attribute.
    return flatatt({name: value if value is True else escape(value) for name, value in kept.items()})


def _alike(one: Look, other: Look) -> bool:
    return (one.theme, one.format) == (other.theme, other.format)


def _srcset(chart: Any, field: ChartImageField, looks: list[Look]) -> str:
    if len(looks) == 1 and looks[0].density == 1:
        return ""
    return ", ".join(f"{look_url(chart, field, look)} {look.density:g}x" for look in looks)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """One `<source>`: files that differ in density alone, and the pages and readers they are for."""

    look: Look
    srcset: str
    media: tuple[str, ...] = ()
    type: str | None = None
    width: int | None = None
    height: int | None = None

    def attributes(self) -> dict[str, Any]:
        return {
            "media": " and ".join(self.media),
            "type": self.type,
            "srcset": self.srcset,
            "width": self.width,
            "height": self.height,
        }


def _sources(chart: Any, field: ChartImageField) -> Iterator[_Source]:
    """Yield the sources of a picture: the other colour scheme's first, and better formats before the column's."""
    looks = offered(chart, field)
    first = looks[0]
    themes = list(dict.fromkeys(look.theme for look in looks))
    other = next((theme for theme in themes if scheme(theme) != scheme(first.theme)), None)
    formats = [format for format in BEST_FIRST if any(look.format == format for look in looks)]
    for theme in filter(None, (other, first.theme)):
        for format in formats:
            group = [look for look in looks if (look.theme, look.format) == (theme, format)]
            yield _Source(
                look=group[0],
                media=(f"(prefers-color-scheme: {scheme(theme)})",) if theme == other else (),
                type=MEDIA_TYPES[format] if len(formats) > 1 else None,
                srcset=_srcset(chart, field, group) or look_url(chart, field, group[0]),
            )


def _small_sources(chart: Any, field: ChartImageField, media: str) -> Iterator[_Source]:
    """Yield the sources for small screens, which have a size of their own."""
    width, height = css_size(chart, field)
    for source in _sources(chart, field):
        yield replace(source, media=(media, *source.media), width=width, height=height)


def placeholder(width: int, height: int, text: str) -> bytes:
    """Return an SVG of a picture's size that says why the picture is not there.

    Args:
        width: CSS pixels.
        height: CSS pixels.
        text: one short sentence.
    """
    style = (
        "text{fill:#566072}rect{fill:#f4f6f9}@media(prefers-color-scheme:dark){text{fill:#a3adbd}rect{fill:#1b212b}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(text)}"><style>{style}</style><rect width="100%" height="100%"/>'
        f'<text x="50%" y="50%" text-anchor="middle" dominant-baseline="middle" '
        f'font-family="system-ui,sans-serif" font-size="14">{escape(text)}</text></svg>'
    ).encode()


def variant_url(
    chart: Any,
    *,
    field: str = "image",
    theme: str | None = None,
    density: float | None = None,
    format: str | None = None,
) -> str:
    """Return the address of one file of a chart's picture.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        theme: by default the field's first.
        density: by default the field's first.
        format: by default the primary file's.

    Raises:
        ValueError: the picture has no such file; the message lists those it has.
    """
    of = picture_field(chart, field)
    there = getattr(chart, field).names() or of.options.looks()
    return look_url(chart, of, of.look(theme=theme, density=density, format=format, among=there))
