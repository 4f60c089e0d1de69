"""What every face asks of a chart before it shows it: which picture, how large, drawn already, and for whose eyes."""

import logging
from collections.abc import Iterable, Sized
from dataclasses import replace
from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.signals import setting_changed
from django.db import models, router
from django.dispatch import receiver
from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string
from django.utils.text import capfirst

from charts import files
from charts.choices import choices
from charts.conf import config
from charts.fields import RASTER_FORMATS, ChartImageField, Look, chart_fields
from charts.ledger import ChartKey
from charts.models import ChartModel

logger = logging.getLogger("charts")

# What a tag reads of a row.
COLUMNS = {"image", "image_width", "image_height", "alt", "data_version", "image_version"}


def require_chart(value: Any, expression: str = "") -> None:
    """Refuse what is no chart, with the way out.

    Args:
        value: what is to be shown.
        expression: what a template calls it; "" if nobody knows.

    Raises:
        TypeError: it is none.
    """
    kind = type(value)
    is_row = issubclass(kind, models.Model)
    if issubclass(kind, ChartModel) or (is_row and chart_fields(kind)):
        return
    name = expression or "This"
    # Not of a queryset, whose length is a query; Jinja2's Undefined is empty, too.
    is_empty = isinstance(value, Sized) and not isinstance(value, models.QuerySet) and not len(value)
    if value is None or is_empty:
        raise TypeError(f"{name} is {value!r}, so there is no chart to show: is it in the template's context?")
    if isinstance(value, Iterable) and not isinstance(value, str):
        loop = f"{{% for chart in {expression or 'charts'} %}}{{% chart chart %}}{{% endfor %}}"
        raise TypeError(f"{name} is a {kind.__name__}, not one chart: show each of them, as in {loop}.")
    said = f"{kind._meta.label} {value.pk}" if is_row else repr(value)
    raise TypeError(f"{name} is {said}, which is no chart: it has no ChartImageField.")


def picture_field(chart: Any, name: str = "image") -> ChartImageField:
    """Return a chart's picture field.

    Raises:
        TypeError: the object is no chart, or has no picture field of that name; the message lists those it has.
    """
    require_chart(chart)
    model = type(chart)
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist as error:
        raise TypeError(f"{model._meta.label} has no picture field {name!r}. {_choices(model, name)}") from error
    if not isinstance(field, ChartImageField):
        raise TypeError(f"{model._meta.label}.{name} is no ChartImageField. {_choices(model, name)}")
    return field


def _choices(model: Any, wrong: str) -> str:
    return choices(wrong, [field.name for field in chart_fields(model)])


def require_row(chart: Any) -> None:
    """Refuse a chart that has no row yet; one with a UUID has its key before. What was deferred is loaded at once.

    Raises:
        ValueError: it is not saved.
    """
    if not chart.__dict__.keys() >= COLUMNS:
        _load(chart)
    if chart.pk is None or (chart._state.adding and not chart.image):
        raise ValueError(f"This {chart._meta.label} is not saved: save() it, then show it.")


def _load(chart: Any) -> None:
    missing = sorted(COLUMNS - chart.__dict__.keys())
    logger.warning(
        "Showing %s costs a query, for it was loaded without %s: leave these out of defer(), or name them in only().",
        ChartKey.of(chart),
        ", ".join(missing),
    )
    chart.refresh_from_db(fields=missing)


def words(chart: Any) -> str:
    """Return a chart's alternative text; before it has any, its class's name, for "" says that it only decorates."""
    return chart.alt if chart.alt or chart.image else capfirst(str(chart._meta.verbose_name))


def file_name(chart: Any, extension: str) -> str:
    """Return what a chart's file is called where it travels alone; keys are strangers' words where they are texts."""
    return f"{chart._meta.model_name}-{files.safe(ChartKey.of(chart).pk)}.{extension}"


def written_key(chart: Any) -> ChartKey:
    """Return a chart's key where it is written, as `save()` would: what was read from a replica is not drawn there."""
    return ChartKey.of(chart, router.db_for_write(type(chart), instance=chart))


def shown_key(chart: Any) -> ChartKey:
    """Return by what an address finds a chart again: its class as it is shown, for a proxy has its own permission."""
    return replace(written_key(chart), model=type(chart)._meta.label_lower)


def needs_render(chart: Any, name: str = "image") -> bool:
    """Say whether whoever looks at a picture must have it rendered: nobody else does, or nobody has yet."""
    if not getattr(chart, name):
        return True
    return bool(chart.image_version < chart.data_version and config().dispatcher == "inline")


def css_size(chart: Any, field: ChartImageField) -> tuple[int | None, int | None]:
    """Return a picture's width and height in CSS pixels, as far as the row or its field knows them."""
    file = getattr(chart, field.name)
    return file.width, file.height


def offered(chart: Any, field: ChartImageField) -> list[Look]:
    """Return the files that a page can show: those of the picture, or, with none yet, those it will have."""
    looks = getattr(chart, field.name).names() or field.options.looks()
    return [look for look in looks if look.format in RASTER_FORMATS]


@cache
def scheme(theme: str) -> str:
    """Return `light` or `dark`: for which pages a theme is made."""
    if theme in {"light", "dark"}:
        return theme
    extends = config().themes.get(theme, {}).get("extends", "light")
    return scheme(str(extends)) if extends != theme else "light"


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "CHARTS":
        scheme.cache_clear()


# Who may see a picture.


def is_restricted(model: Any) -> bool:
    """Say whether not everybody may see a class's pictures, so that they are served by permission alone."""
    return bool(config().can_view) or getattr(model, "can_view", None) is not ChartModel.can_view


def may_view(request: HttpRequest, chart: Any) -> bool:
    """Say whether a request may see a chart: the model says yes, and so does `CHARTS["CAN_VIEW"]`.

    Either may be a coroutine function. One that raises says no; an error of its own is logged.
    """
    asked = config().can_view
    try:
        if not _answer(chart.can_view, request):
            return False
        return not asked or _answer(import_string(asked), request, chart)
    except (Http404, PermissionDenied):
        return False
    except Exception:
        logger.exception("Whether a request may see %s could not be told, so it may not.", ChartKey.of(chart))
        return False


def _answer(hook: Any, *args: Any) -> bool:
    answer = hook(*args)
    if hasattr(answer, "__await__"):  # a coroutine is true in itself, whatever it would say
        answer = async_to_sync(_awaited)(answer)
    return bool(answer)


async def _awaited(answer: Any) -> Any:
    return await answer
