"""HTML attributes, from whatever names and values a template gives."""

from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

FORBIDDEN = frozenset(" \"'<>/=\t\n\r\f\0")


def named(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments as attributes: underscores are hyphens, and one at the end is none (`class_`)."""
    return {_hyphened(name): value for name, value in arguments.items()}


@cache
def _hyphened(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def flat(attrs: Mapping[str, Any]) -> SafeString:
    """Return attributes as HTML, those without a value left out; `alt` is always said.

    Everything is escaped, also what is marked as safe: a literal in a template is, and a quote in it would still end
    the attribute.

    Raises:
        ValueError: a name that HTML does not allow.
    """
    return mark_safe("".join(_written(name, value) for name, value in attrs.items()))  # noqa: S308  (escaped here)


def _written(name: str, value: Any) -> str:
    if value is None or value is False or (value == "" and name != "alt"):
        return ""
    if not _is_name(name):
        raise ValueError(f"{name!r} cannot be the name of an HTML attribute.")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


@cache
def _is_name(name: str) -> bool:
    return bool(name) and not FORBIDDEN & set(name) and name.isprintable()
