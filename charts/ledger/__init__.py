"""What the app itself remembers: its tables, the addresses of charts in them, and how their rows are locked."""

from charts.ledger.committing import Quietly, after_commit
from charts.ledger.keys import ChartKey, is_chart, known_labels, model_label, pk_text
from charts.ledger.locking import begin_write, delete_by_pk, delete_found, lock_or_skip, lock_rows
from charts.ledger.tables import BATCH, CLICK, SIGNAL, Batch, BatchItem, Job, LooseFile, Mark

__all__ = [
    "BATCH",
    "CLICK",
    "SIGNAL",
    "Batch",
    "BatchItem",
    "ChartKey",
    "Job",
    "LooseFile",
    "Mark",
    "Quietly",
    "after_commit",
    "begin_write",
    "delete_by_pk",
    "delete_found",
    "is_chart",
    "known_labels",
    "lock_or_skip",
    "lock_rows",
    "model_label",
    "pk_text",
]
