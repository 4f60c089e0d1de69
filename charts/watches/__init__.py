"""Watches: the declarations that changes of a source make charts stale, and what hears the changes.

`declaring` holds what users write, `routes` the ways by which a changed row reaches charts, `paths` the rows on them,
`matching` what of a row decides them, `hearing` the signals, `marking` what a signal marks, `afar` charts in another
database, `bulk` the writes that send no signals.
"""

from charts.watches.bulk import WatchedManager, WatchedQuerySet, source_changed, source_changing
from charts.watches.declaring import Watch
from charts.watches.hearing import connect
from charts.watches.suspending import suspended

__all__ = ["Watch", "WatchedManager", "WatchedQuerySet", "connect", "source_changed", "source_changing", "suspended"]
