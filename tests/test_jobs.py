"""Jobs: sent once, claimed by one, failed with patience; hints may come twice, early, late or never."""

import signal
import sys
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from charts import dispatch
from charts.clock import DatabaseTime
from charts.exceptions import RenderError
from charts.freshness import jobs
from charts.ledger import Job
from tests.shop.models import Scripted
from tests.tools import Recorder, Statements, job, key_of, make_old, raise_version, row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _recorder(settings: Any) -> None:
    """Send hints to nobody, and keep them."""
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()


@pytest.fixture
def due(database: str) -> Scripted:
    """A chart whose job is due, with no hint sent."""
    Scripted.objects.bulk_create([Scripted(name="due")])  # no signal, so no mark and no job
    jobs.make_due([key_of(row_of_name("due"))], 0)
    return row_of_name("due")


def row_of_name(name: str) -> Scripted:
    return Scripted.objects.get(name=name)


def set_job(chart: Scripted, **values: Any) -> None:
    jobs.job_of(key_of(chart)).update(**values)


def send(chart: Scripted, **options: Any) -> list[jobs.Due]:
    key = key_of(chart)
    return jobs.send(key.using, [key], **options)


def seconds_until(chart: Scripted, column: str) -> float:
    """Return how far ahead of the database's clock a time of the job is."""
    found = jobs.job_of(key_of(chart)).annotate(now=DatabaseTime()).values_list(column, "now").get()
    return float((found[0] - found[1]).total_seconds())


# Step B, send.


def test_a_hint_is_sent_once(due: Scripted) -> None:
    assert [sent.key for sent in send(due)] == [key_of(due)]
    assert send(due) == []


def test_a_hint_that_was_lost_is_sent_again(due: Scripted) -> None:
    send(due)
    make_old(due._state.db)
    assert len(send(due)) == 1


def test_a_hint_for_later_is_not_lost_before_its_time(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(600), sent_at=DatabaseTime(-300))
    assert send(due) == []


def test_a_chart_that_is_not_due_is_not_sent(due: Scripted) -> None:
    set_job(due, due_at=None)
    assert send(due) == []


def test_a_chart_that_somebody_draws_is_not_sent(due: Scripted) -> None:
    assert jobs.claim(key_of(due))
    assert send(due) == []


def test_a_chart_whose_worker_was_killed_is_sent_when_its_lease_is_over(due: Scripted) -> None:
    jobs.claim(key_of(due))
    make_old(due._state.db)
    assert len(send(due)) == 1


def test_a_chart_that_is_out_of_attempts_is_not_sent(due: Scripted) -> None:
    set_job(due, attempts=3)
    assert send(due) == []


def test_a_hint_carries_the_rest_of_the_delay(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(100))
    assert 99 < send(due)[0].delay <= 100


def test_who_cannot_wait_is_sent_only_what_is_due_now(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(100))
    assert send(due, ahead=False) == []
    assert job(due).sent_at is None


def test_no_more_is_sent_than_is_taken(database: str) -> None:
    Scripted.objects.bulk_create([Scripted(name=str(number)) for number in range(250)])
    keys = [key_of(chart) for chart in Scripted.objects.all()]
    jobs.make_due(keys, 0)
    assert len(jobs.send(database, keys, 120)) == 120
    assert Job.objects.using(database).filter(sent_at__isnull=False).count() == 120
    assert len(jobs.send(database, keys)) == 130


def test_what_waits_longest_is_sent_first_but_for_clicks(database: str) -> None:
    Scripted.objects.bulk_create([Scripted(name=name) for name in ("late", "early", "click")])
    keys = {name: key_of(row_of_name(name)) for name in ("late", "early", "click")}
    jobs.make_due(list(keys.values()), 0)
    jobs.job_of(keys["early"]).update(due_at=DatabaseTime(-10))
    jobs.job_of(keys["click"]).update(priority=-1)
    sent = [due.key for due in jobs.send(database, list(keys.values()))]
    assert sent == [keys["click"], keys["early"], keys["late"]]


# Step C, claim.


def test_a_due_job_is_claimed_by_one(due: Scripted) -> None:
    assert jobs.claim(key_of(due))
    assert jobs.claim(key_of(due)) == ""


def test_a_claim_counts_an_attempt_and_takes_the_hint(due: Scripted) -> None:
    send(due)
    token = jobs.claim(key_of(due))
    claimed = job(due)
    assert (claimed.attempts, claimed.sent_at, claimed.lease_token) == (1, None, token)
    assert 59 < seconds_until(due, "leased_until") <= 60


def test_a_job_just_made_due_is_due_at_once(due: Scripted) -> None:
    for _ in range(50):
        set_job(due, due_at=None, leased_until=None, attempts=0)
        jobs.make_due([key_of(due)], 0)
        assert jobs.claim(key_of(due))


def test_a_job_that_is_due_later_is_not_claimed(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(5))
    assert jobs.claim(key_of(due)) == ""


def test_a_job_out_of_attempts_is_not_claimed(due: Scripted) -> None:
    set_job(due, attempts=3)
    assert jobs.claim(key_of(due)) == ""


def test_a_lease_that_is_over_is_anybodys(due: Scripted) -> None:
    first = jobs.claim(key_of(due))
    make_old(due._state.db)
    second = jobs.claim(key_of(due))
    assert second not in {"", first}


def test_a_hint_for_a_chart_that_has_nothing_to_do_does_nothing(due: Scripted) -> None:
    set_job(due, due_at=None)
    assert dispatch.run(key_of(due)) is None
    assert row(due).image.name == ""


def test_a_hint_that_comes_twice_draws_once(due: Scripted, script: dict[str, Any]) -> None:
    drawn = []
    script["get_data"] = lambda chart: drawn.append(chart.pk) or 1
    for _ in range(2):
        dispatch.run(key_of(due))
    assert len(drawn) == 1


def test_a_hint_that_comes_early_is_sent_again_for_the_rest(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(5), sent_at=DatabaseTime())
    assert dispatch.run(key_of(due)) is None
    (again,) = Recorder.sent
    assert again.key == key_of(due)
    assert 0 < again.delay <= 5
    assert row(due).image.name == ""


def test_a_hint_for_a_chart_that_is_being_drawn_leaves_it_alone(due: Scripted) -> None:
    token = jobs.claim(key_of(due))
    assert dispatch.run(key_of(due)) is None
    assert (job(due).lease_token, Recorder.sent) == (token, [])


# Step F, fail.


@pytest.fixture
def failing(due: Scripted, script: dict[str, Any]) -> Scripted:
    def fail(chart: Scripted) -> int:
        raise LookupError("No data today.")

    script["get_data"] = fail
    return due


def test_a_failure_is_recorded_with_its_step_and_traceback(failing: Scripted) -> None:
    dispatch.run(key_of(failing))
    error = row(failing).error
    assert error.startswith(f"shop.Scripted {failing.pk} could not be rendered: when get_data() read its data, ")
    assert "LookupError: No data today." in error
    assert "Traceback (most recent call last)" in error
    assert list(Scripted.objects.failed()) == [failing]


@pytest.mark.parametrize(
    ("attempts", "wait"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320), (7, 600), (50, 600)]
)
def test_each_failure_waits_longer(due: Scripted, attempts: int, wait: float) -> None:
    set_job(due, attempts=attempts, lease_token="mine")
    jobs.fail(key_of(due), "mine", "error", 0.1)
    assert wait - 1 < seconds_until(due, "due_at") <= wait
    assert (job(due).lease_token, job(due).leased_until) == ("", None)


def test_a_failed_chart_is_not_drawn_before_its_wait_is_over(failing: Scripted) -> None:
    dispatch.run(key_of(failing))
    dispatch.run(key_of(failing))
    assert job(failing).attempts == 1


def test_a_failed_chart_is_sent_again_for_when_its_wait_is_over(failing: Scripted) -> None:
    dispatch.run(key_of(failing))
    (again,) = Recorder.sent
    assert 9 < again.delay <= 10


def test_a_chart_that_keeps_failing_is_left_alone(failing: Scripted) -> None:
    for _ in range(5):
        dispatch.run(key_of(failing))
        make_old(failing._state.db)
    assert job(failing).attempts == 3
    assert len(Recorder.sent) == 2


def test_it_is_tried_again_when_its_data_changes(failing: Scripted, script: dict[str, Any]) -> None:
    set_job(failing, attempts=3, error="It failed.")
    script.clear()
    row(failing).save()
    dispatch.run(key_of(failing))
    assert (row(failing).error, job(failing).attempts, job(failing).due_at) == ("", 0, None)
    assert row(failing).image.name


def test_it_is_tried_again_when_a_person_asks(failing: Scripted, script: dict[str, Any]) -> None:
    set_job(failing, attempts=3, error="It failed.")
    script.clear()
    assert row(failing).render().status == "rendered"
    assert row(failing).error == ""


def test_a_failure_after_the_lease_is_over_is_not_recorded(due: Scripted) -> None:
    late = jobs.claim(key_of(due))
    make_old(due._state.db)
    token = jobs.claim(key_of(due))
    jobs.fail(key_of(due), late, "late", 0.1)
    assert (job(due).error, job(due).lease_token) == ("", token)


def test_an_explicit_render_takes_a_lease_that_is_free(due: Scripted, script: dict[str, Any]) -> None:
    leases = []
    script["get_data"] = lambda chart: leases.append(job(chart).lease_token) or 1
    row(due).render()
    assert leases[0]
    assert (job(due).lease_token, job(due).leased_until) == ("", None)


def test_an_explicit_render_draws_beside_a_worker_and_leaves_its_lease(due: Scripted) -> None:
    token = jobs.claim(key_of(due))
    assert row(due).render().status == "rendered"
    assert job(due).lease_token == token


def test_an_explicit_failure_is_recorded_without_a_lease_too(failing: Scripted) -> None:
    token = jobs.claim(key_of(failing))
    with pytest.raises(RenderError):
        row(failing).render()
    assert "No data today" in row(failing).error
    assert job(failing).lease_token == token


def test_an_explicit_failure_is_recorded_without_a_job_too(failing: Scripted) -> None:
    jobs.job_of(key_of(failing)).delete()
    with pytest.raises(RenderError):
        row(failing).render()
    assert "No data today" in row(failing).error


def test_an_explicit_render_minds_no_limit(failing: Scripted, script: dict[str, Any]) -> None:
    for _ in range(5):
        with pytest.raises(RenderError):
            row(failing).render()
    script.clear()
    assert row(failing).render().status == "rendered"


# Being told to stop.


@pytest.mark.parametrize("attempts", [0, 2])
def test_a_worker_told_to_stop_gives_the_job_back_undone(due: Scripted, script: dict[str, Any], attempts: int) -> None:
    def stop(chart: Scripted) -> int:
        raise KeyboardInterrupt

    set_job(due, attempts=attempts)
    script["get_data"] = stop
    with pytest.raises(KeyboardInterrupt):
        dispatch.run(key_of(due))
    given_back = job(due)
    assert (given_back.lease_token, given_back.leased_until, given_back.attempts) == ("", None, attempts)
    assert given_back.error == ""


@pytest.mark.parametrize("hook", ["get_data", "draw"])
def test_a_chart_that_calls_exit_has_failed_and_stops_nobody(due: Scripted, script: dict[str, Any], hook: str) -> None:
    script[hook] = lambda *args: sys.exit(3)
    assert dispatch.run(key_of(due)) is None
    assert job(due).attempts == 1
    assert "the chart's code called exit(3)" in job(due).error


class Stop:
    """A handler that is no function."""

    def __call__(self, number: int, frame: Any) -> None:
        sys.exit(0)


@pytest.mark.parametrize("handler", [lambda number, frame: sys.exit(0), Stop(), partial(Stop.__call__, Stop())])
def test_a_signal_stops_a_worker_also_amid_a_hook(due: Scripted, script: dict[str, Any], handler: Any) -> None:
    script["get_data"] = lambda chart: signal.raise_signal(signal.SIGTERM)
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with pytest.raises(SystemExit):
            dispatch.run(key_of(due))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (job(due).lease_token, job(due).attempts, job(due).error) == ("", 0, "")


def test_attempts_that_were_forgotten_meanwhile_are_not_taken_back(due: Scripted, script: dict[str, Any]) -> None:
    def stop(chart: Scripted) -> int:
        jobs.make_due([key_of(chart)], 0)
        raise KeyboardInterrupt

    script["get_data"] = stop
    with pytest.raises(KeyboardInterrupt):
        dispatch.run(key_of(due))
    assert (job(due).attempts, job(due).lease_token) == (0, "")


@pytest.mark.parametrize("has_job", [True, False])
def test_a_person_who_stops_a_render_leaves_no_lease(due: Scripted, script: dict[str, Any], has_job: bool) -> None:
    def stop(chart: Scripted) -> int:
        raise KeyboardInterrupt

    if not has_job:
        jobs.job_of(key_of(due)).delete()
    script["get_data"] = stop
    with pytest.raises(KeyboardInterrupt):
        row(due).render()
    assert not Job.objects.using(due._state.db).filter(leased_until__isnull=False).exists()


def test_stopping_beside_a_worker_leaves_the_workers_lease(due: Scripted, script: dict[str, Any]) -> None:
    def stop(chart: Scripted) -> int:
        raise KeyboardInterrupt

    token = jobs.claim(key_of(due))
    script["get_data"] = stop
    with pytest.raises(KeyboardInterrupt):
        row(due).render()
    assert (job(due).lease_token, job(due).attempts) == (token, 1)


# Who looks at a chart.


def test_who_looks_at_a_stale_chart_has_it_drawn(due: Scripted) -> None:
    set_job(due, due_at=DatabaseTime(60))
    result = dispatch.run_now(key_of(due))
    assert result is not None
    assert result.status == "rendered"


def test_who_looks_at_a_failed_chart_does_not_have_it_drawn_again(failing: Scripted) -> None:
    dispatch.run_now(key_of(failing))
    dispatch.run_now(key_of(failing))
    assert job(failing).attempts == 1


def test_who_looks_at_a_fresh_chart_costs_little(due: Scripted) -> None:
    dispatch.run(key_of(due))
    with Statements(due._state.db) as statements:
        assert dispatch.run_now(key_of(due)) is None
    assert len(statements) <= 3


def test_a_job_made_within_a_transaction_is_claimed_in_it(due: Scripted, database: str) -> None:
    raise_version(due)
    with transaction.atomic(using=database):
        set_job(due, due_at=None)
        jobs.make_due([key_of(due)], 0)
        assert jobs.claim(key_of(due))
