"""Files: names that are never used twice, a ledger that knows them first, and deleting only what no row names."""

import posixpath
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connections, transaction

from charts import files
from charts.clock import DatabaseTime
from charts.exceptions import RenderError
from charts.fields import ChartImageField, Options
from charts.ledger import LooseFile
from tests.shop.models import Account, Balance
from tests.storages import fail, faults, storage_of
from tests.tools import (
    Statements,
    assert_readable,
    files_of,
    in_thread,
    loose_names,
    make_old,
    names_of_storage,
    rolled_back,
    row,
)


@pytest.fixture
def balance(database: str) -> Balance:
    """A chart whose picture was drawn once."""
    return row(Balance.objects.create(account=Account.objects.create()))


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> ChartImageField:
    """The field of `Balance`, whose options a test may change."""
    field: Any = Balance._meta.get_field("image")
    monkeypatch.setattr(field, "options", field.options)
    return field


# Names.


def test_a_stem_is_never_made_twice() -> None:
    stems = {files.new_stem("charts/1", "abcdef") for _ in range(1000)}
    assert len(stems) == 1000


def test_a_stem_fits_the_room_there_is() -> None:
    stem = files.new_stem("folder/" + "a" * 300, "abcdef", 100)
    assert len(stem) == 100
    assert files.stem_of(f"{stem}.png") == (stem, "abcdef")


def test_a_folder_that_is_too_long_is_an_error_that_names_the_option() -> None:
    with pytest.raises(ValueError, match="is too long for file names of 60 characters; see upload_to"):
        files.new_stem("folder" * 10 + "/1", "abcdef", 60)


@pytest.mark.parametrize("name", ["", "a.png", "charts/1-0123456789abcdef.png", "1-0123456789abcdef-kzzzzzz.png"])
def test_a_name_of_somebody_else_has_no_stem(name: str) -> None:
    assert files.stem_of(name) == ("", "")


def test_the_files_of_a_picture_share_a_stem(balance: Balance) -> None:
    (stem,) = {files.stem_of(name)[0] for name in files_of(balance)}
    assert sorted(name.removeprefix(stem) for name in files_of(balance)) == [".csv", ".dark.png", ".png"]


def test_each_picture_has_names_of_its_own(balance: Balance) -> None:
    before = files_of(balance)
    balance.render(force=True)
    assert not set(before) & set(files_of(balance))


@pytest.mark.parametrize("key", ["12", "Ünïcode/../x", "a" * 300, "a.b@2x", "..", "\x00"])
def test_a_key_becomes_a_safe_part_of_a_name(key: str) -> None:
    assert files.safe(key).replace("_", "a").replace("-", "a").isalnum() or not files.safe(key)
    assert len(files.safe(key)) <= 40


@pytest.mark.parametrize("options", [Options(), Options(themes=("dark", "light"), formats=("svg", "webp", "csv"))])
def test_our_names_are_recognised(options: Options) -> None:
    stem = files.new_stem("charts/shop/balance/12", options.key)
    names = [options.name(stem, look) for look in options.looks()]
    assert len(set(names)) == len(names)
    assert all(files.OURS.search(name) and files.stem_of(name) == (stem, options.key) for name in names)


@pytest.mark.parametrize("name", ["photo-0123456789abcdef.png", "12-0123456789abcdef-kabcdef.exe", "logo.png"])
def test_names_of_others_are_not_ours(name: str) -> None:
    assert not files.OURS.search(name)


def long_folder(chart: Balance, filename: str) -> str:
    return posixpath.join("f" * 150, "n" * 200)


def without_extension(chart: Balance, filename: str) -> str:
    return f"v1.2/{chart.pk}/picture"


@pytest.mark.parametrize("upload_to", [long_folder, without_extension, "a/%Y/%m", "plain"])
@pytest.mark.django_db
def test_any_upload_to_makes_names_that_fit(upload_to: Any, image: ChartImageField, monkeypatch: Any) -> None:
    monkeypatch.setattr(image, "upload_to", upload_to)
    chart = Balance.objects.create(account=Account.objects.create())
    chart.render()
    assert len(chart.image.name) <= 255
    assert all(files.OURS.search(name) for name in files_of(chart))
    assert_readable(chart)
    expected = {long_folder: "f" * 150, without_extension: f"v1.2/{chart.pk}", "plain": "plain"}.get(upload_to, "a/")
    assert chart.image.name.startswith(expected)


@pytest.mark.django_db
def test_a_short_column_gets_short_names(image: ChartImageField, monkeypatch: Any) -> None:
    monkeypatch.setattr(image, "max_length", 55)
    monkeypatch.setattr(image, "upload_to", "some/folder/of/ours")
    chart = Balance(account=Account.objects.create(), pk=123456789)
    chart.save()
    chart.render()
    assert len(chart.image.name) == 55
    assert_readable(chart)


@pytest.mark.django_db
def test_an_upload_to_that_leaves_the_storage_is_refused(image: ChartImageField, monkeypatch: Any) -> None:
    monkeypatch.setattr(image, "upload_to", lambda chart, filename: "../../etc/passwd")
    chart = Balance.objects.create(account=Account.objects.create())
    with pytest.raises(RenderError, match="path traversal"):
        chart.render()


# The ledger.


def test_a_file_is_in_the_ledger_before_it_is_in_storage(balance: Balance, settings: Any, database: str) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    known: list[bool] = []
    strike = {"save": lambda name: known.append(name in loose_names(database))}
    with faults(**strike):
        balance.render(force=True)
    assert known == [True] * 3


def test_it_leaves_the_ledger_when_a_row_names_it(balance: Balance, database: str) -> None:
    assert loose_names(database) == []
    balance.render(force=True)
    assert not set(files_of(balance)) & set(loose_names(database))


def test_files_that_were_not_published_yet_are_kept_for_a_day(balance: Balance, database: str) -> None:
    field: Any = Balance._meta.get_field("image")
    files.enter(database, files.loose(files.Shelf.of(field), "a.png", ["a.png"], files.UNPUBLISHED_FOR))
    (row_,) = LooseFile.objects.using(database).annotate(now=DatabaseTime())
    assert timedelta(hours=23) < row_.delete_at - row_.now <= timedelta(hours=24)


def test_what_is_due_comes_oldest_first_and_as_much_as_asked(balance: Balance, database: str) -> None:
    shelf = files.Shelf.of(Balance._meta.get_field("image"))
    for age in (1, 3, 2):
        files.enter(database, files.loose(shelf, "", [f"{age}.png"], -age))
    assert [row_.name for row_ in files.due(database)] == ["3.png", "2.png", "1.png"]
    assert [row_.name for row_ in files.due(database, 1.5)] == ["3.png", "2.png"]
    assert [row_.name for row_ in files.due(database, limit=1)] == ["3.png"]


# Pruning.


def loosen(using: str, count: int, field: Any = None) -> list[str]:
    """Write files that no row names, past their time."""
    field = field or Balance._meta.get_field("image")
    names = [f"loose/{number}.png" for number in range(count)]
    for name in names:
        files.enter(using, files.loose(files.Shelf.of(field), name, [name], -1))
    files.write(field.storage, dict.fromkeys(names, b"loose"))
    return names


def test_pruning_deletes_what_is_due_and_yields_it(balance: Balance, database: str) -> None:
    names = loosen(database, 3)
    assert sorted(row_.name for row_ in files.prune(database)) == names
    assert names_of_storage() == set(files_of(balance))
    assert loose_names(database) == []


def test_pruning_minds_the_grace(balance: Balance, database: str) -> None:
    names = loosen(database, 3)
    assert list(files.prune(database, grace=60)) == []
    assert set(names) <= names_of_storage()


def test_pruning_many_files_asks_once_a_hundred_who_names_them(balance: Balance, database: str) -> None:
    loosen(database, 250)
    with Statements(database) as statements:
        files.prune_all(database)
    table = Balance._meta.db_table
    assert sum(table in sql for sql in statements.sql) == 3
    assert len(statements) <= 250 + 3 * 5 + 1


def test_a_file_that_a_row_names_stays_and_leaves_the_ledger(balance: Balance, database: str) -> None:
    shelf = files.Shelf.of(Balance._meta.get_field("image"))
    files.enter(database, files.loose(shelf, balance.image.name, files_of(balance), -1))
    assert list(files.prune(database)) == []
    assert_readable(balance)
    assert loose_names(database) == []


def test_a_file_that_is_gone_already_leaves_the_ledger(balance: Balance, database: str) -> None:
    (name,) = loosen(database, 1)
    Balance._meta.get_field("image").storage.delete(name)
    files.prune_all(database)
    assert loose_names(database) == []


def test_so_it_does_if_its_storage_raises_for_missing_files(balance: Balance, database: str, settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    (name,) = loosen(database, 1)
    FileSystemStorage().delete(name)
    with faults(delete=fail(FileNotFoundError(name))):
        files.prune_all(database)
    assert loose_names(database) == []


def test_a_file_that_cannot_be_deleted_waits_and_is_in_nobodys_way(
    balance: Balance, database: str, settings: Any
) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    names = loosen(database, 120)

    def strike(name: str) -> None:
        if name != names[-1]:
            raise ConnectionError("The bucket is away.")

    with faults(delete=strike):
        assert [row_.name for row_ in files.prune(database)] == [names[-1]]
        assert list(files.prune(database)) == []
    assert files.stuck(database).count() == 119
    make_old(database)
    files.prune_all(database)
    assert loose_names(database) == []


def test_it_harms_no_publish(balance: Balance, database: str, settings: Any, caplog: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    loosen(database, 1)
    with faults(delete=fail(ConnectionError("The bucket is away."))):
        assert balance.render(force=True).status == "rendered"
    assert "could not be deleted; it is tried again later" in caplog.text


@pytest.mark.parametrize(("model", "field"), [("shop.fromtomorrow", "image"), ("shop.balance", "portrait")])
def test_files_of_fields_that_only_another_release_has_are_left_to_it(
    balance: Balance, database: str, model: str, field: str
) -> None:
    files.enter(database, files.loose(files.Shelf(model, field), "", ["theirs.png"], -1))
    names = loosen(database, 1)
    assert [row_.name for row_ in files.prune(database)] == names
    assert loose_names(database) == ["theirs.png"]


def test_two_that_prune_at_once_delete_each_file_once(balance: Balance, database: str, settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    names = loosen(database, 20)
    others: list[Any] = []

    def strike(name: str) -> None:
        if not others:
            others.append(None)
            others[0] = [row_.name for row_ in files.prune(database)]

    with faults(delete=strike) as calls:
        mine = [row_.name for row_ in files.prune(database)]
    assert set(mine) | set(others[0]) == set(names)
    assert {name for method, name in calls if method == "delete"} == set(names)
    assert loose_names(database) == []


@pytest.mark.services
def test_a_file_that_another_process_is_deleting_is_left_to_it(balance: Balance, database: str) -> None:
    if not connections[database].features.has_select_for_update_skip_locked:
        pytest.skip("SQLite locks the whole database.")
    loosen(database, 3)
    with transaction.atomic(using=database):
        list(LooseFile.objects.using(database).select_for_update())
        assert in_thread(lambda: list(files.prune(database))).result(30) == []
    assert len(list(files.prune(database))) == 3


def test_what_is_rolled_back_is_not_pruned(balance: Balance, database: str, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    before = files_of(balance)
    with rolled_back(database):
        balance.delete()
    assert set(before) == names_of_storage()
