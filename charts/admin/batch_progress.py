"""How far a batch is, in words and figures: for its page, and for the script that follows it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts import batches, dispatch
from charts.admin.batch_pages import FIGURES, STATES, batch_url, counts, facts, number, span, state_of
from charts.admin.listing import reason
from charts.admin.regenerating import view_url
from charts.admin.viewing import viewed, viewer_of
from charts.batches import Figures
from charts.batches.rows import rows_of
from charts.conf import config
from charts.ledger import Batch

# Failures that a page lists.
LISTED = 50
# What can be posted of a batch that was begun; `progress` is for the script, `draw` for who has none.
STEPS = ("progress", "draw", "cancel", "resume", "retry")


class Progress:
    """What there is to say of a batch that was begun.

    Args:
        model_admin: of its charts.
        request: of who looks.
        batch: which.
        charts: those that he may see.
        figures: of those.
    """

    def __init__(self, model_admin: Any, request: HttpRequest, batch: Batch, charts: Any, figures: Figures) -> None:
        self.model_admin = model_admin
        self.request = request
        self.batch = batch
        self.charts = charts
        self.figures = figures
        self.state = state_of(batch, figures)
        self.rate = batches.per_second(batch, charts) if self.state == "running" else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return what the script sets on the page."""
        failures, more = self.failures()
        return {
            "state": self.state,
            "done": self.figures.done,
            "total": self.figures.total,
            "left": self.figures.left,
            "drawing": self.figures.drawing,
            "figures": {name: number(count) for name, count in counts(self.batch, self.figures).items()},
            "said": self.said(),
            "remaining": self.remaining(),
            "drive": self.drive(),
            "failures": failures,
            "more": more,
        }

    def said(self) -> str:
        """Say how far it is."""
        done, total = self.figures.done, self.figures.total
        words = {"done": number(done), "total": number(total)}
        if self.state == "finished":
            all_done = ngettext("%(total)s chart is done.", "All %(total)s charts are done.", total) % words
            return _failed(self.figures) or all_done
        if self.state == "cancelled":
            left = self.figures.pending
            untouched = ngettext(
                "%(count)s chart was left as it was.", "%(count)s charts were left as they were.", left
            ) % {"count": number(left)}
            return _("Cancelled.") + " " + untouched
        return ngettext("%(done)s of %(total)s chart is done.", "%(done)s of %(total)s charts are done.", total) % words

    def remaining(self) -> str:
        """Say how long the rest will take; "" if that is not known."""
        if self.state != "running" or not self.rate:
            return ""
        return _("About %(span)s left.") % {"span": span(self.figures.left / self.rate)}

    def drive(self) -> bool:
        """Say whether the page must draw the charts itself, for there is nobody else."""
        if self.state != "running":
            return False
        return may_drive() and (config().dispatcher == "inline" or batches.is_idle(self.batch))

    def failures(self) -> tuple[list[dict[str, str]], str]:
        """Return the first failures, and a sentence on those that are not listed."""
        if not self.figures.failed:
            return [], ""
        found = batches.failures(self.batch, self.charts, LISTED)
        named = self._named([failure.chart_pk for failure in found])
        listed = [
            {
                "name": str(named[failure.chart_pk]),
                "url": view_url(self.model_admin, "change", named[failure.chart_pk]),
                "error": reason(failure.error) if viewer_of(named[failure.chart_pk]).may_change else "",
            }
            for failure in found
            if failure.chart_pk in named
        ]
        rest = self.figures.failed - len(listed)
        if rest <= 0:
            return listed, ""
        more = ngettext("%(count)s more chart has failed.", "%(count)s more charts have failed.", rest)
        return listed, more % {"count": number(rest)}

    def _named(self, keys: Iterable[str]) -> dict[str, Any]:
        """Load charts by their keys with the rows that their names are likely made of."""
        model = self.charts.model
        foreign = [field.name for field in model._meta.concrete_fields if field.is_relation]
        rows = rows_of(model, self.charts.db, keys)
        loaded = rows.select_related(*foreign) if foreign else rows
        return {chart.charts_key: viewed(chart, self.request, self.model_admin) for chart in loaded}

    def context(self) -> dict[str, Any]:
        """Return what the page's template shows."""
        failures, more = self.failures()
        shown = counts(self.batch, self.figures)
        return {
            "batch": self.batch,
            "state": self.state,
            "state_name": STATES[self.state],
            "said": self.said(),
            "remaining": self.remaining(),
            "drive": self.drive(),
            "may_drive": may_drive(),
            "figures": [(name, label, number(shown[name])) for name, label in FIGURES.items()],
            "done": self.figures.done,
            "total": self.figures.total,
            "failures": failures,
            "more": more,
            "facts": facts(self.batch),
            "urls": {step: batch_url(self.model_admin, self.batch, step) for step in STEPS},
        }


def _failed(figures: Figures) -> str:
    """Say that a batch has ended with failures; "" if it has none."""
    if not figures.failed:
        return ""
    words = {"failed": number(figures.failed), "total": number(figures.total)}
    said = ngettext(
        "%(failed)s of %(total)s charts has failed.", "%(failed)s of %(total)s charts have failed.", figures.failed
    )
    return _("Finished.") + " " + said % words


def may_drive() -> bool:
    """Say whether charts may be drawn in requests: never where there are workers for it."""
    return not dispatch.has_worker()
