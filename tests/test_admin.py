"""Charts in the admin: what is shown, who may regenerate, and what is said of it."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from charts.ledger import Job
from tests.shop.models import MonthlyRevenue, Region, Scripted

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/shop/scripted/"


@pytest.fixture
def boss() -> Client:
    return _client(User.objects.create_superuser("boss"))


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _staff(*codenames: str) -> Client:
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return _client(user)


def regenerate(client: Client, *charts: Scripted, follow: bool = True) -> Any:
    return client.post(
        LIST, {"action": "regenerate", "_selected_action": [chart.pk for chart in charts]}, follow=follow
    )


def test_the_list_shows_pictures_and_states(boss: Client, script: dict[str, Any]) -> None:
    fresh = Scripted.objects.create(name="good", value=1)
    fresh.refresh_from_db()
    script["draw"] = _raise
    Scripted.objects.create(name="bad")
    html = boss.get(LIST).content.decode()
    assert fresh.image.url in html
    assert "fresh" in html
    assert "ZeroDivisionError: division by zero" in html
    assert "Traceback" not in html


@pytest.mark.parametrize("state", ["fresh", "stale", "failed", "never"])
def test_the_list_can_be_filtered_by_state(boss: Client, state: str, settings: Any, script: dict[str, Any]) -> None:
    Scripted.objects.create(name="of-fresh")
    settings.CHARTS = {"DISPATCHER": "manual"}
    Scripted.objects.create(name="of-never")
    Scripted.objects.create(name="of-stale").render()
    Scripted.objects.filter(name="of-stale").update(data_version=99)
    script["draw"] = _raise
    with pytest.raises(Exception, match="ZeroDivisionError"):
        Scripted.objects.create(name="of-failed").render()
    html = boss.get(LIST, {"state": state}).content.decode()
    assert [name for name in ("fresh", "stale", "failed", "never") if f">of-{name}<" in html] == [state]


def test_the_list_costs_the_same_for_any_number_of_charts(boss: Client) -> None:
    counts = []
    for number in (1, 20):
        while Scripted.objects.count() < number:
            Scripted.objects.create()
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_regenerating_draws_anew_and_says_how_many(boss: Client) -> None:
    charts = [Scripted.objects.create(value=number) for number in (1, 2)]
    before = {chart.pk: Scripted.objects.get(pk=chart.pk).image.name for chart in charts}
    response = regenerate(boss, *charts)
    assert "2 charts were regenerated." in response.content.decode()
    assert not before.items() & {chart.pk: chart.image.name for chart in Scripted.objects.all()}.items()
    assert LogEntry.objects.count() == 2


def test_a_failure_is_told_and_the_others_are_drawn(boss: Client, script: dict[str, Any]) -> None:
    bad, good = Scripted.objects.create(name="bad"), Scripted.objects.create(name="good")
    script["get_data"] = lambda chart: 1 / 0 if chart.name == "bad" else 1
    html = regenerate(boss, bad, good).content.decode()
    assert "1 chart was regenerated." in html
    assert f"Scripted {bad.pk} could not be rendered: when get_data() read its data" in html


def test_who_may_only_look_sees_no_action_and_cannot_send_it(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Scripted.objects.create()
    clerk = _staff("view_scripted")
    assert "regenerate" not in clerk.get(LIST).content.decode()
    regenerate(clerk, chart)
    assert not Job.objects.filter(finished_at__isnull=False).exists()
    chart.refresh_from_db()
    assert not chart.image


def test_looking_changes_nothing(boss: Client, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = Scripted.objects.create()
    for path in (LIST, f"{LIST}{chart.pk}/change/", f"{LIST}?action=regenerate&_selected_action={chart.pk}"):
        assert boss.get(path).status_code in {200, 302}
    chart.refresh_from_db()
    assert not chart.image


def test_the_form_shows_the_picture_its_words_and_the_last_failure_folded(boss: Client, script: dict[str, Any]) -> None:
    chart = Scripted.objects.create(value=1)
    script["draw"] = _raise
    Scripted.objects.update(value=2)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        chart.render()
    chart.refresh_from_db()
    html = boss.get(f"{LIST}{chart.pk}/change/").content.decode()
    assert f'alt="{chart.alt}"' in html
    assert chart.image.url in html  # the last good image: looking draws nothing
    assert "could not be rendered: when draw() drew it (image, light), ZeroDivisionError" in html
    assert "Traceback" in html


def test_saving_the_form_draws_the_change(boss: Client) -> None:
    chart = Scripted.objects.create(value=1)
    chart.refresh_from_db()
    boss.post(f"{LIST}{chart.pk}/change/", {"name": "new", "value": 5})
    after = Scripted.objects.get()
    assert (after.name, after.value) == ("new", 5)
    assert after.image.name != chart.image.name
    assert not after.is_stale


def test_save_as_new_shares_no_file(boss: Client) -> None:
    region = Region.objects.create(name="North")
    chart = MonthlyRevenue.objects.create(region=region)
    path = f"/admin/shop/monthlyrevenue/{chart.pk}/change/"
    boss.post(path, {"region": region.pk, "title": "Copy", "_saveasnew": "1"})
    first, second = MonthlyRevenue.objects.order_by("pk")
    assert first.image.name != second.image.name
    assert second.image


def test_a_chart_whose_file_is_missing_breaks_no_page(boss: Client) -> None:
    chart = Scripted.objects.create()
    chart.refresh_from_db()
    chart.image.storage.delete(chart.image.name)
    assert boss.get(LIST).status_code == 200
    assert boss.get(f"{LIST}{chart.pk}/change/").status_code == 200


def _raise(*args: Any) -> None:
    raise ZeroDivisionError("division by zero")
