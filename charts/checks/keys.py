"""Checks of the charts' primary keys: their marks and jobs hold them as text, and must find the chart by that."""

import re
from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import connections, router

from charts.checks.kinds import DATE, TEXT, UUID, WHOLE, kind, stored, target
from charts.checks.subjects import AppConfigs, chart_models
from charts.ledger import Job

# Kinds whose text is the same in every database, and in Python. A moment's depends on time zones, a decimal's and a
# time's on how many digits a database keeps, an address's and a truth's on who writes it.
ADDRESSABLE = frozenset({WHOLE, UUID, DATE, TEXT})
# How names of MySQL's collations tell that they tell upper from lower case: utf8mb4_bin, utf8mb4_0900_as_cs.
MINDS_CASE = re.compile(r"_(bin|cs)(_|$)")


def check_keys(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every chart class's primary key; one of several columns is another check's."""
    looks = (_check_kind, _check_length, _check_case)
    return [problem for model in chart_models(app_configs) for look in looks for problem in look(model)]


def _check_kind(model: Any) -> Iterator[checks.CheckMessage]:
    key = stored(model._meta.pk)
    if kind(key) not in {None, *ADDRESSABLE}:
        yield checks.Error(
            f"{model._meta.label} has the primary key {model._meta.pk.name!r} ({type(key).__name__}), "
            "by whose text its marks and jobs would not find its charts in every database.",
            hint=f"Give it a whole number, UUID, date or text as its key, and make {model._meta.pk.name!r} unique.",
            obj=model,
            id="charts.E018",
        )


def _check_length(model: Any) -> Iterator[checks.CheckMessage]:
    key, limit = stored(model._meta.pk), _limit()
    if kind(key) != TEXT:
        return
    longest = getattr(key, "max_length", None)
    if longest is None or longest > limit:
        length = "any length" if longest is None else f"up to {longest} characters"
        yield checks.Error(
            f"{model._meta.label} has the primary key {model._meta.pk.name!r} of {length}, "
            f"of which its marks and jobs hold {limit}: charts with longer keys would never be drawn.",
            hint=f"Give {target(model._meta.pk)} a max_length of {limit} or less.",
            obj=model,
            id="charts.E018",
        )


def _limit() -> int:
    limit = Job._meta.get_field("chart_pk").max_length
    assert limit is not None  # noqa: S101  (a CharField of our own)
    return limit


def _check_case(model: Any) -> Iterator[checks.CheckMessage]:
    key = stored(model._meta.pk)
    collation = getattr(key, "db_collation", None) or ""
    if connections[router.db_for_write(model)].vendor == "mysql" and MINDS_CASE.search(collation):
        yield checks.Warning(
            f"{model._meta.label} has the primary key {model._meta.pk.name!r} with the collation {collation}, by which "
            "'abc' and 'ABC' are two charts that share one job, unless it is the database's own collation too.",
            hint=f"Leave db_collation out of {target(model._meta.pk)}, or use keys that differ without case.",
            obj=model,
            id="charts.W010",
        )
