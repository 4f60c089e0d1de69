"""Writes that are hard to hear: of columns that write their own, of links without signals, by managers that ask."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import signals

from charts.ledger import Mark
from charts.watches import source_changed, source_changing
from tests.diary.models import (
    BodyChart,
    Diary,
    DiaryChart,
    KindChart,
    Page,
    Reader,
    ReaderChart,
    Remark,
    RemarkChart,
    SlugChart,
    Story,
)

pytestmark = pytest.mark.usefixtures("manual")
CHARTS: dict[Any, str] = {SlugChart: "slug", DiaryChart: "name", RemarkChart: "text", KindChart: "kind"}
NAMES = ("a", "b", "c")
LINKS = Story.diaries.through


@pytest.fixture
def manual(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    for name in NAMES:
        for chart_model, column in CHARTS.items():
            chart_model.objects.create(**{column: name})
    BodyChart.objects.create()
    settle()


@pytest.fixture
def diaries(manual: None) -> dict[str, Diary]:
    return {name: Diary.objects.create(name=name) for name in NAMES}


@pytest.fixture
def reader() -> Iterator[type[Reader]]:
    yield Reader
    Reader.name = ""


def settle() -> None:
    for chart_model in (*CHARTS, BodyChart, ReaderChart):
        chart_model.objects.update(data_version=0)


def marked(chart_model: Any) -> list[Any]:
    """Return what the marked charts of a class are for, and settle all."""
    column = CHARTS.get(chart_model, "pk")
    found = sorted(chart_model.objects.filter(data_version__gt=0).values_list(column, flat=True))
    settle()
    return found


def test_a_column_that_writes_its_own_is_read_not_taken_from_the_instance(database: str) -> None:
    with transaction.atomic(using=database):
        for title in "AB":
            Story.objects.create(title=title)
    assert marked(SlugChart) == ["a", "b"]


def test_a_row_whose_column_writes_its_own_leaves_and_joins(database: str) -> None:
    story = Story.objects.create(title="A")
    settle()
    with transaction.atomic(using=database):
        for title in "BC":
            story.title = title
            story.save()
    assert marked(SlugChart) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("old", "new", "count"), [(1, True, 1), (1, 1.0, 1), ({"a": 1}, {"a": True}, 1), ([1], [1], 0)]
)
def test_what_is_other_json_is_another_value(old: Any, new: Any, count: int) -> None:
    story = Story.objects.create(body=old)
    settle()
    story.body = new
    story.save()
    assert len(marked(BodyChart)) == count


def test_links_that_are_written_without_a_signal_can_be_told_of(diaries: dict[str, Diary]) -> None:
    story = Story.objects.create()
    settle()
    LINKS.objects.bulk_create([LINKS(story=story, diary=diaries[name]) for name in "ab"])
    assert marked(DiaryChart) == []
    assert source_changed(LINKS.objects.filter(diary=diaries["a"])) == 2
    assert marked(DiaryChart) == ["a", "b"]  # the story has changed, and with it all charts it belongs to


@pytest.mark.parametrize("write", ["update", "delete"])
def test_links_that_are_changed_without_a_signal_can_be_told_of(diaries: dict[str, Diary], write: str) -> None:
    story = Story.objects.create()
    story.diaries.add(diaries["a"])
    settle()
    links = LINKS.objects.filter(diary=diaries["a"])
    with source_changing(links) as count:
        links.update(diary=diaries["b"]) if write == "update" else links.delete()
    assert count == 1
    assert marked(DiaryChart) == (["a", "b"] if write == "update" else ["a"])


def test_charts_that_are_written_without_a_signal_can_be_told_of() -> None:
    KindChart.objects.filter(kind="a").update(kind="d")
    assert source_changed(KindChart.objects.filter(kind="d")) == 1
    assert marked(KindChart) == ["d"]


def test_managers_that_ask_who_is_asking_hide_no_chart(reader: type[Reader]) -> None:
    for name in NAMES:
        ReaderChart.objects.create(reader=name, kind="a")
    settle()
    page = Page.objects.create(kind="a")
    settle()
    reader.name = "a"
    page.save()
    reader.name = ""
    assert len(marked(ReaderChart)) == len(NAMES)


@pytest.mark.parametrize("database", ["default"], indirect=True)
def test_a_flushed_database_has_content_types_of_other_keys(database: str) -> None:
    story = Story.objects.create()
    Remark.objects.create(text="a", subject=story)
    settle()
    story.save()
    assert marked(RemarkChart) == ["a"]
    Remark.objects.all().delete()
    known = ContentType.objects.get_for_model(Story).pk
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    app = apps.get_app_config("diary")
    signals.post_migrate.send(
        sender=app, app_config=app, verbosity=0, interactive=False, using=database, plan=[], apps=apps
    )
    assert ContentType.objects.get_for_model(Story).pk != known
    Remark.objects.create(text="b", subject=story)
    settle()
    story.save()
    assert marked(RemarkChart) == ["b"]


def test_a_picture_can_be_asked_for_where_commits_are_by_hand(database: str) -> None:
    chart = KindChart.objects.get(kind="a")
    transaction.set_autocommit(False, using=database)
    try:
        chart.render_later()
        transaction.commit(using=database)
    finally:
        transaction.set_autocommit(True, using=database)
    assert chart in KindChart.objects.stale() or Mark.objects.using(database).exists()
