"""Writes PNG files for charts: flat colours, and rows that are like the row above.

A row that repeats the one above is filtered to zeros, all others are left as they are: no filter suits flat
colours, and choosing one by trial is what makes other encoders slow. Measured against matplotlib's own writer
on six kinds of charts at 1600 × 900: "fast" takes 0.1 to 0.5 of the time for 0.8 to 1.9 times the bytes, "small"
3 to 9 times the time for 0.4 to 0.9 of the bytes.
"""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {1: 3, 3: 2, 4: 6}  # channels: palette, RGB, RGBA (PNG specification, 11.2.2)
_NOT_FILTERED, _UP = 0, 2  # (PNG specification, 9.2)
# Level 3 takes 5 % longer than 1 for 3 to 7 % fewer bytes; 4 and above take twice as long.
_FAST, _SMALL = 3, 9


def fast(pixels: Pixels, dpi: float) -> bytes:
    """Return a PNG file, soon.

    Args:
        pixels: RGBA, (height, width, 4), straight alpha; opaque ones are written as RGB.
        dpi: pixels to the inch, for programs that print.
    """
    channels = _channels(pixels)
    return _file(_scanlines(pixels, channels), channels, dpi, _FAST)


def small(pixels: Pixels, dpi: float) -> bytes:
    """Return the smallest of three files, without loss: a palette where 256 colours are enough."""
    channels = _channels(pixels)
    files = [_file(_scanlines(pixels, channels), channels, dpi, _SMALL), _filtered(pixels, channels, dpi)]
    if (indexed := _indexed(pixels)) is not None:
        colours, places = indexed
        files.append(_file(_scanlines(places, 1), 1, dpi, _SMALL, colours))
    return min(files, key=len)


def is_opaque(pixels: Pixels) -> bool:
    """Say whether no pixel of an RGBA picture shows what is behind it."""
    return bool(_as_words(pixels).min() >= 0xFF000000)


def _as_words(pixels: Pixels) -> NDArray[np.uint32]:
    """Return RGBA pixels as numbers, alpha in the highest byte: ten times as fast to compare."""
    return np.ascontiguousarray(pixels).view("<u4")[..., 0]


def _channels(pixels: Pixels) -> int:
    return 3 if is_opaque(pixels) else 4


def _file(lines: Pixels, channels: int, dpi: float, level: int, colours: Pixels | None = None) -> bytes:
    height, width = len(lines), (lines.shape[1] - 1) // channels
    header = struct.pack(">2I5B", width, height, 8, _COLOUR_TYPE[channels], 0, 0, 0)
    per_metre = round(dpi / 0.0254)
    parts = [_chunk(b"IHDR", header), _chunk(b"pHYs", struct.pack(">2IB", per_metre, per_metre, 1))]
    if colours is not None:
        parts += [_chunk(b"PLTE", colours[:, :3].tobytes()), _chunk(b"tRNS", colours[:, 3].tobytes())]
    parts += [_chunk(b"IDAT", zlib.compress(lines.data, level)), _chunk(b"IEND", b"")]
    return _SIGNATURE + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _scanlines(pixels: Pixels, channels: int) -> Pixels:
    """Return the rows of the first `channels`, each with the byte before it that names its filter."""
    height, width, _ = pixels.shape
    lines = np.empty((height, 1 + width * channels), np.uint8)
    lines[:, 0] = _NOT_FILTERED
    row = lines.strides[0]
    body = np.lib.stride_tricks.as_strided(lines[:, 1:], (height, width, channels), (row, channels, 1))
    for channel in range(channels):  # plane by plane is four times as fast as pixel by pixel
        body[..., channel] = pixels[..., channel]
    repeated = 1 + np.nonzero(_like_above(pixels))[0]
    lines[repeated] = 0
    lines[repeated, 0] = _UP
    return lines


def _like_above(pixels: Pixels) -> NDArray[np.bool_]:
    """Return for every row but the first whether it equals the one above."""
    words: Any = _as_words(pixels) if pixels.shape[2] == 4 else pixels[..., 0]
    return np.asarray((words[1:] == words[:-1]).all(axis=1))


def _filtered(pixels: Pixels, channels: int, dpi: float) -> bytes:
    """Return Pillow's file, whose filters suit gradients and photographs."""
    from PIL import Image

    stream = io.BytesIO()
    image = Image.fromarray(pixels)
    image.convert("RGB" if channels == 3 else "RGBA").save(stream, "png", optimize=True, dpi=(dpi, dpi))
    return stream.getvalue()


def _indexed(pixels: Pixels) -> tuple[Pixels, Pixels] | None:
    """Return up to 256 colours, (count, 4), and each pixel's place among them, (height, width, 1)."""
    words = _as_words(pixels)
    colours, places = np.unique(words, return_inverse=True)
    if len(colours) > 256:
        return None
    table = colours.astype("<u4").reshape(-1, 1).view(np.uint8)
    return table, places.reshape(*words.shape, 1).astype(np.uint8)
