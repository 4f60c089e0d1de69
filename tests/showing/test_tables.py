"""The table behind a picture: what was published with it, in the reader's language, for readers of every kind."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.template import Context, Template
from django.utils import translation

from charts import tables
from charts.markup import cells
from tests.shop.models import MonthlyRevenue, Order

UTC_ZONE = ZoneInfo("UTC")


def shown(*values: object, language: str = "en", zone: Any = UTC_ZONE) -> list[str]:
    """Return how the cells of a column are written, after a journey through a CSV file."""
    table = tables.from_csv(tables.to_csv(tables.Table(("x",), tuple((value,) for value in values))))
    with translation.override(language):
        (column,) = cells.columns(table.rows, zone)
        return [column.write(str(cell)) if cell else "" for (cell,) in table.rows]


# Cells


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("en", ["1,234.5", "-98,765"]), ("de", ["1.234,5", "-98.765"]), ("fr", ["1\xa0234,5", "-98\xa0765"])],
)
def test_numbers_are_said_in_the_readers_language(language: str, wanted: list[str]) -> None:
    assert shown(1234.5, -98765, language=language) == wanted


def test_years_stay_years() -> None:
    assert shown(2015, 1998) == ["2015", "1998"]
    assert shown(9999, 10000) == ["9,999", "10,000"]


def test_the_noise_of_floats_is_left_out_and_what_was_meant_is_not() -> None:
    assert shown(0.1 + 0.2, 0.1 + 0.7) == ["0.3", "0.8"]
    assert shown("12.50") == ["12.50"]
    assert shown(12345678901234567890) == ["12,345,678,901,234,567,890"]


def test_very_large_and_very_small_numbers_keep_their_exponent() -> None:
    assert shown(1e300, 2.5e-300, 1e-7) == ["1e300", "2.5e-300", "0.0000001"]


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (["2024-01-31", "2024-02-01"], ["Jan. 31, 2024", "Feb. 1, 2024"]),
        (["2024-01-01", "2024-02-01"], ["January 2024", "February 2024"]),
        (["2023-01-01", "2024-01-01"], ["2023", "2024"]),
        (["2024-01-01"], ["Jan. 1, 2024"]),
    ],
)
def test_dates_are_said_as_exactly_as_they_are(days: list[str], wanted: list[str]) -> None:
    assert shown(*days) == [f'<time datetime="{day}">{said}</time>' for day, said in zip(days, wanted, strict=True)]


def test_times_are_those_of_the_picture() -> None:
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    (said,) = shown(noon, zone=ZoneInfo("Europe/Berlin"))
    assert said == '<time datetime="2024-07-01T12:00:00+00:00">July 1, 2024, 2 p.m.</time>'
    assert shown(noon.replace(tzinfo=None)) == ['<time datetime="2024-07-01T12:00:00">July 1, 2024, noon</time>']


def test_yes_and_no_are_words() -> None:
    assert shown(True, False, None) == ["yes", "no", ""]


@pytest.mark.parametrize("text", ["007x", "1,2", "2024-02-30", "2024-13-01", "12:30", "<b>", "1e", "--1", "٣"])
def test_what_is_neither_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == [text.replace("<", "&lt;").replace(">", "&gt;")]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_no_cell_that_strangers_wrote_breaks_a_table(zone: str) -> None:
    digits = "9" * 5000
    numbers = ["1e999", "1.2345678901234567e400", f"1e{digits}", digits, f"1.{digits}", "0." + "1" * 400, "-0"]
    times = ["0001-01-01 00:00:00+00:00", "9999-12-31 23:59:59+00:00", "2024-01-01 25:00", "2024-01-01 10:00+99:99"]
    for first in (*numbers, *times):
        for second in (first, "1", "2024-01-01 10:00"):
            assert len(shown(first, second, zone=ZoneInfo(zone))) == 2
    assert shown("1.2345678901234567e400") == ["1.23456789012346e400"]
    assert shown(digits) == [digits]


def test_one_text_makes_a_column_of_texts() -> None:
    assert shown(1, "n/a", 20000) == ["1", "n/a", "20000"]


# The table


def written(chart: Any, arguments: str = "") -> str:
    return Template("{% load charts %}{% chart_table chart " + arguments + " %}").render(Context({"chart": chart}))


@pytest.mark.django_db(transaction=True)
def test_the_table_has_headings_rows_and_a_link_to_all_of_it(revenue: MonthlyRevenue) -> None:
    html = written(revenue, 'class="wide"')
    assert html.startswith('<details class="wide"><summary>Numbers behind this picture</summary>')
    assert html.count('<th scope="col"') == 2
    assert html.count('<th scope="row"') == html.count("<td") == 12
    assert '<td class="chart-table-number">12,400</td>' in html
    assert f'href="{revenue.image.variant(format="csv").url}" download="monthlyrevenue-{revenue.pk}.csv"' in html
    assert f"<caption>{revenue.alt.partition('. ')[0]}.</caption>" in html


@pytest.mark.django_db(transaction=True)
def test_a_long_table_is_cut_and_says_so(revenue: MonthlyRevenue) -> None:
    html = written(revenue, 'rows=3 open=True caption="Orders" summary="All"')
    assert html.count('<th scope="row"') == 3
    assert "<p>The first 3 of 12 rows; the file has all.</p>" in html
    assert html.startswith('<details class="chart-table" open><summary>All</summary>')
    assert "<caption>Orders</caption>" in html


@pytest.mark.django_db(transaction=True)
def test_a_wide_table_is_cut_too(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"c{n}" for n in range(5000)], *([n] * 5000 for n in range(9))]
    monkeypatch.setattr(MonthlyRevenue, "get_table", lambda self, data: rows)
    revenue.render(force=True)
    html = written(revenue)
    assert html.count('<th scope="row"') == 4
    assert "<p>The first 4 of 9 rows; the file has all.</p>" in html


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_cut_off_or_not_ours_breaks_no_page(revenue: MonthlyRevenue) -> None:
    path = Path(revenue.image.storage.path(revenue.image.variant(format="csv").name))
    for content in (b"a,b\r\n1,2\r\n3", b"a,b\r\n1,2,3\r\n\r\n", b"a\r\n\x00", b"\xff\xfe", b'a\r\n"' + b"x" * 200_000):
        path.write_bytes(content)
        cache.clear()
        assert "Download as CSV" in written(revenue), content


@pytest.mark.django_db(transaction=True)
def test_the_table_is_that_of_the_picture_until_the_next_is_published(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    Order.objects.filter(month=12).update(total=777777)
    before = written(revenue)
    assert "777,777" not in before
    revenue.render(force=True)
    assert "777,777" in written(revenue)


@pytest.mark.django_db(transaction=True)
def test_the_file_is_opened_once(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    storage = revenue.image.storage
    find = storage.open
    monkeypatch.setattr(
        storage._wrapped, "open", lambda name, mode="rb": opened.append(name) or find(name, mode), raising=False
    )
    assert written(revenue) == written(revenue)
    assert opened == [revenue.image.variant(format="csv").name]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", ["get", "set"])
def test_a_cache_that_fails_is_done_without(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(cache, call, lambda *args: 1 / 0)
    assert "12,400" in written(revenue)


@pytest.mark.django_db(transaction=True)
def test_a_field_without_csv_says_how_to_have_it(options: Any, revenue: MonthlyRevenue) -> None:
    options(formats=("png", "svg"))
    with pytest.raises(ValueError, match=re.escape("has no table: declare it with formats=('png', 'svg', 'csv').")):
        written(revenue)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["never drawn", "drawn before", "lost"])
def test_a_table_that_is_not_there_breaks_no_page(
    revenue: MonthlyRevenue, options: Any, settings: Any, state: str
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart: Any = revenue
    if state == "never drawn":
        chart = MonthlyRevenue.objects.create(region=revenue.region)
    elif state == "drawn before":
        options(formats=("webp", "png", "csv"))
    else:
        Path(chart.image.storage.path(chart.image.variant(format="csv").name)).unlink()
    html = written(chart)
    assert "<p>The numbers behind this picture are not there yet.</p>" in html
    assert "Download as CSV" in html


@pytest.mark.django_db(transaction=True)
def test_words_from_strangers_are_escaped(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<script>alert(1)</script>"
    monkeypatch.setattr(MonthlyRevenue, "get_table", lambda self, data: [(evil, "n"), (evil, 1), (evil, 2)])
    monkeypatch.setattr(MonthlyRevenue, "get_alt_text", lambda self, figure, data: evil)
    revenue.render(force=True)
    assert "<script>" not in written(revenue)


@pytest.mark.django_db(transaction=True)
def test_a_table_without_rows_has_its_headings(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue, "get_table", lambda self, data: (("month", "total"), []))
    revenue.render(force=True)
    assert written(revenue).count('<th scope="col">') == 2
