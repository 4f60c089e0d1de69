"""Drawing a chart's files in memory: one figure for each field and theme, every density and format from it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import get_ident
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.utils import timezone

from charts import fingerprints, tables
from charts.conf import config
from charts.exceptions import DrawError
from charts.fields import ChartImageField, Look, Options, chart_fields
from charts.ledger import ChartKey

if TYPE_CHECKING:
    from charts.drawing.figures import Drawing

CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


@dataclass(kw_only=True)
class Drawn:
    """The files of a chart's pictures, in memory, and what is said of them.

    Attributes:
        contents: each field's files.
        size: (width, height) of `image` in CSS pixels.
        alt: its text for those who do not see it.
        warnings: what matplotlib warned of, a sentence each.
    """

    contents: dict[ChartImageField, dict[Look, bytes]] = field(default_factory=dict)
    size: tuple[int, int] = (0, 0)
    alt: str = ""
    warnings: list[str] = field(default_factory=list)


class Refusals:
    """The queries that were refused while a figure was drawn and described.

    Attributes:
        hook: whose call they are refused in, as its author calls it.
    """

    def __init__(self, chart: Any, hook: str) -> None:
        self.chart, self.hook = chart, hook
        self._first: DrawError | None = None

    def refuse(self, sql: Any) -> DrawError:
        """Return what to raise instead of a query."""
        key = ChartKey.of(self.chart)
        error = DrawError(f"{self.hook} of {key} made a query; load it in get_data(): {str(sql)[:200]}")
        self._first = self._first or error
        return error

    def check(self) -> None:
        """Raise what a hook has caught: what it drew instead is not what the data says."""
        if self._first is not None:
            raise self._first


# Those of the figure at hand.
_refusals: ContextVar[Refusals | None] = ContextVar("charts_refusals", default=None)


@contextmanager
def no_queries(chart: Any, hook: str) -> Iterator[Refusals]:
    """Refuse queries: drawing holds a lock, and what it read would be in no digest.

    Raises:
        DrawError: a query was refused, also if the hook that made it minds no errors.
    """
    here, refusals = get_ident(), Refusals(chart, hook)

    def refuse(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if get_ident() != here:  # a live server's, which shares a test's connection to SQLite in memory
            return execute(sql, params, many, context)
        raise refusals.refuse(sql)

    token = _refusals.set(refusals)
    try:
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(refuse))
            yield refusals
    finally:
        _refusals.reset(token)
    refusals.check()


@contextmanager
def _within(hook: str) -> Iterator[None]:
    """Name another hook than the one that draws as the one that runs."""
    refusals = _refusals.get()
    if refusals is None:
        yield
        return
    before, refusals.hook = refusals.hook, hook
    try:
        yield
    finally:
        refusals.hook = before


@contextmanager
def canvas(chart: Any, data: Any, picture: ChartImageField, theme: str) -> Iterator["Drawing"]:
    """Draw one figure, and hold it until the block ends; queries are refused meanwhile.

    Args:
        chart: as `read` gave it, in its own locale.
        data: what `get_data` returned.
        picture: one of its fields.
        theme: one of the field's.
    """
    from charts.drawing import figures, themes

    own = getattr(chart, f"draw_{picture.name}", None)
    hook = own or chart.draw
    options = picture.options

    def draw_once(figure: Any) -> Any:
        result = hook(figure, data)
        refusals.check()
        return result

    drawing = figures.drawn(
        draw_once,
        size=chart.get_size(picture),
        layout=options.layout,
        transparent=options.transparent,
        theme=themes.resolve(theme, extra=config().themes),
        max_pixels=config().max_pixels,
        densities=options.densities,
        timezone=timezone.get_current_timezone(),
    )
    with no_queries(chart, f"draw_{picture.name}()" if own else "draw()") as refusals, drawing as drawn:
        yield drawn


def draw(
    chart: Any,
    data: Any,
    step: Callable[[str], None] = lambda done: None,
    looks: Callable[[Options], Iterable[Look]] = Options.looks,
) -> Drawn:
    """Draw the files of all of a chart's pictures.

    Args:
        chart: as `read` gave it, in its own locale.
        data: what `get_data` returned.
        step: is told, before each step, what will have been done by it.
        looks: which files of a field are encoded; by default all.
    """
    drawn = Drawn()
    before = _print_of(chart, data)
    for picture in chart_fields(type(chart)):
        drawn.contents[picture] = {}
        for theme in picture.options.themes:
            if drawn.size != (0, 0) and _print_of(chart, data) != before:
                raise DrawError(
                    "draw() has changed its data, and the next theme would show something else: copy it first."
                )
            step(f"draw() drew it ({picture.name}, {theme})")
            with canvas(chart, data, picture, theme) as drawing:
                _take(chart, data, drawing, picture, theme, drawn, step, looks)
            drawn.warnings += drawing.warnings
    return drawn


def _print_of(chart: Any, data: Any) -> str:
    """Return a fingerprint of the data, where there is more than one figure to draw from it."""
    figures = [theme for picture in chart_fields(type(chart)) for theme in picture.options.themes]
    return fingerprints.digest(chart.get_fingerprint(data)) if len(figures) > 1 else ""


def _take(
    chart: Any,
    data: Any,
    drawing: "Drawing",
    picture: ChartImageField,
    theme: str,
    drawn: Drawn,
    step: Callable[[str], None],
    looks: Callable[[Options], Iterable[Look]],
) -> None:
    """Take from one figure what is to be had of it: files, and from the first of `image` its words and size."""
    first = theme == picture.options.themes[0]
    if first and picture.name == "image":
        step("get_alt_text() described it")
        with _within("get_alt_text()"):
            drawn.size, drawn.alt = drawing.size, clean(chart.get_alt_text(drawing.figure, data) or "")
    for look in looks(picture.options):
        if look.theme == theme:
            step(f"it was encoded ({picture.name}, {look})")
            drawn.contents[picture][look] = _encoded(drawing, look)
        elif not look.theme and first:
            step(f"get_table() gave its numbers ({picture.name}, {look})")
            with _within("get_table()"):
                drawn.contents[picture][look] = tables.to_csv(table_of(chart, data, drawing.figure))


def _encoded(drawing: "Drawing", look: Look) -> bytes:
    from charts.drawing import encoding

    return encoding.encode(drawing, format=look.format, density=look.density, png=config().png)


def table_of(chart: Any, data: Any, figure: Any) -> tables.Table:
    """Return the rows behind a picture: what `get_table()` says, else the data, else what was drawn."""
    chosen = chart.get_table(data)
    if chosen is not None:
        return tables.as_table(chosen)
    return tables.from_chart(data, figure) or tables.Table((), ())


def clean(text: str) -> str:
    """Remove what a database or an attribute cannot hold: control characters, NUL, lone surrogates."""
    return str(text).translate(CONTROL).encode("utf-8", "replace").decode()
