"""The almanac's pages: one for each picture."""

from chartsite.pages import chart_of_kind, chart_page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from almanac.models import CHARTS


def chart(request: HttpRequest, kind: str) -> HttpResponse:
    """Show one picture, and what is known of it."""
    return render(request, "chart.html", chart_page(chart_of_kind(CHARTS, kind)))
