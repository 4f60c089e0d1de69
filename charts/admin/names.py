"""Charts whose `__str__` raises: the admin says the name of every object, and one of them must not break its pages."""

import logging
from functools import cache
from typing import Any

from charts.ledger import ChartKey

logger = logging.getLogger("charts")


def named(chart: Any) -> Any:
    """Return a chart that can say its name: one that cannot is called by its label and key from now on.

    Django's own code and templates call `str()` in many places, and Python looks for it on the class, so such a chart
    gets a class of its own. Give it back with `unnamed` before it is saved or deleted: receivers of signals know the
    real one.
    """
    try:
        str(chart)
    except Exception:  # whatever the project's code raises
        logger.warning("%s cannot say its name.", ChartKey.of(chart), exc_info=True)
        model: Any = type(chart)
        chart.__class__ = _nameable(model)
    return chart


def unnamed(chart: Any) -> Any:
    """Give a chart its own class back."""
    chart.__class__ = getattr(type(chart), "charts_real_class", type(chart))
    return chart


@cache
def _nameable(model: Any) -> Any:
    # By `type` itself, for Django's own metaclass would register a model.
    said = {
        "__str__": lambda chart: str(ChartKey.of(chart)),
        "charts_real_class": model,
        "__module__": model.__module__,
    }
    return type.__new__(type(model), model.__name__, (model,), said)
