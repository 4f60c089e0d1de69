"""Paths: the rows that decide where a lookup path leads, each of which can be saved by itself."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP


class Passed(NamedTuple):
    """Rows that a path passes.

    Attributes:
        prefix: the path to them. Where they hide the way to them, what names it, after the path to where it begins.
        model: theirs.
        child: for a parent's rows, the child they are part of, whose own rows are passed too.
        moves: whether the rows themselves say what they are part of, so that saving one can move it.
        link: the foreign key that leads back from rows which hide the way to them; "" if they do not.
    """

    prefix: str
    model: type[models.Model]
    child: type[models.Model] | None = None
    moves: bool = False
    link: str = ""


def joined(*steps: str) -> str:
    """Return a path of several, some of which may be empty."""
    return LOOKUP_SEP.join(step for step in steps if step)


def table_of(model: type[models.Model]) -> Any:
    """Return the class that has a model's table: what is saved as it, or as another proxy, is a row there."""
    return model._meta.concrete_model


def all_rows(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Return every row of a model's table; a manager of the project's may hide some, or ask who is asking."""
    return models.QuerySet(model)


def forebears(model: type[models.Model], prefix: str = "") -> Iterator[Passed]:
    """Yield the rows of a model's parents, and of theirs: a row of a child is also one of each."""
    for parent, link in table_of(model)._meta.parents.items():
        if link:
            path = joined(prefix, link.name)
            yield Passed(path, parent, child=model)
            yield from forebears(parent, path)


def passed(start: type[models.Model], path: str) -> Iterator[Passed]:
    """Yield the rows that decide where a path leads, beside those of its start."""
    model, steps = start, path.split(LOOKUP_SEP)
    for index, step in enumerate(steps):
        try:
            relation: Any = model._meta.pk if step == "pk" else model._meta.get_field(step)
        except FieldDoesNotExist:
            return  # a transform such as `date__year`
        if not relation.is_relation or relation.related_model is None:
            return  # a column, or a generic foreign key
        yield from between(relation, LOOKUP_SEP.join(steps[:index]))
        model = relation.related_model
        # Where the last step leads is in the row before it, unless the foreign key is on the other side.
        is_behind = relation.auto_created or relation.one_to_many
        if index < len(steps) - 1 or is_behind:
            prefix = LOOKUP_SEP.join(steps[: index + 1])
            yield Passed(prefix, model, moves=is_behind)
            yield from forebears(model, prefix)


def between(relation: Any, prefix: str = "") -> Iterator[Passed]:
    """Yield the rows of a project's own many-to-many table, which it may save by themselves.

    Args:
        relation: any, from either side.
        prefix: the path to the model that it starts from.
    """
    field = relation.remote_field if relation.auto_created else relation
    through = getattr(field.remote_field, "through", None)
    if not relation.many_to_many or through is None or through._meta.auto_created:
        return
    name = field.m2m_field_name() if field is relation else field.m2m_reverse_field_name()
    link: Any = through._meta.get_field(name)
    back = link.remote_field
    if back is None:
        return  # a generic link, of a package for tags
    if back.hidden:
        yield Passed(joined(prefix, str(link)), through, moves=True, link=link.name)
    else:
        yield Passed(joined(prefix, back.name), through, moves=True)
