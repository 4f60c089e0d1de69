"""The button on a chart's form that has it drawn anew."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.admin.listing import seconds
from charts.admin.viewing import written_in
from charts.admin.waiting import in_time
from charts.conf import config
from charts.exceptions import RenderError
from charts.freshness import jobs, publishing
from charts.ledger import ChartKey
from charts.markup import flights

# Dispatchers without a worker: who presses the button has the chart drawn.
WITHOUT_WORKER = ("inline", "manual")


class ChartButton:
    """Has one chart drawn anew, by POST and with the permission to change it."""

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]  # a mixin for ModelAdmin
        # Who draws takes a lease that others must see.
        view = flights.unbound(site.admin_view(self.regenerate_view))
        own = path("<path:object_id>/regenerate/", view, name=view_name(self, "regenerate"))
        return [own, *super().get_urls()]  # type: ignore[misc]  # a mixin for ModelAdmin

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        chart = kwargs.get("obj")
        may_change = chart is not None and self.has_change_permission(request, chart)  # type: ignore[attr-defined]
        if may_change and kwargs.get("change"):
            context["charts_regenerate"] = view_url(self, "regenerate", chart)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]  # of ModelAdmin

    def regenerate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Draw a chart anew, now if nobody else does, and show its form again."""
        model_admin: Any = self
        chart = model_admin.get_object(request, unquote(object_id))
        if not model_admin.has_change_permission(request, chart):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if chart is None:
            raise Http404
        key = ChartKey.of(chart, written_in(model_admin, request, chart))
        # Before it begins: drawing may fail, or go on when nobody waits for it any more.
        model_admin.log_change(request, chart, _("Regeneration asked for."))
        if config().dispatcher in WITHOUT_WORKER:
            _draw(request, chart, key)
        else:
            _ask(request, chart, key)
        return HttpResponseRedirect(view_url(model_admin, "change", chart))

    form_actions: tuple[str, ...] = ()

    if hasattr(admin, "ActionLocation"):  # Django 6.1 has actions on the form too
        form_actions = ("regenerate_this",)

        @admin.action(
            description=gettext_lazy("Regenerate"), permissions=["change"], location=admin.ActionLocation.CHANGE_FORM
        )
        def regenerate_this(self, request: HttpRequest, queryset: Any) -> HttpResponse:
            """Have the button pressed: Django runs actions in a transaction, in which nobody would see the lease."""
            return HttpResponseRedirect(view_url(self, "regenerate", queryset.get()), preserve_request=True)


def view_name(model_admin: Any, view: str) -> str:
    """Return the name of one of a ModelAdmin's views, without its namespace."""
    opts = model_admin.opts
    return f"{opts.app_label}_{opts.model_name}_{view}"


def view_url(model_admin: Any, view: str, chart: Any = None) -> str:
    """Return the address of one of a ModelAdmin's views."""
    args = [] if chart is None else [quote(chart.pk)]
    site = model_admin.admin_site.name
    return reverse(f"admin:{view_name(model_admin, view)}", args=args, current_app=site)


def _draw(request: HttpRequest, chart: Any, key: ChartKey) -> None:
    try:
        result = in_time(lambda: chart._render(key, force=True), key.using)
    except TimeoutError:
        said = _("%(chart)s is still being drawn. Its picture will be here when it is ready.")
        messages.warning(request, said % {"chart": chart})
    except RenderError as error:
        messages.error(request, str(error))
    else:
        said = _("%(chart)s was regenerated in %(time)s.")
        messages.success(request, said % {"chart": chart, "time": seconds(result.duration)})


def _ask(request: HttpRequest, chart: Any, key: ChartKey) -> None:
    # Without its digest the picture counts as another one, so that the worker draws it.
    publishing.rows_of(key).update(data_digest="")
    jobs.prefer(key)
    chart._render_later(key)
    said = _("%(chart)s will be drawn by the next free worker.")
    messages.success(request, said % {"chart": chart})
