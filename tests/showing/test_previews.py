"""Link previews: what chats and feeds read in a page's head."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory

from tests.shop.models import MonthlyRevenue
from tests.test_markup import Tags

pytestmark = pytest.mark.django_db(transaction=True)


def said(chart: Any, arguments: str = "", path: str = "/reports/7/") -> dict[str, str]:
    request = RequestFactory().get(path, secure=True, headers={"host": "localhost"})
    template = Template("{% load charts %}{% chart_meta chart " + arguments + " %}")
    html = template.render(RequestContext(request, {"chart": chart, "request": request}))
    found = [attributes for _, attributes in Tags(html).found]
    return {str(each.get("property") or each.get("name")): str(each["content"]) for each in found}


def test_a_preview_has_an_absolute_picture_its_size_and_its_words(client: Client, revenue: MonthlyRevenue) -> None:
    found = said(revenue)
    assert found["og:image"].startswith("https://localhost/charts/latest/")
    assert found["og:image"].endswith(".png")
    assert (found["og:image:width"], found["og:image:height"]) == ("640", "360")
    assert found["og:image:type"] == "image/png"
    assert found["og:image:alt"] == found["og:description"] == revenue.alt
    assert found["og:title"] == str(revenue)
    assert found["og:url"] == "https://localhost/reports/7/"
    assert found["twitter:card"] == "summary_large_image"
    assert found["twitter:image"] == found["og:image"]
    assert client.get(found["og:image"].removeprefix("https://localhost"))["Content-Type"] == "image/png"


def test_an_author_says_other_words(revenue: MonthlyRevenue) -> None:
    found = said(revenue, """title='A "b"' description="D" url="/x/" """)
    assert found["og:title"] == found["twitter:title"] == 'A "b"'
    assert found["og:description"] == "D"
    assert found["og:url"] == "https://localhost/x/"


def test_a_chart_with_a_page_of_its_own_names_it(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue, "get_absolute_url", lambda self: f"/charts-of/{self.pk}/", raising=False)
    assert said(revenue)["og:url"] == f"https://localhost/charts-of/{revenue.pk}/"


def test_a_light_png_is_preferred_whatever_comes_first(revenue: MonthlyRevenue, options: Any) -> None:
    options(themes=("dark", "light"), formats=("webp", "png"), densities=(1, 2, 4))
    revenue.render(force=True)
    found = said(revenue)
    assert found["og:image:type"] == "image/png"
    assert found["og:image:width"] == "1280"  # the first that is wide enough


def test_without_our_urls_the_storages_address_is_given(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.shop.no_urls"
    assert said(revenue)["og:image"] == f"https://localhost{revenue.image.variant(density=2).url}"


def test_without_a_request_the_way_out_is_said(revenue: MonthlyRevenue) -> None:
    with pytest.raises(ImproperlyConfigured, match="chart_meta needs the request"):
        Template("{% load charts %}{% chart_meta chart %}").render(Context({"chart": revenue}))
