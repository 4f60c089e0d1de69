"""Alt texts of figures as people draw them: each sentence here was read aloud before it was written down."""

import datetime as dt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from charts.drawing import figures, look, themes
from charts.drawing.describing import describe

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
RAIN = [93, 134, 113, 52, 15, 6, 2.3, 83, 21, 122, 213, 285]
MEANS = [10, 12, 14, 17, 20, 25, 28, 27, 22, 17, 10, 8]


def axes(title: str = "", **labels: str) -> Axes:
    ax = Figure(figsize=(8, 4.5)).subplots()
    ax.set_title(title, loc="left")
    ax.set(**labels)
    return ax


def assert_describes(ax: Axes, text: str) -> None:
    assert describe(ax.figure) == text


def months(first: int, count: int) -> list[dt.date]:
    return [dt.date(first + month // 12, month % 12 + 1, 1) for month in range(count)]


def days(year: int = 2015, count: int = 365) -> list[dt.date]:
    return [dt.date(year, 1, 1) + dt.timedelta(days=day) for day in range(count)]


def co2() -> tuple[np.ndarray, np.ndarray]:
    """Return a rising trend, and the same with its seasons, for 62 years of months."""
    month = np.arange(62 * 12)
    trend = 315 + month / 9 + (month / 120) ** 2
    return trend, trend + 3 * np.sin(month / 12 * 2 * np.pi)


# Lines


def test_a_long_rise_with_seasons_rises_overall() -> None:
    ax = axes("Carbon dioxide has risen by a third since 1958", ylabel="CO$_2$ (ppm)")
    ax.plot(months(1958, 744), co2()[1])
    assert_describes(
        ax,
        "Carbon dioxide has risen by a third since 1958. Line chart of CO2 in ppm by month: rises overall from 315 "
        "in January 1958 to 434 in December 2019, lowest 313 in October 1958, highest 437 in April 2019.",
    )


def test_two_series_share_the_span_that_is_told_once() -> None:
    trend, measured = co2()
    ax = axes("CO$_2$ keeps rising", ylabel="CO$_2$ (ppm)")
    ax.plot(months(1958, 744), measured, label="Measured")
    ax.plot(months(1958, 744), trend, label="Trend")
    assert_describes(
        ax,
        "CO2 keeps rising. Line chart of CO2 in ppm by month from January 1958 to December 2019: Measured rises "
        "overall from 315 to 434, lowest 313 in October 1958, highest 437 in April 2019; Trend rises from 315 to "
        "436.",
    )


def test_a_single_clean_turn_is_a_peak() -> None:
    ax = axes("A warm July", ylabel="Temperature (°C)")
    ax.plot(MONTHS, MEANS)
    assert_describes(
        ax,
        "A warm July. Line chart of temperature by month: rises from 10 °C in January to a peak of 28 °C in July and "
        "falls to 8 °C in December.",
    )


def test_what_looks_level_stays_around_a_value() -> None:
    ax = axes("Uptime", ylabel="Uptime (%)")
    ax.plot(np.arange(30), 99 + np.sin(np.arange(30)) / 10)
    ax.set_ylim(0, 100)
    assert_describes(ax, "Uptime. Line chart of uptime: stays around 99 %, between 98.9 % and 99.1 %.")


def test_many_series_are_named_ranged_and_ranked() -> None:
    ax = axes("Employment by sector", ylabel="Employment (thousands)")
    for place, name in enumerate(["Mining", "Utilities", "Information", "Construction", "Retail", "Government"]):
        slope = 2 if place % 2 else -2
        ax.plot(months(2006, 120), 500 * 2**place + slope * np.arange(120), label=name)
    assert_describes(
        ax,
        "Employment by sector. Line chart of employment in thousands by month from January 2006 to December 2015: "
        "Mining, Utilities, Information, Construction, Retail and Government; values from 262 to 16,238; at the end "
        "Government is highest with 16,238 and Mining lowest with 262; 3 of 6 end higher than they start.",
    )


def test_a_logarithmic_scale_is_said() -> None:
    ax = axes("Transistors double every two years", ylabel="Transistors per chip")
    years = np.arange(1971, 2020, 2)
    ax.plot(years, 2300 * 2.0 ** ((years - 1971) / 2))
    ax.set_yscale("log")
    assert_describes(
        ax,
        "Transistors double every two years. Line chart of transistors per chip by year, on a logarithmic scale: rises "
        "from 2,300 in 1971 to 38.6 billion in 2019.",
    )


def test_a_day_of_quarter_hours_says_the_date_once() -> None:
    ax = axes("Load", ylabel="Load (MW)")
    times = [dt.datetime(2024, 5, 6) + dt.timedelta(minutes=15 * step) for step in range(96)]  # noqa: DTZ001
    ax.plot(times, [50 + 20 * np.sin(step / 15) for step in range(96)])
    assert_describes(
        ax,
        "Load. Line chart of load in MW by time on 6 May 2024: starts at 50 at 00:00 and ends at 51 at 23:45, "
        "lowest 30 at 17:45, highest 70 at 06:00.",
    )


def test_two_axes_say_which_series_is_on_which() -> None:
    ax = axes("Climate of Seattle", ylabel="Rain (mm)")
    ax.bar(MONTHS, RAIN)
    right = ax.twinx()
    right.plot(MONTHS, MEANS)
    right.set_ylabel("Temperature (°C)")
    assert_describes(
        ax,
        "Climate of Seattle. Bar chart by month from January to December, with a line. Rain in mm (left axis): "
        "highest 285 in December, lowest 2.3 in July. Temperature (right axis) rises from 10 °C to a peak of 28 °C "
        "in July and falls to 8 °C.",
    )


def test_a_number_axis_with_a_unit_places_the_values() -> None:
    ax = axes("Cooling tea", xlabel="Time (min)", ylabel="Temperature (°C)")
    minutes = np.linspace(0, 60, 61)
    ax.plot(minutes, 20 + 60 * np.exp(-minutes / 20))
    assert_describes(
        ax, "Cooling tea. Line chart of temperature by time in min: falls from 80 °C at 0 min to 23 °C at 60 min."
    )


def test_a_profile_on_an_inverted_axis_goes_down_with_depth() -> None:
    ax = axes("The lake is layered", xlabel="Temperature (°C)", ylabel="Depth (m)")
    ax.plot([20, 15, 10, 5], [0, 100, 200, 400])
    ax.invert_yaxis()
    assert_describes(
        ax, "The lake is layered. Line chart of temperature by depth in m: falls from 20 °C at 0 m to 5 °C at 400 m."
    )


def test_ranks_on_an_inverted_axis_go_along_the_years() -> None:
    for years in ([2020, 2021, 2022, 2023], [2023, 2022, 2021, 2020]):
        ax = axes("Losing ground", ylabel="place")
        ax.plot(years, [1, 2, 3, 5] if years[0] == 2020 else [5, 3, 2, 1])
        ax.invert_yaxis()
        assert_describes(ax, "Losing ground. Line chart of place by year: rises from 1 in 2020 to 5 in 2023.")


def test_ranks_on_an_inverted_axis_go_along_the_weeks() -> None:
    ax = axes("Losing ground", xlabel="Week", ylabel="place")
    ax.plot([1, 2, 3, 4], [1, 2, 3, 5])
    ax.invert_yaxis()
    assert_describes(ax, "Losing ground. Line chart of place by week: rises from 1 at week 1 to 5 at week 4.")


def test_a_profile_that_turns_goes_down_with_depth() -> None:
    ax = axes("An inversion", xlabel="Temperature (°C)", ylabel="Depth (m)")
    ax.plot([20, 22, 10, 5], [0, 100, 200, 400])
    assert "temperature by depth in m: rises from 20 °C at 0 m to a peak of 22 °C at 100 m" in describe(ax.figure)


def test_steps_are_a_step_chart() -> None:
    ax = axes("The rate has risen five times", ylabel="Interest rate (%)")
    dates = [
        dt.date(2022, 3, 17),
        dt.date(2022, 5, 5),
        dt.date(2022, 6, 16),
        dt.date(2022, 7, 28),
        dt.date(2022, 9, 22),
    ]
    ax.step(dates, [0.25, 1, 1.75, 2.5, 3.25], where="post")
    assert_describes(
        ax,
        "The rate has risen five times. Step chart of interest rate by month in 2022: rises from 0.25 % in March to "
        "3.25 % in September.",
    )


def test_stems_are_a_stem_plot() -> None:
    ax = axes("Impulse response", xlabel="Sample", ylabel="Amplitude")
    ax.stem(np.arange(6), 0.5 ** np.arange(6))
    assert_describes(
        ax, "Impulse response. Stem plot of amplitude by sample: falls from 1 at sample 0 to 0.031 at sample 5."
    )


def test_error_bars_are_said_and_are_no_series() -> None:
    ax = axes("Growth", xlabel="Week", ylabel="Height (cm)")
    ax.errorbar([1, 2, 3, 4], [1, 3, 4, 7], yerr=0.2, capsize=3, label="Plant A")
    assert_describes(
        ax,
        "Growth. Line chart of height in cm by week, with error bars: Plant A rises from 1 at week 1 to 7 at week 4.",
    )


# Bands, areas, stacks


def test_a_temperature_band_with_records() -> None:
    day = np.arange(365)
    high = 15 - 12 * np.cos((day - 20) / 365 * 2 * np.pi) + 3 * np.sin(day)
    low = high - 8
    ax = axes("Seattle had its hottest day in July", ylabel="Temperature (°C)")
    ax.fill_between(days(), low, high, label="Daily range")
    hottest, coldest = int(high.argmax()), int(low.argmin())
    ax.plot([days()[hottest]], [high[hottest]], "o", label="Hottest day")
    ax.scatter([days()[coldest]], [low[coldest]], label="Coldest day")
    ax.legend()
    assert_describes(
        ax,
        "Seattle had its hottest day in July. Band chart of temperature by day from 1 January to 31 December 2015, "
        "with points. Daily range reaches from −7.9 °C on 18 January at its lowest to 29.9 °C on 29 July at its "
        "highest. Hottest day: 29.9 °C on 29 July. Coldest day: −7.9 °C on 18 January.",
    )


def test_an_uncertainty_band_is_said_with_its_line() -> None:
    ax = axes("Forecast", ylabel="Orders")
    years = np.arange(2020, 2030)
    ax.plot(years, 100 + 10 * (years - 2020), label="Forecast")
    ax.fill_between(years, 90 + 8 * (years - 2020), 110 + 12 * (years - 2020), alpha=0.2)
    assert_describes(
        ax,
        "Forecast. Line chart of orders by year, with a shaded band: Forecast rises from 100 in 2020 to 190 in 2029.",
    )


def test_a_stack_tells_its_total_and_how_the_shares_change() -> None:
    ax = axes("Wind is catching up with coal in Iowa", ylabel="Net generation (thousand MWh)")
    years = [dt.date(year, 1, 1) for year in range(2001, 2018)]
    step = np.arange(17)
    layers = [35_000 - 300 * step, 4_000 + 60 * step, 1_500 + 1_200 * step]
    ax.stackplot(years, layers, labels=["Fossil fuels", "Nuclear energy", "Renewables"])
    assert_describes(
        ax,
        "Wind is catching up with coal in Iowa. Stacked area chart of net generation in thousand MWh by year from "
        "2001 to 2017. The total rises from 40,500 to 55,860. Shares of the total: Fossil fuels from 86 % to 54 %, "
        "Renewables from 4 % to 37 % and Nuclear energy from 10 % to 9 %.",
    )


# Bars


def test_twelve_bars_tell_the_highest_and_the_lowest() -> None:
    ax = axes("December was the wettest month", ylabel="Rainfall (mm)")
    ax.bar(MONTHS, RAIN)
    assert_describes(
        ax,
        "December was the wettest month. Bar chart of rainfall in mm by month from January to December: December is "
        "highest with 285, July lowest with 2.3.",
    )


def test_a_few_bars_are_listed_and_a_reference_line_is_named_apart() -> None:
    ax = axes("The north sells most", xlabel="Region", ylabel="Revenue ($)")
    ax.bar(["North", "South", "East", "West"], [12_400, 9_800, 7_600, 3_150])
    ax.axhline(8_000, label="Target")
    assert_describes(
        ax,
        "The north sells most. Bar chart of revenue by region: North $12,400, South $9,800, East $7,600 and West "
        "$3,150. Reference line Target at $8,000.",
    )


def test_lying_bars_in_millions() -> None:
    ax = axes("Most visited", xlabel="Visitors")
    cities = ["Paris", "Rome", "Berlin", "Oslo", "Madrid", "Vienna", "Lisbon"]
    ax.barh(cities, [3.2e6, 2.9e6, 2.1e6, 4e5, 1.9e6, 1.5e6, 1.1e6])
    assert_describes(
        ax,
        "Most visited. Horizontal bar chart of visitors: Paris is highest with 3.2 million, Oslo lowest with 400,000.",
    )


def test_grouped_bars_are_told_by_series() -> None:
    ax = axes("Sales grew everywhere", ylabel="Sales (€ million)")
    places = np.arange(3)
    ax.bar(places - 0.2, [3, 4, 5], 0.4, label="2023")
    ax.bar(places + 0.2, [4, 4.5, 6], 0.4, label="2024")
    ax.set_xticks(places, ["North", "South", "East"])
    assert_describes(
        ax,
        "Sales grew everywhere. Grouped bar chart of sales in € million. 2023: North 3, South 4 and East 5. 2024: "
        "North 4, South 4.5 and East 6.",
    )


def test_stacked_bars_tell_totals_and_shares() -> None:
    ax = axes("Energy mix", ylabel="TWh")
    years, coal, wind = ["2021", "2022", "2023"], np.array([50, 45, 40]), np.array([20, 27, 35])
    ax.bar(years, coal, label="Coal")
    ax.bar(years, wind, bottom=coal, label="Wind")
    assert_describes(
        ax,
        "Energy mix. Stacked bar chart in TWh by year: 70 in 2021, 72 in 2022 and 75 in 2023; Coal 62 % and Wind 38 % "
        "of the total.",
    )


def test_a_plan_tells_from_when_to_when() -> None:
    ax = axes("Plan")
    starts = [dt.date(2024, 1, 1), dt.date(2024, 1, 8), dt.date(2024, 2, 5)]
    ax.barh(["Design", "Build", "Test"], [10, 30, 12], left=starts)
    assert_describes(
        ax,
        "Plan. Chart of ranges: Design from 1 January to 11 January 2024, Build from 8 January to 7 February 2024 and "
        "Test from 5 February to 17 February 2024.",
    )


# Distributions, points, groups


def test_a_histogram_tells_how_many_and_where_most_are() -> None:
    ax = axes("How windy is Seattle?", xlabel="Wind (m/s)", ylabel="Days")
    ax.hist(np.repeat([0.5, 1.5, 2.5, 3.5, 4.5, 8.5], [100, 300, 500, 320, 200, 41]), bins=9, range=(0.25, 9.25))
    assert_describes(
        ax,
        "How windy is Seattle? Histogram of wind in m/s: 1,461 days in 9 bins from 0.25 to 9.25, most often from 2.25 "
        "to 3.25 (500).",
    )


def test_a_scatter_with_marginals_is_one_chart() -> None:
    figure = Figure(figsize=(6, 6))
    figure.suptitle("Warm nights follow warm days")
    grid = figure.add_gridspec(2, 2, width_ratios=(4, 1), height_ratios=(1, 4))
    ax = figure.add_subplot(grid[1, 0])
    above, beside = figure.add_subplot(grid[0, 0], sharex=ax), figure.add_subplot(grid[1, 1], sharey=ax)
    low = np.linspace(-4, 18, 365)
    high = 1.2 * low + 8 + 3 * np.sin(np.arange(365) * 7)
    ax.scatter(low, high)
    above.hist(low, bins=20)
    beside.hist(high, bins=20, orientation="horizontal")
    ax.set(xlabel="Low (°C)", ylabel="High (°C)")
    assert describe(figure) == (
        "Warm nights follow warm days. Scatter plot of high against low, with distributions in the margins: 365 "
        "points, low from −4 °C to 18 °C and high from 0.85 °C to 32.3 °C; high tends to rise with low (correlation "
        "0.96)."
    )


def test_named_clouds_are_counted() -> None:
    ax = axes("Iris", xlabel="Petal length (cm)", ylabel="Petal width (cm)")
    for place, name in enumerate(["Setosa", "Versicolor", "Virginica"]):
        step = np.arange(50)
        ax.scatter(1.5 + 2 * place + np.sin(step) / 2, 0.3 + place * 0.9 + np.cos(step * 3) / 5, label=name)
    assert_describes(
        ax,
        "Iris. Scatter plot of petal width in cm against petal length in cm: 150 points (Setosa 50, Versicolor 50 "
        "and Virginica 50), petal length from 1 to 6 and petal width from 0.1 to 2.3; petal width tends to rise "
        "with petal length (correlation 0.96).",
    )


def test_boxes_tell_their_medians() -> None:
    ax = axes("Tips by day", ylabel="Tip ($)")
    groups = [np.linspace(1, 4 + day, 21) for day in range(4)]
    ax.boxplot(groups, tick_labels=["Thu", "Fri", "Sat", "Sun"])
    assert_describes(
        ax,
        "Tips by day. Box plot of tip by day: medians $2.5 on Thursday, $3 on Friday, $3.5 on Saturday and $4 on "
        "Sunday; all values from $1 to $7.",
    )


def test_violins_tell_their_medians_with_care() -> None:
    ax = axes("Reaction times", ylabel="Time (ms)")
    ax.violinplot([np.linspace(200, 300, 50), np.linspace(250, 450, 50)])
    ax.set_xticks([1, 2], ["Rested", "Tired"])
    assert_describes(
        ax,
        "Reaction times. Violin plot of time in ms: medians about Rested 250 and Tired 350; all values from 200 to "
        "450.",
    )


# Heatmaps


def test_a_calendar_is_not_enumerated() -> None:
    cells = np.full((7, 53), np.nan)
    for day in days():
        place = (day - days()[0]).days + days()[0].weekday()
        cells[place % 7, place // 7] = 55.9 if day == dt.date(2015, 3, 15) else day.day % 9
    ax = axes("Rain in Seattle, 2015")
    mesh = ax.pcolormesh(np.ma.masked_invalid(cells))
    ax.set_yticks(np.arange(7) + 0.5, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    ax.set_xticks([(dt.date(2015, month, 1) - days()[0]).days / 7 for month in range(1, 13)], MONTHS)
    ax.invert_yaxis()
    ax.figure.colorbar(mesh, label="Rain (mm)")
    assert_describes(
        ax,
        "Rain in Seattle, 2015. Calendar heatmap of rain in mm: 365 days, values from 0 to 55.9, highest on Sunday "
        "around March.",
    )


def test_a_heatmap_tells_rows_columns_range_and_where_the_highest_is() -> None:
    ax = axes("Sales by month and shop")
    image = ax.imshow([[1200, 2100, 3300], [4400, 9100, 6200]])
    ax.set_xticks(range(3), MONTHS[:3])
    ax.set_yticks(range(2), ["Paris", "Rome"])
    ax.figure.colorbar(image, label="Sales (€)")
    assert_describes(
        ax,
        "Sales by month and shop. Heatmap of sales: 2 rows and 3 columns, values from €1,200 to €9,100, highest for "
        "Rome in February.",
    )


# Parts of a whole, circles, solids


def test_a_pie_tells_its_shares() -> None:
    ax = axes("Household budget")
    ax.pie([40, 25, 20, 15], labels=["Rent", "Food", "Travel", "Other"], autopct="%d %%")
    assert_describes(ax, "Household budget. Pie chart: Rent 40 %, Food 25 %, Travel 20 % and Other 15 %.")


def test_a_donut_of_many_parts_tells_the_biggest() -> None:
    ax = axes("Browsers")
    names = ["Chrome", "Safari", "Edge", "Firefox", "Opera", "Samsung", "UC", "Brave"]
    ax.pie([60, 18, 6, 5, 4, 3, 2.5, 1.5], labels=names, wedgeprops={"width": 0.4})
    assert_describes(
        ax, "Browsers. Donut chart: 8 parts, the biggest Chrome 60 %, Safari 18 % and Edge 6 %; the smallest Brave 2 %."
    )


def test_a_radar_chart_is_listed_by_its_corners() -> None:
    ax = Figure().add_subplot(projection="polar")
    ax.set_title("The car is fast")
    angles = np.linspace(0, 2 * np.pi, 6)
    ax.plot(angles, [5, 4, 3, 2, 1, 5])
    ax.set_xticks(angles[:-1], ["Speed", "Power", "Range", "Price", "Looks"])
    assert_describes(ax, "The car is fast. Polar line chart: Speed 5, Power 4, Range 3, Price 2 and Looks 1.")


def test_three_dimensions_tell_kind_and_ranges_only() -> None:
    ax = Figure().add_subplot(projection="3d")
    ax.set(title="Stones", xlabel="Width (m)", ylabel="Depth (m)", zlabel="Height (m)")
    ax.scatter([0, 1, 2], [0, 2, 4], [0, 3, 9])
    assert_describes(
        ax, "Stones. 3-D scatter plot: width in m from 0 to 2, depth in m from 0 to 4 and height in m from 0 to 9."
    )


# Several panels


def small_multiples(names: list[str]) -> Figure:
    figure = Figure(figsize=(8, 6))
    panels = figure.subplots(2, -(-len(names) // 2), sharex=True)
    for place, (ax, name) in enumerate(zip(panels.flat, names, strict=False)):
        ax.plot(months(2006, 120), 1000 * (place + 1) + (10 if place % 2 else -5) * np.arange(120))
        ax.set_title(name)
    panels[0, 0].set_ylabel("Employment (thousands)")
    figure.suptitle("Where Americans work")
    return figure


def test_four_panels_get_a_clause_each() -> None:
    assert describe(small_multiples(["Construction", "Manufacturing", "Information", "Government"])) == (
        "Where Americans work. 4 panels, each a line chart of employment in thousands by month from January 2006 to "
        "December 2015: Construction falls from 1,000 to 405; Manufacturing rises from 2,000 to 3,190; Information "
        "falls from 3,000 to 2,405; Government rises from 4,000 to 5,190."
    )


def test_many_panels_are_named_ranged_and_ranked() -> None:
    names = ["Mining", "Construction", "Manufacturing", "Utilities", "Information", "Government"]
    assert describe(small_multiples(names)) == (
        "Where Americans work. 6 panels, each a line chart of employment in thousands by month from January 2006 to "
        "December 2015: Mining, Construction, Manufacturing, Utilities, Information and Government; values from 405 to "
        "7,190; at the end Government is highest with 7,190 and Mining lowest with 405; 3 of 6 end higher than they "
        "start."
    )


def test_panels_of_different_kinds_are_told_one_by_one() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.bar(MONTHS, RAIN)
    left.set(title="Rain", ylabel="Rain (mm)")
    right.plot([2019, 2020, 2021, 2022], [0.31, 0.34, 0.36, 0.41])
    right.set_title("Share of women")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    figure.suptitle("Two findings")
    assert describe(figure) == (
        "Two findings. 2 panels. Rain, bar chart of rain in mm by month from January to December: December is highest "
        "with 285, July lowest with 2.3. Share of women, line chart by year from 2019 to 2022: rises from 31 % to 41 %."
    )


# What is written by hand


def test_a_figure_of_texts_alone_is_read_out() -> None:
    figure = Figure()
    for height, text in ((0.7, "Revenue this month"), (0.5, "€12,400"), (0.3, "+8 % on last month")):
        figure.text(0.5, height, text)
    assert describe(figure) == "Revenue this month. €12,400. +8 % on last month."


def test_the_measure_comes_from_a_subtitle_where_the_axis_has_no_label() -> None:
    ax = axes()
    ax.plot(MONTHS, MEANS)
    look.title(ax, "July was the warmest month", "Mean daily high, °C", source="Source: NOAA")
    assert_describes(
        ax,
        "July was the warmest month. Line chart of mean daily high by month: rises from 10 °C in January to a peak of "
        "28 °C in July and falls to 8 °C in December.",
    )


def test_a_heading_set_by_hand_is_the_title() -> None:
    ax = axes()
    ax.figure.text(0.1, 0.95, "Buses are fuller than ever", fontsize=13)
    ax.figure.text(0.1, 0.9, "Passengers a day", fontsize=10)
    ax.figure.text(0.1, 0.01, "Source: the city", fontsize=8)
    ax.plot([2019, 2020, 2021], [5, 7, 9])
    assert_describes(
        ax, "Buses are fuller than ever. Passengers a day. Line chart by year: rises from 5 in 2019 to 9 in 2021."
    )


def test_reference_lines_and_ranges_have_sentences_of_their_own() -> None:
    ax = axes("Growth returned", ylabel="Index")
    ax.plot([dt.date(year, 1, 1) for year in range(1990, 2001)], np.arange(100, 111))
    ax.axvline(dt.date(1994, 3, 1), label="Reform")
    ax.axhline(100, label="Base")
    ax.axvspan(dt.date(1991, 4, 1), dt.date(1992, 2, 1), label="Recession")
    assert_describes(
        ax,
        "Growth returned. Line chart of index by year: rises from 100 in 1990 to 110 in 2000. Reference lines: Reform "
        "on 1 March 1994 and Base at 100. Shaded range Recession from April 1991 to February 1992.",
    )


def test_a_theme_changes_no_word() -> None:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.plot(MONTHS, MEANS, label="Mean")
        ax.plot(MONTHS, RAIN, label="Rain")
        ax.legend()

    def told(theme: str) -> str:
        with figures.drawn(draw, size=(800, 450), theme=themes.resolve(theme)) as drawing:
            return describe(drawing.figure)

    assert told("light") == told("dark")
