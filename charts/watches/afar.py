"""Charts in another database than their source: marked after the commit, for no transaction holds both databases."""

import logging
from collections.abc import Hashable, Iterable
from typing import Any

from django.db import connections, models, transaction

from charts.freshness import marks

logger = logging.getLogger("charts")

KNOWN = "_charts_afar"


class Afar:
    """What one transaction has to mark elsewhere once it is committed: each chart once.

    Args:
        callbacks: the connection's own, among which this is; it has others when a savepoint is rolled back.
    """

    def __init__(self, callbacks: Any) -> None:
        self.callbacks = callbacks
        self.is_over = False
        self.charts: dict[Hashable, tuple[str, models.QuerySet[Any]]] = {}

    def __call__(self) -> None:
        self.is_over = True
        for alias in dict.fromkeys(alias for alias, _ in self.charts.values()):
            try:
                with transaction.atomic(using=alias, savepoint=False):
                    for where, charts in self.charts.values():
                        if where == alias:
                            marks.mark_charts(charts, alias)
            except Exception:  # the commit has been made, and cannot be taken back
                logger.exception("Charts in the database %r were not marked: run render_charts --check-data.", alias)


def mark_afar(charts: "Iterable[models.QuerySet[Any]]", alias: str, using: str, key: Hashable = None) -> None:
    """Have charts marked once the open transaction is committed, or now if there is none.

    Args:
        charts: what to mark.
        alias: the database they live in.
        using: the one that is written.
        key: of whatever makes a second call find the same charts; None: nothing does.
    """
    connection: Any = connections[using]
    if not (connection.in_atomic_block or connection.get_autocommit()):
        logger.error("Nobody tells when %r is committed by hand: run render_charts --check-data for %r.", using, alias)
        return
    known: Afar | None = connection.__dict__.get(KNOWN)
    if known is None or known.is_over or known.callbacks is not connection.run_on_commit:
        known = None
    afar = known or Afar(connection.run_on_commit)
    for place, some in enumerate(charts):
        afar.charts[(key, place) if key is not None else object()] = (alias, some)
    if known is None and afar.charts:
        connection.__dict__[KNOWN] = afar
        transaction.on_commit(afar, using=using)
        if connection.run_on_commit:  # before all others: what one of them raises keeps Django from those after it
            connection.run_on_commit.insert(0, connection.run_on_commit.pop())
