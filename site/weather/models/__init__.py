"""Stations and observations, and the charts that are drawn from them."""

from weather.models.base import StationChart
from weather.models.calendar import TemperatureCalendar
from weather.models.rain import RainByMonth
from weather.models.sources import Observation, Station, Weather
from weather.models.temperature import TemperatureBand

# Every kind of chart that a station has, in the order in which pages show them.
CHARTS = (TemperatureBand, RainByMonth, TemperatureCalendar)

__all__ = [
    "CHARTS",
    "Observation",
    "RainByMonth",
    "Station",
    "StationChart",
    "TemperatureBand",
    "TemperatureCalendar",
    "Weather",
]
