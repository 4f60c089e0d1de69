"""Publishing: the one UPDATE that makes new files the chart's picture, and what is settled with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import Case, Exists, F, QuerySet, Value, When

from charts import files
from charts.clock import DatabaseTime
from charts.conf import config
from charts.exceptions import RenderError
from charts.freshness.jobs import job_of, lock_rows, sooner
from charts.ledger import ChartKey, Job

Status = Literal["rendered", "unchanged", "superseded"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A set of files that a row's column names, or named.

    Attributes:
        shelf: where they lie.
        name: what the column holds.
        names: all of them.
    """

    shelf: files.Shelf
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a render has come to, for `publish`.

    Attributes:
        key: the chart.
        token: the lease it ran under, or "".
        version: the data's version, read before the data.
        seen: the picture's version, read with it.
        columns: the row's new columns; empty: the picture is right as it is.
        written: names of the new files, all in the ledger.
        replaced: says which pictures a row names.
        duration: seconds it took.
        warnings: sentences for the people in charge.
    """

    key: ChartKey
    token: str
    version: int
    seen: int
    replaced: Callable[[Any], Sequence[Picture]]
    row: Any
    columns: Mapping[str, Any] = field(default_factory=dict)
    written: Sequence[str] = ()
    duration: float = 0.0
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What became of an outcome: its status, and whether the chart is stale already."""

    status: Status
    stale: bool


def rows_of(key: ChartKey) -> "QuerySet[Any]":
    """Return the queryset of the chart's one row."""
    rows: QuerySet[Any] = key.model_class._base_manager.using(key.using).filter(pk=key.pk_value)
    return rows


def raise_version(key: ChartKey) -> None:
    """Raise the data's version for somebody who wants to see it drawn.

    Raises:
        RenderError: the row is gone.
    """
    if not rows_of(key).update(data_version=F("data_version") + 1):
        raise gone(key)


def gone(key: ChartKey) -> RenderError:
    """Return the error for a chart whose row was deleted."""
    return RenderError(f"{key} cannot be rendered: its row was deleted.")


def publish(outcome: Outcome) -> Published:
    """Make what was drawn the chart's picture, unless a newer one is.

    Whoever changed the row since it was read has drawn something else: the condition is on the version that was
    read, not on the one that was drawn, or "unchanged" would bless the picture of data that came and went.

    Raises:
        RenderError: the row is gone, or a new file is not ours any more; nothing is published.
    """
    with transaction.atomic(using=outcome.key.using):
        status = _put_in_place(outcome)
        if status == "superseded":
            # Before its job is settled: whoever makes the chart stale takes the row first, then the job.
            list(lock_rows(rows_of(outcome.key)).values_list("pk"))
        return Published(status, settle(outcome))


def _put_in_place(outcome: Outcome) -> Status:
    rows, seen, row = rows_of(outcome.key), outcome.seen, outcome.row
    while not rows.filter(image_version=seen).update(image_version=outcome.version, **outcome.columns):
        row = rows.first()
        if row is None:
            raise gone(outcome.key)
        if not outcome.columns or row.image_version >= outcome.version:
            return "superseded"
        seen = row.image_version  # an older picture came first; what was drawn here is newer
    if not outcome.columns:
        return "unchanged"
    _trade_files(outcome, row)
    return "rendered"


def _trade_files(outcome: Outcome, row: Any) -> None:
    """Take the new files out of the ledger, and enter those they replace."""
    if files.adopt(outcome.key.using, outcome.written) != len(outcome.written):
        raise RenderError(f"{outcome.key} was not published: its new files were pruned meanwhile; render it again.")
    keep = config().keep_old_files
    old = [
        loose
        for picture in outcome.replaced(row)
        for loose in files.loose(picture.shelf, picture.name, picture.names, keep)
    ]
    if old:
        files.enter(outcome.key.using, old)


def settle(outcome: Outcome) -> bool:
    """Put the chart's job to rest if the chart is fresh, else make it due again; say whether it is stale.

    Another worker's lease is left alone: it ends by itself.
    """
    key, token = outcome.key, outcome.token
    jobs = job_of(key)
    done: dict[str, Any] = {
        "attempts": 0,
        "sent_at": None,
        "error": "",
        "failed_at": None,
        "finished_at": DatabaseTime(),
        "warnings": Value(list(outcome.warnings), Job._meta.get_field("warnings")),
        "duration": outcome.duration,
    }
    if token:
        mine = When(lease_token=token, then=None)
        done |= {"leased_until": Case(mine, default=F("leased_until")), "lease_token": _without(token)}
    fresh = Exists(rows_of(key).filter(image_version__gte=F("data_version")))
    for _ in range(2):
        if jobs.filter(fresh).update(due_at=None, **done):
            return False
        if jobs.update(due_at=sooner(config().delay), **done):
            return True
        Job.objects.using(key.using).bulk_create([Job(chart_model=key.model, chart_pk=key.pk)], ignore_conflicts=True)
    return True


def _without(token: str) -> Case:
    return Case(When(lease_token=token, then=Value("")), default=F("lease_token"))
