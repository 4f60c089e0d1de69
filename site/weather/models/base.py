"""What the charts of a station have in common."""

import calendar
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.urls import reverse

from charts.fields import ChartImageField
from charts.models import ChartModel
from charts.watches import Watch
from weather.models.sources import Station

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class StationChart(ChartModel):
    """A picture of one station's observations; every station has one of each kind."""

    # What the chart is called in addresses, and the sentence under its picture.
    kind: ClassVar[str]
    about: ClassVar[str]

    station = models.ForeignKey(Station, on_delete=models.CASCADE)
    image = ChartImageField(size=(800, 450), themes=("light", "dark"))
    # The same picture for phones: drawn again, not shrunk, so that its words can be read.
    narrow = ChartImageField(size=(360, 440), themes=("light", "dark"))

    for_each = "station"
    watches: ClassVar[list[Watch]] = [
        Watch("weather.Observation", match={"station": "station"}),
        Watch("weather.Station", match={"station": "pk"}),
    ]

    class Meta:
        abstract = True
        constraints = (models.UniqueConstraint(fields=("station",), name="one_%(class)s_a_station"),)

    def __str__(self) -> str:
        return f"{self.name}, {self.station}"

    @property
    def name(self) -> str:
        """What the kind of chart is called."""
        return str(self._meta.verbose_name).capitalize()

    def get_absolute_url(self) -> str:
        return reverse("weather:chart", args=[self.station.slug, self.kind])

    def draw(self, figure: "Figure", data: Any) -> None:
        from charts.drawing.text import plain

        if data is None:
            figure.text(0.5, 0.5, f"No observations of {plain(self.station)} to draw", ha="center")
        else:
            self.draw_observations(figure, data)

    def draw_observations(self, figure: "Figure", data: Any) -> None:
        """Draw what `get_data()` found; each kind draws its own way."""
        raise NotImplementedError(f"Define draw_observations() on {type(self).__name__}.")

    @staticmethod
    def is_small(axes: "Axes") -> bool:
        """Say whether the picture is one for phones."""
        from charts.drawing import look

        return bool(axes.figure.get_figwidth() * 100 < look.SMALL)

    @classmethod
    def name_months(cls, axes: "Axes", middles: Sequence[Any]) -> None:
        """Write the months' names under their middles, or their initials where a name has no room."""
        from charts.drawing import look

        names = list(calendar.month_abbr)[1:]
        axes.set_xticks(middles, [name[0] for name in names] if cls.is_small(axes) else names)
        axes.tick_params(axis="x", length=0)
        look.baseline_labels(axes)
