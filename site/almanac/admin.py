"""The almanac in the admin."""

from django.contrib import admin

from almanac.models import CHARTS, CarbonDioxide, Employment, Generation
from charts.admin import ChartAdmin

admin.site.register(CHARTS, ChartAdmin)


@admin.register(CarbonDioxide)
class CarbonDioxideAdmin(admin.ModelAdmin):
    """Months of carbon dioxide."""

    list_display = ("month", "measured", "adjusted")
    date_hierarchy = "month"


@admin.register(Employment)
class EmploymentAdmin(admin.ModelAdmin):
    """Jobs by sector and month."""

    list_display = ("month", "sector", "thousands")
    list_filter = ("sector",)
    date_hierarchy = "month"


@admin.register(Generation)
class GenerationAdmin(admin.ModelAdmin):
    """Electricity by year and source."""

    list_display = ("year", "source", "gigawatt_hours")
    list_filter = ("source",)
