"""The change form: what is known of a chart beside its own fields."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.http import HttpRequest
from django.template.loader import select_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.admin import pictures
from charts.admin.listing import NOTHING, badge, moment
from charts.admin.viewing import viewer_of
from charts.ledger import Job

FIELDS = ("chart_status", "chart_rendered", "chart_duration", "chart_picture", "chart_alt")
# Errors and warnings tell of data and code.
FIELDS_OF_CHANGERS = ("chart_warnings", "chart_failure")


class ChartForm:
    """Read-only fields of a chart, in a fieldset of their own unless the ModelAdmin has put them elsewhere."""

    change_form_template = "charts/admin/change_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]  # a mixin for ModelAdmin
        # All of them at all times: whatever form a project places one in, it is no input.
        return [*own, *(name for name in FIELDS + FIELDS_OF_CHANGERS if name not in own)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_fields(request, obj)  # type: ignore[misc]  # a mixin for ModelAdmin
        if self.fields:  # type: ignore[attr-defined]  # a mixin for ModelAdmin
            return list(fields)
        return [name for name in fields if name not in FIELDS + FIELDS_OF_CHANGERS]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = list(super().get_fieldsets(request, obj))  # type: ignore[misc]  # a mixin for ModelAdmin
        if obj is None:  # of a new chart there is nothing to tell
            return [each for each in map(_without_ours, own) if each]
        named = flatten_fieldsets(own)
        left = [name for name in self._fields_for(request, obj) if name not in named]
        return [*own, (_("Picture"), {"fields": left, "classes": ["charts-of"]})] if left else own

    def _fields_for(self, request: HttpRequest, chart: Any) -> tuple[str, ...]:
        may_change = self.has_change_permission(request, chart)  # type: ignore[attr-defined]  # of ModelAdmin
        return FIELDS + FIELDS_OF_CHANGERS if may_change else FIELDS

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        # Django adds to the context that it is given.
        inherited = super().change_form_template  # type: ignore[misc]  # of ModelAdmin, or of another mixin
        context["charts_base"] = inherited or usual_template(self, "change_form.html")
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]  # of ModelAdmin

    @admin.display(description=gettext_lazy("state"))
    def chart_status(self, chart: Any) -> SafeString:
        """Say the chart's state; why it failed has a place of its own."""
        return badge(chart)

    @admin.display(description=gettext_lazy("pictures"))
    def chart_picture(self, chart: Any) -> SafeString:
        """Show the picture in full size, in every theme, with links to all its files."""
        return pictures.pictures(chart)

    @admin.display(description=gettext_lazy("alternative text"))
    def chart_alt(self, chart: Any) -> SafeString | str:
        """Show what somebody hears who does not see the picture."""
        if not chart.alt or not viewer_of(chart).may_view:
            return NOTHING
        # In the chart's language, which may run the other way than the admin's.
        return format_html('<div dir="auto">{}</div>', chart.alt)

    @admin.display(description=gettext_lazy("warnings"))
    def chart_warnings(self, chart: Any) -> SafeString | str:
        """Show what matplotlib warned of when the chart was drawn last."""
        job = _job(chart)
        if not job or not job.warnings or not viewer_of(chart).may_change:
            return NOTHING
        return listed(job.warnings)

    @admin.display(description=gettext_lazy("last failure"))
    def chart_failure(self, chart: Any) -> SafeString | str:
        """Show why the last render failed, its traceback folded."""
        job = _job(chart)
        if not job or not job.error or not viewer_of(chart).may_change:
            return NOTHING
        when = format_html("<p>{}</p>", moment(job.failed_at)) if job.failed_at else SafeString("")
        return when + failure(job.error)


def _without_ours(fieldset: Any) -> Any:
    """Return a fieldset without the fields of this app; None if there are no others in it."""
    title, options = fieldset
    lines = [
        kept if isinstance(line, list | tuple) else line
        for line in options["fields"]
        if (kept := [name for name in flatten([line]) if name not in FIELDS + FIELDS_OF_CHANGERS])
    ]
    return (title, {**options, "fields": lines}) if lines or not options["fields"] else None


def usual_template(model_admin: Any, name: str) -> Any:
    """Return the template that Django would use if a chart's admin had none of its own: it may be the project's.

    Args:
        model_admin: of a chart.
        name: the file's name.
    """
    opts = model_admin.opts
    places = (f"admin/{opts.app_label}/{opts.model_name}", f"admin/{opts.app_label}", "admin")
    found = select_template([f"{place}/{name}" for place in places])
    return getattr(found, "template", found)


def _job(chart: Any) -> Job | None:
    if not hasattr(chart, "charts_job"):
        chart.charts_job = chart.job
    job: Job | None = chart.charts_job
    return job


def listed(sentences: list[str]) -> SafeString:
    """Return sentences as a list."""
    return format_html(
        '<ul class="charts-said">{}</ul>',
        format_html_join("", '<li dir="auto">{}</li>', ([each] for each in sentences)),
    )


def failure(error: str) -> SafeString:
    """Return an error's sentence, and its traceback folded."""
    sentence, _newline, trace = error.partition("\n")
    said = format_html('<p class="charts-why" dir="auto">{}</p>', sentence)
    if not trace.strip():
        return said
    folded = '<details class="charts-trace"><summary>{}</summary><pre tabindex="0">{}</pre></details>'
    return said + format_html(folded, _("Traceback"), trace.strip())
