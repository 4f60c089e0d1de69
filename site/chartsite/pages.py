"""The pages that belong to no app: the gallery, and what every chart's own page shows. No page draws anything."""

import inspect
from collections.abc import Iterable
from typing import Any

import almanac.models
import weather.models
from almanac.models import CarbonDioxide
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from weather.models import Observation, Station

from chartsite.pictures import Picture


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every chart of the site."""
    stations = list(Station.objects.all())
    context = {
        "stations": stations,
        "walls": [wall(station) for station in stations],
        "cities": all_of(weather.models.CITIES),
        "almanac": all_of(almanac.models.CHARTS),
        "air": {"first": CarbonDioxide.objects.first(), "last": CarbonDioxide.objects.last()},
        "days": Observation.objects.count(),
    }
    return render(request, "gallery.html", context)


def wall(station: Station) -> dict[str, Any]:
    """Gather what the gallery shows of a station: one chart large, the others small."""
    first, *others = all_of(weather.models.CHARTS, station=station) or [None]
    return {"station": station, "records": station.records(), "first": first, "others": others}


def all_of(models: Iterable[type[Picture]], **filters: Any) -> list[Any]:
    """Load the charts of several kinds, in the order of the kinds."""
    return [chart for model in models for chart in _with_foreign_rows(model).filter(**filters)]


def _with_foreign_rows(model: type[Picture]) -> Any:
    """Return all charts of a kind with the rows they point to: their names are made of them."""
    foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
    return model.objects.select_related(*foreign) if foreign else model.objects.all()


def chart_of_kind(models: Iterable[type[Picture]], kind: str, **filters: Any) -> Any:
    """Find the chart of a kind.

    Raises:
        Http404: there is no such kind, or none of it is there.
    """
    by_kind = {model.kind: model for model in models}
    if kind not in by_kind:
        raise Http404(f"There is no chart of the kind {kind!r}. Kinds are: {', '.join(by_kind)}.")
    found = all_of([by_kind[kind]], **filters)
    if not found:
        raise Http404(f"No chart of the kind {kind!r} has been made here.")
    return found[0]


def chart_page(chart: Any) -> dict[str, Any]:
    """Gather what a chart's page shows: its row, its job, its files and its code."""
    job = chart.job
    problem = job.error.partition("\n")[0] if job else ""
    return {
        "chart": chart,
        "stations": Station.objects.all(),
        "job": job,
        "problem": problem,
        "state": "failed" if problem else "stale" if chart.is_stale else "fresh",
        "files": [(name, *file) for name in ("image", "narrow") for file in files(getattr(chart, name))],
        "source": inspect.getsource(type(chart)),
    }


def files(picture: Any) -> list[tuple[Any, int]]:
    """List a picture's files with their sizes in bytes."""
    return [(variant, variant.storage.size(variant.name)) for variant in picture.variants]
