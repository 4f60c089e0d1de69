"""Walk any value and write it as bytes: containers here, scalars in columns, other libraries' types by name.

Written so that no two different values give the same bytes: each begins with a code for what it is and says its length
where that is not fixed. A list of rows (tuples, dictionaries, objects) is turned into columns first, and a column of
scalars is one block: a tenth of the cost of writing cell by cell. A list and a tuple of the same items are the same:
they draw the same picture, and data that went through JSON stays what it was.

A type that is not built into Python is known by its package and name: nothing is imported because it might be used.
"""

import dataclasses
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from hashlib import sha256
from itertools import chain
from operator import attrgetter, itemgetter
from types import SimpleNamespace
from typing import Any, NamedTuple

from charts.fingerprints.scalars import column_of, sized, type_key

# More than any data needs, and far from Python's own limit, which would depend on who calls.
MAX_DEPTH = 100


class UndigestableError(Exception):
    """Carry what is wrong with a value out to where its place in the data is known."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.places: list[int | str] = []  # from the inside out; a number is an index

    def path(self, root: str) -> str:
        """Write the way to the value as code would: ``data['rows'][3].geom``."""
        return root + "".join(f"[{place}]" if isinstance(place, int) else place for place in reversed(self.places))


class TooDeepError(Exception):
    """Say that a value goes deeper than any data; where does not matter."""


class Record(NamedTuple):
    """Hold things of one shape by columns."""

    heading: tuple[str | int, ...]  # what names the shape
    places: Sequence[int | str]  # where each column stands in a thing, as written in a path
    columns: Iterable[Sequence[Any]]
    owners: Sequence[object] = ()  # the things themselves, if they may be met again below


Reader = Callable[[Sequence[Any]], Record | None]
Writer = Callable[["Encoder", Any], object]

# By package and qualified name of a type; the modules that know the libraries add theirs.
readers: dict[tuple[str, str], Reader] = {}
writers: dict[tuple[str, str], Writer] = {}


class Encoder:
    """Feed one value to a hash."""

    __slots__ = ("depth", "feed", "open_rows")
    depth: int

    def __init__(self, feed: Callable[[Any], object], above: "Encoder | None" = None) -> None:
        self.feed = feed
        self.depth = above.depth if above else 0
        # By id: what is being written and may be met again, for rows point at each other.
        self.open_rows: set[int] = set(above.open_rows) if above else set()

    def value(self, value: Any) -> None:
        """Write anything."""
        if (column := column_of(type(value))) is not None:
            self.feed(column.code + column.write([value]))
        elif (writer := writer_of(type(value))) is not None:
            self._deeper(writer, self, value)
        else:
            raise UndigestableError(_problem(value))

    def sequence(self, items: Sequence[Any]) -> None:
        """Write items in order: as one block or as columns where they are alike, else one by one."""
        self.feed(b"l%d:" % len(items))
        kinds = set(map(type, items))
        codes = {kind: column.code for kind in kinds if (column := column_of(kind)) is not None}
        if len(codes) == len(kinds):
            self._scalars(items, codes)
        elif (record := self._alike(items, kinds)) is not None:
            self._deeper(self.record, record)
        else:
            self.feed(b"*")
            self._one_by_one(items)

    def record(self, record: Record) -> None:
        """Write a shape and its columns."""
        owners = set(map(id, record.owners))
        self.open_rows |= owners
        self.feed(b"T")
        self.sequence(record.heading)
        for place, column in zip(record.places, record.columns, strict=True):
            try:
                self.sequence(column)
            except UndigestableError as error:
                error.places.insert(-1, place)  # the row, the last so far, stands before its column
                raise
        self.open_rows -= owners

    def digest_of(self, value: Any) -> bytes:
        """Digest a part by itself, for what has no order of its own."""
        digest = sha256()
        Encoder(digest.update, self).value(value)
        return digest.digest()

    def _deeper(self, write: Callable[..., object], *arguments: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError(f"is nested more than {MAX_DEPTH} levels deep or contains itself")
        write(*arguments)
        self.depth -= 1

    def _scalars(self, items: Sequence[Any], codes: dict[type, bytes]) -> None:
        if len(codes) > 1:
            self.feed(b"~" + b"".join(map(codes.__getitem__, map(type, items))))
        for kind in sorted(codes, key=codes.__getitem__):
            same = items if len(codes) == 1 else [item for item in items if type(item) is kind]
            self.feed(codes[kind] + column_of(kind).write(same))  # type: ignore[union-attr]  # it has a code

    def _alike(self, items: Sequence[Any], kinds: set[type]) -> Record | None:
        if kinds <= {list, tuple}:
            return _read_rows(items)
        if len(kinds) > 1 or not self.open_rows.isdisjoint(map(id, items)):
            return None
        reader = _read_dicts if kinds == {dict} else reader_of(next(iter(kinds)))
        return None if reader is None else reader(items)

    def _one_by_one(self, items: Sequence[Any]) -> None:
        for index, item in enumerate(items):
            try:
                self.value(item)
            except UndigestableError as error:
                error.places.append(index)
                raise


def _find_writer(kind: type) -> Writer | None:
    """Give what writes a type, ``None`` where nobody can."""
    if reader_of(kind) is not None:
        return _write_record
    if issubclass(kind, Enum):
        return _write_enum
    for base in kind.__mro__:
        if (writer := writers.get(type_key(base)) or _scalar_writer(base)) is not None:
            return writer if base is kind or type_key(base)[0] not in _PLAIN else _with_attributes(writer)
    return _write_mapping if issubclass(kind, Mapping) else None


def _find_reader(kind: type) -> Reader | None:
    """Give what reads several objects of one type into columns, ``None`` for types that are no records."""
    if dataclasses.is_dataclass(kind):
        return functools.partial(_read_objects, tuple(field.name for field in dataclasses.fields(kind)))
    if attributes := getattr(kind, "__attrs_attrs__", None):
        return functools.partial(_read_objects, tuple(attribute.name for attribute in attributes))
    if issubclass(kind, tuple) and (names := getattr(kind, "_fields", None)) is not None:
        return functools.partial(_read_objects, names)
    known = (readers.get(type_key(base)) for base in kind.__mro__)
    return next(filter(None, known), None)


# Bounded: types come and go, and what is kept here would keep them.
writer_of: Callable[[type], Writer | None] = functools.lru_cache(maxsize=1024)(_find_writer)
reader_of: Callable[[type], Reader | None] = functools.lru_cache(maxsize=1024)(_find_reader)


def _read_rows(items: Sequence[Sequence[Any]]) -> Record | None:
    """Read tuples or lists of one length; a few long ones are better written one by one."""
    widths = set(map(len, items))
    width = widths.pop()
    if widths or not 0 < width <= len(items):
        return None
    return Record(("rows", width), range(width), zip(*items, strict=True))


def _read_dicts(items: Sequence[dict[Any, Any]]) -> Record | None:
    """Read dictionaries that have the same texts as keys, in the same order."""
    headings = set(map(tuple, items))
    keys = headings.pop()
    if headings or not 0 < len(keys) <= len(items) or set(map(type, chain.from_iterable(items))) != {str}:
        return None
    columns = (list(map(itemgetter(key), items)) for key in keys)
    return Record(("dict", *keys), [f"[{key!r}]" for key in keys], columns)


def _read_objects(names: tuple[str, ...], items: Sequence[Any]) -> Record:
    columns = (list(map(attrgetter(name), items)) for name in names)
    return Record((_full_name(type(items[0])), *names), [f".{name}" for name in names], columns)


def _write_record(encoder: Encoder, value: Any) -> None:
    """Write one object; a row that is being written already, and was reached again, only by its key."""
    if id(value) in encoder.open_rows:
        encoder.feed(b"^")
        encoder.sequence([_full_name(type(value)), value.pk])
        return
    encoder.feed(b"o")
    reader = reader_of(type(value))
    record = reader([value]) if reader is not None else None
    try:
        encoder.record(record)  # type: ignore[arg-type]  # one object is always alike
    except UndigestableError as error:
        error.places.pop()  # it is no row of a list
        raise


def _write_enum(encoder: Encoder, value: Enum) -> None:
    label = getattr(value, "label", "")
    encoder.feed(b"E")
    encoder.sequence([_full_name(type(value)), value.name, value.value, str(label)])


def _write_mapping(encoder: Encoder, value: Mapping[Any, Any]) -> None:
    """Write keys and values in their order: it is the order in which they are drawn."""
    items = dict.items(value) if isinstance(value, dict) else value.items()
    keys, values = [key for key, _ in items], [value for _, value in items]
    encoder.feed(b"m")
    encoder.sequence(keys)
    try:
        encoder.sequence(values)
    except UndigestableError as error:
        error.places[-1] = f"[{keys[int(error.places[-1])]!r:.60}]"
        raise


def _write_set(encoder: Encoder, value: Collection[Any]) -> None:
    """Write a set without its order, which changes from process to process."""
    if set(map(type, value)) == {str}:
        encoder.feed(b"g")
        encoder.sequence(sorted(value))
        return
    encoder.feed(b"e%d:" % len(value))
    for part in sorted(map(encoder.digest_of, value)):
        encoder.feed(part)


def _write_range(encoder: Encoder, value: range) -> None:
    encoder.feed(b"R")
    encoder.sequence([len(value), *value[:1], *([value.step] if len(value) > 1 else [])])


def _write_namespace(encoder: Encoder, value: SimpleNamespace) -> None:
    encoder.feed(b"n")
    _write_mapping(encoder, vars(value))


def _write_text(code: bytes) -> Writer:
    return lambda encoder, value: encoder.feed(code + sized(str(value).encode("utf-8", "surrogatepass")))


def _write_buffer(encoder: Encoder, value: Any) -> None:
    view = memoryview(value)
    encoder.feed(b"B")
    encoder.sequence([view.format, *(view.shape or ())])
    encoder.feed(view.tobytes())


def _scalar_writer(base: type) -> Writer | None:
    """Write a subclass of a scalar as the scalar it is."""
    column = column_of(base)
    return None if column is None else lambda encoder, value: encoder.feed(column.code + column.write([value]))


def _with_attributes(writer: Writer) -> Writer:
    """Write what an instance of a plain type's subclass has besides: a list with a colour, an array with a unit."""

    def write(encoder: Encoder, value: Any) -> None:
        if attributes := getattr(value, "__dict__", None):
            encoder.feed(b"+")
            _write_mapping(encoder, attributes)
        writer(encoder, value)

    return write


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _problem(value: Any) -> str:
    """Say what a value is that cannot be digested, and what to do instead of it if that is known."""
    kind = _full_name(type(value))
    if hasattr(value, "__next__"):
        return f"is a {kind}, which can be read only once; make it a list"
    if hasattr(value, "collect"):
        return f"is a {kind}, which has not been read yet; call its .collect()"
    if hasattr(value, "get_queryset"):
        return f"is a {kind}, which has no rows of its own; call its .all()"
    if hasattr(value, "__await__") or hasattr(value, "__aiter__"):
        return f"is a {kind}, which nobody has awaited"
    return f"is a {kind}, which has no digest"


# Types whose subclasses' instances can carry attributes that a picture may show.
_PLAIN = {"builtins", "collections", "datetime", "decimal", "fractions", "numpy", "types", "uuid"}

writers |= {
    ("builtins", "list"): Encoder.sequence,
    ("builtins", "tuple"): Encoder.sequence,
    ("collections", "deque"): Encoder.sequence,
    ("builtins", "dict_keys"): lambda encoder, value: encoder.sequence(list(value)),
    ("builtins", "dict_values"): lambda encoder, value: encoder.sequence(list(value)),
    ("builtins", "dict_items"): lambda encoder, value: encoder.sequence(list(value)),
    ("builtins", "dict"): _write_mapping,
    ("builtins", "mappingproxy"): _write_mapping,
    ("builtins", "set"): _write_set,
    ("builtins", "frozenset"): _write_set,
    ("builtins", "range"): _write_range,
    ("types", "SimpleNamespace"): _write_namespace,
    ("builtins", "bytearray"): _write_buffer,
    ("builtins", "memoryview"): _write_buffer,
    ("array", "array"): _write_buffer,
    ("pathlib", "PurePath"): _write_text(b"/"),
    ("ipaddress", "_BaseAddress"): _write_text(b"."),
}
