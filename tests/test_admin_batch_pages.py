"""Regenerating in a real browser: five thousand charts, a killed worker, no worker at all, and pages for everybody."""

import socket
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.test import Client

from charts.clock import DatabaseTime
from charts.freshness import jobs
from charts.ledger import Job
from tests import staff
from tests.browser import Browser
from tests.shop.models import Scripted
from tests.test_workers import Outside
from tests.tools import key_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

LIST = "/admin/shop/scripted/"
JOBS = "SELECT chart_pk, leased_until > strftime('%Y-%m-%d %H:%M:%f'), failed_at FROM charts_job"
ITEMS = "SELECT chart_pk, version, image_before, failed_before FROM charts_batchitem WHERE batch_id = ?"


def known(client: Client, host: str = "localhost") -> dict[str, Any]:
    """Return options of a browser in which a client's user has logged in."""
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "domain": host, "path": "/"}
    return {
        "storage_state": {"cookies": [{**cookie, "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}]}
    }


@pytest.fixture
def pages(transactional_db: None, settings: Any) -> tuple[Client, list[str]]:
    """A client, and the addresses of a selection, and of batches that go on, have failed, were cancelled, are done."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    boss = staff.boss()
    made = [Scripted(name=f"Sales of the northern region, week {number}") for number in range(8)]
    Scripted.objects.bulk_create(made)
    Scripted.objects.update(image="there.png", image_version=1)
    charts = list(Scripted.objects.order_by("pk"))
    selected = [select(boss, charts) for _ in range(4)]
    for page in selected[1:]:
        boss.post(f"{page}confirm/", {"charts": "all", "redraw": "1"})
    for chart in charts[:5]:
        token = jobs.claim(key_of(chart))
        error = f"{key_of(chart)} could not be rendered: when draw() drew it, ZeroDivisionError: division by zero"
        jobs.fail(key_of(chart), token, error, 1.0)
    Job.objects.filter(failed_at=None).update(due_at=DatabaseTime(-60), duration=0.4)
    boss.post(f"{selected[2]}cancel/")
    done = select(boss, charts[5:])
    boss.post(f"{done}confirm/", {"charts": "all", "redraw": "1"})
    Scripted.objects.filter(pk__in=[chart.pk for chart in charts[5:]]).update(image="new.png", image_version=9)
    return boss, [*selected[:3], done, f"{LIST}regenerate/"]


def select(client: Client, charts: list[Scripted]) -> str:
    chosen = [chart.pk for chart in charts]
    return str(client.post(LIST, {"action": "regenerate", "_selected_action": chosen}).url)


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "en"), ("dark", "ar")])
def test_every_page_is_whole_and_readable_by_all(
    scheme: str, language: str, pages: Any, browser: Browser, live_server: Any, settings: Any
) -> None:
    settings.LANGUAGE_CODE = language
    client, paths = pages
    for width in (1280, 375):
        for path in paths:
            seen = browser.look(live_server.url + path, width=width, scheme=scheme, **known(client))
            assert seen.violations == [], (path, width)
            assert seen.complaints == [], (path, width)
            assert seen.overflow <= 0, (path, width)


def test_the_page_asks_at_once_only_while_it_draws_and_says_when_it_is_no_more(
    pages: Any, browser: Browser, live_server: Any
) -> None:
    client, (_, running, *_) = pages
    first = client.post(f"{running}progress/").json()
    answers = [{**first, "state": "running", "drive": True, "total": 20, "done": done} for done in (9, 10, 10)]
    asked: list[float] = []

    def answer(route: Any) -> None:
        asked.append(time.monotonic())
        if len(asked) > len(answers):
            return route.fulfill(status=404)
        return route.fulfill(json=answers[len(asked) - 1])

    def visit() -> str:
        with browser.page(**known(client)) as page:
            page.route("**/progress/", answer)
            page.goto(live_server.url + running)
            page.wait_for_selector("[data-notice]:not([hidden])", timeout=20_000)
            return str(page.inner_text("[data-notice]"))

    assert browser.run(visit) == "This batch of charts is no longer kept, or you may no longer see its charts."
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert [pause > 1.5 for pause in pauses] == [False, False, True]


class Project:
    """A site in processes of its own: a server, workers that can be killed, and a person who looks at it.

    Its charts have a picture that nobody has drawn: five thousand are drawn by nobody before they are selected.
    """

    def __init__(self, folder: Path, browser: Browser, **charts: Any) -> None:
        self.outside = Outside(folder, **charts)
        self.browser = browser
        self.database = folder / "db.sqlite3"
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.site = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.storage: Any = None

    def make(self, **counts: int) -> None:
        """Make charts: `one=5` are five of value 1."""
        for value, count in enumerate(counts.values(), 1):
            fresh = f"value={value}, image='there.png', image_version=1, recipe_digest=recipe(Badge)"
            made = f"Badge.objects.bulk_create([Badge({fresh}) for _ in range({count})])"
            self.outside.python(f"from charts.pipeline import recipe; {made}")

    @contextmanager
    def running(self, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
        """Run a command until the block is over."""
        process = self.outside.start(*arguments)
        try:
            yield process
        finally:
            process.kill()
            process.communicate(timeout=30)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve the site, and log somebody in."""
        self.outside.python(
            "from django.contrib.auth.models import User; User.objects.create_superuser('boss', password='boss')"
        )
        address = self.site.removeprefix("http://")
        with self.running("runserver", "--insecure", "--noreload", address):
            until(lambda: answers(f"{self.site}/admin/login/"), 60)
            self.browser.run(self.log_in)
            yield

    def log_in(self) -> None:
        with self.browser.page() as page:
            page.goto(f"{self.site}/admin/")
            page.get_by_label("Username").fill("boss")
            page.get_by_label("Password").fill("boss")
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(f"{self.site}/admin/")
            self.storage = page.context.storage_state()

    @contextmanager
    def tab(self, address: str) -> Iterator[Any]:
        """Open a tab under a policy as strict as a site may have; it is closed after the block."""
        complaints: list[str] = []
        with self.browser.page(storage_state=self.storage) as page:
            page.route(lambda address: True, _guarded)
            page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
            page.goto(address)
            yield page
        assert complaints == []

    def visit(self, act: Callable[[Any], Any], address: str = "") -> Any:
        """Act on a page in a tab of its own, by default on the batch's."""

        def acted() -> Any:
            with self.tab(address or self.page) as page:
                return act(page)

        return self.browser.run(acted)

    def select(self, value: int, count: int) -> None:
        """Select all that a filter finds, and say how it is asked for: few fields, however many charts."""

        def chosen(page: Any) -> str:
            page.locator("#action-toggle").check()
            if count > 100:
                page.locator(".actions .question a").click()
            page.locator("select[name=action]").select_option("regenerate")
            page.locator(".actions button[type=submit]").click()
            page.wait_for_selector("input[name=redraw]")
            assert f"All: {count:,} charts" in page.locator("#content").inner_text()
            assert page.locator("form:has([name=redraw]) :is(input, select, textarea, button)").count() < 20
            return str(page.url)

        self.page = self.visit(chosen, f"{self.site}/admin/shop/badge/?value={value}")

    def confirm(self) -> None:
        def confirmed(page: Any) -> None:
            page.get_by_role("button", name="Regenerate").click()
            page.wait_for_selector("#charts-batch")

        self.visit(confirmed)

    def seen(self, page: Any) -> dict[str, int]:
        """Return the figures on the page that are not 0."""
        shown = page.locator("[data-figure]").evaluate_all("all => all.map(one => [one.dataset.figure, one.innerText])")
        figures = {name: int(text.replace(",", "") or 0) for name, text in shown}
        return {name: count for name, count in figures.items() if count}

    def rows(self) -> dict[str, int]:
        """Count by Python from the raw rows what the page should say."""
        pk = self.page.rstrip("/").rpartition("/")[2]
        with closing(sqlite3.connect(self.database)) as database:
            charts = {row[0]: row[1:] for row in database.execute("SELECT id, image_version, image FROM shop_badge")}
            jobs_of = {row[0]: row[1:] for row in database.execute(JOBS)}
            items = list(database.execute(ITEMS, [pk]))
            cancelled = database.execute("SELECT cancelled_at FROM charts_batch WHERE id = ?", [pk]).fetchone()[0]
        counts: Counter[str] = Counter()
        for key, version, before, failed_before in items:
            image_version, image = charts[key]
            leased, failed_at = jobs_of.get(key, (None, None))
            if version is None:
                counts["left" if cancelled else "waiting"] += 1
            elif image_version >= version:
                counts["unchanged" if image == before else "drawn"] += 1
            else:
                failed = failed_at and failed_at != failed_before
                counts["drawing" if leased else "failed" if failed else "waiting"] += 1
        return dict(counts)

    def wait_for(self, page: Any, done: int) -> None:
        wait(page, f"document.querySelector('progress').value >= {done}")

    def wait_for_state(self, page: Any, state: str) -> None:
        wait(page, f"document.getElementById('charts-batch').dataset.state === '{state}'")

    def assert_agrees(self) -> dict[str, int]:
        """Assert that the page says what the rows do, when nobody is at work; return it."""

        def settled(page: Any) -> Any:
            for _ in range(40):  # a lease of a killed worker may just run out
                before, shown, after = self.rows(), self.seen(page), self.rows()
                if before == shown == after:
                    return shown
                page.wait_for_timeout(500)
            raise AssertionError(f"The page says {shown}, the rows {after}.")

        return dict(self.visit(settled))


def _guarded(route: Any) -> None:
    """Let the page have nothing but its own files: no inline script, no inline style."""
    if route.request.resource_type != "document":
        route.continue_()
        return
    answer = route.fetch(max_redirects=0)
    policy = {"content-security-policy": "default-src 'self'; require-trusted-types-for 'script'"}
    route.fulfill(response=answer, headers={**answer.headers, **policy})


def wait(page: Any, condition: str) -> None:
    """Wait until JavaScript says yes; Playwright's own way is forbidden by the policy."""
    from playwright.sync_api import Error

    end = time.monotonic() + 80
    while True:
        with suppress(Error):  # between two pages
            if page.evaluate(condition):
                return
        assert time.monotonic() < end, page.locator("#content").inner_text()
        page.wait_for_timeout(100)


def until(condition: Callable[[], bool], patience: float) -> None:
    """Wait for a condition."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        return bool(urlopen(address, timeout=5).status == 200)  # noqa: S310  (our own server)
    except OSError:
        return False


def test_five_thousand_charts_with_a_worker_that_is_killed(tmp_path: Path, browser: Browser) -> None:
    project = Project(tmp_path, browser, TIMEOUT=10, LEASE=15)
    project.make(many=5_000, few=20)
    with project.serving():
        project.select(1, 5_000)
        project.confirm()
        assert project.assert_agrees() == {"waiting": 5_000}
        with project.running("render_charts", "--watch", "--jobs", "2"):
            project.visit(lambda page: project.wait_for(page, 40))
            # The tab is closed, and the work goes on.
            drawn = project.rows()["drawn"]
            until(lambda: project.rows()["drawn"] > drawn + 30, 80)
        # Killed in the midst of it: what its children were at is drawn or begun again.
        left = project.assert_agrees()
        assert left["drawn"] > 70
        with project.running("render_charts", "--watch", "--jobs", "2"):

            def cancelled(page: Any) -> None:
                project.wait_for(page, left["drawn"] + 25)
                page.get_by_role("button", name="Cancel").click()
                project.wait_for_state(page, "cancelled")

            project.visit(cancelled)
            until(lambda: "drawing" not in project.rows(), 40)  # the leases of the killed worker run out
            untouched = project.assert_agrees()
            assert untouched["left"] == 5_000 - untouched["drawn"]
            assert project.outside.python("print(Badge.objects.stale().count())") == 0
            untold = project.outside.python("print(Badge.objects.filter(image='there.png', value=1).count())")
            assert untold == untouched["left"]

            def resumed(page: Any) -> None:
                page.get_by_role("button", name="Resume").click()
                project.wait_for(page, untouched["drawn"] + 20)
                page.get_by_role("button", name="Cancel").click()
                project.wait_for_state(page, "cancelled")

            project.visit(resumed)
            assert project.assert_agrees()["drawn"] >= untouched["drawn"] + 20

            project.select(2, 20)
            some = "pk__in=[badge.pk for badge in Badge.objects.filter(value=2)[:3]]"
            project.outside.python(f"Badge.objects.filter({some}).update(value=-1)")
            project.confirm()
            project.visit(lambda page: project.wait_for_state(page, "finished"))
            # Out of attempts, so that nobody tries them again by himself.
            project.outside.python("from charts.ledger import Job; Job.objects.exclude(error='').update(attempts=9)")
            until(lambda: project.rows() == {"drawn": 17, "failed": 3}, 30)
            assert project.assert_agrees() == {"drawn": 17, "failed": 3}
            project.outside.python("Badge.objects.filter(value=-1).update(value=2)")

            def retried(page: Any) -> str:
                assert page.locator("[data-failures] tbody tr").count() == 3
                page.get_by_role("button", name="Retry").click()
                wait(page, "document.querySelector('[data-text=said]').innerText.startsWith('All 20')")
                return str(page.locator("[data-failures]").is_hidden())

            assert project.visit(retried) == "True"
            entered = "LogEntry.objects.values('object_id').distinct().count()"
            taken_up = project.outside.python(f"from django.contrib.admin.models import LogEntry; print({entered})")
            assert taken_up >= project.outside.python("print(Badge.objects.exclude(image='there.png').count())")
            assert project.assert_agrees() == {"drawn": 20}


def test_two_hundred_charts_without_a_worker(tmp_path: Path, browser: Browser) -> None:
    project = Project(tmp_path, browser, DISPATCHER="inline")
    project.make(many=200)
    with project.serving():
        project.select(1, 200)
        project.confirm()
        half = project.visit(lambda page: (project.wait_for(page, 60), project.seen(page))[1])
        assert 60 <= half["drawn"] < 200
        # Nobody draws while no tab is open; who opens one later goes on.
        project.visit(lambda page: project.wait_for_state(page, "finished"))
        assert project.assert_agrees() == {"drawn": 200}
        assert project.outside.python("print(Badge.objects.filter(image='there.png').count())") == 0
