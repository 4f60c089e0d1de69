"""System checks: each is made to speak by making its fault, and keeps silent without it."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps.registry import Apps
from django.core import checks
from django.db import connections, models
from django.test.utils import isolate_apps
from django.urls import path

from charts import checks as chart_checks
from charts.checks import configuration, fonts, pictures
from charts.drawing import themes
from charts.fields import ChartImageField
from charts.models import ChartModel
from charts.watches import Watch
from tests.shop.models import Customer, Drawn, MonthlyRevenue, Order, Region

urlpatterns = [path("empty/", lambda request: None, name="empty")]  # type: ignore[arg-type, return-value]  # never called


def ids(*, deploy: bool = False) -> list[str]:
    """Return the ids of what all checks of the app find."""
    return [message.id or "" for message in found(deploy=deploy)]


def found(*, deploy: bool = False) -> list[checks.CheckMessage]:
    """Return what all checks of the app find, but that charts are drawn inline, as most tests draw them."""
    messages = checks.run_checks(tags=[chart_checks.TAG], include_deployment_checks=deploy)
    return [message for message in messages if message.id != "charts.I001"]


def only(*, deploy: bool = False) -> checks.CheckMessage:
    """Return the one message there is; it has a hint, and its sentence ends."""
    (message,) = found(deploy=deploy)
    assert message.hint
    assert message.msg.endswith(".")
    return message


def test_a_sound_project_hears_nothing() -> None:
    assert found() == []


def test_nor_does_a_project_without_charts_whatever_its_surroundings_are(
    declared: Apps, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = ""
    settings.ROOT_URLCONF = __name__
    monkeypatch.setenv("MPLCONFIGDIR", "/dev/null/matplotlib")
    assert found() == []


# CHARTS


def test_an_unknown_key_is_an_error(settings: Any) -> None:
    settings.CHARTS = {"DISPACHER": "inline"}
    assert only().id == "charts.E001"
    assert "Did you mean 'DISPATCHER'?" in str(only().hint)


def test_a_bad_value_is_an_error(settings: Any) -> None:
    settings.CHARTS = {"DEBOUNCE": "soon"}
    assert only().id == "charts.E002"


def test_no_dict_at_all_is_one_error(settings: Any) -> None:
    settings.CHARTS = "inline"
    assert ids() == ["charts.E001"]


@pytest.mark.parametrize("chosen", [{"LEASE": 30}, {"TIMEOUT": 60}, {"LEASE": 10, "TIMEOUT": 20}])
def test_a_lease_that_ends_before_the_timeout_is_an_error(settings: Any, chosen: dict[str, int]) -> None:
    settings.CHARTS = chosen
    assert only().id == "charts.E003"


def test_values_of_wrong_kinds_are_told_once_and_break_no_other_check(settings: Any) -> None:
    settings.CHARTS = {
        "DISPATCHER": 1,
        "LEASE": "long",
        "MAX_PIXELS": "many",
        "CAN_VIEW": 3,
        "THEMES": [],
        "MAX_ATTEMPTS": "three",
    }
    assert set(ids()) == {"charts.E002"}
    assert len(ids()) == 6


class NoDispatcher:
    """A class that is none: it has no `send`."""

    capacity = None


class BrokenDispatcher:
    """A dispatcher that cannot be made."""

    def __init__(self) -> None:
        raise RuntimeError("No broker.")


class OwnDispatcher(NoDispatcher):
    """A dispatcher as a project writes one."""

    def send(self, due: Any) -> None:
        """Never called here."""


@pytest.mark.parametrize("name", ["nowhere.Dispatcher", "charts.dispatch.Nothing", f"{__name__}.BrokenDispatcher"])
def test_a_dispatcher_that_cannot_be_made_is_an_error(settings: Any, name: str) -> None:
    settings.CHARTS = {"DISPATCHER": name}
    assert only().id == "charts.E004"
    assert "inline" in str(only().hint)


def test_a_dispatcher_that_is_none_is_an_error(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": f"{__name__}.NoDispatcher"}
    assert only().id == "charts.E004"
    assert "has no `send`." in only().msg


def test_an_own_dispatcher_is_fine(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": f"{__name__}.OwnDispatcher"}
    assert found() == []


@pytest.mark.parametrize("name", ["nowhere.can_view", "charts.views.nothing", "charts.views"])
def test_a_permission_that_cannot_be_asked_is_an_error(settings: Any, name: str) -> None:
    settings.CHARTS = {"CAN_VIEW": name, "SENDFILE": "/protected/"}  # else its public files are told of too
    assert only().id == "charts.E005"


def test_a_permission_that_can_be_asked_is_fine(settings: Any) -> None:
    settings.CHARTS = {"CAN_VIEW": "operator.contains", "SENDFILE": "/protected/"}
    assert found() == []


@pytest.mark.parametrize(
    "theme", [{"extends": "nowhere"}, {"extends": "corporate"}, {"figure.dpi": 300}], ids=["unknown", "itself", "size"]
)
def test_a_theme_that_builds_on_nothing_is_an_error(settings: Any, theme: dict[str, Any]) -> None:
    settings.CHARTS = {"THEMES": {"corporate": theme}}
    for deploy in (False, True):
        assert only(deploy=deploy).id == "charts.E006"
        assert "'corporate'" in only(deploy=deploy).msg


@pytest.mark.parametrize(
    "theme",
    [{"no.such.rc": 1}, {"lines.linewidth": "abc"}, {"extends": "dark", "axes.facecolor": object()}],
    ids=["name", "value", "object"],
)
def test_wrong_rcparams_of_a_theme_are_an_error(settings: Any, theme: dict[str, Any]) -> None:
    settings.CHARTS = {"THEMES": {"corporate": theme, "sound": {"lines.linewidth": 2}}}
    for deploy in (False, True):
        assert only(deploy=deploy).id == "charts.E006"
        assert "'corporate'" in only(deploy=deploy).msg


def test_whatever_a_theme_gives_an_rcparam_is_taken_or_an_error(settings: Any) -> None:
    import matplotlib as mpl

    names = sorted(set(mpl.RcParams.validate) - themes.NOT_A_THEMES)
    for value in (None, object(), -1, "?", [], {"a": 1}, [object(), 1], float("nan"), "cycler(1)"):
        settings.CHARTS = {"THEMES": {f"theme{place}": {name: value} for place, name in enumerate(names)}}
        assert set(ids()) <= {"charts.E006"}


@pytest.mark.parametrize("themes", [{}, {"own": {"font.size": 11}}], ids=["none", "own"])
def test_matplotlib_is_imported_by_the_checks_only_where_a_project_has_themes(themes: dict[str, Any]) -> None:
    code = (
        "import sys, django; from django.conf import settings; from django.core import checks; "
        f"settings.configure(INSTALLED_APPS=['charts'], CHARTS={{'THEMES': {themes}}}); django.setup(); "
        "checks.run_checks(); print('matplotlib' in sys.modules)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == str(bool(themes))


# Classes


def test_a_child_of_a_concrete_chart_is_an_error(declared: Apps) -> None:
    class Child(MonthlyRevenue):
        class Meta:
            app_label = "shop"

    assert only().id == "charts.E010"
    assert "shop.Child inherits from the chart shop.MonthlyRevenue" in only().msg


def of_children(messages: list[checks.CheckMessage]) -> list[str]:
    """Return whose errors of the kind there are, with repetitions."""
    return [message.obj._meta.label for message in messages if message.id == "charts.E010"]


def test_a_child_is_an_error_where_a_test_isolates_its_classes() -> None:
    with isolate_apps("tests.shop") as registry:

        class Parent(Drawn):
            class Meta:
                app_label = "shop"

        class Child(Parent):
            class Meta:
                app_label = "shop"

        assert of_children(Child.check()) == ["shop.Child"]
        assert of_children(Parent.check()) == []
        tags, configs = [checks.Tags.models, chart_checks.TAG], registry.get_app_configs()
        # Of one database, for MariaDB's own checks of fields ask it.
        messages = checks.run_checks(app_configs=configs, tags=tags, databases=["default"])
        assert of_children(messages) == ["shop.Child"]


@isolate_apps("tests.shop")
def test_a_proxy_that_draws_is_an_error_where_a_test_isolates_its_classes() -> None:
    class Proxy(MonthlyRevenue):
        class Meta:
            app_label = "shop"
            proxy = True

        def draw(self, figure: Any, data: Any) -> None: ...

    assert [message.id for message in Proxy.check()] == ["charts.E017"]


def test_a_projects_own_child_is_told_of_once(declared: Apps) -> None:
    class Child(MonthlyRevenue):
        class Meta:
            app_label = "shop"

    assert of_children([*Child.check(), *checks.run_checks(tags=[chart_checks.TAG])]) == ["shop.Child"]


def test_a_child_of_a_model_that_is_no_chart_is_fine(declared: Apps) -> None:
    class Charted(Region, Drawn):
        class Meta:
            app_label = "shop"

    assert found() == []


def test_a_proxy_of_a_chart_is_fine(declared: Apps) -> None:
    class Proxy(MonthlyRevenue):
        class Meta:
            app_label = "shop"
            proxy = True

    assert found() == []


def test_a_composite_primary_key_is_an_error(declared: Apps) -> None:
    class Composite(Drawn):
        pk = models.CompositePrimaryKey("year", "month")
        year = models.IntegerField()
        month = models.IntegerField()

    assert only().id == "charts.E011"


def test_a_chart_that_nothing_draws_is_an_error(declared: Apps) -> None:
    class Blank(ChartModel):
        class Meta:
            app_label = "shop"

    assert only().id == "charts.E012"
    assert only().hint == "Define draw(self, figure, data)."


def test_with_more_pictures_the_hint_names_the_hook_of_the_one(declared: Apps) -> None:
    class Blank(ChartModel):
        narrow = ChartImageField(size=(320, 320))

        class Meta:
            app_label = "shop"

    assert only().hint == "Define draw(self, figure, data), or draw_image(self, figure, data)."


def test_so_is_one_of_whose_pictures_one_is_drawn_by_nothing(declared: Apps) -> None:
    class Half(ChartModel):
        narrow = ChartImageField(size=(320, 320))

        class Meta:
            app_label = "shop"

        def draw_image(self, figure: Any, data: Any) -> None:
            figure.subplots()

    assert only().id == "charts.E012"
    assert "nothing that draws narrow" in only().msg


def test_a_chart_with_a_hook_for_each_picture_needs_no_draw(declared: Apps) -> None:
    class Whole(ChartModel):
        class Meta:
            app_label = "shop"

        def draw_image(self, figure: Any, data: Any) -> None:
            figure.subplots()

    assert found() == []


def test_a_hook_that_cannot_be_called_is_an_error(declared: Apps) -> None:
    class Old(Drawn):
        def draw(self, figure: Any) -> None:  # type: ignore[override]  # the fault
            figure.subplots()

    assert only().id == "charts.E013"
    assert only().msg == "shop.Old.draw cannot be called as draw(figure, data)."
    assert only().hint == "Define draw(self, figure, data)."


def test_so_is_a_hook_for_one_picture(declared: Apps) -> None:
    class Old(Drawn):
        def draw_image(self, data: Any) -> None: ...

    assert only().id == "charts.E013"
    assert only().msg == "shop.Old.draw_image cannot be called as draw_image(figure, data)."


def test_so_is_an_async_hook_and_one_that_is_no_method(declared: Apps) -> None:
    class Modern(Drawn):
        get_language = "de"

        async def get_data(self) -> int:
            return 1

    assert [(message.id, message.msg) for message in found()] == [
        (
            "charts.E013",
            "shop.Modern.get_data is async, but charts are drawn in threads and processes without an event loop.",
        ),
        ("charts.E013", "shop.Modern.get_language is 'de', but must be a method."),
    ]


def test_static_and_class_methods_can_be_hooks(declared: Apps) -> None:
    class Static(ChartModel):
        class Meta:
            app_label = "shop"

        @staticmethod
        def draw(figure: Any, data: Any) -> None:
            figure.subplots()

        @classmethod
        def get_table(cls, data: Any) -> None:
            return None

    assert found() == []


@pytest.mark.parametrize("every", [3600, timedelta(0), timedelta(hours=-1)])
def test_refreshing_by_anything_but_a_timedelta_over_0_is_an_error(declared: Apps, every: Any) -> None:
    class Timed(Drawn):
        refresh_every = every

    assert only().id == "charts.E014"


def test_refreshing_hourly_is_fine(declared: Apps) -> None:
    class Timed(Drawn):
        refresh_every = timedelta(hours=1)

    assert found() == []


@pytest.mark.parametrize(("name", "what"), [("regoin", "no field of it"), ("title", "no foreign key")])
def test_for_each_of_anything_but_a_foreign_key_is_an_error(declared: Apps, name: str, what: str) -> None:
    class Each(Drawn):
        region = models.ForeignKey(Region, models.CASCADE, related_name="+")
        title = models.CharField(max_length=10)
        for_each = name

    assert only().id == "charts.E015"
    assert what in only().msg
    assert "Choices are: region." in str(only().hint)


def test_for_each_of_a_chart_that_needs_more_is_an_error(declared: Apps) -> None:
    class Yearly(Drawn):
        region = models.ForeignKey(Region, models.CASCADE, related_name="+")
        year = models.IntegerField()
        for_each = "region"

    assert only().id == "charts.E015"
    assert "year must be given too" in only().msg


def test_for_each_with_defaults_for_the_rest_is_fine(declared: Apps) -> None:
    class Each(Drawn):
        region = models.OneToOneField(Region, models.CASCADE, related_name="+")
        title = models.CharField(max_length=10)
        year = models.IntegerField(default=2024)
        made_at = models.DateTimeField(auto_now_add=True)
        for_each = "region"

    assert found() == []


def test_a_recipe_version_that_is_no_string_is_an_error(declared: Apps) -> None:
    class Versioned(Drawn):
        recipe_version = 2

    assert only().id == "charts.E016"


# Watches


def watched(*watches: Any) -> None:
    """Declare a chart of a region with these watches."""

    class Watched(Drawn):
        region = models.ForeignKey(Region, models.CASCADE, related_name="+")

    Watched.watches = list(watches)


def test_watches_that_are_no_list_are_an_error(declared: Apps) -> None:
    class Watched(Drawn):
        watches = Watch("shop.Order")

    assert only().id == "charts.E020"


def test_so_is_a_list_with_something_else_in_it(declared: Apps) -> None:
    watched("shop.Order")
    assert only().id == "charts.E020"


@pytest.mark.parametrize("label", ["shop.Ordre", "shpo.Order", "Order", 3])
def test_a_watch_that_names_no_model_is_an_error(declared: Apps, label: Any) -> None:
    watched(Watch(label))
    assert only().id == "charts.E021"


def test_a_mistyped_source_is_told_with_the_one_that_was_meant(declared: Apps) -> None:
    watched(Watch("shop.Ordre"))
    assert "Did you mean 'shop.Order'?" in str(only().hint)


@pytest.mark.parametrize(
    ("match", "side"),
    [({"regoin": "customer__region"}, "chart"), ({"region": "customer__regoin"}, "source")],
)
def test_a_watch_that_names_no_field_is_an_error(declared: Apps, match: dict[str, str], side: str) -> None:
    watched(Watch("shop.Order", match=match))
    assert only().id == "charts.E022"
    assert f"on the side of the {side}" in only().msg
    assert "Choices are" in only().msg


@pytest.mark.parametrize("path", ["customer", "customer_id", "pk", "customer__id"])
def test_a_watch_that_compares_keys_of_different_models_is_an_error(declared: Apps, path: str) -> None:
    watched(Watch("shop.Order", match={"region": path}))
    assert only().id == "charts.E022"
    assert "a shop.Region, with" in only().msg


def test_watches_that_match_are_fine(declared: Apps) -> None:
    watched(
        Watch(Order, match={"region": "customer__region"}),
        Watch("shop.Order", match={"region__name": "customer__region__name", "region_id": "customer__region_id"}),
        Watch("shop.Region", match={"region": "pk"}),
        Watch("shop.Region", match={"region__pk": "id"}),
        Watch("shop.Customer", charts=lambda row: MonthlyRevenue.objects.all(), fields=["region"]),
        Watch(Customer),
    )
    assert found() == []


def test_the_key_of_a_child_is_its_parents(declared: Apps) -> None:
    class Province(Region):
        class Meta:
            app_label = "shop"

    watched(Watch(Province, match={"region": "pk"}), Watch(Province, match={"region": "region_ptr"}))
    assert found() == []


def test_a_watch_of_a_field_that_is_not_there_is_an_error(declared: Apps) -> None:
    watched(Watch("shop.Order", fields=["totl"]))
    assert only().id == "charts.E023"
    assert "Did you mean 'total'?" in str(only().hint)


def test_a_watch_with_charts_that_cannot_be_asked_is_an_error(declared: Apps) -> None:
    watched(Watch("shop.Order", charts=MonthlyRevenue.objects.all()))  # type: ignore[arg-type]  # the fault
    assert only().id == "charts.E024"


# Pictures


def pictured(**options: Any) -> ChartImageField:
    """Declare a chart whose picture has these options; return its field."""

    class Pictured(Drawn):
        image = ChartImageField(**options)

    field = Pictured._meta.get_field("image")
    assert isinstance(field, ChartImageField)
    return field


@pytest.mark.parametrize(
    "options",
    [
        {"size": (0, 100)},
        {"size": (800.5, 450)},
        {"themes": ("sepia",)},
        {"themes": ()},
        {"themes": ("light", "light")},
        {"densities": (0,)},
        {"densities": ("2",)},
        {"formats": ("gif",)},
        {"formats": ("svg",)},
    ],
    ids=str,
)
def test_an_option_that_cannot_be_is_the_fields_error_alone(declared: Apps, options: dict[str, Any]) -> None:
    field = pictured(**options)
    assert {message.id for message in field.check()} == {"charts.E101"}
    assert found() == []


def test_a_format_that_is_misspelt_is_told_once_with_the_one_that_was_meant(declared: Apps) -> None:
    (message,) = pictured(formats=("jpg",)).check()
    assert message.msg.startswith("Invalid name in formats: 'jpg'. Did you mean 'jpeg'? Choices are: png, ")


def test_a_misspelt_layout_is_told_beside_another_wrong_option(declared: Apps) -> None:
    pictured(layout="constraint", formats=("jpg",))
    assert only().id == "charts.E102"


def test_an_unknown_layout_is_an_error(declared: Apps) -> None:
    pictured(layout="constraint")
    assert only().id == "charts.E102"
    assert "Did you mean 'constrained'?" in str(only().hint)


@pytest.mark.parametrize("layout", ["constrained", "compressed", "tight", "none", None])
def test_matplotlibs_layouts_are_fine(declared: Apps, layout: str | None) -> None:
    pictured(layout=layout)
    assert found() == []


def test_a_picture_over_the_limit_at_its_highest_density_is_an_error(declared: Apps, settings: Any) -> None:
    settings.CHARTS = {"MAX_PIXELS": 800 * 450 * 4 - 1}
    pictured(size=(800, 450), densities=(1, 2))
    assert only().id == "charts.E103"
    assert "1600 × 900 pixels" in only().msg


def test_a_picture_at_the_limit_is_fine(declared: Apps, settings: Any) -> None:
    settings.CHARTS = {"MAX_PIXELS": 800 * 450 * 4}
    pictured(size=(800, 450), densities=(1, 2))
    assert found() == []


def test_a_chart_that_says_its_size_itself_is_not_judged_by_its_option(declared: Apps, settings: Any) -> None:
    settings.CHARTS = {"MAX_PIXELS": 1000}

    class Sized(Drawn):
        def get_size(self, field: ChartImageField) -> tuple[int, int]:
            return (10, 10)

    assert found() == []


@pytest.mark.parametrize("format", ["avif", "webp"])
def test_a_format_that_this_pillow_cannot_write_is_an_error(
    declared: Apps, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr(pictures.features, "check", lambda name: name != format)
    pictured(formats=("png", format))
    assert only().id == "charts.E104"


def test_a_column_that_no_name_fits_is_an_error(declared: Apps) -> None:
    pictured(max_length=40)
    assert only().id == "charts.E105"
    assert "The folder 'charts/shop/pictured' is too long" in only().msg


def test_so_is_a_folder_that_leaves_no_room_in_the_ledger(declared: Apps) -> None:
    pictured(upload_to="x" * 220, max_length=300, themes=("light", "dark"))
    assert only().id == "charts.E105"


def test_names_that_fit_once_they_are_cut_are_fine(declared: Apps) -> None:
    pictured(max_length=60)
    assert found() == []


def test_names_that_a_callable_makes_are_not_judged(declared: Apps) -> None:
    pictured(upload_to=lambda instance, name: f"{'x' * 300}/{name}")
    assert found() == []


# Storages


@pytest.mark.parametrize("alias", ["charts", "default"])
@pytest.mark.parametrize("backend", ["nowhere.Storage", "django.core.files.storage.Nothing"])
def test_a_storage_that_cannot_be_imported_is_an_error(settings: Any, alias: str, backend: str) -> None:
    settings.STORAGES = {**settings.STORAGES, alias: {"BACKEND": backend}}
    assert only().id == "charts.E201"
    assert f"STORAGES['{alias}']" in only().msg


def test_so_is_one_that_its_options_do_not_suit(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "charts": {"BACKEND": "django.core.files.storage.InMemoryStorage", "OPTIONS": {"bucket": "charts"}},
    }
    assert only().id == "charts.E201"


def test_the_default_storage_is_not_judged_where_charts_have_their_own(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "nowhere.Storage"},
        "charts": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    assert found() == []


def test_a_storage_that_overwrites_is_fine_for_no_name_is_used_twice(settings: Any) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "charts": {"BACKEND": backend, "OPTIONS": {"allow_overwrite": True}}}
    assert found() == []


def test_pictures_in_the_working_directory_are_warned_of(settings: Any) -> None:
    settings.MEDIA_ROOT = ""
    assert only().id == "charts.W201"


def test_a_storage_without_folders_needs_no_media_root(settings: Any) -> None:
    settings.MEDIA_ROOT = ""
    settings.STORAGES = {
        **settings.STORAGES,
        "charts": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    assert found() == []


# Databases


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The default connection, whose settings a test may change; no query is made."""
    connection = connections["default"]
    monkeypatch.setattr(connection, "settings_dict", {**connection.settings_dict, "OPTIONS": {}})
    return connection


def test_a_database_that_is_not_supported_is_an_error(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "oracle")
    assert only().id == "charts.E301"
    assert "PostgreSQL" in str(only().hint)


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql", "mysql", "unknown"])
def test_those_that_are_supported_and_none_at_all_are_fine(
    connection: Any, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    monkeypatch.setattr(connection, "vendor", vendor)
    assert found() == []


@pytest.mark.parametrize(
    "options",
    [
        {"isolation_level": "repeatable read"},
        {"isolation_level": "SERIALIZABLE"},
        {"isolation_level": None},
        {"init_command": "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"},
    ],
    ids=str,
)
def test_another_isolation_level_on_mysql_is_an_error(
    connection: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(connection, "vendor", "mysql")
    connection.settings_dict["OPTIONS"] = options
    assert only().id == "charts.E302"


@pytest.mark.parametrize(
    "options", [{}, {"isolation_level": "READ COMMITTED"}, {"init_command": "SET NAMES utf8mb4"}], ids=str
)
def test_read_committed_is_fine(connection: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    monkeypatch.setattr(connection, "vendor", "mysql")
    connection.settings_dict["OPTIONS"] = options
    assert found() == []


def test_other_vendors_isolation_levels_are_theirs(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    connection.settings_dict["OPTIONS"] = {"isolation_level": 3}
    assert found() == []


def test_only_databases_that_hold_charts_are_looked_at(declared: Apps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "vendor", "oracle")
    assert found() == []


@pytest.fixture
def sqlite_file(connection: Any) -> Any:
    connection.settings_dict["NAME"] = "/srv/db.sqlite3"
    return connection


def test_sqlites_defaults_are_warned_of_before_deployment_only(sqlite_file: Any) -> None:
    assert found() == []
    assert only(deploy=True).id == "charts.W301"
    assert '"transaction_mode": "IMMEDIATE"' in str(only(deploy=True).hint)


def test_the_options_it_recommends_are_fine(sqlite_file: Any) -> None:
    _, options = str(only(deploy=True).hint).split(": ", 1)
    sqlite_file.settings_dict["OPTIONS"] = eval(options.rstrip("."))  # noqa: S307  (our own hint)
    assert found(deploy=True) == []


def test_waiting_writers_without_a_write_ahead_log_are_warned_of(sqlite_file: Any) -> None:
    sqlite_file.settings_dict["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}
    assert "readers wait for writers" in only(deploy=True).msg
    assert "database is locked" not in only(deploy=True).msg


def test_a_write_ahead_log_without_waiting_writers_is_warned_of(sqlite_file: Any) -> None:
    sqlite_file.settings_dict["OPTIONS"] = {"init_command": "PRAGMA journal_mode=WAL;"}
    assert "database is locked" in only(deploy=True).msg
    assert "readers wait for writers" not in only(deploy=True).msg


# URLs


def test_inline_without_the_urls_is_warned_of_with_the_line_to_add(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    assert only().id == "charts.W401"
    assert 'path("charts/", include("charts.urls"))' in str(only().hint)


def test_a_site_without_urls_or_with_another_dispatcher_needs_none(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.CHARTS = {"DISPATCHER": "manual"}
    assert found() == []
    settings.CHARTS = {}
    settings.ROOT_URLCONF = None
    assert found() == []


# Fonts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with no variables that lead elsewhere."""
    for variable in ("MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("MPLCONFIGDIR", ""), ("XDG_CACHE_HOME", "matplotlib"), ("XDG_CONFIG_HOME", "matplotlib")],
)
def test_a_folder_that_matplotlib_cannot_write_is_warned_of(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: str
) -> None:
    # A file where a folder should be: root may write to any folder, so permissions would prove nothing.
    (home / "file").touch()
    monkeypatch.setenv(variable, str(home / "file"))
    assert only().id == "charts.W501"
    assert str(home / "file" / folder) in only().msg
    assert "MPLCONFIGDIR" in str(only().hint)


def test_so_is_one_without_permission(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", str(home))
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != home)
    assert only().id == "charts.W501"


def test_a_folder_that_is_not_there_yet_is_fine_and_not_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", str(home / "a" / "b"))
    assert found() == []
    assert not (home / "a").exists()


def test_a_user_without_a_home_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(fonts.Path, "home", homeless)
    assert found() == []


@pytest.mark.parametrize("variable", ["MPLCONFIGDIR", "XDG_CACHE_HOME", None])
def test_a_lock_that_a_killed_process_left_is_warned_of(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    folder = {"MPLCONFIGDIR": home, "XDG_CACHE_HOME": home / "matplotlib", None: home / ".cache" / "matplotlib"}[
        variable
    ]
    if variable:
        monkeypatch.setenv(variable, str(home))
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "fontlist-v390.json.matplotlib-lock"
    lock.touch()
    os.utime(lock, (time.time() - 3600,) * 2)
    assert only().id == "charts.W502"
    assert str(lock) in only().msg


def test_a_lock_of_a_process_at_work_is_fine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLCONFIGDIR", str(home))
    (home / "fontlist-v390.json.matplotlib-lock").touch()
    assert found() == []


@pytest.mark.parametrize(
    ("platform", "folder"), [("linux", ".cache/matplotlib"), ("darwin", ".matplotlib"), ("win32", "local/matplotlib")]
)
def test_each_platform_has_its_folder(home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, folder: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("LOCALAPPDATA", str(home / "local"))
    assert fonts._folder("XDG_CACHE_HOME", ".cache") == home / folder


def test_the_folders_are_those_that_matplotlib_uses(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    for chosen in ({}, {"XDG_CACHE_HOME": str(home / "c"), "XDG_CONFIG_HOME": str(home / "d")}, {"MPLCONFIGDIR": "m"}):
        monkeypatch.chdir(home)
        for variable, value in chosen.items():
            monkeypatch.setenv(variable, value)
        for variable, otherwise, theirs in (
            ("XDG_CACHE_HOME", ".cache", mpl.get_cachedir),
            ("XDG_CONFIG_HOME", ".config", mpl.get_configdir),
        ):
            folder = fonts._folder(variable, otherwise)
            assert folder is not None
            assert folder.resolve() == Path(theirs.__wrapped__())


# Where nothing stops a chart that hangs.


def test_inline_is_told_that_nothing_stops_a_chart(settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "inline", "ISOLATE": True}
    (message,) = configuration.check_timeout(None)
    assert (message.id, message.level) == ("charts.I001", checks.INFO)
    assert "TIMEOUT" in message.msg
    assert "--watch" in str(message.hint)


@pytest.mark.parametrize("dispatcher", ["tasks", "tests.tools.Recorder"])
def test_workers_without_a_time_limit_are_told_of_isolate(settings: Any, dispatcher: str) -> None:
    settings.CHARTS = {"DISPATCHER": dispatcher}
    assert only(deploy=True).id == "charts.W001"
    assert "ISOLATE" in str(only(deploy=True).hint)
    assert ids() == []
    settings.CHARTS = {"DISPATCHER": dispatcher, "ISOLATE": True}
    assert ids(deploy=True) == []


@pytest.mark.parametrize("dispatcher", ["celery", "manual"])
def test_workers_with_a_time_limit_hear_nothing(settings: Any, dispatcher: str) -> None:
    settings.CHARTS = {"DISPATCHER": dispatcher}
    assert configuration.check_timeout(None) == []


# Proxies.


@pytest.mark.parametrize("name", ["draw", "draw_image", "get_data", "get_alt_text", "watches", "recipe_version"])
def test_a_proxy_that_says_how_its_charts_are_drawn(declared: Apps, name: str) -> None:
    class Shown(Drawn):
        class Meta:
            app_label = "shop"

    value = [] if name == "watches" else "2" if name == "recipe_version" else lambda self, *data: None
    options = type("Meta", (), {"proxy": True, "app_label": "shop"})
    type("Other", (Shown,), {"__module__": __name__, "Meta": options, name: value})
    assert only().id == "charts.E017"
    assert f"a proxy with {name} of its own, but its charts are drawn by shop.Shown" in only().msg


def test_a_proxy_for_the_admin_alone_is_right(declared: Apps) -> None:
    class Shown(Drawn):
        class Meta:
            app_label = "shop"

    class Listed(Shown):
        class Meta:
            app_label = "shop"
            proxy = True

        def can_view(self, request: Any) -> bool:
            return True

        @property
        def short(self) -> str:
            return "short"

    assert ids() == []
