"""Include these under any path: `path("charts/", include("charts.urls"))`."""

from django.urls import path

from charts import views

app_name = "charts"
urlpatterns = [path("image/<str:token>", views.image, name="image")]
