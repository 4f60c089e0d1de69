"""The stations side by side: pictures that belong to none of them."""

import calendar
from typing import TYPE_CHECKING, ClassVar

from chartsite.pictures import Picture
from django.urls import reverse

from charts.drawing.text import plain
from charts.watches import Watch
from weather import climate
from weather.climate import Floats
from weather.models.sources import Observation, Station

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class CitiesChart(Picture):
    """A picture of all stations' observations; there is one row of each kind."""

    watches: ClassVar[list[Watch]] = [Watch("weather.Observation"), Watch("weather.Station")]

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("weather:cities", args=[self.kind])


class WindHistogram(CitiesChart):
    """How many days there were of each wind, in shares of each station's days."""

    kind = "wind"
    about = (
        "A step is half a metre a second wide and as high as the share of the days with that wind. The dashed lines "
        "are the means."
    )

    class Meta:
        verbose_name = "wind histogram"

    def get_data(self) -> dict[str, Floats]:
        winds = {station.name: station.columns("wind")[1][0] for station in Station.objects.all()}
        return {name: wind for name, wind in winds.items() if len(wind)}

    def draw(self, figure: "Figure", data: dict[str, Floats]) -> None:
        import numpy as np

        axes = figure.subplots()
        strongest = max((wind.max() for wind in data.values()), default=1)
        bins = np.arange(0, strongest + 0.5, 0.5)
        for number, (name, wind) in enumerate(data.items()):
            ink = {"color": f"C{number}", "weights": np.full(len(wind), 1 / len(wind))}
            axes.hist(wind, bins=bins, histtype="stepfilled", alpha=0.35, linewidth=0, label=plain(name), **ink)
            axes.hist(wind, bins=bins, histtype="step", linewidth=1.44, **ink)
            axes.axvline(wind.mean(), color=f"C{number}", linewidth=1.08, linestyle=(0, (4, 3)))
        self.draw_page(axes, data)

    def draw_page(self, axes: "Axes", data: dict[str, Floats]) -> None:
        from matplotlib.ticker import MaxNLocator

        from charts.drawing import look

        axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(MaxNLocator(4 if self.is_small(axes) else 9, steps=[1, 2, 5, 10]))
        look.people_numbers(axes.xaxis, "m/s")
        look.people_numbers(axes.yaxis, share=True)
        look.baseline_labels(axes)
        look.legend_above(axes)
        look.title(axes, self.finding(data), "Share of days by mean wind", source="Source: NOAA")

    @staticmethod
    def finding(data: dict[str, Floats]) -> str:
        """Say where the wind blows the hardest."""
        means = sorted(((wind.mean(), name) for name, wind in data.items()), reverse=True)
        if len(means) < 2:
            return "How hard the wind blows"
        (most, windy), *_, (least, calm) = means
        return f"{plain(windy)} is windier than {plain(calm)}: {most:.1f} against {least:.1f} m/s on average"


class MonthlyHighs(CitiesChart):
    """Nested boxes a month: how the daily highs are distributed in each city."""

    kind = "months"
    about = (
        "The widest box of a month holds the middle half of its days, the next ones half of what is left, and so on; "
        "the line is the middle day. Drawn by seaborn, whose axes draw() hands back."
    )

    class Meta:
        verbose_name = "highs by month"
        verbose_name_plural = "highs by month"

    def get_data(self) -> "pd.DataFrame":
        import pandas as pd

        rows = Observation.objects.order_by("-station__latitude", "date").values_list(
            "station__name", "date__month", "temp_max"
        )
        return pd.DataFrame(list(rows), columns=["city", "month", "high"])

    def draw(self, figure: "Figure", data: "pd.DataFrame") -> "Axes":
        import seaborn as sns
        from matplotlib import rcParams

        axes = sns.boxenplot(
            data,
            x="month",
            y="high",
            hue="city",
            order=range(1, 13),
            palette=[f"C{number}" for number in range(data["city"].nunique())],
            saturation=1,
            width=0.8,
            gap=0.12,
            linewidth=0.72,
            linecolor=rcParams["axes.facecolor"],
            flier_kws={"s": 4, "color": rcParams["axes.labelcolor"]},
            ax=figure.subplots(),
        )
        self.draw_page(axes, data)
        return axes

    def draw_page(self, axes: "Axes", data: "pd.DataFrame") -> None:
        from charts.drawing import look

        axes.set(xlabel="", ylabel="")
        axes.yaxis.set_major_formatter("{x:.0f}°")
        self.name_months(axes, range(12))
        look.legend_above(axes)
        look.title(axes, self.finding(data), "Distribution of daily highs, °C", source="Source: NOAA")

    @staticmethod
    def finding(data: "pd.DataFrame") -> str:
        """Say in which months two cities differ the most."""
        medians = data.pivot_table(index="month", columns="city", values="high", aggfunc="median", sort=False)
        if medians.shape[1] != 2:
            return "How warm the days get, month by month"
        one, other = medians.columns
        apart = medians[other] - medians[one]
        month = apart.abs().idxmax()
        how = "warmer" if apart[month] > 0 else "colder"
        degrees = f"{abs(apart[month]):.0f} degrees {how}"
        return f"{calendar.month_name[month]} is {degrees} in {plain(other)} than in {plain(one)}"

    def get_alt_text(self, figure: "Figure", data: "pd.DataFrame") -> str:
        months = data.groupby(["city", "month"], sort=False)["high"].median()
        ranges = [
            f"in {city} from {climate.degrees(highs.min(), 0)} in {calendar.month_name[highs.idxmin()[1]]} "
            f"to {climate.degrees(highs.max(), 0)} in {calendar.month_name[highs.idxmax()[1]]}"
            for city, highs in months.groupby("city", sort=False)
        ]
        told = ", ".join(ranges)
        return f"{self.finding(data)}. Nested boxes for every month and city; the middle day’s high goes {told}."
