"""What pictures take in storage: no column says it, so some files are asked for, within bounds."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from charts.admin.census import Kind
from charts.fields import ChartImageField, chart_fields

# Charts of each class whose files are asked for, and seconds for all of them.
SAMPLE, BUDGET = 25, 5.0


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What pictures take in storage.

    Attributes:
        files: how many there should be, by the rows and the options of their fields.
        bytes: what all take, reckoned from those that were asked for; None if none was.
        asked: of how many charts the files were asked for.
        failed: how many of these files could not be read.
    """

    files: int
    bytes: float | None = None
    asked: int = 0
    failed: int = 0


def stored(kinds: Iterable[Kind], *, measure: bool) -> Stored:
    """Return what the pictures of some charts take.

    Args:
        kinds: the charts.
        measure: whether to ask storages for the sizes of some files.
    """
    kinds = list(kinds)
    files = sum(_rendered(kind) * _files(field) for kind in kinds for field in chart_fields(kind.model))
    if not measure:
        return Stored(files=files)
    total, asked, failed = 0.0, 0, 0
    end = time.monotonic() + BUDGET
    for kind in kinds:
        sizes, missing = _sample(kind, end)
        total += sum(sizes) / len(sizes) * _rendered(kind) if sizes else 0
        asked, failed = asked + len(sizes), failed + missing
    return Stored(files=files, bytes=total, asked=asked, failed=failed)


def _rendered(kind: Kind) -> int:
    return kind.total - kind.states["never"]


def _files(field: ChartImageField) -> int:
    return len(list(field.options.looks()))


def _sample(kind: Kind, end: float) -> tuple[list[int], int]:
    """Return what the files of each of some charts take, and how many could not be read."""
    sizes, failed = [], 0
    for chart in kind.charts.exclude(image="").order_by("-rendered_at")[:SAMPLE]:
        if time.monotonic() > end:
            break
        size = 0
        for field in chart_fields(kind.model):
            for name in getattr(chart, field.name).names().values():
                try:
                    size += field.storage.size(name)
                except Exception:  # noqa: BLE001  (a storage may raise anything, and a file may be missing)
                    failed += 1
        sizes.append(size)
    return sizes, failed
