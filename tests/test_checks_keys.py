"""System checks of what a database would refuse or lose: keys, columns that watches compare, isolation, autocommit."""

from typing import Any

import pytest
from django.core import checks
from django.db import connections, models

from charts import checks as chart_checks
from charts.models import ChartModel
from charts.watches import Watch
from tests.shop.models import Drawn

pytestmark = pytest.mark.usefixtures("declared")


def found() -> list[checks.CheckMessage]:
    """Return what the app's checks find, each a sentence with a way out."""
    messages = checks.run_checks(tags=[chart_checks.TAG])
    assert all(message.hint and message.msg.endswith(".") for message in messages)
    return messages


def only(number: str) -> checks.CheckMessage:
    """Return the one message there is, which has this id."""
    (message,) = found()
    assert message.id == f"charts.{number}"
    return message


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The default connection, whose settings a test may change; no query is made."""
    connection = connections["default"]
    monkeypatch.setattr(connection, "settings_dict", {**connection.settings_dict, "OPTIONS": {}})
    return connection


def declare(label: str, /, *bases: Any, **attributes: Any) -> Any:
    """Declare a model of the shop."""
    meta = type("Meta", (), {"app_label": "shop"})
    return type(label, bases or (models.Model,), {"__module__": __name__, "Meta": meta, **attributes})


def keyed(key: Any) -> None:
    """Declare a chart with this primary key."""
    declare("Keyed", Drawn, key=key)


# Keys


@pytest.mark.parametrize(
    "field",
    [
        models.DateTimeField(primary_key=True),
        models.TimeField(primary_key=True),
        models.DurationField(primary_key=True),
        models.BooleanField(primary_key=True),
        models.GenericIPAddressField(primary_key=True),
        models.DecimalField(primary_key=True, max_digits=8, decimal_places=2),
        models.FloatField(primary_key=True),
        models.BinaryField(primary_key=True),
        models.JSONField(primary_key=True),
    ],
    ids=lambda field: type(field).__name__,
)
def test_a_key_whose_text_differs_between_databases_is_an_error(field: Any) -> None:
    keyed(field.clone())
    assert f"shop.Keyed has the primary key 'key' ({type(field).__name__})" in only("E018").msg


@pytest.mark.parametrize(
    ("field", "length"),
    [
        (models.CharField(primary_key=True, max_length=192), "up to 192 characters"),
        (models.URLField(primary_key=True), "up to 200 characters"),
        (models.TextField(primary_key=True), "any length"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_so_is_a_text_that_is_longer_than_the_ledgers(field: Any, length: str) -> None:
    keyed(field.clone())
    assert length in only("E018").msg
    assert only("E018").hint == "Give shop.Keyed.key a max_length of 191 or less."


class Prefixed(models.BigAutoField):
    """A project's own field, which shows a whole number as something else."""


class Own(models.TextField):
    """A project's own field, whose column is of a type of its own."""

    def db_type(self, connection: Any) -> str:
        return "ltree"


@pytest.mark.parametrize(
    "field",
    [
        models.AutoField(primary_key=True),
        models.PositiveSmallIntegerField(primary_key=True),
        models.UUIDField(primary_key=True),
        models.DateField(primary_key=True),
        models.CharField(primary_key=True, max_length=191),
        models.SlugField(primary_key=True),
        Prefixed(primary_key=True),
        Own(primary_key=True),
    ],
    ids=lambda field: type(field).__name__,
)
def test_keys_by_which_charts_are_found_and_those_of_unknown_types_are_fine(field: Any) -> None:
    keyed(field.clone())
    assert found() == []


def test_a_key_that_is_another_rows_is_what_that_is() -> None:
    named = declare("Named", name=models.CharField(primary_key=True, max_length=255))
    owner = declare("Owner", named=models.OneToOneField(named, models.CASCADE, primary_key=True))
    keyed(models.OneToOneField(owner, models.CASCADE, primary_key=True))
    assert only("E018").hint == "Give shop.Named.name a max_length of 191 or less."


def test_a_key_that_points_to_a_column_is_what_that_is() -> None:
    moment = declare("Moment", number=models.IntegerField(unique=True), at=models.DateTimeField(primary_key=True))
    keyed(models.OneToOneField(moment, models.CASCADE, primary_key=True, to_field="number"))
    assert found() == []


@pytest.mark.parametrize(("length", "told"), [(191, []), (192, ["charts.E018"])])
def test_a_key_that_is_generated_is_what_is_generated(length: int, told: list[str]) -> None:
    text = models.CharField(max_length=length)
    keyed(models.GeneratedField(expression=models.Value("a"), output_field=text, db_persist=True, primary_key=True))
    assert [message.id for message in found()] == told


@pytest.mark.parametrize("to", [{"to": "shop.Nowhere"}, {"to": "self", "to_field": "nothing"}], ids=["model", "field"])
def test_a_key_that_leads_nowhere_is_djangos_to_tell(to: dict[str, str]) -> None:
    keyed(models.OneToOneField(on_delete=models.CASCADE, primary_key=True, **to))
    assert found() == []


@pytest.mark.parametrize("collation", ["utf8mb4_bin", "utf8mb4_0900_as_cs", "utf8mb4_ja_0900_as_cs_ks"])
def test_a_key_whose_case_counts_is_warned_of_on_mysql(
    connection: Any, monkeypatch: pytest.MonkeyPatch, collation: str
) -> None:
    keyed(models.CharField(primary_key=True, max_length=20, db_collation=collation))
    assert found() == []
    monkeypatch.setattr(connection, "vendor", "mysql")
    assert collation in only("W010").msg


@pytest.mark.parametrize("collation", [None, "utf8mb4_unicode_ci", "utf8mb4_0900_as_ci"])
def test_one_whose_case_does_not_count_is_fine(
    connection: Any, monkeypatch: pytest.MonkeyPatch, collation: str | None
) -> None:
    monkeypatch.setattr(connection, "vendor", "mysql")
    keyed(models.CharField(primary_key=True, max_length=20, db_collation=collation))
    assert found() == []


# What watches compare


def compared(chart: Any, source: Any, path: str = "value") -> None:
    """Declare a chart that watches rows by these two fields."""
    rows = declare("Row", value=source)
    declare("Watched", Drawn, value=chart, watches=[Watch(rows, match={"value": path})])


TEXT = models.CharField(max_length=20)
KINDS = [
    models.IntegerField(),
    TEXT,
    models.DateField(),
    models.DateTimeField(),
    models.TimeField(),
    models.DurationField(),
    models.UUIDField(),
    models.BooleanField(),
    models.BinaryField(),
    models.GenericIPAddressField(),
    models.JSONField(),
]


@pytest.mark.parametrize("chart", KINDS, ids=lambda field: type(field).__name__)
def test_columns_of_different_kinds_are_an_error(chart: Any) -> None:
    rows = [declare(f"{type(field).__name__}Row", value=field.clone()) for field in KINDS]
    watches = [Watch(source, match={"value": "value"}) for source in rows]
    declare("Watched", Drawn, value=chart.clone(), watches=watches)
    messages = found()
    assert {message.id for message in messages} == {"charts.E025"}
    others = [type(field).__name__ for field in KINDS if field is not chart]
    begin = f"of shop.Watched compares 'value' ({type(chart).__name__}) with 'value'"
    assert [f"{begin} ({other})" in message.msg for message, other in zip(messages, others, strict=True)] == [True] * 10


@pytest.mark.parametrize(
    ("chart", "source"),
    [
        (models.BigIntegerField(), models.PositiveSmallIntegerField()),
        (models.IntegerField(), models.FloatField()),
        (models.DecimalField(max_digits=9, decimal_places=2), models.IntegerField()),
        (models.FloatField(), models.DecimalField(max_digits=9, decimal_places=2)),
        (models.CharField(max_length=9), models.TextField()),
        (models.SlugField(), models.EmailField()),
        (models.URLField(), models.FilePathField()),
        (models.TextField(), models.ImageField()),
        (models.IntegerField(), Prefixed(primary_key=True)),
        (models.IntegerField(), Own()),
        (Own(), models.JSONField()),
        (models.IntegerField(), models.ForeignKey("shop.Watched", models.CASCADE, related_name="+")),
    ],
    ids=lambda field: type(field).__name__,
)
def test_columns_that_every_database_compares_are_fine(chart: Any, source: Any) -> None:
    compared(chart.clone(), source.clone())
    assert found() == []


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        (models.DateField(), "at__date"),
        (models.IntegerField(), "at__year"),
        (models.TimeField(), "at__time"),
        (models.JSONField(), "body__key"),
        (models.JSONField(), "body__key__0"),
        (models.UUIDField(), "owner"),
        (models.UUIDField(), "owner_id"),
        (models.UUIDField(), "owner__pk"),
        (models.UUIDField(), "owners"),
        (models.CharField(max_length=9), "owner__name"),
        (models.IntegerField(), "pk"),
        (models.IntegerField(), "later"),
        (models.IntegerField(), "many"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_path_is_judged_by_what_it_leads_to(chart: Any, path: str) -> None:
    class Counted(models.Manager):
        def get_queryset(self) -> Any:
            return super().get_queryset().annotate(many=models.Count("owners"))

    owner = declare("Owner", id=models.UUIDField(primary_key=True), name=models.TextField())
    meta = type("Meta", (), {"app_label": "shop", "base_manager_name": "objects"})
    later = models.GeneratedField(expression=models.F("id") + 1, output_field=models.IntegerField(), db_persist=True)
    rows = declare(
        "Row",
        Meta=meta,
        objects=Counted(),
        at=models.DateTimeField(),
        body=models.JSONField(),
        owner=models.ForeignKey(owner, models.CASCADE, related_name="+"),
        owners=models.ManyToManyField(owner, related_name="+"),
        later=later,
    )
    chart = chart.clone()
    other = models.BooleanField()
    watches = [Watch(rows, match={"value": path}), Watch(rows, match={"other": path})]
    declare("Watched", Drawn, value=chart, other=other, watches=watches)
    assert f"compares 'other' (BooleanField) with {path!r}" in only("E025").msg


def test_arrays_and_ranges_of_postgresql_are_compared_with_their_like() -> None:
    fields = pytest.importorskip("django.contrib.postgres.fields", exc_type=ImportError)

    class Tags(fields.ArrayField):  # type: ignore[misc, name-defined]  # of a module that may not be there
        """A project's own."""

    compared(fields.ArrayField(models.IntegerField()), Tags(models.IntegerField()))
    assert found() == []


def test_and_with_nothing_else() -> None:
    fields = pytest.importorskip("django.contrib.postgres.fields", exc_type=ImportError)
    compared(models.TextField(), fields.ArrayField(models.TextField()))
    assert "(TextField) with 'value' (ArrayField)" in only("E025").msg


def test_keys_of_different_models_are_told_of_once_whatever_their_types_are() -> None:
    owner = declare("Owner", id=models.UUIDField(primary_key=True))
    other = declare("Other")
    declare(
        "Watched", Drawn, other=models.ForeignKey(other, models.CASCADE), watches=[Watch(owner, match={"other": "pk"})]
    )
    assert "a shop.Other, with 'pk', a shop.Owner" in only("E022").msg


def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have sources live in another database than their charts."""
    monkeypatch.setattr(
        "tests.services.Router.db_for_write",
        lambda self, model, **hints: "default" if issubclass(model, ChartModel) else "archive",
    )


def test_what_python_compares_between_two_databases_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    compared(models.IntegerField(), models.CharField(max_length=9))
    apart(monkeypatch)
    assert found() == []


def collated(chart: str | None, source: str | None, path: str = "value") -> None:
    """Declare a chart that watches rows by texts of these collations."""
    compared(models.CharField(max_length=9, db_collation=chart), models.TextField(db_collation=source), path)


@pytest.mark.parametrize(
    ("vendor", "chart", "source", "number"),
    [
        ("sqlite", None, "NOCASE", "E026"),
        ("sqlite", "NOCASE", "RTRIM", "E026"),
        ("postgresql", "C", "und-x-icu", "E026"),
        ("postgresql", None, "und-x-icu", "W020"),
        ("mysql", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "E026"),
        ("mysql", "utf8mb4_bin", "utf8mb4_unicode_ci", "E026"),
        ("mysql", "utf8mb4_bin", None, "W020"),
        ("mysql", None, "utf8mb4_unicode_ci", "W020"),
    ],
)
def test_texts_that_are_not_compared_as_the_sources_are_told_of(
    connection: Any, monkeypatch: pytest.MonkeyPatch, vendor: str, chart: str | None, source: str | None, number: str
) -> None:
    collated(chart, source)
    monkeypatch.setattr(connection, "vendor", vendor)
    assert only(number).hint == "Give both the same db_collation."
    assert f"compares 'value' (db_collation={chart!r}) with 'value' (db_collation={source!r})" in only(number).msg
    assert ("unless" in only(number).msg) is (number == "W020")


@pytest.mark.parametrize(
    ("vendor", "chart", "source"),
    [
        ("sqlite", "NOCASE", "nocase"),
        ("sqlite", "NOCASE", None),
        ("sqlite", None, "BINARY"),
        ("postgresql", "C", "C"),
        ("postgresql", "C", None),
        ("mysql", "utf8mb4_unicode_ci", "utf8mb4_unicode_ci"),
        ("mysql", None, "utf8mb4_bin"),
        ("mysql", "utf8mb4_unicode_ci", "utf8mb4_bin"),
    ],
)
def test_texts_by_which_no_chart_is_missed_are_fine(
    connection: Any, monkeypatch: pytest.MonkeyPatch, vendor: str, chart: str | None, source: str | None
) -> None:
    collated(chart, source)
    monkeypatch.setattr(connection, "vendor", vendor)
    assert found() == []


@pytest.mark.parametrize(("chart", "told"), [("NOCASE", []), (None, ["charts.E026"])])
def test_a_generated_text_has_the_collation_of_what_it_generates(chart: str | None, told: list[str]) -> None:
    text = models.TextField(db_collation="NOCASE")
    generated = models.GeneratedField(expression=models.Value("a"), output_field=text, db_persist=True)
    compared(models.TextField(db_collation=chart), generated)
    assert [message.id for message in found()] == told


def test_what_a_transform_makes_of_a_text_has_no_collation_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.models.functions import Lower

    monkeypatch.setitem(models.TextField.class_lookups, "lower", Lower)
    models.TextField._clear_cached_class_lookups()  # type: ignore[attr-defined]  # as register_lookup() does
    collated(None, "NOCASE", "value__lower")
    assert found() == []


# Databases


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({"isolation_level": 3}, "REPEATABLE READ"),
        ({"isolation_level": 4}, "SERIALIZABLE"),
        ({"options": "-c default_transaction_isolation=serializable"}, "SERIALIZABLE"),
        ({"options": r"-c default_transaction_isolation=repeatable\ read"}, "REPEATABLE READ"),
        ({"options": "-c search_path=a --default-transaction-isolation='repeatable read'"}, "REPEATABLE READ"),
    ],
    ids=str,
)
def test_a_stricter_isolation_level_on_postgresql_is_an_error(
    connection: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], level: str
) -> None:
    pytest.importorskip("psycopg")
    keyed(models.AutoField(primary_key=True))
    monkeypatch.setattr(connection, "vendor", "postgresql")
    connection.settings_dict["OPTIONS"] = options
    assert f"has the isolation level {level}:" in only("E302").msg


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"isolation_level": 1},
        {"isolation_level": 2},
        {"isolation_level": 2, "options": "-c default_transaction_isolation=serializable"},
        {"isolation_level": "none at all"},
        {"options": "-c synchronous_commit=off"},
    ],
    ids=str,
)
def test_read_committed_on_postgresql_is_fine(
    connection: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    pytest.importorskip("psycopg")
    keyed(models.AutoField(primary_key=True))
    monkeypatch.setattr(connection, "vendor", "postgresql")
    connection.settings_dict["OPTIONS"] = options
    assert found() == []


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql", "mysql"])
def test_a_database_without_autocommit_is_an_error(
    connection: Any, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    keyed(models.AutoField(primary_key=True))
    monkeypatch.setattr(connection, "vendor", vendor)
    connection.settings_dict["AUTOCOMMIT"] = False
    assert "AUTOCOMMIT" in only("E303").msg
