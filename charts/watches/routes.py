"""Routes: each way by which a changed row reaches charts, worked out once when all models are there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, models, router
from django.db.models import Exists, OuterRef
from django.db.models.constants import LOOKUP_SEP

from charts.models import ChartModel
from charts.watches.declaring import Watch

# Values in one condition: SQLite nests no more than a thousand.
CHUNK = 200


@dataclass(frozen=True, eq=False)
class Route:
    """One way by which a changed row reaches charts.

    Attributes:
        chart_model: the class of the charts.
        watch: the declaration it comes from.
        source: the watch's source, or one of its concrete classes.
        model: the model whose rows change.
        prefix: path from the source to that model; "" for the source itself.
        chart_prefix: path from the chart to that model, for one that a path on the chart's side passes through.
    """

    chart_model: type[ChartModel]
    watch: Watch
    source: type[models.Model]
    model: type[models.Model]
    prefix: str = ""
    chart_prefix: str = ""

    def charts(self, value: Any, lookup: str = "pk") -> "models.QuerySet[Any]":
        """Return the charts whose values match those of the source rows that changed rows are part of.

        Args:
            value: the changed row's key, a slot for it, or, with `lookup="pk__in"`, keys or a queryset of them.
            lookup: `pk` or `pk__in`.
        """
        charts = self.chart_model._base_manager.all()
        if self.chart_prefix:
            return charts.filter(**{_joined(self.chart_prefix, lookup): value})
        match = self.watch.match
        if not match:
            return charts
        rows = self.source._base_manager.filter(**{_joined(self.prefix, lookup): value})
        for chart_path, path in match.items():  # one IN a field: each can use that column's index
            values = rows.filter(**{f"{path}__isnull": False}).values(path)
            charts = charts.filter(**{f"{chart_path}__in": values})
        if len(match) > 1:
            same = {path: OuterRef(chart_path) for chart_path, path in match.items()}
            charts = charts.filter(Exists(rows.filter(**same)))
        return charts

    def charts_with(self, values: "list[tuple[Any, ...]]") -> "Iterator[models.QuerySet[Any]]":
        """Yield the charts that match values of source rows, read from another database, some values at a time."""
        charts = self.chart_model._base_manager.all()
        if not self.watch.match:
            yield charts
        whole = [row for row in values if None not in row]
        for start in range(0, len(whole), CHUNK if self.watch.match else 1):
            rows = (dict(zip(self.watch.match, row, strict=True)) for row in whole[start : start + CHUNK])
            yield charts.filter(reduce(or_, (models.Q(**row) for row in rows)))

    def values(self, pk: Any, using: str) -> "list[tuple[Any, ...]]":
        """Read the match values of the source rows that a changed row is part of."""
        if not self.watch.match:
            return []
        rows = self.source._base_manager.using(using).filter(**{_joined(self.prefix, "pk"): pk})
        return list(rows.values_list(*self.watch.match.values()).distinct())

    def key_of(self, row: models.Model) -> Any:
        """Return the key that a changed row, perhaps one of a subclass, has in this route's model."""
        pk = self.model._meta.pk
        return getattr(row, pk.attname)

    def alias(self, row: models.Model | None, using: str) -> str:
        """Return where the charts of a changed row live: beside it, unless routers send them elsewhere than it."""
        if not router.routers:
            return using
        charts, sources = (_opinion(model, row) for model in (self.chart_model, self.model))
        return using if charts == sources else charts or DEFAULT_DB_ALIAS

    def __hash__(self) -> int:
        return id(self)


def _opinion(model: type[models.Model], row: models.Model | None) -> str | None:
    """Return what the routers say of a model, without the instance's own database that Django falls back to."""
    hints = {"instance": row} if row is not None else {}
    for each in router.routers:
        chosen: str | None = each.db_for_write(model, **hints) if hasattr(each, "db_for_write") else None
        if chosen:
            return chosen
    return None


def _joined(*steps: str) -> str:
    return LOOKUP_SEP.join(step for step in steps if step)


def routes_of(chart_model: type[ChartModel], watch: Watch) -> Iterator[Route]:
    """Yield the ways by which changes reach a watch's charts: its source, and the models its paths pass through."""
    for source in concrete(watch.source_model):
        direct = Route(chart_model, watch, source, source)
        yield direct
        if watch.charts:
            continue
        # A row of a subclass is also a row of its bases, and those can be saved by themselves.
        passed = {link.name: parent for parent, link in source._meta.parents.items() if link}
        for path in watch.match.values():
            passed |= dict(_passed(source, path))
        for prefix, model in passed.items():
            yield replace(direct, model=model, prefix=prefix)
        for path in watch.match:
            for prefix, model in _passed(chart_model, path):
                yield replace(direct, model=model, chart_prefix=prefix)


def concrete(source: type[models.Model]) -> list[type[models.Model]]:
    """Return a source, or the concrete classes of an abstract one."""
    if not source._meta.abstract:
        return [source]
    return [model for model in apps.get_models() if issubclass(model, source) and not model._meta.proxy]


def _passed(start: type[models.Model], path: str) -> Iterator[tuple[str, type[models.Model]]]:
    """Yield (prefix, model) for each model whose rows decide where a path leads, beside those of its start."""
    model, steps = start, path.split(LOOKUP_SEP)
    for index, step in enumerate(steps):
        try:
            relation: Any = model._meta.pk if step == "pk" else model._meta.get_field(step)
        except FieldDoesNotExist:
            return  # a transform such as `date__year`
        if not relation.is_relation or relation.related_model is None:
            return  # a column, or a generic foreign key
        prefix = LOOKUP_SEP.join(steps[: index + 1])
        through = getattr(relation, "through", None) or getattr(relation.remote_field, "through", None)
        if through is not None and not through._meta.auto_created:
            yield from _rows_between(model, through, steps[:index])
        # Where the last step leads is in the row before it, unless the foreign key is on the other side.
        if index < len(steps) - 1 or relation.auto_created:
            yield prefix, relation.related_model
        model = relation.related_model


def _rows_between(
    model: type[models.Model], through: type[models.Model], steps: list[str]
) -> Iterator[tuple[str, type[models.Model]]]:
    """Yield the rows of a project's own many-to-many table, which it may save by themselves."""
    for field in through._meta.concrete_fields:
        back: Any = field.remote_field
        if back is not None and field.related_model is model and not back.hidden:
            yield LOOKUP_SEP.join([*steps, back.name]), through
            return


def known_watches(chart_model: type[ChartModel]) -> Iterator[Watch]:
    """Yield a chart's watches whose source is installed; what is wrong with the others, a system check says."""
    declared = chart_model.watches
    for watch in declared if isinstance(declared, list | tuple) else ():  # type: ignore[redundant-expr]  # as it may be
        try:
            known = isinstance(watch, Watch) and issubclass(watch.source_model, models.Model)
        except (LookupError, ValueError, TypeError):
            known = False
        if known:
            yield watch


@cache
def routes() -> Mapping[type[models.Model], list[Route]]:
    """Return every route by the model whose changes it hears; subclasses and proxies hear for their bases."""
    found: dict[type[models.Model], list[Route]] = {}
    for chart_model in apps.get_models():
        if not issubclass(chart_model, ChartModel) or chart_model._meta.proxy:
            continue
        for watch in known_watches(chart_model):
            for route in routes_of(chart_model, watch):
                for model in kin(route.model):
                    found.setdefault(model, []).append(route)
    return found


def kin(model: type[models.Model]) -> list[type[models.Model]]:
    """Return a model with its subclasses and proxies: each sends signals as itself."""
    return [other for other in apps.get_models() if issubclass(other, model)]
