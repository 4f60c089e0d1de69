"""A year's temperatures, day by day, against what is usual and against the extremes of the other years."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

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
class Temperatures:
    """Daily temperatures of one year in °C; every array has a value a day, shape (days,)."""

    place: str
    year: int
    days: list[date]
    low: Floats
    high: Floats
    usual_low: Floats
    usual_high: Floats
    record_low: Floats
    record_high: Floats
    # The mean temperature of every year that was observed, this one among them.
    yearly_means: dict[int, float]
    other_years: str


class TemperatureBand(StationChart):
    """The band between a year's daily lows and highs, coloured where it leaves the usual range."""

    kind = "temperature"
    about = (
        "Every sliver is a day, from its lowest to its highest temperature. What reaches beyond the range that "
        "is usual for the time of the year is coloured."
    )

    year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Left empty: the newest year that has observations."
    )

    class Meta(StationChart.Meta):
        verbose_name = "temperature band"

    def get_data(self) -> Temperatures | None:
        days, (low, high) = self.station.columns("temp_min", "temp_max")
        years = np.array([day.year for day in days])
        year = self.year or max(years, default=None)
        shown, others = years == year, years != year
        if not shown.any():
            return None
        numbers = climate.day_numbers(days)
        at = numbers[shown]
        return Temperatures(
            place=self.station.name,
            year=int(year),
            days=[day for day in days if day.year == year],
            low=low[shown],
            high=high[shown],
            usual_low=climate.usual(numbers, low)[at],
            usual_high=climate.usual(numbers, high)[at],
            record_low=climate.lowest(numbers[others], low[others])[at],
            record_high=climate.highest(numbers[others], high[others])[at],
            yearly_means={int(one): float((low + high)[years == one].mean() / 2) for one in np.unique(years)},
            other_years=climate.years_in_words(set(years) - {year}),
        )

    def get_alt_text(self, figure: "Figure", data: Temperatures | None) -> str:
        if data is None:
            return super().get_alt_text(figure, data)
        coldest, hottest = data.low.argmin(), data.high.argmax()
        return (
            f"{self.finding(data)}. A band of daily temperatures, from {climate.degrees(data.low[coldest])} on "
            f"{data.days[coldest]:%-d %B} to {climate.degrees(data.high[hottest])} on {data.days[hottest]:%-d %B}. "
            f"{(data.high > data.usual_high).sum()} days rose above what is usual for the time of the year, "
            f"{(data.low < data.usual_low).sum()} fell below it."
        )

    def draw_observations(self, figure: "Figure", data: Temperatures) -> None:
        axes = figure.subplots()
        self.draw_bands(axes, data)
        self.draw_extremes(axes, data)
        self.draw_page(axes, data)

    def draw_bands(self, axes: "Axes", data: Temperatures) -> None:
        """Fill from the widest range to the narrowest, so that each lies on the one it is compared with."""
        from matplotlib import rcParams
        from matplotlib.dates import date2num

        days = date2num(data.days)
        # A day is a step from its midnight nearly to the next, which belongs to another day.
        edges = np.column_stack([days, days + 0.99]).ravel()

        def fill(low: Floats, high: Floats, label: str, **ink: object) -> None:
            low, high = np.repeat(low, 2), np.repeat(high, 2)
            axes.fill_between(edges, low, high, where=low < high, linewidth=0, label=label, **ink)

        low, high, usual_low, usual_high = data.low, data.high, data.usual_low, data.usual_high
        if data.other_years:
            fill(
                data.record_low,
                data.record_high,
                f"Range {data.other_years}",
                color=rcParams["axes.edgecolor"],
                alpha=0.45,
            )
        fill(usual_low, usual_high, "Usual range", color=rcParams["axes.labelcolor"], alpha=0.35)
        within = np.clip(low, usual_low, usual_high), np.clip(high, usual_low, usual_high)
        fill(*within, str(data.year), color=rcParams["text.color"], alpha=0.55)
        fill(np.maximum(low, usual_high), high, "Above usual", color="C1")
        fill(low, np.minimum(high, usual_low), "Below usual", color="C0")

    def draw_extremes(self, axes: "Axes", data: Temperatures) -> None:
        """Name the hottest and the coldest day where they are."""
        from matplotlib import rcParams
        from matplotlib.patheffects import withStroke

        halo = [withStroke(linewidth=2.5, foreground=rcParams["figure.facecolor"])]
        for values, place, side in ((data.high, data.high.argmax(), 1), (data.low, data.low.argmin(), -1)):
            axes.annotate(
                f"{climate.degrees(values[place])}, {data.days[place]:%-d %b}",
                (datetime.combine(data.days[place], time(12)), values[place]),
                xytext=(0, 5 * side),
                textcoords="offset points",
                ha=("left", "center", "right")[place * 3 // len(data.days) if len(data.days) > 9 else 1],
                va="bottom" if side > 0 else "top",
                fontsize=9,
                fontweight="bold",
                path_effects=halo,
            )

    def draw_page(self, axes: "Axes", data: Temperatures) -> None:
        from charts.drawing import look

        axes.set_xlim(date(data.year, 1, 1), date(data.year + 1, 1, 1))
        # Room for the words at the hottest and the coldest day, which small pictures have less of.
        axes.margins(y=0.2 if self.is_small(axes) else 0.1)
        axes.yaxis.set_major_formatter("{x:.0f}°")
        self.name_months(axes, [date(data.year, month, 16) for month in range(1, 13)])
        look.legend_above(axes)
        look.title(
            axes,
            self.finding(data),
            "Daily low to high, °C",
            source="Source: NOAA",
        )

    @staticmethod
    def finding(data: Temperatures) -> str:
        """Say what stands out: a record year if it is one, else how far it went from cold to hot."""
        place, year, means = plain(data.place), data.year, data.yearly_means
        extremes = {max(means.values()): "warmest", min(means.values()): "coldest"}
        if means[year] in extremes and len(means) > 1:
            return f"{year} was the {extremes[means[year]]} of {climate.in_words(len(means))} years in {place}"
        return f"{place} swung {data.high.max() - data.low.min():.0f} degrees in {year}"
