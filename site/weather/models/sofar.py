"""The rain of each year, added up day by day, by pyplot code of the kind that people have lying around."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from charts.drawing.text import plain
from weather import climate
from weather.climate import Floats
from weather.models.base import StationChart

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Sums:
    """By year: the days that were observed, and what had fallen by the end of each, in mm, shape (days,)."""

    place: str
    days: dict[int, list[date]]
    sums: dict[int, Floats]

    @property
    def year(self) -> int:
        """The newest year."""
        return max(self.sums)

    @property
    def half_way(self) -> date:
        """The day by which half of the newest year's rain had fallen."""
        sums = self.sums[self.year]
        return self.days[self.year][int(np.searchsorted(sums, sums[-1] / 2))]


class RainSoFar(StationChart):
    """A line a year, from nothing to the year's rain."""

    kind = "rain-so-far"
    about = (
        "Each line adds up a year's rain from January on: level where it is dry, steep where it pours. Drawn by "
        "pyplot code as it was, which draw() hands back with plt.gcf()."
    )

    class Meta(StationChart.Meta):
        verbose_name = "rain so far"
        verbose_name_plural = "rain so far"

    def get_data(self) -> Sums | None:
        days, (fallen,) = self.station.columns("precipitation")
        years = np.array([day.year for day in days])
        by_year = {int(year): np.flatnonzero(years == year) for year in np.unique(years)}
        if not by_year:
            return None
        return Sums(
            place=self.station.name,
            days={year: [days[row] for row in rows] for year, rows in by_year.items()},
            sums={year: fallen[rows].cumsum() for year, rows in by_year.items()},
        )

    def draw_observations(self, figure: "Figure", data: Sums) -> "Figure":
        import matplotlib.pyplot as plt  # noqa: TID251  (shows that pyplot code can be kept as it is)

        from charts.drawing import look

        plt.figure(layout="constrained")
        for year, sums in data.sums.items():
            newest = year == data.year
            plt.plot(
                climate.day_numbers(data.days[year]),
                sums,
                label=str(year),
                color="C0" if newest else plt.rcParams["ytick.labelcolor"],
                alpha=1 if newest else 0.45,
                linewidth=2.2 if newest else 1.2,
                marker="o" if newest else "",
                markevery=[data.days[year].index(data.half_way)] if newest else None,
                markersize=7,
            )
        plt.xlim(0, climate.DAYS)
        plt.ylim(bottom=0)
        look.people_numbers(plt.gca().yaxis, "mm")
        self.name_months(plt.gca(), [30.5 * month + 15 for month in range(12)])
        finding = f"Half of {plain(data.place)}’s rain of {data.year} fell after {data.half_way:%-d %B}"
        look.title(plt.gca(), finding, "Rain and melted snow so far", source="Source: NOAA")
        look.label_ends(plt.gca())
        return plt.gcf()
