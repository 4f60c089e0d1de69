"""Include these under any path: `path("charts/", include("charts.urls"))`."""

from django.urls import path, register_converter

from charts import views
from charts.fields import FORMAT_OF


class Extension:
    """The extension of one of a picture's files."""

    regex = "|".join(FORMAT_OF)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Extension, "charts_extension")

app_name = "charts"
urlpatterns = [
    path("image/<str:token>", views.image, name="image"),
    path("latest/<str:token>.<charts_extension:extension>", views.latest, name="latest"),
    path("news", views.news, name="news"),
]
