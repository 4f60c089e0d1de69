"""Sharing: batches that go on and have a chart in common wait for the same version of it.

How the chart was before is then what each of them remembers, and whichever is cancelled last leaves it so.
"""

from typing import Any

from charts.batches.states import home_of, is_going_on
from charts.freshness.jobs import lease_is_free
from charts.ledger import Batch, BatchItem, Job, lock_or_skip


def share(batch: Batch, charts: dict[str, Any], pending: dict[str, int]) -> list[str]:
    """Wait for what another batch waits for, where nobody has begun to draw it; return the keys of those charts.

    Args:
        batch: which takes charts up.
        charts: locked, by their keys as text.
        pending: the primary keys of their items, by the same.
    """
    others = taken_elsewhere(batch, charts)
    keys = list(lock_idle_jobs(batch, list(others))) if others else []
    if keys:
        items = [
            BatchItem(pk=pending[key], version=others[key].version, digest_before=others[key].digest_before)
            for key in keys
        ]
        BatchItem.objects.using(home_of(batch)).bulk_update(items, ["version", "digest_before"])
    return keys


def taken_elsewhere(batch: Batch, charts: dict[str, Any]) -> dict[str, BatchItem]:
    """Return what other batches that go on have noted of charts that nobody has changed or drawn since.

    Args:
        batch: which one is left out.
        charts: locked, by their keys as text.
    """
    others = is_going_on(home_of(batch)).filter(chart_model=batch.chart_model).exclude(pk=batch.pk).order_by()
    items = BatchItem.objects.using(home_of(batch)).filter(batch__in=others, chart_pk__in=list(charts), outcome="")
    taken = items.filter(version__isnull=False)
    return {item.chart_pk: item for item in taken if is_untouched(charts[item.chart_pk], item)}


def is_untouched(chart: Any, item: BatchItem) -> bool:
    """Say whether nobody has changed or drawn a chart since it was taken up."""
    is_same = chart.data_version == item.version and (chart.image.name or "") == item.image_before
    return bool(is_same and chart.image_version < chart.data_version)


def lock_idle_jobs(batch: Batch, keys: list[str]) -> dict[str, int]:
    """Lock the jobs that no worker has begun; return their primary keys by those of the charts."""
    jobs = Job.objects.using(home_of(batch)).filter(lease_is_free(), chart_model=batch.chart_model, attempts=0)
    return dict(lock_or_skip(jobs.filter(chart_pk__in=keys).order_by("pk")).values_list("chart_pk", "pk"))
