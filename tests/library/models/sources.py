"""Sources of every shape: subclasses, proxies, links, columns that the database makes, keys of several columns."""

from typing import Any, ClassVar
from uuid import uuid4

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


class Tag(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name


class Measurement(models.Model):
    """A source whose charts need no foreign key to it: they can live in another database."""

    station = models.CharField(max_length=20)
    value = models.IntegerField(default=0)
    tags = models.ManyToManyField(Tag, related_name="measurements")

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


class TagChart(Drawn):
    """Of what is linked, and of what a callable finds."""

    tag = models.CharField(max_length=20)

    watches: ClassVar[list[Watch]] = [
        Watch("library.Measurement", match={"tag": "tags__name"}),
        Watch("library.Tag", charts=lambda tag: TagChart.objects.filter(tag=f"{tag.name} asked")),
    ]


class Publisher(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Shelf(models.Model):
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


def spare_shelf() -> Shelf:
    """Return where the volumes of a shelf go that is taken down."""
    return Shelf.objects.get_or_create(name="spare")[0]


class Volume(models.Model):
    """A source whose rows change without a signal of their own, and columns without a word of the instance."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    publisher = models.ForeignKey(Publisher, on_delete=models.SET_NULL, null=True)
    shelf = models.ForeignKey(Shelf, on_delete=models.SET(spare_shelf))
    pages = models.IntegerField(default=0)
    twice = models.GeneratedField(expression=models.F("pages") * 2, output_field=models.IntegerField(), db_persist=True)
    changed = models.DateTimeField(auto_now=True)
    scan = models.FileField(upload_to="scans", default="")
    sequels = models.ManyToManyField("self", symmetrical=False, related_name="prequels")

    objects = WatchedManager()

    def __str__(self) -> str:
        return f"Volume {self.pk}"


class ByShelf(Drawn):
    """What the charts of shelves share."""

    shelf_name = models.CharField(max_length=50)

    class Meta:
        abstract = True


class VolumeChart(ByShelf):
    watches: ClassVar[list[Watch]] = [Watch("library.Volume", match={"shelf_name": "shelf__name"})]


class TwiceChart(ByShelf):
    """Only a column counts that the database works out."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.Volume", match={"shelf_name": "shelf__name"}, fields=["twice"]),
    ]


class ChangedChart(ByShelf):
    """Only a column counts that saving sets."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.Volume", match={"shelf_name": "shelf__name"}, fields=["changed"]),
    ]


class ScanChart(ByShelf):
    """Only a file counts."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.Volume", match={"shelf_name": "shelf__name"}, fields=["scan"]),
    ]


class PublisherFieldChart(ByShelf):
    """Only what a deleted row takes away counts."""

    watches: ClassVar[list[Watch]] = [
        Watch("library.Volume", match={"shelf_name": "shelf__name"}, fields=["publisher"]),
    ]


class LengthChart(Drawn):
    """A generated column decides which chart a row belongs to."""

    twice = models.IntegerField()
    watches: ClassVar[list[Watch]] = [Watch("library.Volume", match={"twice": "twice"})]


class SequelChart(ByShelf):
    """A callable finds the charts, by links from a row to others of its kind."""

    watches: ClassVar[list[Watch]] = [
        Watch(
            "library.Volume",
            charts=lambda volume: SequelChart.objects.filter(
                shelf_name__in=volume.sequels.values("shelf__name"),
            ),
        ),
    ]


if hasattr(models, "DB_CASCADE"):  # Django 6.1: the database deletes, and tells nobody

    class Hall(models.Model):
        name = models.CharField(max_length=50)

        def __str__(self) -> str:
            return self.name

    class Case(models.Model):
        hall = models.ForeignKey(Hall, on_delete=models.DB_CASCADE)

        def __str__(self) -> str:
            return f"Case {self.pk}"

    class Exhibit(models.Model):
        """A source that goes with what its case stands in."""

        case = models.ForeignKey(Case, on_delete=models.DB_CASCADE)
        lender = models.ForeignKey(Publisher, on_delete=models.DB_SET_NULL, null=True)
        theme = models.IntegerField()

        def __str__(self) -> str:
            return f"Exhibit {self.pk}"

    class ThemeChart(Drawn):
        theme = models.IntegerField()
        watches: ClassVar[list[Watch]] = [Watch("library.Exhibit", match={"theme": "theme"})]


class Ticket(models.Model):
    """A source whose key the database makes."""

    code = models.CharField(max_length=36, primary_key=True, db_default=models.Value("first"))
    room = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class Seat(models.Model):
    """A source whose key is several columns."""

    pk = models.CompositePrimaryKey("room", "number")
    room = models.IntegerField()
    number = models.IntegerField()
    taken = models.BooleanField(default=False)

    objects = WatchedManager()

    def __str__(self) -> str:
        return f"{self.room}/{self.number}"


class RoomChart(Drawn):
    room = models.IntegerField()
    watches: ClassVar[list[Watch]] = [
        Watch("library.Ticket", match={"room": "room"}),
        Watch("library.Seat", match={"room": "room"}),
    ]
