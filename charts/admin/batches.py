"""Regenerating charts that somebody has selected, any number: the action, its confirmation, and how far it is."""

from typing import Any

import django
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.cache import add_never_cache_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts import batches
from charts.admin.batch_access import asker, batches_of, charts_of, is_mine, may_steer, seen_batch
from charts.admin.batch_pages import LIST_FIGURES, batch_url, confirmation, row
from charts.admin.batch_progress import Progress
from charts.admin.batch_steps import ASKED, BEGUN
from charts.admin.regenerating import view_name, view_url
from charts.batches import Asked, Figures
from charts.ledger import Batch, BatchItem
from charts.markup import flights

PER_PAGE = 20


class ChartRegenerating:
    """The action on any number of charts, and the pages of its batches; all behind the permission to change."""

    actions: Any = ("regenerate",)

    @admin.action(description=gettext_lazy("Regenerate selected charts"), permissions=["change"])
    def regenerate(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Keep the selection, and ask whether it is meant."""
        model_admin: Any = self
        using = charts_of(model_admin, request).db
        batches.prune(using)
        asked = Asked(
            user_pk=str(request.user.pk),
            user_name=request.user.get_username(),
            may_change=asker(model_admin, request),
        )
        batch = batches.select(queryset, using, asked)
        if batch is None:
            messages.warning(request, _("None of the selected charts is one that you may change."))
            return None
        return HttpResponseRedirect(batch_url(model_admin, batch))

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]  # a mixin for ModelAdmin

        def wrapped(view: Any) -> Any:
            # What is taken up, drawn and cancelled is for other processes to see at once.
            return flights.unbound(site.admin_view(view))

        own = [
            path("regenerate/", wrapped(self.batches_view), name=view_name(self, "batches")),
            path("regenerate/<int:batch>/", wrapped(self.batch_view), name=view_name(self, "batch")),
            path("regenerate/<int:batch>/<slug:step>/", wrapped(self.step_view), name=view_name(self, "batch_step")),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]  # a mixin for ModelAdmin

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        own = {}
        if self.has_change_permission(request):  # type: ignore[attr-defined]  # a mixin for ModelAdmin
            own["charts_batches"] = view_url(self, "batches")
        return super().changelist_view(request, {**own, **(extra_context or {})})  # type: ignore[misc,no-any-return]

    def batches_view(self, request: HttpRequest) -> HttpResponse:
        """List the batches of this admin's charts that were begun, the newest first."""
        if refused := _refused(self, request, "GET", "HEAD"):
            return refused
        charts = charts_of(self, request)
        page = Paginator(_listed(self, request, charts), PER_PAGE).get_page(request.GET.get("p"))
        found = list(page.object_list)
        mine = {batch.pk for batch in found if is_mine(batch, request)}
        figures = batches.figures_of_many(found, charts, gone_too=mine)
        context = {
            "title": _("Regenerated charts"),
            "rows": [row(self, batch, figures.get(batch.pk, Figures())) for batch in found],
            "columns": [capfirst(str(label)) for label in LIST_FIGURES.values()],
            "page": page,
        }
        return _page(self, request, "batch_list", context)

    def batch_view(self, request: HttpRequest, batch: int) -> HttpResponse:
        """Ask whether a selection is meant, or show how far it is; looking changes nothing."""
        if refused := _refused(self, request, "GET", "HEAD"):
            return refused
        seen = seen_batch(self, request, batch)
        if not seen.batch.confirmed_at:
            context = confirmation(self, seen.batch, seen.charts)
            return _page(self, request, "batch_confirm", {"title": _("Regenerate charts?"), **context})
        progress = Progress(self, request, seen.batch, seen.charts, seen.figures)
        context = {"title": _("Regenerating charts"), "may_steer": may_steer(self, request, seen), **progress.context()}
        return _page(self, request, "batch_progress", context)

    def step_view(self, request: HttpRequest, batch: int, step: str) -> HttpResponse:
        """Do what was posted, of `ASKED` or `BEGUN`, and show the batch."""
        if refused := _refused(self, request, "POST"):
            return refused
        seen = seen_batch(self, request, batch)
        steps = BEGUN if seen.batch.confirmed_at else ASKED
        if step not in {**ASKED, **BEGUN}:
            raise Http404
        # Confirmed twice, or not yet: what its page says is the answer.
        answer = steps[step](self, request, seen) if step in steps else None
        return answer or HttpResponseRedirect(batch_url(self, seen.batch))


def _refused(model_admin: Any, request: HttpRequest, *methods: str) -> HttpResponse | None:
    """Return the answer to a method that is none of these, else None; who may not change such charts gets 403."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return None if request.method in methods else HttpResponseNotAllowed(methods)


def _listed(model_admin: Any, request: HttpRequest, charts: "QuerySet[Any]") -> "QuerySet[Batch]":
    """Return the batches that were begun and of whose charts somebody may see one."""
    items = BatchItem.objects.using(charts.db).filter(batch=OuterRef("pk")).filter(batches.seen_by(charts))
    begun = batches_of(model_admin, charts.db).filter(confirmed_at__isnull=False)
    return begun.filter(Q(user_pk=str(request.user.pk)) | Exists(items)).order_by("-confirmed_at", "-pk")


def _page(model_admin: Any, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    site = model_admin.admin_site
    request.current_app = site.name
    opts = model_admin.opts
    crumbs = [(view_url(model_admin, "changelist"), capfirst(str(opts.verbose_name_plural)))]
    if name != "batch_list":
        crumbs.append((view_url(model_admin, "batches"), _("Regenerated charts")))
    whole = {
        **site.each_context(request),
        "opts": opts,
        "media": model_admin.media,
        "name": capfirst(str(opts.verbose_name_plural)),
        "crumbs": crumbs,
        "crumbs_as_list": django.VERSION >= (6,),
        **context,
    }
    response = TemplateResponse(request, f"charts/admin/{name}.html", whole)
    add_never_cache_headers(response)
    return response
