"""Sources of every shape: subclasses, proxies, links from both sides, paths, fields, bulk writes, imports."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connections, models, transaction
from django.test.utils import CaptureQueriesContext

from charts.ledger import Mark
from charts.watches import source_changed, suspended
from charts.watches.marking import Wanted
from charts.watches.routes import routes
from tests.library.models import (
    Atlas,
    AtlasChart,
    Author,
    AuthorChart,
    Book,
    EverythingChart,
    Genre,
    GenreChart,
    Loan,
    Magazine,
    OldBook,
    PagesChart,
    ReaderChart,
    ShelfChart,
)

pytestmark = pytest.mark.usefixtures("database")
Marked = Callable[[type[models.Model]], set[str]]
NAMES = ("A", "B")


@pytest.fixture
def genres(database: str, settings: Any) -> dict[str, Genre]:
    settings.CHARTS = {"DISPATCHER": "manual"}
    return {name: Genre.objects.create(name=name, shelf=number) for number, name in enumerate(NAMES)}


@pytest.fixture
def authors(database: str, settings: Any) -> dict[str, Author]:
    settings.CHARTS = {"DISPATCHER": "manual"}
    return {name: Author.objects.create(name=name) for name in NAMES}


def by_genre(chart_model: Any, genres: dict[str, Genre], **values: Any) -> None:
    for genre in genres.values():
        chart_model.objects.create(genre=genre, **values)
    settle(chart_model)


def settle(chart_model: Any) -> None:
    chart_model.objects.update(data_version=0)


def marked(chart_model: Any, path: str = "genre__name") -> str:
    """Return the names of the charts that were marked since `settle`, and settle them."""
    found = "".join(sorted(chart_model.objects.filter(data_version__gt=0).values_list(path, flat=True)))
    settle(chart_model)
    return found


def test_a_subclass_counts_as_its_base(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    atlas = Atlas.objects.create(genre=genres["A"])
    assert marked(GenreChart) == "A"
    atlas.genre = genres["B"]
    atlas.save()
    assert marked(GenreChart) == "AB"
    atlas.delete()
    assert marked(GenreChart) == "B"


def test_a_base_saved_by_itself_counts_for_its_subclass(genres: dict[str, Genre]) -> None:
    by_genre(AtlasChart, genres)
    atlas = Atlas.objects.create(genre=genres["A"])
    assert marked(AtlasChart) == "A"
    book = Book.objects.get(pk=atlas.pk)
    book.genre = genres["B"]
    book.save()
    assert marked(AtlasChart) == "AB"
    Book.objects.create(genre=genres["A"])
    assert marked(AtlasChart) == ""


def test_a_proxy_counts_as_its_model(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    OldBook.objects.create(genre=genres["B"])
    assert marked(GenreChart) == "B"


def test_links_count_from_both_sides(authors: dict[str, Author]) -> None:
    settle(AuthorChart)
    book = Book.objects.create()
    assert marked(AuthorChart, "author__name") == ""
    book.authors.add(authors["A"])
    assert marked(AuthorChart, "author__name") == "A"
    authors["B"].books.add(book)
    assert "B" in marked(AuthorChart, "author__name")
    book.authors.remove(authors["A"])
    assert "A" in marked(AuthorChart, "author__name")
    authors["B"].books.clear()
    assert "B" in marked(AuthorChart, "author__name")
    book.authors.set([authors["A"]])
    assert marked(AuthorChart, "author__name") == "A"
    book.authors.clear()
    assert marked(AuthorChart, "author__name") == "A"


def test_links_that_were_there_already_mark_nothing(authors: dict[str, Author]) -> None:
    book = Book.objects.create()
    book.authors.add(authors["A"])
    settle(AuthorChart)
    book.authors.add(authors["A"])
    assert marked(AuthorChart, "author__name") == ""


def test_rows_of_a_projects_own_link_table_count(authors: dict[str, Author]) -> None:
    for author in authors.values():
        ReaderChart.objects.create(reader=author)
    settle(ReaderChart)
    loan = Loan.objects.create(book=Book.objects.create(), reader=authors["A"])
    assert marked(ReaderChart, "reader__name") == "A"
    loan.reader = authors["B"]
    loan.save()
    assert marked(ReaderChart, "reader__name") == "AB"
    loan.delete()
    assert marked(ReaderChart, "reader__name") == "B"


def test_all_values_of_a_match_must_be_equal_at_once(genres: dict[str, Genre]) -> None:
    by_genre(ShelfChart, genres, pages=100)
    Book.objects.create(genre=genres["A"], pages=100)
    assert marked(ShelfChart) == "A"
    Book.objects.create(genre=genres["A"], pages=7)
    assert marked(ShelfChart) == ""


def test_rows_that_a_path_passes_through_count_on_both_sides(genres: dict[str, Genre]) -> None:
    by_genre(ShelfChart, genres, pages=100)
    Book.objects.create(genre=genres["A"], pages=100)
    settle(ShelfChart)
    genres["B"].shelf = 0
    genres["B"].save()
    assert "B" in marked(ShelfChart)


def test_an_abstract_source_stands_for_its_concrete_classes(genres: dict[str, Genre]) -> None:
    EverythingChart.objects.create()
    for model in (Book, Magazine, Atlas):
        settle(EverythingChart)
        row = model.objects.create()
        row.save()
        assert EverythingChart.objects.get().data_version == 2, model


def test_only_the_fields_that_count_mark(genres: dict[str, Genre]) -> None:
    by_genre(PagesChart, genres)
    book = Book.objects.create(genre=genres["A"], pages=1)
    assert marked(PagesChart) == "A"
    book.note = "x"
    book.save()
    assert marked(PagesChart) == ""
    book.pages = 2
    book.save(update_fields=["note"])
    assert marked(PagesChart) == ""
    book.save()
    assert marked(PagesChart) == "A"
    book.pages = models.F("pages") + 1
    book.save(update_fields=["pages"])
    assert marked(PagesChart) == "A"
    book.delete()
    assert marked(PagesChart) == "A"


def test_a_row_that_moves_marks_both_charts_whatever_fields_count(genres: dict[str, Genre]) -> None:
    by_genre(PagesChart, genres)
    book = Book.objects.create(genre=genres["A"])
    settle(PagesChart)
    book.genre = genres["B"]
    book.save()
    assert marked(PagesChart) == "AB"


def test_a_queryset_that_is_watched_tells_of_its_bulk_writes(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    books = Book.objects.bulk_create([Book(genre=genres["A"]) for _ in range(3)])
    assert marked(GenreChart) == "A"
    Book.objects.filter(genre=genres["A"]).update(genre=genres["B"])
    assert marked(GenreChart) == "AB"
    for book in Book.objects.all():
        book.genre = genres["A"]
    rows = list(Book.objects.all())
    rows[0].genre = genres["A"]
    Book.objects.bulk_update(rows, ["genre"])
    assert marked(GenreChart) == "AB"
    Book.objects.all().delete()
    assert marked(GenreChart) == "AB"
    assert len(books) == 3


def test_conflicts_that_hide_which_rows_were_written_mark_all(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    Book.objects.create(genre=genres["B"])
    settle(GenreChart)
    Book.objects.bulk_create([Book(genre=genres["A"])], ignore_conflicts=True)
    assert marked(GenreChart) == "AB"


def test_a_bulk_write_that_fails_marks_nothing(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    Book.objects.create(genre=genres["A"])
    settle(GenreChart)
    with pytest.raises(ValueError, match="abc"):
        Book.objects.update(pages="abc")
    assert marked(GenreChart) == ""
    assert not Mark.objects.exists()


def test_slices_and_orders_can_be_told(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    Book.objects.create(genre=genres["A"])
    Book.objects.create(genre=genres["B"])
    settle(GenreChart)
    source_changed(Book.objects.order_by("pk")[:1])
    assert marked(GenreChart) == "A"


def test_an_import_has_its_charts_looked_at_once(genres: dict[str, Genre], database: str) -> None:
    by_genre(GenreChart, genres)
    with suspended(database):
        for _ in range(5):
            Book.objects.create(genre=genres["A"])
        moving = Book.objects.create(genre=genres["A"])
        moving.genre = genres["B"]
        moving.save()
        assert marked(GenreChart) == ""
        assert Mark.objects.count() == 2
    assert list(GenreChart.objects.values_list("data_version", flat=True)) == [1, 1]
    assert not Mark.objects.exists()


def test_an_import_that_breaks_off_loses_no_mark(genres: dict[str, Genre], database: str) -> None:
    by_genre(GenreChart, genres)

    def broken() -> None:
        with suspended(database):
            Book.objects.create(genre=genres["A"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert marked(GenreChart) == "A"


def test_an_import_with_a_transaction_that_is_rolled_back_marks_what_was_kept(
    genres: dict[str, Genre], database: str
) -> None:
    by_genre(GenreChart, genres)
    with suspended(database):
        with transaction.atomic(using=database):
            Book.objects.create(genre=genres["A"])
            transaction.set_rollback(True, using=database)
        Book.objects.create(genre=genres["B"])
        with transaction.atomic(using=database):
            Book.objects.create(genre=genres["A"])
    assert marked(GenreChart) == "AB"


def test_a_coroutine_is_told_at_once_that_it_cannot_import(database: str) -> None:
    async def load() -> None:
        with suspended(database):
            pytest.fail("too late")

    with pytest.raises(SynchronousOnlyOperation):
        async_to_sync(load)()


def test_every_row_of_a_model_has_its_chart(authors: dict[str, Author]) -> None:
    assert set(AuthorChart.objects.values_list("author__name", flat=True)) == set(NAMES)
    Author.objects.bulk_create([Author(name="C")])
    assert AuthorChart.objects.count() == 2
    assert AuthorChart.objects.ensure() == 1
    assert AuthorChart.objects.ensure() == 0
    assert AuthorChart.objects.count() == 3


def test_one_statement_marks_for_all_charts_that_watch_a_row(genres: dict[str, Genre], database: str) -> None:
    for chart_model in (GenreChart, PagesChart):
        by_genre(chart_model, genres)
    with transaction.atomic(using=database), CaptureQueriesContext(connections[database]) as queries:
        Book.objects.create(genre=genres["A"])
    marking = [query for query in queries if "INSERT INTO" in query["sql"] and "charts_mark" in query["sql"]]
    assert len(marking) == 1
    assert marked(GenreChart) == marked(PagesChart) == "A"


def test_a_row_is_read_once_for_all_charts_that_ask_the_same_of_it(genres: dict[str, Genre], database: str) -> None:
    """A transaction's second row of the same genre: what it was before is read, for it may have come from elsewhere."""
    for chart_model in (GenreChart, PagesChart):
        by_genre(chart_model, genres)
    first, second = (Book.objects.create(genre=genres["A"]) for _ in range(2))
    with transaction.atomic(using=database):
        first.pages += 1
        first.save()
        wanted = Wanted(second, database)
        asking = [
            route for route in routes()[Book] if route.chart_model in {GenreChart, PagesChart} and not route.prefix
        ]
        with CaptureQueriesContext(connections[database]) as once:
            found = {wanted.values_now(asking[0], None)}
        with CaptureQueriesContext(connections[database]) as again:
            found |= {wanted.values_now(route, None) for route in asking[1:]}
    assert len(asking) == 2
    assert found == {(genres["A"].pk,)}
    assert once.captured_queries
    assert not again.captured_queries


def test_a_row_whose_save_failed_can_be_copied_and_pickled(genres: dict[str, Genre]) -> None:
    book = Book.objects.create(genre=genres["A"])
    book.pages = "no number"
    with pytest.raises(ValueError, match="no number"):
        book.save()
    assert book.__dict__["_charts_change"]
    for twin in (pickle.loads(pickle.dumps(book)), copy.deepcopy(book)):  # noqa: S301  (our own bytes)
        assert twin.pk == book.pk
        assert not twin.__dict__["_charts_change"]


def test_a_save_within_a_save_of_the_same_row_marks_both(genres: dict[str, Genre]) -> None:
    by_genre(GenreChart, genres)
    book = Book.objects.create(genre=genres["A"])
    settle(GenreChart)

    def again(instance: Book, **kwargs: object) -> None:
        if instance.note == "again":
            instance.note = ""
            instance.genre = genres["B"]
            instance.save()

    models.signals.post_save.connect(again, sender=Book)
    try:
        book.note = "again"
        book.save()
    finally:
        models.signals.post_save.disconnect(again, sender=Book)
    assert marked(GenreChart) == "AB"
    assert "_charts_change" not in book.__dict__
