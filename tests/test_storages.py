"""Storages that do not do what one expects, and options that change under a picture: the last good one stays."""

import dataclasses
import errno
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from charts import files
from charts.exceptions import RenderError, StorageError
from charts.fields import ChartImageField, Look
from tests.shop.models import Account, Balance
from tests.storages import Faulty, Full, fail, faults, storage_of
from tests.tools import (
    assert_readable,
    files_of,
    loose_names,
    make_old,
    names_of_storage,
    prune,
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


def change_options(field: ChartImageField, **options: Any) -> None:
    """Change a field's options, as a release does."""
    field.options = dataclasses.replace(field.options, **options)


# Storages that do not do what one expects.


@pytest.mark.django_db
def test_a_storage_that_renames_is_refused_and_keeps_nothing(settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Renaming")
    chart = Balance.objects.create(account=Account.objects.create())
    with pytest.raises(RenderError, match="use a storage that keeps names") as caught:
        chart.render()
    assert isinstance(caught.value.__cause__, StorageError)
    assert names_of_storage() == set()


def test_a_read_only_storage_leaves_the_last_good_picture(balance: Balance, settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.ReadOnly")
    with pytest.raises(RenderError, match="when its files were stored, PermissionError"):
        balance.render(force=True)
    assert_readable(balance)
    assert "PermissionError" in row(balance).error


def test_deleting_a_row_on_a_read_only_storage_works(balance: Balance, settings: Any, database: str) -> None:
    settings.STORAGES = storage_of("tests.storages.ReadOnly")
    balance.delete()
    assert not Balance.objects.exists()
    assert len(loose_names(database)) == 3
    settings.STORAGES = storage_of("django.core.files.storage.FileSystemStorage")
    make_old(database)
    files.prune_all(database)
    assert names_of_storage() == set()


@pytest.mark.parametrize("fit", [0, 1, 2])
def test_a_full_disk_leaves_the_last_good_picture_and_nothing_else(
    balance: Balance, settings: Any, database: str, fit: int
) -> None:
    before = files_of(balance)
    sizes = [variant.storage.size(variant.name) for variant in balance.image.variants]
    settings.STORAGES = storage_of("tests.storages.Full")
    Full.room = sum(sizes[:fit]) + sizes[fit] // 2
    with pytest.raises(RenderError, match="No space left on device") as caught:
        balance.render(force=True)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert files_of(balance) == before
    assert_readable(balance)
    assert names_of_storage() == set(before)
    assert loose_names(database) == []


def test_a_storage_that_cannot_list_is_no_hindrance(balance: Balance, settings: Any, image: ChartImageField) -> None:
    settings.STORAGES = storage_of("tests.storages.Unlistable")
    change_options(image, themes=("light",))
    assert balance.render().status == "rendered"
    balance.delete()


# Options that change.


def test_after_a_change_of_options_only_the_file_in_the_column_is_offered(
    balance: Balance, image: ChartImageField
) -> None:
    change_options(image, themes=("light", "dark", "print"), formats=("webp", "csv"))
    chart = row(balance)
    assert [variant.name for variant in chart.image.variants] == [balance.image.name]
    assert chart.image.variant().look == Look("light", 1, "png")
    with pytest.raises(ValueError, match=r"shop\.Balance\.image has no dark png at 1x\. There is: light png at 1x\."):
        chart.image.variant(theme="dark")


def test_once_redrawn_all_of_the_new_files_are_offered(balance: Balance, image: ChartImageField) -> None:
    change_options(image, themes=("dark", "light"), densities=(1, 2))
    chart = row(balance)
    assert chart.render().status == "rendered"
    assert len(chart.image.variants) == 5
    assert_readable(chart)


def test_the_old_siblings_are_found_by_listing_when_it_is_replaced(
    balance: Balance, image: ChartImageField, database: str
) -> None:
    before = files_of(balance)
    change_options(image, themes=("light",), formats=("png",))
    row(balance).render()
    assert loose_names(database) == before
    make_old(database)
    prune()
    assert names_of_storage() == set(files_of(balance))


def test_so_they_are_when_its_row_is_deleted(balance: Balance, image: ChartImageField) -> None:
    change_options(image, themes=("light",), formats=("png",))
    row(balance).delete()
    assert names_of_storage() == set()


def test_nothing_is_listed_while_options_stay_and_nothing_is_locked_while_it_is(
    balance: Balance, image: ChartImageField, settings: Any, database: str
) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    with faults():
        balance.render(force=True)
        assert Faulty.count("listdir") == 0
    change_options(image, themes=("light",))
    in_transaction: list[bool] = []
    with faults(listdir=lambda name: in_transaction.append(connections[database].in_atomic_block)):
        row(balance).render()
    assert in_transaction == [False]


def test_a_listing_that_fails_keeps_no_picture_from_being_published(
    balance: Balance, image: ChartImageField, settings: Any, database: str, caplog: Any
) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    change_options(image, themes=("light",))
    with faults(listdir=fail(ConnectionError("The bucket is away."))):
        assert row(balance).render().status == "rendered"
    assert loose_names(database) == [balance.image.name]
    assert "could not be listed" in caplog.text


def test_a_name_that_is_not_ours_is_one_file(balance: Balance, database: str) -> None:
    Balance.objects.update(image="uploads/old.jpg")
    chart = row(balance)
    assert [variant.name for variant in chart.image.variants] == ["uploads/old.jpg"]
    assert chart.image.variant().format == "jpeg"
    chart.render(force=True)
    assert loose_names(database) == ["uploads/old.jpg"]


def test_the_storage_called_charts_is_used_if_it_is_there(settings: Any, tmp_path: Path) -> None:
    field: Any = Balance._meta.get_field("image")
    settings.STORAGES = storage_of("django.core.files.storage.FileSystemStorage", location=str(tmp_path / "own"))
    assert field.storage.path("a.png") == str(tmp_path / "own" / "a.png")
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "charts"}
    assert field.storage.path("a.png") == str(Path(settings.MEDIA_ROOT) / "a.png")
