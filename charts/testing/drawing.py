"""What a chart looks like, in memory: its files, its words, its figure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connections

from charts import pipeline
from charts.fields import Look
from charts.ledger import ChartKey
from charts.markup import picture_field
from charts.models import ChartModel
from charts.testing.batches import is_unsaved

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True, eq=False)
class Rendered:
    """What a render of a chart would publish.

    Attributes:
        chart: the row that was drawn.
        data: what `get_data()` returned.
        size: (width, height) of `image` in CSS pixels.
        alt: its text for those who do not see it.
        warnings: what matplotlib warned of, a sentence each.
        contents: the bytes of each file, by field name and look.
    """

    chart: Any
    data: Any
    size: tuple[int, int]
    alt: str
    warnings: tuple[str, ...]
    contents: Mapping[str, Mapping[Look, bytes]] = field(repr=False)

    def file(
        self,
        *,
        field: str = "image",
        theme: str | None = None,
        density: float | None = None,
        format: str | None = None,
    ) -> bytes:
        """Return one file; the arguments are those of `chart.image.variant()`.

        Raises:
            ValueError: the picture has no such file; the message lists those it has.
        """
        picture = picture_field(self.chart, field)
        there = self.contents[field]
        return there[picture.look(theme=theme, density=density, format=format, among=there)]


def rendered(chart: ChartModel) -> Rendered:
    """Draw a chart as `render()` would, in memory: nothing is stored, no row is written.

    Args:
        chart: a saved chart is drawn as its row is in the database, its unsaved attributes are not; one that is not
            saved is drawn as it is.

    Raises:
        Exception: whatever its hooks raise, as it is.
    """
    with _ready(chart) as (row, data):
        drawing = pipeline.draw(row, data)
    contents = {
        picture.name: {look: files[look] for look in (picture.options.primary, *files)}
        for picture, files in drawing.contents.items()
    }
    return Rendered(
        chart=row,
        data=data,
        size=drawing.size,
        alt=drawing.alt,
        warnings=tuple(dict.fromkeys(drawing.warnings)),
        contents=contents,
    )


@contextmanager
def drawn(chart: ChartModel, *, field: str = "image", theme: str | None = None) -> Iterator["Figure"]:
    """Draw one picture of a chart and hand out its figure, laid out, with the theme in force until the block ends.

        with drawn(chart) as figure:
            assert figure.axes[0].get_title() == "Revenue, North"

    Args:
        chart: as for `rendered`.
        field: the name of a picture field.
        theme: one of the field's themes; by default its first.

    Raises:
        ValueError: the field has no such theme; the message lists those it has.
        Exception: whatever its hooks raise, as it is.
    """
    picture = picture_field(chart, field)
    themes = picture.options.themes
    if theme is not None and theme not in themes:
        raise ValueError(f"{picture} has no theme {theme!r}. Choices are: {', '.join(themes)}.")
    with (
        _ready(chart) as (row, data),
        pipeline.canvas(row, data, picture, theme or themes[0]) as drawing,
        _queries_allowed(),
    ):
        yield drawing.figure


@contextmanager
def _ready(chart: ChartModel) -> Iterator[tuple[Any, Any]]:
    """Give the row that is drawn and its data, in its language and time zone."""
    row = chart if is_unsaved(chart) else pipeline.read(ChartKey.of(chart))
    with pipeline.chart_locale(row):
        yield row, pipeline.get_data(row)


@contextmanager
def _queries_allowed() -> Iterator[None]:
    """Let a test query: only the hook may not."""
    refusing = [(connection, connection.execute_wrappers) for connection in connections.all()]
    for connection, _wrappers in refusing:
        connection.execute_wrappers = []
    try:
        yield
    finally:
        for connection, wrappers in refusing:
            connection.execute_wrappers = wrappers
