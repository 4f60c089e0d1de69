"""The demo site: its data is whole, its pages answer, and a saved observation is a new picture."""

import datetime as dt
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from almanac.models import CHARTS as SERIES
from almanac.models import CarbonDioxide, Employment, Generation
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils.html import escape
from weather.management.commands.demo import admin_password
from weather.models import CHARTS, CITIES, Observation, Station, TemperatureBand

from charts.exceptions import RenderError

pytestmark = pytest.mark.django_db(transaction=True)
HOT = {"temp_max": "41.5", "temp_min": "20", "precipitation": "0", "wind": "3.1", "weather": "sun"}


def load(**options: Any) -> str:
    said = io.StringIO()
    call_command("load_weather", stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def weather() -> None:
    load()


@pytest.fixture
def almanac() -> None:
    call_command("load_almanac", stdout=io.StringIO())


@pytest.fixture
def band(weather: None) -> TemperatureBand:
    """Seattle's temperatures, drawn."""
    chart = TemperatureBand.objects.get(station__slug="seattle")
    chart.render()
    return chart


def observed(day: str) -> Observation:
    return Observation.objects.get(station__slug="seattle", date=day)


def test_the_load_brings_every_day_of_both_stations() -> None:
    said = load()
    assert Observation.objects.count() == 2922
    for station in Station.objects.all():
        days = list(station.observations.order_by("date").values_list("date", flat=True))
        assert days == [dt.date(2012, 1, 1) + dt.timedelta(n) for n in range(1461)]
    assert set(Station.objects.values_list("slug", flat=True)) == {"seattle", "new-york"}
    assert "2,922 loaded now" in said


def test_the_load_makes_one_chart_of_each_kind_for_every_station(weather: None) -> None:
    load()
    assert [model.objects.count() for model in CHARTS] == [2] * len(CHARTS)
    assert [model.objects.count() for model in CITIES] == [1] * len(CITIES)


def test_the_load_takes_values_as_the_file_has_them(weather: None) -> None:
    day = observed("2012-01-02")
    assert (day.temp_max, day.temp_min, day.precipitation, day.wind, day.weather) == (10.6, 2.8, 10.9, 4.5, "rain")


def test_a_second_load_keeps_what_a_visitor_changed(weather: None) -> None:
    Observation.objects.filter(pk=observed("2015-07-04").pk).update(temp_max=41.5)
    assert "(0 loaded now), 0 new charts" in load()
    assert observed("2015-07-04").temp_max == 41.5


def test_a_reset_puts_changed_days_back_and_marks_their_charts(band: TemperatureBand) -> None:
    before = observed("2015-07-04").temp_max
    Observation.objects.filter(pk=observed("2015-07-04").pk).update(temp_max=41.5)
    load(reset=True)
    assert observed("2015-07-04").temp_max == before
    assert TemperatureBand.objects.get(pk=band.pk).data_version > band.data_version


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/seattle/",
        "/new-york/?day=2013-02-28",
        *(f"/seattle/{model.kind}/" for model in CHARTS),
        *(f"/cities/{model.kind}/" for model in CITIES),
        *(f"/almanac/{model.kind}/" for model in SERIES),
    ],
)
def test_a_page_answers_before_anything_is_drawn(weather: None, almanac: None, client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert b"/charts/image/" in response.content


def test_a_page_answers_before_anything_is_loaded(client: Client) -> None:
    assert "There are no stations yet" in client.get("/").content.decode()
    assert client.get("/almanac/jobs/").status_code == 404


def test_the_almanac_is_loaded_once_and_whole() -> None:
    for said in (
        "2,232 rows of long series loaded now, 3 new charts",
        "0 rows of long series loaded now, 0 new charts",
    ):
        heard = io.StringIO()
        call_command("load_almanac", stdout=heard)
        assert said in heard.getvalue()
    assert CarbonDioxide.objects.count() == 741
    assert Employment.objects.count() == 12 * 120
    assert Generation.objects.get(year=2017, source="Renewables").gigawatt_hours == 21_933
    assert [model.objects.count() for model in SERIES] == [1, 1, 1]


def test_a_page_links_to_the_stored_files_of_a_drawn_chart(band: TemperatureBand, client: Client) -> None:
    page = client.get("/seattle/").content.decode()
    for field in ("image", "narrow"):
        for theme in ("light", "dark"):
            assert escape(getattr(band, field).variant(theme=theme, density=2).url) in page


def test_a_charts_page_says_what_is_known_of_its_row(band: TemperatureBand, client: Client) -> None:
    page = client.get("/seattle/temperature/").content.decode()
    assert band.data_digest[:12] in page
    assert band.recipe_digest[:12] in page
    assert "800 × 450 CSS pixels" in page
    assert "def draw_bands" in page


def test_a_charts_page_tells_a_failure_in_one_line(band: TemperatureBand, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(TemperatureBand, "draw", lambda *args: 1 / 0)
    with pytest.raises(RenderError):
        band.render(force=True)
    page = client.get("/seattle/temperature/").content.decode()
    assert "division by zero" in page
    assert "Traceback" not in page


def test_the_gallery_asks_the_database_a_fixed_number_of_questions(
    weather: None, client: Client, django_assert_num_queries: Any
) -> None:
    records, air = 4, 2
    with django_assert_num_queries(2 + 2 * (len(CHARTS) + records) + len(CITIES) + len(SERIES) + air):
        client.get("/")


def test_the_form_shows_what_was_observed(weather: None, client: Client) -> None:
    page = client.get("/seattle/?day=2012-01-02").content.decode()
    for value in ('value="10.6"', 'value="2.8"', 'value="10.9"', 'value="rain" selected', 'value="2012-01-02"'):
        assert value in page


def test_a_saved_observation_is_a_new_picture(band: TemperatureBand, client: Client) -> None:
    before = {"name": band.image.name, "url": band.image.url, "alt": band.alt}
    client.post("/seattle/?day=2015-07-04", HOT)
    band.refresh_from_db()
    after = {"name": band.image.name, "url": band.image.url, "alt": band.alt}
    assert not band.is_stale
    assert all(before[key] != after[key] for key in before)


def test_a_saved_observation_leaves_the_other_stations_pictures_alone(weather: None, client: Client) -> None:
    client.post("/seattle/?day=2015-07-04", HOT)
    versions = TemperatureBand.objects.values_list("station__slug", "data_version", "image_version")
    assert ("new-york", 1, 0) in versions


def test_a_saved_observation_leads_back_to_its_station_and_says_so(weather: None, client: Client) -> None:
    response = client.post("/seattle/?day=2015-07-04", HOT, follow=True)
    assert response.redirect_chain == [("/seattle/?day=2015-07-04", 302)]
    assert "Seattle, 4 July 2015 is saved" in response.content.decode()


def test_a_low_above_the_high_is_refused_with_a_sentence(weather: None, client: Client) -> None:
    response = client.post("/seattle/?day=2015-07-04", HOT | {"temp_min": "44"})
    assert response.status_code == 422
    assert "The lowest temperature cannot be above the highest, 41.5 °C." in response.content.decode()
    assert observed("2015-07-04").temp_max == 33.3


def test_a_day_that_was_never_observed_is_refused_with_the_range(weather: None, client: Client) -> None:
    page = client.get("/seattle/?day=2031-01-01").content.decode()
    assert "This station has days from 1 January 2012 to 31 December 2015: choose one of them." in page


def test_a_post_for_a_day_out_of_range_changes_nothing(weather: None, client: Client) -> None:
    response = client.post("/seattle/?day=2031-01-01", HOT)
    assert response.status_code == 422
    assert not Observation.objects.filter(temp_max=41.5).exists()


def test_a_post_without_a_token_is_refused(weather: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/seattle/?day=2015-07-04", HOT).status_code == 403


@pytest.mark.parametrize(
    "address", ["/nowhere/", "/seattle/horoscope/", "/nowhere/rain/", "/cities/horoscope/", "/almanac/horoscope/"]
)
def test_an_unknown_address_is_a_page_with_a_way_back(weather: None, client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "Nothing was observed here" in response.content.decode()


def test_a_station_without_observations_has_a_page(client: Client) -> None:
    Station.objects.create(name="Moon", slug="moon", latitude=0, longitude=0)
    page = client.get("/moon/").content.decode()
    assert "Nothing has been observed here yet." in page


def test_the_admin_lists_every_kind_of_chart(weather: None, admin_client: Client) -> None:
    for model in (*CHARTS, *CITIES, *SERIES):
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert admin_client.get(address).status_code == 200


def test_the_admin_is_made_once_and_noted_for_this_user_alone(tmp_path: Path) -> None:
    note = tmp_path / "admin-password.txt"
    password = admin_password(note)
    before = get_user_model().objects.get(username="admin").password
    assert admin_password(note) == password
    assert get_user_model().objects.get(username="admin").password == before
    assert get_user_model().objects.get(username="admin").check_password(password)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600


def test_a_password_that_was_changed_is_not_set_back(tmp_path: Path) -> None:
    note = tmp_path / "admin-password.txt"
    admin_password(note)
    user = get_user_model().objects.get(username="admin")
    user.set_password("mine")
    user.save()
    admin_password(note)
    assert get_user_model().objects.get(username="admin").check_password("mine")


@pytest.mark.slow
def test_the_demo_sets_itself_up_and_a_second_run_keeps_everything(tmp_path: Path, settings: Any) -> None:
    def pictures() -> set[str]:
        return {chart.image.name for model in (*CHARTS, *CITIES, *SERIES) for chart in model.objects.all()}

    settings.VAR = tmp_path / "var"
    said = io.StringIO()
    call_command("demo", no_serve=True, stdout=said, stderr=said)
    drawn = pictures()
    call_command("demo", no_serve=True, stdout=said, stderr=said)
    assert len(drawn) == 2 * len(CHARTS) + len(CITIES) + len(SERIES)
    assert "" not in drawn
    assert pictures() == drawn
    assert "http://127.0.0.1:8000/seattle/" in said.getvalue()
