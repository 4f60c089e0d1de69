"""Regenerating from the admin: asked before it begins, told while it goes on, and only what somebody may change."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from charts import batches, dispatch, sweeping
from charts.admin import ChartAdmin
from charts.admin.waiting import in_time
from charts.ledger import Batch, BatchItem, Job
from tests import staff
from tests.shop.models import Scripted

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/shop/scripted/"
BATCHES = f"{LIST}regenerate/"


@pytest.fixture(autouse=True)
def _manual(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


def scripted(count: int) -> list[Scripted]:
    """Return fresh charts with a picture, without drawing one."""
    Scripted.objects.bulk_create([Scripted(name=f"chart {number}") for number in range(count)])
    Scripted.objects.update(image="there.png", image_version=1, data_digest="digest")
    return list(Scripted.objects.order_by("pk"))


def selected(client: Client, *charts: Scripted, **post: Any) -> Any:
    """Press "Regenerate selected charts"."""
    chosen = [chart.pk for chart in charts] or [0]
    return client.post(LIST, {"action": "regenerate", "_selected_action": chosen, **post})


def begun(client: Client, *charts: Scripted, **post: Any) -> str:
    """Select charts and confirm; return the address of the batch."""
    page = selected(client, *charts).url
    assert client.post(f"{page}confirm/", {"charts": "all", "redraw": "1", **post}).url == page
    return str(page)


def told(client: Client, page: str, **post: Any) -> Any:
    return client.post(f"{page}progress/", post).json()


def driven(client: Client, page: str) -> Any:
    """Have the page draw until there is nothing left; each request draws for a moment, or one chart."""
    for _ in range(10):
        seen = told(client, page, drive="1")
        if not seen["left"]:
            break
    return seen


def test_one_or_all_that_a_filter_finds_are_asked_for_on_a_page_that_changes_nothing(boss: Client) -> None:
    scripted(150)
    Scripted.objects.filter(name="chart 7").update(data_version=2)
    response = boss.post(
        f"{LIST}?name__startswith=chart", {"action": "regenerate", "_selected_action": [1], "select_across": "1"}
    )
    html = boss.get(response.url).content.decode()
    assert "150 charts of “Scripteds” are selected." in html
    assert "Only what is stale: 1 chart<" in html
    assert "no such chart has been drawn yet" in html
    assert html.count("<input") < 20
    assert not Job.objects.exists()
    assert Scripted.objects.stale().count() == 1


def test_nothing_begins_that_is_not_confirmed(boss: Client) -> None:
    (chart,) = scripted(1)
    page = selected(boss, chart).url
    dispatch.feed("default")
    sweeping.sweep("default")
    assert not Job.objects.exists()
    answer = boss.post(f"{page}discard/")
    assert answer.url == LIST
    assert not BatchItem.objects.exists()
    assert boss.get(page).status_code == 404


@pytest.mark.parametrize(("post", "pending"), [({}, 3), ({"charts": "stale"}, 1)])
def test_all_or_only_stale_charts_are_regenerated(boss: Client, post: dict[str, str], pending: int) -> None:
    charts = scripted(3)
    Scripted.objects.filter(name="chart 1").update(data_version=2)
    page = begun(boss, *charts, **post)
    assert told(boss, page)["figures"]["waiting"] == str(pending)
    batch = Batch.objects.get()
    assert (batch.redraw, batch.only_stale) == (True, bool(post))


def test_what_has_not_changed_is_drawn_only_if_that_is_asked(boss: Client) -> None:
    (chart,) = scripted(1)
    page = selected(boss, chart).url
    boss.post(f"{page}confirm/", {"charts": "all"})
    assert not Batch.objects.get().redraw
    assert "drawn only if their data changed" in boss.get(page).content.decode()


def test_the_confirmation_says_how_long_it_takes_and_what_has_waited(boss: Client) -> None:
    charts = scripted(40)
    begun(boss, *charts)
    Job.objects.update(duration=6.0, stale_since="2020-01-01T00:00:00Z")
    html = boss.get(selected(boss, *charts).url).content.decode()
    assert "about 4 minutes with one worker" in html
    assert "has been stale for" in html


def test_a_selection_that_was_confirmed_twice_begins_once(boss: Client) -> None:
    (chart,) = scripted(1)
    page = begun(boss, chart)
    assert boss.post(f"{page}confirm/", {"charts": "all"}).url == page
    assert boss.post(f"{page}discard/").url == page
    assert Batch.objects.count() == 1
    assert Scripted.objects.get().data_version == 2


def test_charts_that_have_gone_meanwhile_are_not_confirmed(boss: Client) -> None:
    (chart,) = scripted(1)
    page = selected(boss, chart).url
    chart.delete()
    assert boss.post(f"{page}confirm/", {"charts": "all"}).url == LIST
    assert not Batch.objects.exists()


def test_the_page_draws_where_there_is_no_worker(boss: Client, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    charts = scripted(3)
    page = begun(boss, *charts)
    assert told(boss, page)["done"] == 0  # it draws only if asked to: the script asks
    assert told(boss, page)["drive"]
    seen = driven(boss, page)
    assert (seen["done"], seen["state"], seen["figures"]["drawn"]) == (3, "finished", "3")
    assert seen["said"] == "All 3 charts are done."
    assert not Scripted.objects.stale().exists()


def test_without_a_script_a_button_draws(boss: Client, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    page = begun(boss, *scripted(1))
    assert "Draw the next charts" in boss.get(page).content.decode()
    assert boss.post(f"{page}draw/").url == page
    assert "1 chart is done." in boss.get(page).content.decode()


def test_where_there_are_workers_no_page_draws(boss: Client, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "tests.tools.Recorder"}
    page = begun(boss, *scripted(2))
    seen = told(boss, page, drive="1")
    assert (seen["done"], seen["drive"]) == (0, False)
    boss.post(f"{page}draw/")
    assert Scripted.objects.stale().count() == 2


def test_a_worker_on_the_same_machine_is_waited_for_before_a_page_draws(boss: Client) -> None:
    page = begun(boss, *scripted(2))
    assert not told(boss, page)["drive"]
    Job.objects.update(due_at="2020-01-01T00:00:00Z")
    assert told(boss, page)["drive"]


def test_a_chart_that_cannot_be_drawn_or_named_is_told_and_stops_nothing(
    boss: Client, settings: Any, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    bad, nameless, gone, good = scripted(4)
    script["get_data"] = lambda chart: 1 / 0 if chart.pk in {bad.pk, nameless.pk} else 1
    monkeypatch.setattr(Scripted, "__str__", lambda chart: 1 / 0 if chart.pk == nameless.pk else chart.name)
    page = begun(boss, bad, nameless, gone, good)
    gone.delete()
    seen = driven(boss, page)
    assert seen["figures"] == {
        "drawn": "1",
        "unchanged": "0",
        "failed": "2",
        "drawing": "0",
        "waiting": "0",
        "left": "0",
        "gone": "1",
    }
    assert [failure["name"] for failure in seen["failures"]] == ["chart 0", f"shop.Scripted {nameless.pk}"]
    assert seen["failures"][0]["error"].startswith("When get_data() read its data, ZeroDivisionError")
    html = boss.get(page).content.decode()
    assert f"{LIST}{bad.pk}/change/" in html
    assert "Retry what has failed" in html
    script.clear()
    boss.post(f"{page}retry/")
    assert driven(boss, page)["figures"]["drawn"] == "3"
    assert LogEntry.objects.count() == 6  # four that were taken up, and two again


class EmptyError(Exception):
    """An exception that is false."""

    def __len__(self) -> int:
        return 0


@pytest.mark.parametrize(("raised", "told"), [(EmptyError, EmptyError), (GeneratorExit, RuntimeError)])
def test_who_waits_is_told_of_every_failure(raised: Any, told: Any) -> None:
    def fail() -> None:
        raise raised

    with pytest.raises(told):
        in_time(fail, "default")


def test_cancelling_and_resuming(boss: Client) -> None:
    page = begun(boss, *scripted(3))
    boss.post(f"{page}cancel/")
    assert not Scripted.objects.stale().exists()
    seen = told(boss, page, drive="1")
    assert (seen["state"], seen["left"]) == ("cancelled", 3)
    assert seen["said"] == "Cancelled. 3 charts were left as they were."
    boss.post(f"{page}resume/")
    assert Scripted.objects.stale().count() == 3
    assert told(boss, page)["state"] == "running"


def test_every_chart_that_is_taken_up_is_in_the_history(boss: Client) -> None:
    charts = scripted(batches.WINDOW + 5)
    begun(boss, *charts)
    assert LogEntry.objects.count() == batches.WINDOW
    entry = LogEntry.objects.first()
    assert entry.user.username == "boss"
    assert entry.get_edited_object() in charts
    assert boss.get(f"{LIST}{charts[0].pk}/history/").content.decode().count("Regeneration asked for.") == 1


def test_the_history_names_who_has_a_batch_resumed_or_tried_again(boss: Client, script: dict[str, Any]) -> None:
    script["get_data"] = lambda chart: 1 / 0
    page = begun(boss, *scripted(2))
    clerk = staff.clerk("change_scripted", "view_scripted")
    Batch.objects.update(confirmed_at="2020-01-01T00:00Z")
    dispatch.drive(Batch.objects.get(), 60)
    assert clerk.post(f"{page}retry/").status_code == 302
    names = LogEntry.objects.order_by("pk").values_list("user__username", flat=True)
    assert list(names) == ["boss", "boss", "clerk", "clerk"]
    clerk.post(f"{page}cancel/")
    boss.post(f"{page}resume/")
    assert list(names.all())[4:] == ["boss", "boss"]


def test_a_deleted_account_leaves_its_batches_going_on(boss: Client) -> None:
    page = begun(boss, *scripted(batches.WINDOW + 5))
    User.objects.all().delete()
    Scripted.objects.update(image_version=2, image="new.png")
    assert len(batches.feed("default")) == 5
    other = staff.boss()
    assert "boss" in other.get(page).content.decode()


def test_the_list_says_who_has_regenerated_what(boss: Client, django_assert_num_queries: Any) -> None:
    assert "Nobody has regenerated" in boss.get(BATCHES).content.decode()
    charts = scripted(3)
    selected(boss, *charts)  # never confirmed: nobody else's business
    page = begun(boss, *charts[:2])
    html = boss.get(BATCHES).content.decode()
    assert html.count('<th scope="row">') == 1
    assert page in html
    assert "<td>boss</td>" in html
    assert "All selected, drawn even if their data did not change" in html
    assert BATCHES in boss.get(LIST).content.decode()


def test_pages_of_the_list_cost_the_same_however_many_batches(boss: Client) -> None:
    charts = scripted(2)
    costs = []
    for count in (1, 30):
        while Batch.objects.count() < count:
            begun(boss, *charts)
        with CaptureQueriesContext(connection) as queries:
            html = boss.get(BATCHES).content.decode()
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert html.count('<th scope="row">') == 20
    assert "Page 1 of 2" in html


def test_following_costs_the_same_for_any_number_of_charts(boss: Client) -> None:
    costs = []
    for count in (10, 1_000):
        Scripted.objects.all().delete()
        scripted(count)
        page = boss.post(LIST, {"action": "regenerate", "_selected_action": [1], "select_across": "1"}).url
        boss.post(f"{page}confirm/", {"charts": "all", "redraw": "1"})
        told(boss, page)
        with CaptureQueriesContext(connection) as queries:
            assert told(boss, page)["total"] == count
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16


@pytest.mark.parametrize("own", [("chosen",), [], ["regenerate"]])
def test_actions_of_ones_own_stand_beside_it(own: Any) -> None:
    class Admin(ChartAdmin):
        actions = own

    found = list(Admin(Scripted, admin.site).actions)
    assert found[: len(own)] == list(own)
    assert sorted(found) == sorted({*own, *ChartAdmin.actions})
    assert "regenerate" in found


def test_an_admin_without_actions_stays_so() -> None:
    class Admin(ChartAdmin):
        actions = None

    assert Admin(Scripted, admin.site).actions is None


# Who may do what


def test_who_may_not_change_charts_sees_no_page_and_no_link(boss: Client) -> None:
    charts = scripted(2)
    page, unconfirmed = begun(boss, *charts), selected(boss, *charts).url
    clerk = staff.clerk("view_scripted")
    assert "regenerate" not in clerk.get(LIST).content.decode().lower()
    count = Batch.objects.count()
    selected(clerk, *charts)
    assert Batch.objects.count() == count
    for path in (BATCHES, page, unconfirmed):
        assert clerk.get(path).status_code == 403
    for step in ("confirm", "discard", "progress", "draw", "cancel", "resume", "retry"):
        assert clerk.post(f"{page}{step}/").status_code == 403
        assert boss.get(f"{page}{step}/").status_code == 405
    assert not Batch.objects.filter(cancelled_at__isnull=False).exists()


def test_posts_need_the_token(boss: Client) -> None:
    page = begun(boss, *scripted(1))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    for step in ("progress", "cancel"):
        assert strict.post(f"{page}{step}/").status_code == 403


def test_looking_changes_nothing(boss: Client) -> None:
    page, asked = begun(boss, *scripted(3)), selected(boss, *Scripted.objects.all()).url

    def rows() -> list[Any]:
        return [list(model.objects.values()) for model in (Scripted, Job, Batch, BatchItem, LogEntry)]

    before = rows()
    for path in (BATCHES, page, asked):
        assert boss.get(path).status_code == 200
    assert rows() == before


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody but the boss see only charts whose name ends in 0."""
    from tests.shop.admin import ScriptedAdmin

    def seen(self: Any, request: Any) -> Any:
        charts = super(ScriptedAdmin, self).get_queryset(request)
        return charts if request.user.is_superuser else charts.filter(name__endswith="0")

    monkeypatch.setattr(ScriptedAdmin, "get_queryset", seen)


@pytest.mark.usefixtures("hidden")
def test_of_charts_that_somebody_may_not_see_nothing_is_told(boss: Client, script: dict[str, Any]) -> None:
    charts = scripted(3)
    both, theirs = begun(boss, *charts), begun(boss, *charts[1:])
    for chart in charts:
        Job.objects.filter(chart_pk=str(chart.pk)).update(error=f"{chart.name} because", failed_at="2030-01-01T00:00Z")
    clerk = staff.clerk("change_scripted")
    assert clerk.get(theirs).status_code == 404
    assert theirs not in clerk.get(BATCHES).content.decode()
    html = clerk.get(both).content.decode()
    assert "chart 0" in html
    assert "chart 1" not in html
    assert "Cancel</button>" not in html
    seen = told(clerk, both)
    assert seen["total"] == 1
    assert [failure["name"] for failure in seen["failures"]] == ["chart 0"]
    assert clerk.post(f"{both}cancel/").status_code == 403
    clerk.post(f"{both}retry/")
    assert told(boss, both)["figures"]["failed"] == "2"


@pytest.mark.usefixtures("hidden")
def test_a_crafted_post_regenerates_only_what_one_may_see(boss: Client) -> None:
    charts = scripted(3)
    clerk = staff.clerk("change_scripted")
    begun(clerk, *charts)
    assert list(BatchItem.objects.values_list("chart_pk", flat=True)) == [str(charts[0].pk)]
    # Nor by the selection of somebody else.
    asked = selected(boss, *charts).url
    assert clerk.post(f"{asked}confirm/", {"charts": "all"}).status_code == 404
    assert Scripted.objects.stale().count() == 1


def test_where_each_chart_has_its_own_permission_each_is_asked(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.shop.admin import ScriptedAdmin

    allowed = {"chart 0", "chart 1"}
    monkeypatch.setattr(
        ScriptedAdmin,
        "has_change_permission",
        lambda self, request, obj=None: obj is None or obj.name in allowed,
        raising=False,
    )
    charts = scripted(3)
    page = selected(boss, *charts).url
    assert "2 charts of" in boss.get(page).content.decode()
    allowed.discard("chart 1")
    boss.post(f"{page}confirm/", {"charts": "all"})
    assert list(BatchItem.objects.values_list("chart_pk", flat=True)) == [str(charts[0].pk)]
    assert "None of the selected charts" in boss.get(selected(boss, charts[2]).url, follow=True).content.decode()


def test_who_may_not_change_what_is_left_lets_nothing_go_on(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.shop.admin import ScriptedAdmin

    denied = {"chart 1"}

    def may_change(self: Any, request: Any, obj: Any = None) -> bool:
        return obj is None or request.user.is_superuser or obj.name not in denied

    monkeypatch.setattr(ScriptedAdmin, "has_change_permission", may_change, raising=False)
    clerk = staff.clerk("change_scripted", "view_scripted")
    charts = scripted(3)
    theirs, mine = begun(boss, *charts[:2]), begun(clerk, charts[2])
    assert clerk.post(f"{theirs}cancel/").status_code == 403
    assert "Cancel</button>" not in clerk.get(theirs).content.decode()
    denied.add("chart 2")
    for client, page in ((boss, theirs), (clerk, mine)):  # what is one's own can be stopped
        assert client.post(f"{page}cancel/").status_code == 302
        assert clerk.post(f"{page}resume/").status_code == 403
    assert not Scripted.objects.stale().exists()
    denied.clear()
    for page in (theirs, mine):
        assert clerk.post(f"{page}resume/").status_code == 302
    assert Scripted.objects.stale().count() == 3


def test_a_proxys_batches_are_its_own(boss: Client) -> None:
    scripted(1)
    batch = batches.select(Scripted.objects.all(), "default", batches.Asked(user_pk="0"))
    Batch.objects.update(chart_class="shop.other")
    assert boss.get(f"{BATCHES}{batch.pk}/").status_code == 404


@pytest.mark.services
@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_charts_in_another_database_have_their_batches_there(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.shop.admin import ScriptedAdmin

    whole = ScriptedAdmin.get_queryset
    monkeypatch.setattr(ScriptedAdmin, "get_queryset", lambda self, request: whole(self, request).using("postgres"))
    Scripted.objects.using("postgres").bulk_create([Scripted(image="there.png", image_version=1) for _ in range(2)])
    charts = list(Scripted.objects.using("postgres"))
    page = begun(boss, *charts)
    assert not Batch.objects.exists()
    assert Batch.objects.using("postgres").count() == 1
    assert told(boss, page)["left"] == 2
    assert "boss" in boss.get(BATCHES).content.decode()
    assert set(LogEntry.objects.values_list("object_id", flat=True)) == {str(chart.pk) for chart in charts}
    dispatch.drive(Batch.objects.using("postgres").get(), 60)
    assert told(boss, page)["done"] == 2


def test_an_admin_may_narrow_and_annotate_its_charts_as_it_likes(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.shop.admin import ScriptedAdmin

    whole = ScriptedAdmin.get_queryset

    def counted(self: Any, request: Any) -> Any:
        charts = whole(self, request).annotate(twins=Count("name")).filter(twins__gt=0)
        return charts.order_by("-twins", "name").distinct().defer("alt")

    monkeypatch.setattr(ScriptedAdmin, "get_queryset", counted)
    scripted(3)
    page = boss.post(LIST, {"action": "regenerate", "_selected_action": [1], "select_across": "1"}).url
    boss.post(f"{page}confirm/", {"charts": "all", "redraw": "1"})
    assert told(boss, page)["total"] == 3
    assert Scripted.objects.stale().count() == 3
    assert page in boss.get(BATCHES).content.decode()
