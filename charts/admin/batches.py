"""Regenerating charts that somebody selected."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts.exceptions import RenderError


class ChartRegenerating:
    """The action that draws selected charts again."""

    actions = ("regenerate",)

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


def _log(request: HttpRequest, chart: Any) -> None:
    LogEntry.objects.log_actions(int(request.user.pk or 0), [chart], CHANGE, _("Regenerated."))
