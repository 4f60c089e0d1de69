"""Many threads, and many pictures: the same bytes as one at a time, and no memory that grows."""

import gc
import hashlib
import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import pytest

from charts.drawing import encoding, figures, themes
from tests.drawing import gallery

pytestmark = pytest.mark.slow

# Mathtext, log axes, layouts of their own, dates, styles: what tells a lock from good luck.
NAMES = ("line", "log", "tight", "dates", "heat", "stacked")
THEMES = {
    "light": themes.LIGHT,
    "dark": themes.DARK,
    "large": themes.resolve("large", {"large": {"font.size": 14, "axes.grid": False, "mathtext.fontset": "stix"}}),
}
JOBS = list(itertools.product(NAMES, THEMES, ("constrained", "tight")))


def digest(job):
    name, theme, layout = job
    with figures.drawn(gallery.HOOKS[name], size=(320, 200), theme=THEMES[theme], layout=layout) as drawing:
        files = [encoding.encode(drawing, format_, 1) for format_ in ("png", "svg")]
        return hashlib.sha256(b"".join(files)).hexdigest(), tuple(drawing.warnings)


def attempt(job):
    try:
        return digest(job)
    except Exception as error:  # noqa: BLE001  (without the lock, anything can be raised)
        return repr(error)


def in_threads(jobs):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(attempt, jobs))


def test_threads_draw_what_one_thread_draws():
    params = {key: repr(dict.__getitem__(mpl.rcParams, key)) for key in dict.keys(mpl.rcParams)}
    alone = {job: digest(job) for job in JOBS}
    many = (JOBS * 6)[:200]
    assert in_threads(many) == [alone[job] for job in many]
    assert {key: repr(dict.__getitem__(mpl.rcParams, key)) for key in dict.keys(mpl.rcParams)} == params


def test_without_the_lock_they_would_not():
    """The test above is no good if it passes without what it is about; in a process that may come to harm."""
    code = """
import contextlib
from charts.drawing import locking
from tests.drawing import test_concurrency as tests
alone = [tests.digest(job) for job in tests.JOBS]
locking.hold = contextlib.nullcontext
assert tests.in_threads(tests.JOBS * 2) != alone * 2
"""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, env=environment, cwd=root)
    assert b"AssertionError" not in found.stderr


def resident_megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.timeout(600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell a process's memory")
def test_memory_is_flat_after_the_first_pictures():
    def pictures(count):
        for number in range(count):
            name = NAMES[number % len(NAMES)]
            with figures.drawn(gallery.HOOKS[name], size=(320, 200)) as drawing:
                encoding.encode(drawing)
        gc.collect()
        return resident_megabytes()

    settled = pictures(60)
    assert pictures(60) - settled < 15  # pyplot, by default, keeps over a megabyte a picture
