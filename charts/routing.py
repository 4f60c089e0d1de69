"""Where rows of two models live that belong together: in one database, unless routers send them apart."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, models, router


def home_of(model: type[Any], beside: type[Any], using: str, row: models.Model | None = None) -> str:
    """Return where rows of a model live: beside those of another, unless routers send them elsewhere than those.

    Args:
        model: whose rows are looked for.
        beside: what they belong to.
        using: where that is written.
        row: one of either, which routers may ask for.
    """
    if not router.routers:
        return using
    there, here = _opinion(model, row), _opinion(beside, row)
    return using if there == here else there or DEFAULT_DB_ALIAS


def has_table(model: type[Any], using: str) -> bool:
    """Say whether a model has its table in a database, as far as routers tell."""
    return router.allow_migrate_model(using, model)


def _opinion(model: type[Any], row: models.Model | None) -> str | None:
    """Return what the routers say of a model, without the instance's own database that Django falls back to."""
    hints = {"instance": row} if row is not None else {}
    for each in router.routers:
        chosen: str | None = each.db_for_write(model, **hints) if hasattr(each, "db_for_write") else None
        if chosen:
            return chosen
    return None
