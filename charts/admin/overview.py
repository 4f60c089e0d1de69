"""The overview: how all charts are that somebody may see, on one page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from charts.admin.census import Home, Kind, admins, census
from charts.admin.forms import usual_template
from charts.admin.listing import NOTHING, ChartListing, moment, reason, seconds
from charts.admin.regenerating import view_url
from charts.admin.states import STATES, StateFilter
from charts.admin.storing import stored
from charts.admin.viewing import viewer_of


class ChartOverview:
    """The page at `admin:charts_overview`, and the link to it on every changelist of charts."""

    change_list_template = "charts/admin/change_list.html"

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]  # a mixin for ModelAdmin
        # One name whichever chart's admin is asked: all of them show the same page.
        own = path("overview/", site.admin_view(self.overview_view), name="charts_overview")
        return [own, *super().get_urls()]  # type: ignore[misc]  # a mixin for ModelAdmin

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        site = self.admin_site  # type: ignore[attr-defined]  # a mixin for ModelAdmin
        inherited = super().change_list_template  # type: ignore[misc]  # of ModelAdmin, or of another mixin
        own = {
            "charts_base": inherited or usual_template(self, "change_list.html"),
            "charts_overview": reverse("admin:charts_overview", current_app=site.name),
        }
        return super().changelist_view(request, {**own, **(extra_context or {})})  # type: ignore[misc,no-any-return]

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """Show the figures of all charts of this site that the request may see."""
        model_admin: Any = self
        site = model_admin.admin_site
        chosen = admins(site, request)
        if not chosen:
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        measure = "measure" in request.GET
        homes = census(chosen, request)
        request.current_app = site.name  # as Django's own views set it
        context = {
            **site.each_context(request),
            "title": _("Charts"),
            "media": model_admin.media,
            "states": [capfirst(str(label)) for label in STATES.values()],
            "homes": [_told(home, many=len(homes) > 1, measure=measure) for home in homes],
            "measured": measure,
        }
        return TemplateResponse(request, "charts/admin/overview.html", context)


def _told(home: Home, *, many: bool, measure: bool) -> dict[str, Any]:
    return {
        "name": home.using if many else "",
        "rows": [_row(kind) for kind in sorted(home.kinds, key=lambda kind: str(kind.model._meta.verbose_name_plural))],
        "total": sum(kind.total for kind in home.kinds),
        "totals": [sum(kind.states[name] for kind in home.kinds) for name in STATES],
        "stale": sum(kind.stale for kind in home.kinds),
        "loose": sum(kind.loose or 0 for kind in home.kinds),
        "marks": sum(kind.marks for kind in home.kinds),
        "rate": home.renders_per_minute,
        "median": _span(home.median_render),
        "p95": _span(home.p95_render),
        "stored": stored(home.kinds, measure=measure),
        "oldest": [_entry(*each, moment(each[0].charts_stale_since)) for each in home.lists["oldest"]],
        "failing": [_entry(*each, _why(each[0])) for each in home.lists["failing"]],
        "slowest": [_entry(*each, seconds(each[0].charts_duration)) for each in home.lists["slowest"]],
    }


def _span(span: float | None) -> str:
    return "-" if span is None else seconds(span)


def _row(kind: Kind) -> dict[str, Any]:
    address = view_url(kind.admin, "changelist")
    # A ModelAdmin that is no ChartAdmin has no filter to link to.
    lists = isinstance(kind.admin, ChartListing)
    cells = [
        (count, f"{address}?{StateFilter.parameter_name}={name}" if lists and count else "")
        for name, count in kind.states.items()
    ]
    return {
        "name": capfirst(str(kind.model._meta.verbose_name_plural)),
        "address": address,
        "total": kind.total,
        "cells": cells,
        "loose": NOTHING if kind.loose is None else kind.loose,
    }


def _entry(chart: Any, model_admin: Any, said: Any) -> dict[str, Any]:
    return {
        "name": str(chart),
        "kind": capfirst(str(chart._meta.verbose_name)),
        "address": view_url(model_admin, "change", chart),
        "said": said,
    }


def _why(chart: Any) -> Any:
    """Return why a chart failed, for those who may change it; for others, when."""
    if viewer_of(chart).may_change:
        return reason(chart.charts_error)
    return moment(chart.charts_failed_at) if chart.charts_failed_at else ""
