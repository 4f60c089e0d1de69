"""One render of one chart, from reading its versions to publishing: what may fail, and what is left when it does."""

import logging
import posixpath
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import connections, transaction

from charts import files
from charts.exceptions import RenderError
from charts.fields import ChartImageField
from charts.freshness import jobs, marks, publishing
from charts.freshness.publishing import Outcome, Published, Status
from charts.ledger import ChartKey, LooseFile
from charts.pipeline import reading
from charts.pipeline.drafting import Drawn, clean, draw
from charts.pipeline.stopping import exits_as_errors
from charts.signals import chart_failed, chart_rendered

logger = logging.getLogger("charts")

# How often an explicit render starts again because an older picture came first.
TRIES = 3
# Characters of an error that are kept: a message may hold the data.
LONGEST_SENTENCE, LONGEST_TRACE = 2_000, 20_000

# By field: what its column will hold, and its files.
Stored = dict[ChartImageField, tuple[str, dict[str, bytes]]]


@dataclass(frozen=True, kw_only=True)
class RenderResult:
    """What became of a render.

    Attributes:
        status: `rendered`; `unchanged`, the picture was right; `superseded`, a newer one was published meanwhile.
        duration: seconds from reading the data to the last file written.
        warnings: what matplotlib warned of, a sentence each.
        stale: whether the data has changed again since it was read.
    """

    status: Status
    duration: float
    warnings: tuple[str, ...] = ()
    stale: bool = False


def render(
    key: ChartKey, *, force: bool = False, token: str = "", lease: float | None = None
) -> tuple[RenderResult, Any]:
    """Render a chart for somebody who asked, in this thread, now.

    Args:
        key: the chart.
        force: draw also what is unchanged.
        token: what to take its lease under; by default a new one.
        lease: seconds the lease lasts; by default `CHARTS["LEASE"]`.

    Returns:
        What became of it, and the row as it is afterwards.

    Raises:
        RenderError: it could not be rendered; the error is recorded and the last good image is untouched.
    """
    held = _begun(key, token, lease)
    for _ in range(TRIES):
        asked = _Render(key, held, force=force)
        result, row = asked.run()
        if result.status != "superseded" or row.image_version >= asked.version:
            break
        # The picture was right until a slower worker published an older one: it must be drawn after all.
        held = ""
    return result, row


def _begun(key: ChartKey, token: str, lease: float | None) -> str:
    """Make the chart stale for whoever is at it, and take its lease if it is free."""
    try:
        publishing.raise_version(key)
        marks.forget_marks(key)
        taken = jobs.take_lease(key, token, lease)
        if not taken:
            jobs.add_job(key)  # here, and not amid publishing, which has locks in hand
    except publishing.RowGoneError:
        raise
    except Exception as error:
        raise _Render(key, "").failed(error) from error
    return taken


def work(key: ChartKey, token: str) -> RenderResult:
    """Render a chart whose lease a worker has claimed.

    Raises:
        RenderError: as `render`.
    """
    return _Render(key, token, claimed=True).run()[0]


class _Render:
    """One render of one chart."""

    def __init__(self, key: ChartKey, token: str, *, force: bool = False, claimed: bool = False) -> None:
        self.key = key
        self.token = token
        self.force = force
        self.claimed = claimed
        self.started = time.monotonic()
        self.step = "it was read"
        self.is_outside = False  # whether what runs is none of the chart's code
        self.version = 0
        self.entered: list[str] = []

    def run(self) -> tuple[RenderResult, Any]:
        try:
            chart = reading.read(self.key)
            self.version = chart.data_version
            with exits_as_errors(), reading.chart_locale(chart):
                outcome = self.outcome(chart)
            self.step, self.is_outside = "it was published", True
            published = publishing.publish(outcome)
        except publishing.RowGoneError:
            self.tidy_up(lambda: jobs.drop(self.key))
            raise
        except Exception as error:
            raise self.failed(error) from error
        except BaseException:  # told to stop: somebody else does it
            self.tidy_up(lambda: jobs.release(self.key, self.token, claimed=self.claimed))
            raise
        return self.finish(chart, outcome, published)

    @property
    def duration(self) -> float:
        return time.monotonic() - self.started

    def outcome(self, chart: Any) -> Outcome:
        self.step = "get_data() read its data"
        with self.savepoint():
            data = reading.get_data(chart)
            self.step = "its data was fingerprinted"
            digests = reading.digests(chart, data)
        outcome = Outcome(key=self.key, token=self.token, row=chart, replaced=reading.replaced)
        if reading.is_shown(chart, digests) and not self.force:
            return replace(outcome, duration=self.duration)
        drawn = draw(chart, data, self.begin)
        self.step = "its files were stored"
        stored = self.store(chart, drawn)
        return replace(
            outcome,
            columns=self.columns(chart, drawn, stored) | digests,
            written=self.entered,
            duration=self.duration,
            warnings=tuple(dict.fromkeys(drawn.warnings)),
        )

    def begin(self, step: str) -> None:
        self.step = step

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Keep a failing query from breaking the transaction we are called in: the failure must be recorded."""
        if not connections[self.key.using].in_atomic_block:
            yield
            return
        with transaction.atomic(using=self.key.using):
            yield

    def store(self, chart: Any, drawn: Drawn) -> Stored:
        """Write the new files, each in the ledger before it is in storage."""
        stored: Stored = {field: named(chart, field, contents, self.key) for field, contents in drawn.contents.items()}
        rows = [row for field, entry in stored.items() for row in _loose(field, *entry)]
        files.enter(self.key.using, rows)
        self.entered = [row.name for row in rows]
        self.is_outside = True
        for field, (_, contents) in stored.items():
            files.write(field.storage, contents)
        self.is_outside = False
        return stored

    def columns(self, chart: Any, drawn: Drawn, stored: Stored) -> dict[str, Any]:
        columns: dict[str, Any] = {field.name: picture for field, (picture, _) in stored.items()}
        elapsed = timedelta(seconds=self.duration)
        size = dict(zip(("image_width", "image_height"), drawn.size, strict=True))
        return columns | size | {"alt": drawn.alt, "rendered_at": chart.charts_now + elapsed}

    def tidy_up(self, *steps: Any) -> None:
        """Do what can be done after a failure; its own failures are logged, for the first error is the one to tell."""
        for step in (*steps, self.give_up_files):
            try:
                step()
            except Exception:
                logger.exception("What the failure of %s left could not be tidied up.", self.key)

    def give_up_files(self) -> None:
        """Have what was written deleted; what was published after all is in the ledger no more, and stays."""
        if self.entered:
            files.hasten(self.key.using, self.entered)
            files.prune_after_commit(self.key.using)

    def failed(self, error: Exception) -> RenderError:
        """Record why there is no new picture, and return what to raise."""
        duration = self.duration
        sentence = f"{self.key} could not be rendered: when {self.step}, {said(error)}"
        trace = clean("".join(traceback.format_exception(error)))[-LONGEST_TRACE:]
        self.tidy_up(
            lambda: publishing.tried(self.key, reading.recipe(self.key.model_class)),
            lambda: jobs.fail(self.key, self.token, f"{sentence}\n\n{trace}", duration, is_outage=self.is_outside),
        )
        failure = RenderError(sentence)
        failure.__cause__ = error
        chart_failed.send_robust(sender=self.key.model_class, chart=self.key, error=failure, duration=duration)
        return failure

    def finish(self, chart: Any, outcome: Outcome, published: Published) -> tuple[RenderResult, Any]:
        result = RenderResult(
            status=published.status,
            duration=outcome.duration,
            warnings=tuple(outcome.warnings),
            stale=published.stale,
        )
        if published.status == "superseded":
            self.tidy_up()
            return result, published.row
        for name, value in {**outcome.columns, "image_version": outcome.version}.items():
            setattr(chart, name, value)
        if published.status == "rendered":
            files.prune_after_commit(self.key.using)
            chart_rendered.send_robust(sender=type(chart), chart=chart, result=result)
        return result, chart


def named(
    chart: Any, field: ChartImageField, contents: Mapping[Any, bytes], key: ChartKey
) -> tuple[str, dict[str, bytes]]:
    """Return what a field's column will hold, and its files by new names that fit it and the ledger."""
    options = field.options
    root = field.generate_filename(chart, f"{files.safe(key.pk)}.{options.primary.format}")
    longest = LooseFile._meta.get_field("name").max_length or 0
    endings = {look: len(options.name("", look)) for look in contents}
    room = min((field.max_length or longest) - endings[options.primary], longest - max(endings.values()))
    stem = files.new_stem(posixpath.splitext(root)[0], options.key, room)
    return options.name(stem, options.primary), {options.name(stem, look): each for look, each in contents.items()}


def _loose(field: ChartImageField, picture: str, contents: Mapping[str, bytes]) -> list[LooseFile]:
    return files.loose(files.Shelf.of(field), picture, contents, files.UNPUBLISHED_FOR)


def said(error: BaseException) -> str:
    """Return an exception's kind and message, whatever is in them."""
    try:
        message = str(error)
    except Exception as second:  # noqa: BLE001  (an exception's own __str__ may raise anything)
        message = f"its message raises {type(second).__name__}"
    return clean(f"{type(error).__name__}: {message}")[:LONGEST_SENTENCE]
