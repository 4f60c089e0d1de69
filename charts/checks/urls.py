"""Checks of the URLconf: under `inline`, the page that shows a stale chart has it rendered by an address."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.urls import NoReverseMatch, reverse

from charts.checks.subjects import AppConfigs, chart_models
from charts.conf import config


def check_urls(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that `charts:image` has an address where pages rely on it."""
    if not chart_models(app_configs) or config().dispatcher != "inline" or not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        reverse("charts:image", args=["token"])
    except NoReverseMatch:
        return [
            checks.Warning(
                "charts.urls is not included: a chart that is stale or has no picture yet is not rendered when it is "
                "shown.",
                hint=f'Add path("charts/", include("charts.urls")) to urlpatterns in {settings.ROOT_URLCONF}.',
                id="charts.W401",
            )
        ]
    return []
