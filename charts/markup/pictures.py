"""The `<picture>` of a chart, from its row's columns alone.

Nothing here renders, opens a storage or makes a query: a page of a hundred charts costs the query that loaded them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from charts.conf import config
from charts.fields import ChartImageField, Look
from charts.markup import plans
from charts.markup.addresses import Addresses
from charts.markup.attributes import flat
from charts.markup.plans import Group
from charts.markup.subjects import css_size, picture_field, require_saved

NARROW = "(max-width: 40rem)"
SYSTEM, PAGE = "system", "page"
HIDDEN = ("other", "paper")
LAZY = {"loading": "lazy", "decoding": "async"}
EAGER = {"fetchpriority": "high"}
SIDES = ("width", "height")

# A tag's name and its attributes.
Element = tuple[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Showing:
    """How a chart is shown: what decides which files its `<picture>` offers to whom.

    Attributes:
        field: the picture field's name.
        narrow: name of another picture field, made for small screens; "" for none.
        narrow_media: the media query of such screens.
        theme: `system`, `page` or a theme's name; "" for what `CHARTS["THEME"]` says.
        widths: whether files are told apart by their width in pixels, for an author's `sizes`; else by density.
        role: of the pictures of a page with a theme of its own, which this is: `usual` follows the system, `other`
            is for a page whose theme is not the system's, `paper` is printed; "" for the only one.
    """

    field: str = "image"
    narrow: str = ""
    narrow_media: str = NARROW
    theme: str = ""
    widths: bool = False
    role: str = ""


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
    """Return the `<picture>` of a chart, three of them where a page has a theme of its own.

    Args:
        chart: a saved chart.
        showing: how it is shown.
        alt: replaces the chart's own alternative text.
        priority: whether it is loaded before others.
        attrs: further attributes of the `<img>`.
        follow: gives the token with which an `<img>` follows its chart, from the attributes that are the author's.
    """
    words = {"alt": getattr(chart, "alt", "") if alt is None else alt}  # what is no chart is refused below
    kept = [*attrs, *([] if alt is None else ["alt"]), *(SIDES if set(SIDES) & set(attrs) else ())]
    html = SafeString("")
    for shown in _roles(chart, showing):
        is_first = shown.role not in HIDDEN
        standard = EAGER if priority and is_first else LAZY
        token = {"data-chart": follow(chart, shown, kept)} if follow else {}
        html += _html(chart, shown, {**words, **standard, **token}, attrs if is_first else {**attrs, "id": None})
    return html


def _roles(chart: Any, showing: Showing) -> Iterator[Showing]:
    """Yield the one picture, or the three of a page that has a theme of its own.

    Two of them are hidden, and lazy: browsers load such a one only when the stylesheet shows it. Paper has its own,
    for while they print, browsers wait for lazy pictures, but not for another source of one that is there.
    """
    if (showing.theme or config().theme) == PAGE and len(_themes(chart, showing)) > 1:
        yield from (replace(showing, role=role) for role in ("usual", *HIDDEN))
    else:
        yield showing


def _html(chart: Any, showing: Showing, standard: dict[str, Any], attrs: dict[str, Any]) -> SafeString:
    *sources, (_, image) = elements(chart, showing)
    tags = "".join([f"<source{flat(attributes)}>" for _, attributes in sources])
    image = scaled({**image, **standard}, attrs)
    return mark_safe(f"<picture{_marked(showing)}>{tags}<img{flat(image)}></picture>")  # noqa: S308  (by flat)


def plain(chart: Any, field: str) -> dict[str, Any]:
    """Return the size and the words of an `<img>` whose address is somebody else's.

    Raises:
        TypeError: it is no chart.
    """
    width, height = css_size(chart, picture_field(chart, field))
    return {"width": width, "height": height, "alt": chart.alt}


def _marked(showing: Showing) -> str:
    """Return what the stylesheet knows a picture by."""
    role = f' class="charts-{showing.role}"' if showing.role else ""
    return role + " hidden" if showing.role in HIDDEN else role


def scaled(image: Mapping[str, Any], attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image's attributes with an author's over them; of a size, one side is enough."""
    if image.get("width") and image.get("height"):
        for side, other in (SIDES, SIDES[::-1]):
            if side not in attrs and str(attrs.get(other, "")).isdecimal():
                attrs = {**attrs, side: round(int(str(attrs[other])) * image[side] / image[other])}
    return {**image, **attrs}


def elements(chart: Any, showing: Showing) -> list[Element]:
    """Return what is in a chart's `<picture>`: its sources, and last its image, without words.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme.
    """
    field = picture_field(chart, showing.field)
    require_saved(chart)
    found = list(_small(chart, showing)) if showing.narrow and showing.role != "paper" else []
    shown = _Shown.of(chart, field, showing)
    plan = plans.plan(shown.looks, shown.themes, inverted=showing.role == "other")
    found += [("source", shown.source(group)) for group in plan.sources]
    return [*found, ("img", shown.image(plan.image))]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One picture field of a chart as it is shown: addresses, theme and size."""

    addresses: Addresses
    looks: tuple[Look, ...]
    themes: tuple[str, ...]
    size: tuple[int | None, int | None]
    widths: bool

    @classmethod
    def of(cls, chart: Any, field: ChartImageField, showing: Showing) -> "_Shown":
        addresses = Addresses(chart, field)
        looks = tuple(addresses.names or field.options.looks())
        themes = _chosen(field, looks, showing)
        return cls(addresses, looks, themes, css_size(chart, field), showing.widths)

    def source(self, group: Group) -> dict[str, Any]:
        return {"media": group.media, "type": group.type, "srcset": self.srcset(group)}

    def image(self, group: Group) -> dict[str, Any]:
        src = self.addresses.of(group.looks[0])
        srcset = self.srcset(group)
        width, height = self.size
        return {"src": src, "srcset": "" if srcset == src else srcset, "width": width, "height": height}

    def srcset(self, group: Group) -> str:
        of, looks = self.addresses.of, group.looks
        if self.widths and self.size[0]:
            return ", ".join([f"{of(look)} {round(self.size[0] * look.density)}w" for look in looks])
        if len(looks) == 1 and looks[0].density == 1:
            return of(looks[0])
        return ", ".join([f"{of(look)} {look.density:g}x" for look in looks])


def _themes(chart: Any, showing: Showing) -> tuple[str, ...]:
    field = picture_field(chart, showing.field)
    looks = tuple(getattr(chart, field.name).names() or field.options.looks())
    return _chosen(field, looks, showing)


def _chosen(field: ChartImageField, looks: tuple[Look, ...], showing: Showing) -> tuple[str, ...]:
    """Return the theme that everybody sees, and the one of those who prefer the other scheme, if there is one."""
    pair = plans.pair(looks)
    theme = showing.theme or config().theme
    if theme in {SYSTEM, PAGE}:
        return pair if showing.role != "paper" else pair[:1] if not plans.is_dark(pair[0]) else pair[1:]
    if any(look.theme == theme for look in looks):
        return (theme,)
    if theme in field.options.themes:  # it is there as soon as the picture is drawn again
        return pair[:1]
    choices = ", ".join((SYSTEM, PAGE, *field.options.themes))
    raise ValueError(f"{field.model._meta.label}.{field.name} has no theme {theme!r}. Choices are: {choices}.")


def _small(chart: Any, showing: Showing) -> Iterator[Element]:
    """Yield the sources for small screens, which have a size of their own."""
    shown = _Shown.of(chart, picture_field(chart, showing.narrow), showing)
    plan = plans.plan(shown.looks, shown.themes, inverted=showing.role == "other")
    width, height = shown.size
    for group in (*plan.sources, plan.image):
        media = plans.both(showing.narrow_media, group.media)
        yield "source", {**shown.source(group), "media": media, "width": width, "height": height}


def figure(html: SafeString, caption: Any, attrs: Mapping[str, Any]) -> SafeString:
    """Return a picture in a `<figure>` with its caption.

    Args:
        html: the picture.
        caption: text, or HTML that is marked as safe.
        attrs: attributes of the `<figure>`.
    """
    said = conditional_escape(caption)
    return mark_safe(f"<figure{flat(attrs)}>{html}<figcaption>{said}</figcaption></figure>")  # noqa: S308  (escaped)
