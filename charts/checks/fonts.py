"""Checks of matplotlib's folders, where it keeps its list of fonts; found as it finds them, without importing it."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core import checks

from charts.checks.subjects import AppConfigs, chart_models

# matplotlib gives up waiting for a lock after five seconds; building the list takes a few.
STALE_AFTER = 60


def check_folders(app_configs: AppConfigs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Check that matplotlib can keep its list of fonts, and that nobody's lock makes every start wait."""
    if not chart_models(app_configs):
        return []
    folders = dict.fromkeys(filter(None, (_folder("XDG_CONFIG_HOME", ".config"), _folder("XDG_CACHE_HOME", ".cache"))))
    return [problem for folder in folders for look in (_check_writable, _check_locks) for problem in look(folder)]


def _folder(variable: str, otherwise: str) -> Path | None:
    """Return one of the two folders that matplotlib uses; None where this user has no home."""
    if chosen := os.environ.get("MPLCONFIGDIR"):
        return Path(chosen)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform.startswith(("linux", "freebsd")):
        return Path(os.environ.get(variable) or home / otherwise) / "matplotlib"
    local = os.environ.get("LOCALAPPDATA")
    if sys.platform == "win32" and local and not (home / ".matplotlib").is_dir():
        return Path(local) / "matplotlib"
    return home / ".matplotlib"


def _check_writable(folder: Path) -> Iterator[checks.CheckMessage]:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        yield checks.Warning(
            f"matplotlib cannot write to {folder}: every process looks through all fonts before its first chart.",
            hint="Set the environment variable MPLCONFIGDIR to a folder that this user may write to.",
            id="charts.W501",
        )


def _check_locks(folder: Path) -> Iterator[checks.CheckMessage]:
    for lock in sorted(folder.glob("fontlist-*.json.matplotlib-lock")):
        if _age(lock) > STALE_AFTER:
            yield checks.Warning(
                f"{lock} was left by a process that was killed: every process waits five seconds for it.",
                hint="Delete it.",
                id="charts.W502",
            )


def _age(path: Path) -> float:
    """Return the seconds since a file was written; 0 for one that has just gone."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
