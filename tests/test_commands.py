"""render_charts and prune_charts: what they do, what they say, and what they leave alone."""

import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.apps.registry import Apps
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models import F
from PIL import Image

from charts import files, pipeline
from charts.clock import DatabaseTime
from charts.conf import config
from charts.freshness import jobs
from charts.ledger import ChartKey, Job, LooseFile, Mark
from charts.management import choosing
from charts.management.commands import prune_charts
from charts.management.commands.prune_charts import seconds
from tests.conftest import names_in
from tests.shop.models import Customer, MonthlyRevenue, Order, Portrait, Region, Scripted

ROOT = Path(__file__).resolve().parents[1]
Script = dict[str, Any]


class Said:
    """What a command wrote, and the code it would have exited with."""

    def __init__(self, name: str, *args: str, tty: bool = False, **options: Any) -> None:
        self.out, self.err = StringIO(), StringIO()
        self.err.isatty = lambda: tty  # type: ignore[method-assign]
        self.code, self.error = 0, ""
        try:
            call_command(name, *args, stdout=self.out, stderr=self.err, **options)
        except CommandError as error:
            self.code, self.error = error.returncode, str(error)

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()

    @property
    def last(self) -> str:
        return self.lines[-1] if self.lines else ""


def render(*args: str, **options: Any) -> Said:
    return Said("render_charts", *args, **options)


def prune(*args: str, **options: Any) -> Said:
    return Said("prune_charts", *args, **options)


@pytest.fixture
def manual(transactional_db: None, settings: Any) -> None:
    """Nobody renders but the command."""
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 0}


@pytest.fixture
def three(manual: None) -> list[Scripted]:
    """Three charts that were never rendered."""
    return [Scripted.objects.create(name=name) for name in ("a", "b", "c")]


def now(chart: Any) -> Any:
    """Return a chart as its row is."""
    return type(chart).objects.get(pk=chart.pk)


def drawn(charts: list[Any]) -> list[bool]:
    return [bool(now(chart).image) for chart in charts]


def breaks(name: str) -> Callable[..., Any]:
    """Return a hook that fails for one chart."""

    def hook(chart: Scripted, *args: Any) -> Any:
        if chart.name == name:
            raise RuntimeError(f"{name} is broken")
        return args[0].subplots() and None if args else chart.value

    return hook


# What is rendered


def test_what_is_stale_is_rendered_on_every_database(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    charts = [Scripted.objects.create(name=name) for name in "ab"]
    said = render()
    assert (said.code, said.last) == (0, "2 rendered.")
    assert drawn(charts) == [True, True]
    assert not Scripted.objects.stale().exists()


def test_what_is_fresh_is_left_alone(three: list[Scripted]) -> None:
    render()
    before = [now(chart).image.name for chart in three]
    assert render().lines == ["Nothing to render."]
    assert [now(chart).image.name for chart in three] == before


def test_a_change_that_shows_nothing_new_is_unchanged(three: list[Scripted]) -> None:
    render()
    name = now(three[0]).image.name
    three[0].render_later()
    assert render().last == "1 unchanged."
    assert now(three[0]).image.name == name


def test_a_change_is_rendered_before_its_debounce_is_over(three: list[Scripted], settings: Any) -> None:
    render()
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 3600}
    three[0].value = 7
    three[0].save()
    assert render().last == "1 rendered."


def test_force_draws_what_is_fresh_too(three: list[Scripted]) -> None:
    render()
    before = {now(chart).image.name for chart in three}
    assert render("--force").last == "3 rendered."
    assert before.isdisjoint(now(chart).image.name for chart in three)


def test_a_changed_recipe_is_rendered(three: list[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    render()
    monkeypatch.setattr(Scripted, "recipe_version", "2")
    assert render().last == "3 rendered."


@pytest.mark.parametrize("dispatcher", ["inline", "manual"])
def test_what_time_has_made_stale_is_rendered_by_the_command_itself(
    three: list[Scripted], settings: Any, monkeypatch: pytest.MonkeyPatch, dispatcher: str
) -> None:
    render()
    monkeypatch.setattr(Scripted, "refresh_every", timedelta(hours=1))
    Job.objects.update(finished_at=DatabaseTime(-7200))
    settings.CHARTS = {"DISPATCHER": dispatcher}
    assert render().last == "3 unchanged."


def test_marks_that_a_killed_writer_left_are_applied(three: list[Scripted]) -> None:
    render()
    Mark.objects.create(
        batch="lost", chart_model="shop.scripted", chart_pk=str(three[1].pk), created_at=DatabaseTime(-7200)
    )
    assert render().last == "1 unchanged."
    assert not Mark.objects.exists()


def test_what_a_person_waits_for_comes_first(three: list[Scripted]) -> None:
    jobs.make_due([ChartKey.of(chart) for chart in three], 0)
    Job.objects.filter(chart_pk=str(three[2].pk)).update(priority=-1)
    said = render(verbosity=2)
    assert [line.split(":")[0] for line in said.lines[:3]] == [
        f"shop.Scripted {three[index].pk}" for index in (2, 0, 1)
    ]


def test_a_chart_that_a_worker_has_is_left_to_it(three: list[Scripted]) -> None:
    jobs.make_due([ChartKey.of(three[0])], 0)
    assert jobs.claim(ChartKey.of(three[0]))
    said = render()
    assert (said.code, said.last) == (0, "2 rendered, 1 left to the worker that has them.")


def test_so_is_one_that_has_failed_before(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("a")
    render()
    Job.objects.filter(chart_pk=str(three[0].pk)).update(leased_until=DatabaseTime(60), lease_token="t")
    said = render()
    assert (said.code, said.last) == (0, "1 left to the worker that has them.")


def test_charts_that_a_managers_filter_hides_are_rendered_too(
    three: list[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hidden(manager: Any) -> Any:
        raise AssertionError("The command asked the class's own manager.")

    monkeypatch.setattr(type(Scripted.objects), "get_queryset", hidden)
    assert render().last == "3 rendered."


def test_so_it_is_in_a_test_case_where_nothing_is_ever_committed(db: None, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    chart = Scripted.objects.create(name="a")
    assert render().last == "1 rendered."
    chart.value = 7
    chart.save()
    assert render().last == "1 rendered."
    assert "7" in now(chart).alt


# Which charts


def test_a_label_names_the_charts_of_a_class(three: list[Scripted]) -> None:
    region = Region.objects.create(name="North")
    revenue = MonthlyRevenue.objects.create(region=region)
    assert render("shop.MonthlyRevenue").last == "1 rendered."
    assert drawn([revenue, *three]) == [True, False, False, False]


def test_a_label_with_a_key_names_one_chart(three: list[Scripted]) -> None:
    assert render(f"shop.Scripted:{three[1].pk}").last == "1 rendered."
    assert drawn(three) == [False, True, False]


def test_an_apps_label_names_all_its_charts(three: list[Scripted]) -> None:
    assert render("shop").last == "3 rendered."


def test_a_proxys_label_names_the_charts_of_its_class(three: list[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    class Proxy(Scripted):
        class Meta:
            app_label = "shop"
            proxy = True
            apps = Apps()

    get_model = choosing.apps.get_model
    monkeypatch.setattr(choosing.apps, "get_model", lambda name: Proxy if name == "shop.Proxy" else get_model(name))
    assert render("shop.Proxy").last == "3 rendered."


def test_what_is_named_twice_is_rendered_once(three: list[Scripted]) -> None:
    assert render("shop.Scripted", f"shop.Scripted:{three[1].pk}", "shop.scripted").last == "3 rendered."


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("shop.Scriptd", "'shop.Scriptd' is no chart. Did you mean 'shop.Scripted'? Choices are: "),
        ("shop.Region", "'shop.Region' is no chart. "),
        ("nowhere.Chart", "'nowhere.Chart' is no chart. "),
        ("Scripted", "'Scripted' is no chart. Did you mean 'shop.Scripted'? "),
        ("shop.Scripted.3", "'shop.Scripted.3' is no chart. "),
        ("shop:3", "'shop' is no chart. "),
        ("", "'' is no chart. "),
        ("shop.Scripted:abc", "shop.Scripted has no chart 'abc': “abc” value must be an integer."),
        ("shop.Scripted:", "shop.Scripted has no chart '': “” value must be an integer."),
        ("shop.Portrait:1", "shop.Portrait has no chart '1' in the database 'default'. There is none yet."),
    ],
)
def test_a_wrong_label_is_one_sentence_with_the_choices(three: list[Scripted], label: str, sentence: str) -> None:
    said = render(label)
    assert said.code == 1
    assert said.error.startswith(sentence)
    assert "\n" not in said.error
    assert drawn(three) == [False, False, False]


def test_a_key_that_is_not_there_is_told_with_those_that_are(three: list[Scripted]) -> None:
    first = three[0].pk
    said = render("shop.Scripted:99999999999999999999")
    assert said.error == (
        "shop.Scripted has no chart '99999999999999999999' in the database 'default'. "
        f"There is: {first}, {first + 1}, {first + 2}."
    )


def test_without_migrations_the_way_out_is_told(tmp_path: Path) -> None:
    for command in ("render_charts", "prune_charts"):
        ran = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), command],
            env={"DEMO_VAR": str(tmp_path), "PATH": "", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 1
        assert ran.stderr == "CommandError: There is no table of charts.LooseFile: run manage.py migrate.\n"


# Failures


@pytest.mark.parametrize(
    "hook", ["get_data", "draw", "get_alt_text", "get_language", "get_timezone", "get_fingerprint"]
)
def test_a_bad_chart_does_not_stop_the_others(
    three: list[Scripted], script: Script, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    original = getattr(Scripted, hook)

    def broken(chart: Scripted, *args: Any) -> Any:
        if chart.name == "b":
            raise RuntimeError("b is broken")
        return original(chart, *args)

    monkeypatch.setattr(Scripted, hook, broken)
    said = render()
    assert said.code == 1
    assert said.last == "2 rendered, 1 failed."
    assert f"shop.Scripted {three[1].pk} could not be rendered" in said.error
    assert "b is broken" in said.error
    assert drawn(three) == [True, False, True]
    assert "b is broken" in now(three[1]).error


def test_nor_does_one_that_cannot_be_named(three: list[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(chart: Scripted) -> str:
        raise RuntimeError("nameless")

    monkeypatch.setattr(Scripted, "__str__", nameless)
    monkeypatch.setattr(Scripted, "__repr__", nameless)
    assert render("--verify", "--check-data", verbosity=2).last == "3 rendered."
    assert render("--dry-run", "--force").last == "3 charts would be rendered."


def test_nor_does_a_database_that_fails_between(three: list[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    claim = jobs.claim

    def locked(key: ChartKey, *lease: Any) -> str:
        if key.pk == str(three[0].pk):
            raise OperationalError("database is locked")
        return claim(key, *lease)

    monkeypatch.setattr(jobs, "claim", locked)
    said = render()
    assert (said.code, said.last) == (1, "2 rendered, 1 failed.")
    assert "database is locked" in said.error


@pytest.mark.parametrize("victim", [0, 1], ids=["its own", "the next"])
def test_a_row_that_vanishes_is_no_failure(three: list[Scripted], script: Script, victim: int) -> None:
    def get_data(chart: Scripted) -> int:
        if chart.name == "a":
            Scripted.objects.filter(pk=three[victim].pk).delete()
        return 1

    script["get_data"] = get_data
    said = render()
    assert (said.code, said.last) == (0, "2 rendered, 1 deleted meanwhile.")


def test_a_recipe_that_fails_makes_the_exit_code_1_also_inline(
    three: list[Scripted], script: Script, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    render()
    settings.CHARTS = {"DISPATCHER": "inline"}
    monkeypatch.setattr(Scripted, "recipe_version", "2")
    script["draw"] = breaks("b")
    said = render()
    assert (said.code, said.last) == (1, "2 rendered, 1 failed.")


def test_what_waits_after_a_failure_is_left_alone_but_told(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    render()
    script.clear()
    said = render()
    assert (said.code, said.last) == (1, "1 left alone after a failure (--failed tries again).")
    assert "b is broken" in said.error
    assert drawn(three) == [True, False, True]


def test_failed_renders_just_that_however_often_it_has_failed(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    render()
    Job.objects.update(attempts=config().max_attempts)
    Scripted.objects.filter(name="a").update(data_version=9)
    script.clear()
    said = render("--failed")
    assert (said.code, said.last) == (0, "1 rendered.")
    assert now(three[1]).error == ""
    assert now(three[0]).is_stale


def test_so_does_naming_it(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    render()
    script.clear()
    assert render(f"shop.Scripted:{three[1].pk}").last == "1 rendered."


def test_new_data_is_tried_at_once_after_a_failure(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    render()
    script.clear()
    three[1].value = 5
    three[1].save()
    assert (render().code, now(three[1]).error) == (0, "")


def test_many_failures_are_not_all_listed(manual: None, script: Script) -> None:
    Scripted.objects.bulk_create(Scripted(name="b") for _ in range(23))
    script["get_data"] = breaks("b")
    said = render()
    assert said.last == "23 failed."
    assert len(said.error.splitlines()) == 21
    assert said.error.endswith("… and 3 more.")


class Recorder:
    """A dispatcher that notes what it is sent."""

    capacity = None
    can_wait = True
    sent: ClassVar[list[str]] = []

    def send(self, due: Any) -> None:
        self.sent.append(due.key.pk)


@pytest.fixture
def sent(three: list[Scripted], settings: Any) -> list[str]:
    """The primary keys of charts that were sent to the dispatcher, from now on."""
    settings.CHARTS = {"DISPATCHER": f"{__name__}.Recorder", "DEBOUNCE": 0}
    Recorder.sent = []
    return Recorder.sent


def test_nobody_is_told_of_what_the_command_renders_itself(sent: list[str]) -> None:
    assert render().last == "3 rendered."
    assert sent == []


def test_what_has_changed_again_meanwhile_is_left_to_whoever_renders_here(
    sent: list[str], three: list[Scripted], script: Script
) -> None:
    def get_data(chart: Scripted) -> int:
        Scripted.objects.filter(pk=chart.pk, name="b").update(data_version=F("data_version") + 1)
        return 1

    script["get_data"] = get_data
    assert render().code == 0
    assert sent == [str(three[1].pk)]


def test_so_is_the_next_try_of_what_has_failed(sent: list[str], three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    assert render().code == 1
    assert sent == [str(three[1].pk)]


# Ctrl-C


def stops(name: str) -> Callable[[Scripted], int]:
    def hook(chart: Scripted) -> int:
        if chart.name == name:
            raise KeyboardInterrupt
        return 1

    return hook


@pytest.mark.parametrize("args", [(), ("--force",)], ids=str)
def test_ctrl_c_says_how_far_it_got_and_breaks_nothing(
    three: list[Scripted], script: Script, args: tuple[str, ...]
) -> None:
    script["get_data"] = stops("b")
    said = render(*args)
    assert said.code == 130
    assert said.error == (
        "Stopped after 1 of 3 charts: 1 rendered. The others are as they were; run it again to go on."
    )
    assert drawn(three) == [True, False, False]
    assert not Job.objects.exclude(lease_token="").exists()
    script.clear()
    Scripted.script = {}
    assert render().last.startswith("2 rendered")


def test_ctrl_c_before_anything_is_rendered_says_so(three: list[Scripted], script: Script) -> None:
    render()
    script["get_data"] = stops("a")
    said = render("--check-data")
    assert (said.code, said.error) == (130, "Stopped before the first chart was rendered; run it again to go on.")


# --verify


@pytest.fixture
def revenue(manual: None) -> MonthlyRevenue:
    """A rendered chart with two themes, two densities, PNG and SVG."""
    chart = MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))
    chart.render()
    return chart


def path_of(chart: Any, **traits: Any) -> Path:
    return Path(chart.image.storage.path(chart.image.variant(**traits).name))


def shrink(path: Path) -> None:
    Image.new("RGB", (10, 10)).save(path)


DAMAGES: dict[str, tuple[dict[str, Any], Callable[[Path], object]]] = {
    "missing": ({}, Path.unlink),
    "missing in the dark": ({"theme": "dark", "density": 2}, Path.unlink),
    "empty": ({}, lambda path: path.write_bytes(b"")),
    "cut off": ({"density": 2}, lambda path: path.write_bytes(path.read_bytes()[:-200])),
    "of another size": ({"density": 2}, shrink),
    "of another format": ({}, lambda path: Image.new("RGB", (320, 180)).save(path, "webp")),
    "a page of a login": ({}, lambda path: path.write_text("<html>Please log in</html>")),
    "an SVG cut off": ({"format": "svg"}, lambda path: path.write_bytes(path.read_bytes()[:-9])),
    "an SVG no more": ({"format": "svg"}, lambda path: path.write_text("</svg>")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_redraws_a_chart_of_which_a_file_is(revenue: MonthlyRevenue, damage: str) -> None:
    traits, harm = DAMAGES[damage]
    harm(path_of(revenue, **traits))
    name = revenue.image.name
    assert render().last == "Nothing to render."
    assert render("--verify").last == "1 rendered."
    assert now(revenue).image.name != name
    assert render("--verify").last == "Nothing to render."


def test_verify_says_which_file_it_is(revenue: MonthlyRevenue) -> None:
    path_of(revenue, theme="dark").unlink()
    said = render("--verify", "--dry-run")
    name = revenue.image.variant(theme="dark").name
    assert said.lines == [f"shop.MonthlyRevenue {revenue.pk}: {name} is missing", "1 chart would be rendered."]
    shrink(path_of(revenue))
    assert "has 10 × 10 pixels instead of 320 × 180" in render("--verify", "--dry-run").lines[0]


def test_a_storage_that_cannot_tell_is_told_and_nothing_is_drawn_for_it(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(storage: Any, name: str, mode: str = "rb") -> Any:
        raise ConnectionError("no route to bucket")

    monkeypatch.setattr(FileSystemStorage, "_open", unreachable)
    said = render("--verify")
    assert said.code == 1
    assert said.last == "Nothing to render."
    assert f"shop.MonthlyRevenue {revenue.pk} could not be verified: ConnectionError: no route" in said.error


def test_a_storage_with_errors_of_its_own_for_missing_files_is_understood(
    revenue: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path_of(revenue).unlink()

    def not_found(storage: Any, name: str, mode: str = "rb") -> Any:
        if not storage.exists(name):
            raise KeyError(name)
        return original(storage, name, mode)

    original = FileSystemStorage._open  # type: ignore[attr-defined]  # what every storage defines
    monkeypatch.setattr(FileSystemStorage, "_open", not_found)
    assert render("--verify").last == "1 rendered."


def test_a_file_over_a_limit_that_was_lowered_is_not_broken(revenue: MonthlyRevenue, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "MAX_PIXELS": 320 * 180}
    assert render("--verify").last == "Nothing to render."


def test_a_picture_whose_size_its_chart_says_is_not_held_against_its_option(
    manual: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Portrait, "get_size", lambda chart, field: (100, 100))
    Portrait.objects.create().render()
    assert render("--verify").last == "Nothing to render."


def test_a_second_picture_is_verified_too(manual: None) -> None:
    chart = Portrait.objects.create()
    chart.render()
    shrink(Path(chart.narrow.path))
    assert render("--verify").last == "1 rendered."


def test_a_chart_that_vanishes_while_others_are_verified_is_no_problem(
    three: list[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    render()

    def reads(storage: Any, name: str, mode: str = "rb") -> Any:
        Scripted.objects.filter(name="b").delete()
        return original(storage, name, mode)

    original = FileSystemStorage._open  # type: ignore[attr-defined]  # what every storage defines
    monkeypatch.setattr(FileSystemStorage, "_open", reads)
    said = render("--verify")
    assert (said.code, said.last) == (0, "Nothing to render.")


# --check-data


@pytest.fixture
def unreported(revenue: MonthlyRevenue, three: list[Scripted]) -> MonthlyRevenue:
    """A chart whose data was changed by statements that send no signals, among others that are fresh."""
    render()
    customer = Customer.objects.create(region=revenue.region)
    render()
    Order.objects.bulk_create([Order(customer=customer, total=5)])
    return revenue


def test_check_data_redraws_what_nobody_reported(unreported: MonthlyRevenue) -> None:
    name = now(unreported).image.name
    assert render().last == "Nothing to render."
    assert render("--check-data").last == "1 rendered."
    assert now(unreported).image.name != name
    assert render("--check-data").last == "Nothing to render."


def test_what_is_the_same_is_neither_drawn_nor_written(
    unreported: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(Scripted.objects.order_by("pk").values())
    jobs_before = list(Job.objects.filter(chart_model="shop.scripted").order_by("pk").values())
    render("--check-data")
    assert list(Scripted.objects.order_by("pk").values()) == before
    assert list(Job.objects.filter(chart_model="shop.scripted").order_by("pk").values()) == jobs_before


def test_what_differs_is_stale_also_if_the_command_is_killed_before_it_is_drawn(
    unreported: MonthlyRevenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "work", killed)
        render("--check-data")
    assert now(unreported).is_stale
    Job.objects.update(leased_until=None)
    assert render().last == "1 rendered."


def test_a_dry_check_only_lists(unreported: MonthlyRevenue) -> None:
    said = render("--check-data", "--dry-run")
    assert said.lines == [f"shop.MonthlyRevenue {unreported.pk}: its data has changed", "1 chart would be rendered."]
    assert not now(unreported).is_stale


def test_data_that_cannot_be_read_any_more_is_a_failure_on_its_chart(three: list[Scripted], script: Script) -> None:
    render()
    script["get_data"] = breaks("b")
    said = render("--check-data")
    assert (said.code, said.last) == (1, "1 failed.")
    assert "b is broken" in now(three[1]).error


def test_a_chart_that_vanishes_while_others_are_checked_is_no_failure(three: list[Scripted], script: Script) -> None:
    def get_data(chart: Scripted) -> int:
        Scripted.objects.filter(name="b").delete()
        return 0

    render()
    script["get_data"] = get_data
    said = render("--check-data")
    assert (said.code, said.last) == (0, "Nothing to render.")


# --dry-run


def everything(media: Path) -> list[Any]:
    """Return all that a run could change."""
    models = (Scripted, Mark, Job, LooseFile)
    return [*(list(model._base_manager.order_by("pk").values()) for model in models), sorted(names_in(media))]


def test_a_dry_run_lists_with_reasons_and_changes_nothing(
    three: list[Scripted], script: Script, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    script["get_data"] = breaks("b")
    render()
    pks = [chart.pk for chart in three]
    Scripted.objects.filter(name="a").update(data_version=9)
    Mark.objects.create(batch="x", chart_model="shop.scripted", chart_pk=str(pks[2]), created_at=DatabaseTime())
    LooseFile.objects.create(
        model="shop.scripted", field="image", picture="x.png", name="x.png", delete_at=DatabaseTime(-9)
    )
    before = everything(media)
    assert render("--dry-run").lines == [
        f"shop.Scripted {pks[2]}: marked",
        f"shop.Scripted {pks[0]}: stale",
        f"shop.Scripted {pks[1]}: stale, but waits after a failure",
        "2 charts would be rendered, 1 left alone after a failure (--failed tries again).",
    ]
    assert render("--dry-run", "--failed").lines == [f"shop.Scripted {pks[1]}: failed", "1 chart would be rendered."]
    assert render("--dry-run", f"shop.Scripted:{pks[1]}").last == "1 chart would be rendered."
    assert render("--dry-run", "--force").lines[0] == f"shop.Scripted {pks[0]}: forced"
    monkeypatch.setattr(Scripted, "recipe_version", "2")
    assert f"shop.Scripted {pks[0]}: its recipe has changed" in render("--dry-run").lines
    assert everything(media) == before


# What is said


def test_a_terminal_gets_a_progress_bar(three: list[Scripted]) -> None:
    said = render(tty=True)
    assert re.search(r"Rendering: 100%.*3/3", said.err.getvalue())
    assert said.last == "3 rendered."


def test_all_classes_are_verified_behind_one_bar(three: list[Scripted]) -> None:
    MonthlyRevenue.objects.create(region=Region.objects.create(name="North"))
    render()
    said = render("--verify", "--check-data", tty=True)
    bars = re.findall(r"(\w+): 100%.*?4/4.*?\n", said.err.getvalue())
    assert bars == ["Verifying", "Checking"]


def test_a_pipe_gets_none(three: list[Scripted]) -> None:
    said = render()
    assert said.err.getvalue() == ""
    assert said.lines == ["3 rendered."]


def test_verbosity_0_says_nothing_but_failures(three: list[Scripted], script: Script) -> None:
    script["get_data"] = breaks("b")
    said = render(verbosity=0, tty=True)
    assert (said.out.getvalue(), said.err.getvalue()) == ("", "")
    assert "b is broken" in said.error


def test_verbosity_2_tells_each_chart_and_what_it_warned_of(three: list[Scripted], script: Script) -> None:
    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        figure.subplots().plot([1, 2])
        if chart.name == "b":
            warnings.warn("too narrow", stacklevel=1)

    script["draw"] = draw
    lines = render(verbosity=2).lines
    assert lines[0] == f"shop.Scripted {three[0].pk}: rendered"
    assert lines[1] == f"shop.Scripted {three[1].pk}: rendered"
    assert lines[2] == f"  shop.Scripted {three[1].pk}: too narrow"
    assert lines[-1] == "3 rendered."


def test_watching_without_rendering_is_refused(three: list[Scripted]) -> None:
    said = render(watch=True, dry_run=True)
    assert said.code == 1
    assert said.error == "--watch renders what becomes stale, and --dry-run renders nothing: leave one of them out."
    assert not any(now(chart).image for chart in three)


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_a_time_limit_that_is_none_is_refused(three: list[Scripted], limit: float) -> None:
    for said in (render(timeout=limit, jobs=1), render(f"--timeout={limit}", watch=True)):
        assert said.code == 1
        assert said.error == f"--timeout {limit:g} is no time limit; give seconds over 0."
    assert not any(now(chart).image for chart in three)


# prune_charts


@pytest.fixture
def loose(three: list[Scripted], media: Path) -> Callable[..., str]:
    """Return a function that makes a loose file; its time was over `ago` seconds ago."""
    made = 0

    def make(ago: float = 0, **columns: Any) -> str:
        nonlocal made
        made += 1
        name = f"charts/shop/scripted/{made}-{made:016x}-k000000.png"
        path = media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        row = {"model": "shop.scripted", "field": "image", "picture": name, "name": name} | columns
        LooseFile.objects.create(**row, delete_at=DatabaseTime(-ago))
        return name

    return make


def test_files_past_their_grace_are_deleted_the_others_kept(loose: Callable[..., str], media: Path) -> None:
    old, young = loose(ago=25 * 3600), loose(ago=23 * 3600)
    said = prune()
    assert (said.code, said.lines) == (0, ["1 file deleted."])
    assert names_in(media) == {young}
    assert prune(grace="22h", verbosity=2).lines == [young, "1 file deleted."]
    assert old not in names_in(media)


@pytest.mark.parametrize("keep", [0, 3600, 90_000])
@pytest.mark.parametrize("grace", ["0", "0h", "10m"])
def test_a_grace_that_is_given_counts_from_when_a_file_was_replaced(
    loose: Callable[..., str], media: Path, settings: Any, keep: int, grace: str
) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "KEEP_OLD_FILES": keep}
    unpublished = loose(ago=-files.UNPUBLISHED_FOR)
    old, young = loose(ago=20 * 60 - keep), loose(ago=1 - keep)
    assert prune().lines == ["0 files deleted."]
    gone = {old} if grace == "10m" else {old, young}
    assert set(prune(grace=grace, dry_run=True).lines[:-1]) == gone
    assert prune(grace=grace).lines == [f"{len(gone)} file{'s' * (len(gone) > 1)} deleted."]
    assert names_in(media) == {unpublished, old, young} - gone


def test_what_cannot_be_deleted_before_its_time_is_tried_once(
    loose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def refuse(storage: Any, name: str) -> None:
        tried.append(name)
        raise PermissionError(name)

    monkeypatch.setattr(FileSystemStorage, "delete", refuse)
    name = loose(ago=-60)
    assert prune(grace="0").code == 1
    assert tried == [name]


def test_a_dry_run_lists_every_file_and_deletes_none(loose: Callable[..., str], media: Path) -> None:
    names = [loose(ago=9) for _ in range(130)]
    said = prune(grace="0", dry_run=True)
    assert said.lines == [*names, "130 files would be deleted."]
    assert names_in(media) == set(names)
    assert prune(grace="0").lines == ["130 files deleted."]
    assert not names_in(media)


def test_a_file_that_a_row_names_is_not_listed(loose: Callable[..., str], three: list[Scripted]) -> None:
    name = loose(ago=9)
    Scripted.objects.filter(pk=three[0].pk).update(image=name)
    assert prune(grace="0", dry_run=True).lines == ["0 files would be deleted."]


def test_a_file_of_a_model_that_is_gone_is_not_listed(loose: Callable[..., str]) -> None:
    loose(ago=9, model="shop.gone")
    assert prune(grace="0", dry_run=True).lines == ["0 files would be deleted."]


def test_a_storage_that_does_not_let_go_makes_the_exit_code_1(
    loose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = loose(ago=9)

    def refuse(storage: Any, name: str) -> None:
        raise PermissionError(name)

    monkeypatch.setattr(FileSystemStorage, "delete", refuse)
    said = prune(grace="0")
    assert (said.code, said.lines) == (1, ["0 files deleted."])
    assert said.error == "1 file could not be deleted and will be tried again; the log says why."
    assert LooseFile.objects.filter(name=name).exists()


# It looks for a file's name in every database.
@pytest.mark.django_db(transaction=True, databases="__all__")
def test_scan_finds_files_that_nobody_knows(loose: Callable[..., str], three: list[Scripted], media: Path) -> None:
    render()
    known = names_in(media)
    unknown = loose(ago=-9)
    LooseFile.objects.all().delete()
    assert prune(grace="0").lines == ["0 files deleted."]
    assert prune(grace="0", scan=True, dry_run=True).lines == [unknown, "1 file would be deleted."]
    assert prune(grace="0", scan=True).lines == ["1 file deleted."]
    assert names_in(media) == known


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_storage_that_cannot_be_looked_through_is_told(
    three: list[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlistable(storage: Any, path: str) -> Any:
        raise NotImplementedError("no list")

    monkeypatch.setattr(FileSystemStorage, "listdir", unlistable)
    said = prune(scan=True)
    assert said.code == 1
    assert "The storage of shop.Scripted.image cannot be listed: NotImplementedError: no list" in said.error


def test_a_file_that_two_databases_tell_of_is_told_once(
    loose: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune_charts.Command, "names", lambda *args, **options: iter(["a.png", "b.png", "a.png"]))
    assert prune(dry_run=True).lines == ["a.png", "b.png", "2 files would be deleted."]


def test_prune_works_on_every_database(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "KEEP_OLD_FILES": 60}
    chart = Scripted.objects.create(name="a")
    chart.render()
    chart.render(force=True)
    assert LooseFile.objects.count() == 1
    LooseFile.objects.update(delete_at=DatabaseTime(-9))
    assert prune(grace="0").lines == ["1 file deleted."]
    assert now(chart).image.storage.exists(now(chart).image.name)


def test_verbosity_0_is_silent(loose: Callable[..., str]) -> None:
    loose(ago=9)
    assert prune(grace="0", verbosity=0).lines == []


@pytest.mark.parametrize(
    ("span", "expected"),
    [("90s", 90), ("15m", 900), ("1.5h", 5400), ("7d", 604800), ("0", 0), (60, 60), (timedelta(hours=1), 3600)],
)
def test_a_span_is_read(span: object, expected: float) -> None:
    assert seconds(span) == expected


@pytest.mark.parametrize("span", ["", "soon", "-1h", "24 hours", "h", "1e9", None, timedelta(-1)])
def test_what_is_no_span_is_refused_with_examples(span: object) -> None:
    with pytest.raises(CommandError, match="write 90s, 15m, 24h or 7d"):
        seconds(span)
