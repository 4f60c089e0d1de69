"""The tags for Jinja2: functions of the same names, arguments and output.

In `TEMPLATES`, for Django's Jinja2 backend: `"OPTIONS": {"extensions": ["charts.jinja2.Charts"]}`. Imported only by
projects that have Jinja2.
"""

from typing import Any

from django.utils.safestring import SafeString
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from charts.markup import tags


class Charts(Extension):
    """Adds `chart()`, `chart_url()`, `chart_table()`, `chart_meta()` and `chart_live()` to an environment."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals |= {
            "chart": tags.chart,
            "chart_url": chart_url,
            "chart_table": tags.chart_table,
            "chart_meta": chart_meta,
            "chart_live": tags.chart_live,
        }


@pass_context
def chart_url(context: Context, obj: Any, /, **arguments: Any) -> str:
    """Give the address of one file of a chart."""
    return tags.chart_url(obj, request=context.get("request"), **arguments)


@pass_context
def chart_meta(context: Context, obj: Any, /, **arguments: Any) -> SafeString:
    """Give a page's link a picture."""
    return tags.chart_meta(obj, context.get("request"), **arguments)
