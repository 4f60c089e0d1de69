"""What the pages of batches say: figures, facts, estimates and addresses."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts import batches
from charts.admin.listing import moment, seconds
from charts.admin.regenerating import view_name
from charts.batches import Figures
from charts.conf import config
from charts.ledger import Batch

# What the page of a batch shows.
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
