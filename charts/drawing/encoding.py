"""From a finished figure to a file's bytes, the same for the same figure in every process and thread.

What the formats cost at 1600 × 900, against PNG "fast": see `benchmarks`. Nothing is written to disk here.
"""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from charts.drawing import png as png_files
from charts.drawing import sizes
from charts.drawing.figures import Drawing
from charts.exceptions import DrawError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RASTER = ("png", "webp", "jpeg", "avif")
VECTOR = ("svg", "pdf")
FORMATS = (*RASTER, *VECTOR)
_PILLOW_OPTIONS: dict[str, dict[str, Any]] = {
    "webp": {"lossless": True, "quality": 30, "method": 2},
    "avif": {"quality": 80, "speed": 8, "max_threads": 1},
    "jpeg": {"quality": 90, "subsampling": 0},
}
PNG_WRITERS: dict[str, Callable[[Any, float], bytes]] = {"fast": png_files.fast, "small": png_files.small}


def encode(drawing: Drawing, format: str = "png", density: float = 1, png: str = "fast") -> bytes:
    """Return the figure as a file.

    Args:
        drawing: of `figures.drawn`, whose block must not be over.
        format: a name in `FORMATS`.
        density: device pixels to the CSS pixel; of SVG and PDF, for what is in them as pixels.
        png: "fast" or "small".

    Raises:
        DrawError: the format is not there, the picture too large, or a text is no valid formula.
    """
    drawing.check_open()
    if format in VECTOR:
        return _vector(drawing, format, density)
    if format not in RASTER:
        raise DrawError(f'There is no format "{format}". Choices are: {", ".join(FORMATS)}.')
    if format == "avif":
        _require_avif()
    if png not in PNG_WRITERS:
        raise DrawError(f'There is no way "{png}" to write PNG. Choices are: {", ".join(PNG_WRITERS)}.')
    pixels = drawing.pixels(density)
    if format == "png":
        return PNG_WRITERS[png](_without_needless_alpha(pixels), sizes.DPI * density)
    return _by_pillow(drawing, pixels, format, density)


def _vector(drawing: Drawing, format: str, density: float) -> bytes:
    from charts.drawing import guards, vectors

    sizes.check(drawing.size, [density], drawing.max_pixels)
    with guards.explained(drawing.figure):
        return {"svg": vectors.svg, "pdf": vectors.pdf}[format](drawing.figure, drawing.size, density)


def _without_needless_alpha(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    """Drop the alpha channel of an opaque picture: a quarter less to compress."""
    import numpy as np

    if (pixels[..., 3] == 255).all():
        return np.ascontiguousarray(pixels[..., :3])
    return pixels


def _by_pillow(drawing: Drawing, pixels: "NDArray[np.uint8]", format: str, density: float) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    options = dict(_PILLOW_OPTIONS[format])
    if format == "jpeg":
        page = Image.new("RGBA", image.size, drawing.theme.background)
        image = Image.alpha_composite(page, image).convert("RGB")
        options["dpi"] = (sizes.DPI * density,) * 2
    elif image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def _require_avif() -> None:
    from PIL import features

    if not features.check("avif"):
        raise DrawError(
            "This Pillow cannot write AVIF: install one that can (pip's wheels, from 11.3 on),"
            " or leave avif out of formats=."
        )
