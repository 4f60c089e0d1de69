"""The same picture twice, as ours and as the recipe that projects copy; and charts that tell on themselves."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from benchmarks import figures
from charts.fields import ChartImageField
from charts.models import ChartModel
from charts.watches import Watch


class Ours(ChartModel):
    """A chart whose figure is one of `benchmarks.figures`, drawn as its users write it."""

    figure = models.CharField(max_length=40)

    image = ChartImageField(size=(800, 480), densities=(1,), layout=None)

    def __str__(self) -> str:
        return self.figure

    def get_data(self) -> Any:
        return figures.DATA[self.figure]

    def draw(self, figure: Any, data: Any) -> None:
        figures.DRAW[self.figure](figure.subplots(), data)


class Recipe(models.Model):
    """A model with an ImageField, filled as in the recipe."""

    figure = models.CharField(max_length=40)
    image = models.ImageField(upload_to="recipe")

    def __str__(self) -> str:
        return self.figure


DRAWS = "draws.log"


class Reading(models.Model):
    """A source whose last value a picture must show."""

    series = models.IntegerField(db_index=True)
    value = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


class Trend(ChartModel):
    """A chart that says in its alternative text what it was drawn from, and in a file that it was drawn."""

    series = models.IntegerField(db_index=True)

    image = ChartImageField(size=(320, 200), densities=(1,))

    watches: ClassVar[list[Watch]] = [Watch("benchmarks.Reading", match={"series": "series"})]

    def __str__(self) -> str:
        return f"Trend {self.series}"

    def get_data(self) -> int:
        return Reading.objects.get(series=self.series).value

    def draw(self, figure: Any, data: int) -> None:
        with (settings.FOLDER / DRAWS).open("ab") as log:
            log.write(b".")
        figure.subplots().plot([0, data])

    def get_alt_text(self, figure: Any, data: int) -> str:
        return str(data)


class Plain(models.Model):
    """A row that nobody watches."""

    series = models.IntegerField(db_index=True)
    value = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


class Sale(models.Model):
    """A row as `Plain`, watched by two chart models."""

    series = models.IntegerField(db_index=True)
    value = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


class SalesByDay(ChartModel):
    """A chart of sales."""

    series = models.IntegerField(db_index=True)

    watches: ClassVar[list[Watch]] = [Watch("benchmarks.Sale", match={"series": "series"})]

    def __str__(self) -> str:
        return f"Sales by day {self.series}"

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots()


class SalesByHour(ChartModel):
    """Another chart of sales."""

    series = models.IntegerField(db_index=True)

    watches: ClassVar[list[Watch]] = [Watch("benchmarks.Sale", match={"series": "series"})]

    def __str__(self) -> str:
        return f"Sales by hour {self.series}"

    def draw(self, figure: Any, data: Any) -> None:
        figure.subplots()
