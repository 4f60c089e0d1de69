"""What the pages of batches say: figures, sentences and addresses, for people and for the script that follows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts import batches, dispatch
from charts.admin.listing import moment, reason, seconds
from charts.admin.regenerating import view_name, view_url
from charts.admin.viewing import viewed, viewer_of
from charts.batches import Figures
from charts.batches.rows import rows_of
from charts.conf import config
from charts.ledger import Batch

# Failures that a page lists.
LISTED = 50
FIGURES = {
    "drawn": gettext_lazy("drawn"),
    "unchanged": gettext_lazy("unchanged"),
    "failed": gettext_lazy("failed"),
    "drawing": gettext_lazy("being drawn"),
    "waiting": gettext_lazy("waiting"),
    "left": gettext_lazy("left as they were"),
    "gone": gettext_lazy("deleted meanwhile"),
}
# What the list of all batches shows: there, what is not done is one figure.
LIST_FIGURES = {
    "drawn": FIGURES["drawn"],
    "unchanged": FIGURES["unchanged"],
    "failed": FIGURES["failed"],
    "gone": gettext_lazy("deleted"),
    "left": gettext_lazy("not drawn"),
}
STATES = {
    "running": gettext_lazy("running"),
    "cancelled": gettext_lazy("cancelled"),
    "finished": gettext_lazy("finished"),
}


def number(count: int) -> str:
    """Return a number as people read it: 5,000."""
    return formats.number_format(count, force_grouping=True)


def span(length: float) -> str:
    """Return a span of time, given in seconds, in words, in the one unit that says enough."""
    if length < 90:
        count = max(1, round(length))
        return ngettext("%(count)s second", "%(count)s seconds", count) % {"count": number(count)}
    if length < 90 * 60:
        count = round(length / 60)
        return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": number(count)}
    count = round(length / 3600)
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": number(count)}


def batch_url(model_admin: Any, batch: Batch, step: str = "") -> str:
    """Return the address of a batch's page, or of a step that is posted to."""
    name = view_name(model_admin, "batch_step" if step else "batch")
    args = [batch.pk, step] if step else [batch.pk]
    return reverse(f"admin:{name}", args=args, current_app=model_admin.admin_site.name)


def state_of(batch: Batch, figures: Figures) -> str:
    """Return one of `STATES`: a cancelled batch still finishes what workers have begun."""
    if batch.cancelled_at:
        return "cancelled"
    return "running" if figures.left else "finished"


def counts(batch: Batch, figures: Figures) -> dict[str, int]:
    """Return the figures that are shown, by their names in `FIGURES`."""
    found = {name: getattr(figures, name) for name in FIGURES}
    if batch.cancelled_at:
        return found | {"left": figures.pending}
    # Whether a chart waits for its slice or for a worker is of no use to who waits for the whole.
    return found | {"waiting": figures.waiting + figures.pending, "left": 0}


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
        self.rate = batches.per_second(batch) if self.state == "running" else 0.0

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


# What can be posted of a batch that was begun; `progress` is for the script, `draw` for who has none.
STEPS = ("progress", "draw", "cancel", "resume", "retry")


def may_drive() -> bool:
    """Say whether charts may be drawn in requests: never where there are workers for it."""
    return not dispatch.has_worker()


def facts(batch: Batch) -> list[tuple[str, Any]]:
    """Return who has asked for what, and when."""
    found = [(_("Asked for by"), batch.user_name or "-"), (_("Begun"), _moment(batch.confirmed_at))]
    if batch.cancelled_at:
        found.append((_("Cancelled"), _moment(batch.cancelled_at)))
    found.append((_("Charts"), what(batch)))
    return found


def what(batch: Batch) -> str:
    """Say which of the selected charts were meant, and how."""
    which = _("only stale ones") if batch.only_stale else _("all selected")
    how = _("drawn even if their data did not change") if batch.redraw else _("drawn only if their data changed")
    return f"{which}, {how}"


def _moment(time: datetime | None) -> Any:
    return moment(time) if time else "-"


def confirmation(model_admin: Any, batch: Batch, charts: Any) -> dict[str, Any]:
    """Return what is shown before a batch begins."""
    found = batches.selection(batch, charts)
    return {
        "batch": batch,
        "total": found.total,
        "stale": found.stale,
        "total_text": number(found.total),
        "stale_text": number(found.stale),
        "typical": "" if found.typical is None else seconds(found.typical),
        "estimate": estimate(found.total, found.typical),
        "estimate_stale": estimate(found.stale, found.typical),
        "oldest": "" if found.oldest is None else span(found.oldest),
        "drives": config().dispatcher == "inline",
        "confirm_url": batch_url(model_admin, batch, "confirm"),
        "discard_url": batch_url(model_admin, batch, "discard"),
    }


def estimate(count: int, typical: float | None) -> str:
    """Say how long some charts will take one after the other; "" if no such chart has been drawn yet."""
    return "" if typical is None or not count else span(count * typical)


def row(model_admin: Any, batch: Batch, figures: Figures) -> dict[str, Any]:
    """Return a batch as the list of all shows it."""
    return {
        "url": batch_url(model_admin, batch),
        "begun": _moment(batch.confirmed_at),
        "user": batch.user_name or "-",
        "state": STATES[state_of(batch, figures)],
        "what": what(batch),
        "total": number(figures.total),
        "figures": [number(getattr(figures, name)) for name in LIST_FIGURES],
    }
