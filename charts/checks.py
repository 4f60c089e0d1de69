"""System checks: what would only be seen in production, said at start."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import checks

from charts import conf
from charts.models import ChartModel


def connect() -> None:
    """Register the checks."""
    checks.register(check_settings, "charts")
    checks.register(check_models, "charts")


def check_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check `CHARTS`: unknown keys, bad values, a lease that ends before the timeout."""
    found: list[checks.CheckMessage] = [checks.Error(problem, id="charts.E001") for _, problem in conf.problems()]
    if not found and conf.config().lease <= conf.config().timeout:
        found.append(
            checks.Error(
                f"CHARTS['LEASE'] ({conf.config().lease} s) is not over CHARTS['TIMEOUT'] ({conf.config().timeout} s).",
                hint="A render that is still allowed to run would be taken for dead and started again.",
                id="charts.E002",
            )
        )
    return found


def check_models(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every chart class: its bases, its watches."""
    models = [model for model in apps.get_models() if issubclass(model, ChartModel)]
    return [problem for model in models for problem in (*_check_bases(model), *_check_watches(model))]


def _check_bases(model: Any) -> Iterator[checks.CheckMessage]:
    for parent in model._meta.parents:
        if issubclass(parent, ChartModel):
            yield checks.Error(
                f"{model._meta.label} inherits from the chart {parent._meta.label}: one row cannot be two charts.",
                hint="Move what they share to an abstract base.",
                obj=model,
                id="charts.E010",
            )


def _check_watches(model: Any) -> Iterator[checks.CheckMessage]:
    for watch in model.watches:
        try:
            source = watch.source_model
            for chart_path, path in watch.match.items():
                model._base_manager.values(chart_path)
                source._base_manager.values(path)
        except (LookupError, ValueError) as error:
            yield checks.Error(
                f"{watch!r} names no installed model: {error}.",
                obj=model,
                hint="Use 'app.Model'.",
                id="charts.E020",
            )
        except Exception as error:  # noqa: BLE001  (FieldError, and whatever a custom field or manager raises)
            yield checks.Error(
                f"{watch!r} of {model._meta.label} cannot match: {error}",
                hint="match= maps a field of the chart to a lookup path on the source.",
                obj=model,
                id="charts.E021",
            )
