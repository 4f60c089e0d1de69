"""Hearing changes: the signals of watched models, and of no others."""

from functools import cache, partial
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.models import signals

from charts.conf import config
from charts.models import ChartModel, give_chart
from charts.routing import has_table, home_of
from charts.watches import links, marking, silences
from charts.watches.changes import Change
from charts.watches.counting import quiet
from charts.watches.routes import Route, kin, routes

STASH = "_charts_change"


class Stash(list[Change]):
    """What instances carry of changes under way; it is not copied or pickled with them."""

    def __reduce__(self) -> tuple[type["Stash"], tuple[()]]:
        return Stash, ()


def connect() -> None:
    """Hear the changes of every watched model, and of no other."""
    for model in routes():
        uid = f"charts.watch.{model._meta.label_lower}"
        signals.pre_save.connect(_before_save, sender=model, dispatch_uid=uid)
        signals.post_save.connect(_after_save, sender=model, dispatch_uid=uid)
        signals.pre_delete.connect(_before_delete, sender=model, dispatch_uid=uid)
        signals.post_delete.connect(_after_delete, sender=model, dispatch_uid=uid)
    links.connect()
    silences.connect()
    signals.post_migrate.connect(_forget_statements, dispatch_uid="charts.watch.statements")
    for chart_model in apps.get_models():
        if issubclass(chart_model, ChartModel) and chart_model.for_each and not chart_model._meta.proxy:
            _connect_for_each(chart_model)


def _forget_statements(**kwargs: object) -> None:
    """Compile statements anew: they may hold keys of content types, which a flushed database gives anew."""
    marking.forget_statements()


def _heard(row: models.Model) -> list[Route]:
    return routes().get(type(row), []) if config().watch else []


def _before_save(
    sender: Any, instance: Any, using: str, raw: bool = False, update_fields: Any = None, **kwargs: object
) -> None:
    if raw:
        return
    heard, hushed = _heard(instance), []
    if not instance._state.adding and instance.pk is not None:
        looked = [(route, quiet(route, instance, using, update_fields)) for route in heard]
        heard, hushed = [route for route, each in looked if not each], [each for _, each in looked if each]
    change = Change.of(instance, using, heard, update_fields, hushed)
    change.before(is_new=_is_new(instance))
    instance.__dict__.setdefault(STASH, Stash()).append(change)


def _is_new(row: models.Model) -> bool:
    """Say whether a row is in no database yet, as Django sees it: then it inserts the row without looking.

    Unless the save is told to update; whether it was, the signal after it says.
    """
    fields = row._meta.pk_fields
    if row.pk is None or any(hasattr(row.__dict__.get(field.attname), "resolve_expression") for field in fields):
        return True
    return row._state.adding and all(field.has_default() or field.has_db_default() for field in fields)


def _after_save(
    sender: Any, instance: Any, using: str, created: bool = True, raw: bool = False, **kwargs: object
) -> None:
    if not raw and (change := _stashed(instance)):
        change.after(created=created)


def _before_delete(sender: Any, instance: Any, using: str, origin: Any = None, **kwargs: object) -> None:
    """Mark while the row is still there: deleting always runs in a transaction."""
    change = Change.of(instance, using, _heard(instance))
    change.before(is_going=True, is_next=origin is instance and _stands_alone(sender))
    instance.__dict__.setdefault(STASH, Stash()).append(change)


@cache
def _stands_alone(model: type[models.Model]) -> bool:
    """Say whether nothing can be deleted or changed with a row: neither what points to it, nor its parents."""
    related = [
        field for field in model._meta.get_fields(include_hidden=True) if field.auto_created or field.is_relation
    ]
    return not model._meta.parents and all(field.concrete and not field.many_to_many for field in related)


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


def _connect_for_each(chart_model: type[ChartModel]) -> None:
    """Give each new row of a foreign key's model its chart, in the transaction that makes the row if they share it."""
    try:
        source: Any = chart_model._meta.get_field(str(chart_model.for_each)).related_model
    except Exception:  # noqa: BLE001  (whatever is wrong with the name, a system check says it)
        return

    def give(sender: Any, instance: Any, created: bool, using: str, raw: bool = False, **kwargs: object) -> None:
        home, connection = home_of(chart_model, source, using, instance), connections[using]
        if not created or raw or not has_table(chart_model, home):
            return  # in an archive of the rows, say, which has no charts
        make = partial(give_chart, chart_model, instance, home)
        if home != using and (connection.in_atomic_block or connection.get_autocommit()):
            transaction.on_commit(make, using=using, robust=True)  # no transaction holds both databases
        else:
            make()

    for model in kin(source):
        uid = f"charts.for_each.{chart_model._meta.label_lower}.{model._meta.label_lower}"
        signals.post_save.connect(give, sender=model, weak=False, dispatch_uid=uid)
