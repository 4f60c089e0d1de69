"""Colour arithmetic that themes are built with and checked by: sRGB, OKLab, contrast, colour blindness.

Sources: sRGB and relative luminance, IEC 61966-2-1 and WCAG 2.2; OKLab, Björn Ottosson, "A perceptual color
space for image processing" (2020); colour vision deficiency, Machado, Oliveira and Fernandes (2009), the
matrices of severity 1.0, applied to linear RGB.
"""

import math
from collections.abc import Sequence

RGB = tuple[float, float, float]
Matrix = tuple[RGB, RGB, RGB]

VISION: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TO_LMS: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB: Matrix = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS: Matrix = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def linear(colour: str) -> RGB:
    """Return the linear-light RGB, each 0 to 1, of a colour such as "#3f94fe"."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def distance(one: str, other: str, vision: str = "normal") -> float:
    """Return how far apart two colours look, in OKLab, to eyes of a kind in `VISION`."""
    return math.dist(_seen(one, vision), _seen(other, vision))


def oklch(colour: str) -> RGB:
    """Return the OKLab lightness (0 to 1), chroma and hue (radians) of a colour."""
    lightness, a, b = _oklab(linear(colour))
    return lightness, math.hypot(a, b), math.atan2(b, a)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the colour of an OKLab lightness and hue, with as much of the chroma as sRGB can show."""
    low, high = 0.0, chroma
    if _shows(lightness, chroma, hue):
        low = chroma
    for _ in range(24):  # halving 24 times leaves less than one step of eight bits
        middle = (low + high) / 2
        low, high = (middle, high) if _shows(lightness, middle, hue) else (low, middle)
    return "#" + "".join(f"{round(255 * _companded(part)):02x}" for part in _rgb(lightness, low, hue))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _companded(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _seen(colour: str, vision: str) -> RGB:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in _times(VISION[vision], linear(colour)))
    return _oklab((red, green, blue))


def _oklab(rgb: RGB) -> RGB:
    long, medium, short = (math.cbrt(part) for part in _times(_TO_LMS, rgb))
    return _times(_TO_LAB, (long, medium, short))


def _rgb(lightness: float, chroma: float, hue: float) -> RGB:
    roots = _times(_FROM_LAB, (lightness, chroma * math.cos(hue), chroma * math.sin(hue)))
    long, medium, short = (root**3 for root in roots)
    return _times(_FROM_LMS, (long, medium, short))


def _shows(lightness: float, chroma: float, hue: float) -> bool:
    return all(-1e-4 <= part <= 1 + 1e-4 for part in _rgb(lightness, chroma, hue))


def _times(matrix: Matrix, vector: Sequence[float]) -> RGB:
    first, second, third = (sum(weight * part for weight, part in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third
