"""What tests of the core look with: statements, ledgers, files, other connections, a chart's numbers as published."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from PIL import Image

from charts import dispatch, sweeping
from charts.clock import DatabaseTime
from charts.freshness import jobs
from charts.freshness.jobs import Due
from charts.ledger import ChartKey, Job, LooseFile, Mark

# Neither costs a database anything worth counting.
TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Statements(CaptureQueriesContext):
    """The statements that a block makes, transaction control aside."""

    def __init__(self, using: str) -> None:
        super().__init__(connections[using])

    @property
    def sql(self) -> list[str]:
        said = [query["sql"] for query in self.captured_queries]
        return [sql for sql in said if not sql.startswith(TRANSACTION_CONTROL) and " WHERE 0" not in sql]

    def __len__(self) -> int:
        return len(self.sql)

    def __str__(self) -> str:
        return "\n".join(self.sql)


def key_of(chart: Any) -> ChartKey:
    return ChartKey.of(chart)


def row(chart: Any) -> Any:
    """Return the chart as its row is now."""
    return type(chart)._base_manager.using(chart._state.db).get(pk=chart.pk)


def job(chart: Any) -> Job:
    return jobs.job_of(key_of(chart)).get()


def loose_names(using: str) -> list[str]:
    return sorted(LooseFile.objects.using(using).values_list("name", flat=True))


def files_of(chart: Any) -> list[str]:
    """Return the names of all files of the chart's picture, as its row is now."""
    return sorted(variant.name for variant in row(chart).image.variants)


def names_of_storage() -> set[str]:
    """Return the names of all files in the media folder."""
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def assert_readable(chart: Any) -> None:
    """Assert that every file of the chart's picture is there and whole."""
    for variant in row(chart).image.variants:
        with variant.open() as file:
            if variant.format == "png":
                Image.open(file).load()
            else:
                assert file.read()


def numbers(chart: Any) -> list[int]:
    """Return what a `Balance` shows, from its published csv file."""
    with row(chart).image.variant(format="csv").open() as file:
        text = file.read().decode("utf-8-sig")
    return [int(line[1]) for line in list(csv.reader(io.StringIO(text)))[1:]]


def make_old(using: str, seconds: float = 3600) -> None:
    """Let an hour pass: leases run out, marks get old, back-offs are over, loose files are past their time."""
    then = DatabaseTime(-seconds)
    Job.objects.using(using).filter(leased_until__isnull=False).update(leased_until=then)
    Job.objects.using(using).filter(due_at__isnull=False).update(due_at=then)
    Job.objects.using(using).filter(sent_at__isnull=False).update(sent_at=then)
    Mark.objects.using(using).update(created_at=then)
    LooseFile.objects.using(using).update(delete_at=then)


def sweep_and_render(using: str, models: Any = None) -> None:
    """Do what a worker's sweep does."""
    for key in sweeping.sweep(using, models):
        dispatch.run(key)


def prune(**options: Any) -> str:
    """Run `prune_charts --grace 0`; return what it said."""
    said = io.StringIO()
    call_command("prune_charts", grace="0", stdout=said, **options)
    return said.getvalue()


def raise_version(chart: Any) -> None:
    """Make a chart stale without a mark or a job."""
    rows = type(chart)._base_manager.using(chart._state.db).filter(pk=chart.pk)
    rows.update(data_version=F("data_version") + 1)


def meanwhile(monkeypatch: pytest.MonkeyPatch, model: Any, *actions: Callable[[], Any]) -> list[int]:
    """Let something happen while a chart is drawn: after its data was read, before anything else.

    Args:
        monkeypatch: the fixture.
        model: the chart's class.
        actions: the first happens during the first render, and so on; those that come after go undisturbed.

    Returns:
        A list that grows by each render.
    """
    renders: list[int] = []
    get_data = model.get_data
    waiting = list(actions)

    def hook(self: Any) -> Any:
        renders.append(self.data_version)
        data = get_data(self)
        if waiting:
            waiting.pop(0)()
        return data

    monkeypatch.setattr(model, "get_data", hook)
    return renders


class Recorder:
    """A dispatcher that sends nothing and remembers what it was told."""

    capacity: ClassVar[int | None] = None
    can_wait: ClassVar[bool] = True
    sent: ClassVar[list[Due]] = []

    def send(self, due: Due) -> None:
        self.sent.append(due)


@contextmanager
def rolled_back(using: str) -> Iterator[None]:
    """Roll back what the block does."""
    with transaction.atomic(using=using):
        yield
        transaction.set_rollback(True, using=using)


def in_thread(function: Callable[[], Any]) -> "Future[Any]":
    """Run a function in a thread with connections of its own; its result and its error are the future's."""
    future: Future[Any] = Future()

    def work() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001  (handed to who asks for the result)
            future.set_exception(error)
        finally:
            connections.close_all()

    threading.Thread(target=work, daemon=True).start()
    return future
