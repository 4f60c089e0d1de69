"""The tag: what a page gets from a row's columns, and what it never costs."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.signing import BadSignature
from django.db import connections
from django.template import Context, Template
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from charts import markup
from charts.fields import Look
from charts.ledger import ChartKey
from charts.markup.addresses import LATEST, Address
from tests.shop.models import MonthlyRevenue, Portrait, Profile, Region, Scripted

pytestmark = pytest.mark.django_db


class Tags(HTMLParser):
    """Every start tag of a piece of HTML with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def attributes(self, tag: str) -> dict[str, str | None]:
        return next(attributes for name, attributes in self.found if name == tag)


def tagged(chart: object, arguments: str = "") -> Tags:
    return Tags(Template("{% load charts %}{% chart chart " + arguments + " %}").render(Context({"chart": chart})))


@pytest.fixture
def revenue(transactional_db: None) -> MonthlyRevenue:
    region = Region.objects.create(name="North")
    return MonthlyRevenue.objects.get(pk=MonthlyRevenue.objects.create(region=region).pk)


def test_a_picture_has_its_sizes_its_words_and_loads_late(revenue: MonthlyRevenue) -> None:
    image = tagged(revenue).attributes("img")
    assert (image["width"], image["height"]) == ("320", "180")
    assert image["alt"] == revenue.alt != ""
    assert (image["loading"], image["decoding"]) == ("lazy", "async")
    assert image["src"] == revenue.image.url


def test_sharp_screens_get_the_dense_file(revenue: MonthlyRevenue) -> None:
    dense = revenue.image.variant(density=2).url
    assert tagged(revenue).attributes("img")["srcset"] == f"{revenue.image.url} 1x, {dense} 2x"


def test_dark_pages_get_the_dark_file(revenue: MonthlyRevenue) -> None:
    source = tagged(revenue).attributes("source")
    assert source["media"] == "screen and (prefers-color-scheme: dark)"
    assert str(source["srcset"]).startswith(revenue.image.variant(theme="dark").url)


def test_a_chart_with_one_theme_and_one_density_has_no_choice_to_offer(transactional_db: None) -> None:
    chart = Scripted.objects.get(pk=Scripted.objects.create(value=3).pk)
    tags = tagged(chart)
    assert [tag for tag, _ in tags.found] == ["picture", "img"]
    assert "srcset" not in tags.attributes("img")


def test_any_attribute_is_passed_through_and_escaped(revenue: MonthlyRevenue) -> None:
    image = tagged(revenue, """class='a" onload="x' data_id=7 hx_get="/a?b&c" loading="eager" hidden=True id=None""")
    attributes = image.attributes("img")
    assert attributes["class"] == 'a" onload="x'
    assert "onload" not in attributes
    assert attributes["data-id"] == "7"
    assert attributes["hx-get"] == "/a?b&c"
    assert attributes["loading"] == "eager"
    assert "hidden" in attributes
    assert "id" not in attributes


def test_words_from_strangers_are_escaped(revenue: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(alt='"><script>alert(1)</script>')
    revenue.refresh_from_db()
    tags = tagged(revenue)
    assert [tag for tag, _ in tags.found] == ["picture", "source", "img", "span", "picture", "img"]
    assert tags.attributes("img")["alt"] == '"><script>alert(1)</script>'


def test_a_name_that_is_no_attribute_is_refused(revenue: MonthlyRevenue) -> None:
    with pytest.raises(ValueError, match="cannot be the name of an HTML attribute"):
        markup.picture(revenue, attrs={"x onload": "y"})


def test_other_words_can_be_given_and_none_at_all(revenue: MonthlyRevenue) -> None:
    assert tagged(revenue, 'alt="Other"').attributes("img")["alt"] == "Other"
    assert tagged(revenue, 'alt=""').attributes("img")["alt"] == ""


def test_a_hundred_charts_cost_the_query_that_loads_them_and_no_storage(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = MonthlyRevenue.objects.filter(pk=revenue.pk).values().get() | {"image_version": 5, "data_version": 5}
    MonthlyRevenue.objects.bulk_create([MonthlyRevenue(**(fresh | {"id": None})) for _ in range(99)])
    for name in ("open", "exists", "size", "listdir", "path", "get_modified_time"):
        monkeypatch.setattr(FileSystemStorage, name, _refuse)
    page = Template("{% load charts %}{% for each in all %}{% chart each %}{% endfor %}")
    with CaptureQueriesContext(connections["default"]) as queries:
        html = page.render(Context({"all": MonthlyRevenue.objects.all()}))
    assert html.count('loading="lazy" decoding="async"') == 200  # one each is for paper
    assert len(queries) == 1


def test_a_field_of_its_own_names_the_file_in_the_column_alone_after_its_options_change(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = MonthlyRevenue._meta.get_field("image")
    options = type(field.options)(size=(320, 180), themes=("light", "dark"), formats=("webp", "png"))
    monkeypatch.setattr(field, "options", options)
    tags = tagged(revenue)
    assert [tag for tag, _ in tags.found] == ["picture", "img"]
    assert tags.attributes("img")["src"] == revenue.image.url


def test_a_chart_without_a_picture_leads_to_the_view_that_renders_it(transactional_db: None, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = MonthlyRevenue.objects.create(region=Region.objects.create(name="South"))
    image = tagged(chart).attributes("img")
    assert str(image["src"]).startswith("/charts/image/")
    assert (image["width"], image["height"]) == ("320", "180")


def test_a_stale_chart_leads_to_the_view_where_nobody_else_renders(revenue: MonthlyRevenue, settings: Any) -> None:
    MonthlyRevenue.objects.update(data_version=100)
    revenue.refresh_from_db()
    assert str(tagged(revenue).attributes("img")["src"]).startswith("/charts/image/")
    settings.CHARTS = {"DISPATCHER": "manual"}
    assert tagged(revenue).attributes("img")["src"] == revenue.image.url


@override_settings(ROOT_URLCONF="tests.shop.no_urls")
def test_a_project_without_our_urls_shows_the_last_good_image(revenue: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(data_version=100)
    revenue.refresh_from_db()
    assert tagged(revenue).attributes("img")["src"] == revenue.image.url
    MonthlyRevenue.objects.update(image="")
    revenue.refresh_from_db()
    assert str(tagged(revenue).attributes("img")["src"]).endswith("charts/missing.svg")


def test_the_address_of_any_file_can_be_had(revenue: MonthlyRevenue) -> None:
    template = Template('{% load charts %}{% chart_url chart theme="dark" format="svg" %}')
    assert template.render(Context({"chart": revenue})) == revenue.image.variant(theme="dark", format="svg").url
    with pytest.raises(ValueError, match=re.escape("There is: light png at 1x; ")):
        markup.variant_url(revenue, format="pdf")


def test_what_is_no_chart_is_said(db: None) -> None:
    with pytest.raises(TypeError, match="is no chart"):
        markup.picture(Profile())
    with pytest.raises(ValueError, match=r"This shop\.Scripted is not saved"):
        markup.picture(Scripted())


def test_better_formats_are_offered_before_the_one_in_the_column(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = MonthlyRevenue._meta.get_field("image")
    options = type(field.options)(size=(320, 180), themes=("light", "dark"), densities=(1,), formats=("png", "webp"))
    monkeypatch.setattr(field, "options", options)
    revenue.render(force=True)
    sources = [attributes for tag, attributes in tagged(revenue).found if tag == "source"]
    dark = "screen and (prefers-color-scheme: dark)"
    assert [(source.get("media"), source["type"]) for source in sources] == [
        (dark, "image/webp"),
        (dark, "image/png"),
        (None, "image/webp"),
        (None, "image/webp"),  # of the one for paper
    ]
    assert tagged(revenue).attributes("img")["src"] == revenue.image.url


def test_small_screens_get_a_picture_made_for_them(transactional_db: None) -> None:
    chart = Portrait.objects.get(pk=Portrait.objects.create().pk)
    sources = [attributes for tag, attributes in tagged(chart, 'narrow="narrow"').found if tag == "source"]
    small, dark = "(max-width: 40rem)", "(prefers-color-scheme: dark)"
    on_screen = f"screen and {dark}"
    assert [(source.get("media"), source.get("width"), source.get("height")) for source in sources] == [
        (f"screen and {small} and {dark}", "180", "240"),
        (small, "180", "240"),
        (on_screen, None, None),
    ]
    assert sources[1]["srcset"] == chart.narrow.url
    assert Tags(markup.picture(chart, field="narrow")).attributes("img")["width"] == "180"


def test_a_token_says_what_it_was_made_for_and_no_other_is_taken() -> None:
    address = Address(ChartKey("shop.scripted", "7", "default"), "image", Look("dark", 2, "png"), "abc", 0)
    token = address.token()
    assert Address.read(token) == address
    for wrong in (token[:-1], token.replace("~", "~~"), "", "~", address.token(LATEST)):
        with pytest.raises(BadSignature):
            Address.read(wrong)


def test_a_theme_that_extends_dark_is_for_dark_pages(settings: Any) -> None:
    settings.CHARTS = {"THEMES": {"night": {"extends": "dark"}, "brand": {}, "deep": {"extends": "night"}}}
    schemes = [markup.scheme(name) for name in ("light", "dark", "night", "brand", "deep")]
    assert schemes == ["light", "dark", "dark", "light", "dark"]


def _refuse(*args: object, **kwargs: object) -> None:
    raise AssertionError("the storage was opened")
