"""Sixty years of carbon dioxide, and how fast it rose in each decade."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from almanac.models.base import AlmanacChart
from almanac.models.sources import CarbonDioxide
from charts.watches import Watch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Air:
    """Parts per million by month, as measured and freed of the seasons; shape (months,)."""

    months: list[date]
    measured: NDArray[np.float64]
    adjusted: NDArray[np.float64]

    def pace(self, decade: int) -> float:
        """Fit a straight line to a decade's months; return its slope in ppm a year, NaN under five years of months."""
        years = np.array([month.year + (month.month - 0.5) / 12 for month in self.months])
        chosen = (years >= decade) & (years < decade + 10)
        return float(np.polyfit(years[chosen], self.adjusted[chosen], 1)[0]) if chosen.sum() >= 60 else np.nan

    @property
    def paces(self) -> dict[int, float]:
        """The pace of every decade that is known for five years or more."""
        decades = sorted({month.year // 10 * 10 for month in self.months})
        paces = {decade: self.pace(decade) for decade in decades}
        return {decade: pace for decade, pace in paces.items() if np.isfinite(pace)}


class CarbonDioxideCurve(AlmanacChart):
    """The Keeling curve."""

    kind = "carbon-dioxide"
    about = (
        "The thin line is every month as it was measured, the thick one is freed of the seasons: plants take carbon "
        "dioxide from the air in summer and give it back in winter."
    )

    watches: ClassVar[list[Watch]] = [Watch("almanac.CarbonDioxide")]

    class Meta:
        verbose_name = "carbon dioxide"
        verbose_name_plural = "carbon dioxide"

    def get_data(self) -> Air | None:
        rows = list(CarbonDioxide.objects.order_by("month").values_list("month", "measured", "adjusted"))
        if not rows:
            return None
        months, measured, adjusted = zip(*rows, strict=True)
        return Air(list(months), np.array(measured), np.array(adjusted))

    def draw(self, figure: "Figure", data: Air | None) -> None:
        if data is None:
            figure.text(0.5, 0.5, "No air has been measured yet", ha="center")
            return
        axes = figure.subplots()
        axes.plot(data.months, data.measured, color="C0", linewidth=0.9, alpha=0.6, label="As measured")
        axes.plot(data.months, data.adjusted, color="C1", linewidth=2, label="Without the seasons")
        if not self.is_small(axes):
            self.draw_paces(axes, data)
        self.draw_page(axes, data)

    def draw_paces(self, axes: "Axes", data: Air) -> None:
        """Write each decade's pace under the curve, where the decade is."""
        from matplotlib import rcParams

        for decade, pace in data.paces.items():
            middle = date(decade + 5, 1, 1)
            if data.months[0] <= middle <= data.months[-1]:
                height = data.adjusted[min(range(len(data.months)), key=lambda n: abs((data.months[n] - middle).days))]
                axes.annotate(
                    f"+{pace:.1f} a year",
                    (middle, height),
                    xytext=(8, -16),
                    textcoords="offset points",
                    fontsize=9,
                    color=rcParams["axes.labelcolor"],
                )

    def draw_page(self, axes: "Axes", data: Air) -> None:
        from charts.drawing import look

        look.people_numbers(axes.yaxis, "ppm")
        look.fewer_ticks(axes)
        look.baseline_labels(axes)
        look.legend_above(axes)
        subtitle = "Carbon dioxide over Mauna Loa, parts per million"
        look.title(axes, self.finding(data), subtitle, source="Source: NOAA, Scripps Institution of Oceanography")

    @staticmethod
    def finding(data: Air) -> str:
        """Say how the newest decade's pace compares with the first one's."""
        first, *_, last = data.paces.items() or [(0, np.nan)]
        if first == last:
            return f"The air holds {data.adjusted[-1]:.0f} parts of CO₂ in a million"
        return f"CO₂ rose by {last[1]:.1f} ppm a year in the {last[0]}s, by {first[1]:.1f} in the {first[0]}s"
