"""What the crisis of 2008 did to each sector's jobs: one small picture a sector, all on one scale."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from almanac.models.base import AlmanacChart
from almanac.models.sources import Employment, Sector
from charts.fields import ChartImageField
from charts.watches import Watch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BEFORE = date(2008, 1, 1)


@dataclass(frozen=True)
class Jobs:
    """Change of each sector's jobs since the crisis in percent, by the sector's name; shape (months,)."""

    months: list[date]
    changes: dict[str, NDArray[np.float64]]


class JobsBySector(AlmanacChart):
    """Twelve sectors, from the one that fell the furthest to the one that never did."""

    kind = "jobs"
    about = (
        "Every panel is a sector, and every line starts from the jobs there were in January 2008. Blue is more jobs "
        "than then, rust is fewer."
    )

    narrow = ChartImageField(size=(360, 620), themes=("light", "dark"), densities=(2,))

    watches: ClassVar[list[Watch]] = [Watch("almanac.Employment")]

    class Meta:
        verbose_name = "jobs by sector"
        verbose_name_plural = "jobs by sector"

    def get_data(self) -> Jobs | None:
        rows = Employment.objects.order_by("month").values_list("sector", "month", "thousands")
        series: dict[str, dict[date, float]] = {}
        for sector, month, thousands in rows:
            series.setdefault(Sector(sector).label, {})[month] = thousands
        whole = {name: jobs for name, jobs in series.items() if BEFORE in jobs}
        months = sorted(set.intersection(*map(set, whole.values()))) if whole else []
        changes = {
            name: np.array([100 * (jobs[month] / jobs[BEFORE] - 1) for month in months]) for name, jobs in whole.items()
        }
        # The deepest fall comes first: that is what one looks for.
        order = sorted(changes, key=lambda name: changes[name].min())
        return Jobs(months, {name: changes[name] for name in order}) if whole else None

    def draw(self, figure: "Figure", data: Jobs | None) -> None:
        if data is None:
            figure.text(0.5, 0.5, "No jobs have been counted yet", ha="center")
            return
        columns = 2 if figure.get_figwidth() < 5 else 4
        rows = -(-len(data.changes) // columns)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for panel, (name, changes) in zip(panels.flat, data.changes.items(), strict=False):
            self.draw_sector(panel, name, data.months, changes)
        for panel in panels.flat[len(data.changes) :]:
            panel.remove()
        self.draw_page(figure, panels[0, 0], data)

    def draw_sector(self, panel: "Axes", name: str, months: list[date], changes: NDArray[np.float64]) -> None:
        from matplotlib import rcParams

        panel.fill_between(months, changes, 0, where=changes > 0, interpolate=True, color="C0", alpha=0.3, linewidth=0)
        panel.fill_between(months, changes, 0, where=changes < 0, interpolate=True, color="C1", alpha=0.4, linewidth=0)
        panel.plot(months, changes, color=rcParams["text.color"], linewidth=1.1)
        panel.axhline(0, color=rcParams["axes.labelcolor"], linewidth=0.72)
        panel.set_title(f"{name} {self.signed(changes[-1])}", fontsize=9, fontweight="normal", pad=3)
        panel.spines["bottom"].set_visible(False)
        panel.tick_params(axis="x", length=0)

    @staticmethod
    def signed(change: float) -> str:
        """Write a change in whole percent: +18 %, −11 %, 0 %."""
        return f"{round(change):+d} %".replace("-", "−").replace("+0", "0")

    def draw_page(self, figure: "Figure", panel: "Axes", data: Jobs) -> None:
        from matplotlib import rcParams
        from matplotlib.dates import DateFormatter, YearLocator

        from charts.drawing import look

        figure.get_layout_engine().set(w_pad=0.07, h_pad=0.07, wspace=0, hspace=0)
        panel.margins(x=0)
        panel.set_yticks([-20, 0, 20])
        look.people_numbers(panel.yaxis, "%")
        panel.xaxis.set_major_locator(YearLocator(5))
        panel.xaxis.set_major_formatter(DateFormatter("%Y"))
        figure.suptitle(self.finding(data), x=0.02, ha="left", wrap=True)
        note = "Jobs since January 2008, percent\nSource: Bureau of Labor Statistics"
        figure.supxlabel(note, x=0.02, ha="left", fontsize=8.5, color=rcParams["axes.labelcolor"])

    @staticmethod
    def finding(data: Jobs) -> str:
        """Say which sector lost the most, and whether it has it back."""
        name, changes = next(iter(data.changes.items()))
        lost, short = f"{name} lost {-changes.min():.0f} % of its jobs", -round(changes[-1])
        return (
            f"{lost} and was still {short} % short in {data.months[-1].year}"
            if short > 0
            else f"{lost} and won them back"
        )
