"""The HTML of charts: what tags, admin, views and mails share."""

from charts.markup.addresses import MEDIA_TYPES, Address, Addresses, permalink, variant_url
from charts.markup.attributes import flat
from charts.markup.pictures import picture
from charts.markup.placeholders import placeholder
from charts.markup.plans import BEST_FIRST
from charts.markup.subjects import (
    css_size,
    is_restricted,
    may_view,
    needs_render,
    offered,
    picture_field,
    scheme,
)

__all__ = [
    "BEST_FIRST",
    "MEDIA_TYPES",
    "Address",
    "Addresses",
    "css_size",
    "flat",
    "is_restricted",
    "may_view",
    "needs_render",
    "offered",
    "permalink",
    "picture",
    "picture_field",
    "placeholder",
    "scheme",
    "variant_url",
]
