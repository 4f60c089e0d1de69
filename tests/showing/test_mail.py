"""Charts in e-mails: inside the message, beside the HTML that shows them, and of a size that Outlook understands."""

import copy
import pickle
import re
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.template import Context, Template
from PIL import Image

from charts.exceptions import RenderError
from charts.mail import attach_chart
from tests.shop.models import Country, MonthlyRevenue
from tests.showing.conftest import drawn

pytestmark = pytest.mark.django_db(transaction=True)


def message() -> EmailMultiAlternatives:
    return EmailMultiAlternatives("Subject", "Text", "a@example.org", ["b@example.org"])


def parsed(sent: EmailMessage) -> Parsed:
    found: Any = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    assert not [part.defects for part in found.walk() if part.defects]
    return found


def tree(part: Any) -> Any:
    """Return a message's parts by their types."""
    kind = part.get_content_type()
    return {kind: [tree(child) for child in part.iter_parts()]} if part.is_multipart() else kind


def picture_of(root: Parsed) -> Any:
    return next(part for part in root.walk() if part.get_content_maintype() == "image")


def test_the_picture_is_beside_the_html_that_shows_it(revenue: MonthlyRevenue) -> None:
    sent = message()
    address = attach_chart(sent, revenue)
    sent.attach_alternative(f"<p>{address.html}</p>", "text/html")
    root = parsed(sent)
    related = {"multipart/related": ["text/html", "image/png"]}
    assert tree(root) == {"multipart/alternative": ["text/plain", related]}
    picture = picture_of(root)
    assert address == f"cid:{picture['Content-ID'].strip('<>')}"
    assert f'src="{address}"' in root.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    assert picture.get_content_disposition() == "inline"
    assert picture.get_filename() == f"monthlyrevenue-{revenue.pk}.png"


def test_the_densest_light_picture_is_shown_at_the_charts_size(revenue: MonthlyRevenue) -> None:
    sent = message()
    address = attach_chart(sent, revenue)
    sent.attach_alternative(address.html, "text/html")
    with Image.open(BytesIO(picture_of(parsed(sent)).get_content())) as image:
        assert image.size == (640, 360)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert 'width="320" height="180"' in address.html
    assert "loading" not in address.html
    assert address.alt == revenue.alt


def test_other_attachments_stay_beside_the_whole(revenue: MonthlyRevenue) -> None:
    sent = message()
    sent.attach("report.pdf", b"%PDF-", "application/pdf")
    sent.attach_alternative(attach_chart(sent, revenue).html, "text/html")
    related = {"multipart/related": ["text/html", "image/png"]}
    assert tree(parsed(sent)) == {
        "multipart/mixed": [{"multipart/alternative": ["text/plain", related]}, "application/pdf"]
    }


def test_a_message_that_is_html_alone_is_related_itself(revenue: MonthlyRevenue) -> None:
    sent = EmailMessage("Subject", "", "a@example.org", ["b@example.org"])
    sent.content_subtype = "html"
    sent.body = attach_chart(sent, revenue).html
    assert tree(parsed(sent)) == {"multipart/related": ["text/html", "image/png"]}


def test_a_message_without_html_keeps_the_picture(revenue: MonthlyRevenue) -> None:
    sent = message()
    attach_chart(sent, revenue)
    assert tree(parsed(sent)) == {"multipart/mixed": ["text/plain", "image/png"]}


def test_a_chart_that_is_shown_twice_travels_once(revenue: MonthlyRevenue) -> None:
    sent = message()
    assert attach_chart(sent, revenue) == attach_chart(sent, revenue)
    assert attach_chart(sent, revenue, theme="dark") != attach_chart(sent, revenue)
    assert len(sent.attachments) == 2


def test_two_charts_are_related_to_the_one_html(revenue: MonthlyRevenue) -> None:
    sent, other = message(), drawn("South")
    html = "".join(attach_chart(sent, chart).html for chart in (revenue, other))
    sent.attach_alternative(html, "text/html")
    root = parsed(sent)
    related = {"multipart/related": ["text/html", "image/png", "image/png"]}
    assert tree(root) == {"multipart/alternative": ["text/plain", related]}
    ids = [part["Content-ID"].strip("<>") for part in root.walk() if part.get_content_maintype() == "image"]
    assert [f'src="cid:{each}"' in html for each in ids] == [True, True]


def test_a_message_whose_attachments_were_taken_out_is_still_one(revenue: MonthlyRevenue) -> None:
    sent = message()
    attach_chart(sent, revenue)
    sent.attachments.clear()
    assert tree(parsed(sent)) == "text/plain"
    sent.attach_alternative("<p>No picture.</p>", "text/html")
    assert tree(parsed(sent)) == {"multipart/alternative": ["text/plain", "text/html"]}


@pytest.mark.parametrize("code", ['x"\r\nBcc: c@example.org\r\n\r\n', "Ägypten/..\\", "\u202egnp.exe", "%00;a=b"])
def test_no_key_gets_into_the_headers(transactional_db: None, code: str) -> None:
    sent, chart = message(), Country.objects.create(code=code)
    chart.refresh_from_db()
    sent.attach_alternative(attach_chart(sent, chart).html, "text/html")
    root = parsed(sent)
    assert "bcc" not in root
    assert re.fullmatch(r"country-[\w-]+\.png", picture_of(root).get_filename(), re.ASCII)


def test_words_of_strangers_are_escaped_in_the_html(revenue: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(alt='Umsätze 🌍 "><script>')
    revenue.refresh_from_db()
    sent = message()
    sent.attach_alternative(attach_chart(sent, revenue).html, "text/html")
    html = parsed(sent).get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    assert 'alt="Umsätze 🌍 &quot;&gt;&lt;script&gt;"' in html


def test_the_tag_writes_the_picture_too(revenue: MonthlyRevenue) -> None:
    address = attach_chart(message(), revenue)
    template = Template('{% load charts %}{% chart chart src=picture class="wide" %}')
    html = template.render(Context({"chart": revenue, "picture": address}))
    assert f'src="{address}"' in html
    assert "<source" not in html


def test_a_message_can_be_sent_copied_and_kept(revenue: MonthlyRevenue) -> None:
    sent = message()
    sent.attach_alternative(attach_chart(sent, revenue).html, "text/html")
    assert EmailBackend().send_messages([sent]) == 1
    wanted = tree(parsed(sent))
    for other in (mail.outbox[-1], copy.copy(sent), copy.deepcopy(sent), pickle.loads(pickle.dumps(sent))):  # noqa: S301
        assert tree(parsed(other)) == wanted


def test_messages_of_other_classes_work_too(revenue: MonthlyRevenue) -> None:
    class Letter(EmailMultiAlternatives):
        pass

    sent = Letter("Subject", "Text", "a@example.org", ["b@example.org"])
    sent.attach_alternative(attach_chart(sent, revenue).html, "text/html")
    assert isinstance(sent, Letter)
    assert "multipart/related" in str(tree(parsed(sent)))


def test_a_chart_that_nobody_has_drawn_is_drawn_first(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    assert attach_chart(message(), chart).alt


def test_no_message_is_made_with_a_gap(revenue: MonthlyRevenue, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    monkeypatch.setattr(MonthlyRevenue, "draw", lambda self, figure, data: 1 / 0)
    chart = MonthlyRevenue.objects.create(region=revenue.region)
    with pytest.raises(RenderError, match=r"MonthlyRevenue \d+ has no picture to embed: .*ZeroDivisionError"):
        attach_chart(message(), chart)
