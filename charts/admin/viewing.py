"""Who looks at a chart in the admin: what they may see of it, and what they may change."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import router
from django.http import HttpRequest

from charts import markup
from charts.admin.names import named
from charts.ledger import ChartKey

logger = logging.getLogger("charts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """What somebody may see of a chart.

    Attributes:
        may_view: the picture and its words.
        may_change: why a render failed, for errors tell of data and code.
    """

    may_view: bool
    may_change: bool


NOBODY = Viewer(may_view=False, may_change=False)


def viewed(chart: Any, request: HttpRequest, model_admin: Any) -> Any:
    """Return a chart that knows who looks at it and can say its name."""
    chart.charts_viewer = Viewer(
        may_view=may_view(request, chart), may_change=model_admin.has_change_permission(request, chart)
    )
    return named(chart)


def viewer_of(chart: Any) -> Viewer:
    """Return who looks at a chart; somebody without any permission where that is not known."""
    viewer: Viewer = getattr(chart, "charts_viewer", NOBODY)
    return viewer


def written_in(model_admin: Any, request: HttpRequest, chart: Any) -> str:
    """Return the alias of the database in which a chart is written, which may have been read from a replica.

    Args:
        model_admin: of the chart; a database that its `get_queryset()` names is the one.
        request: of whoever looks.
        chart: saved or not.
    """
    return str(model_admin.get_queryset(request)._db or router.db_for_write(type(chart), instance=chart))


def may_view(request: HttpRequest, chart: Any) -> bool:
    """Say whether a request may see a chart's picture, or the one that it would have; a hook that fails says no."""
    if not markup.is_restricted(type(chart)):
        return True
    try:
        return markup.may_view(request, chart)
    except Exception:  # whatever a hook of the project's raises
        logger.exception("can_view() of %s failed.", ChartKey.of(chart))
        return False
