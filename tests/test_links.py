"""What pages for readers point to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TARGET = re.compile(r"""(?:\]\(|src="|srcset=")([^)"#\s]+)""")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_points_to_is_there(page: Path) -> None:
    targets = [target for target in TARGET.findall(page.read_text(encoding="utf-8")) if ":" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_the_first_page_shows_a_picture() -> None:
    assert [target for target in TARGET.findall(PAGES[0].read_text(encoding="utf-8")) if target.endswith(".png")]
