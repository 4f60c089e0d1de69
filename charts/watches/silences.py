"""What a deleted row does, without a signal, to rows that point to it or are linked with it.

By `SET_NULL`, `SET()`, the database's own actions; and links go whose table Django has made itself.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import signals

from charts.conf import config
from charts.ledger import begin_write
from charts.routing import has_table
from charts.watches.counting import counting, names_fields
from charts.watches.links import minds_links, relations
from charts.watches.paths import all_rows, table_of
from charts.watches.routes import Route, routes_and_charts
from charts.watches.rows import mark_keys, some_at_a_time

# Django deletes the rows one by one, and tells of each, or refuses. Whatever else there is tells nobody.
TOLD = {models.CASCADE, models.PROTECT, models.RESTRICT}
# Since Django 6.1: the database deletes them, and those that point to them in turn.
DB_CASCADE = getattr(models, "DB_CASCADE", None)

KNOWN = "_charts_pointing"


class Pointing(NamedTuple):
    """Rows that are changed or deleted with a row that they point to.

    Attributes:
        model: theirs.
        name: of their foreign key, or of the relation that links them.
        heard: the routes by which they reach charts.
    """

    model: type[models.Model]
    name: str
    heard: list[Route]


def connect() -> None:
    """Hear what deletes rows that watched ones, or charts, point to."""
    for model in apps.get_models():
        if table_of(model) in _telling():
            uid = f"charts.silence.{model._meta.label_lower}"
            signals.pre_delete.connect(_before_delete, sender=model, dispatch_uid=uid)
            signals.post_delete.connect(_after_delete, sender=model, dispatch_uid=uid)


@cache
def silences() -> Mapping[type[models.Model], list[Pointing]]:
    """Return, by the model that is pointed to, which rows change without a word when one of its rows goes."""
    found: dict[type[models.Model], list[Pointing]] = {}
    for model, heard in routes_and_charts().items():
        for field in () if model._meta.proxy else _foreign_keys(model._meta.concrete_fields):
            if field.remote_field.on_delete in TOLD:
                continue
            minding = [route for route in heard if route.model is model and _minds(route, field)]
            if minding:
                found.setdefault(_target(field), []).append(Pointing(model, field.name, minding))
        for relation, through in () if model._meta.proxy else relations(model):
            minding = [route for route in heard if route.model is model and minds_links(route, through)]
            if minding and through._meta.auto_created and not getattr(relation, "hidden", False):
                found.setdefault(_target(relation), []).append(Pointing(model, relation.name, minding))
    return found


@cache
def _taken_along() -> Mapping[type[models.Model], list[Any]]:
    """Return, by the model they point to, the foreign keys whose rows the database deletes with those."""
    found: dict[type[models.Model], list[Any]] = {}
    for model in apps.get_models():
        for field in () if model._meta.proxy else _foreign_keys(model._meta.local_concrete_fields):
            if DB_CASCADE and field.remote_field.on_delete is DB_CASCADE:
                found.setdefault(_target(field), []).append(field)
    return found


@cache
def _telling() -> frozenset[type[models.Model]]:
    """Return the models whose rows, when they are deleted, change others: at once, or by what goes with them."""
    found = set(silences())
    while further := {
        target
        for target, fields in _taken_along().items()
        if target not in found and any(field.model in found for field in fields)
    }:
        found |= further
    return frozenset(found)


def _foreign_keys(fields: Any) -> list[Any]:
    return [field for field in fields if field.remote_field and field.related_model]


def _target(field: Any) -> Any:
    return table_of(field.related_model)  # it may name a proxy


def _minds(route: Route, field: Any) -> bool:
    """Say whether a route minds what becomes of a row that loses what its foreign key points to."""
    is_kept = field.remote_field.on_delete not in {models.DO_NOTHING, DB_CASCADE}
    return not (is_kept and names_fields(route)) or field in counting(route)


def _before_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    """Mark by the rows that point there while they do. Deleting always runs in a transaction."""
    if not config().watch:
        return
    begin_write(using, sender)
    instance.__dict__[KNOWN] = known = {}  # keys only: the instance may be copied, should its delete fail
    for place, each, keys in _pointing(sender, instance.pk, using):
        mark_keys(each.model, keys, each.heard, using)
        known[place] = keys


def _after_delete(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    for (target, number), keys in instance.__dict__.pop(KNOWN, {}).items():
        each = silences()[apps.get_model(target)][number]
        mark_keys(each.model, keys, each.heard, using)


def _pointing(
    sender: type[models.Model], key: Any, using: str
) -> Iterator[tuple[tuple[str, int], Pointing, list[Any]]]:
    """Yield what changes without a word, with where `silences` has it, and the keys of its rows."""
    for target, keys in _going(table_of(sender), key, using).items():
        for number, each in enumerate(silences().get(target, ())):
            if found := _keys(each.model, each.name, keys, using):
                yield (target._meta.label_lower, number), each, found


def _going(model: Any, key: Any, using: str) -> dict[type[models.Model], set[Any]]:
    """Return the keys, by model, of the rows that go with a row: it, and what the database deletes with it."""
    found: dict[type[models.Model], set[Any]] = {model: {key}}
    front = [(model, {key})]
    while front:
        target, keys = front.pop()
        for field in _taken_along().get(target, ()):
            if field.model not in _telling():
                continue
            known = found.setdefault(field.model, set())
            new = set(_keys(field.model, field.name, keys, using)) - known
            if new:
                known |= new
                front.append((field.model, new))
    return found


def _keys(model: type[models.Model], name: str, keys: set[Any], using: str) -> list[Any]:
    """Return the keys of the rows that point to rows with some keys, or are linked with them."""
    if not has_table(model, using):
        return []
    rows = all_rows(model).using(using)
    return [
        key
        for some in some_at_a_time(keys)
        for key in rows.filter(**{f"{name}__pk__in": some}).values_list("pk", flat=True)
    ]
