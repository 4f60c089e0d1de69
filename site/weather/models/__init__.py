"""Stations and observations, and the charts that are drawn from them."""

from weather.models.base import StationChart
from weather.models.calendar import TemperatureCalendar
from weather.models.cities import CitiesChart, MonthlyHighs, WindHistogram
from weather.models.rain import RainByMonth
from weather.models.sofar import RainSoFar
from weather.models.sources import Observation, Station, Weather
from weather.models.temperature import TemperatureBand
from weather.models.wind import WindAndWarmth

# Every kind of chart that a station has, and those of all stations together, in the order in which pages show them.
CHARTS = (TemperatureBand, RainByMonth, TemperatureCalendar, RainSoFar, WindAndWarmth)
CITIES = (MonthlyHighs, WindHistogram)

__all__ = [
    "CHARTS",
    "CITIES",
    "CitiesChart",
    "MonthlyHighs",
    "Observation",
    "RainByMonth",
    "RainSoFar",
    "Station",
    "StationChart",
    "TemperatureBand",
    "TemperatureCalendar",
    "Weather",
    "WindAndWarmth",
    "WindHistogram",
]
