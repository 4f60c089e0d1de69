"""Charts in e-mails: the picture travels inside the message, so that readers see it without asking a server."""

import email.message
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from functools import cache
from typing import Any, Self

import django
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.html import format_html
from django.utils.safestring import SafeString

from charts import markup
from charts.fields import EXTENSIONS
from charts.markup.addresses import version_of
from charts.markup.embedding import Embedded, embedded
from charts.markup.subjects import file_name

# Since then messages are made of `email.message.EmailMessage`, before of the older `email.mime`.
IS_MODERN = django.VERSION >= (6, 0)


class InlinePicture(str):
    """The `cid:` address of a picture in a message, for an `<img>` that the message's HTML has.

    Attributes:
        width: CSS pixels; None if nobody knows.
        height: CSS pixels; None if nobody knows.
        alt: its text for those who do not see it.
    """

    __slots__ = ("alt", "height", "width")

    width: int | None
    height: int | None
    alt: str

    def __new__(cls, address: str, found: Embedded) -> Self:
        self = super().__new__(cls, address)
        self.width, self.height, self.alt = found.width, found.height, found.alt
        return self

    @property
    def html(self) -> SafeString:
        """The `<img>`, with the size that Outlook needs to be told."""
        attrs = {"src": str(self), "width": self.width, "height": self.height, "alt": self.alt}
        return format_html("<img{}>", markup.flat(attrs))


def attach_chart(message: EmailMessage, chart: Any, *, field: str = "image", theme: str | None = None) -> InlinePicture:
    """Put a chart's picture into a message, beside its HTML; drawn first if nobody else does that.

    The densest PNG or JPEG file of the light theme is taken, and shown at the chart's size. The message is then sent
    as multipart/related; backends that build messages of their own find the picture among the attachments, inline.

    Args:
        message: an EmailMultiAlternatives with HTML, or an EmailMessage that is HTML.
        chart: a saved chart.
        field: its picture field's name.
        theme: by default the first for light pages.

    Returns:
        The `cid:` address for the `src` of an `<img>`; its `html` is that `<img>`.

    Raises:
        TypeError: it is no chart.
        ValueError: it is not saved, or its field has no such theme.
        RenderError: it has no picture, for it could not be drawn: better no message than one with a gap.
        StorageError: its file could not be read.
    """
    found = embedded(chart, field=field, theme=theme)
    content_id = f"{version_of(found.name)}@charts"
    if not any(_content_id(part) == f"<{content_id}>" for part in message.attachments):
        message.attach(_part(found, content_id, file_name(chart, EXTENSIONS[found.look.format])))
    if not isinstance(message, Relating):
        kind: Any = type(message)
        message.__class__ = _relating(kind)
    return InlinePicture(f"cid:{content_id}", found)


def _content_id(part: Any) -> str:
    """Return the Content-ID of an attachment; "" for one that has none, or is a plain tuple."""
    return str(part.get("Content-ID", "")) if isinstance(part, MIMEBase | email.message.Message) else ""


def _part(found: Embedded, content_id: str, name: str) -> Any:
    subtype = markup.MEDIA_TYPES[found.look.format].partition("/")[2]
    if IS_MODERN:
        part = email.message.MIMEPart()
        part.set_content(found.content, "image", subtype, cid=f"<{content_id}>", disposition="inline", filename=name)
        return part
    image = MIMEImage(found.content, subtype)
    image["Content-ID"] = f"<{content_id}>"
    image.add_header("Content-Disposition", "inline", filename=name)
    return image


class Relating(EmailMessage):
    """A message whose inline pictures are where mail programs look for them: beside the HTML that shows them."""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        built = super().message(*args, **kwargs)
        relate(built)
        return built


class RelatingAlternatives(Relating, EmailMultiAlternatives):
    """The same, with text and HTML."""


@cache
def _relating(kind: Any) -> Any:
    """Return a class of messages that also relates; Django's own have one that can be pickled."""
    known: dict[Any, Any] = {EmailMessage: Relating, EmailMultiAlternatives: RelatingAlternatives}
    return known.get(kind) or type(f"Relating{kind.__name__}", (Relating, kind), {})


def relate(root: Any) -> None:
    """Move inline pictures from a message's end into a multipart/related with its HTML, as RFC 2387 has it.

    Args:
        root: what Django builds: multipart/mixed of the body and the attachments, if there are any left.
    """
    parts = root.get_payload() if root.is_multipart() else []
    pictures = [part for part in parts if _content_id(part).endswith("@charts>")]
    place = _place_of_html(root) if pictures else None
    if place is None:
        return
    parent, index = place
    siblings = parent.get_payload()
    siblings[index] = _related(root, [siblings[index], *pictures])
    root.set_payload([part for part in root.get_payload() if part not in pictures])
    if len(root.get_payload()) == 1 and root.get_payload(0).is_multipart():
        _become(root, root.get_payload(0))


def _place_of_html(part: Any) -> tuple[Any, int] | None:
    """Return where the message's HTML is: its parent and its index there."""
    for index, child in enumerate(part.get_payload()):
        if child.get_content_type() == "text/html" and child.get_content_disposition() != "attachment":
            return part, index
        if child.get_content_maintype() == "multipart" and (found := _place_of_html(child)):
            return found
    return None


def _related(root: Any, parts: list[Any]) -> Any:
    if IS_MODERN:
        related: Any = email.message.MIMEPart(policy=root.policy)
        related["Content-Type"] = 'multipart/related; type="text/html"'
    else:
        from django.core.mail.message import SafeMIMEMultipart  # gone in a later Django

        related = SafeMIMEMultipart(_subtype="related", encoding=root.encoding)
        related.set_param("type", "text/html")
    for part in parts:
        related.attach(part)
    return related


def _become(root: Any, child: Any) -> None:
    """Let the only part of a message be the message: a mixture of one thing is none."""
    kind = str(child["Content-Type"])
    del root["Content-Type"]
    root["Content-Type"] = kind
    root.set_payload(child.get_payload())
