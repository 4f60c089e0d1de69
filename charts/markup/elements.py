"""What is in the `<picture>` of a chart: which files are offered to whom, each with its address."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from charts.conf import config
from charts.fields import ChartImageField, Look
from charts.markup import plans
from charts.markup.addresses import Addresses
from charts.markup.plans import Group
from charts.markup.subjects import css_size, picture_field, require_row

NARROW = "(max-width: 40rem)"
SYSTEM, PAGE = "system", "page"
HIDDEN = ("other", "paper")
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
        role: which of several pictures this is: `usual` follows the system, `other` is for a page whose theme is not
            the system's, `paper` is printed; "" for the one that all see.
    """

    field: str = "image"
    narrow: str = ""
    narrow_media: str = NARROW
    theme: str = ""
    widths: bool = False
    role: str = ""

    @property
    def mode(self) -> str:
        """`system`, `page` or a theme's name."""
        return self.theme or config().theme


class Offer:
    """What a page offers of one chart: several pictures, which share files and so addresses.

    Args:
        chart: a saved chart.
        name: its picture field's name.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved.
    """

    __slots__ = ("_addresses", "chart", "field")

    def __init__(self, chart: Any, name: str) -> None:
        self.chart, self.field = chart, picture_field(chart, name)
        require_row(chart)
        self._addresses: dict[str, Addresses] = {}

    def elements(self, showing: Showing) -> list[Element]:
        """Return what is in a `<picture>`: its sources, and last its image, without words.

        Raises:
            ValueError: the field has no such theme.
        """
        found = list(self._small(showing)) if showing.narrow and showing.role != "paper" else []
        shown = self._shown(self.field, showing)
        plan = plans.plan(shown.looks, shown.themes, inverted=showing.role == "other")
        found += [("source", shown.source(group)) for group in plan.sources]
        return [*found, ("img", shown.image(plan.image))]

    def themes(self, showing: Showing) -> tuple[str, ...]:
        """Return the theme that everybody sees, and the one of those who prefer the other scheme, if there is one."""
        return self._shown(self.field, showing).themes

    def _small(self, showing: Showing) -> Iterator[Element]:
        """Yield the sources for small screens, which have a size of their own."""
        shown = self._shown(picture_field(self.chart, showing.narrow), showing)
        plan = plans.plan(shown.looks, shown.themes, inverted=showing.role == "other")
        width, height = shown.size
        for group in (*plan.sources, plan.image):
            media = plans.both(showing.narrow_media, group.media)
            yield "source", {**shown.source(group), "media": media, "width": width, "height": height}

    def _shown(self, field: ChartImageField, showing: Showing) -> "_Shown":
        addresses = self._addresses.get(field.name)
        if addresses is None:
            addresses = self._addresses[field.name] = Addresses(self.chart, field)
        looks = tuple(addresses.names or field.options.looks())
        themes = _chosen(field, looks, showing)
        return _Shown(addresses, looks, themes, css_size(self.chart, field), showing.widths)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One picture field of a chart as it is shown: addresses, theme and size."""

    addresses: Addresses
    looks: tuple[Look, ...]
    themes: tuple[str, ...]
    size: tuple[int | None, int | None]
    widths: bool

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


def _chosen(field: ChartImageField, looks: tuple[Look, ...], showing: Showing) -> tuple[str, ...]:
    pair = plans.pair(looks)
    theme = showing.mode
    if theme in {SYSTEM, PAGE}:
        return pair if showing.role != "paper" else pair[:1] if not plans.is_dark(pair[0]) else pair[1:]
    if any(look.theme == theme for look in looks):
        return (theme,)
    if theme in field.options.themes:  # it is there as soon as the picture is drawn again
        return pair[:1]
    choices = ", ".join((SYSTEM, PAGE, *field.options.themes))
    raise ValueError(f"{field.model._meta.label}.{field.name} has no theme {theme!r}. Choices are: {choices}.")
