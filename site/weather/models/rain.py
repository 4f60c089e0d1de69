"""What fell in each month of a year, against what the same months brought in the other years."""

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import models

from charts.drawing.text import plain
from weather import climate
from weather.climate import Floats
from weather.models.base import StationChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Rain:
    """A year's monthly totals and the other years' means in mm, shape (12,); NaN: nothing observed."""

    place: str
    year: int
    totals: Floats
    usual: Floats
    other_years: str

    @property
    def odd_month(self) -> int:
        """The month furthest from what is usual, 0 for January; the wettest if that is not known."""
        known = np.isfinite(self.totals - self.usual)
        return int(np.nanargmax(np.abs(self.totals - self.usual) if known.any() else self.totals))


class RainByMonth(StationChart):
    """Twelve bars, and on each the mark of what is usual."""

    kind = "rain"
    about = (
        "A bar is what fell in a month, melted snow included. The line is what the month brought on average "
        "in the other years."
    )

    year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Left empty: the newest year that has observations."
    )

    class Meta(StationChart.Meta):
        verbose_name = "rain by month"
        verbose_name_plural = "rain by month"

    def get_data(self) -> Rain | None:
        days, (fallen,) = self.station.columns("precipitation")
        years, totals = climate.monthly_totals(days, fallen)
        year = self.year or max(years, default=None)
        shown = years == year
        if not shown.any():
            return None
        others = totals[~shown]
        return Rain(
            place=self.station.name,
            year=int(year),
            totals=totals[shown][0],
            usual=others.mean(axis=0) if len(others) else np.full(12, np.nan),
            other_years=climate.years_in_words(years[~shown]),
        )

    def get_table(self, data: Rain | None) -> object:
        if data is None:
            return None
        columns = ("Month", f"{data.year} (mm)", f"Mean of {data.other_years} (mm)")
        months = list(calendar.month_name)[1:]
        return columns, list(zip(months, data.totals.round(1), data.usual.round(1), strict=True))

    def draw_observations(self, figure: "Figure", data: Rain) -> None:
        axes = figure.subplots()
        marks = self.draw_months(axes, data)
        self.draw_totals(axes, data)
        self.draw_page(axes, data, marks)

    def draw_months(self, axes: "Axes", data: Rain) -> dict[str, Any]:
        """Draw a bar a month and the line of what is usual; return the marks by what the legend calls them."""
        from matplotlib import rcParams

        months = np.arange(12)
        marks: dict[str, Any] = {}
        marks[str(data.year)] = axes.bar(months, data.totals, width=0.8, linewidth=0, label=str(data.year))
        known = np.isfinite(data.usual)
        if known.any():
            label = f"Mean of {data.other_years}"
            marks[label] = axes.hlines(
                data.usual[known],
                months[known] - 0.4,
                months[known] + 0.4,
                color=rcParams["text.color"],
                linewidth=1.44,
                capstyle="butt",
                label=label,
            )
        return marks

    def draw_totals(self, axes: "Axes", data: Rain) -> None:
        """Write each total above its bar, clear of the line that may be there; in a small picture, the odd one."""
        from matplotlib import rcParams

        room = 0.06 * np.nanmax([data.totals, data.usual])
        for month, (total, usual) in enumerate(zip(data.totals, data.usual, strict=True)):
            odd = month == data.odd_month
            if np.isnan(total) or (self.is_small(axes) and not odd):
                continue
            axes.annotate(
                f"{total:.0f}",
                (month, usual if 0 <= usual - total < room else total),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                fontweight="bold" if odd else "normal",
                color=rcParams["text.color" if odd else "axes.labelcolor"],
            )

    def draw_page(self, axes: "Axes", data: Rain, marks: dict[str, Any]) -> None:
        from charts.drawing import look

        axes.set_xlim(-0.6, 11.6)
        axes.set_ylim(0, 1.08 * max(np.nanmax([data.totals, data.usual]), 1))
        look.people_numbers(axes.yaxis, "mm")
        self.name_months(axes, range(12))
        look.legend_above(axes, marks.values(), marks)
        look.title(axes, self.finding(data), "Rain and melted snow by month", source="Source: NOAA")

    @staticmethod
    def finding(data: Rain) -> str:
        """Say which month was the oddest, and against what."""
        month = calendar.month_name[data.odd_month + 1]
        total, usual = data.totals[data.odd_month], data.usual[data.odd_month]
        if np.isnan(usual):
            return f"{month} brought {plain(data.place)} {total:.0f} mm of rain, the most of the year"
        only = "only " if total < usual else ""
        return f"{month} brought {plain(data.place)} {only}{total:.0f} mm of rain; {usual:.0f} are usual"
