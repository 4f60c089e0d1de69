"""charts.testing: as a project's own tests use it, in pytest, TestCase and TransactionTestCase."""

import unittest
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase, override_settings

from charts.conf import config
from charts.exceptions import DrawError, RenderError
from charts.ledger import ChartKey, Job, LooseFile, Mark
from charts.testing import assert_does_not_mark, assert_marks, drawn, no_watches, rendered, run_pending, watches
from charts.watches import source_changed
from tests.conftest import names_in
from tests.shop.models import Customer, MonthlyRevenue, Order, Portrait, Region, Scripted

Script = dict[str, Any]


class Shop:
    """Two regions with a chart and a customer each."""

    def __init__(self) -> None:
        self.regions = [Region.objects.create(name=name) for name in ("North", "South")]
        self.customers = [Customer.objects.create(region=region) for region in self.regions]
        self.north, self.south = (MonthlyRevenue.objects.create(region=region) for region in self.regions)

    def order(self, total: int = 5) -> Order:
        return Order.objects.create(customer=self.customers[0], total=total)


@pytest.fixture
def manual(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}


@pytest.fixture
def shop(db: None, manual: None) -> Shop:
    """A shop in a transaction that is never committed, as in a TestCase."""
    return Shop()


@pytest.fixture
def committed(transactional_db: None, manual: None) -> Shop:
    """A shop whose commits are real."""
    return Shop()


# Switching watches


def test_no_watches_switches_them_off_and_on_again(shop: Shop) -> None:
    run_pending()
    with no_watches():
        assert not config().watch
        assert config().dispatcher == "manual"
        shop.order()
    assert config().watch
    assert not MonthlyRevenue.objects.stale().exists()


def test_watches_switches_them_on_where_a_suite_has_them_off(settings: Any) -> None:
    settings.CHARTS = {"WATCH": False, "INLINE_LIMIT": 3}
    with watches():
        assert config().watch
        assert config().inline_limit == 3
        with no_watches():
            assert not config().watch
        assert config().watch
    assert not config().watch


def test_both_decorate_functions() -> None:
    @no_watches()
    def off() -> bool:
        return config().watch

    @no_watches()
    @watches()
    def on() -> bool:
        return config().watch

    assert (off(), on()) == (False, True)


# Drawing


def test_rendered_gives_what_render_would_publish(shop: Shop) -> None:
    shop.order(7)
    picture = rendered(shop.north)
    shop.north.render()
    image = shop.north.image
    assert picture.size == (shop.north.image_width, shop.north.image_height) == (320, 180)
    assert picture.alt == shop.north.alt
    assert picture.data == [(1, 7)]
    for variant in image.variants:
        look = {"theme": variant.theme, "density": variant.density, "format": variant.format}
        with variant.open() as file:
            assert picture.file(**look) == file.read(), look


def test_rendered_stores_and_writes_nothing(
    shop: Shop, media: Path, django_assert_num_queries: Any, script: Script
) -> None:
    chart = Scripted.objects.create(name="a", value=3)
    before = list(Scripted.objects.values()), list(Job.objects.values()), Mark.objects.count()
    with django_assert_num_queries(1):
        rendered(chart)
    assert (list(Scripted.objects.values()), list(Job.objects.values()), Mark.objects.count()) == before
    assert not LooseFile.objects.exists()
    assert not names_in(media)


def test_rendered_draws_the_row_as_render_does(shop: Shop) -> None:
    shop.north.title = "Not saved"
    assert "Not saved" not in rendered(shop.north).alt
    assert rendered(shop.north).chart is not shop.north


def test_rendered_draws_a_chart_that_is_not_saved_as_it_is(shop: Shop) -> None:
    chart = MonthlyRevenue(region=shop.regions[0], title="Not saved")
    with drawn(chart) as figure:
        assert figure.axes[0].get_title(loc="left") == "Not saved"
    assert rendered(chart).chart is chart


def test_an_unsaved_chart_without_data_needs_no_database() -> None:
    assert rendered(Portrait()).size == (320, 180)


def test_rendered_names_the_files_there_are(shop: Shop) -> None:
    picture = rendered(shop.north)
    assert picture.file().startswith(b"\x89PNG")
    assert picture.file(format="svg").startswith(b"<?xml")
    with pytest.raises(ValueError, match=r"no light pdf.+There is: light png at 1x; light png at 2x"):
        picture.file(format="pdf")


def test_rendered_has_every_field(shop: Shop) -> None:
    picture = rendered(Portrait.objects.create())
    assert set(picture.contents) == {"image", "narrow"}
    assert picture.file(field="narrow") != picture.file()


def test_rendered_tells_warnings(db: None, script: Script) -> None:
    def draw(chart: Scripted, figure: Any, data: Any) -> None:
        figure.subplots().plot([1, 2])
        warnings.warn("too narrow", stacklevel=1)

    script["draw"] = draw
    assert rendered(Scripted()).warnings == ("too narrow",)


def test_what_a_hook_raises_is_raised_as_it_is(db: None, script: Script) -> None:
    def fails(chart: Scripted) -> Any:
        raise LookupError("no data")

    script["get_data"] = fails
    for chart in (Scripted(), Scripted.objects.create()):
        with pytest.raises(LookupError, match="no data"):
            rendered(chart)
        with pytest.raises(LookupError, match="no data"), drawn(chart):
            pass


def test_drawn_hands_out_the_figure(shop: Shop) -> None:
    shop.order(7)
    with drawn(shop.north) as figure:
        axes = figure.axes[0]
        assert axes.get_title(loc="left") == "Revenue, North"
        assert [bar.get_height() for bar in axes.patches] == [7]


def test_drawn_draws_in_a_theme(shop: Shop) -> None:
    with drawn(shop.north) as light, drawn(shop.north, theme="dark") as dark:
        assert light.get_facecolor() != dark.get_facecolor()


def test_drawn_draws_a_field(shop: Shop) -> None:
    with drawn(Portrait(), field="narrow") as figure:
        width, height = figure.get_size_inches()
    assert width < height


def test_a_wrong_theme_is_told_with_the_choices(shop: Shop) -> None:
    with (
        pytest.raises(ValueError, match=r"image has no theme 'sepia'\. Choices are: light, dark\."),
        drawn(shop.north, theme="sepia"),
    ):
        pass


def test_a_test_may_query_while_it_holds_the_figure(shop: Shop) -> None:
    with drawn(shop.north) as figure:
        assert Region.objects.get(name="North").name in figure.axes[0].get_title(loc="left")


def test_a_hook_may_not(db: None, script: Script) -> None:
    script["draw"] = lambda chart, figure, data: Region.objects.count() and None
    with pytest.raises(DrawError, match=r"get_data\(\)"), drawn(Scripted()):
        pass
    assert Region.objects.count() == 0


def test_the_chart_is_drawn_in_its_language(shop: Shop, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils.translation import get_language, override

    monkeypatch.setattr(Scripted, "get_language", lambda chart: "de")
    script["get_data"] = lambda chart: get_language()
    script["draw"] = lambda chart, figure, data: figure.suptitle(get_language()) and None
    with override("fr"), drawn(Scripted()) as figure:
        assert figure.get_suptitle() == "de"
    assert rendered(Scripted()).data == "de"


# Marks


@pytest.mark.parametrize("when", ["shop", "committed"])
def test_a_mark_is_seen_committed_or_not(when: str, request: pytest.FixtureRequest) -> None:
    shop = request.getfixturevalue(when)
    with assert_marks(shop.north), assert_does_not_mark(shop.south):
        shop.order()
    with assert_does_not_mark():
        Customer.objects.count()


@pytest.mark.parametrize("dispatcher", ["inline", "manual"])
def test_a_mark_is_seen_on_every_database_also_when_it_is_applied_in_the_block(
    database: str, settings: Any, dispatcher: str
) -> None:
    settings.CHARTS = {"DISPATCHER": dispatcher}
    shop = Shop()
    with assert_marks(shop.north), assert_does_not_mark(shop.south):
        shop.order()


def test_a_mark_is_seen_again_though_the_transaction_has_made_it_before(shop: Shop) -> None:
    for _ in range(3):
        with assert_marks(shop.north):
            shop.order()
    with assert_marks(shop.north):
        shop.north.save()


def test_a_mark_is_seen_when_its_callback_is_run_within(
    shop: Shop, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    with assert_marks(shop.north), django_capture_on_commit_callbacks(execute=True):
        shop.order(9)
    shop.north.refresh_from_db()
    assert not shop.north.is_stale
    assert "9" in shop.north.alt


def test_and_its_callback_is_captured_around_it(
    shop: Shop, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.CHARTS = {"DISPATCHER": "inline"}
    shop.order(3)
    with django_capture_on_commit_callbacks(execute=True), assert_marks(shop.north):
        shop.order(4)
    shop.north.refresh_from_db()
    assert not shop.north.is_stale
    assert "7" in shop.north.alt


def order_and_fail(shop: Shop) -> None:
    with suppress(LookupError), transaction.atomic():
        shop.order()
        raise LookupError


def test_what_is_rolled_back_is_not_marked(shop: Shop) -> None:
    with assert_does_not_mark():
        order_and_fail(shop)


def test_a_render_alone_is_no_mark(shop: Shop) -> None:
    with assert_does_not_mark():
        shop.north.render()


def test_what_else_was_marked_is_told(shop: Shop) -> None:
    with pytest.raises(AssertionError) as failed, assert_marks(shop.south):
        shop.order()
    north, south = ChartKey.of(shop.north), ChartKey.of(shop.south)
    assert str(failed.value).startswith(
        f"The block did not mark {south} (Revenue of region {shop.south.region_id}). It marked {north}. "
        "Its watches are: Watch('shop.Order'), Watch('shop.Region'). QuerySet.update()"
    )


def test_a_block_that_marks_nothing_is_told(shop: Shop) -> None:
    with pytest.raises(AssertionError, match="It marked nothing"), assert_marks(shop.north, shop.south):
        Order.objects.bulk_create([Order(customer=shop.customers[0])])
    with assert_marks(shop.north):
        source_changed(Order)


def test_one_of_two_is_not_enough(shop: Shop) -> None:
    with (
        pytest.raises(AssertionError, match=f"did not mark {ChartKey.of(shop.south)} "),
        assert_marks(shop.north, shop.south),
    ):
        shop.order()


def test_watches_that_are_off_are_told(shop: Shop) -> None:
    with (
        no_watches(),
        pytest.raises(AssertionError, match=r"switched off by CHARTS\['WATCH'\]"),
        assert_marks(shop.north),
    ):
        shop.order()


def test_what_should_not_be_marked_is_told(shop: Shop) -> None:
    north = ChartKey.of(shop.north)
    with (
        pytest.raises(AssertionError, match=f"The block marked {north} "),
        assert_does_not_mark(shop.south, shop.north),
    ):
        shop.order()
    with pytest.raises(AssertionError, match=rf"The block marked {north}\."), assert_does_not_mark():
        shop.order()


def test_what_the_block_raises_is_raised(shop: Shop) -> None:
    with pytest.raises(LookupError), assert_marks(shop.north):
        raise LookupError
    with pytest.raises(LookupError), assert_does_not_mark():
        raise LookupError
    assert not connection.execute_wrappers


def test_a_chart_that_is_not_saved_cannot_be_marked() -> None:
    with pytest.raises(ValueError, match="not saved"), assert_marks(Portrait()):
        pass
    with pytest.raises(TypeError, match="needs a chart"), assert_marks():
        pass


# run_pending


@pytest.mark.parametrize("when", ["shop", "committed"])
def test_run_pending_renders_what_is_stale(when: str, request: pytest.FixtureRequest) -> None:
    shop = request.getfixturevalue(when)
    assert [result.status for result in run_pending()] == ["rendered", "rendered"]
    shop.order(7)
    assert [result.status for result in run_pending()] == ["rendered"]
    shop.north.refresh_from_db()
    assert "7" in shop.north.alt
    assert run_pending() == []


def test_run_pending_works_on_every_database(database: str, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    shop = Shop()
    with transaction.atomic(using=database):
        shop.order(7)
        assert len(run_pending()) == 2
        shop.order(8)
        assert len(run_pending(database)) == 1
    shop.north.refresh_from_db()
    assert "15" in shop.north.alt


def test_what_is_saved_after_it_in_the_same_transaction_is_pending_again(shop: Shop) -> None:
    run_pending()
    for total in (1, 2):
        shop.order(total)
        assert len(run_pending()) == 1
    shop.north.refresh_from_db()
    assert "3" in shop.north.alt


def test_run_pending_minds_no_debounce_no_limit_and_no_failure(shop: Shop, settings: Any, script: Script) -> None:
    settings.CHARTS = {"DISPATCHER": "inline", "DEBOUNCE": 3600, "INLINE_LIMIT": 0, "MAX_ATTEMPTS": 1}
    chart = Scripted.objects.create()
    script["get_data"] = lambda chart: 1 / 0
    for _ in range(3):
        with pytest.raises(RenderError, match="ZeroDivisionError"):
            run_pending()
    script.clear()
    assert len(run_pending()) == 1
    chart.refresh_from_db()
    assert chart.error == ""


def test_a_failure_does_not_keep_it_from_the_others(shop: Shop, script: Script) -> None:
    Scripted.objects.create()
    script["get_data"] = lambda chart: 1 / 0
    with pytest.raises(RenderError, match=r"shop\.Scripted"):
        run_pending()
    assert not MonthlyRevenue.objects.stale().exists()


def test_what_a_render_makes_stale_is_rendered_too(shop: Shop, script: Script) -> None:
    run_pending()
    script["get_data"] = lambda chart: shop.order(5).total
    Scripted.objects.create()
    assert len(run_pending()) == 2
    shop.north.refresh_from_db()
    assert "5" in shop.north.alt


class Engine:
    """A dispatcher that must not be told."""

    capacity = None

    def send(self, due: Any) -> None:
        raise AssertionError(f"{due.key} was sent.")


def test_no_engine_is_told_of_what_is_rendered_here(
    committed: Shop, settings: Any, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    Scripted.objects.create()
    script["get_data"] = lambda chart: committed.order(5).total
    settings.CHARTS = {"DISPATCHER": f"{__name__}.Engine", "DEBOUNCE": 0}
    assert len(run_pending()) == 4
    assert caplog.text == ""


def test_a_chart_that_makes_itself_stale_is_told(db: None, manual: None, script: Script) -> None:
    chart = Scripted.objects.create()
    script["get_data"] = lambda chart: chart.render_later()
    with pytest.raises(AssertionError, match=f"{ChartKey.of(chart)} became stale again with each of 10 renders"):
        run_pending()


# As Django's own test cases use it


@override_settings(CHARTS={"DISPATCHER": "inline"})
class InATestCase(TestCase):
    """One transaction around all of it, with the shop made before it."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.shop = Shop()

    def test_marks_are_seen(self) -> None:
        with assert_marks(self.shop.north), assert_does_not_mark(self.shop.south):
            self.shop.order()

    def test_marks_are_seen_with_callbacks_run(self) -> None:
        with assert_marks(self.shop.north), self.captureOnCommitCallbacks(execute=True):
            self.shop.order()
        assert not MonthlyRevenue.objects.get(pk=self.shop.north.pk).is_stale

    def test_what_is_pending_is_rendered(self) -> None:
        self.shop.order(7)
        assert len(run_pending()) == 2
        assert "7" in MonthlyRevenue.objects.get(pk=self.shop.north.pk).alt

    def test_figures_are_asserted(self) -> None:
        with drawn(self.shop.north) as figure:
            assert figure.axes[0].get_title(loc="left") == "Revenue, North"

    @no_watches()
    def test_watches_are_off_where_a_test_says_so(self) -> None:
        with assert_does_not_mark():
            self.shop.order()


@override_settings(CHARTS={"DISPATCHER": "inline"})
class InATransactionTestCase(TransactionTestCase):
    """Real commits: what is marked is rendered before a block ends."""

    def test_marks_are_seen_after_they_are_rendered(self) -> None:
        shop = Shop()
        with assert_marks(shop.north), assert_does_not_mark(shop.south):
            shop.order(7)
        assert "7" in MonthlyRevenue.objects.get(pk=shop.north.pk).alt
        assert run_pending() == []


@no_watches()
class WithoutWatches(TestCase):
    """A class of tests that have nothing to do with charts."""

    def test_nothing_is_marked(self) -> None:
        with assert_does_not_mark():
            Shop().order()
        assert not Mark.objects.exists()


class Failing(TestCase):
    """Fails, to see how; not collected."""

    __test__ = False

    def test_marks(self) -> None:
        shop = Shop()
        with assert_marks(shop.south):
            shop.order()


def test_a_suite_of_test_cases_counts_it_as_a_failure_not_an_error(db: None, manual: None) -> None:
    suite = unittest.TestSuite([Failing("test_marks")])
    result = unittest.TestResult()
    suite.run(result)
    assert (len(result.failures), result.errors) == (1, [])
    assert "The block did not mark shop.MonthlyRevenue" in result.failures[0][1]
