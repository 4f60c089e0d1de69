"""Parts of a file: what a Range header asks for, and reading it piece by piece."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.utils.http import parse_http_date_safe

PIECE = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII | re.IGNORECASE)


def asked(request: HttpRequest, size: int, etag: str, modified: int | None) -> range | None:
    """Return which bytes a request wants: None for all of them, no byte if none of those it wants is there.

    One range is served; several at once, or what cannot be read, gives the whole file, as RFC 9110 allows.

    Args:
        request: its Range and If-Range headers say.
        size: of the file, in bytes.
        etag: of the file, quoted.
        modified: Unix time in seconds.
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not match or request.method != "GET" or not _is_same(request, etag, modified):
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _is_same(request: HttpRequest, etag: str, modified: int | None) -> bool:
    """Say whether the part that is asked for fits the parts the reader has."""
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag
    return modified is not None and parse_http_date_safe(condition) == modified


class Pieces:
    """A file's bytes in pieces; closing it closes the file.

    Args:
        file: open for reading.
        head: what was read of it already.
        span: which bytes are wanted.
    """

    def __init__(self, file: Any, head: bytes, span: range) -> None:
        self.file, self.head, self.span = file, head, span

    def __iter__(self) -> Iterator[bytes]:
        start, left = self.span.start, len(self.span)
        if start < len(self.head):
            piece = self.head[start : self.span.stop]
            left -= len(piece)
            yield piece
        else:
            self.file.seek(start)
        while left > 0 and (piece := self.file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()


class AsyncPieces:
    """The same for ASGI, where an iterator that blocks would be read whole before it is sent."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self.pieces)
        while piece := await sync_to_async(lambda: next(pieces, b""))():
            yield piece

    def close(self) -> None:
        self.pieces.close()
