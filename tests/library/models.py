"""A library: sources of every shape that a watch can have, in an app of their own."""

from typing import Any, ClassVar

from django.db import models

from charts.models import ChartModel
from charts.watches import Watch, WatchedManager


class Genre(models.Model):
    name = models.CharField(max_length=50)
    shelf = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """An abstract source."""

    pages = models.IntegerField(default=0)
    note = models.CharField(max_length=50, default="")

    class Meta:
        abstract = True


class Book(Item):
    genre = models.ForeignKey(Genre, on_delete=models.CASCADE, null=True)
    authors = models.ManyToManyField(Author, related_name="books")
    readers = models.ManyToManyField(Author, through="Loan", related_name="borrowed")

    objects = WatchedManager()

    def __str__(self) -> str:
        return f"Book {self.pk}"


class Loan(models.Model):
    """A many-to-many table of the project's own."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    reader = models.ForeignKey(Author, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"Loan {self.pk}"


class Atlas(Book):
    """A multi-table child of a source."""

    maps = models.IntegerField(default=0)


class OldBook(Book):
    """A proxy of a source."""

    class Meta:
        proxy = True


class Magazine(Item):
    """Another concrete class of the abstract source."""

    def __str__(self) -> str:
        return f"Magazine {self.pk}"


class Drawn(ChartModel):
    """What the charts here share."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots()


class GenreChart(Drawn):
    genre = models.ForeignKey(Genre, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Book", match={"genre": "genre"})]


class AuthorChart(Drawn):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Book", match={"author": "authors"})]
    for_each = "author"


class ReaderChart(Drawn):
    reader = models.ForeignKey(Author, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Book", match={"reader": "readers"})]


class ShelfChart(Drawn):
    """Two values must match at once, one of them by a path on the chart's side."""

    genre = models.ForeignKey(Genre, on_delete=models.CASCADE)
    pages = models.IntegerField()
    watches: ClassVar[list[Watch]] = [
        Watch("library.Book", match={"genre__shelf": "genre__shelf", "pages": "pages"}),
    ]


class AtlasChart(Drawn):
    genre = models.ForeignKey(Genre, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Atlas", match={"genre": "genre"})]


class PagesChart(Drawn):
    """Only one field of the source counts."""

    genre = models.ForeignKey(Genre, on_delete=models.CASCADE)
    watches: ClassVar[list[Watch]] = [Watch("library.Book", match={"genre": "genre"}, fields=["pages"])]


class EverythingChart(Drawn):
    """Any change of any item."""

    watches: ClassVar[list[Watch]] = [Watch(Item)]


class Measurement(models.Model):
    """A source whose charts need no foreign key to it: they can live in another database."""

    station = models.CharField(max_length=20)
    value = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.station}: {self.value}"


class StationChart(Drawn):
    station = models.CharField(max_length=20)

    watches: ClassVar[list[Watch]] = [Watch("library.Measurement", match={"station": "station"})]

    def __str__(self) -> str:
        return f"Station {self.station}"

    def get_data(self) -> list[int]:
        return list(Measurement.objects.filter(station=self.station).order_by("pk").values_list("value", flat=True))

    def get_alt_text(self, figure: Any, data: list[int]) -> str:
        return str(data)
