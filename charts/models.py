"""A chart is a model: what readers need in its row, hooks for what it shows, and `render()`."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.checks import CheckMessage
from django.db import connections, models, router
from django.db.models import Exists, F, OuterRef, signals
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from charts import dispatch, files, pipeline
from charts.clock import PkText
from charts.conf import config
from charts.exceptions import RenderError
from charts.fields import ChartImageField, chart_fields
from charts.freshness import jobs, marks
from charts.ledger import (
    Batch,
    BatchItem,
    ChartKey,
    Job,
    LooseFile,
    Mark,
    after_commit,
    begin_write,
    lock_rows,
    model_label,
)
from charts.pipeline import RenderResult
from charts.routing import home_of

__all__ = [
    "Batch",
    "BatchItem",
    "ChartManager",
    "ChartModel",
    "ChartQuerySet",
    "Job",
    "LooseFile",
    "Mark",
    "RenderResult",
]


# What else a chart class is asked by its `check()`; `charts.checks`, on a floor above, enters it here.
CLASS_CHECKS: list[Callable[[Any], list[CheckMessage]]] = []


class ChartQuerySet(models.QuerySet[Any]):
    """Charts by the state of their pictures."""

    # Django's own, which its stubs leave out.
    _db: str | None
    _hints: dict[str, Any]

    def stale(self) -> Self:
        """Return charts whose data has changed since they were drawn."""
        return self.filter(image_version__lt=F("data_version"))

    def failed(self) -> Self:
        """Return charts whose last render failed."""
        return self.filter(self._with_job(error__gt=""))

    def never_rendered(self) -> Self:
        """Return charts that have no picture yet."""
        return self.filter(image="")

    def mark_stale(self) -> int:
        """Have every chart of this queryset looked at again; return how many were marked."""
        return marks.mark_charts(self, self._write_alias())

    def ensure(self) -> int:
        """Make the charts that `for_each` asks for and that are not there; return how many were made."""
        name = self.model.for_each
        if not name:
            raise ValueError(f"{self.model._meta.label} has no for_each: name the foreign key whose rows have a chart.")
        using, link = self._write_alias(), self.model._meta.get_field(name)
        charts, held = self.model._base_manager.using(using), link.target_field.attname
        home = home_of(link.related_model, self.model, using)
        sources = link.related_model._base_manager.using(home)
        if home == using:
            sources = sources.filter(~Exists(charts.filter(**{link.attname: OuterRef(held)})))
        else:
            there = set(charts.values_list(link.attname, flat=True))
            sources = (source for source in sources.iterator() if getattr(source, held) not in there)
        return sum(give_chart(self.model, source, using) for source in sources)

    def _with_job(self, **conditions: Any) -> Exists:
        return Exists(
            Job.objects.filter(chart_model=model_label(self.model), chart_pk=PkText(OuterRef("pk")), **conditions)
        )

    def _write_alias(self) -> str:
        return self._db or router.db_for_write(self.model, **self._hints)


def give_chart(chart_model: type[Any], source: models.Model, using: str) -> bool:
    """Make the chart that `for_each` asks for, of a row that may be in another database; say whether there was none."""
    link = chart_model._meta.get_field(chart_model.for_each)
    held = {link.attname: getattr(source, link.target_field.attname)}
    made: bool = chart_model._base_manager.using(using).get_or_create(**held)[1]
    return made


ChartManager = models.Manager.from_queryset(ChartQuerySet)


class ChartModel(models.Model):
    """Base of every chart: declare its columns, `watches`, `get_data()` and `draw()`.

    The columns here are what pages read, and `render()` alone writes them: `save()` of an existing row never does,
    however it is called. What workers need lies in the app's own `Job` table.
    """

    image = ChartImageField()
    image_width = models.PositiveIntegerField(null=True, editable=False)
    image_height = models.PositiveIntegerField(null=True, editable=False)
    alt = models.TextField(default="", editable=False)
    # A new row is stale from the start, however it was made: its data was never drawn.
    data_version = models.PositiveBigIntegerField(default=1, editable=False)
    image_version = models.PositiveBigIntegerField(default=0, editable=False)
    data_digest = models.CharField(max_length=64, default="", editable=False)
    recipe_digest = models.CharField(max_length=64, default="", editable=False)
    rendered_at = models.DateTimeField(null=True, editable=False)

    objects = ChartManager()

    watches: ClassVar[list[Any]] = []
    refresh_every: ClassVar[timedelta | None] = None
    for_each: ClassVar[str | None] = None
    recipe_version: ClassVar[str | None] = None

    class Meta:
        abstract = True

    # Hooks

    def get_data(self) -> Any:
        """Return what the picture shows; all database work happens here. By default None."""
        return None

    def draw(self, figure: Any, data: Any) -> Any:
        """Draw on a matplotlib Figure, or return another figure.

        Args:
            figure: an empty Figure of the variant's size.
            data: what `get_data()` returned.
        """
        raise NotImplementedError(f"{type(self).__name__} has no draw(self, figure, data): define it.")

    def get_size(self, field: ChartImageField) -> tuple[int, int] | None:
        """Return (width, height) of a field's picture in CSS pixels; None: as the drawn figure says."""
        return field.options.size

    def get_alt_text(self, figure: Any, data: Any) -> str:
        """Return what somebody hears who does not see the picture; by default, from the drawn figure."""
        from charts.drawing import describing

        # In a context of their own: "from" is another word in a letter.
        translate, count = partial(pgettext, "alt text"), partial(npgettext, "alt text")
        return describing.describe(figure, translate=translate, count=count)

    def get_table(self, data: Any) -> Any:
        """Return the rows behind the picture, or None for what the data or the figure gives."""
        return None

    def get_fingerprint(self, data: Any) -> Any:
        """Return what the picture depends on; by default the data itself."""
        return data

    def get_language(self) -> str:
        """Return the language the picture is in; by default the site's."""
        return settings.LANGUAGE_CODE

    def get_timezone(self) -> ZoneInfo:
        """Return the time zone the picture is in; by default the site's."""
        return timezone.get_default_timezone()

    def can_view(self, request: Any) -> bool:
        """Say whether a request may see the picture where it is served by permission; by default, yes."""
        return True

    # Rendering

    def render(self, *, force: bool = False) -> RenderResult:
        """Make the picture show the data as committed, now.

        What is drawn is the row as it is in the database, with its foreign rows; unsaved attributes are not.

        Args:
            force: draw also if nothing has changed.

        Raises:
            ValueError: the chart is not saved.
            RenderError: it could not be drawn or stored. The error is recorded; the last good image stays.
        """
        return self._render(self._key("render"), force=force)

    def _render(self, key: ChartKey, *, force: bool) -> RenderResult:
        try:
            result, row = pipeline.render(key, force=force)
        except RenderError:
            dispatch.dispatch(key.using, [key])  # to try again when its back-off is over
            raise
        for name in pipeline.own_fields(type(self)):
            value = getattr(row, name)
            setattr(self, name, value.name if name in self._picture_names() else value)
        if result.stale:
            dispatch.dispatch(key.using, [key])
        return result

    def render_later(self) -> None:
        """Have the picture rendered after this transaction, by whoever renders charts here, before what waits."""
        self._render_later(self._key("render_later"))

    def _render_later(self, key: ChartKey) -> None:
        # Before the mark, whose own callback makes the job due and sends it.
        after_commit(partial(jobs.prefer, key), key.using)
        marks.mark_charts(type(self)._base_manager.filter(pk=self.pk), key.using)

    @property
    def is_stale(self) -> bool:
        """Whether the data has changed since the picture was drawn, as this instance was loaded."""
        return self.image_version < self.data_version

    @property
    def job(self) -> Job | None:
        """What workers know of the chart; None if none has been asked to draw it."""
        return jobs.job_of(ChartKey.of(self)).first() if self.pk is not None else None

    @property
    def error(self) -> str:
        """The last failure with its traceback; "" if the last render went well."""
        job = self.job
        return job.error if job else ""

    def _key(self, what: str) -> ChartKey:
        if self.pk is None or self._state.adding:
            raise ValueError(f"This {self._meta.label} is not saved: save() it, then {what}() it.")
        # Where `save()` would write it: what was read from a replica is not drawn there.
        return ChartKey.of(self, router.db_for_write(type(self), instance=self))

    @classmethod
    def _picture_names(cls) -> set[str]:
        return {field.name for field in chart_fields(cls)}

    @classmethod
    def check(cls, **kwargs: Any) -> list[CheckMessage]:
        """Check the class as Django checks every model, and as a chart."""
        return [*super().check(**kwargs), *(problem for look in CLASS_CHECKS for problem in look(cls))]

    # Saving: the columns that rendering writes are left out, unless it is `loaddata` that saves. These three are
    # private to Django, but the only place that every way of saving passes, `Model(pk=existing).save()` too. What
    # follows the arguments named here differs between releases.

    _charts_raw = False

    def _save_table(self, raw: bool = False, *args: Any, **kwargs: Any) -> Any:
        before, self._charts_raw = self._charts_raw, raw
        try:
            return super()._save_table(raw, *args, **kwargs)  # type: ignore[misc]  # private to Django
        finally:
            self._charts_raw = before

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, update_fields: Any, *rest: Any) -> Any:
        if not self._charts_raw:
            own = pipeline.own_fields(type(self))
            kept = [entry for entry in values if entry[0].name not in own]
            if values and not kept:  # with nothing left to write, only look whether the row is there
                update_fields = None
            values = kept
        return super()._do_update(base_qs, using, pk_val, values, update_fields, *rest)

    def _do_insert(self, *args: Any) -> Any:
        if not self._charts_raw:
            for field in self._meta.concrete_fields:
                if field.name in pipeline.own_fields(type(self)):
                    setattr(self, field.attname, field.get_default())
        return super()._do_insert(*args)  # type: ignore[misc]  # private to Django


@receiver(signals.class_prepared)
def _prepare(sender: Any, **kwargs: object) -> None:
    """Connect a new chart class: its saves mark it, its deletes clear up after it."""
    if not issubclass(sender, ChartModel) or sender._meta.abstract:
        return
    signals.pre_save.connect(_mark_ahead, sender=sender, dispatch_uid="charts.ahead")
    signals.post_save.connect(_mark_itself, sender=sender, dispatch_uid="charts.mark")
    signals.pre_delete.connect(_retire, sender=sender, dispatch_uid="charts.retire")


AHEAD = "_charts_ahead"


def _mark_ahead(sender: Any, instance: Any, using: str, raw: bool = False, **kwargs: object) -> None:
    """Mark a chart before it is saved outside a transaction: its writer may be killed right after it."""
    if raw or not config().watch or instance._state.adding or connections[using].in_atomic_block:
        return
    instance.__dict__[AHEAD] = gathering = marks.Gathering(using)
    with marks.into(gathering):
        marks.mark_charts(sender._base_manager.filter(pk=instance.pk), using)


def _mark_itself(sender: Any, instance: Any, using: str, raw: bool = False, **kwargs: object) -> None:
    if raw or not config().watch:
        return
    gathering = instance.__dict__.pop(AHEAD, None)
    with marks.gathered(using, gathering) if gathering else nullcontext():
        marks.mark_charts(sender._base_manager.filter(pk=instance.pk), using)


def _retire(sender: Any, instance: Any, using: str, **kwargs: object) -> None:
    """Enter a chart's files in the ledger in the transaction that deletes its row, and delete them after it.

    Its marks stay: deleting them would wait for other writers' marks, and applying finds that the chart is gone.
    """
    begin_write(using)
    # The instance may be older than the row's last picture.
    for row in lock_rows(sender._base_manager.using(using).filter(pk=instance.pk)):
        pictures = pipeline.replaced(row)
        loose = [entry for each in pictures for entry in files.loose(each.shelf, each.name, each.names, 0)]
        files.enter(using, loose)
    jobs.drop(ChartKey.of(instance, using))
    files.prune_after_commit(using)
