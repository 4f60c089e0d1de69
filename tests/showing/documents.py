"""PDF files as pictures, to see what is on them."""

from typing import Any

from PIL import Image

# A bar's colour in each theme, as charts/drawing/themes.py has it.
BARS = {"light": (63, 148, 254), "dark": (96, 128, 239)}


def page_image(pdf: bytes, scale: float = 2) -> Image.Image:
    """Return the first page of a PDF."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()


def share(image: Image.Image, colour: tuple[int, int, int]) -> float:
    """Return which share of a picture has nearly a colour."""
    counted: Any = image.getcolors(image.width * image.height)
    near = sum(n for n, found in counted if all(abs(a - b) <= 6 for a, b in zip(found, colour, strict=True)))
    return near / (image.width * image.height)


def themes_on(image: Image.Image) -> set[str]:
    """Return the themes of the bar charts that are on a picture."""
    return {theme for theme, colour in BARS.items() if share(image, colour) > 0.0005}


def columns(image: Image.Image, colour: tuple[int, int, int]) -> range:
    """Return from where to where a picture has nearly a colour."""
    pixels: Any = image.load()

    def has_it(x: int) -> bool:
        column = (pixels[x, y] for y in range(image.height))
        return any(all(abs(a - b) <= 6 for a, b in zip(found, colour, strict=True)) for found in column)

    found = [x for x in range(image.width) if has_it(x)]
    return range(found[0], found[-1] + 1)
