"""Batches: selected in one statement, fed in slices, told from the rows, cancelled without a trace."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models import F

from charts import batches, dispatch, pipeline, sweeping
from charts.batches import Asked, Failure, Figures, feeding
from charts.clock import DatabaseTime
from charts.freshness import jobs, marks, recovering
from charts.ledger import BATCH, CLICK, SIGNAL, Batch, BatchItem, Job
from tests.shop.models import Account, Badge, Country, Scripted, Statement
from tests.tools import Recorder, Statements, in_thread, job, key_of, make_old, raise_version, row

pytestmark = pytest.mark.usefixtures("database")
ANYBODY = Asked(user_pk="1", user_name="boss")
# For what is the same on every database.
once = pytest.mark.parametrize("database", ["default"], indirect=True)


@pytest.fixture(autouse=True)
def _recorder(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Recorder.sent.clear()


def scripted(count: int) -> list[Scripted]:
    """Return fresh charts with a picture, without drawing one."""
    made = [Scripted(name=f"chart {number}") for number in range(count)]
    Scripted.objects.bulk_create(made)
    Scripted.objects.update(image="there.png", image_version=1, data_digest="digest")
    return list(Scripted.objects.order_by("pk"))


def begun(charts: Any = None, *, only_stale: bool = False, redraw: bool = True) -> Batch:
    """Return a confirmed batch of charts, by default all there are."""
    charts = Scripted.objects.all() if charts is None else charts
    batch = batches.select(charts, charts.db, ANYBODY)
    assert batch is not None
    meant = charts.stale() if only_stale else charts
    assert batches.confirm(batch, meant, only_stale=only_stale, redraw=redraw)
    batch.refresh_from_db()
    return batch


def counted(batch: Batch, charts: Any = None) -> dict[str, int]:
    """Return the figures that are not 0."""
    charts = Scripted.objects.all() if charts is None else charts
    found = batches.figures(batch, charts.using(batch._state.db), gone_too=True)
    return {name: count for name, count in vars_of(found).items() if count}


def vars_of(found: Figures) -> dict[str, int]:
    return {name: getattr(found, name) for name in Figures.__dataclass_fields__}


def work_off(using: str) -> None:
    """Do what a worker does until nothing is due."""
    while keys := recovering.due_now(using, 100):
        for key in keys:
            dispatch.run(key)


def log(keys: list[str]) -> None:
    """Log nothing."""


def finish(charts: Any) -> None:
    """Let charts be drawn, without drawing them."""
    for chart in charts:
        Scripted.objects.filter(pk=chart.pk).update(image=f"new {chart.pk}.png", image_version=F("data_version"))
        jobs.job_of(key_of(chart)).update(due_at=None, priority=SIGNAL, finished_at=DatabaseTime())


def fail(chart: Scripted, error: str = "because") -> None:
    """Let a chart fail as a worker would."""
    token = jobs.claim(key_of(chart))
    assert token
    jobs.fail(key_of(chart), token, error, 1.0)


# Selecting


def test_a_selection_is_noted_in_three_statements_and_does_nothing_yet(database: str) -> None:
    scripted(30)
    with Statements(database) as statements:
        batch = batches.select(Scripted.objects.all(), database, ANYBODY)
    assert len(statements) == 3, statements
    assert counted(batch) == {"pending": 30}
    assert batches.feed(database) == []
    assert not Job.objects.exists()


def test_the_charts_of_a_batch_are_drawn_anew_and_counted(database: str) -> None:
    charts = scripted(3)
    batch = begun()
    assert counted(batch) == {"pending": 3}
    assert {key.pk for key in batches.feed(database)} == {key_of(chart).pk for chart in charts}
    assert counted(batch) == {"waiting": 3}
    work_off(database)
    assert counted(batch) == {"drawn": 3}
    assert not Scripted.objects.filter(image="there.png").exists()
    assert not Scripted.objects.stale().exists()


def test_without_redrawing_what_is_right_is_counted_as_unchanged(database: str, script: dict[str, Any]) -> None:
    for chart in scripted(2):
        chart.render()
    Scripted.objects.filter(name="chart 1").update(value=7)
    batch = begun(redraw=False)
    batches.feed(database)
    work_off(database)
    assert counted(batch) == {"drawn": 1, "unchanged": 1}
    again = begun(redraw=True)
    batches.feed(database)
    work_off(database)
    assert counted(again) == {"drawn": 2}
    assert counted(batch) == {"drawn": 1, "unchanged": 1}


@once
def test_a_person_who_must_be_asked_of_each_chart_selects_those_he_may_change(database: str) -> None:
    scripted(3)
    asked = Asked(may_change=lambda chart: chart.name != "chart 1")
    assert counted(batches.select(Scripted.objects.all(), database, asked)) == {"pending": 2}
    assert batches.select(Scripted.objects.all(), database, Asked(may_change=lambda chart: False)) is None
    assert batches.select(Scripted.objects.none(), database, ANYBODY) is None
    assert Batch.objects.count() == 1


def test_only_what_is_stale_and_seen_at_the_confirmation_stays_in_the_batch(database: str) -> None:
    first, second, _ = scripted(3)
    batch = batches.select(Scripted.objects.all(), database, ANYBODY)
    raise_version(first)
    raise_version(second)
    seen = Scripted.objects.exclude(pk=second.pk)
    assert batches.selection(batch, seen).total == 2
    assert batches.selection(batch, seen).stale == 1
    assert batches.confirm(batch, seen.stale(), only_stale=True, redraw=True) == 1
    assert list(batch.items.values_list("chart_pk", flat=True)) == [key_of(first).pk]
    assert batches.confirm(batch, seen, only_stale=False, redraw=True) == 0  # it has begun


def test_an_estimate_is_the_median_of_what_such_charts_have_taken(database: str) -> None:
    charts = scripted(3)
    batch = batches.select(Scripted.objects.filter(pk=charts[0].pk), database, ANYBODY)
    assert batches.selection(batch, Scripted.objects.all()).typical is None
    jobs.make_due([key_of(chart) for chart in charts], 0)
    for chart, duration in zip(charts, (None, 2.0, 4.0), strict=True):
        jobs.job_of(key_of(chart)).update(duration=duration, stale_since=DatabaseTime(-90))
    found = batches.selection(batch, Scripted.objects.all())
    assert found.typical == 3.0
    assert found.oldest == pytest.approx(90, abs=5)
    assert batches.selection(batch, Scripted.objects.none()).oldest is None


def test_selections_that_nobody_confirms_and_old_batches_are_deleted(database: str) -> None:
    scripted(2)
    kept, forgotten, over = (batches.select(Scripted.objects.all(), database, ANYBODY) for _ in range(3))
    assert batches.prune(database) == 0
    Batch.objects.filter(pk=forgotten.pk).update(created_at=DatabaseTime(-2 * 86400))
    Batch.objects.filter(pk=over.pk).update(confirmed_at=DatabaseTime(-100 * 86400))
    sweeping.sweep(database)
    assert list(Batch.objects.all()) == [kept]
    assert BatchItem.objects.count() == 2
    batches.discard(kept)
    assert not BatchItem.objects.exists()


@once
def test_a_batch_that_was_confirmed_is_not_discarded(database: str) -> None:
    scripted(1)
    batches.discard(begun())
    assert Batch.objects.count() == 1


# Feeding


def test_a_batch_is_fed_in_slices(database: str) -> None:
    charts = scripted(batches.WINDOW + 70)
    batch = begun()
    first = batches.feed(database)
    assert len(first) == batches.WINDOW
    assert Scripted.objects.stale().count() == batches.WINDOW
    finish(charts[:40])
    assert batches.feed(database) == []  # not one at a time
    finish(charts[40:60])
    assert len(batches.feed(database)) == 60
    assert counted(batch) == {"drawn": 60, "waiting": 100, "pending": 10}


@once
def test_it_is_over_when_all_is_done(database: str) -> None:
    charts = scripted(2)
    batch = begun()
    batches.feed(database)
    finish(charts)
    assert batches.feed(database) == []
    batch.refresh_from_db()
    assert batch.finished_at
    # What has become of it can change no more.
    raise_version(charts[0])
    Scripted.objects.filter(pk=charts[1].pk).delete()
    assert counted(batch) == {"drawn": 2}


def test_two_feeders_feed_each_chart_once(database: str) -> None:
    if connections[database].vendor == "sqlite":
        pytest.skip("SQLite locks the whole database.")
    scripted(batches.WINDOW * 2)
    batch = begun()
    futures = [in_thread(lambda: batches.feed(database)) for _ in range(4)]
    fed = [key for future in futures for key in future.result(timeout=30)]
    assert len(fed) == len(set(fed)) == batches.WINDOW
    assert counted(batch) == {"waiting": 100, "pending": 100}
    assert set(Scripted.objects.values_list("data_version", flat=True)) == {1, 2}


def test_a_feeder_waits_for_nobody(database: str) -> None:
    if connections[database].vendor == "sqlite":
        pytest.skip("SQLite locks the whole database.")
    first, second = scripted(2)
    batch = begun()
    with transaction.atomic(using=database):
        Scripted.objects.filter(pk=first.pk).update(value=5)
        assert in_thread(lambda: batches.feed(database)).result(timeout=20) == [key_of(second)]
    finish([second])
    assert batches.feed(database) == [key_of(first)]
    assert counted(batch) == {"drawn": 1, "waiting": 1}


@once
def test_what_was_drawn_for_another_reason_since_is_not_drawn_again(database: str) -> None:
    first, second = scripted(2)
    batch = begun()
    first.render(force=True)
    assert batches.feed(database) == [key_of(second)]
    assert counted(batch) == {"drawn": 1, "waiting": 1}


@pytest.mark.parametrize("model", [Badge, Country, Statement])
def test_charts_with_any_key_can_be_regenerated(database: str, model: Any) -> None:
    accounts = [Account.objects.create() for _ in range(2)]
    keys: Any = {Badge: [{}, {}], Country: [{"code": "it's 100%"}, {"code": "ä"}]}
    charts = [model.objects.create(**values) for values in keys.get(model, [{"account": each} for each in accounts])]
    work_off(database)
    batch = begun(model.objects.all())
    assert counted(batch, model.objects.all()) == {"pending": 2}
    assert {key.pk_value for key in batches.feed(database)} == {chart.pk for chart in charts}
    assert [key.model for key in batches.ready(batch, 9)] == [model._meta.label_lower] * 2
    charts[0].delete()
    work_off(database)
    assert counted(batch, model.objects.all()) == {"drawn": 1, "gone": 1}


def test_a_chart_that_was_deleted_or_whose_key_is_none_stops_nothing(database: str) -> None:
    charts = scripted(4)
    batch = begun()
    batch.items.filter(chart_pk=key_of(charts[0]).pk).update(chart_pk="no number")
    charts[1].delete()
    assert len(batches.feed(database)) == 2
    charts[2].delete()
    assert counted(batch) == {"gone": 3, "waiting": 1}


@once
def test_a_row_that_was_deleted_and_made_again_holds_up_nothing(database: str) -> None:
    Country.objects.bulk_create([Country(code="de", image="there.png", image_version=7, data_version=7)])
    batch = begun(Country.objects.all())
    batches.feed(database)
    Country.objects.all().delete()
    Country.objects.create(code="de")
    assert counted(batch, Country.objects.all()) == {"waiting": 1}
    work_off(database)
    assert counted(batch, Country.objects.all()) == {"drawn": 1}


@once
def test_charts_of_a_model_that_is_gone_stop_nothing(database: str) -> None:
    scripted(1)
    begun()
    Batch.objects.update(chart_model="shop.gone")
    scripted(1)
    batch = begun()
    assert len(batches.feed(database)) == 2
    assert counted(batch) == {"waiting": 2}


@once
def test_a_fault_in_one_batch_stops_no_other(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scripted(1)
    broken, good = begun(), begun()
    fed = batches.feed_batch
    monkeypatch.setattr(feeding, "feed_batch", lambda batch: 1 / 0 if batch == broken else fed(batch))
    assert len(batches.feed(database)) == 1
    assert counted(good) == {"waiting": 1}
    assert f"Batch {broken.pk} could not go on" in caplog.text


@once
def test_a_worker_that_has_done_a_job_takes_up_the_next(database: str) -> None:
    scripted(batches.WINDOW + 1)
    begun()
    dispatch.feed(database)
    assert [due.priority for due in Recorder.sent] == [BATCH] * batches.WINDOW
    finish(Scripted.objects.order_by("pk")[1:60])
    Recorder.sent.clear()
    dispatch.run(key_of(Scripted.objects.order_by("pk").first()))
    assert len(Recorder.sent) == 1


@once
def test_a_sweep_takes_up_charts_and_returns_them_last(database: str) -> None:
    first, second, third = scripted(3)
    begun(Scripted.objects.exclude(pk=third.pk))
    with dispatch.held():
        marks.mark_charts(Scripted.objects.filter(pk=third.pk), database)
    swept = sweeping.sweep(database)
    assert swept[0] == key_of(third)
    assert set(swept[1:]) == {key_of(first), key_of(second)}


# The order of work


def test_a_click_goes_before_signals_and_they_before_batches(database: str) -> None:
    clicked, changed, selected = scripted(3)
    begun()
    dispatch.feed(database)
    Recorder.sent.clear()
    marks.mark_charts(Scripted.objects.filter(pk=changed.pk), database)
    clicked.render_later()
    assert [job(chart).priority for chart in (clicked, changed, selected)] == [CLICK, SIGNAL, BATCH]
    # The hints that were sent lie at the end of the queue.
    assert {due.key.pk: due.priority for due in Recorder.sent} == {
        key_of(clicked).pk: CLICK,
        key_of(changed).pk: SIGNAL,
    }
    assert recovering.due_now(database, 2) == [key_of(clicked), key_of(changed)]


@once
def test_a_chart_that_has_been_drawn_has_no_better_place_than_others(database: str) -> None:
    (chart,) = scripted(1)
    chart.render_later()
    assert job(chart).priority == CLICK
    dispatch.run(key_of(chart))
    assert job(chart).priority == SIGNAL


@once
def test_one_chart_that_somebody_selects_is_a_click(database: str) -> None:
    (chart,) = scripted(1)
    begun()
    batches.feed(database)
    assert job(chart).priority == CLICK


# Failures


def test_failures_are_counted_told_and_tried_again(database: str) -> None:
    first, second = scripted(2)
    jobs.make_due([key_of(second)], 0)
    fail(second, "an old story")
    batch = begun()
    batches.feed(database)
    assert counted(batch) == {"waiting": 2}  # it failed before, not for this batch
    fail(first, "no glyphs\n\nTraceback")
    seen = Scripted.objects.all()
    assert counted(batch) == {"failed": 1, "waiting": 1}
    assert batches.failures(batch, seen, 9) == [Failure(chart_pk=key_of(first).pk, error="no glyphs")]
    assert batches.failures(batch, Scripted.objects.none(), 9) == []
    finish([second])
    batches.feed(database)
    assert Batch.objects.filter(finished_at__isnull=False).count() == 1
    assert batches.retry(batch, Scripted.objects.none(), log) == 0
    assert batches.retry(batch, seen, log) == 1
    assert counted(batch) == {"drawn": 1, "pending": 1}
    assert batches.feed(database) == [key_of(first)]
    assert job(first).attempts == 0
    dispatch.run(key_of(first))
    assert counted(batch) == {"drawn": 2}


@pytest.mark.parametrize("seen_to", [batches.settle_late, lambda batch: sweeping.sweep(batch._state.db)])
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_what_is_drawn_after_a_batch_is_over_stays_drawn(database: str, seen_to: Any, is_cancelled: bool) -> None:
    (chart,) = scripted(1)
    batch = begun()
    batches.feed(database)
    if is_cancelled:
        jobs.claim(key_of(chart))
        batches.cancel(batch)
    else:
        fail(chart)
        batches.feed(database)
    assert not batches.feed(database)
    finish([chart])
    seen_to(batch)
    Scripted.objects.filter(pk=chart.pk).delete()
    assert counted(batch) == {"drawn": 1}


@once
def test_failures_do_not_hold_up_the_others(database: str) -> None:
    charts = scripted(batches.WINDOW + 1)
    batch = begun()
    batches.feed(database)
    for chart in charts[: batches.WINDOW]:
        fail(chart)
    assert batches.feed(database) == [key_of(charts[-1])]
    assert counted(batch) == {"failed": batches.WINDOW, "waiting": 1}


def test_a_chart_that_kills_whoever_draws_it_fails_also_where_there_is_no_worker(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "MAX_ATTEMPTS": 1}
    killer, _ = scripted(2)
    batch = begun()
    batches.feed(database)
    jobs.claim(key_of(killer))
    jobs.job_of(key_of(killer)).update(leased_until=DatabaseTime(-1))
    dispatch.drive(batch, 60)
    assert counted(batch) == {"failed": 1, "drawn": 1}
    assert "was killed" in job(killer).error
    assert row(killer).recipe_digest.startswith("-")


# Cancelling


def test_what_nobody_has_begun_is_left_as_it_was(database: str) -> None:
    fresh, stale, begun_one, changed, waits = scripted(5)
    raise_version(stale)
    jobs.make_due([key_of(stale)], 0)
    batch = begun(Scripted.objects.exclude(pk=waits.pk))
    batches.feed(database)
    token = jobs.claim(key_of(begun_one))
    marks.mark_charts(Scripted.objects.filter(pk=changed.pk), database)
    assert batches.cancel(batch)
    assert not batches.cancel(batch)
    assert counted(batch) == {"pending": 3, "drawing": 1}
    kept = {(each.is_stale, each.data_digest) for each in map(row, (fresh,))}
    assert kept == {(False, "digest")}
    assert job(fresh).due_at is None
    assert row(stale).is_stale
    assert row(stale).data_digest == "digest"
    assert (job(stale).priority, job(changed).priority) == (SIGNAL, SIGNAL)
    assert job(stale).due_at
    assert row(changed).is_stale
    assert job(changed).due_at
    assert batches.feed(database) == []
    pipeline.work(key_of(begun_one), token)
    assert counted(batch) == {"pending": 3, "drawn": 1}


@once
def test_a_picture_that_was_put_back_hides_no_later_change(database: str) -> None:
    """A version that was lowered would be reached again, under the picture of before."""
    (chart,) = scripted(1)
    batch = begun()
    batches.feed(database)
    seen = row(chart).data_version
    batches.cancel(batch)
    marks.mark_charts(Scripted.objects.all(), database)
    assert row(chart).data_version > seen
    assert row(chart).is_stale


@once
def test_two_batches_of_one_chart_do_not_undo_each_other(database: str) -> None:
    (chart,) = scripted(1)
    first, second = begun(), begun()
    batches.feed(database)
    batches.cancel(first)
    assert row(chart).is_stale
    assert row(chart).data_digest == ""
    dispatch.run(key_of(chart))
    assert counted(second) == {"drawn": 1}
    assert counted(first) == {"pending": 1}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_whichever_of_two_batches_is_cancelled_last_leaves_their_charts_as_they_were(
    database: str, order: tuple[int, int]
) -> None:
    fresh, stale, once_more = scripted(3)
    raise_version(stale)
    first, second = begun(), begun(redraw=False)
    batches.feed_batch(first)
    jobs.claim(key_of(once_more))  # what a worker has begun may show less than who asks later wants to see
    jobs.job_of(key_of(once_more)).update(lease_token="", leased_until=None)
    batches.feed_batch(second)
    taken = [item.version for item in BatchItem.objects.filter(chart_pk=key_of(once_more).pk)]
    assert sorted(taken) == [2, 3]
    batches.cancel((first, second)[order[0]])
    assert row(fresh).is_stale
    assert job(fresh).due_at
    batches.cancel((first, second)[order[1]])
    assert counted(first) == counted(second) == {"pending": 3}
    assert [(row(chart).is_stale, row(chart).data_digest) for chart in (fresh, stale)] == [
        (False, "digest"),
        (True, "digest"),
    ]
    assert job(fresh).due_at is None


@once
def test_a_cancelled_batch_goes_on_where_it_was(database: str) -> None:
    charts = scripted(3)
    batch = begun()
    batches.feed(database)
    finish(charts[:1])
    batches.cancel(batch)
    assert counted(batch) == {"drawn": 1, "pending": 2}
    assert batches.retry(batch, Scripted.objects.all(), log) == 0
    assert batches.resume(batch, log)
    assert not batches.resume(batch, log)
    assert len(batches.feed(database)) == 2
    assert counted(batch) == {"drawn": 1, "waiting": 2}


# Who may see what, and what it costs


def test_figures_are_of_the_charts_that_somebody_may_see(database: str) -> None:
    first, second = scripted(2)
    batch = begun()
    second.delete()
    seen = Scripted.objects.filter(pk=first.pk)
    assert batches.figures(batch, seen, gone_too=False).total == 1
    assert batches.figures(batch, seen, gone_too=True).total == 2
    assert batches.figures(batch, Scripted.objects.none(), gone_too=False).total == 0


def test_a_worker_is_missed_when_nobody_begins_what_is_due(database: str) -> None:
    charts = scripted(2)
    batch = begun()
    batches.feed(database)
    assert not batches.is_idle(batch)
    make_old(database)
    assert batches.is_idle(batch)
    jobs.claim(key_of(charts[0]))
    assert not batches.is_idle(batch)


def test_the_rate_is_of_the_last_minute(database: str) -> None:
    charts = scripted(3)
    batch = begun()
    batches.feed(database)
    Batch.objects.update(confirmed_at=DatabaseTime(-10))
    finish(charts[:2])
    assert batches.per_second(batch, Scripted.objects.all()) == pytest.approx(0.2, rel=0.3)
    assert batches.per_second(batch, Scripted.objects.exclude(pk=charts[0].pk)) == pytest.approx(0.1, rel=0.3)
    Batch.objects.update(confirmed_at=DatabaseTime(-600))
    assert batches.per_second(batch, Scripted.objects.all()) == pytest.approx(2 / 60, rel=0.1)


@once
def test_feeding_costs_the_same_for_any_number_of_charts(database: str) -> None:
    costs = []
    for count in (5, 50):
        Scripted.objects.all().delete()
        scripted(count)
        begun()
        batches.feed(database)  # whatever is remembered is remembered now
        begun()
        with Statements(database) as statements:
            assert len(batches.feed(database)) == count
        costs.append(len(statements))
        Batch.objects.all().delete()
    assert costs[0] == costs[1]


# With everybody else


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take up two charts at a time."""
    monkeypatch.setattr(feeding, "WINDOW", 2)
    monkeypatch.setattr(feeding, "REFILLED_AT", 1)


@once
@pytest.mark.usefixtures("small")
def test_a_command_draws_a_batch_to_its_end(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    scripted(5)
    Scripted.objects.update(recipe_digest=pipeline.recipe(Scripted))
    batch = begun()
    call_command("render_charts", verbosity=0)
    assert counted(batch) == {"drawn": 5}


@once
@pytest.mark.usefixtures("small")
def test_an_engine_that_draws_at_once_does_not_go_ever_deeper(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.test_batches.AtOnce", "DEBOUNCE": 0}
    scripted(7)
    batch = begun()
    while dispatch.feed(database):
        pass
    assert counted(batch) == {"drawn": 7}
    assert AtOnce.deepest == 1


class AtOnce(Recorder):
    """An engine that carries out what it is sent while it is sent."""

    depth = deepest = 0

    def send(self, due: jobs.Due) -> None:
        AtOnce.depth += 1
        AtOnce.deepest = max(AtOnce.deepest, AtOnce.depth)
        dispatch.run(due.key)
        AtOnce.depth -= 1
