"""What follows a commit: nothing that can take the commit back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections, transaction

logger = logging.getLogger("charts")


@dataclass(frozen=True, slots=True)
class Quietly:
    """An action after a commit: what it raises is logged, for the commit has been made and cannot be taken back.

    Django's own `robust=True` wants a function, and fails on any other callable that fails.
    """

    action: Callable[[], object]

    def __call__(self) -> None:
        try:
            self.action()
        except Exception:
            logger.exception("What follows a commit has failed; the next sweep makes up for it.")


def after_commit(action: Callable[[], object], using: str) -> None:
    """Have something done once the open transaction is committed, or now if there is none.

    Where a project commits by hand Django tells nobody when; what is put off by this, the next sweep does.
    """
    connection = connections[using]
    if not (connection.in_atomic_block or connection.get_autocommit()):
        return
    transaction.on_commit(Quietly(action), using=using)
