"""Rendering: what a picture depends on, what it is drawn from, and what comes of asking for it."""

import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models.signals import post_save, pre_delete, pre_save
from django.utils import timezone, translation
from PIL import Image

from charts import pipeline
from charts.exceptions import DrawError, RenderError
from charts.fields import ChartImageField
from charts.ledger import LooseFile
from charts.pipeline import reading
from tests.shop.models import (
    Account,
    Badge,
    Balance,
    Customer,
    Entry,
    MonthlyRevenue,
    Order,
    Portrait,
    Profile,
    Region,
    Scripted,
)
from tests.tools import Statements, files_of, job, key_of, names_of_storage, row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _manual(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


@pytest.fixture
def revenue() -> MonthlyRevenue:
    """A rendered chart with a foreign row."""
    region = Region.objects.create(name="North")
    Order.objects.create(customer=Customer.objects.create(region=region), month=1, total=5)
    chart = MonthlyRevenue.objects.create(region=region, title="First")
    chart.render()
    return chart


# What a picture depends on.


def change_the_data(chart: MonthlyRevenue) -> None:
    Order.objects.update(total=6)


def change_a_column_of_its_own(chart: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(title="Second")


def change_a_foreign_row(chart: MonthlyRevenue) -> None:
    Region.objects.update(name="South")


def change_the_foreign_key(chart: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(region=Region.objects.create(name="North"))


@pytest.mark.parametrize(
    "change",
    [change_the_data, change_a_column_of_its_own, change_a_foreign_row, change_the_foreign_key],
    ids=lambda change: change.__name__,
)
def test_what_the_picture_can_show_makes_a_new_one(
    revenue: MonthlyRevenue, change: Callable[[MonthlyRevenue], None]
) -> None:
    assert revenue.render().status == "unchanged"
    change(revenue)
    assert pipeline.differs(key_of(revenue))
    assert row(revenue).render().status == "rendered"
    assert row(revenue).render().status == "unchanged"


def changed_hook(name: str, value: Any) -> Callable[[pytest.MonkeyPatch, Any], None]:
    return lambda monkeypatch, settings: monkeypatch.setattr(Scripted, name, lambda self, *args: value)


def change_the_recipe(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(Scripted, "recipe_version", "2")


def change_the_language_of_the_site(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"


def change_a_theme(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "THEMES": {"light": {"axes.facecolor": "#eeeeee"}}}


CHANGES = {
    "size": changed_hook("get_size", (210, 120)),
    "language": changed_hook("get_language", "fr"),
    "zone": changed_hook("get_timezone", ZoneInfo("Asia/Tokyo")),
    "fingerprint": changed_hook("get_fingerprint", "other"),
    "recipe": change_the_recipe,
    "site": change_the_language_of_the_site,
    "theme": change_a_theme,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_decides_how_it_is_drawn_makes_a_new_one(
    change: Callable[[pytest.MonkeyPatch, Any], None], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    chart = Scripted.objects.create()
    chart.render()
    assert chart.render().status == "unchanged"
    change(monkeypatch, settings)
    assert chart.render().status == "rendered"
    assert chart.render().status == "unchanged"


def test_force_draws_what_is_unchanged(revenue: MonthlyRevenue) -> None:
    before = revenue.image.name
    assert revenue.render(force=True).status == "rendered"
    assert revenue.image.name != before


def test_a_picture_that_was_taken_away_by_hand_is_drawn_again(revenue: MonthlyRevenue) -> None:
    MonthlyRevenue.objects.update(image="")
    assert revenue.render().status == "rendered"


def test_rendering_itself_changes_nothing_it_depends_on(revenue: MonthlyRevenue) -> None:
    for _ in range(2):
        revenue.render(force=True)
        assert not pipeline.differs(key_of(revenue))


def test_data_that_can_be_read_once_is_digested_and_drawn(script: dict[str, Any]) -> None:
    drawn = []

    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        drawn.append(list(data))
        figure.subplots().plot(data)

    script.update(get_data=lambda chart: iter([1, 2, 3]), draw=draw)
    chart = Scripted.objects.create()
    assert chart.render().status == "rendered"
    assert chart.render().status == "unchanged"
    assert drawn == [[1, 2, 3]]


def test_data_without_a_digest_names_the_hook(script: dict[str, Any]) -> None:
    script["get_data"] = lambda chart: object()
    with pytest.raises(RenderError, match=r"get_fingerprint\(\)|get_fingerprint"):
        Scripted.objects.create().render()


# What it is drawn from.


def test_data_that_calls_exit_ends_no_command_that_looks_at_it(script: dict[str, Any]) -> None:
    chart = Scripted.objects.create()
    script["get_data"] = lambda chart: sys.exit()
    with pytest.raises(DrawError, match=r"called exit\(None\)"):
        pipeline.differs(key_of(chart))


def test_unsaved_attributes_are_never_drawn(revenue: MonthlyRevenue) -> None:
    revenue.title = "Not saved"
    revenue.render(force=True)
    assert "Not saved" not in row(revenue).alt
    assert revenue.title == "Not saved"


def test_the_row_is_read_with_its_foreign_rows_in_one_statement(revenue: MonthlyRevenue) -> None:
    with Statements("default") as statements:
        chart = reading.read(key_of(revenue))
        assert chart.region.name == "North"
    assert len(statements) == 1


def test_it_is_drawn_in_the_charts_language_and_zone_whoever_asks(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def look(*args: Any) -> int:
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))
        return 1

    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        look()
        figure.subplots()

    script.update(get_data=look, draw=draw)
    monkeypatch.setattr(Scripted, "get_language", lambda self: "fr")
    monkeypatch.setattr(Scripted, "get_timezone", lambda self: ZoneInfo("Asia/Tokyo"))
    with translation.override("de"), timezone.override("America/Lima"):
        Scripted.objects.create().render()
        assert (translation.get_language(), timezone.get_current_timezone_name()) == ("de", "America/Lima")
    assert seen == [("fr", "Asia/Tokyo")] * 2


def test_no_transaction_is_open_while_it_is_read_and_drawn(script: dict[str, Any]) -> None:
    open_: list[bool] = []

    def look(*args: Any) -> int:
        open_.append(transaction.get_connection().in_atomic_block)
        return 1

    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        look()
        figure.subplots()

    script.update(get_data=look, draw=draw)
    Scripted.objects.create().render()
    assert open_ == [False, False]


# What comes of it.


def test_the_row_says_all_that_readers_need(revenue: MonthlyRevenue) -> None:
    chart = row(revenue)
    assert (chart.image_width, chart.image_height) == (320, 180)
    assert "First" in chart.alt
    assert chart.rendered_at is not None
    assert len(chart.data_digest) == len(chart.recipe_digest) == 64


def test_each_variant_has_its_size_and_format(revenue: MonthlyRevenue) -> None:
    sizes = {}
    for variant in row(revenue).image.variants:
        if variant.format == "png":
            with variant.open() as file:
                sizes[variant.theme, variant.density] = Image.open(file).size
    small, large = (320, 180), (640, 360)
    assert sizes == {("light", 1): small, ("light", 2): large, ("dark", 1): small, ("dark", 2): large}


def test_a_second_picture_is_drawn_by_a_hook_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def draw_narrow(self: Portrait, figure: Any, data: Any) -> None:
        drawn.append("narrow")
        figure.subplots()

    monkeypatch.setattr(Portrait, "draw_narrow", draw_narrow, raising=False)
    chart = Portrait.objects.create()
    chart.render()
    assert drawn == ["narrow", "narrow"]
    with row(chart).narrow.variant().open() as file:
        assert Image.open(file).size == (180, 240)
    assert row(chart).image_width == 320


def test_how_long_it_took_is_told_and_kept(revenue: MonthlyRevenue) -> None:
    result = revenue.render(force=True)
    assert 0 < result.duration < 60
    assert job(revenue).duration == pytest.approx(result.duration, abs=5)


def test_the_alternative_text_holds_no_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "get_alt_text", lambda self, figure, data: "a\x00b\x1bc\nd\ud800")
    chart = Scripted.objects.create()
    chart.render()
    assert row(chart).alt == "abc\nd?"


def test_a_chart_without_draw_says_that_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Badge.__mro__[1], "draw")
    with pytest.raises(RenderError, match=r"Badge has no draw\(self, figure, data\): define it\."):
        Badge.objects.create().render()


def test_each_thread_has_its_own_steps_to_tell(script: dict[str, Any]) -> None:
    """A failure names the step of its own render, whatever else is being rendered."""

    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        raise LookupError(threading.current_thread().name)

    script["draw"] = draw
    with pytest.raises(RenderError, match=r"draw\(\) drew it \(image, light\), LookupError: MainThread"):
        Scripted.objects.create().render()


# What it leaves alone.


def test_models_that_no_chart_is_about_hear_nothing() -> None:
    assert not any(signal.has_listeners(Profile) for signal in (pre_save, post_save, pre_delete))


def test_the_picture_has_no_dimension_columns_that_would_open_files() -> None:
    for model in (MonthlyRevenue, Scripted, Balance, Portrait):
        for field in model._meta.get_fields():
            if isinstance(field, ChartImageField):
                assert (field.width_field, field.height_field) == (None, None)


def test_options_are_no_part_of_migrations() -> None:
    _, path, args, kwargs = ChartImageField(
        size=(1, 2), themes=("dark",), densities=(3,), formats=("webp",), layout=None, transparent=True, upload_to="a"
    ).deconstruct()
    assert (path, list(args), kwargs) == ("charts.fields.ChartImageField", [], {})


# SQLite's transactions.


@pytest.fixture
def balance() -> Balance:
    account = Account.objects.create()
    Entry.objects.create(account=account, amount=1)
    chart = Balance.objects.create(account=account)
    chart.render()
    return row(chart)


def save_a_source(chart: Balance) -> None:
    with transaction.atomic():
        Entry.objects.create(account_id=chart.account_id, amount=2)


def save_it(chart: Balance) -> None:
    with transaction.atomic():
        chart.save()


def render_it(chart: Balance) -> None:
    chart.render(force=True)


def delete_it(chart: Balance) -> None:
    chart.delete()


def sweep(chart: Balance) -> None:
    from charts import sweeping

    Balance.objects.mark_stale()
    LooseFile.objects.update(delete_at="2020-01-01T00:00:00Z")
    sweeping.sweep("default", [Balance])


@pytest.mark.parametrize("keep", [0, 3600])
@pytest.mark.parametrize("act", [save_a_source, save_it, render_it, delete_it, sweep], ids=lambda act: act.__name__)
def test_no_transaction_reads_before_it_writes(
    balance: Balance, act: Callable[[Balance], None], settings: Any, keep: int
) -> None:
    """In SQLite's default mode one that reads first fails at once if somebody else writes before it does."""
    settings.CHARTS = {"KEEP_OLD_FILES": keep}
    with Statements("default") as statements:
        act(balance)
    said = [query["sql"] for query in statements.captured_queries]
    first = [then for begin, then in pairwise(said) if begin.startswith("BEGIN")]
    assert first
    assert not [sql for sql in first if sql.startswith("SELECT")]


def test_rendering_leaves_nothing_but_the_files(balance: Balance) -> None:
    assert names_of_storage() == set(files_of(balance))
    assert not LooseFile.objects.exists()
