"""What the checks look at: the project's chart classes, and the databases they live in."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.db import router

from charts.models import ChartModel

AppConfigs = Sequence[AppConfig] | None


def chart_models(app_configs: AppConfigs = None) -> list[type[ChartModel]]:
    """Return the chart classes that have tables, of some apps or of all."""
    return [model for model in _classes(app_configs) if not model._meta.proxy]


def chart_proxies(app_configs: AppConfigs = None) -> list[type[ChartModel]]:
    """Return the proxies of chart classes, of some apps or of all."""
    return [model for model in _classes(app_configs) if model._meta.proxy]


def is_registered(model: type[ChartModel]) -> bool:
    """Say whether a class is among the project's own, and not in a registry of a test's."""
    return bool(model._meta.apps is apps)


def _classes(app_configs: AppConfigs) -> list[type[ChartModel]]:
    wanted = None if app_configs is None else {config.label for config in app_configs}
    return [
        model
        for model in apps.get_models()
        if issubclass(model, ChartModel) and (wanted is None or model._meta.app_label in wanted)
    ]


def aliases(app_configs: AppConfigs = None) -> list[str]:
    """Return the databases that the router sends charts to."""
    return sorted({router.db_for_write(model) for model in chart_models(app_configs)})


def said(error: BaseException) -> str:
    """Return an error as the end of a sentence."""
    text: Any = str(error).strip().rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
