"""A diary: sources with days and prices, and watches whose callables answer in every way."""

from collections.abc import Callable
from typing import Any, ClassVar

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
