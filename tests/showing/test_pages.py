"""What the tags write in a real browser: right to validators, to everybody's ears, to both themes and on paper."""

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from tests.browser import Browser
from tests.shop.models import MonthlyRevenue, Portrait
from tests.showing import documents, nu
from tests.showing.site import put, written

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]

# Every form of the tags, by name.
FORMS = {
    "plain": "{% chart chart %}",
    "attributes": """{% chart chart alt="Other" class="wide" id="one" data-id=7 data-hx-get="/x?a=1&b=2"
        aria-describedby="more" %}<p id="more">More words.</p>""",
    "decoration": '{% chart chart alt="" %}',
    "figure": '{% chart chart caption="Orders & more" figure_class="card" %}',
    "priority": "{% chart chart priority=True %}",
    "page": '{% chart chart theme="page" id="both" %}',
    "page_first": '{% chart chart theme="page" priority=True caption="Both" %}',
    "dark": '{% chart chart theme="dark" %}',
    "half": "{% chart chart width=160 %}",
    "sizes": '{% chart chart sizes="(min-width: 40rem) 320px, 100vw" %}',
    "narrow": '{% chart portrait narrow="narrow" %}',
    "narrow_page": '{% chart portrait narrow="narrow" theme="page" narrow_media="(max-width: 30rem), print" %}',
    "embedded": "{% chart chart embed=True %}",
    "embedded_png": '{% chart chart embed="png" theme="dark" %}',
    "live": "{% chart chart live=True %}{% chart portrait live=True narrow='narrow' theme='page' %}{% chart_live %}",
    "table": "{% chart_table chart %}",
    "table_unfolded": "{% chart_table chart open=True %}",
    "table_open": '{% chart_table chart open=True rows=3 summary="All of it" caption="Orders" class="numbers" %}',
    "links": """<p><a href="{% chart_url chart format="svg" %}">SVG</a>
        <a href="{% chart_url chart latest=True %}">The newest</a></p>""",
    "unrendered": "{% chart empty %}{% chart_table empty %}",
}
HEADS = {"meta": "{% chart_meta chart %}"}


@pytest.fixture
def charts(revenue: MonthlyRevenue, settings: Any) -> dict[str, Any]:
    portrait = Portrait.objects.get(pk=Portrait.objects.create().pk)
    settings.CHARTS = {"DISPATCHER": "manual"}
    return {"chart": revenue, "portrait": portrait, "empty": MonthlyRevenue.objects.create(region=revenue.region)}


def test_a_validator_finds_nothing_wrong_with_any_form(charts: dict[str, Any], site: str, tmp_path: Path) -> None:
    for name, form in FORMS.items():
        put(name, form, **charts)
    for name, head in HEADS.items():
        put(name, "<p>A page.</p>", head=head, **charts)
    request = RequestFactory().get("/page/x")
    found = nu.complaints({name: written(name, request) for name in (*FORMS, *HEADS)}, tmp_path)
    assert found == []


def test_axe_finds_nothing_wrong_with_any_form(charts: dict[str, Any], site: str, browser: Browser) -> None:
    inside = {name: form for name, form in FORMS.items() if "embed" in name}
    for name, forms in (("embedded", inside), ("all", FORMS.keys() - inside)):
        path = put(name, "".join(f"<section>{FORMS[form]}</section>" for form in sorted(forms)), **charts)
        for scheme in ("light", "dark"):
            seen = browser.look(site + path, width=700, scheme=scheme)
            assert len(seen.images) >= sum("{% chart " in FORMS[form] for form in forms)
            assert seen.violations == [], (name, scheme)
            assert seen.complaints == [], (name, scheme)
            assert seen.broken == [], (name, scheme)


# Which file is shown, and which are loaded.


SHOWN = "() => [...document.images].filter(image => image.checkVisibility())"
ARE_THERE = f"() => ({SHOWN})().every(image => image.complete && image.naturalWidth)"


def visit(browser: Browser, address: str, **options: Any) -> tuple[list[str], set[str]]:
    """Open a page; return the names of the files that are shown, and of all that were loaded."""

    def look() -> tuple[list[str], set[str]]:
        loaded: set[str] = set()
        with browser.page(viewport={"width": 700, "height": 600}, **options) as page:
            page.on("request", lambda request: loaded.add(request.url.rpartition("/")[2]))
            page.goto(address, wait_until="load")
            page.wait_for_function(ARE_THERE)
            page.wait_for_timeout(100)  # for the file too many
            shown = page.evaluate(f"() => ({SHOWN})().map(image => image.currentSrc)")
        return [src.rpartition("/")[2] for src in shown], {name for name in loaded if "-k" in name}

    return browser.run(look)


def name_of(chart: Any, theme: str, density: float = 1, field: str = "image") -> str:
    return str(getattr(chart, field).variant(theme=theme, density=density).url.rpartition("/")[2])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_that_fits_the_screen_is_shown_and_no_other_loaded(
    revenue: MonthlyRevenue, site: str, browser: Browser, scheme: str
) -> None:
    forms = ("{% chart chart %}", "{% chart chart priority=True %}", '{% chart chart theme="page" %}')
    for form, density in ((form, density) for form in forms for density in (1, 2)):
        wanted = name_of(revenue, scheme, density)
        path = put("one", form, chart=revenue)
        shown, loaded = visit(browser, site + path, color_scheme=scheme, device_scale_factor=density)
        assert (shown, loaded) == ([wanted], {wanted}), form


ATTRIBUTES = ['data-theme="{}"', 'data-bs-theme="{}"', 'data-color-scheme="{}"', 'class="{}"', 'class="x theme-{}"']


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_with_a_theme_of_its_own_shows_that_one_whatever_the_system_has(
    revenue: MonthlyRevenue, site: str, browser: Browser, theme: str
) -> None:
    wanted = name_of(revenue, theme)
    sections = [f"<div {attribute.format(theme)}>{{% chart chart theme='page' %}}</div>" for attribute in ATTRIBUTES]
    path = put("own", "".join(sections), chart=revenue)
    for scheme in ("light", "dark"):
        shown, loaded = visit(browser, site + path, color_scheme=scheme)
        assert (shown, loaded) == ([wanted] * len(ATTRIBUTES), {wanted})


def test_switching_a_pages_theme_switches_the_picture(revenue: MonthlyRevenue, site: str, browser: Browser) -> None:
    path = put("switch", '{% chart chart theme="page" %}', html=' data-theme="light"', chart=revenue)

    def switch() -> list[str]:
        seen = []
        with browser.page(color_scheme="light") as page:
            page.goto(site + path, wait_until="load")
            for theme in ("light", "dark", "light"):
                page.evaluate(f"() => {{ document.documentElement.dataset.theme = '{theme}' }}")
                page.wait_for_function(ARE_THERE)
                seen.append(page.evaluate(f"() => ({SHOWN})()[0].currentSrc").rpartition("/")[2])
        return seen

    assert browser.run(switch) == [name_of(revenue, theme) for theme in ("light", "dark", "light")]


def test_one_theme_can_be_asked_for(revenue: MonthlyRevenue, site: str, browser: Browser) -> None:
    path = put("dark", '{% chart chart theme="dark" %}', chart=revenue)
    for scheme in ("light", "dark"):
        assert visit(browser, site + path, color_scheme=scheme)[0] == [name_of(revenue, "dark")]


# A form, what the page says of its theme, and what the system has.
PRINTED = [
    ("{% chart chart %}", "", "dark"),
    ("{% chart chart %}", "", "light"),
    ("{% chart chart priority=True %}", "", "dark"),
    ('{% chart chart sizes="100vw" width=320 %}', "", "dark"),
    ('{% chart chart theme="page" %}', "", "dark"),
    ('{% chart chart theme="page" %}', ' data-theme="dark"', "light"),
    ('{% chart chart theme="page" %}', ' class="light"', "dark"),
]


# As many sites' stylesheets have it.
AS_BLOCKS = "() => document.styleSheets[0].insertRule('img, picture { display: block; max-width: 100% }')"


def printed(browser: Browser, address: str, scheme: str) -> set[str]:
    """Return the themes of the pictures on paper, of one that a browser opens and prints."""

    def pdf() -> bytes:
        with browser.page(color_scheme=scheme) as page:
            page.goto(address, wait_until="load")
            page.evaluate(AS_BLOCKS)
            page.wait_for_function(ARE_THERE)
            assert page.evaluate(f"() => ({SHOWN})().length") == 1
            return bytes(page.pdf(print_background=True))

    return documents.themes_on(documents.page_image(browser.run(pdf)))


@pytest.mark.parametrize("themes", [("light", "dark"), ("dark", "light")])
def test_paper_gets_the_light_picture(
    revenue: MonthlyRevenue, site: str, browser: Browser, options: Any, themes: tuple[str, ...]
) -> None:
    options(themes=themes)
    revenue.render(force=True)
    for form, html, scheme in PRINTED if themes[0] == "light" else PRINTED[:2]:
        path = put("paper", form, html=html, chart=revenue)
        assert printed(browser, site + path, scheme) == {"light"}, (form, html)


# What readers notice.


def test_nothing_moves_while_pictures_load(revenue: MonthlyRevenue, site: str, browser: Browser) -> None:
    forms = ("{% chart chart %}", '{% chart chart theme="page" %}', "{% chart chart priority=True width=160 %}")
    body = "".join(f"<p>Before.</p>{form}<p>After.</p>" for form in forms)
    path = put("still", body, chart=revenue)
    measure = """() => new Promise(resolve => {
        let sum = 0;
        new PerformanceObserver(list => {
            for (const entry of list.getEntries()) sum += entry.value;
        }).observe({type: "layout-shift", buffered: true});
        setTimeout(() => resolve(sum), 300);
    })"""

    def shifts() -> float:
        with browser.page(viewport={"width": 700, "height": 900}) as page:
            page.goto(site + path, wait_until="networkidle")
            assert page.evaluate("() => [...document.images].filter(i => i.naturalWidth).length") >= len(forms)
            return float(page.evaluate(measure))

    assert browser.run(shifts) == 0


def test_a_placeholder_is_shown_where_a_chart_cannot_be_drawn(
    revenue: MonthlyRevenue, site: str, browser: Browser, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    monkeypatch.setattr(MonthlyRevenue, "draw", lambda self, figure, data: 1 / 0)
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    path = put("failing", "{% chart chart %}", chart=chart)
    sides = f"() => ({SHOWN})().map(image => [image.complete, image.naturalWidth, image.naturalHeight])"

    def look() -> Any:
        with browser.page() as page:
            page.goto(site + path, wait_until="networkidle")
            return page.evaluate(sides)

    assert browser.run(look) == [[True, 320, 180]]
