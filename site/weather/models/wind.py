"""Wind against warmth, a point a day, with both distributions along the edges."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from charts.drawing.text import plain
from weather.climate import Floats
from weather.models.base import StationChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Days:
    """Every day's high in °C, its mean wind in m/s, and whether it is one of October to March; shape (days,)."""

    place: str
    high: Floats
    wind: Floats
    winter: NDArray[np.bool_]

    @property
    def halves(self) -> dict[str, NDArray[np.bool_]]:
        """Which days are of which half-year."""
        return {"October to March": self.winter, "April to September": ~self.winter}


class WindAndWarmth(StationChart):
    """A scatter of all days, the winter half-year's in blue, the summer's in rust."""

    kind = "wind"
    about = (
        "Every point is a day: how warm it got, and how hard the wind blew. Along the edges, how many days there "
        "were of each warmth and of each wind."
    )

    class Meta(StationChart.Meta):
        verbose_name = "wind and warmth"
        verbose_name_plural = "wind and warmth"

    def get_data(self) -> Days | None:
        days, (high, wind) = self.station.columns("temp_max", "wind")
        winter = np.array([not 4 <= day.month <= 9 for day in days], dtype=bool)
        return Days(self.station.name, high, wind, winter) if days else None

    def draw_observations(self, figure: "Figure", data: Days) -> None:
        axes = figure.subplots()
        # Both distributions lie inside the plot, in the room that the points are made to leave.
        axes.set_xlim(data.high.min() - 1, data.high.max() + 0.16 * np.ptp(data.high))
        axes.set_ylim(0, 1.3 * data.wind.max())
        above, right = (
            axes.inset_axes((0, 0.85, 1, 0.15), sharex=axes),
            axes.inset_axes((0.88, 0, 0.12, 1), sharey=axes),
        )
        marks: dict[str, Any] = {}
        for number, (name, days) in enumerate(data.halves.items()):
            high, wind, ink = data.high[days], data.wind[days], {"color": f"C{number}", "linewidth": 0}
            marks[f"{name}: {wind.mean():.1f} m/s"] = axes.scatter(high, wind, s=12, alpha=0.45, label=name, **ink)
            self.draw_days(above, high, 1, **ink)
            self.draw_days(right, wind, 0.5, orientation="horizontal", **ink)
        self.draw_page(axes, data, marks)

    @staticmethod
    def draw_days(edge: "Axes", values: Floats, width: float, **ink: Any) -> None:
        """Draw how many days there were of each value along an edge."""
        bins = np.arange(np.floor(values.min()), values.max() + width, width)
        edge.hist(values, bins=bins, histtype="stepfilled", alpha=0.5, **ink)
        edge.set_axis_off()

    def draw_page(self, axes: "Axes", data: Days, marks: dict[str, Any]) -> None:
        from charts.drawing import look

        axes.grid(visible=True, axis="x")
        axes.set_xticks(self.ticks(data.high))
        axes.set_yticks(self.ticks(np.append(data.wind, 0)))
        axes.xaxis.set_major_formatter("{x:.0f}°")
        look.people_numbers(axes.yaxis, "m/s")
        look.baseline_labels(axes)
        legend = look.legend_above(axes, marks.values(), marks)
        for mark in legend.legend_handles:
            mark.set(alpha=1, sizes=[30])
        look.title(axes, self.finding(data), "A day’s high, °C, and its mean wind", source="Source: NOAA")

    @staticmethod
    def ticks(values: Floats) -> list[float]:
        """Return round numbers among the values: none in the room of the distributions."""
        from matplotlib.ticker import MaxNLocator

        found = MaxNLocator(7, steps=[1, 2, 5, 10]).tick_values(values.min(), values.max())
        return [tick for tick in found if values.min() <= tick <= values.max()]

    @staticmethod
    def finding(data: Days) -> str:
        """Say which half-year is the windier."""
        means = {name: float(data.wind[days].mean()) for name, days in data.halves.items() if days.any()}
        windier = max(means, key=lambda name: means[name])
        return f"{windier} is the windier half of the year in {plain(data.place)}"
