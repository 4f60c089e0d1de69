"""`{% load charts %}`: the tags that show stored charts."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from charts import markup

register = template.Library()


@register.simple_tag
def chart(
    obj: Any,
    *,
    field: str = "image",
    narrow: str | None = None,
    narrow_media: str = "(max-width: 40rem)",
    alt: str | None = None,
    **attrs: Any,
) -> SafeString:
    """Show a chart: `{% chart obj alt="…" class="…" loading="eager" %}`.

    Reads columns only: no render, no storage, no query. `narrow` names another picture field, for small screens.
    Underscores in attribute names become hyphens (`data_id`, `aria_describedby`).
    """
    named = {name.replace("_", "-"): value for name, value in attrs.items()}
    return markup.picture(obj, field=field, narrow=narrow, narrow_media=narrow_media, alt=alt, attrs=named)


@register.simple_tag
def chart_url(
    obj: Any,
    *,
    field: str = "image",
    theme: str | None = None,
    density: float | None = None,
    format: str | None = None,
) -> str:
    """Give the address of one file of a chart: `{% chart_url obj theme="dark" format="svg" %}`."""
    return markup.variant_url(obj, field=field, theme=theme, density=density, format=format)
