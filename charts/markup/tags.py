"""What the tags write, for Django's templates and Jinja2 alike: arguments in, HTML out."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from charts.markup import live as living
from charts.markup import pictures, previews, tables
from charts.markup.addresses import permalink, require_request, variant_url
from charts.markup.attributes import flat, named
from charts.markup.elements import NARROW, PAGE, SYSTEM, Showing
from charts.markup.embedding import as_image
from charts.markup.live import EVERY
from charts.markup.pictures import figure, scaled


def chart(
    obj: Any,
    /,
    *,
    field: str = "image",
    narrow: str | None = None,
    narrow_media: str = NARROW,
    theme: str | None = None,
    alt: str | None = None,
    caption: Any = None,
    priority: bool = False,
    live: bool = False,
    embed: bool | str = False,
    **attrs: Any,
) -> SafeString:
    """Show a chart: `{% chart obj alt="…" class="…" loading="eager" %}`.

    Reads columns only: no render, no storage, no query; but for `embed`.

    Args:
        obj: a saved chart.
        field: its picture field's name.
        narrow: name of another picture field, made for small screens.
        narrow_media: the media query of such screens.
        theme: `system`, `page` or a theme's name.
        alt: replaces the chart's own alternative text; "" for a picture that only decorates.
        caption: puts the picture in a `<figure>` with this under it.
        priority: for the picture that readers see first.
        live: whether it follows its chart while the page is open, with `{% chart_live %}`.
        embed: holds the picture itself, for PDFs: a format's name, or True for the best.
        **attrs: attributes of the `<img>`, and of the `<figure>` if they begin with `figure_`. With a `src`, it is
            that address alone that is shown: the picture in an e-mail.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme or format.
    """
    inner, outer = _parted(named(attrs))
    if embed or "src" in inner:
        html = _alone(obj, field, theme, alt, embed, inner)
    else:
        showing = Showing(
            field=field, narrow=narrow or "", narrow_media=narrow_media, theme=theme or "", widths="sizes" in inner
        )
        html = pictures.write(
            obj, showing, alt=alt, priority=priority, attrs=inner, follow=living.token if live else None
        )
    return html if caption is None else figure(html, caption, outer)


def _parted(attrs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of the `<img>` and those of the `<figure>`."""
    outer = {name: value for name, value in attrs.items() if name.startswith("figure-")}
    inner = {name: value for name, value in attrs.items() if name not in outer}
    return inner, {name.removeprefix("figure-"): value for name, value in outer.items()}


def _alone(
    obj: Any, field: str, theme: str | None, alt: str | None, embed: bool | str, attrs: dict[str, Any]
) -> SafeString:
    """Return an `<img>` without choices: what it shows is in it, or the author says where."""
    forced = theme if theme not in {SYSTEM, PAGE} else None
    image = as_image(obj, field=field, theme=forced, embed=embed) if embed else pictures.plain(obj, field)
    image = scaled(image if alt is None else {**image, "alt": alt}, attrs)
    if embed and image["width"]:  # WeasyPrint minds no width attribute, and would show each pixel of a dense file
        image = {"style": f"width:{image['width']}px;height:auto", **image}
    return mark_safe(f"<img{flat(image)}>")  # noqa: S308  (escaped by flat)


def chart_url(
    obj: Any,
    *,
    field: str = "image",
    theme: str | None = None,
    density: float | None = None,
    format: str | None = None,
    latest: bool = False,
    absolute: bool = False,
    request: HttpRequest | None = None,
) -> str:
    """Give the address of one file of a chart: `{% chart_url obj theme="dark" format="svg" %}`.

    Args:
        obj: a saved chart.
        field: its picture field's name.
        theme: by default the field's first.
        density: by default the field's first.
        format: by default the primary file's.
        latest: whether it is the permalink, which always gives the newest picture.
        absolute: whether it begins with the site's own, for mails and feeds.
        request: says what the site's own is.

    Raises:
        TypeError: it is no chart.
        ValueError: its field asks for no such file; the message lists those it does.
        ImproperlyConfigured: it must be absolute, and there is no request.
    """
    find = permalink if latest else variant_url
    address = find(obj, field=field, theme=theme, density=density, format=format)
    return require_request(request, "chart_url").build_absolute_uri(address) if absolute else address


def chart_table(
    obj: Any,
    *,
    field: str = "image",
    summary: str | None = None,
    caption: str | None = None,
    rows: int = tables.ROWS,
    **attrs: Any,
) -> SafeString:
    """Give the numbers behind a chart's picture as a table that unfolds: `{% chart_table obj %}`.

    Args:
        obj: a saved chart, whose field has the format `csv`.
        field: its picture field's name.
        summary: what is said while it is folded.
        caption: the table's caption; by default the first sentence of the alternative text.
        rows: how many are shown.
        **attrs: attributes of the `<details>`.

    Raises:
        TypeError: it is no chart.
        ValueError: its field has no csv.
    """
    return tables.table(obj, field=field, summary=summary, caption=caption, rows=rows, attrs=named(attrs))


def chart_meta(obj: Any, request: HttpRequest | None, **said: Any) -> SafeString:
    """Give a page's link a picture, in its `<head>`: `{% chart_meta obj title="…" %}`; see `previews.meta`."""
    return previews.meta(obj, request, **said)


def chart_live(every: float = EVERY) -> SafeString:
    """Have the pictures that were shown with `live=True` follow their charts: `{% chart_live every=60 %}`."""
    return living.script(every)
