"""For the tests of projects that have charts: draw one in memory, see what marks it, render what is pending.

Nothing here is imported by the app itself. Everything works in Django's TestCase and TransactionTestCase and with
pytest-django, and fails with an AssertionError. A suite that renders charts wants a storage that leaves no files:

    STORAGES = {..., "charts": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}

One that tests other things wants no charts at all: `CHARTS = {"WATCH": False}`, and `watches()` where they matter.
"""

from charts.testing.drawing import Rendered, drawn, rendered
from charts.testing.marking import assert_does_not_mark, assert_marks
from charts.testing.rendering import run_pending
from charts.testing.switches import no_watches, watches

__all__ = [
    "Rendered",
    "assert_does_not_mark",
    "assert_marks",
    "drawn",
    "no_watches",
    "rendered",
    "run_pending",
    "watches",
]
