"""What has become of each chart of a batch, read from the chart's row and its job's: in SQL, for any number at once."""

from typing import Any

from django.apps import apps
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from charts.clock import DatabaseTime, PkText, PkValue
from charts.ledger import Batch, BatchItem, Job

# Not taken up yet; taken up, and waiting for a worker; a worker has it; drawn anew; looked at and found right; failed
# since it was taken up; deleted.
PENDING, WAITING, DRAWING, DRAWN, UNCHANGED, FAILED, GONE = (
    "pending",
    "waiting",
    "drawing",
    "drawn",
    "unchanged",
    "failed",
    "gone",
)
STATES = (PENDING, WAITING, DRAWING, DRAWN, UNCHANGED, FAILED, GONE)
# What can change no more, and is written down.
FINAL = (DRAWN, UNCHANGED, GONE)


def home_of(batch: Batch) -> str:
    """Return the alias of the database that a batch and its charts are in."""
    return batch._state.db or "default"


def is_going_on(using: str) -> "QuerySet[Batch]":
    """Return the batches of a database that were begun and are not over."""
    batches = Batch.objects.using(using).filter(confirmed_at__isnull=False)
    return batches.filter(cancelled_at__isnull=True, finished_at__isnull=True).order_by("confirmed_at", "pk")


def items_of(batch: Batch) -> "QuerySet[BatchItem]":
    """Return the charts of a batch, as it names them."""
    return BatchItem.objects.using(home_of(batch)).filter(batch=batch.pk)


def model_of(batch: Batch) -> Any:
    """Return the class of a batch's charts; LookupError if this process has none of that label."""
    return apps.get_model(batch.chart_model)


def with_states(items: "QuerySet[BatchItem]", model: Any) -> "QuerySet[Any]":
    """Add `state`, one of `STATES`, to the charts of batches of one model."""
    charts = model._base_manager.using(items.db).filter(pk=PkValue(OuterRef("chart_pk"), model))
    # A row that was deleted and made again begins to count anew.
    made_again = Q(data_version__lt=OuterRef("version"), image_version__gte=F("data_version"))
    drawn = Q(image_version__gte=OuterRef("version")) | made_again
    state = _case(
        # A picture under the name it had is the one that was there: names are never used twice.
        When(drawn & Q(image=OuterRef("image_before")), then=Value(UNCHANGED)),
        When(drawn, then=Value(DRAWN)),
        When(IsNull(OuterRef("version"), True), then=Value(PENDING)),
        default=Coalesce(_state_of_job(items.db, model), Value(WAITING)),
    )
    found = Coalesce(Subquery(charts.order_by().values_list(state)[:1]), Value(GONE), output_field=CharField())
    return items.annotate(state=_case(When(~Q(outcome=""), then=F("outcome")), default=found))


def _state_of_job(using: str, model: Any) -> Subquery:
    """Return the state of a chart that is taken up and not drawn yet, within the query of its row."""
    label = (model._meta.concrete_model or model)._meta.label_lower
    jobs = Job.objects.using(using).filter(chart_model=label, chart_pk=OuterRef(OuterRef("chart_pk")))
    state = _case(
        When(leased_until__gt=DatabaseTime(), then=Value(DRAWING)),
        # A failure that was there before is none of this batch's.
        When(failed_at=OuterRef(OuterRef("failed_before")), then=Value(WAITING)),
        When(failed_at__isnull=False, then=Value(FAILED)),
        default=Value(WAITING),
    )
    return Subquery(jobs.order_by().values_list(state)[:1], output_field=CharField())


def _case(*cases: When, default: Any) -> Case:
    return Case(*cases, default=default, output_field=CharField())


def seen_by(charts: "QuerySet[Any]") -> Exists:
    """Return the condition that an item's chart is one of a queryset, of those that somebody may see, say."""
    return Exists(charts.order_by().filter(pk=PkValue(OuterRef("chart_pk"), charts.model)))


def charts_in(batch: Batch, charts: "QuerySet[Any]", *, only_open: bool = False) -> "QuerySet[Any]":
    """Return those of some charts that are in a batch; on demand, only those that are not done."""
    items = items_of(batch).filter(outcome="") if only_open else items_of(batch)
    return charts.filter(Exists(items.filter(chart_pk=PkText(OuterRef("pk")))))


def unlogged(batch: Batch) -> "QuerySet[BatchItem]":
    """Return the charts of a batch that were taken up and not yet entered in the history of who did what."""
    return items_of(batch).filter(is_logged=False, version__isnull=False)
