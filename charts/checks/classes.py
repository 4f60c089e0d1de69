"""Checks of chart classes: their bases, their hooks, and what their attributes say of time and of other rows."""

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from charts.checks.subjects import AppConfigs, chart_models, chart_proxies, is_registered
from charts.choices import choices
from charts.fields import chart_fields
from charts.models import ChartModel

# What each hook is called with, beside self.
HOOKS: dict[str, tuple[str, ...]] = {
    "get_data": (),
    "get_size": ("field",),
    "get_alt_text": ("figure", "data"),
    "get_table": ("data",),
    "get_fingerprint": ("data",),
    "get_language": (),
    "get_timezone": (),
    "can_view": ("request",),
}
DRAW = ("figure", "data")
# Attributes that say when a class's charts are drawn.
DECLARATIONS = ("watches", "refresh_every", "for_each", "recipe_version")
# Hooks that no job calls.
OF_READERS = frozenset({"can_view"})


def check_classes(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every chart class."""
    return [problem for model in chart_models(app_configs) for problem in _check_class(model)]


def check_proxies(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that no proxy says how its charts are drawn: jobs know the class that has the table."""
    return [problem for model in chart_proxies(app_configs) for problem in _check_proxy(model)]


def check_unregistered(model: Any) -> list[checks.CheckMessage]:
    """Check a class by itself, unless it is one that the checks above find: under `isolate_apps` they do not."""
    if is_registered(model):
        return []
    return list(_check_proxy(model) if model._meta.proxy else _check_class(model))


def _check_class(model: Any) -> Iterator[checks.CheckMessage]:
    for look in (_check_bases, _check_key, _check_draw, _check_hooks, _check_time, _check_for_each, _check_recipe):
        yield from look(model)


def _check_proxy(model: Any) -> Iterator[checks.CheckMessage]:
    concrete = model._meta.concrete_model
    draws = ("draw", *(f"draw_{field.name}" for field in chart_fields(concrete)))
    own = [name for name in (*draws, *HOOKS, *DECLARATIONS) if name not in OF_READERS and _is_own(model, name)]
    if own:
        yield checks.Error(
            f"{model._meta.label} is a proxy with {' and '.join(own)} of its own, but its charts are drawn by "
            f"{concrete._meta.label}.",
            hint=f"Move it to {concrete._meta.label}, or make {model._meta.object_name} a model of its own beside it: "
            "what they share belongs in an abstract base.",
            obj=model,
            id="charts.E017",
        )


def _is_own(model: Any, name: str) -> bool:
    there, nothing = model._meta.concrete_model, object()
    return inspect.getattr_static(model, name, nothing) is not inspect.getattr_static(there, name, nothing)


def _check_bases(model: Any) -> Iterator[checks.CheckMessage]:
    for parent in model._meta.parents:
        if issubclass(parent, ChartModel):
            yield checks.Error(
                f"{model._meta.label} inherits from the chart {parent._meta.label}: one row cannot be two charts.",
                hint="Move what they share to an abstract base.",
                obj=model,
                id="charts.E010",
            )


def _check_key(model: Any) -> Iterator[checks.CheckMessage]:
    if isinstance(model._meta.pk, models.CompositePrimaryKey):
        yield checks.Error(
            f"{model._meta.label} has a composite primary key, by which its marks and jobs cannot be addressed.",
            hint="Give it a primary key of one column, and a UniqueConstraint over those fields.",
            obj=model,
            id="charts.E011",
        )


def _check_draw(model: Any) -> Iterator[checks.CheckMessage]:
    if model.draw is not ChartModel.draw:
        return
    without = [field.name for field in chart_fields(model) if not hasattr(model, f"draw_{field.name}")]
    if without:
        own = f", or draw_{without[0]}(self, figure, data)" if len(chart_fields(model)) > 1 else ""
        yield checks.Error(
            f"{model._meta.label} has nothing that draws {' and '.join(without)}.",
            hint=f"Define draw(self, figure, data){own}.",
            obj=model,
            id="charts.E012",
        )


def _check_hooks(model: Any) -> Iterator[checks.CheckMessage]:
    draws = {f"draw_{field.name}": DRAW for field in chart_fields(model) if hasattr(model, f"draw_{field.name}")}
    for name, arguments in ({"draw": DRAW} | draws | HOOKS).items():
        if fault := _fault(model, name, arguments):
            yield checks.Error(
                f"{model._meta.label}.{name} {fault}.",
                hint=f"Define {name}({', '.join(('self', *arguments))}).",
                obj=model,
                id="charts.E013",
            )


def _fault(model: Any, name: str, arguments: tuple[str, ...]) -> str:
    """Say why a hook cannot be called as it will be; "" if it can."""
    hook = getattr(model, name)
    if not callable(hook):
        return f"is {hook!r}, but must be a method"
    if inspect.iscoroutinefunction(hook):
        return "is async, but charts are drawn in threads and processes without an event loop"
    static = inspect.getattr_static(model, name)
    bound = isinstance(static, classmethod | staticmethod)
    try:
        inspect.signature(hook).bind(*((None,) * (len(arguments) + (not bound))))
    except TypeError:
        return f"cannot be called as {name}({', '.join(arguments)})"
    except ValueError:  # written in C: it has no signature to look at
        return ""
    return ""


def _check_time(model: Any) -> Iterator[checks.CheckMessage]:
    every: Any = model.refresh_every
    if every is not None and not (isinstance(every, timedelta) and every > timedelta(0)):
        yield checks.Error(
            f"{model._meta.label}.refresh_every is {every!r}, but must be a timedelta over 0, or None.",
            hint="Write refresh_every = timedelta(hours=1).",
            obj=model,
            id="charts.E014",
        )


def _check_for_each(model: Any) -> Iterator[checks.CheckMessage]:
    name: Any = model.for_each
    if name is None:
        return
    keys = {field.name: field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)}
    if name not in keys:
        yield _wrong_for_each(model, f"is {name!r}, which is {_what_is(model, name)}", choices(name, keys))
        return
    others = [field.name for field in model._meta.concrete_fields if field.name != name and _must_be_given(field)]
    if others:
        fault = f"makes charts with {name!r} alone, but {' and '.join(others)} must be given too"
        yield _wrong_for_each(model, fault, f"Give {others[0]} a default, or leave for_each out.")


def _wrong_for_each(model: Any, fault: str, hint: str) -> checks.CheckMessage:
    return checks.Error(f"{model._meta.label}.for_each {fault}.", hint=hint, obj=model, id="charts.E015")


def _what_is(model: Any, name: Any) -> str:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return "no field of it"
    return "no foreign key"


def _must_be_given(field: Any) -> bool:
    """Say whether a row cannot be made without a value for a field."""
    has_value = field.has_default() or field.has_db_default() or field.null or field.generated
    by_itself = field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return not (has_value or by_itself or field.empty_strings_allowed)


def _check_recipe(model: Any) -> Iterator[checks.CheckMessage]:
    version: Any = model.recipe_version
    if version is not None and not isinstance(version, str):
        yield checks.Error(
            f"{model._meta.label}.recipe_version is {version!r}, but must be a string, or None.",
            hint=f"Write recipe_version = {str(version)!r}.",
            obj=model,
            id="charts.E016",
        )
