"""Digest how a picture is drawn: the code of a chart's class, and whatever else the caller says changes pixels.

Covered are the class and its bases, as far as they are neither Django's nor this app's, and the functions, classes
and constants of their own modules that they name, and those that these name in turn. Models named there are left
out: they are data. What is imported from other modules is not covered: a class that draws with such helpers has a
``recipe_version`` and changes it with them.

The source counts as Python's parser sees it, without comments, layout and docstrings, so that tidying up draws
nothing again, and neither does a new Python. A file that was changed after it was imported does not say what this
process runs (a worker of the old release, beside files of the new one): then, and where there is no source to be
had, the compiled code counts instead.
"""

import ast
import functools
import inspect
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import CodeType, EllipsisType, FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import Model
from django.utils.functional import cached_property

from charts.exceptions import DigestError
from charts.fingerprints.digesting import digest
from charts.fingerprints.scalars import column_of

_NOT_USER_CODE = {"abc", "builtins", "charts", "django", "typing"}
# Files that are newer than this process may not be what it has imported.
_STARTED = time.time()
_recipes: WeakKeyDictionary[type, list[Any]] = WeakKeyDictionary()


def recipe_digest(cls: type, *, version: str | None = None, extra: object = None) -> str:
    """Give the digest of how a class draws, as 64 hexadecimal characters.

    Args:
        cls: the chart's class.
        version: its ``recipe_version``: if it is not ``None``, it stands for the code.
        extra: what else changes the picture: the field's options, the theme, the versions of the libraries.

    Raises:
        DigestError: something in ``extra`` has no digest.
    """
    return digest([recipe_of(cls) if version is None else version, extra], name="recipe")


def recipe_of(cls: type) -> list[Any]:
    """Give the code that a class draws with as plain values; it is read once in a process."""
    if cls not in _recipes:
        classes = [base for base in cls.__mro__ if base.__module__.partition(".")[0] not in _NOT_USER_CODE]
        _recipes[cls] = [_written(base) or _compiled(base) for base in classes]
    return _recipes[cls]


def _written(cls: type) -> list[Any] | None:
    """Give a class as its source says it; ``None`` where there is none, or not that of what runs."""
    module = sys.modules.get(cls.__module__)
    if module is None:
        return None
    try:
        source = inspect.getsource(module)
        tree, codes = _parsed(source)
        if Path(inspect.getfile(module)).stat().st_mtime > _STARTED:
            return None
    except (OSError, SyntaxError, TypeError, ValueError):
        return None
    found = [node for node in _definitions(tree, cls.__qualname__.split(".")) if isinstance(node, ast.ClassDef)]
    if len(found) != 1:  # as of a class made in a function, which has that call's values in it
        return None
    nodes = [found[0], *_named(found[0], tree, module)]
    running = [*vars(cls).values(), *(vars(module).get(name) for node in nodes for name in _binds(node))]
    if any(code not in codes for code in _own_codes(running, module)):
        return None
    return [token for node in nodes for token in _tokens(node, docstrings="__doc__" in source)]


@functools.lru_cache(maxsize=4)
def _parsed(source: str) -> tuple[ast.Module, list[Any]]:
    """Parse a module, and compile it to know the code of each of its functions."""
    compiled = compile(source, "<source>", "exec", dont_inherit=True)
    return ast.parse(source), [_code_state(code) for code in _codes_in(compiled)]


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _own_codes(values: Iterable[object], module: ModuleType) -> Iterator[Any]:
    """Give the code of the functions among ``values`` that the module itself defines."""
    for function in map(_function, values):
        if function is not None and function.__module__ == module.__name__:
            current = function.__globals__ is vars(module)  # not that of a module that was imported again
            yield _code_state(function.__code__) if current else None


def _function(value: Any) -> FunctionType | None:
    """Find the function in a method, a property, or what a decorator left that says what it wraps."""
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    elif isinstance(value, functools.partialmethod | cached_property | functools.cached_property):
        value = value.func
    elif isinstance(value, type) or not callable(value):
        return None
    value = inspect.unwrap(value) if value else None
    return value if isinstance(value, FunctionType) else None


def _code_state(code: CodeType) -> list[Any]:
    """Give what a code object does, without where it was written."""
    constants = [_code_state(value) if isinstance(value, CodeType) else value for value in code.co_consts]
    constants = [repr(value) if isinstance(value, EllipsisType | slice) else value for value in constants]
    return [code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants]


def _definitions(tree: ast.AST, path: list[str]) -> Iterator[ast.stmt]:
    """Find the statements of a module or class that bind a name, also under ``if`` and ``try``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and path[0] in _binds(node):
            yield from [node] if len(path) == 1 else _definitions(node, path[1:])
        elif not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _definitions(node, path)


def _binds(node: ast.AST) -> set[str]:
    """Give the names that a statement defines or assigns."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return set()
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _named(start: ast.AST, tree: ast.Module, module: ModuleType) -> list[ast.stmt]:
    """Find what the module itself defines of all that a class names, in the order of the file."""
    found: dict[ast.stmt, None] = {}
    todo: list[ast.AST] = [start]
    seen: set[str] = set()
    while todo:
        names = {part.id for part in ast.walk(todo.pop()) if isinstance(part, ast.Name)} - seen
        seen |= names
        for name in names:
            if _is_model(vars(module).get(name)):
                continue
            nodes = [node for node in _definitions(tree, [name]) if node is not start]
            todo += nodes
            found |= dict.fromkeys(nodes)
    return sorted(found, key=lambda node: node.lineno)


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Model)


def _tokens(node: ast.AST, *, docstrings: bool) -> Iterator[Any]:
    """Write a syntax tree as a flat list that says all of it: nothing that is empty, so no Python's novelties."""
    todo: list[Any] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.AST):
            fields = [(name, value) for name, value in ast.iter_fields(part) if value not in (None, [])]
            yield " ".join([type(part).__name__, *(name for name, _ in fields)])
            todo += [value for _, value in reversed(fields)]
        elif isinstance(part, list):
            items = part if docstrings else [item for item in part if not _is_bare_text(item)]
            if any(isinstance(item, ast.FormattedValue) for item in items):  # Python 3.12 adds empty texts to some
                items = [item for item in items if getattr(item, "value", None) != ""]
            yield len(items)
            todo += reversed(items)
        else:
            yield "..." if isinstance(part, EllipsisType) else part


def _is_bare_text(node: object) -> bool:
    """Say whether a statement is only a text: a docstring, or one that does nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _compiled(cls: type) -> list[Any]:
    """Give a class as what it has become: its functions and its plain attributes."""
    return [cls.__qualname__, _members(vars(cls), cls.__module__, set())]


def _members(values: Mapping[str, Any], module: str, seen: set[FunctionType]) -> list[Any]:
    """Write what names mean, of one module: functions with what they name in turn, and plain values."""
    members: list[Any] = []
    for name, value in sorted(values.items()):
        function = _function(value)
        if function is not None and function.__module__ == module and function not in seen:
            seen.add(function)
            members.append([name, *_running(function, seen)])
        elif function is None and not name.startswith("__") and _is_plain(value):
            members.append([name, value])
    return members


def _running(function: FunctionType, seen: set[FunctionType]) -> list[Any]:
    """Write a function as it runs: its code, its defaults, and what the names mean that it takes from outside."""
    code = function.__code__
    defaults = dict(enumerate(function.__defaults__ or ())) | (function.__kwdefaults__ or {})
    named = set(code.co_names).union(*(inner.co_names for inner in _codes_in(code)))
    outside = {name: function.__globals__[name] for name in named if name in function.__globals__}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # an empty cell: the name has no value yet
            outside[name] = cell.cell_contents
    plain_defaults = [[str(name), value] for name, value in defaults.items() if _is_plain(value)]
    return [_code_state(code), plain_defaults, _members(outside, function.__module__, seen)]


def _is_plain(value: object) -> bool:
    """Say whether a value can be digested without asking anything else: querysets, for one, would be read."""
    if column_of(type(value)) is None and not isinstance(value, list | tuple | dict | set | frozenset | Enum):
        return False
    try:
        digest(value)
    except DigestError:
        return False
    return True
