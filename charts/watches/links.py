"""Links of many-to-many relations: both ends of one change with it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import models
from django.db.models import signals
from django.db.models.constants import LOOKUP_SEP

from charts.conf import config
from charts.ledger import begin_write
from charts.watches.counting import names_fields
from charts.watches.paths import all_rows, table_of
from charts.watches.routes import Route, routes_and_charts
from charts.watches.rows import mark_keys, some_at_a_time

# Links that go are told before they go, links that come after they came; a callable is asked both times.
BEFORE, AFTER = {"pre_remove", "pre_clear"}, {"post_add"}
ASKED = {"pre_add", "post_add", "pre_remove", "post_remove", "pre_clear", "post_clear"}
KNOWN = "_charts_linked"


def connect() -> None:
    """Hear the links of every watched model, and of every chart, from either side."""
    for model in routes_and_charts():
        for _, through in relations(model):
            signals.m2m_changed.connect(_links_changed, sender=through, dispatch_uid="charts.watch.links")


def relations(model: type[models.Model]) -> Iterator[tuple[Any, Any]]:
    """Yield (relation, through) of a model's many-to-many relations, whichever side they were declared on."""
    for relation in model._meta.get_fields(include_hidden=True):
        through = getattr(_field(relation).remote_field, "through", None) if relation.many_to_many else None
        if through is not None:
            yield relation, through


def _field(relation: Any) -> Any:
    """Return the field of a many-to-many relation, whose other side Django makes itself."""
    return relation.remote_field if relation.auto_created else relation


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
    """Mark by links of a many-to-many relation: both ends have changed. Django links in a transaction."""
    if not config().watch or pk_set == set():
        return
    far = _far_end(sender, instance, action, model, pk_set, using, reverse=reverse)
    for end, keys in (type(instance), [instance.pk]), (model, far):
        minding = _minding(end, sender)
        heard = [route for route in minding if action in (ASKED if route.watch.charts else BEFORE | AFTER)]
        mark_keys(end, keys, heard, using)


def _far_end(
    through: Any,
    instance: Any,
    action: str,
    model: type[models.Model],
    pk_set: set[Any] | None,
    using: str,
    *,
    reverse: bool,
) -> list[Any]:
    """Return the keys of the rows at the other end; those of a clear are read before it, and remembered for after."""
    if action == "post_clear":
        return list(instance.__dict__.pop(KNOWN, ()))
    own: Any = type(instance)
    ends = _ends(through, own, model, reverse=reverse)
    if pk_set is not None:
        return list({key for _, other in ends for key in _keys(model, other, pk_set, using)} if ends else pk_set)
    begin_write(using, through)
    links = all_rows(through).using(using)
    found: set[Any] = set()
    for link, other in ends:
        found.update(links.filter(**{link.name: instance}).values_list(f"{other.name}__pk", flat=True))
    instance.__dict__[KNOWN] = known = list(found - {None})
    return known


def _keys(model: type[models.Model], link: Any, values: set[Any], using: str) -> list[Any]:
    """Return the keys of rows by the values that a through model's foreign key has of them."""
    held = link.target_field
    if held.primary_key:
        return list(values)
    begin_write(using, model)
    rows = all_rows(model).using(using)
    return [
        key
        for some in some_at_a_time(values)
        for key in rows.filter(**{f"{held.name}__in": some}).values_list("pk", flat=True)
    ]


def ends_of(links: "models.QuerySet[Any]") -> list[tuple[Any, list[Any]]]:
    """Return (model, keys) of what links lead to, of a table that Django has made itself."""
    ends = [field for field in links.model._meta.concrete_fields if field.is_relation]
    return [(end.related_model, list(links.order_by().values_list(f"{end.name}__pk", flat=True))) for end in ends]


def mark_ends(through: Any, ends: list[tuple[Any, list[Any]]], using: str) -> int:
    """Mark by links that were written without a signal; return how many charts were marked."""
    count = 0
    for end, keys in ends:
        count += mark_keys(end, set(keys), _minding(end, through), using)
    return count


def _minding(end: Any, through: Any) -> list[Route]:
    """Return the routes of an end for which its links count."""
    return [route for route in routes_and_charts().get(end, ()) if minds_links(route, through)]


def minds_links(route: Route, through: Any) -> bool:
    """Say whether links count for a route: where it names fields, only those of these fields, and those that decide."""
    if not names_fields(route):
        return True
    counted = (route.watch.fields or frozenset()) | {path.split(LOOKUP_SEP)[0] for path in route.watch.match.values()}
    return any(relation.name in counted for relation, table in relations(route.source) if table is through)


@cache
def _ends(through: Any, own: Any, far: Any, *, reverse: bool) -> list[tuple[Any, Any]]:
    """Return a through model's foreign keys, to the row that is changed and to the other end.

    Several pairs, where several relations have their links in one table: Django does not say which was changed.
    """
    found = []
    for relation, table in relations(own):
        field = _field(relation)
        is_between = table is through and table_of(relation.related_model) is table_of(far)
        if not is_between or relation.auto_created != reverse:
            continue
        ends = tuple(through._meta.get_field(name) for name in (field.m2m_field_name(), field.m2m_reverse_field_name()))
        if not all(end.remote_field for end in ends):
            continue  # a generic link, of a package for tags: its rows cannot be found this way
        found.append(ends[::-1] if reverse else ends)
        if field.remote_field.symmetrical:
            found.append(ends[::-1])
    return found
