"""One chart to render, from whichever process: the order, carrying it out, and the report."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from charts import pipeline
from charts.exceptions import RenderError
from charts.freshness import jobs, publishing
from charts.ledger import ChartKey

Status = Literal["rendered", "unchanged", "superseded", "elsewhere", "gone", "waiting", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One chart to render.

    Attributes:
        key: which.
        redraw: draw it also if its data is the same.
        asked: a person named it: no limit holds, neither the wait after a failure nor the number of attempts.
        early: whether a job that is due only later is done now.
        token: what its lease is taken under, so that whoever gave the order can end the lease.
    """

    key: ChartKey
    redraw: bool = False
    asked: bool = False
    early: bool = True
    token: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What became of an order.

    Attributes:
        key: which chart.
        status: as of a `RenderResult`; or `elsewhere`, a worker has it; `gone`, its row was deleted; `waiting`, it has
            failed and is not tried again yet; `failed`.
        duration: seconds from reading the data to the last file written; 0 where nothing was.
        sentence: why there is no new picture, if there should be one.
        warnings: what matplotlib warned of, a sentence each.
        stale: whether the data has changed again meanwhile.
    """

    key: ChartKey
    status: Status
    duration: float = 0.0
    sentence: str = ""
    warnings: tuple[str, ...] = ()
    stale: bool = False

    @property
    def result(self) -> pipeline.RenderResult | None:
        """The same as a render returns it; None if nothing was rendered or found right."""
        if self.status not in {"rendered", "unchanged", "superseded"}:
            return None
        return pipeline.RenderResult(
            status=self.status,
            duration=self.duration,
            warnings=self.warnings,
            stale=self.stale,
        )


def carry_out(order: Order, lease: float | None = None) -> Report:
    """Render one chart here and now; whatever is wrong with it is in the report, and on the chart.

    Args:
        order: what to do.
        lease: seconds until the chart counts as abandoned; by default `CHARTS["LEASE"]`.
    """
    try:
        return _carried_out(order, lease)
    except publishing.RowGoneError:
        return Report(key=order.key, status="gone")
    except RenderError as error:
        return Report(key=order.key, status="failed", sentence=str(error))
    except Exception as error:  # noqa: BLE001  (a database may raise anything between the steps of a render)
        why = f"{order.key} could not be rendered: {type(error).__name__}: {error}"
        return Report(key=order.key, status="failed", sentence=why)


def _carried_out(order: Order, lease: float | None) -> Report:
    key = order.key
    if order.asked or order.redraw:
        result = pipeline.render(key, force=order.redraw, token=order.token, lease=lease)[0]
    else:
        if order.early:
            jobs.hurry(key)
        if not jobs.claim(key, order.token, lease):
            return why_not(key)
        result = pipeline.work(key, order.token)
    return Report(key=key, status=result.status, duration=result.duration, warnings=result.warnings, stale=result.stale)


def why_not(key: ChartKey) -> Report:
    """Say why there was no job to do: a worker has the chart, or it has failed and waits."""
    error = jobs.job_of(key).filter(jobs.lease_is_free()).values_list("error", flat=True).first()
    if not error:
        return Report(key=key, status="elsewhere")
    return Report(key=key, status="waiting", sentence=error.partition("\n")[0])
