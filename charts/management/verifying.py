"""Is a picture's file in storage what the row says it is: there, whole, in its format, of its size?"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from charts.conf import config
from charts.downloads import verify_image
from charts.drawing.sizes import device_pixels
from charts.exceptions import DownloadError
from charts.fields import RASTER_FORMATS, ChartImageField, Variant, chart_fields
from charts.models import ChartModel

# How vector files begin, and what is near their end if they are whole.
VECTORS = {"svg": ((b"<?xml", b"<svg"), b"</svg>"), "pdf": ((b"%PDF-",), b"%%EOF")}
TAIL = 1024


def faults(chart: Any) -> Iterator[str]:
    """Yield the end of a sentence for each file of a chart that is not as it should be.

    Raises:
        Exception: whatever a storage raises that cannot say whether the file is there.
    """
    for field in chart_fields(type(chart)):
        size = _css_size(chart, field)
        for variant in getattr(chart, field.name).variants:
            if fault := _fault(variant, size):
                yield f"{variant.name} {fault}"


def _css_size(chart: Any, field: ChartImageField) -> tuple[int, int] | None:
    """Return the size that a picture was published with, as far as it is known."""
    if field.name == "image":
        width, height = chart.image_width, chart.image_height
        return (width, height) if width and height else None
    own = type(chart).get_size is not ChartModel.get_size
    return None if own else field.options.size


def _fault(variant: Variant, size: tuple[int, int] | None) -> str:
    content = _content(variant)
    if content is None:
        return "is missing"
    if variant.format in RASTER_FORMATS:
        return _fault_of_image(content, variant, size)
    if variant.format in VECTORS:
        beginnings, end = VECTORS[variant.format]
        whole = content.lstrip().startswith(beginnings) and end in content[-TAIL:]
        return "" if whole else f"is no whole {variant.format.upper()}"
    return "" if _is_text(content) else "is no text"


def _content(variant: Variant) -> bytes | None:
    """Return a file's bytes; None if it is not there."""
    try:
        with variant.open() as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
    except Exception:
        # Some storages have errors of their own for a file that is not there.
        if variant.storage.exists(variant.name):
            raise
        return None


def _fault_of_image(content: bytes, variant: Variant, size: tuple[int, int] | None) -> str:
    expected = device_pixels(size, variant.density) if size else None
    limit = max(config().max_pixels, expected[0] * expected[1] if expected else 0)
    try:
        facts = verify_image(BytesIO(content), max_pixels=limit, subject="It")
    except DownloadError as error:
        return f"is broken: {error}".rstrip(".")
    if facts.format.lower() != variant.format:
        return f"is a {facts.format}"
    if expected and (facts.width, facts.height) != expected:
        return f"has {facts.width} × {facts.height} pixels instead of {expected[0]} × {expected[1]}"
    return ""


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
