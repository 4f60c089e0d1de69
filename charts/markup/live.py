"""Pictures of a page that is already open: what it shows, and what a newer picture changes in it.

Each picture that follows carries a token: which chart it is and how it is shown, signed; behind it, which version.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.ledger import ChartKey
from charts.markup.addresses import version_of
from charts.markup.attributes import flat
from charts.markup.elements import Element, Offer, Showing
from charts.markup.subjects import may_view, needs_render, shown_key, words

logger = logging.getLogger("charts")

# Seconds between two looks.
EVERY = 30
# Pictures that one request asks about; a page with more keeps the rest as they are.
MOST = 500
# What the script sets on an `<img>`, unless the author has.
SET = ("src", "srcset", "width", "height", "alt")
DEFAULT = Showing()


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One picture as a page shows it.

    Attributes:
        key: the chart.
        showing: how.
        kept: attributes that are the author's own.
        version: of what is shown.
        token: as the page has it.
    """

    key: ChartKey
    showing: Showing
    kept: tuple[str, ...]
    version: str
    token: str

    @classmethod
    def read(cls, token: str) -> "Shown":
        """Return what a page shows.

        Raises:
            BadSignature: nobody here made the token.
        """
        signed, _dot, version = token.rpartition(".")
        try:
            model, pk, using, options, kept = _signer().unsign_object(signed)
            showing = Showing(**options)
            if not all(isinstance(text, str) for text in (model, pk, using)):
                raise BadSignature("This token means nothing here.")  # noqa: TRY301  (as any that cannot be read)
        except BadSignature:
            raise
        except Exception as error:  # whatever else comes of a text that somebody made up
            raise BadSignature("This token cannot be read.") from error
        return cls(key=ChartKey(model, pk, using), showing=showing, kept=tuple(kept), version=version, token=token)


def token(chart: Any, showing: Showing, kept: Iterable[str]) -> str:
    """Return what an `<img>` carries so that it can follow its chart."""
    key = shown_key(chart)
    options = {
        each.name: getattr(showing, each.name)
        for each in fields(Showing)
        if getattr(showing, each.name) != getattr(DEFAULT, each.name)
    }
    own = [name for name in SET if name in kept]
    return f"{_signer().sign_object([key.model, key.pk, key.using, options, own])}.{version(chart, showing)}"


def _signer() -> Signer:
    return Signer(salt="charts.live", sep="~")


def version(chart: Any, showing: Showing) -> str:
    """Return a short text that changes with what a page shows of a chart."""
    names = [str(getattr(chart, name)) for name in (showing.field, showing.narrow) if name]
    # Nobody draws it before somebody looks, so new data is to be looked at.
    pending = [str(chart.data_version)] if needs_render(chart, showing.field) else []
    return version_of("\n".join([*names, *pending]))


@dataclass(frozen=True, slots=True)
class News:
    """What is newer than a page.

    Attributes:
        elements: by token, a picture's sources and last its image; only what the script sets.
        said: a sentence for those who do not see it.
    """

    elements: dict[str, list[Element]]
    said: str


def news(tokens: Sequence[str], request: HttpRequest) -> News:
    """Return what is newer than what a page shows, as far as the request may see it; a query for each class."""
    found: dict[str, list[Element]] = {}
    changed: dict[ChartKey, Any] = {}  # the second picture of a page is the same to who hears of it
    for shown, chart in _loaded(_read(tokens[:MOST])):
        try:
            if version(chart, shown.showing) == shown.version or not may_view(request, chart):
                continue
            found[shown.token] = _changed(shown, chart)
        except Exception:  # the page is of an older release, whose fields or themes are no more
            logger.warning("%s could not be told anew to a page.", shown.key, exc_info=True)
            continue
        changed[shown.key] = chart
    return News(found, _said(changed.values()))


def _read(tokens: Iterable[str]) -> Iterator[Shown]:
    for text in tokens:
        try:
            yield Shown.read(text)
        except BadSignature:
            continue


def _loaded(pictures: Iterable[Shown]) -> Iterator[tuple[Shown, Any]]:
    """Yield the pictures whose chart is there, with its row."""

    def place(shown: Shown) -> tuple[str, str]:
        return shown.key.model, shown.key.using

    for (_model, using), group in groupby(sorted(pictures, key=place), place):
        asked = list(group)
        try:
            rows = _rows([shown.key for shown in asked], using)
        except Exception:  # a class, a database or a key that this process does not know
            logger.warning("%s could not be looked up for a page.", asked[0].key, exc_info=True)
            continue
        yield from ((shown, rows[shown.key]) for shown in asked if shown.key in rows)


def _rows(keys: Sequence[ChartKey], using: str) -> dict[ChartKey, Any]:
    model = keys[0].model_class
    found = model._base_manager.using(using).filter(pk__in=set(_values(keys)))
    return {replace(ChartKey.of(row, using), model=keys[0].model): row for row in found if keys[0].is_known}


def _values(keys: Iterable[ChartKey]) -> Iterator[Any]:
    for key in keys:
        try:
            yield key.pk_value
        except (ValidationError, ValueError):  # made when the class had keys of another kind
            continue


def _changed(shown: Shown, chart: Any) -> list[Element]:
    """Return what the script sets on each element of a picture."""
    *sources, (tag, image) = Offer(chart, shown.showing.field).elements(shown.showing)
    image = {**image, "alt": words(chart)}
    kept = {name: value for name, value in image.items() if name not in shown.kept}
    kept["data-chart"] = token(chart, shown.showing, shown.kept)
    return [(name, _said_only(attributes)) for name, attributes in [*sources, (tag, kept)]]


def _said_only(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value not in {None, ""} or name == "alt"}


def _said(charts: Iterable[Any]) -> str:
    """Return a sentence on what has changed; "" for nothing."""
    found = list(charts)
    if len(found) == 1:
        return _("Picture updated: %(what)s") % {"what": found[0].alt.partition(". ")[0]}
    many = ngettext("%(count)d picture updated.", "%(count)d pictures updated.", len(found))
    return many % {"count": len(found)} if found else ""


def script(every: float = EVERY) -> SafeString:
    """Return the `<script>` that has the pictures of a page follow their charts, those with `live=True`.

    Args:
        every: seconds between two looks.

    Raises:
        ImproperlyConfigured: the project does not include `charts.urls`.
    """
    try:
        address = reverse("charts:news")
    except NoReverseMatch as error:
        raise ImproperlyConfigured(
            'chart_live asks charts.urls for news: add path("charts/", include("charts.urls")) to urlpatterns.'
        ) from error
    attrs = {"src": static("charts/live.js"), "data-url": address, "data-every": f"{every:g}", "defer": True}
    return mark_safe(f"<script{flat(attrs)}></script>")  # noqa: S308  (escaped by flat)
