"""Checks of picture fields, beyond what each option says by itself: sizes, names, and what this Pillow can write."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core import checks
from PIL import features

from charts.checks.subjects import AppConfigs, chart_models
from charts.choices import choices
from charts.conf import config
from charts.fields import ChartImageField, chart_fields
from charts.ledger import ChartKey, model_label
from charts.models import ChartModel
from charts.pipeline.rendering import named

Check = Callable[[Any, ChartImageField], Iterator[checks.CheckMessage]]

# Raster formats that a Pillow can be built without.
OPTIONAL_FORMATS = ("webp", "avif")


def check_pictures(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check every picture field of every chart class; options that are no options at all are the field's to tell."""
    found = ((model, field) for model in chart_models(app_configs) for field in chart_fields(model))
    return [problem for model, field in found for check in _checks_of(field) for problem in check(model, field)]


def _checks_of(field: ChartImageField) -> tuple[Check, ...]:
    if any(field.options.problems()):
        return (_check_layout,)
    return (_check_layout, _check_area, _check_formats, _check_names)


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
    """Check that a name fits the column and the ledger once it is cut; a callable's names are not known yet."""
    if callable(field.upload_to):
        return
    contents = dict.fromkeys(field.options.looks(), b"")
    try:
        named(model, field, contents, ChartKey(model_label(model), "1", ""))
    except ValueError as error:
        yield checks.Error(
            f"No name fits it: {error}",
            hint=f"Give it a shorter upload_to, or a max_length over {field.max_length}.",
            obj=field,
            id="charts.E105",
        )
    except Exception:  # noqa: BLE001, S110  (a storage that cannot be made, of which another check tells)
        pass
