"""Checks of watches: a watch that hears nothing is a chart that is silently wrong."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from charts.checks.columns import check_columns
from charts.checks.subjects import AppConfigs, chart_models, said
from charts.choices import choices
from charts.watches import Watch
from charts.watches.routes import concrete


def check_watches(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every watch of every chart class."""
    return [problem for model in chart_models(app_configs) for problem in _check_list(model)]


def _check_list(model: Any) -> Iterator[checks.CheckMessage]:
    watches: Any = model.watches
    listed = isinstance(watches, list | tuple)
    wrong = [] if not listed else [watch for watch in watches if not isinstance(watch, Watch)]
    if not listed or wrong:
        fault = f"is {watches!r}, but must be a list" if not listed else f"holds {wrong[0]!r}, which is no Watch"
        yield checks.Error(
            f"{model._meta.label}.watches {fault}.",
            hint='Write watches = [Watch("app.Model", match={"chart field": "path on the source"})].',
            obj=model,
            id="charts.E020",
        )
        return
    for watch in watches:
        yield from _check_watch(model, watch)


def _check_watch(model: Any, watch: Watch) -> Iterator[checks.CheckMessage]:
    source: Any
    try:
        source = watch.source_model
    except (LookupError, ValueError) as error:
        labels = [other._meta.label for other in apps.get_models()]
        yield _error(model, watch, "E021", f"names no installed model: {said(error)}", choices(watch.source, labels))
        return
    tables = concrete(source) if isinstance(source, type) and issubclass(source, models.Model) else []
    if not tables:
        yield _error(model, watch, "E021", "names no model with a table", "Name one as 'app.Model'.")
        return
    for table in tables:
        yield from _check_match(model, watch, table)
        yield from _check_fields(model, watch, table)
    charts: Any = watch.charts
    if charts is not None and not callable(charts):
        hint = f"Write charts=lambda row: {model.__name__}.objects.filter(…)."
        yield _error(model, watch, "E024", f"has charts= that is a {type(charts).__name__}, not callable", hint)


def _error(model: Any, watch: Watch, number: str, fault: str, hint: str) -> checks.CheckMessage:
    return checks.Error(f"{watch!r} of {model._meta.label} {fault}.", hint=hint, obj=model, id=f"charts.{number}")


def _check_match(model: Any, watch: Watch, source: Any) -> Iterator[checks.CheckMessage]:
    for chart_path, path in watch.match.items():
        for side, owner, name in (("chart", model, chart_path), ("source", source, path)):
            try:
                owner._base_manager.values(name)
            except Exception as error:  # noqa: BLE001  (FieldError, and whatever a custom field or manager raises)
                fault = f"cannot match {chart_path!r} with {path!r}, on the side of the {side}: {said(error)}"
                hint = "match= maps a field of the chart to a lookup path on the source."
                yield _error(model, watch, "E022", fault, hint)
                return
        unlike = list(_check_kinds(model, watch, chart_path, (source, path)))
        yield from unlike or check_columns(model, watch, chart_path, (source, path))


def _check_kinds(model: Any, watch: Watch, chart_path: str, other: tuple[Any, str]) -> Iterator[checks.CheckMessage]:
    """Check that keys of one model are not compared with keys of another, which would match by accident."""
    here, there = _names(model, chart_path), _names(*other)
    if here and there and here is not there:
        fault = f"compares {chart_path!r}, a {here._meta.label}, with {other[1]!r}, a {there._meta.label}"
        hint = f"Name the path on {other[0]._meta.label} that leads to its {here._meta.label}."
        yield _error(model, watch, "E022", fault, hint)


def _names(model: Any, path: str) -> Any:
    """Return the model whose keys a path gives; None if it gives other values, or a transform of keys."""
    for step in path.split(LOOKUP_SEP):
        try:
            field = model._meta.pk if step == "pk" else model._meta.get_field(step)
        except FieldDoesNotExist:
            return None
        if field.is_relation:
            model = field.related_model
        elif not field.primary_key:
            return None
    model = model._meta.concrete_model
    while model._meta.pk.is_relation:  # a child's key is its parent's
        model = model._meta.pk.related_model._meta.concrete_model
    return model


def _check_fields(model: Any, watch: Watch, source: Any) -> Iterator[checks.CheckMessage]:
    names = [field.name for field in source._meta.get_fields() if not field.auto_created or field.concrete]
    for name in sorted(watch.fields or ()):
        if name not in names:
            fault = f"has fields= with {name!r}, which is no field of {source._meta.label}"
            yield _error(model, watch, "E023", fault, choices(name, names))
