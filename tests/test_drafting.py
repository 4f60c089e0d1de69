"""Drawing a chart's files: what draw() may not do to them, and what is made of what hooks return."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.template import Context, Template

from charts.exceptions import RenderError
from charts.fields import Options
from tests.shop.models import Portrait, Scripted

pytestmark = pytest.mark.django_db(transaction=True)


def with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the scripted charts a file of their numbers."""
    options = Options(size=(200, 120), densities=(1,), formats=("png", "csv"))
    monkeypatch.setattr(Scripted._meta.get_field("image"), "options", options)


def test_data_that_draw_changes_is_refused_before_the_next_theme_shows_something_else(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}

    def draw(self: Any, figure: Any, data: list[int]) -> None:
        data.append(9)
        figure.subplots().plot(data)

    monkeypatch.setattr(Portrait, "get_data", lambda self: [3, 1, 2])
    monkeypatch.setattr(Portrait, "draw", draw)
    with pytest.raises(RenderError, match=r"draw\(\) has changed its data"):
        Portrait.objects.create().render()


def test_an_alternative_text_that_is_none_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "get_alt_text", lambda self, figure, data: None)
    chart = Scripted.objects.create()
    chart.refresh_from_db()
    assert chart.image
    assert chart.alt == ""


def test_aware_times_are_shown_in_the_charts_zone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    hours = [datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in range(4)]

    def draw(self: Any, figure: Any, data: Any) -> None:
        figure.subplots().plot(data, [0, 1, 2, 3])

    monkeypatch.setattr(Scripted, "get_data", lambda self: hours)
    monkeypatch.setattr(Scripted, "draw", draw)
    chart = Scripted.objects.create()
    chart.refresh_from_db()
    assert "09:00" in chart.alt, chart.alt


def test_a_draw_that_has_nothing_to_draw_is_a_picture_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "draw", lambda self, figure, data: None)
    chart = Scripted.objects.create()
    chart.refresh_from_db()
    assert chart.image
    assert chart.error == ""
    assert chart.alt == "Empty chart: nothing is drawn."
    assert "draw() drew nothing" in chart.job.warnings[0]


@pytest.mark.parametrize("hook", ["draw", "draw_image", "get_alt_text", "get_table"])
def test_a_query_whose_refusal_a_hook_has_caught_fails_the_draw_all_the_same(
    hook: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}

    def careless(self: Any, *args: Any) -> None:
        with suppress(Exception):
            Portrait.objects.count()
        if hook.startswith("draw"):
            args[0].subplots()

    with_numbers(monkeypatch)
    monkeypatch.setattr(Scripted, hook, careless, raising=False)
    chart = Scripted.objects.create()
    with pytest.raises(RenderError, match=rf"{hook}\(\) of .* made a query; load it in get_data\(\)"):
        chart.render()
    assert f"{hook}() of" in chart.error
    assert not Scripted.objects.get().image


def test_a_lazy_table_is_refused_by_the_name_of_its_hook(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    with_numbers(monkeypatch)
    monkeypatch.setattr(Scripted, "get_table", lambda self, data: Portrait.objects.values_list("pk", "alt"))
    with pytest.raises(RenderError, match=r"get_table\(\) of .* made a query; load it in get_data\(\)"):
        Scripted.objects.create().render()


@pytest.mark.parametrize("empty", [list, dict, tuple, lambda: iter(())], ids=["list", "dict", "tuple", "generator"])
def test_a_table_without_rows_is_an_empty_file(empty: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    with_numbers(monkeypatch)
    monkeypatch.setattr(Scripted, "get_table", lambda self, data: empty())
    chart = Scripted.objects.create()
    assert chart.render().status == "rendered"
    with chart.image.variant(format="csv").open() as file:
        assert file.read() == b""
    page = Template("{% load charts %}{% chart_table chart %}").render(Context({"chart": chart}))
    assert "not there yet" in page


def test_queries_of_others_who_share_the_connection_are_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the threads of a live server do, whose test has SQLite in memory."""
    shared = connections["default"]

    def ask() -> None:
        with shared.cursor() as cursor:
            cursor.execute("SELECT 1")

    def draw(self: Any, figure: Any, data: Any) -> None:
        figure.subplots()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(ask).result()

    monkeypatch.setattr(Scripted, "draw", draw)
    shared.inc_thread_sharing()
    try:
        assert Scripted.objects.create().render(force=True).status == "rendered"
    finally:
        shared.dec_thread_sharing()
