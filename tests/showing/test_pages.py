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


def visit(browser: Browser, address: str, *, media: str | None = None, **options: Any) -> tuple[list[str], set[str]]:
    """Open a page; return the names of the files that are shown, and of all that were loaded."""

    def look() -> tuple[list[str], set[str]]:
        loaded: set[str] = set()
        with browser.page(viewport={"width": 700, "height": 600}, **options) as page:
            page.on("request", lambda request: loaded.add(request.url.rpartition("/")[2]))
            if media:
                page.emulate_media(media=media)
            page.goto(address, wait_until="networkidle")
            shown = page.evaluate(
                "() => [...document.images].filter(image => image.checkVisibility()).map(image => image.currentSrc)"
            )
        return [src.rpartition("/")[2] for src in shown], {name for name in loaded if "-k" in name}

    return browser.run(look)


def name_of(chart: Any, theme: str, density: float = 1, field: str = "image") -> str:
    return str(getattr(chart, field).variant(theme=theme, density=density).url.rpartition("/")[2])


@pytest.mark.parametrize("density", [1, 2])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_that_fits_the_screen_is_shown_and_no_other_loaded(
    revenue: MonthlyRevenue, site: str, browser: Browser, scheme: str, density: int
) -> None:
    wanted = name_of(revenue, scheme, density)
    for form in ("{% chart chart %}", "{% chart chart priority=True %}", '{% chart chart theme="page" %}'):
        path = put("one", form, chart=revenue)
        shown, loaded = visit(browser, site + path, color_scheme=scheme, device_scale_factor=density)
        assert (shown, loaded) == ([wanted], {wanted}), form


@pytest.mark.parametrize("attribute", ['data-theme="{}"', 'data-bs-theme="{}"', 'class="{}"', 'class="x theme-{}"'])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_with_a_theme_of_its_own_shows_that_one_whatever_the_system_has(
    revenue: MonthlyRevenue, site: str, browser: Browser, theme: str, attribute: str
) -> None:
    path = put("own", '{% chart chart theme="page" %}', html=" " + attribute.format(theme), chart=revenue)
    wanted = name_of(revenue, theme)
    for scheme in ("light", "dark"):
        assert visit(browser, site + path, color_scheme=scheme) == ([wanted], {wanted})


def test_switching_a_pages_theme_switches_the_picture(revenue: MonthlyRevenue, site: str, browser: Browser) -> None:
    path = put("switch", '{% chart chart theme="page" %}', html=' data-theme="light"', chart=revenue)
    visible = "() => [...document.images].find(image => image.checkVisibility())"

    def switch() -> list[str]:
        seen = []
        with browser.page(color_scheme="light") as page:
            page.goto(site + path, wait_until="networkidle")
            for theme in ("light", "dark", "light"):
                page.evaluate(f"() => {{ document.documentElement.dataset.theme = '{theme}' }}")
                page.wait_for_function(f"() => ({visible})().complete && ({visible})().naturalWidth")
                seen.append(page.evaluate(f"() => ({visible})().currentSrc").rpartition("/")[2])
        return seen

    assert browser.run(switch) == [name_of(revenue, theme) for theme in ("light", "dark", "light")]


def test_one_theme_can_be_asked_for(revenue: MonthlyRevenue, site: str, browser: Browser) -> None:
    path = put("dark", '{% chart chart theme="dark" %}', chart=revenue)
    for scheme in ("light", "dark"):
        assert visit(browser, site + path, color_scheme=scheme)[0] == [name_of(revenue, "dark")]


@pytest.mark.parametrize("html", ["", ' data-theme="dark"', ' class="light"'])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_gets_the_light_picture(
    revenue: MonthlyRevenue, site: str, browser: Browser, scheme: str, html: str
) -> None:
    path = put("paper", '{% chart chart theme="page" %}', html=html, chart=revenue)

    def printed() -> bytes:
        with browser.page(color_scheme=scheme) as page:
            page.goto(site + path, wait_until="networkidle")
            return page.pdf(print_background=True)

    paper = documents.page_image(browser.run(printed))
    assert documents.themes_on(paper) == {"light"}


def test_the_plain_form_asks_for_the_light_picture_on_paper(
    revenue: MonthlyRevenue, site: str, browser: Browser
) -> None:
    path = put("plain", "{% chart chart %}", chart=revenue)
    shown, _loaded = visit(browser, site + path, media="print", color_scheme="dark")
    assert shown == [name_of(revenue, "light")]


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
    sides = "() => [...document.images].map(image => [image.complete, image.naturalWidth, image.naturalHeight])"

    def look() -> Any:
        with browser.page() as page:
            page.goto(site + path, wait_until="networkidle")
            return page.evaluate(sides)

    assert browser.run(look) == [[True, 320, 180]]
