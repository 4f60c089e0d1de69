"""What the demo's pictures show is what was observed: artists, words and sizes, never pixels."""

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from almanac.models import CHARTS as SERIES
from almanac.models import (
    CarbonDioxide,
    CarbonDioxideCurve,
    ElectricityMix,
    Employment,
    Generation,
    JobsBySector,
    Sector,
)
from django.core.management import call_command
from matplotlib.figure import Figure
from weather import climate
from weather.models import (
    CHARTS,
    MonthlyHighs,
    Observation,
    RainByMonth,
    RainSoFar,
    Station,
    TemperatureBand,
    TemperatureCalendar,
    WindAndWarmth,
    WindHistogram,
)

from charts.drawing import figures, themes

pytestmark = pytest.mark.django_db
WIDE, NARROW = (800, 450), (360, 440)


@contextmanager
def drawn(chart: Any, size: tuple[int, int] = WIDE) -> Iterator[Figure]:
    data = chart.get_data()
    theme = themes.resolve("light")
    with figures.drawn(
        lambda figure: chart.draw(figure, data), size=size, layout="constrained", theme=theme
    ) as drawing:
        assert drawing.warnings == []
        yield drawing.figure


@pytest.fixture
def station() -> Station:
    """Two years, 2014 and 2015, every day alike but for what a test changes."""
    place = Station.objects.create(name="Ash$ton", slug="ashton", latitude=10, longitude=20)
    first, days = dt.date(2014, 1, 1), 730
    Observation.objects.bulk_create(
        Observation(
            station=place,
            date=first + dt.timedelta(day),
            temp_max=20,
            temp_min=10,
            precipitation=1,
            wind=3,
            weather="sun",
        )
        for day in range(days)
    )
    return place


@pytest.fixture
def windy() -> Station:
    """A station with a month of harder wind."""
    place = Station.objects.create(name="Gale", slug="gale", latitude=30, longitude=20)
    Observation.objects.bulk_create(
        Observation(
            station=place,
            date=dt.date(2015, 2, day + 1),
            temp_max=5 + day / 10,
            temp_min=1,
            precipitation=1,
            wind=7 + day / 10,
            weather="rain",
        )
        for day in range(28)
    )
    return place


def change(station: Station, day: str, **values: float) -> None:
    assert station.observations.filter(date=day).update(**values) == 1


def titles(figure: Figure) -> list[str]:
    return [axes.get_title("left") for axes in figure.axes if axes.get_title("left")]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def months(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("model", CHARTS)
def test_a_picture_is_drawn_without_a_warning_at_both_sizes(
    model: Any, size: tuple[int, int], station: Station
) -> None:
    change(station, "2015-07-04", temp_max=41.5, precipitation=80)
    with drawn(model(station=station), size) as figure:
        assert len(titles(figure)) == 1


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("model", [MonthlyHighs, WindHistogram])
def test_a_picture_of_all_stations_is_drawn_without_a_warning(
    model: Any, size: tuple[int, int], station: Station, windy: Station
) -> None:
    with drawn(model(), size) as figure:
        assert len(titles(figure)) == 1


@pytest.mark.parametrize("field", ["image", "narrow"])
@pytest.mark.parametrize("model", SERIES)
def test_a_long_series_is_drawn_without_a_warning(model: Any, field: str) -> None:
    call_command("load_almanac", verbosity=0, stdout=io.StringIO())
    with drawn(model(), model._meta.get_field(field).options.size) as figure:
        assert figure.axes


@pytest.mark.parametrize("model", [MonthlyHighs, WindHistogram, *SERIES])
def test_a_picture_of_nothing_says_something(model: Any) -> None:
    with drawn(model()) as figure:
        assert figure.texts or titles(figure)


@pytest.mark.parametrize("model", CHARTS)
def test_a_station_without_observations_says_so_in_its_picture(model: Any) -> None:
    place = Station(name="Moon", slug="moon", pk=7, latitude=0, longitude=0)
    with drawn(model(station=place)) as figure:
        assert [text.get_text() for text in figure.texts] == ["No observations of Moon to draw"]


@pytest.mark.parametrize("model", CHARTS)
def test_a_dollar_in_a_name_is_no_formula(model: Any, station: Station) -> None:
    change(station, "2015-07-04", temp_max=41.5, precipitation=80)
    with drawn(model(station=station)) as figure:
        assert r"Ash\$ton" in titles(figure)[0]


@pytest.mark.parametrize("model", [TemperatureBand, RainByMonth])
def test_the_newest_year_is_drawn_unless_another_is_chosen(model: Any, station: Station) -> None:
    assert model(station=station).get_data().year == 2015
    assert model(station=station, year=2014).get_data().year == 2014
    assert model(station=station, year=1999).get_data() is None


def test_the_band_names_the_hottest_and_the_coldest_day(station: Station) -> None:
    change(station, "2015-07-04", temp_max=41.5)
    change(station, "2015-01-20", temp_min=-7.25)
    with drawn(TemperatureBand(station=station)) as figure:
        assert {"41.5 °C, 4 Jul", "−7.2 °C, 20 Jan"} <= set(words(figure))


def test_the_band_colours_a_day_above_usual_up_to_its_high(station: Station) -> None:
    change(station, "2015-07-04", temp_max=41.5)
    with drawn(TemperatureBand(station=station)) as figure:
        above = next(band for band in figure.axes[0].collections if band.get_label() == "Above usual")
        assert max(path.vertices[:, 1].max() for path in above.get_paths()) == 41.5


def test_the_band_says_a_year_is_the_warmest_only_if_it_is(station: Station) -> None:
    station.observations.filter(date__year=2015).update(temp_max=25)
    with drawn(TemperatureBand(station=station)) as figure:
        assert titles(figure) == [r"2015 was the warmest of two years in Ash\$ton"]
    with drawn(TemperatureBand(station=station, year=2014)) as figure:
        assert titles(figure) == [r"2014 was the coldest of two years in Ash\$ton"]


def test_the_extremes_are_those_of_the_other_years(station: Station) -> None:
    change(station, "2014-07-04", temp_max=39)
    change(station, "2015-07-04", temp_max=41.5)
    data = TemperatureBand(station=station).get_data()
    assert data.record_high.max() == 39
    assert data.other_years == "2014"


def test_the_bars_are_the_months_totals(station: Station) -> None:
    change(station, "2015-07-04", precipitation=81)
    with drawn(RainByMonth(station=station)) as figure:
        heights = [bar.get_height() for bar in figure.axes[0].containers[0]]
        assert heights == [31, 28, 31, 30, 31, 30, 111, 31, 30, 31, 30, 31]
        assert titles(figure) == [r"July brought Ash\$ton 111 mm of rain; 31 are usual"]


def test_a_dry_month_is_told_as_dry(station: Station) -> None:
    station.observations.filter(date__year=2015, date__month=5).update(precipitation=0)
    with drawn(RainByMonth(station=station)) as figure:
        assert titles(figure) == [r"May brought Ash\$ton only 0 mm of rain; 31 are usual"]


def test_a_month_without_observations_is_no_month_without_rain(station: Station) -> None:
    station.observations.filter(date__year=2015, date__month=5).delete()
    data = RainByMonth(station=station).get_data()
    assert np.isnan(data.totals[4])
    assert data.odd_month != 4


def test_the_calendar_puts_each_day_on_its_weekday(station: Station) -> None:
    change(station, "2015-07-04", temp_max=41.5)
    data = TemperatureCalendar(station=station).get_data()
    assert np.isfinite(data.weeks(2014)[:, 0]).tolist() == [False, False, True, True, True, True, True]
    weeks = data.weeks(2015)
    # 2015 began on a Thursday; 4 July was the Saturday of its 27th week.
    assert np.isnan(weeks[:3, 0]).all()
    assert np.isfinite(weeks[3, 0])
    assert weeks[5, 26] == np.nanmax(weeks)
    assert np.isfinite(weeks).sum() == 365


def test_the_calendar_has_a_row_a_year_and_names_the_oddest_month(station: Station) -> None:
    station.observations.filter(date__year=2015, date__month=12).update(temp_max=30)
    with drawn(TemperatureCalendar(station=station)) as figure:
        assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["2015", "2014"]
        assert titles(figure)[0].startswith("December 2015 was ")
        assert "warmer than usual" in titles(figure)[0]


def test_months_have_names_where_there_is_room_and_initials_where_there_is_not(station: Station) -> None:
    with drawn(RainByMonth(station=station)) as figure:
        assert months(figure)[:3] == ["Jan", "Feb", "Mar"]
    with drawn(RainByMonth(station=station), NARROW) as figure:
        assert months(figure)[:3] == ["J", "F", "M"]


@pytest.mark.parametrize("model", [TemperatureBand, TemperatureCalendar])
def test_the_alternative_text_begins_with_the_finding(model: Any, station: Station) -> None:
    change(station, "2015-07-04", temp_max=41.5)
    chart = model(station=station)
    with drawn(chart) as figure:
        text = chart.get_alt_text(figure, chart.get_data())
    assert text.startswith(chart.finding(chart.get_data()))
    assert "4 July" in text


def test_the_table_behind_the_rain_has_a_row_a_month(station: Station) -> None:
    chart = RainByMonth(station=station)
    columns, rows = chart.get_table(chart.get_data())
    assert columns == ("Month", "2015 (mm)", "Mean of 2014 (mm)")
    assert rows[0] == ("January", 31, 31)
    assert len(rows) == 12


def test_pyplot_code_hands_back_its_own_figure(station: Station) -> None:
    station.observations.filter(date__year=2015, date__month__gte=10).update(precipitation=9)
    with drawn(RainSoFar(station=station)) as figure:
        assert [line.get_label() for line in figure.axes[0].lines] == ["2014", "2015"]
        assert figure.axes[0].lines[1].get_ydata()[-1] == 273 + 92 * 9
        assert titles(figure) == [r"Half of Ash\$ton’s rain of 2015 fell after 31 October"]


def test_a_scatter_has_a_point_a_day_and_both_distributions(station: Station) -> None:
    station.observations.filter(date__month=1).update(wind=9)
    with drawn(WindAndWarmth(station=station)) as figure:
        axes = figure.axes[0]
        assert [len(points.get_offsets()) for points in axes.collections] == [364, 366]
        assert len(axes.child_axes) == 2
        assert titles(figure) == [r"October to March is the windier half of the year in Ash\$ton"]


def test_a_histogram_of_winds_gives_every_station_a_whole(station: Station, windy: Station) -> None:
    with drawn(WindHistogram()) as figure:
        steps = [patch for patch in figure.axes[0].patches if patch.get_label() in {r"Ash\$ton", "Gale"}]
        assert len(steps) == 2
        assert titles(figure) == [r"Gale is windier than Ash\$ton: 8.3 against 3.0 m/s on average"]


def test_the_highs_of_two_cities_are_set_against_each_other(station: Station, windy: Station) -> None:
    with drawn(MonthlyHighs()) as figure:
        assert titles(figure) == [r"February is 14 degrees warmer in Ash\$ton than in Gale"]


def test_carbon_dioxide_tells_the_pace_of_its_first_and_its_newest_decade() -> None:
    CarbonDioxide.objects.bulk_create(
        CarbonDioxide(month=dt.date(year, month, 1), measured=level, adjusted=level)
        for year in range(1960, 2020)
        for month in range(1, 13)
        for level in [(year - 1960 + month / 12) * (1 if year < 2000 else 2)]
    )
    with drawn(CarbonDioxideCurve()) as figure:
        assert titles(figure) == ["CO₂ rose by 2.0 ppm a year in the 2010s, by 1.0 in the 1960s"]


def test_jobs_are_compared_with_those_before_the_crisis() -> None:
    Employment.objects.bulk_create(
        Employment(sector=sector, month=month, thousands=jobs)
        for sector, counts in {Sector.LEISURE: (200, 180, 210), Sector.MINING: (100, 60, 90)}.items()
        for month, jobs in zip([dt.date(2008, 1, 1), dt.date(2009, 1, 1), dt.date(2015, 1, 1)], counts, strict=True)
    )
    data = JobsBySector().get_data()
    assert {name: list(changes.round()) for name, changes in data.changes.items()} == {
        "Mining": [0, -40, -10],
        "Leisure": [0, -10, 5],
    }
    assert JobsBySector.finding(data) == "Mining lost 40 % of its jobs and was still 10 % short in 2015"


def test_electricity_names_the_source_whose_share_grew_the_most() -> None:
    Generation.objects.bulk_create(
        Generation(year=year, source=source, gigawatt_hours=amount)
        for source, amounts in {"Coal $": (75, 30), "Wind": (25, 90)}.items()
        for year, amount in zip((2001, 2017), amounts, strict=True)
    )
    with drawn(ElectricityMix()) as figure:
        assert titles(figure) == ["Wind grew from 25 % to 75 % of Iowa’s electricity"]
        assert [mark.get_label() for mark in figure.axes[0].collections] == [r"Coal \$", "Wind"]


def test_what_is_usual_runs_on_from_december_into_january() -> None:
    numbers = np.arange(climate.DAYS)
    values = np.where(numbers == climate.DAYS - 1, 31.0, 0.0)
    usual = climate.usual(numbers, values)
    assert usual[0] == pytest.approx(1)
    assert usual[20] == pytest.approx(0)


def test_what_is_usual_is_unknown_where_nothing_was_observed() -> None:
    usual = climate.usual(np.array([100]), np.array([5.0]))
    assert usual[85:116] == pytest.approx(5)
    assert np.isnan(usual[84])


def test_the_first_of_march_has_one_number_in_every_year() -> None:
    assert len(set(climate.day_numbers([dt.date(2012, 3, 1), dt.date(2015, 3, 1)]))) == 1


@pytest.mark.parametrize(
    ("years", "written"), [([2012, 2013, 2014], "2012–2014"), ([2015, 2012, 2014], "2012, 2014–2015"), ([], "")]
)
def test_years_in_a_row_are_written_as_a_span(years: list[int], written: str) -> None:
    assert climate.years_in_words(years) == written
