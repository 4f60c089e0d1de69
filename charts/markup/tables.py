"""The numbers behind a picture as a table that everybody can read, from the `csv` file that was published with it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from charts import tables
from charts.fields import EXTENSIONS, ChartImageField, Look
from charts.ledger import ChartKey
from charts.markup import cells
from charts.markup.addresses import Addresses, version_of
from charts.markup.attributes import flat
from charts.markup.cells import Column
from charts.markup.subjects import file_name, picture_field, require_row
from charts.tables import Table

logger = logging.getLogger("charts")

CSV = Look("", 1, "csv")
# Rows that a page shows, and cells whatever the rows; the file has all.
ROWS, CELLS = 500, 20_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first rows of a table, and how many it has."""

    table: Table
    total: int


def table(
    chart: Any,
    *,
    field: str = "image",
    summary: str | None = None,
    caption: str | None = None,
    rows: int = ROWS,
    attrs: Mapping[str, Any] | None = None,
) -> SafeString:
    """Return the numbers behind a picture: a table that unfolds, and a link to all of it.

    It is what was published with the picture, so it agrees with it. Reading it opens one file; Django's cache
    remembers it under the file's name, which is never used again.

    Args:
        chart: a saved chart.
        field: its picture field's name; `formats` must have `"csv"`.
        summary: what is said while it is folded.
        caption: the table's caption; by default the first sentence of the alternative text.
        rows: how many are shown, of wide tables fewer.
        attrs: attributes of the `<details>`.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, its field has no csv, or `rows` is no number.
    """
    picture = picture_field(chart, field)
    require_row(chart)
    if CSV.format not in picture.options.formats:
        formats = (*picture.options.formats, CSV.format)
        raise ValueError(f"{picture.model._meta.label}.{field} has no table: declare it with formats={formats!r}.")
    addresses = Addresses(chart, picture)
    sheet = _sheet(chart, picture, addresses, max(0, int(rows)))
    body = _missing() if sheet is None else _written(sheet, chart, _caption(chart) if caption is None else caption)
    outer = {"class": "chart-table", **dict(attrs or {})}
    said = escape(summary or _("Numbers behind this picture"))
    html = f"<details{flat(outer)}><summary>{said}</summary>{body}{_download(chart, addresses)}</details>"
    return mark_safe(html)  # noqa: S308  (escaped piece by piece)


def _sheet(chart: Any, field: ChartImageField, addresses: Addresses, rows: int) -> Sheet | None:
    """Return the rows to show; None if there is no file yet, or it cannot be read."""
    name = addresses.names.get(CSV)
    if not name:
        return None
    key = f"charts.rows.{version_of(name)}.{rows}"
    try:
        found: Sheet | None = _tried(cache.get, key)
        if found is None:
            found = _read(field, name, rows)
            _tried(cache.set, key, found)
    except Exception:  # a storage may raise anything; the picture is still there
        logger.exception("The table of %s could not be read.", ChartKey.of(chart))
        return None
    return found


def _tried(call: Callable[..., Any], *args: Any) -> Any:
    """Return what a call to the cache gives; None if the cache is out of order."""
    try:
        return call(*args)
    except Exception:
        logger.exception("The cache could not be used.")
        return None


def _read(field: ChartImageField, name: str, rows: int) -> Sheet:
    with field.storage.open(name) as file:
        first, total = tables.first_rows(file.read(), rows)
    most = max(1, CELLS // max(1, len(first.columns)))
    return Sheet(Table(first.columns, first.rows[:most]), total)


def _missing() -> str:
    return f"<p>{escape(_('The numbers behind this picture are not there yet.'))}</p>"


def _caption(chart: Any) -> str:
    first, dot, _rest = str(chart.alt).partition(". ")
    return first + "." if dot else first


def _written(sheet: Sheet, chart: Any, caption: str) -> str:
    names, rows = sheet.table.columns, sheet.table.rows
    if not names:
        return _missing()
    columns = cells.columns(rows, chart.get_timezone()) or [Column() for _name in names]
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join([_cell("th", "col", escape(name), column) for name, column in zip(names, columns, strict=True)])
    body = "".join([_row(row, columns) for row in rows])
    label = escape(caption or _("Numbers behind this picture"))  # regions of a page are told apart by their names
    # Wide tables scroll by themselves; who has no mouse must be able to reach them.
    return (
        f'<div class="chart-table-scroll" role="region" aria-label="{label}" tabindex="0"><table>{said}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{_rest(sheet)}"
    )


def _row(row: tuple[object, ...], columns: list[Column]) -> str:
    """Return a row; its first cell says what the others are about."""
    written = [column.write(str(cell)) if cell != "" else "" for cell, column in zip(row, columns, strict=True)]
    tags = ["th" if len(row) > 1 else "td", *["td"] * len(row)]
    return f"<tr>{''.join(map(_cell, tags, ['row'] * len(row), written, columns))}</tr>"


def _cell(tag: str, scope: str, content: str, column: Column) -> str:
    style = ' class="chart-table-number"' if column.is_number else ""
    scope = f' scope="{scope}"' if tag == "th" else ""
    return f"<{tag}{scope}{style}>{content}</{tag}>"


def _rest(sheet: Sheet) -> str:
    shown = len(sheet.table.rows)
    if shown >= sheet.total:
        return ""
    said = _("The first %(shown)d of %(total)d rows; the file has all.") % {"shown": shown, "total": sheet.total}
    return f"<p>{escape(said)}</p>"


def _download(chart: Any, addresses: Addresses) -> str:
    link = flat({"href": addresses.of(CSV), "download": file_name(chart, EXTENSIONS[CSV.format])})
    return f"<p><a{link}>{escape(_('Download as CSV'))}</a></p>"
