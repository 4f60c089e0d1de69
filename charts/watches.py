"""Watches: the declarations that changes of a source make charts stale, and the signals that see the changes."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef, signals
from django.db.models.constants import LOOKUP_SEP

from charts.conf import config
from charts.freshness import marks
from charts.ledger import begin_write
from charts.models import ChartModel

ChartsOf = Callable[[Any], "models.QuerySet[Any]"]


class Watch:
    """Say that changed rows of a source make charts stale.

    Args:
        source: the source's model, or its label `app.Model`.
        match: chart field (or path) → lookup path on the source: the charts whose value equals the row's.
        charts: instead of `match`, a callable that returns the charts of a source row.
        fields: only changes of these source fields count, where a save names what it changes.

    With neither `match` nor `charts`, every change of the source makes every chart of the model stale.
    """

    def __init__(
        self,
        source: str | type[models.Model],
        *,
        match: Mapping[str, str] | None = None,
        charts: ChartsOf | None = None,
        fields: Iterable[str] | None = None,
    ) -> None:
        if match and charts:
            raise TypeError(f"Watch({source!r}) has both match= and charts=; use one of them.")
        self.source = source
        self.match = dict(match or {})
        self.charts = charts
        self.fields = frozenset(fields) if fields is not None else None

    @property
    def source_model(self) -> type[models.Model]:
        """The source's class.

        Raises:
            LookupError: there is no such model.
        """
        return apps.get_model(self.source) if isinstance(self.source, str) else self.source

    def __repr__(self) -> str:
        return f"Watch({self.source!r})"


@dataclass(eq=False)
class Route:
    """One way by which a changed row reaches charts: a watch, seen from one of the models it reads.

    Attributes:
        chart_model: the class of the charts.
        watch: its declaration.
        model: the model whose rows change.
        prefix: path from the watch's source to that model; "" for the source itself.
    """

    chart_model: type[ChartModel]
    watch: Watch
    model: type[models.Model]
    prefix: str = ""
    _compiled: dict[str, marks.MarkStatement | None] = field(default_factory=dict)

    def statement(self, using: str) -> marks.MarkStatement | None:
        """Return the statement that marks the charts of one row as it is in the database; None: it never can."""
        if using not in self._compiled:
            try:
                self._compiled[using] = marks.MarkStatement.compiled(self.charts(marks.Slot("pk")), using)
            except EmptyResultSet:
                self._compiled[using] = None
        return self._compiled[using]

    def charts(self, value: Any, lookup: str = "pk") -> "models.QuerySet[Any]":
        """Return the charts whose values match those of the source rows that changed rows are part of.

        Args:
            value: the changed row's key, a slot for it, or, with `lookup="pk__in"`, a queryset of keys.
            lookup: `pk` or `pk__in`.
        """
        charts = self.chart_model._base_manager.all()
        match = self.watch.match
        if not match:
            return charts
        row = {f"{self.prefix}{LOOKUP_SEP}{lookup}" if self.prefix else lookup: value}
        sources = self.watch.source_model._base_manager.filter(**row)
        for chart_path, path in match.items():  # one IN a field: each can use that column's index
            charts = charts.filter(**{f"{chart_path}__in": sources.filter(**{f"{path}__isnull": False}).values(path)})
        if len(match) > 1:
            same = {path: OuterRef(chart_path) for chart_path, path in match.items()}
            charts = charts.filter(Exists(sources.filter(**same)))
        return charts

    def mark(self, row: models.Model, using: str, seen: Hashable) -> None:
        """Mark the charts of a row as the database has it now.

        Args:
            row: the changed instance; only its key is used.
            using: the alias that was written.
            seen: what makes another mark of this route in the same transaction find the same charts.
        """
        if statement := self.statement(using):
            pk = self.model._meta.pk.get_db_prep_value(row.pk, connections[using])
            marks.mark(statement, {"pk": pk}, seen=None if seen is None else (id(self), seen))

    def mark_old(self, row: models.Model, using: str) -> None:
        """Mark the charts that a row matches before it is changed.

        Once a transaction: what a row matches after its first change there was marked then.
        """
        self.mark(row, using, ("old", row.pk) if self.watch.match else "any")

    def mark_new(self, row: models.Model, using: str) -> None:
        """Mark the charts that a row matches after it was changed; once for all rows with the same values."""
        self.mark(row, using, self._values(row) if self.watch.match else "any")

    def _values(self, row: models.Model) -> Hashable:
        """Return what of a row decides its charts; None if that is not all in its own columns."""
        if self.prefix:
            return None
        values = []
        for path in self.watch.match.values():
            try:
                step = row._meta.get_field(path.split(LOOKUP_SEP)[0])
            except FieldDoesNotExist:
                return None
            if not step.concrete or step.many_to_many:
                return None
            values.append(row.__dict__.get(step.attname))
        return ("new", *values) if all(isinstance(value, Hashable) for value in values) else None

    def found(self, row: models.Model, using: str) -> list[Any]:
        """Return the keys of the charts of a row as the database has it now, by reading."""
        return list(self.charts(row.pk).using(using).values_list("pk", flat=True))


def routes_of(chart_model: type[ChartModel], watch: Watch) -> Iterator[Route]:
    """Yield the ways by which changes reach a watch's charts: its source, and the models its paths pass through."""
    source = watch.source_model
    yield Route(chart_model, watch, source)
    prefixes = {link.name: parent for parent, link in source._meta.parents.items() if link}
    for path in watch.match.values():
        prefixes |= dict(_passed(source, path))
    for prefix, model in prefixes.items():
        yield Route(chart_model, watch, model, prefix)


def _passed(source: type[models.Model], path: str) -> Iterator[tuple[str, type[models.Model]]]:
    """Yield (prefix, model) for each model behind a relation that a path goes on from."""
    model, steps = source, path.split(LOOKUP_SEP)
    for index, step in enumerate(steps[:-1]):
        try:
            relation = model._meta.pk if step == "pk" else model._meta.get_field(step)
        except FieldDoesNotExist:
            return  # a transform such as `date__year`
        if not relation.is_relation or relation.related_model is None:
            return
        model = relation.related_model  # type: ignore[assignment]  # never "self" on a prepared model
        yield LOOKUP_SEP.join(steps[: index + 1]), model


@cache
def routes() -> dict[type[models.Model], list[Route]]:
    """Return every route by the model whose changes it hears; subclasses and proxies hear for their bases."""
    found: dict[type[models.Model], list[Route]] = {}
    for chart_model in apps.get_models():
        if issubclass(chart_model, ChartModel):
            for watch in _known_watches(chart_model):
                for route in routes_of(chart_model, watch):
                    for model in _kin(route.model):
                        found.setdefault(model, []).append(route)
    return found


def _known_watches(chart_model: type[ChartModel]) -> Iterator[Watch]:
    """Yield a chart's watches whose source is installed; what is wrong with the others, a system check says."""
    declared = chart_model.watches
    for watch in declared if isinstance(declared, list | tuple) else ():
        try:
            known = isinstance(watch, Watch) and issubclass(watch.source_model, models.Model)
        except (LookupError, ValueError, TypeError):
            known = False
        if known:
            yield watch


def _kin(model: type[models.Model]) -> list[type[models.Model]]:
    return [other for other in apps.get_models(include_auto_created=True) if issubclass(other, model)]


def connect() -> None:
    """Hear the changes of every watched model, and of no other."""
    for model in routes():
        uid = f"charts.watch.{model._meta.label_lower}"
        signals.pre_save.connect(_before_save, sender=model, dispatch_uid=uid)
        signals.post_save.connect(_after_save, sender=model, dispatch_uid=uid)
        signals.pre_delete.connect(_before_delete, sender=model, dispatch_uid=uid)
        signals.post_delete.connect(_after_delete, sender=model, dispatch_uid=uid)


def _heard(sender: type[models.Model], update_fields: frozenset[str] | None) -> list[Route]:
    if not config().watch:
        return []
    changed = None if update_fields is None else set(update_fields)
    return [
        route
        for route in routes().get(sender, [])
        if changed is None or route.watch.fields is None or route.prefix or changed & route.watch.fields
    ]


def _before_save(
    sender: Any, instance: Any, using: str, raw: bool = False, update_fields: Any = None, **kwargs: object
) -> None:
    """Mark the charts that the row leaves, should it leave any: what the database still says of it."""
    if raw or instance._state.adding or instance.pk is None:
        return
    _leave(instance, using, _heard(sender, update_fields))


def _leave(instance: Any, using: str, heard: list[Route]) -> None:
    left: list[tuple[Route, Any]] = []
    for route in heard:
        if route.watch.charts:
            left.append((route, _old_row(route, instance, using)))
        elif not connections[using].in_atomic_block:
            # A mark would be committed, applied and drawn before the change it is for.
            left.append((route, route.found(instance, using)))
        else:
            route.mark_old(instance, using)
    if left:
        instance.__dict__["_charts_left"] = left


def _old_row(route: Route, instance: Any, using: str) -> Any:
    if connections[using].in_atomic_block:
        begin_write(using)
    return route.model._base_manager.using(using).filter(pk=instance.pk).first()


def _after_save(
    sender: Any, instance: Any, using: str, raw: bool = False, update_fields: Any = None, **kwargs: object
) -> None:
    left = instance.__dict__.pop("_charts_left", ())
    heard = [] if raw else _heard(sender, update_fields)
    if not heard:
        return
    with transaction.atomic(using=using, savepoint=False):  # one batch: a chart both left and joined is drawn once
        for route in heard:
            if route.watch.charts:
                begin_write(using)
                marks.mark_charts(route.watch.charts(instance), using)
            else:
                route.mark_new(instance, using)
        _mark_left(left, using)


def _mark_left(left: Iterable[tuple[Route, Any]], using: str) -> None:
    for route, old in left:
        if route.watch.charts:
            if old is not None:
                marks.mark_charts(route.watch.charts(old), using)
        elif old:
            marks.mark_charts(route.chart_model._base_manager.filter(pk__in=old), using)


def _before_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    """Mark while the row is still there: deleting always runs in a transaction."""
    _leave(instance, using, _heard(sender, None))


def _after_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    _mark_left(instance.__dict__.pop("_charts_left", ()), using)


def source_changed(changed: "models.QuerySet[Any] | type[models.Model]") -> int:
    """Mark the charts of rows that were changed without signals (`update()`, `bulk_create()`, raw SQL).

    Args:
        changed: the changed rows, or a model for all of its rows.

    Returns:
        How many charts were marked.
    """
    rows = changed if isinstance(changed, models.QuerySet) else changed._base_manager.all()
    if not config().watch:
        return 0
    return sum(_mark_rows(route, rows) for route in routes().get(rows.model, []))


def _mark_rows(route: Route, rows: "models.QuerySet[Any]") -> int:
    using = rows.db
    if route.watch.charts:
        return sum(marks.mark_charts(route.watch.charts(row), using) for row in rows)
    return marks.mark_charts(route.charts(rows.values("pk"), "pk__in"), using)


@contextmanager
def source_changing(rows: "models.QuerySet[Any]") -> Iterator[None]:
    """Mark the charts of rows before and after a change that falsifies the queryset's own filter."""
    pks = list(rows.values_list("pk", flat=True))
    same = rows.model._base_manager.using(rows.db).filter(pk__in=pks)
    source_changed(same)
    yield
    source_changed(same)
