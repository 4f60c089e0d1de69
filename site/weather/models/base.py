"""What the charts of a station have in common."""

from typing import TYPE_CHECKING, Any, ClassVar

from chartsite.pictures import Picture
from django.db import models
from django.urls import reverse

from charts.watches import Watch
from weather.models.sources import Station

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class StationChart(Picture):
    """A picture of one station's observations; every station has one of each kind."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE)

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

    def get_absolute_url(self) -> str:
        return reverse("weather:chart", args=[self.station.slug, self.kind])

    def draw(self, figure: "Figure", data: Any) -> Any:
        from charts.drawing.text import plain

        if data is not None:
            return self.draw_observations(figure, data)
        figure.text(0.5, 0.5, f"No observations of {plain(self.station)} to draw", ha="center")
        return None

    def draw_observations(self, figure: "Figure", data: Any) -> Any:
        """Draw what `get_data()` found, as `draw()` would; each kind draws its own way."""
        raise NotImplementedError(f"Define draw_observations() on {type(self).__name__}.")
