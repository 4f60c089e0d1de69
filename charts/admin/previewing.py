"""Preview: what a form's values would look like, before they are saved."""

import base64
from typing import Any

from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.forms import Media, Script, all_valid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts import markup
from charts.admin import drafts
from charts.admin.drafts import Draft, Refusal
from charts.admin.forms import failure, listed
from charts.admin.names import named, unnamed
from charts.admin.pictures import figure, title_of
from charts.admin.regenerating import view_name, view_url
from charts.admin.viewing import may_view, written_in
from charts.admin.waiting import in_time
from charts.fields import ChartImageField, Look
from charts.markup import flights

TITLES: dict[bool, "str | Promise"] = {True: gettext_lazy("Add %s"), False: gettext_lazy("Change %s")}


class ChartPreview:
    """Shows a form again with the picture of its values; with a script, without leaving the page."""

    @property
    def media(self) -> Media:
        script: Any = Script("charts/admin-preview.js", defer=True)
        return super().media + Media(js=[script])  # type: ignore[misc,no-any-return]  # of ModelAdmin

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]  # a mixin for ModelAdmin
        # What is drawn is rolled back, and nobody must wait for it: no transaction around it.
        view = flights.unbound(site.admin_view(self.preview_view))
        own = [
            path("preview/", view, name=view_name(self, "preview_add")),
            path("<path:object_id>/preview/", view, name=view_name(self, "preview")),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]  # a mixin for ModelAdmin

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        chart, add = kwargs.get("obj"), not kwargs.get("change")
        if self._may_preview(request, chart, add=add):
            address = view_url(self, "preview_add") if add else view_url(self, "preview", chart)
            query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
            context["charts_preview_url"] = f"{address}{query}#charts-preview"
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]  # of ModelAdmin

    def _may_preview(self, request: HttpRequest, chart: Any, *, add: bool) -> bool:
        model_admin: Any = self
        # A preview shows data, and tells of code where it fails: more than whoever may only add charts gets to see.
        may_change = bool(model_admin.has_change_permission(request, chart))
        return may_change and (not add or bool(model_admin.has_add_permission(request)))

    def preview_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show a form with the picture of the values that were posted, or with what is wrong with them."""
        model_admin: Any = self
        chart = None if object_id is None else model_admin.get_object(request, unquote(object_id))
        if not self._may_preview(request, chart, add=object_id is None):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if chart is None and object_id is not None:
            raise Http404
        if request.method != "POST":  # a browser without scripts asks anew for the page that it shows
            address = view_url(self, "add") if chart is None else view_url(self, "change", chart)
            return HttpResponseRedirect(address)
        return _Page(self, request, chart).response()


class _Page:
    """A change form as Django makes it, from values that were posted to be drawn."""

    def __init__(self, model_admin: Any, request: HttpRequest, chart: Any) -> None:
        self.admin, self.request, self.chart = model_admin, request, chart
        self.add = chart is None
        # Of whoever looks: a thread of its own would have the site's.
        self.language, self.timezone = translation.get_language(), timezone.get_current_timezone()
        self.fieldsets = list(model_admin.get_fieldsets(request, chart))
        names = flatten_fieldsets(self.fieldsets)
        Form = model_admin.get_form(request, chart, change=not self.add, fields=names)  # noqa: N806  (a class)
        self.form = Form(request.POST, request.FILES, instance=chart)
        formsets = model_admin._create_formsets(request, self.form.instance, change=not self.add)
        self.formsets, self.inlines = formsets

    def response(self) -> HttpResponse:
        instance = self.form.instance
        if self.form.is_valid():
            preview = self.drawn(instance)
        else:
            all_valid(self.formsets)
            preview = _invalid()
        named(instance)
        address = view_url(self.admin, "add") if self.add else view_url(self.admin, "change", self.chart)
        context = self.context() | {"charts_preview": preview}
        response: HttpResponse = self.admin.render_change_form(
            self.request, context, add=self.add, change=not self.add, obj=self.chart, form_url=address
        )
        return response

    def drawn(self, instance: Any) -> SafeString:
        unnamed(instance)
        using = written_in(self.admin, self.request, instance)
        try:
            return _shown(in_time(lambda: drafts.draw(self.form, self.formsets, using, self.begin), using))
        except TimeoutError:
            return format_html("<p>{}</p>", _("Drawing takes too long for a preview."))

    def begin(self) -> None:
        """Do what saving does before it writes, as far as it may refuse."""
        with translation.override(self.language), timezone.override(self.timezone):
            instance = self.admin.save_form(self.request, self.form, change=not self.add)
            if not all_valid(self.formsets):
                raise Refusal(_invalid())
            # By the values that were posted, or whoever may change a chart could look at what another one shows.
            if not may_view(self.request, instance):
                raise Refusal(format_html("<p>{}</p>", _("You may not see this picture.")))

    def context(self) -> dict[str, Any]:
        """Return what Django's own view gives to the template."""
        request, chart, admin = self.request, self.chart, self.admin
        prepopulated = admin.get_prepopulated_fields(request, chart)
        readonly = admin.get_readonly_fields(request, chart)
        form = helpers.AdminForm(self.form, self.fieldsets, prepopulated, readonly, model_admin=admin)
        inlines = admin.get_inline_formsets(request, self.formsets, self.inlines, chart)
        return {
            **admin.admin_site.each_context(request),
            "title": TITLES[self.add] % admin.opts.verbose_name,
            "subtitle": None if self.add else str(chart),
            "adminform": form,
            "object_id": None if self.add else str(chart.pk),
            "original": chart,
            "is_popup": IS_POPUP_VAR in request.POST or IS_POPUP_VAR in request.GET,
            "to_field": request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR)),
            "media": sum((inline.media for inline in inlines), admin.media + form.media),
            "inline_admin_formsets": inlines,
            "errors": helpers.AdminErrorList(self.form, self.formsets),
            "preserved_filters": admin.get_preserved_filters(request),
        }


def _invalid() -> SafeString:
    return format_html('<p class="errornote">{}</p>', _("These values cannot be drawn: correct the errors first."))


def _shown(draft: Draft) -> SafeString:
    if draft.refusal is not None:
        return draft.refusal
    if draft.error:
        return format_html("<p>{}</p>{}", _("These values cannot be drawn."), failure(draft.error))
    figures = [
        figure(_image(draft, field, look, content), title_of(field, look.theme))
        for field, files in draft.contents.items()
        for look, content in files.items()
    ]
    alt = format_html('<p><b>{}</b></p><p dir="auto">{}</p>', _("Alternative text:"), draft.alt)
    warnings = listed(list(draft.warnings)) if draft.warnings else ""
    return format_html('<div class="charts-pictures">{}</div>{}{}', SafeString("".join(figures)), alt, warnings)


def _image(draft: Draft, field: ChartImageField, look: Look, content: bytes) -> SafeString:
    width, height = draft.size if field.name == "image" else field.options.size or (None, None)
    # Said once: all of them show the same, and the words stand below.
    attrs = {"class": "charts-full", "width": width, "height": height, "alt": ""}
    data = f"data:{markup.MEDIA_TYPES[look.format]};base64,{base64.b64encode(content).decode()}"
    return format_html("<img{}>", markup.flat({"src": data, **attrs}))
