"""The charts of a batch as rows: found by their keys as text, and locked without waiting for anybody."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from charts.clock import PkText
from charts.ledger import lock_or_skip


def rows_of(model: Any, using: str, texts: Iterable[str]) -> "QuerySet[Any]":
    """Return the charts of some keys, each with its key as text, `charts_key`."""
    charts: QuerySet[Any] = model._base_manager.using(using).annotate(charts_key=PkText())
    return charts.filter(pk__in=_values(model, texts)).order_by("pk")


def locked_rows(model: Any, using: str, texts: Iterable[str]) -> dict[str, Any]:
    """Lock those charts that nobody has locked, in the order of their keys; return them by their keys as text.

    Who takes many locks and waits for none is never part of a deadlock; what others have locked has its turn later.
    """
    return {chart.charts_key: chart for chart in lock_or_skip(rows_of(model, using, texts))}


def _values(model: Any, texts: Iterable[str]) -> list[Any]:
    """Return keys as Python has them, without those that were keys before a migration and are none now."""
    found = []
    for text in texts:
        try:
            found.append(model._meta.pk.to_python(text))
        except (ValidationError, ValueError, TypeError):
            continue
    return found
