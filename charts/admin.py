"""Charts in Django's admin: see the picture and its state, and regenerate."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts import markup
from charts.clock import DatabaseTime, PkText
from charts.exceptions import RenderError
from charts.ledger import Job

STATES = {
    "fresh": gettext_lazy("fresh"),
    "stale": gettext_lazy("stale"),
    "rendering": gettext_lazy("rendering"),
    "failed": gettext_lazy("failed"),
    "never": gettext_lazy("never rendered"),
}


def with_state(charts: "QuerySet[Any]") -> "QuerySet[Any]":
    """Add what the admin shows of each chart's job, without a query for each row."""
    label = (charts.model._meta.concrete_model or charts.model)._meta.label_lower
    jobs = Job.objects.filter(chart_model=label, chart_pk=PkText(OuterRef("pk")))
    annotated: QuerySet[Any] = charts.annotate(
        charts_error=Coalesce(Subquery(jobs.values("error")[:1]), Value(""), output_field=TextField()),
        charts_duration=Subquery(jobs.values("duration")[:1]),
        charts_rendering=Exists(jobs.filter(leased_until__gt=DatabaseTime())),
    )
    return annotated


def state_of(chart: Any) -> str:
    """Return the name of a chart's state; the queryset is `with_state`'s."""
    if chart.charts_rendering:
        return "rendering"
    if chart.charts_error:
        return "failed"
    if not chart.image:
        return "never"
    return "stale" if chart.is_stale else "fresh"


class StateFilter(admin.SimpleListFilter):
    """Charts in one state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        failed = ~Q(charts_error="")
        stale = Q(image_version__lt=F("data_version"))
        conditions = {
            "rendering": Q(charts_rendering=True),
            "failed": failed & Q(charts_rendering=False),
            "never": Q(image="", charts_rendering=False) & ~failed,
            "stale": stale & ~Q(image="") & ~failed & Q(charts_rendering=False),
            "fresh": ~stale & ~Q(image="") & ~failed & Q(charts_rendering=False),
        }
        value = self.value()
        return queryset.filter(conditions[value]) if value in conditions else queryset


class ChartAdminMixin:
    """What a ModelAdmin of a chart shows beside its own."""

    actions = ("regenerate",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return with_state(super().get_queryset(request))  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        own = list(super().get_list_display(request))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*own, *(name for name in ("thumbnail", "state", "rendered_at") if name not in own)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [StateFilter, *super().get_list_filter(request)]  # type: ignore[misc]  # a mixin for ModelAdmin

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]  # a mixin for ModelAdmin
        return [*own, "picture", "alt_text", "state", "rendered_at", "error"] if obj else own

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, chart: Any) -> str:
        """Show the picture small; a chart that cannot be shown shows a dash."""
        return _shown(chart, alt="", style="height:4.5rem;width:auto;border-radius:4px")

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, chart: Any) -> str:
        """Show the picture as readers see it."""
        return _shown(chart, style="max-width:100%;height:auto")

    @admin.display(description=gettext_lazy("alternative text"))
    def alt_text(self, chart: Any) -> str:
        """Show what somebody hears who does not see the picture."""
        return chart.alt or "-"

    @admin.display(description=gettext_lazy("state"))
    def state(self, chart: Any) -> Any:
        """Say the chart's state; of a failure, its first line."""
        name = state_of(chart)
        if name != "failed":
            return STATES[name]
        return format_html("<b>{}</b>: {}", STATES[name], chart.charts_error.partition("\n")[0][:200])

    @admin.display(description=gettext_lazy("last failure"))
    def error(self, chart: Any) -> str:
        """Show the last failure, its traceback folded."""
        if not chart.charts_error:
            return "-"
        first, _blank, trace = chart.charts_error.partition("\n")
        return format_html("<details><summary>{}</summary><pre>{}</pre></details>", first, trace.strip())

    @admin.action(description=gettext_lazy("Regenerate selected charts"), permissions=["change"])
    def regenerate(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        """Draw the selected charts again, and say what became of them."""
        failures: list[str] = []
        drawn = 0
        for chart in queryset.order_by("pk").iterator(chunk_size=100):
            try:
                chart.render(force=True)
            except RenderError as error:
                failures.append(str(error))
            else:
                drawn += 1
                _log(request, chart)
        if drawn:
            said = ngettext("%(count)d chart was regenerated.", "%(count)d charts were regenerated.", drawn)
            messages.success(request, said % {"count": drawn})
        for failure in failures[:10]:
            messages.error(request, failure)
        if len(failures) > 10:
            messages.error(request, _("%(count)d more failed.") % {"count": len(failures) - 10})


def _shown(chart: Any, alt: str | None = None, **attrs: Any) -> str:
    if not chart.image:
        return "-"
    return markup.picture(chart, alt=alt, attrs=attrs)


def _log(request: HttpRequest, chart: Any) -> None:
    LogEntry.objects.log_actions(int(request.user.pk or 0), [chart], CHANGE, _("Regenerated."))


class ChartAdmin(ChartAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg,misc]  # not generic; a tuple, both
    """A ModelAdmin for charts."""
