"""Pictures inside documents: data addresses that need no server, and PDFs made of them."""

import base64
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template

from charts import markup
from charts.dispatch import Dispatcher
from charts.mail import attach_chart
from tests import services
from tests.shop.models import MonthlyRevenue
from tests.showing import documents
from tests.test_markup import Tags

pytestmark = pytest.mark.django_db(transaction=True)


def embedded(chart: Any, arguments: str = "embed=True") -> dict[str, Any]:
    html = Template("{% load charts %}{% chart chart " + arguments + " %}").render(Context({"chart": chart}))
    return dict(Tags(html).attributes("img"))


def content(image: dict[str, Any]) -> tuple[str, bytes]:
    head, _, data = image["src"].partition(",")
    return head, base64.b64decode(data)


def stored(chart: Any, **look: Any) -> bytes:
    with chart.image.variant(**look).open() as file:
        return bytes(file.read())


def test_the_best_file_for_paper_is_light_and_drawn_in_lines(revenue: MonthlyRevenue) -> None:
    image = embedded(revenue)
    assert content(image) == ("data:image/svg+xml;base64", stored(revenue, format="svg"))
    assert (image["width"], image["height"], image["alt"]) == ("320", "180", revenue.alt)
    assert image["style"] == "width:320px;height:auto"
    assert "loading" not in image


def test_of_pixels_the_densest_file_is_taken(revenue: MonthlyRevenue, options: Any) -> None:
    assert content(embedded(revenue, 'embed="png"')) == ("data:image/png;base64", stored(revenue, density=2))
    assert content(embedded(revenue, 'embed="png" theme="dark" alt="x"'))[1] == stored(revenue, theme="dark", density=2)
    options(formats=("png",), themes=("dark", "light"))
    revenue.render(force=True)
    assert content(embedded(revenue))[1] == stored(revenue, theme="light", density=2)


@pytest.mark.parametrize(
    ("arguments", "said"), [('embed="pdf"', "no format 'pdf'"), ('embed=True theme="x"', "theme 'x'")]
)
def test_what_the_field_will_never_have_is_said(revenue: MonthlyRevenue, arguments: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"{said} to embed. Choices are: "):
        embedded(revenue, arguments)


def test_a_chart_that_nobody_has_drawn_is_drawn_first(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    head, data = content(embedded(chart))
    chart.refresh_from_db()
    assert (head, data) == ("data:image/svg+xml;base64", stored(chart, format="svg"))


class Worker(Dispatcher):
    """A dispatcher whose worker is busy elsewhere."""

    capacity, can_wait = None, True

    def send(self, due: Any) -> None: ...


def test_with_a_worker_a_page_is_not_kept_waiting_for_a_first_picture(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": f"{__name__}.Worker"}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    image = embedded(chart)
    assert image["src"].startswith("data:image/svg+xml;base64,")
    assert b"This chart is being drawn." in content(image)[1]
    assert (image["width"], image["height"], image["alt"]) == ("320", "180", "Monthly revenue")
    assert not MonthlyRevenue.objects.get(pk=chart.pk).image
    with pytest.raises(ValueError, match="no format 'pdf'"):
        embedded(chart, 'embed="pdf"')

    MonthlyRevenue.objects.get(pk=chart.pk).render()  # the instance in hand is older
    assert content(embedded(chart))[1] == stored(MonthlyRevenue.objects.get(pk=chart.pk), format="svg")


@pytest.mark.parametrize("dispatcher", ["inline", "manual", f"{__name__}.Worker"])
def test_a_mail_has_its_picture_drawn_whoever_draws_otherwise(
    revenue: MonthlyRevenue, settings: Any, dispatcher: str
) -> None:
    settings.CHARTS = {"DISPATCHER": dispatcher, "WATCH": False}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    assert attach_chart(EmailMultiAlternatives("Subject", "Text"), chart).startswith("cid:")
    assert MonthlyRevenue.objects.get(pk=chart.pk).image


@pytest.mark.parametrize("fault", ["draw", "storage"])
def test_a_picture_that_is_not_to_be_had_leaves_a_gap_that_says_so(
    revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart: Any = revenue
    if fault == "draw":
        monkeypatch.setattr(MonthlyRevenue, "draw", lambda self, figure, data: 1 / 0)
        chart = MonthlyRevenue.objects.create(region=revenue.region)
    else:
        monkeypatch.setattr(markup.picture_field(chart).storage._wrapped, "open", lambda name: {}[name], raising=False)
    image = embedded(chart)
    assert b"This chart could not be drawn." in content(image)[1]
    assert (image["width"], image["height"]) == ("320", "180")


def weasyprint() -> Any:
    """Return WeasyPrint; without it or its libraries, skip or fail."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: Pango is not on this machine
        services.absent(f"WeasyPrint does not work here: {error}")
    return weasyprint


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of WeasyPrint's own dependencies
@pytest.mark.parametrize("embed", ["svg", "png"])
def test_a_pdf_made_by_weasyprint_has_the_chart(revenue: MonthlyRevenue, embed: str) -> None:
    printer = weasyprint()
    template = Template("{% load charts %}<h1>Report</h1>{% chart chart embed=embed %}")
    html = template.render(Context({"chart": revenue, "embed": embed}))
    page = documents.page_image(printer.HTML(string=html).write_pdf(), scale=1)
    assert documents.themes_on(page) == {"light"}
    # 320 of the 794 CSS pixels that the paper is wide; the last bar is near the picture's right edge.
    blue = documents.columns(page, documents.BARS["light"])
    assert 0.25 * page.width < blue.stop - blue.start < 0.4 * page.width
