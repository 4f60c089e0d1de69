"""Sources that do not say all: rows that others change, what the database makes, links to rows of their own kind."""

import copy
import pickle
import uuid
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import models, transaction

from tests.library.models import (
    Author,
    Book,
    ChangedChart,
    Genre,
    GenreChart,
    LengthChart,
    Publisher,
    PublisherFieldChart,
    RoomChart,
    ScanChart,
    Seat,
    SequelChart,
    Shelf,
    Ticket,
    TwiceChart,
    Volume,
    VolumeChart,
)

pytestmark = pytest.mark.usefixtures("database")
NAMES = ("A", "B", "spare")
OF_SHELVES = (VolumeChart, TwiceChart, ChangedChart, ScanChart, PublisherFieldChart, SequelChart)


@pytest.fixture
def shelves(database: str, settings: Any) -> dict[str, Shelf]:
    """Shelves, each with a chart of every kind, fresh."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    for name in NAMES:
        for chart_model in OF_SHELVES:
            chart_model.objects.create(shelf_name=name)
    made = {name: Shelf.objects.create(name=name) for name in NAMES}
    settle()
    return made


def settle() -> None:
    for chart_model in (*OF_SHELVES, LengthChart, RoomChart):
        chart_model.objects.update(data_version=0)


def marked(chart_model: Any, field: str = "shelf_name") -> list[Any]:
    """Return what the marked charts of a class are for, and settle all."""
    found = sorted(chart_model.objects.filter(data_version__gt=0).values_list(field, flat=True))
    settle()
    return found


def test_rows_that_a_deleted_row_takes_its_key_from_are_told(shelves: dict[str, Shelf]) -> None:
    publisher = Publisher.objects.create(name="P")
    Volume.objects.create(publisher=publisher, shelf=shelves["A"])
    Volume.objects.create(shelf=shelves["B"])
    settle()
    publisher.delete()
    assert marked(VolumeChart) == ["A"]


def test_where_fields_are_named_they_are_told_of_that_field_only(shelves: dict[str, Shelf]) -> None:
    publisher = Publisher.objects.create(name="P")
    Volume.objects.create(publisher=publisher, shelf=shelves["A"])
    settle()
    Publisher.objects.all().delete()
    assert PublisherFieldChart.objects.get(data_version__gt=0).shelf_name == "A"
    assert not TwiceChart.objects.filter(data_version__gt=0).exists()


def test_rows_that_a_deleted_row_sends_elsewhere_mark_both(shelves: dict[str, Shelf]) -> None:
    Volume.objects.create(shelf=shelves["A"])
    settle()
    shelves["A"].delete()
    assert Volume.objects.get().shelf.name == "spare"
    for chart_model in (VolumeChart, TwiceChart):
        assert set(chart_model.objects.filter(data_version__gt=0).values_list("shelf_name", flat=True)) == {
            "A",
            "spare",
        }


@pytest.mark.skipif(not hasattr(models, "DB_CASCADE"), reason="Before Django 6.1 databases deleted nothing themselves.")
def test_rows_that_the_database_deletes_or_changes_are_told(shelves: dict[str, Shelf]) -> None:
    from tests.library.models import Case, Exhibit, Hall, ThemeChart

    lender = Publisher.objects.create(name="P")
    halls = [Hall.objects.create(name=str(number)) for number in range(2)]
    for theme, hall in enumerate(halls):
        ThemeChart.objects.create(theme=theme)
        Exhibit.objects.create(case=Case.objects.create(hall=hall), theme=theme, lender=None if theme else lender)

    def themes() -> list[int]:
        found = list(ThemeChart.objects.filter(data_version__gt=0).order_by("theme").values_list("theme", flat=True))
        ThemeChart.objects.update(data_version=0)
        return found

    themes()
    lender.delete()
    assert themes() == [0]
    halls[1].delete()
    assert (themes(), Exhibit.objects.count()) == ([1], 1)


def test_rows_whose_links_go_with_a_deleted_row_are_told(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = GenreChart.objects.create(genre=Genre.objects.create(name="G"))
    author = Author.objects.create(name="A")
    Book.objects.create(genre=chart.genre).authors.add(author)
    GenreChart.objects.update(data_version=0)
    author.delete()
    assert GenreChart.objects.get().data_version == 1


def test_a_delete_that_is_rolled_back_marks_nothing(shelves: dict[str, Shelf], database: str) -> None:
    Volume.objects.create(shelf=shelves["A"])
    settle()
    with transaction.atomic(using=database):
        shelves["A"].delete()
        transaction.set_rollback(True, using=database)
    assert marked(VolumeChart) == []


def test_a_row_whose_delete_failed_can_be_copied_and_deleted(
    shelves: dict[str, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    Volume.objects.create(shelf=shelves["A"])
    settle()
    shelf = shelves["A"]
    with monkeypatch.context() as patched:
        patched.setattr("django.db.models.sql.DeleteQuery.delete_batch", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shelf.delete()
    assert pickle.loads(pickle.dumps(copy.deepcopy(shelf))) == shelf  # noqa: S301  (our own)
    shelf.delete()
    assert marked(VolumeChart) == ["A", "spare"]


def test_a_column_that_the_database_works_out_counts(shelves: dict[str, Shelf]) -> None:
    volume = Volume.objects.create(shelf=shelves["A"])
    settle()
    volume.pages = 7
    volume.save()
    assert marked(TwiceChart) == ["A"]
    volume.pages = 8
    volume.save(update_fields=["pages"])
    assert marked(TwiceChart) == ["A"]


def test_a_column_that_saving_sets_counts(shelves: dict[str, Shelf]) -> None:
    volume = Volume.objects.create(shelf=shelves["A"])
    settle()
    volume.save()
    assert marked(ChangedChart) == ["A"]
    volume.save(update_fields=["pages"])
    assert marked(ChangedChart) == []


def test_a_file_counts_that_saving_stores(shelves: dict[str, Shelf]) -> None:
    volume = Volume.objects.create(shelf=shelves["A"])
    volume.scan.save("scan.txt", ContentFile(b"1"))
    settle()
    volume.save()
    assert marked(ScanChart) == []
    volume.scan = ContentFile(b"2", name=volume.scan.name)
    volume.save()
    assert marked(ScanChart) == ["A"]


def test_a_foreign_key_counts_under_either_of_its_names(shelves: dict[str, Shelf]) -> None:
    volume = Volume.objects.create(shelf=shelves["A"])
    settle()
    volume.shelf = shelves["B"]
    volume.save(update_fields=["shelf_id"])
    assert marked(ScanChart) == ["A", "B"]


def test_a_column_that_the_database_works_out_decides(shelves: dict[str, Shelf], database: str) -> None:
    for twice in (0, 2, 4, 6):
        LengthChart.objects.create(twice=twice)
    volume = Volume.objects.create(shelf=shelves["A"])
    settle()
    with transaction.atomic(using=database):
        for pages in (1, 2, 3):
            volume.pages = pages
            volume.save()
    assert marked(LengthChart, "twice") == [0, 2, 4, 6]


@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_row_that_was_taken_for_a_new_one_marks_the_chart_it_leaves(
    shelves: dict[str, Shelf], database: str, *, in_transaction: bool
) -> None:
    key = uuid.uuid4()
    Volume.objects.create(id=key, shelf=shelves["A"])
    settle()
    again = Volume(id=key, shelf=shelves["B"])
    if in_transaction:
        with transaction.atomic(using=database):
            again.save(force_update=True)
    else:
        again.save(force_update=True)
    assert {"A", "B"} <= set(marked(VolumeChart))


def test_a_new_row_with_a_key_of_its_own_marks_only_the_chart_it_joins(shelves: dict[str, Shelf]) -> None:
    Volume.objects.create(shelf=shelves["A"])
    assert marked(VolumeChart) == ["A"]


def test_rows_whose_key_the_database_makes_are_told(shelves: dict[str, Shelf]) -> None:
    for room in (1, 2, 3):
        RoomChart.objects.create(room=room)
    settle()
    ticket = Ticket.objects.create(room=1)
    assert marked(RoomChart, "room") == [1]
    ticket.refresh_from_db()
    ticket.room = 2
    ticket.save()
    assert marked(RoomChart, "room") == [1, 2]
    Ticket(code="first", room=3).save(force_update=True)
    assert {2, 3} <= set(marked(RoomChart, "room"))
    Ticket.objects.get().delete()
    assert marked(RoomChart, "room") == [3]


def test_rows_whose_key_is_several_columns_are_told(shelves: dict[str, Shelf]) -> None:
    for room in (1, 2):
        RoomChart.objects.create(room=room)
    settle()
    seat = Seat.objects.create(room=1, number=7)
    assert marked(RoomChart, "room") == [1]
    seat.taken = True
    seat.save()
    assert marked(RoomChart, "room") == [1]
    Seat.objects.filter(room=1).update(taken=False)
    assert marked(RoomChart, "room") == [1]
    Seat.objects.bulk_create([Seat(room=2, number=1)])
    assert marked(RoomChart, "room") == [2]
    seat.delete()
    assert marked(RoomChart, "room") == [1]


def test_links_to_rows_of_its_own_kind_are_told_from_either_side(shelves: dict[str, Shelf]) -> None:
    first, second = (Volume.objects.create(shelf=shelves[name]) for name in ("A", "B"))
    settle()
    first.sequels.add(second)
    assert set(VolumeChart.objects.filter(data_version__gt=0).values_list("shelf_name", flat=True)) == {"A", "B"}
    assert marked(SequelChart) == ["B"]
    second.prequels.clear()
    assert set(VolumeChart.objects.filter(data_version__gt=0).values_list("shelf_name", flat=True)) == {"A", "B"}
    assert marked(SequelChart) == ["B"]
