"""The history of who did what: an entry for each chart that a batch takes up, by whoever has asked for that.

That is who confirmed the batch, or later resumed it or had failures tried again.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from charts import batches
from charts.admin.names import named
from charts.batches.rows import rows_of
from charts.batches.states import home_of, model_of
from charts.ledger import Batch, BatchItem, begin_write, lock_or_skip

# Characters that an entry has room for.
LONGEST = 200


def log_batch(batch: Batch) -> None:
    """Enter the charts that a batch has taken up since the last call.

    The entries and the note that they are made are committed together where both are in one database; elsewhere a
    process that is killed in between leaves some to be entered twice, and none out.
    """
    items = list(batches.unlogged(batch).order_by("pk"))
    user = _user_of(batch)
    if not items:
        return
    charts = _charts_of(batch, [item.chart_pk for item in items]) if user else {}
    with transaction.atomic(using=home_of(batch)):
        begin_write(home_of(batch))
        # Whoever else logs now has it, or waits for none of it.
        locked = lock_or_skip(batches.unlogged(batch).filter(pk__in=[item.pk for item in items]))
        mine = {item.pk: item for item in locked}
        if user and mine:
            _enter(user, batch, [charts[item.chart_pk] for item in mine.values() if item.chart_pk in charts])
        BatchItem.objects.using(home_of(batch)).filter(pk__in=list(mine)).update(is_logged=True)


def enter(user: Any, batch: Batch, keys: list[str]) -> None:
    """Enter charts of a batch that somebody asks for, whoever has begun it.

    Args:
        user: who asks.
        batch: which.
        keys: the charts' primary keys as text.
    """
    _enter(user, batch, list(_charts_of(batch, keys).values()))


def _user_of(batch: Batch) -> Any:
    """Return who has confirmed a batch; None if the account is gone."""
    try:
        return get_user_model()._default_manager.filter(pk=batch.user_pk).first() if batch.user_pk else None
    except (ValueError, ValidationError):
        return None


def _charts_of(batch: Batch, keys: list[str]) -> dict[str, Any]:
    model = model_of(batch)
    foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
    rows = rows_of(model, home_of(batch), keys)
    # With the rows that a chart's name is likely made of: one query, not a hundred.
    return {chart.charts_key: named(chart) for chart in (rows.select_related(*foreign) if foreign else rows)}


def _enter(user: Any, batch: Batch, charts: list[Any]) -> None:
    using = router.db_for_write(LogEntry)
    kind = ContentType.objects.db_manager(using).get_for_model(apps.get_model(batch.chart_class), False)
    with translation.override(settings.LANGUAGE_CODE):  # workers speak none
        message = _("Regeneration asked for.")
    entries = [
        LogEntry(
            user_id=user.pk,
            content_type_id=kind.pk,
            object_id=chart.pk,
            object_repr=str(chart)[:LONGEST],
            action_flag=CHANGE,
            change_message=message,
        )
        for chart in charts
    ]
    LogEntry.objects.using(using).bulk_create(entries)
