"""Which of a picture's files are offered to whom: decided by its looks alone, so once for all charts of a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.core.signals import setting_changed
from django.dispatch import receiver

from charts.fields import RASTER_FORMATS, Look
from charts.markup.addresses import MEDIA_TYPES
from charts.markup.subjects import scheme

# Formats that only newer readers show come first.
BEST_FIRST = ("avif", "webp", "jpeg", "png")
DARK = "screen and (prefers-color-scheme: dark)"
# Paper is light, whatever the screen is.
LIGHT = "print, (prefers-color-scheme: light)"


@dataclass(frozen=True, slots=True)
class Group:
    """What one `<source>` or `<img>` offers: files that differ in density alone, and to whom.

    Attributes:
        looks: the files, the least dense first as the field has them.
        media: a media query list; "" for everybody.
        type: the files' media type where there is a choice of formats; else "".
    """

    looks: tuple[Look, ...]
    media: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a `<picture>` is made of: its sources, and the image for all others."""

    sources: tuple[Group, ...]
    image: Group


@cache
def plan(looks: tuple[Look, ...], themes: tuple[str, ...], *, inverted: bool = False) -> Plan:
    """Return the plan of a picture.

    Args:
        looks: its files, the primary first.
        themes: what everybody sees, and where there is another, what those see who prefer the other colour scheme.
        inverted: for a page whose scheme is not the system's: light where the system is dark.
    """
    shown = [look for look in looks if look.format in RASTER_FORMATS]
    usual, *others = themes[::-1] if inverted else themes
    sources = [group for theme in others for group in _groups(shown, theme, _media(theme, inverted))]
    formats = _groups(shown, usual, "")
    image = next(group for group in formats if group.looks[0].format == shown[0].format)
    return Plan((*sources, *formats[: formats.index(image)]), image)


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "CHARTS":
        plan.cache_clear()
        pair.cache_clear()


def _media(theme: str, inverted: bool) -> str:
    if inverted:  # such a picture is never printed
        return f"(prefers-color-scheme: {'light' if is_dark(theme) else 'dark'})"
    return DARK if is_dark(theme) else LIGHT


def _groups(looks: Sequence[Look], theme: str, media: str) -> list[Group]:
    """Return a theme's groups, the best format first."""
    formats = {look.format for look in looks}
    groups = []
    for format in filter(formats.__contains__, BEST_FIRST):
        found = tuple(look for look in looks if (look.theme, look.format) == (theme, format))
        if found:
            groups.append(Group(found, media, MEDIA_TYPES[format] if len(formats) > 1 else ""))
    return groups


def is_dark(theme: str) -> bool:
    """Say whether a theme is made for dark pages."""
    return scheme(theme) == "dark"


@cache
def pair(looks: tuple[Look, ...]) -> tuple[str, ...]:
    """Return a picture's first theme, and the first that is made for the other colour scheme if there is one."""
    themes = list(dict.fromkeys(look.theme for look in looks if look.format in RASTER_FORMATS))
    other = next((theme for theme in themes if is_dark(theme) != is_dark(themes[0])), None)
    return (themes[0],) if other is None else (themes[0], other)


@cache
def both(one: str, other: str) -> str:
    """Return the media query list that holds where two hold.

    Args:
        one: a list that a template author wrote.
        other: `DARK`, `LIGHT` or "".
    """
    if not other:
        return one
    queries = [query.strip() for query in other.split(",")]
    return ", ".join(_joined(part.strip(), query) for part in one.split(",") for query in queries)


def _joined(part: str, query: str) -> str:
    """Join two queries; a media type can stand only in front, and only once."""
    part = f"({part})" if " or " in part else part
    type_, condition = ("", query) if query.startswith("(") else query.partition(" and ")[::2]
    if part.startswith("("):
        return " and ".join(filter(None, (type_, part, condition)))
    if type_ == "print" and not part.startswith("print"):
        return "not all"
    return " and ".join(filter(None, (part, condition)))
