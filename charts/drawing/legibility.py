"""Finds texts that can hardly be told from what is behind them, and glare in the dark, by the pixels that were drawn.

A colour that is written into a hook is fit for one theme: black words on a dark page, or on a dark bar. Imported only
when something is drawn.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from charts.drawing import collisions, colours, doubts, text
from charts.drawing.canvas import Printed
from charts.drawing.rasters import MAX_TEXTS
from charts.drawing.themes import Theme

_LEAST = 2  # to one; WCAG asks for 4.5, but what is set in grey on purpose can still be read
_WHITE = 250  # of 255, in each channel; a page that is meant to be read in the dark has no pure white
_MOST, _STEP = 0.5, 4  # of an axes; pixels between those that are looked at
# Of sRGB's 256 steps, and of the three lights in luminance (`colours` has the sources).
_LINEAR = np.array([colours.linear(f"#{step:02x}0000")[0] for step in range(256)], dtype=np.float32)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def found(printed: Sequence[Printed], pixels: NDArray[np.uint8], theme: Theme) -> Iterator[str]:
    """Yield a sentence on the texts whose contrast is under 2:1, if there are any.

    Args:
        printed: the lines of text of one pass, in device pixels.
        pixels: what they are on, RGBA, (height, width, 4), straight alpha.
        theme: the one in force, whose background is behind what is transparent.
    """
    if not 0 < len(printed) <= MAX_TEXTS:
        return
    background = rgb(theme.background)
    lines = zip(printed, collisions.outlines(printed), strict=True)
    # What is printed translucent is a watermark.
    solid = [(line, corners) for line, corners in lines if line.alpha == 1]
    faint = [line.text for line, corners in solid if _contrast(_behind(line, corners, pixels), background) < _LEAST]
    if faint:
        named = text.listed([text.quoted(words) for words in dict.fromkeys(faint)])
        yield (
            f'{named} can hardly be told from what is behind in the theme "{theme.name}": leave the colours of words'
            ' and of what is behind them to the theme, or take the theme\'s, as rcParams["text.color"] is one'
        )


def glaring(figure: Figure, pixels: NDArray[np.uint8], theme: Theme) -> Iterator[str]:
    """Yield a sentence on each axes that is mostly white in a dark theme; a photo is what it is.

    Args:
        figure: at the resolution at which it was drawn.
        pixels: what was drawn of it, RGBA, (height, width, 4), straight alpha.
        theme: the one in force.
    """
    for axes in figure.axes if theme.scheme == "dark" else ():
        shown = part(axes.bbox.min, axes.bbox.max, pixels)[::_STEP, ::_STEP]
        is_photo = any(np.ndim(np.asarray(image.get_array())) > 2 for image in axes.images)
        if axes.get_visible() and not is_photo and shown.size and (shown >= _WHITE).all(axis=2).mean() > _MOST:
            yield (
                f'{doubts.name_of(axes)} is mostly white in the theme "{theme.name}": leave its ground to the theme,'
                ' and give it a colormap that fits it, as cmap="charts.sequential" does'
            )


def rgb(colour: str) -> NDArray[np.float32]:
    """Return a colour in sRGB's 256 steps."""
    from matplotlib.colors import to_rgb

    return 255 * np.array(to_rgb(colour), dtype=np.float32)


def part(low: Any, high: Any, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels of a box, as far as it is in the picture.

    Args:
        low, high: the box's lower left and upper right corner, (x, y), in device pixels, y upwards.
        pixels: (height, width, …).
    """
    (left, bottom), (right, top) = np.floor(low).astype(int), np.ceil(high).astype(int)
    height = len(pixels)
    return pixels[max(height - top, 0) : max(height - bottom, 0), max(left, 0) : max(right, 0)]


def luminance(pixels: NDArray[np.uint8], background: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the relative luminance, 0 to 1, of pixels in straight RGBA on a background in RGB."""
    shown = pixels[..., :3]
    if (pixels[..., 3] < 255).any():
        share = pixels[..., 3:] / np.float32(255)
        shown = np.rint(shown * share + background * (1 - share)).astype(np.uint8)
    return np.asarray(_LINEAR[shown] @ _WEIGHTS)


def _behind(line: Printed, corners: Any, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels of a text's box, as far as the picture and what clips it show it."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    if line.clip is not None:
        low, high = np.maximum(low, line.clip[:2]), np.minimum(high, line.clip[2:])
    return part(low, high, pixels)


def _contrast(pixels: NDArray[np.uint8], background: NDArray[np.float32]) -> float:
    """Return the contrast of the lightest to the darkest pixel; that of what is not in the picture is fine."""
    if min(pixels.shape[:2]) < 2:
        return np.inf
    light = luminance(pixels, background)
    return float((light.max() + 0.05) / (light.min() + 0.05))
