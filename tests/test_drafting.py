"""Drawing a chart's files: what draw() may not do to them, and what is made of what hooks return."""

from datetime import UTC, datetime
from typing import Any

import pytest

from charts.exceptions import RenderError
from tests.shop.models import Portrait, Scripted

pytestmark = pytest.mark.django_db(transaction=True)


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
