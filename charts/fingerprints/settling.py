"""Read what can be read only once, so that data can be both digested and drawn."""

import copy
import functools
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.db.models import QuerySet
from django.db.models.query import RawQuerySet

from charts.exceptions import DigestError
from charts.fingerprints.values import MAX_DEPTH

# A chart of more items than this is a mistake, and an endless iterator must not take the memory of the machine.
MAX_ITEMS = 5_000_000


def settle(data: Any) -> Any:
    """Give the data with every iterator in it read into a list, and every queryset read.

    Looks into lists, tuples, dictionaries and deques. What needs nothing is given back as it is: the same object,
    never copied. Containers that hold an iterator are copied, for they may not be ours to change.

    Raises:
        DigestError: an iterator that does not end, or containers that contain themselves.
    """
    return _settled(data, 0)


def _settled(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise DigestError(
            f"The data is nested more than {MAX_DEPTH} levels deep or contains itself: return flat rows from "
            "get_data()."
        )
    if isinstance(value, Iterator) and not isinstance(value, io.IOBase):
        return _settled(_read(value), depth + 1)
    if isinstance(value, QuerySet | RawQuerySet):
        len(value)  # reads the rows, which it keeps
        return value
    if isinstance(value, dict):
        return _settled_dict(value, depth)
    if isinstance(value, list | tuple):
        return _settled_sequence(value, depth)
    return value


def _read(iterator: Iterator[Any]) -> list[Any]:
    items = list(islice(iterator, MAX_ITEMS + 1))
    if len(items) > MAX_ITEMS:
        raise DigestError(
            f"get_data() gave a {type(iterator).__qualname__} of more than {MAX_ITEMS:,} items: return a list of "
            "what is drawn."
        )
    return items


def _settled_dict(value: dict[Any, Any], depth: int) -> Any:
    values = list(value.values())
    settled = _settled_sequence(values, depth)
    if settled is values:
        return value
    changed = copy.copy(value)
    for key, item in zip(value, settled, strict=True):
        changed[key] = item
    return changed


def _settled_sequence(items: Any, depth: int) -> Any:
    """Settle a list or tuple; long ones of scalars, or of rows of scalars, are not walked one by one."""
    kinds = set(map(type, items))
    if kinds <= {list, tuple}:
        kinds = set(map(type, chain.from_iterable(items)))
    elif kinds == {dict}:
        kinds = set(map(type, chain.from_iterable(map(dict.values, items))))
    if not any(map(_can_hold_iterators, kinds)):
        return items
    settled = [_settled(item, depth + 1) for item in items]
    if all(new is old for new, old in zip(settled, items, strict=True)):
        return items
    if isinstance(items, list):
        return settled
    return items._make(settled) if hasattr(items, "_make") else tuple(settled)


@functools.lru_cache(maxsize=1024)
def _can_hold_iterators(kind: type) -> bool:
    return issubclass(kind, dict | list | tuple | QuerySet | RawQuerySet | Iterator)
