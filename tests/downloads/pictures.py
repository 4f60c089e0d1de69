"""Small image files, sound and otherwise, for the tests of downloads."""

import io
import struct
import zlib
from collections.abc import Iterable

from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")


def image_bytes(format_name: str = "PNG", size: tuple[int, int] = (16, 9), **options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, format_name, **options)
    return file.getvalue()


def animation_bytes(format_name: str, frames: int, size: tuple[int, int] = (16, 9)) -> bytes:
    """Return an animation whose frames differ clearly, since encoders drop those that do not."""
    file = io.BytesIO()
    images = [Image.new("RGB", size, (number * 97 % 256, number % 2 * 255, 99)) for number in range(frames)]
    images[0].save(file, format_name, save_all=True, append_images=images[1:])
    return file.getvalue()


def png_chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(chunks: Iterable[bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_of_declared_size(width: int, height: int) -> bytes:
    """Return a few bytes that declare any number of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png([png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(bytes(9))), png_chunk(b"IEND")])
