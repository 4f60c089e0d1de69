"""Dispatchers: who is told of what, and what becomes of it when telling fails."""

from typing import Any, ClassVar

import pytest
from django.db import OperationalError, transaction

from charts import dispatch, sweeping
from charts.exceptions import RenderError
from charts.freshness import recovering
from charts.freshness.jobs import Due
from charts.signals import chart_failed, chart_rendered
from tests.shop.models import Account, Balance, Entry, Scripted
from tests.tools import Recorder, job, key_of, make_old, numbers, row

pytestmark = pytest.mark.usefixtures("database")


class Broken:
    """A dispatcher that cannot send what it is told of."""

    capacity: ClassVar[int | None] = None
    can_wait: ClassVar[bool] = True
    failure: ClassVar[Exception] = ConnectionError("The broker is down.")
    asked: ClassVar[list[Due]] = []

    def send(self, due: Due) -> None:
        self.asked.append(due)
        raise self.failure


class Old:
    """A dispatcher that does not say whether it can wait."""

    capacity: ClassVar[int | None] = None
    sent: ClassVar[list[Due]] = []

    def send(self, due: Due) -> None:
        self.sent.append(due)


@pytest.fixture
def account(database: str) -> Account:
    return Account.objects.create()


def test_inline_draws_after_the_commit(account: Account, database: str) -> None:
    with transaction.atomic(using=database):
        chart = Balance.objects.create(account=account)
        assert row(chart).image.name == ""
    assert row(chart).image.name


def test_inline_draws_no_more_than_its_limit_after_one_commit(account: Account, database: str, settings: Any) -> None:
    settings.CHARTS = {"INLINE_LIMIT": 2}
    with transaction.atomic(using=database):
        for _ in range(5):
            Balance.objects.create(account=account)
    assert Balance.objects.never_rendered().count() == 3
    assert Balance.objects.stale().count() == 3


def test_inline_does_not_wait(account: Account, settings: Any) -> None:
    settings.CHARTS = {"DEBOUNCE": 60}
    chart = Balance.objects.create(account=account)
    assert (row(chart).image.name, job(chart).sent_at) == ("", None)


def test_manual_draws_nothing(account: Account, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Balance.objects.create(account=account)
    assert (row(chart).image.name, job(chart).sent_at) == ("", None)
    assert job(chart).due_at is not None


def test_a_dotted_path_is_told_of_each_chart_with_its_delay(account: Account, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder"}
    Recorder.sent.clear()
    chart = Balance.objects.create(account=account)
    (due,) = Recorder.sent
    assert due.key == key_of(chart)
    assert 1 < due.delay <= 2


def test_one_that_does_not_say_that_it_can_wait_is_told_what_is_due_now(account: Account, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.test_dispatch.Old", "DEBOUNCE": 60}
    Balance.objects.create(account=account)
    settings.CHARTS = {"DISPATCHER": "tests.test_dispatch.Old", "DEBOUNCE": 0}
    Old.sent.clear()
    chart = Balance.objects.create(account=account)
    assert [due.key for due in Old.sent] == [key_of(chart)]


def test_a_broker_that_is_down_fails_no_request(account: Account, settings: Any, caplog: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.test_dispatch.Broken"}
    chart = Balance.objects.create(account=account)
    assert job(chart).sent_at is None
    assert "the next sweep sends again" in caplog.text


def save_three(account: Account) -> None:
    with transaction.atomic(using=account._state.db):
        for _ in range(3):
            Balance.objects.create(account=account)


@pytest.mark.parametrize("failure", [ConnectionError(), TimeoutError(), OperationalError()], ids=repr)
def test_a_broker_that_is_down_is_asked_once_a_commit_and_all_is_sent_later(
    account: Account, settings: Any, caplog: Any, monkeypatch: pytest.MonkeyPatch, database: str, failure: Exception
) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.test_dispatch.Broken"}
    monkeypatch.setattr(Broken, "failure", failure)
    Broken.asked.clear()
    save_three(account)
    assert len(Broken.asked) == 1
    assert len(caplog.records) == 1
    assert "and 2 more could not be sent" in caplog.text
    assert len(recovering.waiting(database)) == 3


@pytest.mark.parametrize(("patience", "attempts"), [(60.0, 3), (0.0, 1)], ids=["quickly", "slowly"])
def test_a_hint_that_cannot_be_sent_keeps_others_from_it_only_if_that_takes_long(
    account: Account,
    settings: Any,
    caplog: Any,
    monkeypatch: pytest.MonkeyPatch,
    database: str,
    patience: float,
    attempts: int,
) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.test_dispatch.Broken"}
    monkeypatch.setattr(Broken, "failure", LookupError())
    monkeypatch.setattr(dispatch, "PATIENCE", patience)
    Broken.asked.clear()
    save_three(account)
    assert len(Broken.asked) == attempts
    assert len(caplog.records) == 1
    assert len(recovering.waiting(database)) == 3


def test_what_is_away_while_one_chart_is_drawn_inline_keeps_no_other_from_being_drawn(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, asked = dispatch.run, []

    def away_at_first(key: Any) -> None:
        asked.append(key)
        if len(asked) == 1:
            raise OperationalError
        run(key)

    monkeypatch.setattr(dispatch, "run", away_at_first)
    save_three(account)
    assert Balance.objects.never_rendered().count() == 1


def test_a_failing_chart_fails_no_request(script: dict[str, Any], database: str) -> None:
    script["draw"] = lambda chart, figure, data: 1 / 0
    chart = Scripted.objects.create()
    assert "ZeroDivisionError" in row(chart).error


def test_a_failing_chart_keeps_no_other_from_being_drawn(script: dict[str, Any], database: str) -> None:
    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        if chart.name == "bad":
            raise LookupError
        figure.subplots()

    script["draw"] = draw
    with transaction.atomic(using=database):
        bad, good = (Scripted.objects.create(name=name) for name in ("bad", "good"))
    assert (row(bad).image.name, bool(row(good).image.name)) == ("", True)


def test_held_sends_nothing(account: Account, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder"}
    Recorder.sent.clear()
    with dispatch.held(), dispatch.held():
        chart = Balance.objects.create(account=account)
    assert Recorder.sent == []
    assert job(chart).due_at is not None
    row(chart).save()
    assert len(Recorder.sent) == 1


def test_watch_false_marks_nothing(account: Account, settings: Any) -> None:
    settings.CHARTS = {"WATCH": False}
    chart = Balance.objects.create(account=account)
    Entry.objects.create(account=account)
    assert (row(chart).image.name, row(chart).data_version) == ("", 1)


def test_rendering_is_told_to_others(account: Account) -> None:
    told: list[Any] = []

    def listen(sender: Any, chart: Any, result: Any, **kwargs: Any) -> None:
        told.append((sender, chart.pk, chart.image.name, result.status))

    chart_rendered.connect(listen)
    try:
        chart = Balance.objects.create(account=account)
        chart.render()
    finally:
        chart_rendered.disconnect(listen)
    assert told == [(Balance, chart.pk, row(chart).image.name, "rendered")]


def test_failing_is_told_to_others(script: dict[str, Any], database: str) -> None:
    told: list[Any] = []

    def listen(sender: Any, chart: Any, error: Exception, duration: float, **kwargs: Any) -> None:
        told.append((sender, chart, type(error.__cause__), duration >= 0))

    script["draw"] = lambda chart, figure, data: 1 / 0
    chart_failed.connect(listen)
    try:
        chart = Scripted.objects.create()
    finally:
        chart_failed.disconnect(listen)
    assert told == [(Scripted, key_of(chart), ZeroDivisionError, True)]


def test_a_listener_that_fails_harms_nobody(account: Account) -> None:
    def listen(**kwargs: Any) -> None:
        raise LookupError

    chart_rendered.connect(listen)
    try:
        chart = Balance.objects.create(account=account)
    finally:
        chart_rendered.disconnect(listen)
    assert row(chart).image.name


def test_a_listener_may_save_what_it_was_told_of(account: Account) -> None:
    def listen(chart: Any, **kwargs: Any) -> None:
        if chart.title != "told":
            chart.title = "told"
            chart.save()

    chart_rendered.connect(listen)
    try:
        chart = Balance.objects.create(account=account)
    finally:
        chart_rendered.disconnect(listen)
    assert (row(chart).title, row(chart).alt) == ("told", "told: []")
    assert not row(chart).is_stale


def test_asking_for_later_draws_later(account: Account, settings: Any, database: str) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder", "DEBOUNCE": 0}
    Balance.objects.bulk_create([Balance(account=account)])
    chart = Balance.objects.get()
    Recorder.sent.clear()
    with transaction.atomic(using=database):
        chart.render_later()
        assert Recorder.sent == []
    assert len(Recorder.sent) == 1
    make_old(database)
    dispatch.run(key_of(chart))
    assert numbers(chart) == []


def test_a_chart_without_a_row_is_asked_for_in_vain() -> None:
    for ask in (Balance().render, Balance().render_later):
        with pytest.raises(ValueError, match=r"This shop\.Balance is not saved: save\(\) it, then render"):
            ask()


# Code that changes.


@pytest.mark.parametrize("drawn_before", [False, True])
def test_a_chart_that_fails_is_left_alone_until_its_code_is_another(
    database: str, settings: Any, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, drawn_before: bool
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Scripted.objects.create(value=3)
    if drawn_before:
        dispatch.run(key_of(chart))
    script["draw"] = lambda *args: 1 / 0
    monkeypatch.setattr(Scripted, "recipe_version", "2")
    for _ in range(2):  # as a command does that is run every minute
        sweeping.mark_changed_recipes(database, [Scripted])
        for _ in range(4):
            make_old(database)
            dispatch.run(key_of(chart))
        assert job(chart).attempts == 3
    del script["draw"]
    assert sweeping.mark_changed_recipes(database, [Scripted]) == 0
    monkeypatch.setattr(Scripted, "recipe_version", "3")
    assert sweeping.mark_changed_recipes(database, [Scripted]) == 1
    dispatch.run(key_of(chart))
    assert (row(chart).is_stale, row(chart).error) == (False, "")
    assert sweeping.mark_changed_recipes(database, [Scripted]) == 0


def test_a_picture_of_a_recipe_that_failed_is_not_taken_for_one_of_it(
    database: str, settings: Any, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Scripted.objects.create(value=3)
    dispatch.run(key_of(chart))
    before = row(chart).image.name
    monkeypatch.setattr(Scripted, "recipe_version", "2")
    script["draw"] = lambda *args: 1 / 0
    with pytest.raises(RenderError):
        row(chart).render()
    del script["draw"]
    assert row(chart).image.name == before
    assert row(chart).render().status == "rendered"
