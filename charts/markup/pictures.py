"""The `<picture>` of a chart, from its row's columns alone.

Nothing here renders, opens a storage or makes a query: a page of a hundred charts costs the query that loaded them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from charts.markup.attributes import flat
from charts.markup.elements import HIDDEN, NARROW, PAGE, SYSTEM, Offer, Showing
from charts.markup.subjects import css_size, picture_field, words

LAZY = {"loading": "lazy", "decoding": "async"}
EAGER = {"loading": "eager", "decoding": "async", "fetchpriority": "high"}
SIDES = ("width", "height")
# An author's attributes that decide what is fetched, and as what.
FETCHING = ("sizes", "crossorigin", "referrerpolicy")


def picture(
    chart: Any,
    *,
    field: str = "image",
    narrow: str | None = None,
    narrow_media: str = NARROW,
    theme: str | None = None,
    alt: str | None = None,
    priority: bool = False,
    attrs: Mapping[str, Any] | None = None,
) -> SafeString:
    """Return the `<picture>` of a chart.

    Args:
        chart: a saved chart.
        field: its picture field's name.
        narrow: name of another picture field, made for small screens.
        narrow_media: the media query of such screens.
        theme: `system`: light or dark as the reader's system is; `page`: also by a switch on the page, with
            `charts/charts.css`; or a theme's name: that one alone. By default as `CHARTS["THEME"]` says.
        alt: replaces the chart's own alternative text; "" for a picture that only decorates.
        priority: for the picture that readers see first: loaded at once and before others.
        attrs: further attributes of the `<img>`; None and False leave one out.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme.
    """
    attrs = dict(attrs or {})
    showing = Showing(
        field=field, narrow=narrow or "", narrow_media=narrow_media, theme=theme or "", widths="sizes" in attrs
    )
    return write(chart, showing, alt=alt, priority=priority, attrs=attrs)


def write(
    chart: Any,
    showing: Showing,
    *,
    alt: str | None,
    priority: bool,
    attrs: dict[str, Any],
    follow: Callable[[Any, Showing, Iterable[str]], str] | None = None,
) -> SafeString:
    """Return the `<picture>` of a chart, and the hidden ones beside it.

    Args:
        chart: a saved chart.
        showing: how it is shown.
        alt: replaces the chart's own alternative text.
        priority: whether it is loaded before others.
        attrs: further attributes of the `<img>`.
        follow: gives the token with which an `<img>` follows its chart, from the attributes that are the author's.
    """
    offer = Offer(chart, showing.field)
    said = {"alt": words(chart) if alt is None else alt}
    kept = [*attrs, *([] if alt is None else ["alt"]), *(SIDES if set(SIDES) & set(attrs) else ())]
    html = SafeString("")
    for shown in _roles(offer, showing):
        if _is_fetched_only(shown):
            own = {name: attrs[name] for name in FETCHING if name in attrs}
            standard: dict[str, Any] = {"alt": "", **LAZY}
            theirs: Iterable[str] = [*own, "alt"]
        else:
            is_first = shown.role not in HIDDEN
            own, theirs = attrs if is_first else {**attrs, "id": None}, kept
            standard = said | (EAGER if priority and is_first else LAZY)
        token = {"data-chart": follow(chart, shown, theirs)} if follow else {}
        html += _html(offer, shown, {**standard, **token}, own)
    return html


def _roles(offer: Offer, showing: Showing) -> Iterator[Showing]:
    """Yield the one picture, or the several of a chart that has two themes.

    All but the first are hidden, and lazy: browsers load such a one only when the stylesheet shows it, or to print.
    Paper has its own, for while they print, browsers wait for lazy pictures, but not for another source of one that
    is there; they take that at once if it has come with a lazy one.
    """
    if showing.mode == PAGE:
        roles: tuple[str, ...] = ("usual", *HIDDEN)
    elif showing.mode == SYSTEM:
        roles = ("", "paper")
    else:
        roles = ("",)
    if len(roles) > 1 and len(offer.themes(showing)) == 1:
        roles = ("",)
    yield from (replace(showing, role=role) if role else showing for role in roles)


def _html(offer: Offer, showing: Showing, standard: dict[str, Any], attrs: dict[str, Any]) -> SafeString:
    *sources, (_, image) = offer.elements(showing)
    tags = "".join([f"<source{flat(attributes)}>" for _, attributes in sources])
    image = scaled({**image, **standard}, attrs)
    html = f"<picture{_marked(showing)}>{tags}<img{flat(image)}></picture>"
    # Stylesheets that show each picture and img as a block are common; hidden in a span, they stay hidden.
    return mark_safe(f"<span hidden>{html}</span>" if _is_fetched_only(showing) else html)  # noqa: S308  (by flat)


def _is_fetched_only(showing: Showing) -> bool:
    """Say whether nobody sees a picture: browsers only fetch its file, to print another that has it too."""
    return showing.role == "paper" and showing.mode != PAGE


def plain(chart: Any, field: str) -> dict[str, Any]:
    """Return the size and the words of an `<img>` whose address is somebody else's.

    Raises:
        TypeError: it is no chart.
    """
    width, height = css_size(chart, picture_field(chart, field))
    return {"width": width, "height": height, "alt": words(chart)}


def _marked(showing: Showing) -> str:
    """Return what the stylesheet knows a picture by."""
    if not showing.role or _is_fetched_only(showing):
        return ""
    return f' class="charts-{showing.role}"' + (" hidden" if showing.role in HIDDEN else "")


def scaled(image: Mapping[str, Any], attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image's attributes with an author's over them; of a size, one side is enough."""
    if image.get("width") and image.get("height"):
        for side, other in (SIDES, SIDES[::-1]):
            if side not in attrs and str(attrs.get(other, "")).isdecimal():
                attrs = {**attrs, side: round(int(str(attrs[other])) * image[side] / image[other])}
    return {**image, **attrs}


def figure(html: SafeString, caption: Any, attrs: Mapping[str, Any]) -> SafeString:
    """Return a picture in a `<figure>` with its caption.

    Args:
        html: the picture.
        caption: text, or HTML that is marked as safe.
        attrs: attributes of the `<figure>`.
    """
    said = conditional_escape(caption)
    return mark_safe(f"<figure{flat(attrs)}>{html}<figcaption>{said}</figcaption></figure>")  # noqa: S308  (escaped)
