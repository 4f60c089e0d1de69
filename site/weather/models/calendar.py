"""Every day of every year as a square: how far it was from what is usual for its time of the year."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from charts.drawing.text import plain
from weather import climate
from weather.climate import Floats
from weather.models.base import StationChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

SHOWN_YEARS = 5


@dataclass(frozen=True)
class Anomalies:
    """By how many degrees each day's high was warmer than usual, shape (days,)."""

    place: str
    days: list[date]
    warmer: Floats

    @property
    def years(self) -> list[int]:
        """The newest years, newest first."""
        return sorted({day.year for day in self.days}, reverse=True)[:SHOWN_YEARS]

    def weeks(self, year: int) -> Floats:
        """Arrange a year by weekday from Monday and week, shape (7, 54); NaN where there is no day."""
        weeks = np.full((7, 54), np.nan)
        for day, value in zip(self.days, self.warmer, strict=True):
            if day.year == year:
                week, weekday = place_in_year(day)
                weeks[weekday, week] = value
        return weeks

    def odd_month(self) -> tuple[str, float]:
        """Find the shown month furthest from usual: its name, and its mean difference in degrees."""
        months = np.array([day.year * 12 + day.month - 1 for day in self.days])
        shown = [month for month in np.unique(months) if month // 12 in self.years]
        means = {month: float(self.warmer[months == month].mean()) for month in shown}
        month = max(means, key=lambda one: abs(means[one]))
        return f"{calendar.month_name[month % 12 + 1]} {month // 12}", means[month]


def place_in_year(day: date) -> tuple[int, int]:
    """Number a day's week within its year, from 0, and its weekday, from 0 for Monday."""
    first = date(day.year, 1, 1)
    return divmod((day - first).days + first.weekday(), 7)


class TemperatureCalendar(StationChart):
    """A square a day, in blue where it was colder than usual and in rust where it was warmer."""

    kind = "calendar"
    about = (
        "Every square is a day, a column is a week from Monday to Sunday. The colour says how far the day's high "
        "was from what is usual at its time of the year."
    )

    # Degrees from usual at which the colours end: rarer days are no stronger than these.
    scale = 12

    class Meta(StationChart.Meta):
        verbose_name = "temperature calendar"

    def get_data(self) -> Anomalies | None:
        days, (high,) = self.station.columns("temp_max")
        if not days:
            return None
        numbers = climate.day_numbers(days)
        return Anomalies(self.station.name, days, high - climate.usual(numbers, high)[numbers])

    def get_table(self, data: Anomalies | None) -> object:
        if data is None:
            return None
        return ("Day", "Warmer than usual (°C)"), list(zip(data.days, data.warmer.round(1), strict=True))

    def get_alt_text(self, figure: "Figure", data: Anomalies | None) -> str:
        if data is None:
            return super().get_alt_text(figure, data)
        shown = np.array([day.year in data.years for day in data.days])
        warmer = np.where(shown, data.warmer, 0)
        coldest, warmest = warmer.argmin(), warmer.argmax()
        return (
            f"{self.finding(data)}. A calendar of {climate.years_in_words(data.years)} with a square for every day, "
            f"coloured by how far its high was from usual: at most {warmer[warmest]:.1f} degrees above, on "
            f"{data.days[warmest]:%-d %B %Y}, and {-warmer[coldest]:.1f} below, on {data.days[coldest]:%-d %B %Y}."
        )

    def draw_observations(self, figure: "Figure", data: Anomalies) -> None:
        axes = figure.subplots()
        tops = {year: 8 * row for row, year in enumerate(data.years)}
        for year, top in tops.items():
            squares = self.draw_year(axes, data.weeks(year), top)
            self.draw_months(axes, year, top)
        self.draw_key(figure, axes, squares)
        self.draw_page(axes, data, tops)

    def draw_year(self, axes: "Axes", weeks: Floats, top: int) -> "QuadMesh":
        from matplotlib import rcParams

        return axes.pcolormesh(
            np.arange(55),
            np.arange(8) + top,
            np.ma.masked_invalid(weeks),
            cmap="charts.diverging",
            vmin=-self.scale,
            vmax=self.scale,
            edgecolor=rcParams["figure.facecolor"],
            linewidth=0.3 if self.is_small(axes) else 0.9,
        )

    def draw_months(self, axes: "Axes", year: int, top: int) -> None:
        """Draw a line between the last day of each month and the first of the next."""
        from matplotlib import rcParams
        from matplotlib.collections import LineCollection

        borders = []
        for month in range(2, 13):
            week, weekday = place_in_year(date(year, month, 1))
            corners = [(week, top + 7), (week, top + weekday)]
            # A month that begins on a Monday has its first column to itself.
            borders.append([*corners, (week + 1, top + weekday), (week + 1, top)] if weekday else corners)
        width = 0.36 if self.is_small(axes) else 0.72
        lines = LineCollection(borders, colors=rcParams["axes.labelcolor"], linewidths=width, joinstyle="miter")
        axes.add_collection(lines, autolim=False)

    def draw_key(self, figure: "Figure", axes: "Axes", squares: "QuadMesh") -> None:
        from charts.drawing import look

        small = self.is_small(axes)
        key = figure.colorbar(
            squares,
            ax=axes,
            orientation="horizontal",
            fraction=0.03,
            aspect=30,
            pad=0.03,
            shrink=1 if small else 0.5,
            anchor=(0, 1),
        )
        key.outline.set_visible(False)
        key.set_ticks([-10, -5, 0, 5, 10], labels=["−10°", "−5°", "usual", "+5°", "+10°"])
        key.ax.tick_params(length=0)
        look.baseline_labels(key.ax)
        look.title(key.ax, "", source="Source: NOAA")

    def draw_page(self, axes: "Axes", data: Anomalies, tops: dict[int, int]) -> None:
        from charts.drawing import look

        axes.set_ylim(8 * len(tops) - 1, 0)
        axes.set_yticks([top + 3.5 for top in tops.values()], list(map(str, tops)))
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        newest = data.years[0]
        self.name_months(axes, [place_in_year(date(newest, month, 15))[0] + 0.5 for month in range(1, 13)])
        subtitle = "Daily high against the usual, °C"
        look.title(axes, self.finding(data), subtitle)

    @staticmethod
    def finding(data: Anomalies) -> str:
        """Say which month was the furthest from usual."""
        month, warmer = data.odd_month()
        how = "warmer" if warmer > 0 else "colder"
        return f"{month} was {abs(warmer):.1f} degrees {how} than usual in {plain(data.place)}"
