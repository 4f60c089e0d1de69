"""Publishing: the one UPDATE that makes new files the chart's picture, and what is settled with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import Case, Exists, F, Q, QuerySet, Value, When

from charts import files
from charts.clock import DatabaseTime
from charts.conf import config
from charts.exceptions import RenderError
from charts.freshness.jobs import add_job, job_of
from charts.ledger import SIGNAL, ChartKey, Job, lock_rows

Status = Literal["rendered", "unchanged", "superseded"]


# How many older pictures may come first before it is given up.
TRIES = 10


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
        row: the chart as it was read, before its data: both its versions are of that moment.
        replaced: says which pictures a row names.
        columns: the row's new columns; empty: the picture is right as it is.
        written: names of the new files, all in the ledger.
        duration: seconds it took.
        warnings: sentences for the people in charge.
    """

    key: ChartKey
    token: str
    row: Any
    replaced: Callable[[Any], Sequence[Picture]]
    columns: Mapping[str, Any] = field(default_factory=dict)
    written: Sequence[str] = ()
    duration: float = 0.0
    warnings: Sequence[str] = ()

    @property
    def version(self) -> int:
        """The data's version as it was before the data was read: what was drawn is of that version or newer."""
        version: int = self.row.data_version
        return version


@dataclass(frozen=True, slots=True)
class Published:
    """What became of an outcome.

    Attributes:
        status: whose picture the row names now.
        stale: whether the chart is stale already.
        row: the chart as it was just before, or, superseded, as it is.
    """

    status: Status
    stale: bool
    row: Any


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


def tried(key: ChartKey, recipe: str) -> None:
    """Note by which recipe a chart could not be drawn: when its class has another, it is tried again by itself.

    A picture that was drawn by this recipe, and only not for the data as it is now, keeps it.
    """
    rows_of(key).exclude(recipe_digest=recipe).update(recipe_digest=failing(recipe))


def failing(recipe: str) -> str:
    """Return what a chart has in the place of the recipe that it was drawn by, if it could not be drawn by this one.

    It equals no recipe, so that no check finds the picture to be by it.
    """
    return f"-{recipe[1:]}"


class RowGoneError(RenderError):
    """Say that there is no such chart any more."""


def gone(key: ChartKey) -> RowGoneError:
    """Return the error for a chart whose row was deleted."""
    return RowGoneError(f"{key} cannot be rendered: its row was deleted.")


def publish(outcome: Outcome) -> Published:
    """Make what was drawn the chart's picture, unless a newer one is.

    Whoever changed the row since it was read has drawn something else: the condition is on the version that was
    read, not on the one that was drawn, or "unchanged" would bless the picture of data that came and went.

    Raises:
        RenderError: the row is gone, or a new file is not ours any more; nothing is published.
    """
    row = outcome.row
    for _ in range(TRIES):
        # Looked for before anything is locked: a storage may have to list its files, and may take its time.
        old = outcome.replaced(row) if outcome.columns else ()
        with transaction.atomic(using=outcome.key.using):
            if _put_in_place(outcome, row):
                _trade_files(outcome, old)
                status: Status = "rendered" if outcome.columns else "unchanged"
                return Published(status, settle(outcome, status), row)
            # Locked before its job is settled: whoever makes the chart stale takes the row first, then the job.
            row = lock_rows(rows_of(outcome.key)).first()
            if row is None:
                raise gone(outcome.key)
            if not outcome.columns or row.image_version >= outcome.version:
                return Published("superseded", settle(outcome, "superseded"), row)
        # An older picture came first; what was drawn here is newer.
    raise RenderError(f"{outcome.key} was not published: its row changed {TRIES} times meanwhile; render it again.")


def _put_in_place(outcome: Outcome, row: Any) -> bool:
    """Write the row's new columns if its picture is still the one that was read."""
    # The name too: a picture that was taken away by hand, or drawn twice of one version, has the version it had.
    same = {"image_version": row.image_version, "image": row.image.name or ""}
    columns = {"image_version": outcome.version, **outcome.columns}
    return bool(rows_of(outcome.key).filter(**same).update(**columns))


def _trade_files(outcome: Outcome, old: Sequence[Picture]) -> None:
    """Take the new files out of the ledger, and enter those they replace."""
    if not outcome.columns:
        return
    if files.adopt(outcome.key.using, outcome.written) != len(outcome.written):
        raise RenderError(f"{outcome.key} was not published: its new files were pruned meanwhile; render it again.")
    keep = config().keep_old_files
    replaced = [row for each in old for row in files.loose(each.shelf, each.name, each.names, keep)]
    if replaced:
        files.enter(outcome.key.using, replaced)


def settle(outcome: Outcome, status: Status) -> bool:
    """Put the chart's job to rest if the chart is fresh, else make it due again; say whether it is stale.

    Another worker's lease is left alone: it ends by itself.
    """
    key = outcome.key
    jobs, done = job_of(key), _done(outcome, status)
    fresh = Exists(rows_of(key).filter(image_version__gte=F("data_version")))
    rest = {"due_at": None, "stale_since": None}
    # Not at once, though it was due: a chart that changes all the time is drawn once in a while.
    again = {"due_at": DatabaseTime(config().delay), "stale_since": DatabaseTime()}
    for _ in range(2):
        if jobs.filter(fresh).update(**done, **rest):
            return False
        if jobs.update(**done, **again):
            return True
        add_job(key)  # somebody has dropped it meanwhile
    return True


def _done(outcome: Outcome, status: Status) -> dict[str, Any]:
    done: dict[str, Any] = {
        "attempts": 0,
        "priority": SIGNAL,
        "sent_at": None,
        "error": "",
        "failed_at": None,
        "finished_at": DatabaseTime(),
    }
    if status == "rendered":  # else the picture is another, and so is what there is to say of it
        done["warnings"] = Value(list(outcome.warnings), Job._meta.get_field("warnings"))
        done["duration"] = outcome.duration
    if outcome.token:
        mine = Q(lease_token=outcome.token)
        # In this order, for MySQL computes each column from those it has already set.
        done["leased_until"] = Case(When(mine, then=None), default=F("leased_until"))
        done["lease_token"] = Case(When(mine, then=Value("")), default=F("lease_token"))
    return done
