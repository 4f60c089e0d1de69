"""Checks of the columns that a watch compares: those that a database refuses to compare fail the source's own save.

Where they are in two databases, Python stands between them, and makes of each value what the other column takes.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.core import checks
from django.db import connections, router

from charts.checks.kinds import are_comparable
from charts.watches import Watch

# How sure it is that a comparison fails, or misses charts.
SURELY, PERHAPS = "surely", "perhaps"
MISSES: dict[str, tuple[Callable[..., checks.CheckMessage], str, str]] = {
    SURELY: (checks.Error, "E026", ""),
    PERHAPS: (checks.Warning, "W020", ", unless the one that is given tells apart what the database's own does"),
}


class Column(NamedTuple):
    """What a path leads to.

    Attributes:
        field: the field that says how its values are stored.
        is_bare: whether it is the column itself, and not what a transform makes of it.
    """

    field: Any
    is_bare: bool

    @property
    def type(self) -> str:
        """The field's class, by name."""
        return type(self.field).__name__

    @property
    def collation(self) -> str | None:
        """What its texts are compared by; None where the database decides."""
        return getattr(self.field, "db_collation", None) or None


def check_columns(model: Any, watch: Watch, chart_path: str, other: tuple[Any, str]) -> Iterator[checks.CheckMessage]:
    """Check that a database can compare what two paths lead to.

    Args:
        model: the chart's class.
        watch: whose `match` it is.
        chart_path: the path on the chart.
        other: the source's class, and the path on it.
    """
    source, path = other
    alias = router.db_for_write(model)
    here, there = _column(model, chart_path), _column(source, path)
    if here is None or there is None or alias != router.db_for_write(source):
        return
    compared = f"{watch!r} of {model._meta.label} compares {chart_path!r} ({{}}) with {path!r} ({{}})"
    fault = f"{compared}: a save of {source._meta.label} fails by that, or marks no chart"
    if not are_comparable(here.field, there.field):
        yield checks.Error(
            f"{fault.format(here.type, there.type)}.",
            hint=f"Give both one type, or write charts=lambda row: {model.__name__}.objects.filter(…) for match=.",
            obj=model,
            id="charts.E025",
        )
    elif here.is_bare and there.is_bare and (misses := _misses(connections[alias].vendor, here, there)):
        kind, number, unless = MISSES[misses]
        yield kind(
            f"{fault.format(*(f'db_collation={each.collation!r}' for each in (here, there)))}{unless}.",
            hint="Give both the same db_collation.",
            obj=model,
            id=f"charts.{number}",
        )


def _column(model: Any, path: str) -> Column | None:
    """Return what a path leads to, as a route would select it; None where that is not known."""
    try:
        query: Any = model._base_manager.values(path).query
        found: list[Any] = list(query.select) + list(query.annotation_select.values())
        (selected,) = found
        return Column(selected.output_field, hasattr(selected, "target"))
    except Exception:  # noqa: BLE001  (a custom field or manager may raise anything)
        return None


def _misses(vendor: str, here: Column, there: Column) -> str:
    """Say how surely a chart is missed whose text, by the source's collation, is the source's; "" if it is not.

    That a chart is marked too often, where its own collation tells less apart, harms nobody.
    """
    chart, source = ((each.collation or "").lower() for each in (here, there))
    if chart == source:
        return ""
    if vendor == "sqlite":  # it compares by the chart's
        return "" if source in {"", "binary"} else SURELY
    if vendor == "postgresql":  # it compares by the one that is given, but values that are being saved by the chart's
        return SURELY if chart and source else PERHAPS if source else ""
    if vendor == "mysql" and not source.endswith("_bin"):  # it compares by a binary one, if there is one
        return SURELY if chart and source else PERHAPS
    return ""
