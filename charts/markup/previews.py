"""What a link to a page shows in chats and feeds: Open Graph and Twitter card."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString, mark_safe

from charts.fields import ChartImageField, Look
from charts.markup import plans
from charts.markup.addresses import MEDIA_TYPES, Addresses, permalink, require_request
from charts.markup.attributes import flat
from charts.markup.embedding import EVERYWHERE
from charts.markup.subjects import css_size, offered, picture_field, require_row

# Chats show pictures this wide in large; much wider ones are refused by some.
WIDTH = 1200


def meta(
    chart: Any,
    request: HttpRequest | None,
    *,
    field: str = "image",
    title: str | None = None,
    description: str | None = None,
    url: str | None = None,
) -> SafeString:
    """Return the `<meta>` elements that give a page's link a picture.

    The picture's address is the permalink: who reads the page's link later sees the newest picture, if everybody may
    see it at all.

    Args:
        chart: a saved chart.
        request: makes addresses absolute.
        field: its picture field's name.
        title: by default the chart's text.
        description: by default its alternative text.
        url: the page's own address; by default the chart's `get_absolute_url()`, or the request's.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved.
        ImproperlyConfigured: there is no request.
    """
    picture = picture_field(chart, field)
    require_row(chart)
    request = require_request(request, "chart_meta")
    said = {
        "title": str(chart) if title is None else title,
        "description": chart.alt if description is None else description,
    }
    page = request.build_absolute_uri(url or _page(chart) or request.path)
    return mark_safe("\n".join(_elements(chart, picture, request, {**said, "url": page})))  # noqa: S308  (by flat)


def _page(chart: Any) -> str:
    return str(chart.get_absolute_url()) if hasattr(chart, "get_absolute_url") else ""


def _elements(chart: Any, field: ChartImageField, request: HttpRequest, said: dict[str, str]) -> list[str]:
    look = _look(chart, field)
    image = _address(chart, field, look, request)
    width, height = css_size(chart, field)
    sizes = {"width": width and round(width * look.density), "height": height and round(height * look.density)}
    graph = {
        "og:type": "website",
        **{f"og:{name}": text for name, text in said.items()},
        "og:image": image,
        "og:image:type": MEDIA_TYPES[look.format],
        **{f"og:image:{name}": size for name, size in sizes.items()},
        "og:image:alt": chart.alt,
    }
    card = {
        "twitter:card": "summary_large_image",
        "twitter:title": said["title"],
        "twitter:description": said["description"],
        "twitter:image": image,
        "twitter:image:alt": chart.alt,
    }
    named = [("property", graph), ("name", card)]
    return [f"<meta{flat({key: name, 'content': text})}>" for key, each in named for name, text in each.items() if text]


def _look(chart: Any, field: ChartImageField) -> Look:
    """Return a light file that everybody's software shows, and large enough."""
    looks = offered(chart, field)
    theme = next((theme for theme in plans.pair(tuple(looks)) if not plans.is_dark(theme)), looks[0].theme)
    format = next((each for each in EVERYWHERE if any(look.format == each for look in looks)), looks[0].format)
    found = [look for look in looks if (look.theme, look.format) == (theme, format)] or looks[:1]
    found.sort(key=lambda look: look.density)
    width = css_size(chart, field)[0] or WIDTH
    return next((look for look in found if look.density * width >= WIDTH), found[-1])


def _address(chart: Any, field: ChartImageField, look: Look, request: HttpRequest) -> str:
    try:
        address = permalink(chart, field=field.name, theme=look.theme, density=look.density, format=look.format)
    except (NoReverseMatch, ValueError):  # no urls of ours; or a file that the field's options no longer ask for
        address = Addresses(chart, field).of(look)
    return request.build_absolute_uri(address)
