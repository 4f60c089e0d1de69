"""Suspending: an import that saves many rows has its charts looked at once, at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, transaction

from charts.freshness import marks


@contextmanager
def suspended(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Put off what marks lead to until the block ends, also when it raises.

    Marks are written all the while, in the transactions of the rows they are for, so that nothing is lost when the
    import is killed: the next sweep finds them.

    Args:
        using: alias of the database that is written.

    Raises:
        SynchronousOnlyOperation: it is a coroutine that is run, where transactions do not work either.
    """
    transaction.get_autocommit(using)  # would fail at the end else, when all is done
    with marks.gathered(using):
        yield
