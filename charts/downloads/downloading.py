"""From a URL to a verified image in a temporary file: redirects, statuses, the body and its bounds."""

import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPResponse
from types import TracebackType
from typing import IO, Self

from django.conf import settings
from django.core.files import File

from charts.downloads.deadlines import Deadline
from charts.downloads.refusals import RefusalError
from charts.downloads.transport import answer_to
from charts.downloads.urls import follow, parse_url, shown
from charts.downloads.verifying import MAX_PIXELS, ImageFacts, facts_of
from charts.exceptions import DownloadError

MAX_BYTES = 20 * 2**20
BLOCK = 65_536

# Most pictures of a page stay in memory; larger ones go to a file that has no name, so that nothing is left
# of it even when the process is killed.
SPOOLED_BYTES = 2**20

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 204 and 205 have no body, 206 is a part that was not asked for.
WHOLE = frozenset({200, 201, 202, 203})


@dataclass(frozen=True, kw_only=True)
class Download(ImageFacts):
    """A verified image in an open temporary file, which is gone when it is closed; a context manager.

    `file` is at its beginning and called `image.<extension>`; `url` is where it came from after redirects.
    """

    url: str
    file: "File[bytes]"

    def close(self) -> None:
        """Close the file, and with that delete it."""
        self.file.close()

    def __enter__(self) -> Self:
        """Return this download."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file, whatever happened."""
        self.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bounds:
    deadline: Deadline
    max_bytes: int
    max_redirects: int
    allow_private: bool


def download_image(
    url: str,
    *,
    timeout: float = 10.0,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    allow_private: bool = False,
    max_redirects: int = 3,
) -> Download:
    """Download the image at `url` into a temporary file and verify it; use as a context manager.

    `timeout` is in seconds, for all of the network together: look-up, connection, TLS, headers, body and
    redirects. `max_bytes` bounds the body, `max_pixels` a picture's width × height (as in `verify_image`).

    Only public addresses are asked, on the ports 80, 443, 8080 and 8443. `allow_private` also allows private
    addresses, this machine, and any port; never link-local addresses, where clouds give out credentials. A
    redirect is checked like the first URL, at most `max_redirects` are followed, and none from https to
    http. No proxy of the environment is used, no cookie or credential sent, and the server's word on the type
    is not taken.

    Raises `DownloadError` for whatever goes wrong; its message shows no credentials and no query of the URL.
    """
    bounds = _Bounds(
        deadline=Deadline.after(timeout),
        max_bytes=max_bytes,
        max_redirects=max_redirects,
        allow_private=allow_private,
    )
    visited = [url]
    with ExitStack() as stack:
        body = stack.enter_context(
            tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR)
        )
        try:
            _fetch(visited, body, bounds)
            facts = facts_of(body, max_pixels=max_pixels)
        except RefusalError as refusal:
            raise DownloadError(f"{_subject(visited)} {refusal}.") from refusal.__cause__
        stack.pop_all()
    file = File(body, name=f"image.{facts.extension}")
    return Download(url=visited[-1], file=file, **asdict(facts))


def _subject(visited: list[str]) -> str:
    first, last = shown(visited[0]), shown(visited[-1])
    return f"The image at {first}" if len(visited) == 1 else f"The image at {first}, redirected to {last},"


def _fetch(visited: list[str], body: IO[bytes], bounds: _Bounds) -> None:
    """Follow `visited[0]` to its end, noting each URL in `visited`, and write what is there into `body`."""
    for _ in range(bounds.max_redirects + 1):
        location = _take(visited[-1], body, bounds)
        if location is None:
            return
        visited.append(_followed(visited[-1], location))
    raise RefusalError(f"is redirected more than {bounds.max_redirects} times: give the last address of the chain")


def _followed(url: str, location: bytes) -> str:
    following = follow(url, location)
    if url.lower().startswith("https:") and following.lower().startswith("http:"):
        raise RefusalError(f"is redirected from https to {shown(following)}: give an address that stays on https")
    return following


def _take(url: str, body: IO[bytes], bounds: _Bounds) -> bytes | None:
    """Write what is at `url` into `body`; or, if it is a redirect, return its `Location` header."""
    target = parse_url(url, any_port=bounds.allow_private)
    with answer_to(target, bounds.deadline, allow_private=bounds.allow_private, max_bytes=bounds.max_bytes) as response:
        location = response.headers.get("Location")
        if response.status in REDIRECTS and location is not None:
            return location.encode("latin-1")
        _check_head(response, bounds.max_bytes)
        _keep_body(response, body, bounds.max_bytes)
    return None


def _check_head(response: HTTPResponse, max_bytes: int) -> None:
    if response.status not in WHOLE:
        raise RefusalError(
            f"is answered with {_named(response.status)}: check the address, and that anybody may see it"
        )
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise RefusalError("is sent compressed although that was not asked for: its site must mend that")
    if response.headers.get("Transfer-Encoding", "chunked").strip().lower() != "chunked":
        raise RefusalError("is sent in a transfer encoding that was not asked for: its site must mend that")
    if response.length is not None and response.length > max_bytes:
        raise RefusalError(_too_long(max_bytes))


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _keep_body(response: HTTPResponse, body: IO[bytes], max_bytes: int) -> None:
    count = 0
    while block := response.read1(BLOCK):
        count += len(block)
        if count > max_bytes:
            raise RefusalError(_too_long(max_bytes))
        _write(body, block)
    if response.length:
        raise RefusalError(f"is cut off: {response.length:,} announced bytes are missing, so try again")


def _write(body: IO[bytes], block: bytes) -> None:
    try:
        body.write(block)
    except OSError as error:  # told apart from the network's errors, which are of the same class
        raise RefusalError(f"cannot be kept in a temporary file ({error.strerror}): make room for it") from error


def _too_long(max_bytes: int) -> str:
    return f"is longer than {max_bytes:,} bytes: give a smaller one, or raise max_bytes"
