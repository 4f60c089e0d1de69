"""Routes: each way by which a changed row reaches charts, worked out once when all models are there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models, router
from django.db.models import Exists, OuterRef
from django.db.models.constants import LOOKUP_SEP

from charts.clock import sites_zone
from charts.models import ChartModel
from charts.routing import has_table, home_of
from charts.watches.declaring import Watch
from charts.watches.paths import Passed, all_rows, between, forebears, joined, passed, table_of

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
        child: for a parent's rows, the child they are part of, which a route of its own hears.
        moves: whether the rows themselves say what they are part of, so that saving one can move it.
        link: the foreign key that leads back from rows which hide the way to them, as `Passed` has it.
    """

    chart_model: type[ChartModel]
    watch: Watch
    source: type[models.Model]
    model: type[models.Model]
    prefix: str = ""
    chart_prefix: str = ""
    child: type[models.Model] | None = None
    moves: bool = False
    link: str = ""

    def charts(self, changed: models.Q) -> "models.QuerySet[Any]":
        """Return the charts whose values match those of the source rows that changed rows are part of.

        Args:
            changed: the condition on source rows, or on charts, that changed rows are part of them: `keys_in()`, or
                `reached()` of one with slots.
        """
        charts = all_rows(self.chart_model)
        if self.chart_prefix:
            return charts.filter(changed)
        match = self.watch.match
        if not match:
            return charts
        rows = all_rows(self.source).filter(changed)
        for chart_path, path in match.items():  # one IN a field: each can use that column's index
            values = rows.filter(**{f"{path}__isnull": False}).values(path)
            charts = charts.filter(**{f"{chart_path}__in": values})
        if len(match) > 1:
            same = {path: OuterRef(chart_path) for chart_path, path in match.items()}
            charts = charts.filter(Exists(rows.filter(**same)))
        return charts

    def keys_in(self, keys: Any) -> models.Q:
        """Return the condition that changed rows have some keys: a list of them, or a queryset."""
        return self.reached(lambda model, path: models.Q(**{joined(path, "pk__in"): keys}))

    def reached(self, changed: Callable[[type[models.Model], str], models.Q]) -> models.Q:
        """Return the condition on source rows, or on charts, that changed rows are part of them.

        Args:
            changed: gives the condition on the changed rows, by their model and the path to them.
        """
        path = self.chart_prefix or self.prefix
        if not self.link:
            return changed(self.model, path)
        rows = all_rows(self.model).filter(changed(self.model, ""))
        return models.Q(**{joined(path.rpartition(LOOKUP_SEP)[0], "pk__in"): rows.values(joined(self.link, "pk"))})

    def sources(self, keys: list[Any], using: str) -> "models.QuerySet[Any]":
        """Return the source rows that changed rows are part of, as a watch's callable takes them."""
        return self.source._base_manager.using(using).filter(self.keys_in(keys))

    def charts_with(self, values: "list[tuple[Any, ...]]") -> "Iterator[models.QuerySet[Any]]":
        """Yield the charts that match values of source rows, read from another database, some values at a time."""
        charts = all_rows(self.chart_model)
        if not self.watch.match:
            yield charts
        whole = [row for row in values if None not in row]
        for start in range(0, len(whole), CHUNK if self.watch.match else 1):
            rows = (dict(zip(self.watch.match, row, strict=True)) for row in whole[start : start + CHUNK])
            yield charts.filter(reduce(or_, (models.Q(**row) for row in rows)))

    def values(self, keys: list[Any], using: str) -> "list[tuple[Any, ...]]":
        """Read the match values of the source rows that changed rows are part of."""
        if not self.watch.match:
            return []
        rows = all_rows(self.source).using(using).filter(self.keys_in(keys))
        with sites_zone():
            return list(rows.values_list(*self.watch.match.values()).distinct())

    def key_of(self, row: models.Model) -> Any:
        """Return the key that a changed row, perhaps one of a subclass, has in this route's model."""
        pk = self.model._meta.pk
        return getattr(row, pk.attname)

    def alias(self, row: models.Model | None, using: str) -> str:
        """Return where the charts of a changed row live: beside it, unless routers send them elsewhere than it."""
        home = home_of(self.chart_model, self.model, using, row)
        if home == using and not has_table(self.chart_model, using):
            return router.db_for_write(self.chart_model)  # an archive of the rows, say, which has no charts
        return home


def routes_of(chart_model: type[ChartModel], watch: Watch) -> Iterator[Route]:
    """Yield the ways by which changes reach a watch's charts: its source, and the models its paths pass through."""
    for source in concrete(watch.source_model):
        direct = Route(chart_model, watch, source, table_of(source))
        yield direct
        steps = [*forebears(source), *(step for path in watch.match.values() for step in passed(source, path))]
        for step in _each_once(steps):
            yield _by(step, replace(direct, prefix=step.prefix))
        for step in _each_once([step for path in watch.match for step in passed(chart_model, path)]):
            yield _by(step, replace(direct, chart_prefix=step.prefix))


def _own_rows(chart_model: type[ChartModel]) -> Iterator[Route]:
    """Yield the ways from rows that are part of a chart, whatever it watches: its parents', and those of its links."""
    itself = Route(chart_model, Watch(chart_model), chart_model, chart_model)
    steps = [*forebears(chart_model), *(step for field in chart_model._meta.many_to_many for step in between(field))]
    for step in _each_once(steps):
        yield _by(step, replace(itself, chart_prefix=step.prefix))


def _each_once(steps: list[Passed]) -> list[Passed]:
    return list({step.prefix: step for step in steps}.values())


def _by(step: Passed, route: Route) -> Route:
    """Return a route that hears rows which a path passes."""
    return replace(route, model=table_of(step.model), child=step.child, moves=step.moves, link=step.link)


def concrete(source: type[models.Model]) -> list[type[models.Model]]:
    """Return a source, or the concrete classes of an abstract one."""
    if not source._meta.abstract:
        return [source]
    return [model for model in apps.get_models() if issubclass(model, source) and not model._meta.proxy]


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
    for chart_model in _chart_models():
        watched = (route for watch in known_watches(chart_model) for route in routes_of(chart_model, watch))
        for route in (*watched, *_own_rows(chart_model)):
            for model in kin(route.model):
                if route.child is None or not issubclass(model, table_of(route.child)):
                    found.setdefault(model, []).append(route)
    return found


@cache
def routes_and_charts() -> Mapping[type[models.Model], list[Route]]:
    """Return every route, and one from each chart model to itself.

    Saving a chart marks it without a route. Its links, and what deleting a row takes from it, save nothing.
    """
    found = {model: list(heard) for model, heard in routes().items()}
    for chart_model in _chart_models():
        itself = Route(chart_model, Watch(chart_model, match={"pk": "pk"}), chart_model, chart_model)
        for model in kin(chart_model):
            found.setdefault(model, []).append(itself)
    return found


def _chart_models() -> list[type[ChartModel]]:
    return [model for model in apps.get_models() if issubclass(model, ChartModel) and not model._meta.proxy]


def kin(model: type[models.Model]) -> list[type[models.Model]]:
    """Return a model with its subclasses and all proxies: each sends signals as itself."""
    return [other for other in apps.get_models() if issubclass(other, table_of(model))]
