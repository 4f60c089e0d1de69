"""Where the demo's pages are."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path
from django.views.generic import RedirectView

from chartsite import pages

urlpatterns = [
    path("admin/", admin.site.urls),
    path("charts/", include("charts.urls")),
    # The admin's pages name no icon, so browsers ask for this one.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}weather/favicon.svg")),
    # Both are empty lists unless DEBUG is on; they come before the stations' slugs.
    *staticfiles_urlpatterns(),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", pages.gallery, name="gallery"),
    path("almanac/", include("almanac.urls")),
    path("", include("weather.urls")),
]
