"""Headless Chromium for tests: looks at pages and reports what a person, or their screen reader, would trip over."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests import services

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Broken: asked for, and not there. An image that is not shown is never asked for.
BROKEN_IMAGES = """() => [...document.images]
    .filter(image => image.checkVisibility() && !(image.complete && image.naturalWidth > 0))
    .map(image => image.currentSrc || image.src)"""
SCROLL_THROUGH = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 400) {
        window.scrollTo({top: y, behavior: "instant"});
        await new Promise(requestAnimationFrame);
    }
    await Promise.all([...document.images].filter(image => image.checkVisibility()).map(image => image.decode()));
}"""


def executable() -> str | None:
    """Return the path of this machine's Chromium; None if it has none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Seen:
    """What was found on a page.

    Attributes:
        images: addresses of the images that are shown.
        broken: addresses of those that did not load.
        overflow: CSS pixels by which the page is wider than the window.
        complaints: what the console said, warnings and errors.
        violations: accessibility rules that axe found broken, each with the place.
    """

    images: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    overflow: int = 0
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


class Browser:
    """A Chromium in a thread of its own: where Playwright's event loop runs, Django's ORM may not."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._chromium: Any = None
        self._playwright: Any = None

    def start(self) -> None:
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)

    def stop(self) -> None:
        self._chromium.close()
        self._playwright.stop()

    def run(self, visit: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call `visit` in the browser's thread and return what it returns."""
        return self._thread.submit(visit, *args, **options).result(timeout=90)

    @contextmanager
    def page(self, **options: Any) -> Iterator[Any]:
        """Open a page; to be used by what `run` calls."""
        context = self._chromium.new_context(**options)
        try:
            yield context.new_page()
        finally:
            context.close()

    def look(
        self, address: str, *, width: int, scheme: str, act: Callable[[Any], None] | None = None, **options: Any
    ) -> Seen:
        """Look at a page in a window, after acting on it if asked to, and report what was found."""
        return self.run(self._look, address, width=width, scheme=scheme, act=act, **options)

    def _look(
        self, address: str, *, width: int, scheme: str, act: Callable[[Any], None] | None, **options: Any
    ) -> Seen:
        from axe_playwright_python.sync_playwright import Axe

        seen = Seen()
        with self.page(viewport={"width": width, "height": 800}, color_scheme=scheme, **options) as page:
            page.on("console", lambda message: _hear(seen, message))
            page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            page.goto(address, wait_until="load")
            if act:
                act(page)
            page.evaluate(SCROLL_THROUGH)
            seen.broken = page.evaluate(BROKEN_IMAGES)
            seen.images = page.evaluate(
                "() => [...document.images].filter(image => image.checkVisibility()).map(image => image.currentSrc)"
            )
            seen.overflow = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            seen.violations = [_said(rule) for rule in Axe().run(page).response["violations"]]
        return seen


def _hear(seen: Seen, message: Any) -> None:
    if message.type in {"error", "warning"}:
        seen.complaints.append(message.text)


def _said(rule: dict[str, Any]) -> str:
    return f"{rule['id']}: {rule['help']} {[node['target'] for node in rule['nodes']][:5]}"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser for a while; without one, skip or fail."""
    if executable() is None:
        services.absent(f"Chromium is not installed: none of {', '.join(NAMES)} is on the path, nor is CHROMIUM set.")
    started = Browser()
    started.run(started.start)
    try:
        yield started
    finally:
        started.run(started.stop)
        started._thread.shutdown()
