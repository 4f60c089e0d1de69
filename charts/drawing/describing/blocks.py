"""Collections of rectangles: the bars and tiles of libraries that draw them as polygons, and `broken_barh`.

Imports matplotlib: only imported when a figure is described.
"""

from typing import Any

import numpy as np

from charts.drawing.describing.bars import bars_of
from charts.drawing.describing.grids import Grid
from charts.drawing.describing.marks import Color, Floats, Frame, Mark, floats


def read_blocks(fill: Any, frame: Frame) -> list[Mark]:
    """Return a collection of rectangles as tiles, or as bars, one series a colour; nothing for other shapes."""
    rows = []
    for path in fill.get_paths():
        row = _row(floats(path.vertices))
        if row is None:
            return []
        rows.append(row)
    boxes = np.array(rows)
    if _are_tiles(boxes):
        return [_tiles(frame, boxes)]
    colors = _by_color(fill.get_facecolor(), len(boxes))
    if _are_rows(frame, boxes):
        return [bars_of(frame, boxes, upright=False, kind="ranges")]
    upright = _stand(boxes)
    return [bars_of(frame, boxes[chosen], upright=upright, color=color) for color, chosen in colors.items()]


def _row(points: Floats) -> tuple[float, float, float, float] | None:
    if not 4 <= len(points) <= 6:
        return None
    (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
    sides = np.isclose(points[:, 0], left) | np.isclose(points[:, 0], right)
    ends = np.isclose(points[:, 1], low) | np.isclose(points[:, 1], high)
    if not (sides & ends).all():
        return None
    return float(left), float(low), float(right - left), float(high - low)


def _stand(boxes: Floats) -> bool:
    """Return whether bars stand upright: one width, or a common ground at zero."""
    if np.any(boxes[:, 0]) and not np.any(boxes[:, 1].min()):
        return True
    if not np.any(boxes[:, 0].min()) and np.any(boxes[:, 1]):
        return False
    return bool(np.ptp(boxes[:, 2]) <= np.ptp(boxes[:, 3]))


def _are_rows(frame: Frame, boxes: Floats) -> bool:
    """Return whether the ticks name rows, not columns, where the rectangles are."""
    across, up = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    return frame.y.has_names(up) and not frame.x.has_names(across)


def _by_color(faces: Any, count: int) -> dict[Color, list[int]]:
    groups: dict[Color, list[int]] = {}
    for at in range(count):
        face = faces[at % len(faces)] if len(faces) else (0.0, 0.0, 0.0)
        red, green, blue = (round(float(part), 3) for part in face[:3])
        groups.setdefault((red, green, blue), []).append(at)
    return groups


def _are_tiles(boxes: Floats) -> bool:
    """Return whether rectangles of one size lie in rows and columns that no axis holds to the ground."""
    same = bool(np.allclose(boxes[:, 2:], boxes[0, 2:]))
    return same and bool(boxes[:, :2].min() != 0) and min(_distinct(boxes[:, 0]), _distinct(boxes[:, 1])) > 1


def _distinct(values: Floats) -> int:
    return len(np.unique(values.round(6)))


def _tiles(frame: Frame, boxes: Floats) -> Grid:
    rows, columns = _distinct(boxes[:, 1]), _distinct(boxes[:, 0])
    return Grid(frame=frame, cells=np.full((rows, columns), np.nan), valued=False)
