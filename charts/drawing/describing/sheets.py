"""Tables that were drawn as one, told by their size and headings; read for alt texts and for CSV files alike.

Imports matplotlib: only imported when a figure is described or read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from charts.drawing.describing.marks import Frame, Mark, Telling
from charts.drawing.describing.messages import Voice
from charts.drawing.describing.wording import plain

_ROW_LABELS = -1  # the column that matplotlib keeps them in


@dataclass(kw_only=True)
class Sheet(Mark):
    """A table of texts: its headings, "" for a column that has none, and how many rows are below them."""

    headings: tuple[str, ...] = ()
    rows: int = 0
    kind: str = "table"


def read_cells(table: Any) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a matplotlib table as they are written, row labels first.

    Headings are empty where there are none; cells that do not exist are empty texts.
    """
    texts = {place: str(cell.get_text().get_text()) for place, cell in table.get_celld().items()}
    across = sorted({column for _, column in texts})
    headed = _is_headed(list(texts))
    rows = [[texts.get((row, column), "") for column in across] for row in sorted({row for row, _ in texts})]
    return (rows[0], rows[1:]) if headed else ([""] * len(across), rows)


def _is_headed(places: Sequence[tuple[int, int]]) -> bool:
    """Return whether row 0 has the headings: it is made last, and has no label where other rows have one."""
    labelled = {row for row, column in places if column == _ROW_LABELS}
    return bool(places) and (places[0][0] > 0 or (bool(labelled) and 0 not in labelled))


def read_sheets(axes: Any, frame: Frame) -> list[Mark]:
    """Return the tables of an axes."""
    marks: list[Mark] = []
    for table in axes.tables:
        headings, rows = read_cells(table)
        labelled = any(column == _ROW_LABELS for _, column in table.get_celld())
        if table.get_visible() and headings:
            told = tuple(plain(heading) for heading in headings[1 if labelled else 0 :])
            marks.append(Sheet(frame=frame, headings=told, rows=len(rows)))
    return marks


def sheet_intro(mark: Sheet, voice: Voice) -> str:
    """Return "table with 5 rows and 3 columns"."""
    sizes = ((mark.rows, "rows"), (len(mark.headings), "columns"))
    parts = [voice.count_of(word, count) for count, word in sizes]
    return voice.say("table_size", table=voice.say("kind_table"), sizes=voice.join(parts))


def clauses(marks: Sequence[Sheet], telling: Telling) -> Iterator[str]:
    """Yield the headings."""
    for mark in marks:
        if any(mark.headings):
            yield telling.voice.some([heading for heading in mark.headings if heading], telling.names_told)
