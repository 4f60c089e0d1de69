"""The shop's charts in the admin, as a project would register them."""

from django.contrib import admin

from charts.admin import ChartAdmin
from tests.shop.models import Answer, Badge, MonthlyRevenue, Scripted, Survey


@admin.register(MonthlyRevenue)
class MonthlyRevenueAdmin(ChartAdmin):
    list_display = ("__str__", "region")
    list_select_related = ("region",)
    save_as = True


@admin.register(Scripted)
class ScriptedAdmin(ChartAdmin):
    list_display = ("name",)


class AnswerInline(admin.TabularInline):
    model = Answer
    extra = 1


@admin.register(Survey)
class SurveyAdmin(ChartAdmin):
    inlines = (AnswerInline,)


@admin.register(Badge)
class BadgeAdmin(ChartAdmin):
    list_filter = ("value",)
