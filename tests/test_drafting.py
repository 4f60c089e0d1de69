"""Drawing a chart's files: what draw() may not do to them, and what is made of what hooks return."""

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
