"""The gallery, a page for each station, a page for each of its charts."""

from django.urls import path

from weather import views

app_name = "weather"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("<slug:station>/", views.station, name="station"),
    path("<slug:station>/<slug:kind>/", views.chart, name="chart"),
]
