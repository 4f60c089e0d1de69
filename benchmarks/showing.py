"""Showing: a chart on a page beside a picture written by hand, and 200 readers of one that nobody has drawn."""

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from threading import Barrier, Lock
from typing import Any, ClassVar

from django.db import connections
from django.db.models import Model
from django.template import Context, Engine
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path

from benchmarks import figures, measuring
from benchmarks.models import Ours, Recipe
from charts.fields import Options
from charts.markup import variant_url

urlpatterns = [path("charts/", include("charts.urls"))]

CHARTS, READERS = 100, 200
# What a chart may cost on a page, beside the picture written by hand.
MOST_TIMES = 3.0
TAG = "{% load charts %}{% for c in charts %}{% chart c %}{% endfor %}"
BY_HAND = """{% for c in charts %}<picture>
<source media="screen and (prefers-color-scheme: dark)" srcset="{{ c.dark.url }} 1x, {{ c.dark2.url }} 2x">
<img src="{{ c.light.url }}" srcset="{{ c.light.url }} 1x, {{ c.light2.url }} 2x" width="{{ c.row.image_width }}"
 height="{{ c.row.image_height }}" alt="{{ c.row.alt }}" loading="lazy" decoding="async"></picture>{% endfor %}"""


class ByHand:
    """A row with an ImageField for each file, as a project without charts would have it."""

    names: ClassVar[tuple[str, ...]] = ("light", "light2", "dark", "dark2")

    def __init__(self, chart: Any) -> None:
        self.row: Model = chart
        for name, variant in zip(self.names, chart.image.variants, strict=True):
            setattr(self, name, Recipe(image=variant.name).image)


def run(rounds: int = 30) -> Iterator[str]:
    """Yield what a chart costs on a page, and how long readers wait for a first picture."""
    field: Any = Ours._meta.get_field("image")
    before = field.options
    field.options = Options(size=(800, 480), themes=("light", "dark"), layout=None)
    try:
        with override_settings(ROOT_URLCONF="benchmarks.showing", CHARTS={"DISPATCHER": "manual"}):
            yield from on_a_page(rounds)
            yield from first_readers(max(1, rounds // 10))
    finally:
        field.options = before


def on_a_page(rounds: int) -> Iterator[str]:
    """Yield what a hundred charts cost, each way."""
    made = Ours.objects.create(figure=next(iter(figures.DATA)))
    made.render()
    row = Ours.objects.filter(pk=made.pk).values().get()
    charts = [Ours(**row) for _ in range(CHARTS)]
    by_hand = [ByHand(chart) for chart in charts]
    engine = Engine(libraries={"charts": "charts.templatetags.charts"})
    tag, hand = engine.from_string(TAG), engine.from_string(BY_HAND)
    seconds = measuring.interleaved(
        {
            "by hand": lambda: hand.render(Context({"charts": by_hand})),
            "{% chart %}": lambda: tag.render(Context({"charts": charts})),
        },
        rounds,
    )
    title = f"A page of {CHARTS} charts: two themes, two densities"
    said = measuring.table(title, [("page", seconds)], "by hand")
    each = ", ".join(f"{name} {median(runs) / CHARTS * 1e6:.0f} µs" for name, runs in seconds.items())
    yield f"{said}\n\nEach chart: {each}."
    ratio = median(seconds["{% chart %}"]) / median(seconds["by hand"])
    if ratio > MOST_TIMES:
        yield measuring.Untrue(f"a chart costs {ratio:.1f} times the picture by hand, not {MOST_TIMES:g} at most.")


def first_readers(rounds: int) -> Iterator[str]:
    """Yield how long 200 readers who come at once wait for a picture that nobody has drawn."""
    waits: list[float] = []
    draws: list[int] = []
    for _ in range(rounds):
        seconds, drawn = one_crowd()
        waits += seconds
        draws.append(drawn)
    cuts = quantiles(waits, n=100)
    numbers = [median(waits), cuts[94], cuts[98], max(waits)]
    measured = " | ".join(f"{seconds * 1e3:.0f}" for seconds in numbers)
    lines = [
        f"## {READERS} readers at once of a chart that nobody has drawn, {rounds} times",
        "",
        "| draws each time | median, ms | p95 | p99 | longest |",
        "|---" * 5 + "|",
        f"| {min(draws)} to {max(draws)} | {measured} |",
    ]
    yield "\n".join(lines)
    if set(draws) != {1}:
        yield measuring.Untrue(
            f"a chart that nobody has drawn was drawn {max(draws)} times for those who came at once."
        )


def one_crowd() -> tuple[list[float], int]:
    """Let readers come at once; return how long each waited, and how often the chart was drawn."""
    chart = Ours.objects.create(figure=next(iter(figures.DATA)))
    url, together, counting = variant_url(chart), Barrier(READERS), Lock()
    drawn: list[int] = []
    draw = Ours.draw

    def counted(self: Any, figure: Any, data: Any) -> None:
        with counting:
            drawn.append(1)
        draw(self, figure, data)

    def read(_: int) -> float:
        client = Client(headers={"host": "localhost"})
        together.wait()
        started = time.perf_counter()
        response = client.get(url)
        waited = time.perf_counter() - started
        assert response.status_code == 200
        assert response.content.startswith(b"\x89PNG")
        connections.close_all()
        return waited

    gc.collect()
    Ours.draw = counted  # type: ignore[method-assign]  # put back below
    try:
        with ThreadPoolExecutor(READERS) as pool:
            waits = list(pool.map(read, range(READERS)))
    finally:
        Ours.draw = draw  # type: ignore[method-assign]  # as it was
    return waits, len(drawn) // len(("light", "dark"))
