"""What is done to charts while calls fail and processes are killed, and what must be true afterwards."""

from collections.abc import Callable, Iterator

from django.db import transaction

from charts import files
from charts.ledger import Job, LooseFile, Mark
from tests.shop.models import Account, Balance, Entry
from tests.tools import (
    assert_readable,
    files_of,
    job,
    make_old,
    names_of_storage,
    numbers,
    raise_version,
    row,
    sweep_and_render,
)

Scenario = Callable[[Balance], object]


def new_balance() -> Balance:
    """Return a chart that shows 1."""
    account = Account.objects.create()
    Entry.objects.create(account=account, amount=1)
    return row(Balance.objects.create(account=account))


# What is done. Each changes the data by a 2, or nothing.


def create(chart: Balance) -> None:
    """Make a chart, which is drawn after the commit."""
    with transaction.atomic(using=chart._state.db):
        Entry.objects.create(account=chart.account, amount=2)
        Balance.objects.create(account=chart.account, title="second")


def change(chart: Balance) -> None:
    """Change a source and the chart, as a business transaction; the chart is drawn after its commit."""
    with transaction.atomic(using=chart._state.db):
        Entry.objects.create(account=chart.account, amount=2)
        row(chart).save()


def change_in_autocommit(chart: Balance) -> None:
    """Change a source with no transaction around it."""
    Entry.objects.create(account=chart.account, amount=2)


def render(chart: Balance) -> None:
    """Render the chart for somebody who asked."""
    row(chart).render(force=True)


def render_in_a_transaction(chart: Balance) -> None:
    """Change the data, render, and change it again, all or nothing."""
    with transaction.atomic(using=chart._state.db):
        Entry.objects.create(account=chart.account, amount=2)
        row(chart).render()
        Entry.objects.create(account=chart.account, amount=3)


def delete(chart: Balance) -> None:
    """Delete the chart."""
    row(chart).delete()


def sweep(chart: Balance) -> None:
    """Sweep after a writer that nobody has heard of."""
    with transaction.atomic(using=chart._state.db):
        Entry.objects.bulk_create([Entry(account=chart.account, amount=2)])
        raise_version(chart)
    sweep_and_render(chart._state.db, [Balance])


SCENARIOS: dict[str, Scenario] = {
    each.__name__: each
    for each in (create, change, change_in_autocommit, render, render_in_a_transaction, delete, sweep)
}


# What must be true.


def committed(chart: Balance) -> list[int]:
    """Return the data as it is committed."""
    return list(Entry.objects.filter(account=chart.account_id).order_by("pk").values_list("amount", flat=True))


def faults_now() -> Iterator[str]:
    """Yield what is wrong with the pictures as readers see them, before anything is put right."""
    for chart in Balance.objects.all():
        if not chart.image and not chart.title:
            yield f"{chart} has lost its picture"
        try:
            assert_readable(chart)
        except (AssertionError, OSError, SyntaxError) as error:
            yield f"{chart} names a file that is missing or partial: {error}"


def faults_after_a_sweep(using: str) -> Iterator[str]:
    """Yield what is wrong although an hour has passed and somebody has swept."""
    make_old(using)
    sweep_and_render(using, [Balance])
    for chart in Balance.objects.all():
        if numbers(chart) != committed(chart):
            yield f"{chart} shows {numbers(chart)}, but {committed(chart)} is committed"
        if row(chart).is_stale or row(chart).error or job(chart).due_at is not None:
            yield f"{chart} is not at rest: {job(chart).__dict__}"
    if Job.objects.using(using).count() != Balance.objects.count():
        yield "There are jobs without a chart"


def faults_after_pruning(using: str) -> Iterator[str]:
    """Yield what the ledgers still hold although all that was loose is past its time."""
    make_old(using)
    files.prune_all(using)
    for model in (LooseFile, Mark):
        left = [str(each) for each in model.objects.using(using).all()]
        if left:
            yield f"{model.__name__} holds {left}"


def left_over() -> set[str]:
    """Return the files that no row names."""
    return names_of_storage() - {name for chart in Balance.objects.all() for name in files_of(chart)}
