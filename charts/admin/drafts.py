"""A chart drawn from a form's values: in memory, from rows that are never committed."""

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import sql
from django.db.models.deletion import Collector
from django.utils.safestring import SafeString

from charts import pipeline
from charts.fields import RASTER_FORMATS, ChartImageField, Look, Options
from charts.ledger import ChartKey, begin_write

# Characters of a traceback that are kept: a message may hold the data.
LONGEST_TRACE = 20_000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What came of drawing a form's values.

    Attributes:
        contents: the bytes of one file a field and theme; empty if it could not be drawn.
        size: (width, height) of `image` in CSS pixels.
        alt: its text for those who do not see it.
        warnings: what matplotlib warned of, a sentence each.
        error: why it could not be drawn, with the traceback; "" if it could.
        refusal: HTML that stands in place of the picture where nothing was to be drawn; else None.
    """

    contents: dict[ChartImageField, dict[Look, bytes]] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    alt: str = ""
    warnings: tuple[str, ...] = ()
    error: str = ""
    refusal: SafeString | None = None


class Refusal(Exception):  # noqa: N818  (nothing is wrong)
    """Values that are not to be drawn.

    Args:
        html: what stands in place of the picture.
    """

    def __init__(self, html: SafeString) -> None:
        super().__init__(html)
        self.html = html


def draw(form: Any, formsets: Sequence[Any], using: str, begin: Callable[[], None]) -> Draft:
    """Draw a chart as it would be if a form were saved; nothing is stored, and no row is changed.

    The rows are written in a transaction that is rolled back before the drawing begins, so that `get_data()` finds
    them, with their inlines, and nobody waits for the drawing. Uploaded files stay in memory.

    Args:
        form: of the chart; valid.
        formsets: of its inlines; valid once `begin` has been called.
        using: alias of the database in which they would be saved.
        begin: what is done before the rows are written; what it writes is never committed either. It raises a
            `Refusal` if nothing is to be drawn.
    """
    steps = ["its row was written"]
    try:
        with pipeline.exits_as_errors():
            row, data = _read(form, formsets, using, begin, steps)
            with pipeline.chart_locale(row):
                drawn = pipeline.draw(row, data, steps.append, shown)
    except Refusal as refusal:
        return Draft(refusal=refusal.html)
    except Exception as error:  # noqa: BLE001  (whatever the project's hooks, its database or its rows raise)
        return Draft(error=_why(error, steps[-1]))
    warnings = tuple(dict.fromkeys(drawn.warnings))
    return Draft(contents=drawn.contents, size=drawn.size, alt=drawn.alt, warnings=warnings)


def shown(options: Options) -> Iterator[Look]:
    """Yield the one file of each theme that a preview shows: the densest of the primary's format."""
    primary = options.primary
    density = max(options.densities) if primary.format in RASTER_FORMATS else primary.density
    yield from (Look(theme, density, primary.format) for theme in options.themes)


def _why(error: Exception, step: str) -> str:
    sentence = f"When {step}, {pipeline.said(error)}"
    trace = pipeline.clean("".join(traceback.format_exception(error)))[-LONGEST_TRACE:]
    return f"{sentence}\n\n{trace}"


def _read(
    form: Any, formsets: Sequence[Any], using: str, begin: Callable[[], None], steps: list[str]
) -> tuple[Any, Any]:
    """Return a chart's row as it would be, and its data."""
    instance = form.instance
    with ExitStack() as stack:
        stack.enter_context(_never_committed(using))
        # Many a form's `save(commit=False)` writes its row all the same.
        stack.callback(_restore, instance, instance.pk, instance._state.adding, instance._state.db)
        with _in_memory(instance):
            begin()
        stack.enter_context(_written([instance], using))
        getattr(form, "save_m2m", lambda: None)()
        for formset in formsets:
            stack.enter_context(_written(formset.save(commit=False), using))
            for row in formset.deleted_objects:
                _delete(row, using)
            formset.save_m2m()
        row = pipeline.read(ChartKey.of(instance, using))
        for file in _uploads(instance):
            setattr(row, file.field.attname, file)
        steps.append("get_data() read its data")
        with pipeline.chart_locale(row):
            return row, pipeline.get_data(row)


@contextmanager
def _never_committed(using: str) -> Iterator[None]:
    with transaction.atomic(using=using):
        begin_write(using)
        try:
            yield
        finally:
            transaction.set_rollback(True, using=using)


@contextmanager
def _written(rows: Iterable[Any], using: str) -> Iterator[None]:
    """Write rows as they are for a while, without `save()`, which may do more than that; then unsave them."""
    with ExitStack() as stack:
        for row in rows:
            stack.callback(_restore, row, row.pk, row._state.adding, row._state.db)
            _write(row, using)
        yield


def _restore(row: Any, pk: Any, adding: bool, using: str | None) -> None:
    row.pk, row._state.adding, row._state.db = pk, adding, using


def _write(row: Any, using: str) -> None:
    for column in row._meta.concrete_fields:
        if not column.generated and not isinstance(column, models.FileField):
            column.pre_save(row, row._state.adding)  # times of creation and change
    with _in_memory(row):
        # Below `save_base()`, which tells receivers: they send mails and start tasks, of what was never saved.
        model, adding = row._meta.concrete_model, row._state.adding
        inserted = row._save_parents(model, using, None, (model,) if adding else ())
        row._save_table(raw=True, cls=model, force_insert=adding or inserted, using=using)
        row._state.adding, row._state.db = False, using


@contextmanager
def _in_memory(row: Any) -> Iterator[None]:
    """Keep a row's uploads out of the storage, whoever saves it."""
    uploads = _uploads(row)
    for file in uploads:
        file._committed = True
    try:
        yield
    finally:
        for file in uploads:
            file._committed = False


def _delete(row: Any, using: str) -> None:
    """Delete a row and what falls with it, as Django does, but tell no receivers: they delete files for good."""
    found: Any = Collector(using=using, origin=row)
    found.collect([row])
    found.sort()
    for rows in found.fast_deletes:
        rows._raw_delete(using=using)
    for (column, value), several in found.field_updates.items():
        for rows in several:  # a queryset, or rows that are at hand
            keys = list({each.pk for each in rows})
            sql.UpdateQuery(column.model).update_batch(keys, {column.name: value}, using)
    for model, rows in found.data.items():
        sql.DeleteQuery(model).delete_batch([each.pk for each in rows], using)


def _uploads(row: Any) -> list[Any]:
    """Return the files of a row that are in memory and not yet in storage."""
    columns = [column for column in row._meta.concrete_fields if isinstance(column, models.FileField)]
    files = [getattr(row, column.attname) for column in columns]
    return [file for file in files if file and not file._committed]
