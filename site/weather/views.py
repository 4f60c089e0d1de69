"""The demo's pages: they read rows and hand them to templates; no view draws anything."""

import inspect
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from weather.forms import DayForm, ObservationForm
from weather.models import CHARTS, Observation, Station, StationChart

SHOWN_DAYS = 10


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every station with every chart of it."""
    stations = Station.objects.all()
    walls = [wall(station) for station in stations]
    context = {"walls": walls, "stations": stations, "days": Observation.objects.count()}
    return render(request, "weather/gallery.html", context)


def wall(station: Station) -> dict[str, Any]:
    """Gather what the gallery shows of a station: one chart large, the others beside it."""
    first, *others = charts_of(station) or [None]
    return {"station": station, "records": station.records(), "first": first, "others": others}


def charts_of(station: Station) -> list[Any]:
    """Load the station's charts, one of each kind, in the order of `CHARTS`."""
    return [chart for model in CHARTS for chart in model.objects.filter(station=station).select_related("station")]


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
        "charts": charts_of(station),
        "observations": station.observations.all()[:SHOWN_DAYS],
    }


def chart(request: HttpRequest, station: str, kind: str) -> HttpResponse:
    """Show one chart, and what is known of its picture."""
    models = {model.kind: model for model in CHARTS}
    if kind not in models:
        raise Http404(f"There is no chart of the kind {kind!r}. Kinds are: {', '.join(models)}.")
    shown = get_object_or_404(models[kind].objects.select_related("station"), station__slug=station)
    return render(request, "weather/chart.html", chart_page(shown))


def chart_page(chart: StationChart) -> dict[str, Any]:
    """Gather what the chart's page shows: its row, its job, its files and its code."""
    job = chart.job
    problem = job.error.partition("\n")[0] if job else ""
    return {
        "chart": chart,
        "station": chart.station,
        "stations": Station.objects.all(),
        "job": job,
        "problem": problem,
        "state": "failed" if problem else "stale" if chart.is_stale else "fresh",
        "files": [(variant, variant.storage.size(variant.name)) for variant in chart.image.variants],
        "source": inspect.getsource(type(chart)),
    }
