"""What a machine lacks is a reason to skip for whoever works at it, and a failure where every test must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each asks for something, on a machine that has nothing.
TESTS = """
import pytest
from tests import browser, services
from tests.showing import nu

services._answers = lambda port: False

@pytest.mark.parametrize("name", services.SERVERS)
def test_server(name):
    services.need(name)

def test_browser():
    with browser.browser():
        pass

def test_checker():
    nu.archive()
"""


@pytest.mark.parametrize(("ci", "code", "told"), [("", 0, "6 skipped in"), ("true", 1, "6 failed in")])
def test_what_is_absent_is_skipped_by_people_and_fails_in_ci(tmp_path: Path, ci: str, code: int, told: str) -> None:
    (tmp_path / "test_nothing.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    here = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO", "CHROMIUM"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-c", str(tmp_path / "pytest.ini"), str(tmp_path)],
        cwd=ROOT,
        env={**here, "CI": ci, "PATH": "", "VNU_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout.strip().splitlines()[-1][: len(told)]) == (code, told), ran.stdout + ran.stderr
    for reason in ("postgres: ", "rabbitmq: ", "Chromium is not installed", "The Nu Html Checker is not here"):
        assert reason in ran.stdout
