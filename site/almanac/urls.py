"""A page for each picture of the almanac."""

from django.urls import path

from almanac import views

app_name = "almanac"
urlpatterns = [path("<slug:kind>/", views.chart, name="chart")]
