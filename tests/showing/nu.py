"""The Nu Html Checker, which the W3C's own validator runs: a Java archive that npm hands out."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests import services

PACKAGE = "vnu-jar@26.9.27"
FOLDER = Path(os.environ.get("VNU_FOLDER", Path(__file__).resolve().parents[2] / "var" / "vnu"))


def archive() -> Path:
    """Return the checker, fetched once; without it, skip or fail."""
    jar = FOLDER / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    missing = [name for name in ("java", *([] if jar.exists() else ["npm"])) if shutil.which(name) is None]
    if not missing and not jar.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        fetch = ["npm", "install", "--silent", "--no-save", "--prefix", str(FOLDER), PACKAGE]
        subprocess.run(fetch, check=False, timeout=100)
    if missing or not jar.exists():
        services.absent(f"The Nu Html Checker is not here: {', '.join(missing) or PACKAGE} is missing.")
    return jar


def complaints(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Return what the checker finds wrong, errors and warnings, in whole HTML documents.

    Args:
        pages: documents by name.
        folder: where they are written to be read.
    """
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    files = [str(folder / f"{name}.html") for name in pages]
    command = ["java", "-Xss4m", "-jar", str(archive()), "--format", "json", "--exit-zero-always", *files]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    return [_said(message) for message in json.loads(ran.stderr)["messages"]]


def _said(message: dict[str, object]) -> str:
    where = str(message.get("url", "")).rpartition("/")[2]
    return f"{where}: {message['type']}: {message['message']}: {message.get('extract', '')}"
