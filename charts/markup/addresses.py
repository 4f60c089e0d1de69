"""Where a picture's files are: in storage, or behind a signed address that renders them or asks for permission."""

import hashlib
import logging
import time
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse

from charts.conf import config
from charts.fields import EXTENSIONS, FORMATS, RASTER_FORMATS, ChartImageField, Look
from charts.ledger import ChartKey
from charts.markup.subjects import is_restricted, needs_render, picture_field, require_row, shown_key

logger = logging.getLogger("charts")

# A token of one kind is none of the other: a permalink is for good, an image's address may end.
IMAGE, LATEST = "charts.image", "charts.latest"
MEDIA_TYPES = {
    "png": "image/png",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
}


def version_of(name: str) -> str:
    """Return a short text for a file's name, which is never used for two contents; "" for no file."""
    return hashlib.sha256(name.encode()).hexdigest()[:16] if name else ""


@dataclass(frozen=True, slots=True)
class Address:
    """What a signed address asks for.

    Attributes:
        key: the chart, by the class that is shown.
        field: its picture field's name.
        look: which of the picture's files.
        version: `version_of` the file that was current when the address was made; "" for whatever is current.
        until: Unix time in seconds at which it ends; 0: never.
    """

    key: ChartKey
    field: str
    look: Look
    version: str = ""
    until: int = 0

    def token(self, purpose: str = IMAGE) -> str:
        """Return the address as text that nobody else can make."""
        key, look = self.key, self.look
        parts = [key.model, key.pk, key.using, self.field, look.theme, look.density, look.format]
        return _signer(purpose).sign_object([*parts, self.version, self.until])

    @classmethod
    def read(cls, token: str, purpose: str = IMAGE) -> "Address":
        """Return what a token asks for.

        Raises:
            BadSignature: nobody here made it, it was made for something else, or its time is over.
        """
        try:
            model, pk, using, name, theme, density, format, version, until = _signer(purpose).unsign_object(token)
            address = cls(ChartKey(model, pk, using), name, Look(theme, float(density), format), version, int(until))
        except BadSignature:
            raise
        except Exception as error:  # whatever else comes of a text that somebody made up
            raise BadSignature("This address cannot be read.") from error
        texts = (model, pk, using, name, theme, format, version)
        if not all(isinstance(text, str) for text in texts) or format not in FORMATS:
            raise BadSignature("This address means nothing here.")
        if address.until and address.until < time.time():
            raise BadSignature("This address has ended.")
        return address


def _signer(purpose: str) -> Signer:
    return Signer(salt=purpose, sep="~")


class Addresses:
    """The addresses of one picture's files.

    Args:
        chart: a saved chart.
        field: its picture field.

    Attributes:
        names: the files there are, by look; empty if there is no picture yet.
    """

    __slots__ = ("_found", "_restricted", "_served", "chart", "field", "names")

    def __init__(self, chart: Any, field: ChartImageField) -> None:
        self.chart, self.field = chart, field
        self.names: dict[Look, str] = getattr(chart, field.name).names()
        self._found: dict[Look, str] = {}
        self._restricted = is_restricted(type(chart))
        self._served = self._restricted or needs_render(chart, field.name)

    def of(self, look: Look) -> str:
        """Return the address of one file: in storage, or of the view that renders and serves it."""
        if look not in self._found:
            self._found[look] = self._sought(look)
        return self._found[look]

    def _sought(self, look: Look) -> str:
        name = self.names.get(look) or self._instead(look)
        if name and not self._served:
            try:
                return self.field.storage.url(name)
            except Exception:  # a storage may raise anything, or have no addresses; the view reads its files
                logger.warning("There is no address of %s in its storage.", name, exc_info=True)
        try:
            return reverse("charts:image", args=[self._address(look).token()])
        except NoReverseMatch:  # the project serves no pictures itself: a last good image is better than none
            return self._last_good(look)

    def _instead(self, look: Look) -> str:
        """Return the file to show while the one that is meant is not there: the field's options have changed."""
        return next(iter(self.names.values()), "") if look.format in RASTER_FORMATS else ""

    def _address(self, look: Look) -> Address:
        fresh = not needs_render(self.chart, self.field.name)
        version = version_of(self.names.get(look, "")) if fresh else ""
        until = _end() if self._restricted else 0
        return Address(shown_key(self.chart), self.field.name, look, version, until)

    def _last_good(self, look: Look) -> str:
        name = self.names.get(look) or self._instead(look)
        if name and not self._restricted:
            try:
                return self.field.storage.url(name)
            except Exception:
                logger.warning("There is no address of %s.", name, exc_info=True)
        return static("charts/missing.svg")


def _end() -> int:
    """Return when an address made now ends: the same for a while, so that browsers know the picture again."""
    span = config().signed_for
    return 0 if span is None else int((time.time() // span + 2) * span)


def find(
    chart: Any, *, field: str, theme: str | None, density: float | None, format: str | None
) -> tuple[Addresses, Look]:
    """Return a picture's addresses, and which of its files is meant by some of its traits.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field asks for no such file; the message lists those it does.
    """
    picture = picture_field(chart, field)
    require_row(chart)
    options = picture.options  # not the files there are: after a change of the options, pages must not break
    among = [options.primary, *(look for look in options.looks() if look != options.primary)]
    return Addresses(chart, picture), picture.look(theme=theme, density=density, format=format, among=among)


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
        TypeError: it is no chart.
        ValueError: its field asks for no such file; the message lists those it does.
    """
    addresses, look = find(chart, field=field, theme=theme, density=density, format=format)
    return addresses.of(look)


def permalink(
    chart: Any,
    *,
    field: str = "image",
    theme: str | None = None,
    density: float | None = None,
    format: str | None = None,
) -> str:
    """Return the address that always gives a chart's newest picture: for chats, wikis and feeds.

    It never ends, and asks for the same permission as every other.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        theme: by default the field's first.
        density: by default the field's first.
        format: by default the primary file's.

    Raises:
        TypeError: it is no chart.
        ValueError: its field asks for no such file; the message lists those it does.
        NoReverseMatch: the project does not include `charts.urls`.
    """
    _, look = find(chart, field=field, theme=theme, density=density, format=format)
    token = Address(shown_key(chart), field, look).token(LATEST)
    return reverse("charts:latest", args=[token, EXTENSIONS[look.format]])


def require_request(request: HttpRequest | None, tag: str) -> HttpRequest:
    """Return the request, which knows the site's own address.

    Raises:
        ImproperlyConfigured: the template has none.
    """
    if request is None:
        raise ImproperlyConfigured(
            f"{tag} needs the request for an absolute address: add django.template.context_processors.request, or "
            "pass the request to the template."
        )
    return request
