"""One change of a row: what other receivers do to it, whose time zone it is made in, what callables answer."""

import contextvars
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import signals
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from charts.ledger import Mark
from charts.watches import changes, source_changed, source_changing, suspended
from tests.diary.models import (
    AskedChart,
    DayChart,
    Diary,
    KindChart,
    MomentChart,
    Page,
    TotalChart,
    YearChart,
)
from tests.library.models import Atlas, Book, Genre
from tests.tools import in_thread

pytestmark = pytest.mark.usefixtures("manual")
KINDS = ("a", "b", "c")
CHARTS: tuple[Any, ...] = (KindChart, DayChart, YearChart, MomentChart, TotalChart, AskedChart)
TOKYO = "Asia/Tokyo"
# In Tokyo the next year has begun.
NEW_YEARS_EVE = dt.datetime(2019, 12, 31, 20, tzinfo=dt.UTC)


@pytest.fixture
def manual(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    settings.TIME_ZONE = "UTC"
    for kind in KINDS:
        for chart_model in (KindChart, TotalChart, AskedChart):
            chart_model.objects.create(kind=kind)
    settle()


def settle() -> None:
    for chart_model in CHARTS:
        chart_model.objects.update(data_version=0)


def marked(chart_model: Any, field: str = "kind") -> list[Any]:
    """Return what the marked charts of a class are for, and settle all."""
    found = sorted(chart_model.objects.filter(data_version__gt=0).values_list(field, flat=True))
    settle()
    return found


@contextmanager
def receiving(signal: Any, receiver: Callable[..., Any]) -> Iterator[None]:
    """Have a receiver hear of pages after those of the app."""
    signal.connect(receiver, sender=Page)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=Page)


# What other receivers do.


def test_a_field_counts_that_another_receiver_sets_while_the_row_is_saved() -> None:
    page = Page.objects.create(kind="a")
    settle()

    def add_up(instance: Page, **kwargs: object) -> None:
        instance.total = instance.words * 10

    with receiving(signals.pre_save, add_up):
        page.words = 5
        page.save()
        assert marked(TotalChart) == ["a"]
        page.save()
        assert marked(TotalChart) == []
        page.words = 6
        page.save(update_fields=["words"])  # the total is not written
        assert marked(TotalChart) == []


def test_a_row_that_another_receiver_moves_marks_what_it_leaves_and_joins() -> None:
    page = Page.objects.create(kind="a")
    settle()

    def move(instance: Page, **kwargs: object) -> None:
        instance.kind = "b"

    with receiving(signals.pre_save, move):
        page.save()
    assert {"a", "b"} <= set(marked(TotalChart))


def test_what_cannot_be_marked_keeps_its_transaction_from_being_committed(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page.objects.create(kind="a")

    def fail(page: Page) -> Any:
        if page.kind == "b":
            raise ZeroDivisionError
        return None

    monkeypatch.setattr(AskedChart, "answer", staticmethod(fail))
    page.kind = "b"
    with transaction.atomic(using=database):
        with pytest.raises(ZeroDivisionError):
            page.save()
        with pytest.raises(transaction.TransactionManagementError):
            Page.objects.count()
    assert Page.objects.get().kind == "a"


def test_outside_a_transaction_both_charts_are_marked_before_the_row_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [dt.date(2020, 1, day) for day in (1, 2, 3)]
    moments = [dt.datetime(2020, 1, day, 3, 4, 5, 678901, tzinfo=dt.UTC) for day in (1, 2, 3)]
    costs = [Decimal("1.10"), Decimal("2.25"), Decimal(3)]
    for day, at, cost in zip(days, moments, costs, strict=True):
        DayChart.objects.create(day=day)
        MomentChart.objects.create(at=at, cost=cost)
    page = Page.objects.create(kind="a", day=days[0], at=moments[0], cost=costs[0])
    Mark.objects.all().delete()
    monkeypatch.setattr(changes.Change, "after", lambda change, **kwargs: None)
    page.kind, page.day, page.at, page.cost = "b", days[1], moments[1], costs[1]
    page.save()
    expected = {(model, pk) for model in CHARTS for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:2]}
    expected -= {(TotalChart, pk) for _, pk in expected} | {(YearChart, pk) for _, pk in expected}
    expected |= {(TotalChart, pk) for pk in TotalChart.objects.order_by("pk").values_list("pk", flat=True)[:2]}
    found = set(Mark.objects.values_list("chart_model", "chart_pk"))
    assert found == {(model._meta.label_lower, str(pk)) for model, pk in expected}


# Whose time zone.


def test_years_are_the_sites_whoever_saves(database: str) -> None:
    for year in (2019, 2020):
        YearChart.objects.create(year=year)
    settle()
    with timezone.override(TOKYO):
        Page.objects.create(at=NEW_YEARS_EVE)
        assert marked(YearChart, "year") == [2019]
        source_changed(Page)
        assert marked(YearChart, "year") == [2019]
        source_changed(Page.objects.filter(at__year=2019))  # there is none, in Tokyo
        assert marked(YearChart, "year") == []
        source_changed(Page.objects.filter(at__year=2020))
        assert marked(YearChart, "year") == [2019]
    Page.objects.create(at=NEW_YEARS_EVE)
    assert marked(YearChart, "year") == [2019]


# What is seen already.


def test_values_that_are_equal_but_not_the_same_text_are_told_apart(database: str) -> None:
    for kind in ("1", "True", "1.0"):
        KindChart.objects.create(kind=kind)
    settle()
    with transaction.atomic(using=database):
        for kind in (1, True, 1.0):
            Page.objects.create(kind=kind)
    assert marked(KindChart) == ["1", "1.0", "True"]


def test_threads_that_share_an_import_do_not_count_on_each_others_marks(database: str) -> None:
    """One is rolled back whose marks the other has taken for made."""
    if connections[database].vendor == "sqlite":
        pytest.skip("The test's SQLite lives in memory.")
    is_marking, has_marked, is_undone = threading.Event(), threading.Event(), threading.Event()

    def wait(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT INTO") and "charts_mark" in sql:
            is_marking.set()
            assert has_marked.wait(10)
        return execute(sql, params, many, context)

    def undone() -> None:
        with transaction.atomic(using=database):
            with connections[database].execute_wrapper(wait):
                Page.objects.create(kind="c")
            transaction.set_rollback(True, using=database)
        is_undone.set()

    def kept() -> None:
        assert is_marking.wait(10)
        with transaction.atomic(using=database):
            Page.objects.create(kind="a")
            has_marked.set()
            assert is_undone.wait(10)
            Page.objects.create(kind="c")

    with suspended(database):
        futures = [in_thread(partial(contextvars.copy_context().run, work)) for work in (undone, kept)]
        for future in futures:
            future.result(20)
    assert marked(KindChart) == ["a", "c"]


def test_each_transaction_within_commits_by_hand_marks_for_itself(database: str) -> None:
    page = Page.objects.create(kind="a")
    Mark.objects.all().delete()
    transaction.set_autocommit(False, using=database)
    try:
        for words in (1, 2):
            with transaction.atomic(using=database):
                page.words = words
                page.save()
                page.save()
            transaction.commit(using=database)
            # Others apply, and draw, what is committed.
            assert Mark.objects.filter(chart_model="diary.kindchart").exists(), words
            Mark.objects.all().delete()
            transaction.commit(using=database)
    finally:
        transaction.set_autocommit(True, using=database)


# What callables answer.


@pytest.mark.parametrize(
    "answer",
    [
        lambda page: AskedChart.objects.filter(kind=page.kind).order_by("pk")[:1],
        lambda page: AskedChart.objects.filter(kind=page.kind).union(AskedChart.objects.filter(kind="none")),
        lambda page: AskedChart.objects.filter(kind=page.kind).select_for_update(),
        lambda page: AskedChart.objects.filter(kind=page.kind).distinct(),
        lambda page: AskedChart.objects.filter(kind=page.kind).values("kind"),
        lambda page: list(AskedChart.objects.filter(kind=page.kind)),
        lambda page: AskedChart.objects.get(kind=page.kind),
        lambda page: {AskedChart.objects.get(kind=page.kind), KindChart.objects.get(kind="c")},
    ],
    ids=["slice", "union", "locked", "distinct", "values", "list", "chart", "set"],
)
def test_a_callable_may_answer_with_whatever_names_charts(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedChart, "answer", staticmethod(answer))
    page = Page.objects.create(kind="a")
    assert marked(AskedChart) == ["a"]
    page.kind = "b"
    page.save()
    assert marked(AskedChart) == ["a", "b"]
    source_changed(Page)
    assert marked(AskedChart) == ["b"]
    page.delete()
    assert marked(AskedChart) == ["b"]


@pytest.mark.parametrize("answer", [None, [], (), AskedChart.objects.none()])
def test_a_callable_may_answer_with_no_chart(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedChart, "answer", staticmethod(lambda page: answer))
    Page.objects.create(kind="a").delete()
    assert marked(AskedChart) == []


def test_a_callable_may_answer_with_a_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedChart, "answer", staticmethod(lambda page: AskedChart.objects))
    Page.objects.create(kind="a")
    assert marked(AskedChart) == list(KINDS)


@pytest.mark.parametrize(
    ("answer", "fault"), [(7, "is no chart"), (Page.objects.all(), "Page is no chart"), ([7], "int is no chart")]
)
def test_any_other_answer_names_the_watch(answer: Any, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedChart, "answer", staticmethod(lambda page: answer))
    with pytest.raises(TypeError, match=rf"charts= of Watch\('diary.Page'\) of diary.AskedChart returned .*{fault}"):
        Page.objects.create(kind="a")


def test_a_callable_is_asked_before_a_row_is_deleted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its charts may be found by what goes with the row."""
    there = lambda page: AskedChart.objects.filter(kind__in=Page.objects.values("kind"))  # noqa: E731
    monkeypatch.setattr(AskedChart, "answer", staticmethod(there))
    page = Page.objects.create(kind="a")
    settle()
    page.delete()
    assert marked(AskedChart) == ["a"]


# Bulk writes.


def test_rows_that_conflicts_move_mark_what_they_leave() -> None:
    page = Page.objects.create(kind="a")
    settle()
    options: dict[str, Any] = {"update_conflicts": True, "update_fields": ["kind"]}
    if connections[Page.objects.db].vendor != "mysql":
        options["unique_fields"] = ["id"]
    Page.objects.bulk_create([Page(pk=page.pk, kind="b")], **options)
    assert marked(KindChart) == ["a", "b"]
    options.pop("update_conflicts")
    Page.objects.bulk_create([Page(pk=page.pk, kind="c")], None, False, True, **options)
    assert marked(KindChart) == ["b", "c"]


def test_an_update_of_keys_marks_where_the_rows_have_gone() -> None:
    page = Page.objects.create(kind="a")
    settle()
    Page.objects.filter(pk=page.pk).update(id=page.pk + 100, kind="b")
    assert marked(KindChart) == ["a", "b"]


def test_an_update_of_rows_that_were_committed_meanwhile_marks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page.objects.create(kind="a")
    settle()
    tell = changes.mark_keys

    def late(model: Any, keys: Any, routes: Any, using: str) -> int:
        told = tell(model, keys, routes, using)
        Page.objects.bulk_create([Page(kind="c")]) if not keys else None
        return told

    monkeypatch.setattr("charts.watches.bulk.mark_keys", late)
    Page.objects.exclude(pk=page.pk).update(words=1)
    assert "c" in marked(KindChart)


def test_rows_that_are_added_from_the_other_side_are_told() -> None:
    page = Page.objects.create(kind="a")
    settle()
    diary = Diary.objects.create()
    diary.page_set.add(page)
    assert marked(KindChart) == ["a"]
    diary.page_set.remove(page)
    assert marked(KindChart) == ["a"]
    diary.page_set.add(page, bulk=False)
    assert marked(KindChart) == ["a"]


def test_distinct_rows_are_told_as_they_are_found(database: str) -> None:
    if connections[database].vendor != "postgresql":
        pytest.skip("Only PostgreSQL has DISTINCT ON.")
    for kind, words in (("a", 1), ("b", 1), ("c", 2)):
        Page.objects.create(kind=kind, words=words)
    settle()
    source_changed(Page.objects.order_by("words", "-kind").distinct("words"))
    assert marked(KindChart) == ["b", "c"]


def test_who_tells_of_rows_that_change_hears_how_many_there_are() -> None:
    Page.objects.create(kind="a")
    with source_changing(Page.objects.filter(kind="a")) as count:
        assert count == 1


# Locks.


def test_only_rows_are_locked_that_are_written(database: str) -> None:
    if not connections[database].features.has_select_for_update:
        pytest.skip("SQLite locks the whole database.")
    atlas = Atlas.objects.create(genre=Genre.objects.create())
    with CaptureQueriesContext(connections[database]) as queries, transaction.atomic(using=database):
        atlas.maps = 3
        atlas.save(update_fields=["maps"])
    locking = [query["sql"] for query in queries if " FOR " in query["sql"]]
    assert locking
    assert not [sql for sql in locking if Book._meta.db_table in sql and Atlas._meta.db_table not in sql]
