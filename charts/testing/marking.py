"""Which charts a block of code makes stale, whether its transaction is ever committed or not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from django.db import connections
from django.db.models import Max

from charts.conf import config
from charts.freshness import publishing
from charts.ledger import ChartKey, Mark
from charts.models import ChartModel
from charts.testing.batches import aliases, begin_batch, is_unsaved


@contextmanager
def assert_marks(*charts: ChartModel) -> Iterator[None]:
    """Assert that a block makes each of these charts stale.

    It holds for marks that a transaction has yet to commit, as in a TestCase, and for those that were committed and
    rendered within the block. What a block marks and rolls back again is not marked.

    Raises:
        AssertionError: one was not marked; the message says what was marked instead.
    """
    if not charts:
        raise TypeError("assert_marks() needs a chart: which one should the block mark?")
    with _Ear(charts) as ear:
        yield
    heard = ear.heard()
    missing = [chart for chart in charts if ChartKey.of(chart) not in heard]
    if missing:
        raise AssertionError(
            f"The block did not mark {_names(missing)}. It marked {_keys(heard)}. {_why_not(missing[0])}"
        )


@contextmanager
def assert_does_not_mark(*charts: ChartModel) -> Iterator[None]:
    """Assert that a block makes none of these charts stale; without charts, none at all.

    Raises:
        AssertionError: one was marked; the message names it, and what else was.
    """
    with _Ear(charts) as ear:
        yield
    heard = ear.heard()
    wrong = [chart for chart in charts if ChartKey.of(chart) in heard]
    if wrong:
        raise AssertionError(f"The block marked {_names(wrong)}. In all it marked {_keys(heard)}.")
    if heard and not charts:
        raise AssertionError(f"The block marked {_keys(heard)}.")


class _Ear:
    """Hears which charts a block marks, also if their marks are applied, and gone, before it ends."""

    def __init__(self, charts: tuple[ChartModel, ...]) -> None:
        for chart in charts:
            if is_unsaved(chart):
                raise ValueError(f"This {chart._meta.label} is not saved: save() it, then see what marks it.")
        self.aliases = {ChartKey.of(chart).using for chart in charts} or aliases()
        self.last = dict.fromkeys(self.aliases, 0)
        self.notes: list[tuple[int, ChartKey, int | None]] = []
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        for using in self.aliases:
            begin_batch(using)
            self.last[using] = Mark.objects.using(using).aggregate(last=Max("pk"))["last"] or 0
            self.stack.enter_context(connections[using].execute_wrapper(self._listen))
        return self

    def __exit__(self, *args: object) -> None:
        self.stack.close()

    def _listen(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        text = str(sql)
        if text.startswith("INSERT") and Mark._meta.db_table in text[:200]:
            self._note(context["connection"].alias)
        return result

    def _note(self, using: str) -> None:
        """Note the new marks, each with its chart's version: applying it raises that."""
        for mark in Mark.objects.using(using).filter(pk__gt=self.last[using]).order_by("pk"):
            key = ChartKey(mark.chart_model, mark.chart_pk, using)
            self.notes.append((mark.pk, key, _version(key)))
            self.last[using] = mark.pk

    def heard(self) -> list[ChartKey]:
        """Return what was marked and not rolled back, each chart once."""
        return list(dict.fromkeys(key for pk, key, version in self.notes if self._holds(pk, key, version)))

    def _holds(self, pk: int, key: ChartKey, version: int | None) -> bool:
        if Mark.objects.using(key.using).filter(pk=pk).exists():
            return True
        return version is not None and (_version(key) or 0) > version


def _version(key: ChartKey) -> int | None:
    return publishing.rows_of(key).values_list("data_version", flat=True).first()


def _names(charts: list[ChartModel]) -> str:
    return ", ".join(f"{ChartKey.of(chart)} ({chart})" for chart in charts)


def _keys(keys: list[ChartKey]) -> str:
    return ", ".join(map(str, keys)) or "nothing"


def _why_not(chart: ChartModel) -> str:
    """Return what marks a chart, for somebody who wonders why a block did not."""
    if not config().watch:
        return "Watches are switched off by CHARTS['WATCH']; see charts.testing.watches()."
    watched = ", ".join(map(repr, chart.watches)) or "none"
    return (
        f"Its watches are: {watched}. QuerySet.update(), bulk_create() and raw SQL send no signals: "
        "see charts.watches.source_changed()."
    )
