"""The pages of stations: what they observed, the form that changes it, and the pictures that follow."""

from datetime import date
from typing import Any

from chartsite.pages import all_of, chart_of_kind, chart_page
from django.contrib import messages
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from weather.forms import DayForm, ObservationForm
from weather.models import CHARTS, CITIES, Observation, Station

SHOWN_DAYS = 10


def station(request: HttpRequest, station: str) -> HttpResponse:
    """Show a station, and save what the visitor says was observed there."""
    place = get_object_or_404(Station, slug=station)
    span = place.observations.aggregate(first=Min("date"), last=Max("date"))
    if span["first"] is None:
        return render(request, "weather/station.html", station_page(place))
    choose = DayForm({"day": request.GET.get("day", span["last"])}, **span)
    observation = observation_of(place, choose.cleaned_data["day"] if choose.is_valid() else span["last"])
    form = ObservationForm(request.POST or None, instance=observation)
    if request.method == "POST" and choose.is_valid() and form.is_valid():
        form.save()
        messages.success(request, f"{observation} is saved, and every picture that shows it is drawn again.")
        return redirect(f"{place.get_absolute_url()}?day={observation.date}")
    context = station_page(place) | {"choose": choose, "form": form, "day": observation.date}
    return render(request, "weather/station.html", context, status=422 if request.method == "POST" else 200)


def observation_of(station: Station, day: date) -> Observation:
    """Find what was observed on a day, or start a new observation of it."""
    return station.observations.filter(date=day).first() or Observation(station=station, date=day)


def station_page(station: Station) -> dict[str, Any]:
    """Gather what the station's page shows beside its forms."""
    return {
        "station": station,
        "stations": Station.objects.all(),
        "records": station.records(),
        "charts": all_of(CHARTS, station=station),
        "observations": station.observations.all()[:SHOWN_DAYS],
    }


def chart(request: HttpRequest, station: str, kind: str) -> HttpResponse:
    """Show one of a station's charts, and what is known of its picture."""
    shown = chart_of_kind(CHARTS, kind, station__slug=station)
    return render(request, "chart.html", chart_page(shown) | {"station": shown.station})


def cities(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a chart of all stations, and what is known of its picture."""
    return render(request, "chart.html", chart_page(chart_of_kind(CITIES, kind)))
