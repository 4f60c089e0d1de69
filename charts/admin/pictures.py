"""A chart's pictures in the admin: small in lists, and every file of them on its own page."""

import copy
import logging
from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from charts import markup
from charts.admin.viewing import viewer_of
from charts.fields import RASTER_FORMATS, ChartImageField, Look, chart_fields
from charts.ledger import ChartKey

logger = logging.getLogger("charts")

# CSS pixels that a picture in a list has at most.
THUMBNAIL = (128, 72)


def as_drawn(chart: Any) -> Any:
    """Return a copy of a chart that counts as fresh: its last good picture is shown as it is.

    The picture of a stale chart is drawn by whoever looks at it where nobody else draws; looking at the admin must
    draw nothing.
    """
    drawn = copy.copy(chart)
    drawn.data_version = drawn.image_version
    return drawn


def thumbnail(chart: Any) -> SafeString:
    """Return a chart's picture small, or a place of the same size for one that has none to show."""
    if chart.image and viewer_of(chart).may_view:
        width, height = _fitted(*markup.css_size(chart, markup.picture_field(chart)))
        size = {"width": width, "height": height, "sizes": f"{width or THUMBNAIL[0]}px"}
        try:
            return markup.picture(as_drawn(chart), theme="page", alt="", attrs={**size, "class": "charts-thumbnail"})
        except Exception:
            logger.exception("%s could not be shown in a list.", ChartKey.of(chart))
    return SafeString('<span class="charts-thumbnail charts-nothing"></span>')


def _fitted(width: int | None, height: int | None) -> tuple[int | None, int | None]:
    """Return a size with the same proportions that a list has room for."""
    if not width or not height:
        return None, THUMBNAIL[1]
    scale = min(THUMBNAIL[0] / width, THUMBNAIL[1] / height, 1)
    return max(1, round(width * scale)), max(1, round(height * scale))


def pictures(chart: Any) -> SafeString:
    """Return every picture of a chart in each of its themes, with links to all its files."""
    if not viewer_of(chart).may_view:
        return format_html("<p>{}</p>", _("You may not see this picture."))
    try:
        figures = [figure for field in chart_fields(type(chart)) for figure in _figures(as_drawn(chart), field)]
    except Exception:
        logger.exception("The pictures of %s could not be shown.", ChartKey.of(chart))
        return format_html("<p>{}</p>", _("The pictures cannot be shown."))
    if not figures:
        return format_html("<p>{}</p>", _("There is no picture yet."))
    return format_html('<div class="charts-pictures">{}</div>', SafeString("".join(figures)))


def _figures(chart: Any, field: ChartImageField) -> Iterator[SafeString]:
    names: dict[Look, str] = getattr(chart, field.name).names()
    addresses = markup.Addresses(chart, field)
    themes = list(dict.fromkeys(look.theme for look in names if look.format in RASTER_FORMATS))
    for theme in themes:
        is_first = theme == themes[0]
        title = title_of(field, theme)
        looks = [look for look in names if look.theme == theme or (is_first and not look.theme)]
        # Said once: all of them show the same.
        alt = None if is_first and field.name == "image" else ""
        yield figure(
            markup.picture(chart, field=field.name, theme=theme, alt=alt, attrs={"class": "charts-full"}),
            title,
            _links(addresses, title, looks),
        )


def title_of(field: ChartImageField, theme: str) -> str:
    """Return what stands under a picture: its theme, and of a further field its name."""
    return theme if field.name == "image" else f"{field.name}, {theme}"


def figure(picture: SafeString, title: str, more: SafeString | str = "") -> SafeString:
    """Return a picture with its title under it, and what else there is to say."""
    return format_html(
        '<figure class="charts-figure">{}<figcaption><b>{}</b> {}</figcaption></figure>', picture, title, more
    )


def _links(addresses: markup.Addresses, title: str, looks: list[Look]) -> SafeString:
    size = markup.css_size(addresses.chart, addresses.field)
    return format_html_join(
        " ",
        '<a href="{}"><span class="visually-hidden">{}, </span>{}</a>',
        ((addresses.of(look), title, file_label(look, size)) for look in looks),
    )


def file_label(look: Look, size: tuple[int | None, int | None]) -> str:
    """Return what a link to a file says: its format, and of pixels how many.

    Args:
        look: which file.
        size: the picture's width and height in CSS pixels.
    """
    width, height = size
    if look.format not in RASTER_FORMATS or not width or not height:
        return look.format.upper()
    return f"{look.format.upper()} {round(width * look.density)} × {round(height * look.density)}"
