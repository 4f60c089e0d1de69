"""The demo in the admin: charts with their pictures, and the rows they are drawn from."""

from django.contrib import admin

from charts.admin import ChartAdmin
from weather.models import CHARTS, CITIES, Observation, Station


@admin.register(Station)
class StationAdmin(admin.ModelAdmin):
    """Stations; a new name is in every picture at once."""

    list_display = ("name", "place", "coordinates")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Observation)
class ObservationAdmin(admin.ModelAdmin):
    """Observations, by station and date."""

    list_display = ("date", "station", "temp_max", "temp_min", "precipitation", "wind", "weather")
    list_filter = ("station", "weather")
    list_select_related = ("station",)
    date_hierarchy = "date"


@admin.register(*CHARTS)
class StationChartAdmin(ChartAdmin):
    """Charts of every kind."""

    list_display = ("__str__",)
    list_filter = ("station",)
    list_select_related = ("station",)


admin.site.register(CITIES, ChartAdmin)
