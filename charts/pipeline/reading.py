"""What a chart shows: its row, its data, and the digests that say whether either has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone, translation

from charts import fingerprints
from charts.clock import DatabaseTime
from charts.conf import config
from charts.fields import chart_fields, picture_names
from charts.files import Shelf
from charts.freshness import publishing
from charts.freshness.publishing import Picture
from charts.ledger import ChartKey
from charts.pipeline.stopping import exits_as_errors

# What a render writes: no part of what a chart shows, so no part of its digest.
BOOKKEEPING = frozenset(
    {
        "image_width",
        "image_height",
        "alt",
        "data_version",
        "image_version",
        "data_digest",
        "recipe_digest",
        "rendered_at",
    }
)


def own_fields(model: Any) -> frozenset[str]:
    """Return the columns that only rendering writes."""
    return BOOKKEEPING | {field.name for field in chart_fields(model)}


@contextmanager
def chart_locale(chart: Any) -> Iterator[None]:
    """Be in the chart's language and time zone, not in those of whoever triggered the render."""
    with translation.override(chart.get_language()), timezone.override(chart.get_timezone()):
        yield


def read(key: ChartKey) -> Any:
    """Load a chart's row with its foreign rows: the versions first, and in the same statement.

    Raises:
        RenderError: the row is gone.
    """
    model = key.model_class
    foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
    rows = publishing.rows_of(key).annotate(charts_now=DatabaseTime())
    chart = (rows.select_related(*foreign) if foreign else rows).first()
    if chart is None:
        raise publishing.gone(key)
    return chart


def get_data(chart: Any) -> Any:
    """Return a chart's data with all that can be read only once read into lists."""
    return fingerprints.settle(chart.get_data())


def digests(chart: Any, data: Any) -> dict[str, str]:
    """Return what a chart's picture depends on, by the columns that hold it.

    Args:
        chart: as `read` gave it, in its own locale.
        data: what `get_data` returned.
    """
    state = fingerprints.row_state(chart, exclude=_unseen)
    sizes = {field.name: chart.get_size(field) for field in chart_fields(type(chart))}
    context = (translation.get_language(), timezone.get_current_timezone_name())
    # In two steps, so that an error about the data names the place in the data.
    parts = [
        fingerprints.digest(chart.get_fingerprint(data)),
        fingerprints.digest((state, sizes, context), name="chart"),
    ]
    return {
        "data_digest": fingerprints.digest(parts),
        "recipe_digest": recipe(type(chart)),
    }


def _unseen(row: Any) -> frozenset[str]:
    """Return the columns of a row that no picture shows: of a chart, also one that another chart points to."""
    return own_fields(type(row)) | {"charts_now"} if chart_fields(type(row)) else frozenset()


def differs(key: ChartKey) -> bool:
    """Say whether a chart's picture shows something else than its data now; nothing is drawn or written.

    Raises:
        RenderError: the row is gone.
        Exception: whatever the chart's hooks raise.
    """
    chart = read(key)
    with exits_as_errors(), chart_locale(chart):
        return not is_shown(chart, digests(chart, get_data(chart)))


def is_shown(chart: Any, found: dict[str, str]) -> bool:
    """Say whether a chart has a picture, and of these digests."""
    return bool(chart.image) and found == {name: getattr(chart, name) for name in found}


def recipe(model: Any) -> str:
    """Return the digest of how a class draws: its source, its fields' options, and what changes pixels."""
    from charts.drawing import figures

    options = {field.name: field.options for field in chart_fields(model)}
    named = {name: config().themes.get(name) for value in options.values() for name in value.themes}
    context = (options, named, figures.versions())
    return fingerprints.recipe_digest(model, version=model.recipe_version, extra=context)


def replaced(row: Any) -> list[Picture]:
    """Return the pictures that a row names."""
    return [
        Picture(Shelf.of(field), getattr(row, field.name).name, tuple(names))
        for field, names in picture_names(row).items()
        if names
    ]
