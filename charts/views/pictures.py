"""The two addresses of a picture: a signed one of one file, and the permalink."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.connection import ConnectionDoesNotExist
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charts import markup
from charts.fields import RASTER_FORMATS, ChartImageField
from charts.freshness.publishing import rows_of
from charts.ledger import ChartKey
from charts.markup import flights
from charts.markup.addresses import IMAGE, LATEST, Address, version_of
from charts.views import serving
from charts.views.serving import Asked

logger = logging.getLogger("charts")

# What comes of an address that nobody signed, that has ended, or of a class, a key or a database that is no more.
WRONG = (BadSignature, ConnectionDoesNotExist, LookupError, TypeError, ValidationError, ValueError)
# Seconds after which it is worth asking again: for what is being drawn, and for what has failed.
SOON, LATER = 2, 10


@flights.unbound
@require_safe
def image(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve one file of a chart's picture, rendered first if nobody else does that.

    A chart that cannot be rendered gives its last good image, or a placeholder of the same size.
    """
    return _respond(request, token, IMAGE)


@flights.unbound
@require_safe
def latest(request: HttpRequest, token: str, extension: str) -> HttpResponseBase:
    """Serve a chart's newest picture: the permalink for chats, wikis and feeds."""
    return _respond(request, token, LATEST)


def _respond(request: HttpRequest, token: str, purpose: str) -> HttpResponseBase:
    address, chart, field = _found(token, purpose)
    if not markup.may_view(request, chart):
        raise Http404
    row = flights.shown(chart, address.field)
    if row is None:
        raise Http404
    answer = _file(request, row, field, address) or _newer_file(request, row, field, address)
    return answer or _instead(request, row, field, address)


def _found(token: str, purpose: str) -> tuple[Address, Any, ChartImageField]:
    """Return what a token asks for, its chart and its field; whatever is wrong, the answer is the same."""
    try:
        address = Address.read(token, purpose)
        chart = rows_of(address.key).first()
        field = markup.picture_field(chart, address.field)
    except WRONG as error:
        raise Http404 from error
    return address, chart, field


def _file(request: HttpRequest, chart: Any, field: ChartImageField, address: Address) -> HttpResponseBase | None:
    """Return the file, or the primary one while there is none such; None if none can be read."""
    names = getattr(chart, field.name).names()
    looks = [look for look in (address.look, *list(names)[:1]) if look in names]
    if address.look.format not in RASTER_FORMATS and address.look not in names:
        return None  # no picture will do for who asked for numbers or a document
    is_current = bool(address.version) and address.version == version_of(names.get(address.look, ""))
    for look in dict.fromkeys(looks):
        asked = Asked(
            request=request,
            chart=chart,
            storage=field.storage,
            name=names[look],
            look=look,
            is_private=markup.is_restricted(address.key.model_class),
            is_immutable=is_current and look == address.look and not markup.needs_render(chart, field.name),
            until=address.until,
        )
        try:
            return serving.response(asked)
        except Exception:  # a storage may raise anything; the page must not break
            logger.exception("%s could not be read for %s.", names[look], ChartKey.of(chart))
    return None


def _newer_file(request: HttpRequest, chart: Any, field: ChartImageField, address: Address) -> HttpResponseBase | None:
    """Return the file of a picture that was published since the row was read, which took the older files' place."""
    row = rows_of(address.key).first()
    is_newer = row is not None and getattr(row, field.name) != getattr(chart, field.name)
    return _file(request, row, field, address) if is_newer else None


def _instead(request: HttpRequest, chart: Any, field: ChartImageField, address: Address) -> HttpResponse:
    """Return what stands in for a picture, which nobody caches.

    A page gets a placeholder, as a success: what is shown is not broken, and some proxies replace errors by pages of
    their own. Who asked for a file to keep, or for what is no picture, gets an error and a sentence.
    """
    is_pending = not getattr(chart, field.name) and flights.is_being_drawn(ChartKey.of(chart))
    said = _("This chart is being drawn.") if is_pending else _("This chart could not be drawn.")
    if address.look.format in (*RASTER_FORMATS, "svg") and "download" not in request.GET:
        size = markup.css_size(chart, field)
        content = markup.placeholder(*size, said, markup.scheme(address.look.theme))
        response = HttpResponse(content, content_type=markup.MEDIA_TYPES["svg"])
    else:
        response = HttpResponse(said, content_type="text/plain; charset=utf-8", status=503)
        response["Retry-After"] = str(SOON if is_pending else LATER)
    response["Cache-Control"] = "no-store"
    return serving.secured(response)
