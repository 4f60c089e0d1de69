"""A diary: sources with days and prices, and watches whose callables answer in every way."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.db import models

from charts.watches import Watch, WatchedManager
from tests.library.models import Drawn


class Diary(models.Model):
    name = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name


class Page(models.Model):
    """A source with columns that databases spell in their own ways."""

    diary = models.ForeignKey(Diary, on_delete=models.CASCADE, null=True)
    kind = models.CharField(max_length=20, default="")
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    cost = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    words = models.IntegerField(default=0)
    total = models.IntegerField(default=0)

    objects = WatchedManager()

    class Meta:
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"Page {self.pk}"


class KindChart(Drawn):
    kind = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"kind": "kind"})]


class DayChart(Drawn):
    day = models.DateField()
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"day": "day"})]


class YearChart(Drawn):
    year = models.IntegerField()
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"year": "at__year"})]


class MomentChart(Drawn):
    at = models.DateTimeField()
    cost = models.DecimalField(max_digits=8, decimal_places=2)
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"at": "at", "cost": "cost"})]


class TotalChart(Drawn):
    """Only a column counts that others may set while a row is saved."""

    kind = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"kind": "kind"}, fields=["total"])]


class AskedChart(Drawn):
    """What its watch's callable answers, a test says."""

    answer: ClassVar[Callable[[Page], Any]] = staticmethod(lambda page: AskedChart.objects.filter(kind=page.kind))
    kind = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", charts=lambda page: AskedChart.answer(page))]  # noqa: PLW0108  (the test's)


class Lowered(models.CharField):
    """A column that is written with something else than the instance has, and leaves the instance as it was."""

    def pre_save(self, model_instance: Any, add: bool) -> str:
        return str(model_instance.title).lower()


class Remark(models.Model):
    """Something said of any row."""

    text = models.CharField(max_length=20)
    # Content types are in one of the tests' databases only.
    content_type = models.ForeignKey("contenttypes.ContentType", on_delete=models.CASCADE, db_constraint=False)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()

    def __str__(self) -> str:
        return self.text


class Story(models.Model):
    """A source that is linked with others by a table that Django makes, and by content types."""

    title = models.CharField(max_length=20, default="")
    slug = Lowered(max_length=20, default="")
    body = models.JSONField(default=dict)
    diaries = models.ManyToManyField(Diary)
    remarks = GenericRelation(Remark)

    def __str__(self) -> str:
        return self.title


class SlugChart(Drawn):
    slug = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Story", match={"slug": "slug"})]


class BodyChart(Drawn):
    watches: ClassVar[list[Watch]] = [Watch("diary.Story", fields=["body"])]


class DiaryChart(Drawn):
    name = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Story", match={"name": "diaries__name"})]


class RemarkChart(Drawn):
    text = models.CharField(max_length=20)
    watches: ClassVar[list[Watch]] = [Watch("diary.Story", match={"text": "remarks__text"})]


class Reader:
    """Who is asking."""

    name: ClassVar[str] = ""


class OfReader(models.Manager[Any]):
    """Shows everybody their own only, as managers of projects with many tenants do."""

    def get_queryset(self) -> "models.QuerySet[Any]":
        found = super().get_queryset()
        return found.filter(reader=Reader.name) if Reader.name else found


class ReaderChart(Drawn):
    reader = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)

    objects = OfReader()
    watches: ClassVar[list[Watch]] = [Watch("diary.Page", match={"kind": "kind"})]

    class Meta:
        base_manager_name = "objects"
