"""The same picture twice, as ours and as the recipe that projects copy; and charts that tell on themselves."""

import os
import signal
import time
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


def gate(name: str) -> None:
    """Wait while a measurement keeps a gate closed, which is a file; another file tells it who is there."""
    closed = settings.FOLDER / f"closed {name}"
    if closed.exists():
        (settings.FOLDER / f"at {name}").touch()
        while closed.exists():
            time.sleep(0.01)


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
        value = Reading.objects.get(series=self.series).value
        gate(f"read {value}")
        return value

    def draw(self, figure: Any, data: int) -> None:
        gate(f"drawing {data}")
        with (settings.FOLDER / DRAWS).open("ab") as log:
            log.write(b".")
        figure.subplots().plot([0, data])

    def get_alt_text(self, figure: Any, data: int) -> str:
        return str(data)


def release() -> str:
    """Return which release of the code this is, as a deployment would change it."""
    file = settings.FOLDER / "release"
    return file.read_text() if file.exists() else "1"


class Poison(ChartModel):
    """A chart that does in `draw()` what its name says, until its data or its code is another."""

    name = models.CharField(max_length=20)

    image = ChartImageField(size=(320, 200), densities=(1,))

    recipe_version = release()

    def __str__(self) -> str:
        return self.name

    def draw(self, figure: Any, data: Any) -> None:
        harm = self.name if self.recipe_version == "1" else ""
        if harm == "hangs":
            time.sleep(10_000)
        if harm == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if harm == "eats":
            figure.eaten = [bytes(2**20) for _ in range(8_000)]
        if harm == "raises":
            raise ZeroDivisionError
        figure.subplots().plot([0, 1])


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
