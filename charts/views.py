"""Serving pictures: rendering what nobody has rendered yet, and never breaking the page that asked."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charts import dispatch, markup
from charts.conf import config
from charts.fields import ChartImageField, Look
from charts.freshness.publishing import rows_of
from charts.ledger import ChartKey

logger = logging.getLogger("charts")

_flights: dict[ChartKey, threading.Lock] = {}
_flights_lock = threading.Lock()


@require_safe
def image(request: HttpRequest, token: str) -> HttpResponseBase:
    """Serve one file of a chart's picture, rendered first if nobody else does that.

    A chart that cannot be rendered gives its last good image, or a placeholder of the same size.
    """
    try:
        key, field_name, look = markup.unsign(token)
        chart = rows_of(key).first()
        field = markup.picture_field(chart, field_name)
    except (BadSignature, LookupError, TypeError, ValueError) as error:
        raise Http404 from error
    if not _may_view(request, chart):
        raise Http404
    if markup.needs_render(chart, field_name):
        with _flight(key):
            dispatch.run_now(key)
        chart = rows_of(key).first()
        if chart is None:
            raise Http404
    return _file(request, chart, field, look) or _placeholder(chart, field)


@contextmanager
def _flight(key: ChartKey) -> Iterator[None]:
    """Let one thread of this process render a chart while the others wait; workers elsewhere see its lease."""
    with _flights_lock:
        lock = _flights.setdefault(key, threading.Lock())
    got_it = lock.acquire(timeout=config().timeout)
    try:
        yield
    finally:
        if got_it:
            lock.release()
        with _flights_lock:
            if not lock.locked():
                _flights.pop(key, None)


def _may_view(request: HttpRequest, chart: Any) -> bool:
    asked = config().can_view
    return chart.can_view(request) and (not asked or import_string(asked)(request, chart))


def _file(request: HttpRequest, chart: Any, field: ChartImageField, look: Look) -> HttpResponseBase | None:
    """Return the file, or its picture's primary one if it has no such file; None if there is none to read."""
    names = getattr(chart, field.name).names()
    if not names:
        return None
    if look not in names:
        look = next(iter(names))
    etag = quote_etag(names[look])  # a name is never used for two contents
    if unmodified := get_conditional_response(request, etag=etag):
        return unmodified
    try:
        content = field.storage.open(names[look])
    except Exception:  # a storage may raise anything; the page must not break
        logger.exception("%s could not be read for %s.", names[look], ChartKey.of(chart))
        return None
    response = FileResponse(content, content_type=markup.MEDIA_TYPES[look.format])
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _placeholder(chart: Any, field: ChartImageField) -> HttpResponse:
    width, height = markup.css_size(chart, field)
    content = markup.placeholder(width or 640, height or 400, _("This chart could not be drawn."))
    response = HttpResponse(content, content_type="image/svg+xml", status=503)
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "10"
    response["X-Content-Type-Options"] = "nosniff"
    return response
