"""Watches on and off, for a block, a test or a class of tests."""

from typing import Any

from django.conf import settings
from django.test.utils import override_settings


class watches(override_settings):  # noqa: N801  (a context manager and decorator, named as it is used)
    """Switch watches on, for a block, a function, or a TestCase class; other keys of `CHARTS` stay as they are."""

    on = True

    def __init__(self) -> None:
        super().__init__(CHARTS={})

    def enable(self) -> None:
        self.options = self._charts()
        super().enable()

    def save_options(self, test_func: Any) -> None:
        self.options = self._charts()
        super().save_options(test_func)

    def _charts(self) -> dict[str, Any]:
        return {"CHARTS": {**getattr(settings, "CHARTS", {}), "WATCH": self.on}}


class no_watches(watches):  # noqa: N801  (a context manager and decorator, named as it is used)
    """Switch watches off, for a block, a function, or a TestCase class, as `CHARTS = {"WATCH": False}` does."""

    on = False
