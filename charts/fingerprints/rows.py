"""Write what Django owns: rows of models by what is loaded of them, querysets, files, lazy texts.

Nothing here makes a query: a deferred column, a row that a foreign key names, a queryset inside a prefetch count
if they are loaded. What is not loaded cannot be in a picture, for drawing makes no queries either.
"""

import functools
from collections.abc import Callable, Collection, Sequence
from functools import cached_property as python_cached_property
from typing import Any

from django.core.files.base import File
from django.db.models import Field, Model, QuerySet
from django.utils.functional import Promise, cached_property

from charts.fingerprints.scalars import column_of, sized
from charts.fingerprints.values import Encoder, Record, readers, writer_of, writers

Excluded = Collection[str] | Callable[[Model], Collection[str]]


def row_state(instance: Model, *, exclude: Excluded = ()) -> object:
    """Give what a picture can show of a row: its columns, and those of the rows it points at as far as loaded.

    Makes no query: the caller loads the foreign rows that shall count, always the same ones.

    Args:
        instance: a row of any model.
        exclude: names of its columns that do not count (names of fields or of their columns); a callable is asked
            for each row on the way, so that a foreign row that is a chart itself can leave out its own.

    Returns:
        Nested builtins for ``digest``.
    """
    return _state(instance, exclude, frozenset())


def _state(instance: Model, exclude: Excluded, above: frozenset[int]) -> object:
    """Read a row; ``above`` are the ids of those that led to it, for one-to-one rows point back."""
    left_out = set(exclude(instance) if callable(exclude) else exclude if not above else ())
    fields = instance._meta.concrete_fields
    for field in fields:
        if {field.name, field.attname} & left_out:
            left_out |= {field.name, field.attname}
    above |= {id(instance)}
    columns = {
        field.attname: _readable(field, [instance.__dict__[field.attname]], [instance])[0]
        for field in fields
        if field.attname in instance.__dict__ and field.attname not in left_out
    }
    rows = {
        name: _state(row, exclude, above)
        for name, row in sorted(_loaded(instance).items())
        if isinstance(row, Model) and id(row) not in above and name not in left_out
    }
    return [instance._meta.label, columns, rows]


def _loaded(instance: Model) -> dict[str, Any]:
    """Give the rows that relations of this row have in their caches."""
    found: dict[str, Any] = instance._state.__dict__.get("fields_cache", {})
    return found


def _readable(field: "Field[Any, Any]", values: Sequence[Any], instances: Sequence[Model]) -> Sequence[Any]:
    """Give a column's values in a form that has a digest: files by name, unknown types as the field's text."""
    kinds = set(map(type, values))
    if any(issubclass(kind, File) for kind in kinds):
        return [value.name if isinstance(value, File) else value for value in values]
    if any(column_of(kind) is None and writer_of(kind) is None for kind in kinds):
        return [field.value_to_string(instance) for instance in instances]
    return values


def read_instances(instances: Sequence[Model]) -> Record | None:
    """Read rows of one model that have the same columns and relations loaded.

    Everything counts that a picture can show without a query: columns, annotations and other public attributes,
    cached foreign rows, prefetched ones. Names that begin with ``_`` and cached properties do not: they follow from
    the rest, and whether they are there depends on who asked before.
    """
    model = type(instances[0])
    shapes = {(tuple(row.__dict__), tuple(_loaded(row)), tuple(_prefetched(row))) for row in instances}
    if len(shapes) > 1:
        return None
    attributes, relations, prefetched = shapes.pop()
    names, fields = _plan(model, attributes)
    columns = [
        _readable(fields[name], values, instances) if name in fields else values
        for name in names
        for values in [[row.__dict__[name] for row in instances]]
    ]
    columns += [[_loaded(row)[name] for row in instances] for name in sorted(relations)]
    columns += [[_prefetched(row)[name] for row in instances] for name in sorted(prefetched)]
    places = [*names, *sorted(relations), *sorted(prefetched)]
    heading = (model._meta.label, *names, "", *sorted(relations), "", *sorted(prefetched))
    return Record(heading, [f".{place}" for place in places], columns, instances)


def _prefetched(instance: Model) -> dict[str, Any]:
    found: dict[str, Any] = instance.__dict__.get("_prefetched_objects_cache", {})
    return found


@functools.lru_cache(maxsize=256)
def _plan(model: type[Model], attributes: tuple[str, ...]) -> tuple[list[str], dict[str, "Field[Any, Any]"]]:
    """Say which of a row's attributes count, in an order that does not depend on when each was loaded."""
    derived = (cached_property, python_cached_property)
    names = [
        name
        for name in sorted(attributes)
        if not name.startswith("_") and not isinstance(getattr(model, name, None), derived)
    ]
    return names, {field.attname: field for field in model._meta.concrete_fields}


def _write_queryset(encoder: Encoder, queryset: QuerySet[Any]) -> None:
    """Write a queryset as its rows, in its order; it keeps them, so that drawing makes no query."""
    encoder.sequence(list(queryset))


def _write_file(encoder: Encoder, file: "File[Any]") -> None:
    """Write a file by its name: names are never used twice where files are replaced."""
    encoder.feed(b"/")
    encoder.value(file.name)


def _write_lazy(encoder: Encoder, text: Promise) -> None:
    """Write a lazy text as it reads in the active language."""
    encoder.feed(b"L" + sized(str(text).encode("utf-8", "surrogatepass")))


def _write_lazy_object(encoder: Encoder, value: Any) -> None:
    """Write what a lazy object stands for; it says that to pickle, made if need be."""
    encoder.value(value.__reduce__()[1][0])


readers["django", "Model"] = read_instances
writers |= {
    ("django", "QuerySet"): _write_queryset,
    ("django", "RawQuerySet"): _write_queryset,
    ("django", "File"): _write_file,
    ("django", "Promise"): _write_lazy,
    ("django", "LazyObject"): _write_lazy_object,
}
