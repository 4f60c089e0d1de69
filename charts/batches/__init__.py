"""Batches: charts that somebody has selected to be regenerated, however many.

`selecting` keeps a selection in the database until it is confirmed, `feeding` has its charts drawn slice by slice,
`sharing` lets batches with a chart in common wait for the same, `states` reads from the rows what has become of each,
`figures` and `reckoning` count that, and `steering` cancels, resumes and retries. Nothing is kept in memory: any
process goes on where another has stopped.
"""

from charts.batches.feeding import WINDOW, feed, feed_batch, ready, settle_all_late, settle_late, when_marked
from charts.batches.figures import Failure, Figures, failures, figures, figures_of_many
from charts.batches.reckoning import Selection, is_idle, per_second, selection
from charts.batches.selecting import Asked, confirm, discard, prune, select
from charts.batches.states import charts_in, seen_by, unlogged, with_states
from charts.batches.steering import cancel, resume, retry

__all__ = [
    "WINDOW",
    "Asked",
    "Failure",
    "Figures",
    "Selection",
    "cancel",
    "charts_in",
    "confirm",
    "discard",
    "failures",
    "feed",
    "feed_batch",
    "figures",
    "figures_of_many",
    "is_idle",
    "per_second",
    "prune",
    "ready",
    "resume",
    "retry",
    "seen_by",
    "select",
    "selection",
    "settle_all_late",
    "settle_late",
    "unlogged",
    "when_marked",
    "with_states",
]
