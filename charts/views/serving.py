"""One file as an HTTP response: conditional, in parts, cached as long as it is true, harmless when opened by itself."""

import logging
import time
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from django.core.files.storage import Storage
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.utils.text import slugify

from charts.conf import config
from charts.fields import EXTENSIONS, RASTER_FORMATS, Look
from charts.ledger import ChartKey
from charts.markup import MEDIA_TYPES
from charts.markup.addresses import version_of
from charts.views import ranges
from charts.views.ranges import AsyncPieces, Pieces

logger = logging.getLogger("charts")

Answer = TypeVar("Answer", bound=HttpResponseBase)

YEAR = 31_536_000
# Files up to this many bytes are read before the answer begins, so that one that cannot be read breaks no answer.
AT_ONCE = 2 * 1024 * 1024
# Nothing in a file of ours needs anything from anywhere; matplotlib's SVG styles itself and may hold pixels.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A file that a request may have.

    Attributes:
        request: the request.
        chart: whose picture it is of.
        storage: where it lies.
        name: its name there.
        look: which of the picture's files it is.
        is_private: whether not everybody may see it.
        is_immutable: whether its address will never give anything else.
        until: Unix time in seconds at which the address ends; 0: never.
    """

    request: HttpRequest
    chart: Any
    storage: Storage
    name: str
    look: Look
    is_private: bool
    is_immutable: bool
    until: int

    @property
    def etag(self) -> str:
        """A name is never used for two contents."""
        return quote_etag(version_of(self.name))

    @property
    def modified(self) -> int | None:
        """Unix time in seconds at which it was drawn, as the row says."""
        drawn = self.chart.rendered_at
        return int(drawn.timestamp()) if drawn else None

    @property
    def headers(self) -> dict[str, str]:
        """What is said of the file, sent or not."""
        headers = {"Cache-Control": self._caching(), "ETag": self.etag, "Accept-Ranges": "bytes"}
        return headers | ({"Last-Modified": http_date(self.modified)} if self.modified else {})

    def _caching(self) -> str:
        whose = "private" if self.is_private else "public"
        if not self.is_immutable:
            return f"{whose}, no-cache"
        left = max(0, int(self.until - time.time())) if self.until else YEAR
        return f"{whose}, max-age={min(YEAR, left)}, immutable"

    @property
    def content_type(self) -> str:
        """The file's media type, with its character set where the file does not say it."""
        media_type = MEDIA_TYPES[self.look.format]
        return f"{media_type}; charset=utf-8" if self.look.format == "csv" else media_type

    @property
    def download_name(self) -> str:
        """What the file is called on a reader's disk."""
        base = self._said()[:80] or type(self.chart)._meta.model_name
        density = f"@{self.look.density:g}x" if self.look.format in RASTER_FORMATS and self.look.density != 1 else ""
        return f"{'-'.join(filter(None, (base, self.look.theme)))}{density}.{EXTENSIONS[self.look.format]}"

    def _said(self) -> str:
        try:
            return slugify(str(self.chart), allow_unicode=True)
        except Exception:  # somebody's __str__, which may read other rows; the picture has nothing to do with it
            logger.warning("%s cannot say its name.", ChartKey.of(self.chart), exc_info=True)
            return ""


def response(asked: Asked) -> HttpResponseBase:
    """Return the file, the part of it that is asked for, or that it has not changed.

    Raises:
        Exception: whatever the storage raises.
    """
    unmodified = get_conditional_response(asked.request, etag=asked.etag, last_modified=asked.modified)
    if unmodified is not None:
        answer: HttpResponseBase = unmodified
    elif config().sendfile:
        answer = _by_server(asked, str(config().sendfile))
    else:
        answer = _by_us(asked)
    for name, value in asked.headers.items():
        answer.headers.setdefault(name, value)
    if answer.status_code in {200, 206}:
        wants_file = "download" in asked.request.GET
        answer["Content-Disposition"] = content_disposition_header(wants_file, asked.download_name) or "inline"
    return secured(answer)


def secured(answer: Answer) -> Answer:
    """Let a file that is opened by itself do nothing: no script, no other types, no loading."""
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    return answer


def _by_server(asked: Asked, how: str) -> HttpResponse:
    """Leave the sending to the web server, which is told where the file lies."""
    answer = HttpResponse(content_type=asked.content_type)
    if how == "X-Sendfile":
        answer["X-Sendfile"] = quote(asked.storage.path(asked.name))
    else:
        answer["X-Accel-Redirect"] = how + quote(asked.name)
    return answer


def _by_us(asked: Asked) -> HttpResponseBase:
    file = asked.storage.open(asked.name)
    try:
        head = file.read(AT_ONCE + 1)
        size = len(head) if len(head) <= AT_ONCE else file.size
        span = ranges.asked(asked.request, size, asked.etag, asked.modified)
        answer = _whole_or_part(asked, file, head, range(size) if span is None else span)
    except BaseException:
        file.close()
        raise
    if span is not None:
        answer["Content-Encoding"] = "identity"  # GZipMiddleware would compress a part, which nobody could join
        answer.status_code = 206 if span else 416
        answer["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}" if span else f"bytes */{size}"
    answer["Content-Length"] = str(len(range(size) if span is None else span))
    return answer


def _whole_or_part(asked: Asked, file: Any, head: bytes, span: range) -> HttpResponseBase:
    if len(head) <= AT_ONCE or asked.request.method == "HEAD" or not span:
        file.close()
        return HttpResponse(head[span.start : span.stop] if span else b"", content_type=asked.content_type)
    pieces = Pieces(file, head, span)
    streamed: Any = AsyncPieces(pieces) if isinstance(asked.request, ASGIRequest) else pieces
    return StreamingHttpResponse(streamed, content_type=asked.content_type)
