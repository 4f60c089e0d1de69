"""The rows the pictures are drawn from: stations and what they observed, day by day."""

from datetime import date

import numpy as np
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from weather.climate import Floats

TEMPERATURE_LIMITS = [MinValueValidator(-60), MaxValueValidator(60)]


class Station(models.Model):
    """Where somebody looks at the weather every day."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    place = models.CharField(max_length=120, blank=True, help_text="The land it lies in.")
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])

    class Meta:
        ordering = ("-latitude",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("weather:station", args=[self.slug])

    @property
    def coordinates(self) -> str:
        """Where it is, as people write it: 47.6° N, 122.3° W."""
        north, east = "N" if self.latitude >= 0 else "S", "E" if self.longitude >= 0 else "W"
        return f"{abs(self.latitude):.1f}° {north}, {abs(self.longitude):.1f}° {east}"

    def columns(self, *names: str) -> tuple[list[date], Floats]:
        """Load what was observed as arrays: the days in order, and the named columns, shape (names, days)."""
        rows = list(self.observations.order_by("date").values_list("date", *names))
        values = np.array([row[1:] for row in rows], dtype=float).reshape(len(rows), len(names))
        return [row[0] for row in rows], values.T

    def records(self) -> dict[str, "Observation | None"]:
        """Find the days that stand out."""
        return {
            "hottest": self.observations.order_by("-temp_max", "date").first(),
            "coldest": self.observations.order_by("temp_min", "date").first(),
            "wettest": self.observations.order_by("-precipitation", "date").first(),
            "windiest": self.observations.order_by("-wind", "date").first(),
        }


class Weather(models.TextChoices):
    """The kind of a day, as the observers put it."""

    DRIZZLE = "drizzle", "Drizzle"
    FOG = "fog", "Fog"
    RAIN = "rain", "Rain"
    SNOW = "snow", "Snow"
    SUN = "sun", "Sun"


class Observation(models.Model):
    """One day at one station."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="observations")
    date = models.DateField()
    temp_max = models.FloatField("highest temperature (°C)", validators=TEMPERATURE_LIMITS)
    temp_min = models.FloatField("lowest temperature (°C)", validators=TEMPERATURE_LIMITS)
    precipitation = models.FloatField("rain and snow (mm)", validators=[MinValueValidator(0), MaxValueValidator(2000)])
    wind = models.FloatField("mean wind (m/s)", validators=[MinValueValidator(0), MaxValueValidator(120)])
    weather = models.CharField(max_length=10, choices=Weather)

    class Meta:
        ordering = ("-date",)
        get_latest_by = "date"
        constraints = (
            models.UniqueConstraint(
                fields=("station", "date"),
                name="one_observation_a_day",
                violation_error_message="This station has an observation of that day already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.station}, {self.date:%-d %B %Y}"

    def clean(self) -> None:
        if self.temp_max is None or self.temp_min is None or self.temp_min <= self.temp_max:
            return
        raise ValidationError(
            {"temp_min": f"The lowest temperature cannot be above the highest, {self.temp_max:g} °C."}
        )
