"""Writes SVG and PDF: the same bytes for the same figure, safe to show. Imported only when one is drawn."""

import io
import re
from typing import Any

from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from charts.drawing import links, remembered, sizes

_ROOT = re.compile(r'<svg\b[^>]*?width="[^"]*"[^>]*?>|<svg\b[^>]*>', re.DOTALL)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def svg(figure: Figure, size: sizes.Size, density: float, answers: Any) -> bytes:
    """Return an SVG file whose own size is in CSS pixels.

    Args:
        figure: laid out.
        size: (width, height) in CSS pixels.
        density: the resolution of what is not drawn as vectors.
        answers: what is remembered of the figure's axes.
    """
    metadata = {"Date": None, "Creator": None}
    with remembered.in_use(answers):
        written = _printed(figure, size, density, FigureCanvasSVG, "print_svg", metadata)
    source = _NOT_XML.sub("", written.decode("utf-8"))
    return _in_css_pixels(source, size).encode("utf-8")


def pdf(figure: Figure, size: sizes.Size, density: float, answers: Any) -> bytes:
    """Return a PDF file of one page, a hundred CSS pixels to the inch, without a date."""
    metadata = {"CreationDate": None, "Creator": None, "Producer": None}
    with remembered.in_use(answers):
        return _printed(figure, size, density, FigureCanvasPdf, "print_pdf", metadata)


def _printed(
    figure: Figure, size: sizes.Size, density: float, canvas_class: Any, method: str, metadata: dict[str, Any]
) -> bytes:
    """Return what a vector canvas prints of a figure, which is given its own back."""
    links.drop_unsafe(figure)
    canvas, dpi = figure.canvas, figure.get_dpi()
    inches: Any = figure.get_size_inches()
    stream = io.BytesIO()
    try:
        figure.set_size_inches(size[0] / sizes.DPI, size[1] / sizes.DPI, forward=False)
        printer = canvas_class(figure)
        figure.set_dpi(sizes.DPI * density)
        getattr(printer, method)(stream, metadata=metadata)
    finally:
        figure.set_canvas(canvas)
        figure.set_dpi(dpi)
        figure.set_size_inches(inches, forward=False)
    return stream.getvalue()


def _in_css_pixels(source: str, size: sizes.Size) -> str:
    """Give the root element its size in CSS pixels; matplotlib writes points, at 96 pixels to the inch."""
    match = _ROOT.search(source)
    start, end = match.span() if match else (0, 0)
    root = source[start:end]
    root = re.sub(r'\bwidth="[^"]*"', f'width="{size[0]}"', root, count=1)
    root = re.sub(r'\bheight="[^"]*"', f'height="{size[1]}"', root, count=1)
    return source[:start] + root + source[end:]
