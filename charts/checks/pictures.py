"""Checks of picture fields, beyond what each option says by itself: sizes, names, and what this Pillow can write."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.db import models
from PIL import features

from charts import files
from charts.checks.subjects import AppConfigs, chart_models
from charts.choices import choices
from charts.conf import config
from charts.fields import ChartImageField, chart_fields
from charts.ledger import LooseFile
from charts.models import ChartModel

# Raster formats that a Pillow can be built without.
OPTIONAL_FORMATS = ("webp", "avif")
LONGEST_KEY = 40


def check_pictures(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every picture field of every chart class; options that are no options at all are the field's to tell."""
    looks = (_check_layout, _check_area, _check_formats, _check_names)
    return [
        problem
        for model in chart_models(app_configs)
        for field in chart_fields(model)
        if not any(field.options.problems())
        for look in looks
        for problem in look(model, field)
    ]


def _check_layout(model: Any, field: ChartImageField) -> Iterator[checks.CheckMessage]:
    from charts.drawing.figures import LAYOUTS

    layout: Any = field.options.layout
    if layout is not None and layout not in LAYOUTS:
        yield checks.Error(
            f"layout is {layout!r}, but must be the name of a layout engine, or None.",
            hint=choices(layout, LAYOUTS),
            obj=field,
            id="charts.E102",
        )


def _check_area(model: Any, field: ChartImageField) -> Iterator[checks.CheckMessage]:
    """Check the largest file against MAX_PIXELS, unless the chart says its size itself."""
    from charts.drawing.sizes import device_pixels

    size, limit = field.options.size, config().max_pixels
    if size is None or model.get_size is not ChartModel.get_size or not isinstance(limit, int):
        return
    density = max(field.options.densities)
    width, height = device_pixels(size, density)
    if width * height > limit:
        yield checks.Error(
            f"size={size} at a density of {density:g} is {width} × {height} pixels, "
            f"over the {limit:,} of CHARTS['MAX_PIXELS'].",
            hint="Make size or densities smaller, or raise the limit.",
            obj=field,
            id="charts.E103",
        )


def _check_formats(model: Any, field: ChartImageField) -> Iterator[checks.CheckMessage]:
    for format in field.options.formats:
        if format in OPTIONAL_FORMATS and not features.check(format):
            yield checks.Error(
                f"formats has {format!r}, which this Pillow cannot write.",
                hint=f"Install a Pillow that can (pip's wheels, from 11.3 on), or leave {format} out.",
                obj=field,
                id="charts.E104",
            )


def _check_names(model: Any, field: ChartImageField) -> Iterator[checks.CheckMessage]:
    """Check that the longest names fit the column, and the ledger's; a callable's names are not known yet."""
    if callable(field.upload_to):
        return
    pk = "9" * _key_length(model)
    try:
        root = field.generate_filename(model, pk)
    except Exception:  # noqa: BLE001  (a storage that cannot be made, of which another check tells)
        return
    stem, options = files.new_stem(root, field.options.key), field.options
    primary = len(options.name(stem, options.primary))
    longest = max(len(options.name(stem, look)) for look in options.looks())
    room = LooseFile._meta.get_field("name").max_length or 0
    for length, limit, place in ((primary, field.max_length or 0, "its column"), (longest, room, "the ledger")):
        if length > limit:
            yield checks.Error(
                f"The names of its files take up to {length} characters, but {place} holds {limit}.",
                hint=f"Give it a shorter upload_to, or max_length={min(room, max(length, 255))}.",
                obj=field,
                id="charts.E105",
            )


def _key_length(model: Any) -> int:
    """Return how many characters of a primary key get into a file's name at most."""
    key = model._meta.pk.target_field if model._meta.pk.is_relation else model._meta.pk
    if isinstance(key, models.IntegerField):
        return 19
    return min(LONGEST_KEY, key.max_length or LONGEST_KEY)
