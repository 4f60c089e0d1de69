"""The tags as authors write them: any attribute, captions, the first picture of a page, and the same in Jinja2."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from jinja2 import Environment, StrictUndefined, Undefined, UndefinedError

from charts import markup
from tests.shop.models import Badge, MonthlyRevenue, Portrait
from tests.test_markup import Tags

pytestmark = pytest.mark.django_db(transaction=True)


def rendered(source: str, **context: Any) -> str:
    return Template("{% load charts %}" + source).render(Context(context))


def image(source: str, **context: Any) -> dict[str, str | None]:
    return Tags(rendered(source, **context)).attributes("img")


# Attributes


def test_attributes_are_written_as_html_has_them(revenue: MonthlyRevenue) -> None:
    found = image(
        '{% chart c obj=1 context=2 data-id=7 hx-get="/a?b&c" @click="x" x-on:click.away="y" aria-label=words %}',
        c=revenue,
    )
    assert found["data-id"] == "7"
    assert found["hx-get"] == "/a?b&c"
    assert (found["@click"], found["x-on:click.away"]) == ("x", "y")
    assert (found["obj"], found["context"]) == ("1", "2")
    assert "aria-label" not in found


def test_underscores_are_hyphens_too(revenue: MonthlyRevenue) -> None:
    assert image('{% chart c data_id=7 class_="x" %}', c=revenue).items() >= {("data-id", "7"), ("class", "x")}


def test_values_are_escaped_whatever_they_are_marked_as(revenue: MonthlyRevenue) -> None:
    html = rendered("""{% chart c class='"><script>' title=title %}""", c=revenue, title='" onload="')
    assert [tag for tag, _ in Tags(html).found] == ["picture", "source", "img", "span", "picture", "img"]
    assert "<script>" not in html
    assert not any("onload" in attributes for _, attributes in Tags(html).found)


@pytest.mark.parametrize("name", ["", "a b", "a>", "a/b", 'a"', "a'", "a=", "a\x00", "a\x7f"])
def test_what_is_no_name_of_an_attribute_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of an HTML attribute"):
        markup.flat({name: "x"})


def test_one_side_of_a_size_is_enough(revenue: MonthlyRevenue) -> None:
    sides = [
        (found["width"], found["height"])
        for found in (
            image("{% chart c width=160 %}", c=revenue),
            image('{% chart c height="90" %}', c=revenue),
            image("{% chart c width=100 height=100 %}", c=revenue),
        )
    ]
    assert sides == [("160", "90"), ("160", "90"), ("100", "100")]


def test_with_sizes_the_files_are_told_apart_by_their_width(revenue: MonthlyRevenue) -> None:
    tags = Tags(rendered('{% chart c sizes="100vw" %}', c=revenue))
    urls = [revenue.image.variant(theme=theme, density=n).url for theme in ("light", "dark") for n in (1, 2)]
    assert tags.attributes("img")["srcset"] == f"{urls[0]} 320w, {urls[1]} 640w"
    assert tags.attributes("source")["srcset"] == f"{urls[2]} 320w, {urls[3]} 640w"


# Forms


def test_a_caption_makes_a_figure(revenue: MonthlyRevenue) -> None:
    html = rendered('{% chart c caption=words figure_class="card" class="wide" %}', c=revenue, words="Up & <b>")
    assert html.startswith('<figure class="card"><picture>')
    assert html.endswith("</picture></span><figcaption>Up &amp; &lt;b&gt;</figcaption></figure>")
    assert Tags(html).attributes("img")["class"] == "wide"


def test_the_first_picture_of_a_page_is_loaded_before_others(revenue: MonthlyRevenue) -> None:
    found = image("{% chart c priority=True %}", c=revenue)
    assert found["fetchpriority"] == "high"
    assert (found["loading"], found["decoding"]) == ("eager", "async")


@pytest.mark.parametrize(
    "options", ["", "priority=True", 'theme="page"', 'theme="dark"', "live=True", 'loading="eager"']
)
def test_every_image_says_its_size_and_how_it_is_loaded(revenue: MonthlyRevenue, options: str) -> None:
    html = rendered("{% chart c " + options + " %}", c=revenue)
    images = [attributes for tag, attributes in Tags(html).found if tag == "img"]
    assert len(images) == {'theme="page"': 3, 'theme="dark"': 1}.get(options, 2)
    for image in images:
        assert set(image) >= {"src", "width", "height", "alt", "loading", "decoding"}
        assert (image["width"], image["height"]) == ("320", "180")


def test_a_page_with_a_theme_switch_gets_three_pictures_of_which_one_is_shown(revenue: MonthlyRevenue) -> None:
    html = rendered('{% chart c theme="page" id="one" class="wide" %}', c=revenue)
    pictures = [attributes for tag, attributes in Tags(html).found if tag == "picture"]
    images = [attributes for tag, attributes in Tags(html).found if tag == "img"]
    assert [each["class"] for each in pictures] == ["charts-usual", "charts-other", "charts-paper"]
    assert ["hidden" in each for each in pictures] == [False, True, True]
    assert html.count('id="one"') == 1
    assert {each["class"] for each in images} == {"wide"}
    assert {each["loading"] for each in images} == {"lazy"}


def test_a_chart_with_a_dark_picture_has_its_light_one_fetched_for_paper(revenue: MonthlyRevenue) -> None:
    form = '{% chart c class="wide" width=160 sizes="9px" crossorigin="anonymous" priority=True caption="x" %}'
    *_others, span, picture, (_img, image) = Tags(rendered(form, c=revenue)).found[:-1]
    light = [revenue.image.variant(density=n).url for n in (1, 2)]
    assert (span, picture) == (("span", {"hidden": None}), ("picture", {}))
    assert image == {
        "src": light[0],
        "srcset": f"{light[0]} 320w, {light[1]} 640w",
        "width": "320",
        "height": "180",
        "alt": "",
        "loading": "lazy",
        "decoding": "async",
        "sizes": "9px",
        "crossorigin": "anonymous",
    }


def test_a_chart_without_a_picture_is_named_by_its_class(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    assert image("{% chart c %}", c=chart)["alt"] == "Monthly revenue"
    assert image('{% chart c alt="" %}', c=chart)["alt"] == ""
    MonthlyRevenue.objects.filter(pk=revenue.pk).update(alt="")  # its get_alt_text() says that it decorates
    revenue.refresh_from_db()
    assert image("{% chart c %}", c=revenue)["alt"] == ""


def test_what_was_deferred_is_loaded_at_once_and_said(revenue: MonthlyRevenue, caplog: Any) -> None:
    chart = MonthlyRevenue.objects.only("title").get()
    with CaptureQueriesContext(connection) as queries:
        html = rendered("{% chart c %}", c=chart)
    assert html == rendered("{% chart c %}", c=revenue)
    assert len(queries) == 1
    assert "was loaded without alt, data_version, image, image_height, image_version, image_width" in caplog.text


def test_a_chart_that_has_its_key_before_its_row_is_not_shown_yet() -> None:
    with pytest.raises(ValueError, match=r"This shop\.Badge is not saved"):
        rendered("{% chart c %}", c=Badge())


def test_a_site_can_follow_its_pages_everywhere(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"THEME": "page"}
    assert rendered("{% chart c %}", c=revenue).count("<picture") == 3
    assert rendered('{% chart c theme="system" %}', c=revenue).count("<picture") == 2
    assert "charts-" not in rendered('{% chart c theme="system" %}', c=revenue).replace("/charts", "")


def test_a_picture_of_one_scheme_needs_no_switch(revenue: MonthlyRevenue, options: Any) -> None:
    options(themes=("light",))
    revenue.render(force=True)
    assert rendered('{% chart c theme="page" %}', c=revenue).count("<picture") == 1


def test_paper_gets_the_light_one_also_of_a_chart_that_is_dark_first(revenue: MonthlyRevenue, options: Any) -> None:
    options(themes=("dark", "light"), densities=(1,))
    revenue.render(force=True)
    light = revenue.image.variant(theme="light").url
    source = Tags(rendered("{% chart c %}", c=revenue)).attributes("source")
    assert source == {"media": "print, (prefers-color-scheme: light)", "srcset": light}
    paper = [attributes for tag, attributes in Tags(rendered('{% chart c theme="page" %}', c=revenue)).found][-1]
    assert paper["src"] == light


def test_one_theme_alone_can_be_shown(revenue: MonthlyRevenue) -> None:
    tags = Tags(rendered('{% chart c theme="dark" %}', c=revenue))
    assert [tag for tag, _ in tags.found] == ["picture", "img"]
    assert tags.attributes("img")["src"] == revenue.image.variant(theme="dark").url
    with pytest.raises(ValueError, match=r"MonthlyRevenue\.image has no theme 'x'\. Choices are: system, page, light"):
        rendered('{% chart c theme="x" %}', c=revenue)


def test_a_theme_that_is_not_drawn_yet_breaks_no_page(revenue: MonthlyRevenue, options: Any) -> None:
    options(themes=("light", "dark"), densities=(1, 2, 3), formats=("webp", "png", "csv"))
    for form in ('theme="dark"', 'theme="page"', "", 'sizes="100vw"'):
        assert image(f"{{% chart c {form} %}}", c=revenue)["src"] == revenue.image.url
    assert rendered('{% chart_url c theme="dark" density=3 %}', c=revenue) == revenue.image.url


@pytest.mark.parametrize(
    ("media", "wanted"),
    [
        ("(max-width: 9px)", "screen and (max-width: 9px) and (prefers-color-scheme: dark)"),
        (
            "(max-width: 9px), (max-height: 5px)",
            (
                "screen and (max-width: 9px) and (prefers-color-scheme: dark), "
                "screen and (max-height: 5px) and (prefers-color-scheme: dark)"
            ),
        ),
        ("screen and (max-width: 9px)", "screen and (max-width: 9px) and (prefers-color-scheme: dark)"),
        ("(a) or (b)", "screen and ((a) or (b)) and (prefers-color-scheme: dark)"),
    ],
)
def test_a_media_query_of_an_author_is_joined_with_ours(media: str, wanted: str) -> None:
    portrait = Portrait.objects.get(pk=Portrait.objects.create().pk)
    assert (
        Tags(rendered('{% chart c narrow="narrow" narrow_media=m %}', c=portrait, m=media)).attributes("source")[
            "media"
        ]
        == wanted
    )


def test_an_address_of_somebody_else_is_shown_as_it_is(revenue: MonthlyRevenue) -> None:
    html = rendered('{% chart c src="cid:x@y" %}', c=revenue)
    assert html == f'<img width="320" height="180" alt="{markup.flat({"alt": revenue.alt})[6:-1]}" src="cid:x@y">'


def test_a_storage_without_addresses_breaks_no_page(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> str:
        raise ValueError("This file is not accessible via a URL.")

    monkeypatch.setattr(MonthlyRevenue._meta.get_field("image").storage, "url", refuse)
    assert str(image("{% chart c %}", c=revenue)["src"]).startswith("/charts/image/")


# The language of the tags


def test_a_tag_can_be_kept_in_a_variable(revenue: MonthlyRevenue) -> None:
    html = rendered(
        '{% chart_url c as address %}{% chart c class="x" as picture %}[{{ picture }}|{{ address }}]', c=revenue
    )
    assert re.fullmatch(r"\[<picture>.*</picture></span>\|[^<]*\.png\]", html)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% chart %}", "name it first"),
        ("{% chart c wide %}", "takes name=value after the chart, not 'wide'"),
        ("{% chart c a=1 a=2 %}", "is given an argument twice"),
        ("{% chart c a= %}", "takes name=value"),
    ],
)
def test_a_tag_that_is_wrong_says_so_when_the_template_is_read(source: str, said: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=said):
        rendered(source)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% chart reveneu %}", "reveneu is '', so there is no chart to show: is it in the template's context?"),
        ("{% chart_url none %}", "none is None, so there is no chart to show: is it in the template's context?"),
        ('{% chart "a-slug" %}', "\"a-slug\" is 'a-slug', which is no chart: it has no ChartImageField."),
        ("{% chart c.region %}", "c.region is shop.Region {pk}, which is no chart: it has no ChartImageField."),
        ("{% chart all %}", "all is a ChartQuerySet, not one chart: show each of them, as in {% for chart in all %}{%"),
        (
            '{% chart c field="img" %}',
            "shop.MonthlyRevenue has no picture field 'img'. Did you mean 'image'? Choices are: image.",
        ),
        ('{% chart c field="alt" %}', "shop.MonthlyRevenue.alt is no ChartImageField. Choices are: image."),
    ],
)
def test_what_cannot_be_shown_is_told_with_the_way_out(revenue: MonthlyRevenue, source: str, said: str) -> None:
    with CaptureQueriesContext(connection) as queries, pytest.raises(TypeError) as caught:
        rendered(source, c=revenue, none=None, all=MonthlyRevenue.objects.all())
    assert said.replace("{pk}", str(revenue.region_id)) in str(caught.value)
    assert not [query for query in queries.captured_queries if "monthlyrevenue" in query["sql"]]


@pytest.mark.parametrize("undefined", [Undefined, StrictUndefined])
def test_jinja2_says_it_of_what_is_not_there(undefined: type[Undefined]) -> None:
    jinja = Environment(extensions=["charts.jinja2.Charts"], undefined=undefined, autoescape=True)
    with pytest.raises((TypeError, UndefinedError), match=r"there is no chart to show|'reveneu' is undefined"):
        jinja.from_string("{{ chart(reveneu) }}").render()


def test_where_no_template_names_it_an_object_is_told_of_all_the_same(revenue: MonthlyRevenue) -> None:
    with pytest.raises(TypeError, match=r"^This is a list, not one chart: .* in charts %\}"):
        markup.variant_url([revenue])


def test_addresses_are_escaped_where_templates_escape(revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthlyRevenue._meta.get_field("image").storage, "url", lambda name: f"/x?a=1&name={name}")
    assert rendered("{% chart_url c %}", c=revenue).startswith("/x?a=1&amp;name=")
    assert "&amp;name=" in rendered("{% chart c %}", c=revenue)
    assert rendered("{% autoescape off %}{% chart_url c %}{% endautoescape %}", c=revenue).startswith("/x?a=1&name=")


def test_an_address_can_be_absolute(revenue: MonthlyRevenue) -> None:
    request = RequestFactory().get("/", headers={"host": "localhost"}, secure=True)
    template = Template("{% load charts %}{% chart_url c absolute=True latest=True %}")
    html = template.render(RequestContext(request, {"c": revenue, "request": request}))
    assert html.startswith("https://localhost/charts/latest/")
    with pytest.raises(Exception, match="chart_url needs the request for an absolute address"):
        rendered("{% chart_url c absolute=True %}", c=revenue)


SAME = [
    ("{% chart c %}", "{{ chart(c) }}"),
    ('{% chart c class="x" data-id=7 alt="" %}', '{{ chart(c, class="x", data_id=7, alt="") }}'),
    (
        '{% chart c theme="page" caption="A b" figure_id="f" %}',
        '{{ chart(c, theme="page", caption="A b", figure_id="f") }}',
    ),
    ('{% chart_url c format="svg" %}', '{{ chart_url(c, format="svg") }}'),
    ("{% chart_url c latest=True absolute=True %}", "{{ chart_url(c, latest=True, absolute=True) }}"),
    ("{% chart_table c open=True %}", "{{ chart_table(c, open=True) }}"),
    ('{% chart_meta c title="T" %}', '{{ chart_meta(c, title="T") }}'),
    ("{% chart_live every=60 %}", "{{ chart_live(every=60) }}"),
]


@pytest.mark.parametrize(("django", "jinja"), SAME)
def test_jinja_writes_the_same(revenue: MonthlyRevenue, django: str, jinja: str) -> None:
    environment = Environment(extensions=["charts.jinja2.Charts"], autoescape=True)
    request: HttpRequest = RequestFactory().get("/")
    context = {"c": revenue, "request": request}
    assert environment.from_string(jinja).render(context) == rendered(django, **context)
