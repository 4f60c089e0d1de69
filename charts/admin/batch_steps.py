"""What can be posted of a batch: each step returns an answer, or None where the batch's own page is the answer."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts import batches, dispatch
from charts.admin.batch_access import Seen, changeable, may_steer, seen_batch
from charts.admin.batch_pages import number
from charts.admin.batch_progress import Progress, may_drive
from charts.admin.history import enter
from charts.admin.regenerating import view_url
from charts.admin.waiting import in_time

# Seconds that a request draws for; one chart is drawn in any case.
DRIVES_FOR = 2.0


def _confirm(model_admin: Any, request: HttpRequest, seen: Seen) -> HttpResponse | None:
    charts = changeable(model_admin, request, seen)
    only_stale = request.POST.get("charts") == "stale"
    if only_stale:
        charts = charts.filter(image_version__lt=F("data_version"))
    if not batches.confirm(seen.batch, charts, only_stale=only_stale, redraw="redraw" in request.POST):
        messages.warning(request, _("There is no chart left to regenerate: meanwhile they have changed."))
        batches.discard(seen.batch)
        return HttpResponseRedirect(view_url(model_admin, "changelist"))
    dispatch.feed(seen.charts.db)
    return None


def _discard(model_admin: Any, request: HttpRequest, seen: Seen) -> HttpResponse:
    batches.discard(seen.batch)
    messages.info(request, _("No chart was regenerated."))
    return HttpResponseRedirect(view_url(model_admin, "changelist"))


def _progress(model_admin: Any, request: HttpRequest, seen: Seen) -> HttpResponse:
    _go_on(seen, drive="drive" in request.POST)
    now = seen_batch(model_admin, request, seen.batch.pk)
    progress = Progress(model_admin, request, now.batch, now.charts, now.figures)
    response = JsonResponse(progress.as_json())
    add_never_cache_headers(response)
    return response


def _draw(model_admin: Any, request: HttpRequest, seen: Seen) -> None:
    _go_on(seen, drive=True)


def _go_on(seen: Seen, *, drive: bool) -> None:
    """Take up the next charts, and draw some here where there is nobody else and it is asked for."""
    if seen.batch.cancelled_at or seen.batch.finished_at:
        batches.settle_late(seen.batch)
        return
    dispatch.feed(seen.charts.db)
    if drive and may_drive():
        with suppress(TimeoutError):  # a chart that takes long: it goes on, and counts as being drawn
            in_time(lambda: dispatch.drive(seen.batch, DRIVES_FOR), seen.charts.db)


def _cancel(model_admin: Any, request: HttpRequest, seen: Seen) -> None:
    if not may_steer(model_admin, request, seen):
        raise PermissionDenied
    batches.cancel(seen.batch)


def _resume(model_admin: Any, request: HttpRequest, seen: Seen) -> None:
    if not may_steer(model_admin, request, seen):
        raise PermissionDenied
    if batches.resume(seen.batch, partial(enter, request.user, seen.batch)):
        dispatch.feed(seen.charts.db)


def _retry(model_admin: Any, request: HttpRequest, seen: Seen) -> None:
    charts = changeable(model_admin, request, seen)
    count = batches.retry(seen.batch, charts, partial(enter, request.user, seen.batch))
    said = ngettext("%(count)s chart is tried again.", "%(count)s charts are tried again.", count)
    messages.info(request, said % {"count": number(count)})
    dispatch.feed(seen.charts.db)


Step = Callable[[Any, HttpRequest, Seen], HttpResponse | None]
# Of a selection that is not confirmed, and of a batch that was begun.
ASKED: dict[str, Step] = {"confirm": _confirm, "discard": _discard}
BEGUN: dict[str, Step] = {
    "progress": _progress,
    "draw": _draw,
    "cancel": _cancel,
    "resume": _resume,
    "retry": _retry,
}
