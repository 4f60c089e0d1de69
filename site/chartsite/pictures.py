"""What every picture of this site has: two sizes, light and dark, a name in addresses and a sentence under it."""

import calendar
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.text import capfirst

from charts.fields import ChartImageField
from charts.models import ChartModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Picture(ChartModel):
    """A chart of this site."""

    # What the chart is called in addresses, and the sentence under its picture.
    kind: ClassVar[str]
    about: ClassVar[str]

    image = ChartImageField(size=(800, 450), themes=("light", "dark"))
    # The same picture for phones: drawn again, not shrunk, so that its words can be read; their screens are dense.
    narrow = ChartImageField(size=(360, 440), themes=("light", "dark"), densities=(2,))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What the kind of chart is called."""
        return capfirst(str(self._meta.verbose_name))

    @staticmethod
    def is_small(axes: "Axes") -> bool:
        """Say whether the picture is the one for phones."""
        from charts.drawing import look

        return bool(axes.figure.get_figwidth() * 100 < look.SMALL)

    @classmethod
    def name_months(cls, axes: "Axes", middles: Sequence[Any]) -> None:
        """Write the months' names under their middles, or their initials where a name has no room."""
        from charts.drawing import look

        names = list(calendar.month_abbr)[1:]
        axes.set_xticks(middles, [name[0] for name in names] if cls.is_small(axes) else names)
        axes.tick_params(axis="x", length=0)
        look.baseline_labels(axes)
