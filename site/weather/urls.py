"""A page for each station, and one for each chart."""

from django.urls import path

from weather import views

app_name = "weather"
urlpatterns = [
    path("cities/<slug:kind>/", views.cities, name="cities"),
    path("<slug:station>/", views.station, name="station"),
    path("<slug:station>/<slug:kind>/", views.chart, name="chart"),
]
