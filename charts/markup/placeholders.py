"""A picture that says why the picture is not there."""

from html import escape

# Of the built-in themes: background and secondary text.
COLOURS = {"light": ("#f4f6f9", "#566072"), "dark": ("#1b212b", "#a3adbd")}
SIZE = (640, 400)


def placeholder(width: int | None, height: int | None, text: str, scheme: str = "light") -> bytes:
    """Return an SVG of a picture's size with a sentence on it.

    Args:
        width: CSS pixels; None if nobody knows.
        height: CSS pixels; None if nobody knows.
        text: one short sentence.
        scheme: `light` or `dark`.
    """
    if not width or not height:
        width, height = SIZE
    background, ink = COLOURS[scheme]
    size = max(6, min(14, round(width * 1.7 / max(len(text), 1))))
    said = escape(text)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{said}"><rect width="100%" height="100%" fill="{background}"/>'
        f'<text x="50%" y="50%" text-anchor="middle" dominant-baseline="middle" fill="{ink}" '
        f'font-family="system-ui,sans-serif" font-size="{size}">{said}</text></svg>'
    ).encode()
