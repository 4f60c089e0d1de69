"""The one way to render: data, digest, draw, store, publish, signal. Takes any object that has a chart's hooks."""

import logging
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connections, transaction
from django.utils import timezone, translation

from charts import files, fingerprints, tables
from charts.clock import DatabaseTime
from charts.conf import config
from charts.exceptions import DrawError, RenderError
from charts.fields import ChartImageField, Look, chart_fields, picture_names
from charts.freshness import jobs, marks, publishing
from charts.freshness.publishing import Outcome, Picture, Status
from charts.ledger import ChartKey
from charts.signals import chart_failed, chart_rendered

logger = logging.getLogger("charts")

# What a render writes: no part of what a chart shows, so no part of its digest.
BOOKKEEPING = frozenset(
    {
        "image_width",
        "image_height",
        "alt",
        "data_version",
        "image_version",
        "data_digest",
        "recipe_digest",
        "rendered_at",
    }
)
CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


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


@dataclass(kw_only=True)
class Drawn:
    """The files of a chart's pictures, in memory, and what is said of them."""

    contents: dict[ChartImageField, dict[Look, bytes]] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    alt: str = ""
    warnings: list[str] = field(default_factory=list)


def own_fields(model: Any) -> frozenset[str]:
    """Return the columns that only rendering writes."""
    return BOOKKEEPING | {field.name for field in chart_fields(model)}


def render(key: ChartKey, *, force: bool = False) -> tuple[RenderResult, Any]:
    """Render a chart for somebody who asked, in this thread, now.

    Args:
        key: the chart.
        force: draw also what is unchanged.

    Returns:
        What became of it, and the row as it is afterwards.

    Raises:
        RenderError: it could not be rendered; the error is recorded and the last good image is untouched.
    """
    publishing.raise_version(key)
    marks.forget_marks(key)
    return _Render(key, jobs.take_lease(key), force=force).run()


def work(key: ChartKey, token: str) -> RenderResult:
    """Render a chart whose lease a worker has claimed.

    Raises:
        RenderError: as `render`.
    """
    return _Render(key, token).run()[0]


@contextmanager
def chart_locale(chart: Any) -> Iterator[None]:
    """Be in the chart's language and time zone, not in those of whoever triggered the render."""
    with translation.override(chart.get_language()), timezone.override(chart.get_timezone()):
        yield


@contextmanager
def no_queries(key: ChartKey) -> Iterator[None]:
    """Refuse queries: drawing holds a lock, and what it read would be in no digest."""

    def refuse(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> None:
        raise DrawError(f"draw() of {key} made a query; load it in get_data(): {str(sql)[:200]}")

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


class _Render:
    """One render of one chart, from reading its versions to publishing."""

    def __init__(self, key: ChartKey, token: str, *, force: bool = False) -> None:
        self.key = key
        self.token = token
        self.force = force
        self.started = time.monotonic()
        self.step = "it was read"

    def run(self) -> tuple[RenderResult, Any]:
        try:
            chart = self.read()
            with chart_locale(chart):
                outcome = self.outcome(chart)
            self.step = "it was published"
            published = publishing.publish(outcome)
        except Exception as error:
            raise self.failed(error) from error
        except BaseException:  # told to stop: somebody else does it
            jobs.release(self.key, self.token)
            raise
        return self.finish(chart, outcome, published)

    @property
    def duration(self) -> float:
        return time.monotonic() - self.started

    def read(self) -> Any:
        """Load the row with its foreign rows: the versions first, and in the same statement."""
        model = self.key.model_class
        foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
        rows = publishing.rows_of(self.key).annotate(charts_now=DatabaseTime())
        chart = (rows.select_related(*foreign) if foreign else rows).first()
        if chart is None:
            raise publishing.gone(self.key)
        return chart

    def outcome(self, chart: Any) -> Outcome:
        self.step = "get_data() read its data"
        with self.savepoint():
            data = fingerprints.settle(chart.get_data())
            self.step = "its data was fingerprinted"
            digests = self.digests(chart, data)
        base = Outcome(
            key=self.key,
            token=self.token,
            version=chart.data_version,
            seen=chart.image_version,
            row=chart,
            replaced=replaced,
        )
        same = digests == {name: getattr(chart, name) for name in digests}
        if same and chart.image and not self.force:
            return replace(base, duration=self.duration)
        drawn = self.draw(chart, data)
        self.step = "its files were stored"
        names = self.store(chart, drawn)
        return replace(
            base,
            columns=self.columns(chart, drawn, names) | digests,
            written=[name for _, by_look in names.values() for name in by_look],
            duration=self.duration,
            warnings=tuple(dict.fromkeys(drawn.warnings)),
        )

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Keep a failing query from breaking the transaction we are called in: the failure must be recorded."""
        if not connections[self.key.using].in_atomic_block:
            yield
            return
        with transaction.atomic(using=self.key.using):
            yield

    def digests(self, chart: Any, data: Any) -> dict[str, str]:
        state = fingerprints.row_state(chart, exclude=own_fields(type(chart)) | {"charts_now"})
        sizes = {field.name: chart.get_size(field) for field in chart_fields(type(chart))}
        context = (translation.get_language(), timezone.get_current_timezone_name())
        return {
            "data_digest": fingerprints.digest((chart.get_fingerprint(data), state, sizes, context)),
            "recipe_digest": recipe(type(chart)),
        }

    def draw(self, chart: Any, data: Any) -> Drawn:
        drawn = Drawn()
        for field_ in chart_fields(type(chart)):
            drawn.contents[field_] = {}
            for theme in field_.options.themes:
                self.draw_theme(chart, data, field_, theme, drawn)
        return drawn

    def draw_theme(self, chart: Any, data: Any, field_: ChartImageField, theme: str, drawn: Drawn) -> None:
        """Draw one figure, and take every density and format of its theme from it."""
        from charts.drawing import encoding, figures, themes

        self.step = f"draw() drew it ({field_.name}, {theme})"
        options = field_.options
        first = theme == options.themes[0]
        hook = getattr(chart, f"draw_{field_.name}", None) or chart.draw
        canvas = figures.drawn(
            lambda figure: hook(figure, data),
            size=chart.get_size(field_),
            layout=options.layout,
            transparent=options.transparent,
            theme=themes.resolve(theme, extra=config().themes),
            max_pixels=config().max_pixels,
            densities=options.densities,
        )
        with no_queries(self.key), canvas as drawing:
            if first and field_.name == "image":
                self.step = "get_alt_text() described it"
                drawn.size, drawn.alt = drawing.size, clean(chart.get_alt_text(drawing.figure, data))
            for look in options.looks():
                self.step = f"it was encoded ({field_.name}, {theme}, {look.format})"
                if look.theme == theme:
                    drawn.contents[field_][look] = encoding.encode(
                        drawing, format=look.format, density=look.density, png=config().png
                    )
                elif not look.theme and first:
                    drawn.contents[field_][look] = tables.to_csv(table_of(chart, data, drawing.figure))
        drawn.warnings += drawing.warnings

    def store(self, chart: Any, drawn: Drawn) -> "dict[ChartImageField, tuple[str, dict[str, bytes]]]":
        """Write the new files, each in the ledger before it is in storage; return them by field."""
        stored = {}
        for field_, contents in drawn.contents.items():
            options = field_.options
            root = field_.generate_filename(chart, f"{files.safe(self.key.pk)}.{options.primary.format}")
            stem = files.new_stem(root.rpartition(".")[0], options.key)
            named = {options.name(stem, look): content for look, content in contents.items()}
            stored[field_] = (options.name(stem, options.primary), named)
        files.enter(
            self.key.using,
            [
                row
                for field_, (picture, named) in stored.items()
                for row in files.loose(files.Shelf.of(field_), picture, named, files.UNPUBLISHED_FOR)
            ],
        )
        for field_, (_, named) in stored.items():
            files.write(field_.storage, named)
        return stored

    def columns(self, chart: Any, drawn: Drawn, stored: "Mapping[ChartImageField, tuple[str, Any]]") -> dict[str, Any]:
        columns: dict[str, Any] = {field_.name: picture for field_, (picture, _) in stored.items()}
        elapsed = timedelta(seconds=self.duration)
        size = dict(zip(("image_width", "image_height"), drawn.size, strict=True))
        return columns | size | {"alt": drawn.alt, "rendered_at": chart.charts_now + elapsed}

    def failed(self, error: Exception) -> RenderError:
        """Record why there is no new picture, and return what to raise."""
        duration = self.duration
        sentence = clean(f"{self.key} could not be rendered: when {self.step}, {_said(error)}")
        trace = clean("".join(traceback.format_exception(error)))
        try:
            jobs.fail(self.key, self.token, f"{sentence}\n\n{trace}", duration)
        except Exception:  # the first error is the one to tell
            logger.exception("The failure of %s could not be recorded.", self.key)
        failure = RenderError(sentence)
        failure.__cause__ = error
        chart_failed.send_robust(sender=self.key.model_class, chart=self.key, error=failure, duration=duration)
        return failure

    def finish(self, chart: Any, outcome: Outcome, published: publishing.Published) -> tuple[RenderResult, Any]:
        result = RenderResult(
            status=published.status,
            duration=outcome.duration,
            warnings=tuple(outcome.warnings),
            stale=published.stale,
        )
        using = self.key.using
        if published.status == "superseded":
            files.hasten(using, outcome.written)
            chart = publishing.rows_of(self.key).first() or chart
        else:
            for name, value in {**outcome.columns, "image_version": outcome.version}.items():
                setattr(chart, name, value)
        if published.status == "rendered":
            transaction.on_commit(partial(files.prune_all, using), using=using, robust=True)
            chart_rendered.send_robust(sender=type(chart), chart=chart, result=result)
        return result, chart


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def clean(text: str) -> str:
    """Remove what a database or an attribute cannot hold: control characters, NUL, lone surrogates."""
    return str(text).translate(CONTROL).encode("utf-8", "replace").decode()


def replaced(row: Any) -> list[Picture]:
    """Return the pictures that a row names."""
    return [
        Picture(files.Shelf.of(field_), getattr(row, field_.name).name, tuple(names))
        for field_, names in picture_names(row).items()
        if names
    ]


def table_of(chart: Any, data: Any, figure: Any) -> tables.Table:
    """Return the rows behind a picture: what `get_table()` says, else the data, else what was drawn."""
    chosen = chart.get_table(data)
    if chosen is not None:
        return tables.as_table(chosen)
    return tables.from_data(data) or tables.from_figure(figure) or tables.Table((), ())


def recipe(model: Any) -> str:
    """Return the digest of how a class draws: its source, its fields' options, and what changes pixels."""
    from charts.drawing import figures

    options = {field_.name: field_.options for field_ in chart_fields(model)}
    named = {name: config().themes.get(name) for value in options.values() for name in value.themes}
    context = (options, named, figures.versions())
    return fingerprints.recipe_digest(model, version=model.recipe_version, extra=context)
