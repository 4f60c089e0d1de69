"""How a file is put together, read from its headers alone before any decoder sees it.

Pillow bounds the pixels of one picture. It does not bound what a few bytes may ask for besides: thousands of
frames, JPEG scans that each walk the whole picture again (64 bytes and 13 ms each at 40 million pixels), or
millions of empty pieces (20 MB of them took 3 to 7 s and up to 500 MB of memory in Pillow 13). And whether
a cut-off file is an error hangs on a switch of Pillow's that any code in the process may set; here it is one.

The facts of the formats: PNG, third edition; GIF89a; ITU-T T.81, annex B.
"""

import re
from collections.abc import Callable
from struct import unpack
from typing import IO

from charts.downloads.refusals import CUT_OFF, RefusalError

BLOCK = 65_536

# Encoders write pieces of 255 bytes (GIF) to 64 KB (JPEG, PNG); small files have small ones.
PIECES = 10_000
BYTES_A_PIECE = 64

# Progressive JPEGs have about ten scans.
MAX_SCANS = 100

START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN, TEMPORARY = 0xD8, 0xD9, 0xDA, 0x01
RESTARTS = range(0xD0, 0xD8)
STANDALONE = frozenset({START_OF_IMAGE, TEMPORARY, *RESTARTS})
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# In entropy-coded data a byte of 0xff is followed by a zero or by the number of a restart.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


class Pieces:
    """A walk through a file's pieces that is cut short when there are too many of them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.left = PIECES + file.seek(0, 2) // BYTES_A_PIECE

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, which make a piece; raise `RefusalError` if they are not there."""
        self.left -= 1
        if self.left < 0:
            raise RefusalError("is made of many more pieces than an image needs: export it again")
        data = self.file.read(count)
        if len(data) < count:
            raise RefusalError(CUT_OFF)
        return data

    def skip(self, count: int) -> None:
        """Pass over `count` bytes, which must be there."""
        if count:
            self.file.seek(count - 1, 1)
            if not self.file.read(1):
                raise RefusalError(CUT_OFF)


def canvas_of(file: IO[bytes], format_name: str) -> tuple[int, int] | None:
    """Return the width and height in pixels that headers declare, or `None` for formats that need no look here.

    libwebp and libavif check the whole of their container before they decode. Raises `RefusalError` for a
    file that is cut off, or put together to be a burden.
    """
    walk = WALKS.get(format_name)
    return walk(Pieces(file)) if walk else None


def _walk_png(pieces: Pieces) -> tuple[int, int]:
    pieces.file.seek(8)
    width = height = 0
    kind = b""
    while kind != b"IEND":
        length, kind = unpack(">I4s", pieces.read(8))
        if kind == b"IHDR":
            width, height = unpack(">II", pieces.read(8))
            length -= 8
        pieces.skip(max(0, length) + 4)
    return width, height


def _walk_jpeg(pieces: Pieces) -> tuple[int, int]:
    pieces.file.seek(2)
    width = height = scans = 0
    while (marker := _next_marker(pieces)) != END_OF_IMAGE:
        if marker in STANDALONE:
            continue
        (length,) = unpack(">H", pieces.read(2))
        if marker in START_OF_FRAME:
            height, width = unpack(">xHH", pieces.read(5))
            length -= 5
        pieces.skip(max(0, length - 2))
        if marker == START_OF_SCAN:
            scans += 1
            _skip_scan(pieces.file)
        if scans > MAX_SCANS:
            raise RefusalError(f"has more than {MAX_SCANS} scans: export it again, as a baseline JPEG")
    return width, height


def _next_marker(pieces: Pieces) -> int:
    # Fill bytes and stray ones between segments are allowed, and cost a piece each.
    previous = b""
    while True:
        byte = pieces.read(1)
        if previous == b"\xff" and byte not in {b"\x00", b"\xff"}:
            return byte[0]
        previous = byte


def _skip_scan(file: IO[bytes]) -> None:
    while block := file.read(BLOCK):
        if found := END_OF_SCAN.search(block):
            file.seek(found.start() - len(block), 1)
            return
        if block.endswith(b"\xff") and len(block) > 1:
            file.seek(-1, 1)  # perhaps half a marker
    raise RefusalError(CUT_OFF)


def _walk_gif(pieces: Pieces) -> tuple[int, int]:
    pieces.file.seek(6)
    width, height, flags = unpack("<HHBxx", pieces.read(7))
    _skip_palette(pieces, flags)
    while (kind := pieces.read(1)) != b";":
        if kind == b"!":
            pieces.skip(1)
            _skip_blocks(pieces)
        elif kind == b",":
            left, top, across, down, flags = unpack("<HHHHB", pieces.read(9))
            # A frame may reach over the edge: Pillow then enlarges the canvas.
            width, height = max(width, left + across), max(height, top + down)
            _skip_palette(pieces, flags)
            pieces.skip(1)
            _skip_blocks(pieces)
    return width, height


def _skip_palette(pieces: Pieces, flags: int) -> None:
    if flags & 0x80:
        pieces.skip(3 << (flags & 7) + 1)


def _skip_blocks(pieces: Pieces) -> None:
    while length := pieces.read(1)[0]:
        pieces.skip(length)


WALKS: dict[str, Callable[[Pieces], tuple[int, int]]] = {"PNG": _walk_png, "JPEG": _walk_jpeg, "GIF": _walk_gif}
