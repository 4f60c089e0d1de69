"""Hearing changes: the signals of watched models, and of no others."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connections, models, transaction
from django.db.models import signals
from django.db.models.constants import LOOKUP_SEP

from charts.conf import config
from charts.freshness import marks
from charts.ledger import begin_write
from charts.models import ChartModel
from charts.watches.afar import mark_afar
from charts.watches.marking import holds, mark_ahead, mark_new, mark_old
from charts.watches.matching import held_values
from charts.watches.routes import Route, kin, routes

STASH = "_charts_change"


class Stash(list["Change"]):
    """What instances carry of changes under way; it is not copied or pickled with them."""

    def __reduce__(self) -> tuple[type["Stash"], tuple[()]]:
        return Stash, ()


@dataclass
class Change:
    """One change of a row, from before it is written until after.

    Attributes:
        row: the instance.
        using: the alias that is written.
        written: the names of the fields that are written; None: all.
        near: routes to charts in the same database, found by `match`.
        asked: routes whose charts a callable finds.
        far: routes to charts in another database.
        left: (route, what the row was) noted before the change, for what cannot be marked then.
        ahead: outside a transaction, the batch of the marks that are made before the change.
    """

    row: models.Model
    using: str
    written: Collection[str] | None = None
    near: list[Route] = field(default_factory=list)
    asked: list[Route] = field(default_factory=list)
    far: list[Route] = field(default_factory=list)
    left: list[tuple[Route, Any]] = field(default_factory=list)
    ahead: marks.Batch | None = None

    @classmethod
    def of(
        cls, row: models.Model, using: str, heard: Iterable[Route], written: Collection[str] | None = None
    ) -> "Change":
        """Sort the routes of a change."""
        change = cls(row, using, written)
        for route in heard:
            if route.alias(row, using) != using:
                change.far.append(route)
            elif route.watch.charts:
                change.asked.append(route)
            else:
                change.near.append(route)
        return change

    def before(self, *, is_new: bool = False, is_going: bool = False) -> None:
        """Mark, or note, the charts of the row as the database still has it.

        In a transaction the first statement is the mark, a write. Outside of one the marks are committed before the
        change they are for, so that a process that is killed in between loses nothing; they are applied after it.

        Args:
            is_new: whether it is not in the database yet.
            is_going: whether it is about to be deleted.
        """
        if connections[self.using].in_atomic_block:
            if not is_new:
                self._mark_old(is_going=is_going)
            return
        marks.forget_applied(self.using)
        self.ahead = marks.Batch.gathering(self.using)
        with marks.into(self.ahead):
            if is_new:
                mark_ahead(self.near, self.row, self.using)
            else:
                self._mark_old(is_going=is_going)
                for route, old in self.left:
                    if route not in self.far:
                        _mark_asked(route, old, self.using)

    def _mark_old(self, *, is_going: bool) -> None:
        mark_old(self.near, self.row, self.using, self.written, is_going=is_going)
        if (self.asked or self.far) and connections[self.using].in_atomic_block:
            begin_write(self.using)
            if not is_going and holds(self.using):
                held_values(self.row, (), self.using)
        self.left += [(route, self._old_row(route)) for route in self.asked]
        self.left += [(route, self._noted(route)) for route in self.far]

    def after(self) -> None:
        """Mark the charts of the row as the database has it now, and those it left."""
        if self.ahead:
            with marks.gathered(self.using, self.ahead):
                self._mark_new()
        elif not (self.left or self.asked or self.far):
            mark_new(self.near, self.row, self.using, self.written)
            return
        else:
            with transaction.atomic(using=self.using, savepoint=False):
                self._mark_new()
        for route in self.far:
            _mark_far(route, self._noted(route), self.row, self.using)

    def _mark_new(self) -> None:
        """Mark in one batch: a chart left and joined is drawn once."""
        mark_new(self.near, self.row, self.using, self.written)
        for route in self.asked:
            if connections[self.using].in_atomic_block:
                begin_write(self.using)
            _mark_asked(route, self.row, self.using)
        self.depart()

    def depart(self) -> None:
        """Mark the charts that were noted before the change."""
        for route, old in self.left:
            if route in self.far:
                _mark_far(route, old, self.row, self.using)
            else:
                _mark_asked(route, old, self.using)

    def _old_row(self, route: Route) -> Any:
        return route.model._base_manager.using(self.using).filter(pk=route.key_of(self.row)).first()

    def _noted(self, route: Route) -> Any:
        if route.watch.charts:
            return self._old_row(route)
        if route.chart_prefix:
            return [route.key_of(self.row)]
        return route.values(route.key_of(self.row), self.using)


def _mark_asked(route: Route, row: Any, using: str) -> None:
    if row is not None and route.watch.charts:
        marks.mark_charts(route.watch.charts(row), using)


def _mark_far(route: Route, noted: Any, row: models.Model, using: str) -> None:
    if noted is None or (noted == [] and route.watch.match):
        return
    alias = route.alias(row, using)
    if route.watch.charts:
        mark_afar([route.watch.charts(noted)], alias, using)
    elif route.chart_prefix:
        mark_afar([route.charts(noted, "pk__in")], alias, using, key=(route, *noted))
    else:
        mark_afar(route.charts_with(noted), alias, using, key=(route, *noted))


def connect() -> None:
    """Hear the changes of every watched model, and of no other."""
    for model in routes():
        uid = f"charts.watch.{model._meta.label_lower}"
        signals.pre_save.connect(_before_save, sender=model, dispatch_uid=uid)
        signals.post_save.connect(_after_save, sender=model, dispatch_uid=uid)
        signals.pre_delete.connect(_before_delete, sender=model, dispatch_uid=uid)
        signals.post_delete.connect(_after_delete, sender=model, dispatch_uid=uid)
        for relation in _many_to_many(model):
            through = getattr(relation, "through", None) or relation.remote_field.through
            signals.m2m_changed.connect(_links_changed, sender=through, dispatch_uid="charts.watch.links")
    for chart_model in apps.get_models():
        if issubclass(chart_model, ChartModel) and chart_model.for_each and not chart_model._meta.proxy:
            _connect_for_each(chart_model)


def _many_to_many(model: type[models.Model]) -> list[Any]:
    """Return a model's many-to-many relations, from whichever side they were declared."""
    return [relation for relation in model._meta.get_fields(include_hidden=True) if relation.many_to_many]


def _heard(row: models.Model, using: str, update_fields: Sequence[str] | None, *, there: bool) -> list[Route]:
    """Return the routes that a change of a row is to be told by.

    Args:
        row: as it will be written.
        using: the alias it is written to.
        update_fields: the names a save is limited to, or None.
        there: whether the row is in the database already, so that its fields can be compared.
    """
    if not config().watch:
        return []
    return [route for route in routes().get(type(row), ()) if _counts(route, row, using, update_fields, there=there)]


def _counts(route: Route, row: models.Model, using: str, update_fields: Sequence[str] | None, *, there: bool) -> bool:
    fields = route.watch.fields
    if fields is None or route.prefix or route.chart_prefix or not there:
        return True
    columns = {field.name for field in route.source._meta.concrete_fields}
    # Which charts a row belongs to counts in any case: it leaves one and joins another.
    counting = fields | {path.split(LOOKUP_SEP)[0] for path in route.watch.match.values()}
    names = {name for name in counting & columns if update_fields is None or name in update_fields}
    return bool(names) and _differs(route, row, using, sorted(names))


def _differs(route: Route, row: models.Model, using: str, names: list[str]) -> bool:
    """Say whether a row is about to change in some fields; what cannot be compared counts as changed."""
    if connections[using].in_atomic_block:
        begin_write(using)
    if holds(using):  # else it would be compared with what somebody is just changing
        held_values(row, (), using)
    columns: list[Any] = [route.source._meta.get_field(name) for name in names]
    stored = route.source._base_manager.using(using).filter(pk=route.key_of(row))
    old = stored.values_list(*[column.attname for column in columns]).first()
    return old is None or any(_is_other(column, row, value) for column, value in zip(columns, old, strict=True))


def _is_other(column: Any, row: models.Model, old: Any) -> bool:
    new = row.__dict__.get(column.attname)
    if hasattr(new, "resolve_expression"):
        return True
    try:
        return bool(column.to_python(new) != old)
    except (ValidationError, TypeError, ValueError):
        return True


def _before_save(
    sender: Any, instance: Any, using: str, raw: bool = False, update_fields: Any = None, **kwargs: object
) -> None:
    if raw:
        return
    there = not instance._state.adding and instance.pk is not None
    change = Change.of(instance, using, _heard(instance, using, update_fields, there=there), update_fields)
    change.before(is_new=instance.pk is None or _is_surely_new(instance))
    instance.__dict__.setdefault(STASH, Stash()).append(change)


def _is_surely_new(row: models.Model) -> bool:
    """Say whether a row can be in no database yet: Django inserts it without looking."""
    return row._state.adding and any(field.has_default() for field in row._meta.pk_fields)


def _after_save(sender: Any, instance: Any, using: str, raw: bool = False, **kwargs: object) -> None:
    if not raw and (change := _stashed(instance)):
        change.after()


def _before_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    """Mark while the row is still there: deleting always runs in a transaction."""
    change = Change.of(instance, using, _heard(instance, using, None, there=False))
    change.before(is_going=True)
    instance.__dict__.setdefault(STASH, Stash()).append(change)


def _after_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    if change := _stashed(instance):
        change.depart()


def _stashed(row: models.Model) -> Change | None:
    """Take what was noted before a change; saves of one instance may be nested."""
    stash = row.__dict__.get(STASH)
    if not stash:
        return None
    change: Change = stash.pop()
    if not stash:
        del row.__dict__[STASH]
    return change


def _links_changed(
    sender: Any,
    instance: Any,
    action: str,
    reverse: bool,
    model: type[models.Model],
    pk_set: set[Any] | None,
    using: str,
    **kwargs: object,
) -> None:
    """Mark by links of a many-to-many relation: both ends have changed.

    Links that go are told before they go, links that come after they came; Django does either in a transaction.
    """
    if not config().watch or action not in {"post_add", "pre_remove", "pre_clear"} or pk_set == set():
        return
    far_end = pk_set if pk_set is not None else _linked(sender, instance, model, using, reverse=reverse)
    for end, keys in ((type(instance), [instance.pk]), (model, list(far_end))):
        for route in routes().get(end, ()):
            if keys and _minds_links(route, sender):
                _mark_rows(route, keys, using)


def _mark_rows(route: Route, keys: list[Any], using: str) -> None:
    if not route.watch.charts:
        marks.mark_charts(route.charts(keys, "pk__in"), using)
        return
    begin_write(using)
    for row in route.model._base_manager.using(using).filter(pk__in=keys):
        _mark_asked(route, row, using)


def _minds_links(route: Route, through: Any) -> bool:
    """Say whether links count for a route: where it names fields, only those of these fields."""
    if route.watch.fields is None or route.prefix or route.chart_prefix:
        return True
    names = {
        relation.name
        for relation in _many_to_many(route.source)
        if (getattr(relation, "through", None) or relation.remote_field.through) is through
    }
    return bool(names & route.watch.fields)


def _linked(through: Any, instance: Any, model: type[models.Model], using: str, *, reverse: bool) -> list[Any]:
    """Return the keys of the rows that a row is linked to, about to be cleared."""
    own, other = _ends(through, type(instance), model)
    begin_write(using)
    links = through._base_manager.using(using).filter(**{own: instance.pk})
    return list(links.values_list(other, flat=True))


def _ends(through: Any, own: type[models.Model], other: type[models.Model]) -> tuple[str, str]:
    """Return the names of a through model's columns for either end."""
    foreign: list[Any] = [field for field in through._meta.concrete_fields if field.is_relation]
    first = next(field for field in foreign if issubclass(own, field.related_model))
    second = next(field for field in foreign if field is not first and issubclass(other, field.related_model))
    return first.attname, second.attname


def _connect_for_each(chart_model: type[ChartModel]) -> None:
    """Give every new row of a foreign key's model its chart, in the transaction that makes the row."""
    name = str(chart_model.for_each)
    try:
        source = chart_model._meta.get_field(name).related_model
    except Exception:  # noqa: BLE001  (whatever is wrong with the name, a system check says it)
        return

    def give(sender: Any, instance: Any, created: bool, using: str, raw: bool = False, **kwargs: object) -> None:
        if created and not raw:
            chart_model._base_manager.using(using).get_or_create(**{name: instance})

    for model in kin(source):  # type: ignore[arg-type]  # a foreign key's model is a class once models are ready
        uid = f"charts.for_each.{chart_model._meta.label_lower}.{model._meta.label_lower}"
        signals.post_save.connect(give, sender=model, weak=False, dispatch_uid=uid)
