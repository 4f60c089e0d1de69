"""What Iowa's electricity is made of, year by year."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from almanac.models.base import AlmanacChart
from almanac.models.sources import Generation
from charts.drawing.text import plain
from charts.watches import Watch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Power:
    """Gigawatt-hours by source and year, largest source of the first year first; shape (years,) each."""

    years: list[int]
    sources: dict[str, NDArray[np.float64]]

    @property
    def total(self) -> NDArray[np.float64]:
        """All sources together, shape (years,)."""
        return np.sum(list(self.sources.values()), axis=0)


class ElectricityMix(AlmanacChart):
    """A stack of sources."""

    kind = "electricity"
    about = "Each layer is a source, as thick as the electricity that was made of it in the year."

    watches: ClassVar[list[Watch]] = [Watch("almanac.Generation")]

    class Meta:
        verbose_name = "electricity in Iowa"
        verbose_name_plural = "electricity in Iowa"

    def get_data(self) -> Power | None:
        rows = list(Generation.objects.order_by("year").values_list("source", "year", "gigawatt_hours"))
        years = sorted({year for _, year, _ in rows})
        amounts = {(source, year): amount for source, year, amount in rows}
        sources = {source: np.array([amounts.get((source, year), 0) for year in years]) for source, *_ in rows}
        order = sorted(sources, key=lambda source: -sources[source][0])
        return Power(years, {source: sources[source] for source in order}) if rows else None

    def draw(self, figure: "Figure", data: Power | None) -> None:
        from matplotlib import rcParams

        if data is None:
            figure.text(0.5, 0.5, "No electricity has been made yet", ha="center")
            return
        axes = figure.subplots()
        names = [plain(source) for source in data.sources]
        axes.stackplot(
            data.years, *data.sources.values(), labels=names, edgecolor=rcParams["axes.facecolor"], linewidth=0.72
        )
        self.draw_page(axes, data)

    def draw_page(self, axes: "Axes", data: Power) -> None:
        from matplotlib.ticker import MaxNLocator

        from charts.drawing import look

        axes.margins(x=0, y=0.08)
        axes.xaxis.set_major_locator(MaxNLocator(4 if self.is_small(axes) else 9, integer=True))
        look.people_numbers(axes.yaxis, "GWh")
        look.baseline_labels(axes)
        look.legend_above(axes)
        look.title(axes, self.finding(data), "Net generation in Iowa by source", source="Source: EIA")

    @staticmethod
    def finding(data: Power) -> str:
        """Say which source's share has grown the most."""
        shares = {source: amounts / data.total for source, amounts in data.sources.items()}
        grown = max(shares, key=lambda source: shares[source][-1] - shares[source][0])
        first, last = shares[grown][[0, -1]]
        return f"{plain(grown)} grew from {first:.0%} to {last:.0%} of Iowa’s electricity".replace("%", " %")
