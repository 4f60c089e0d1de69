"""The same picture twice: as a chart of ours, and as the recipe that projects copy."""

from typing import Any

from django.db import models

from benchmarks import figures
from charts.fields import ChartImageField
from charts.models import ChartModel


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
