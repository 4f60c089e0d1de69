"""Batches while everybody is at them: feeders, workers, writers, and people who cancel, resume and retry."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import F

from charts import batches, dispatch, pipeline, sweeping
from charts.batches import Asked, feeding
from charts.freshness import marks, recovering
from charts.ledger import Batch
from tests.shop.models import Badge
from tests.tools import Recorder, in_thread, key_of

pytestmark = pytest.mark.usefixtures("database")
SECONDS = 2.0


@dataclass
class Bustle:
    """What goes on at the same time."""

    using: str
    batch: Batch
    charts: list[Badge]
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def write(self) -> None:
        with transaction.atomic(using=self.using):
            for chart in random.sample(self.charts, 2):
                Badge.objects.filter(pk=chart.pk).update(value=F("value") + 1)
                marks.mark_charts(Badge.objects.filter(pk=chart.pk), self.using)

    def steer(self) -> None:
        batches.cancel(self.batch)
        batches.resume(self.batch, lambda keys: None)
        batches.retry(self.batch, Badge.objects.using(self.using), lambda keys: None)

    def draw(self) -> None:
        for key in recovering.due_now(self.using, 3):
            dispatch.run(key)

    def feed(self) -> None:
        batches.feed(self.using)

    def sweep(self) -> None:
        sweeping.sweep(self.using)

    def again(self, action: Callable[[], None]) -> Callable[[], None]:
        def work() -> None:
            while time.monotonic() < self.until:
                action()

        return work

    def calm_down(self) -> None:
        """Do what is left to do."""
        for _ in range(20):
            self.feed()
            self.draw()
            for key in recovering.due_now(self.using, 100):
                dispatch.run(key)


@pytest.fixture
def bustle(database: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Bustle:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()
    monkeypatch.setattr(feeding, "WINDOW", 4)
    monkeypatch.setattr(feeding, "REFILLED_AT", 2)
    charts = [Badge(value=number, image="there.png", image_version=1) for number in range(12)]
    Badge.objects.bulk_create(charts)
    batch = batches.select(Badge.objects.all(), database, Asked())
    assert batch
    batches.confirm(batch, Badge.objects.using(database), only_stale=False, redraw=True)
    return Bustle(database, batch, charts)


def test_nothing_is_lost_and_nobody_waits_for_ever(bustle: Bustle, caplog: pytest.LogCaptureFixture) -> None:
    if connections[bustle.using].vendor == "sqlite":
        pytest.skip("SQLite locks the whole database.")
    actions = (bustle.write, bustle.steer, bustle.draw, bustle.draw, bustle.feed, bustle.feed, bustle.sweep)
    futures = [in_thread(bustle.again(action)) for action in actions]
    for future in futures:
        future.result(timeout=60)
    bustle.calm_down()
    assert [record.getMessage() for record in caplog.records] == []
    assert batches.figures(bustle.batch, Badge.objects.using(bustle.using), gone_too=True).drawn == 12
    for chart in Badge.objects.all():
        assert not chart.is_stale
        assert not pipeline.differs(key_of(chart))
