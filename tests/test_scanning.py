"""Scanning: files that neither a row nor the ledger knows are found, and no others."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from charts import files, scanning
from tests.shop.models import Account, Balance, MonthlyRevenue, Portrait, Region
from tests.storages import fail, faults, storage_of
from tests.tools import (
    assert_readable,
    files_of,
    names_of_storage,
    row,
)

# A scan asks all databases who names a file.
pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def write_unknown(name: str = "") -> str:
    """Write a file such as a rolled back render leaves."""
    field: Any = Balance._meta.get_field("image")
    name = name or files.new_stem("charts/shop/balance/1", field.options.key) + ".png"
    field.storage.save(name, ContentFile(b"unknown"))
    return name


def scan(grace: float = 0, *, delete: bool = True) -> list[str]:
    return list(scanning.scan("default", grace, delete=delete))


def test_a_scan_finds_what_nobody_knows() -> None:
    chart = Balance.objects.create(account=Account.objects.create())
    unknown = write_unknown()
    assert scan(delete=False) == [unknown]
    assert scan() == [unknown]
    assert names_of_storage() == set(files_of(chart))


def test_a_scan_leaves_names_that_are_not_ours() -> None:
    write_unknown("charts/shop/balance/readme.png")
    assert scan() == []


def test_a_scan_minds_the_grace(settings: Any) -> None:
    write_unknown()
    assert scan(60) == []
    for settings.USE_TZ in (True, False):
        assert len(scan(0, delete=False)) == 1


def test_a_scan_leaves_what_the_ledger_knows() -> None:
    name = write_unknown()
    files.enter("default", files.loose(files.Shelf("shop.balance", "image"), name, [name], 60))
    assert scan() == []


def test_a_scan_leaves_pictures_of_other_classes_in_the_same_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (Balance, MonthlyRevenue):
        monkeypatch.setattr(model._meta.get_field("image"), "upload_to", "shared")
    chart = Balance.objects.create(account=Account.objects.create())
    other = MonthlyRevenue.objects.create(region=Region.objects.create())
    for each in (chart, other):
        each.render()
    unknown = write_unknown("shared/1-0123456789abcdef-kabcdef.png")
    assert scan() == [unknown]
    assert_readable(chart)
    assert_readable(other)


def test_a_scan_leaves_pictures_of_rows_in_another_database(settings: Any) -> None:
    others = sorted(set(settings.DATABASES) - {"default"})
    if not others:
        pytest.skip("There is one database here.")
    stem = files.new_stem("charts/shop/balance/1", Balance._meta.get_field("image").options.key)
    account = Account.objects.using(others[0]).create()
    Balance.objects.using(others[0]).bulk_create([Balance(account=account, image=write_unknown(stem + ".png"))])
    assert scan() == []


def test_a_scan_looks_into_folders_of_months_gone_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Balance._meta.get_field("image"), "upload_to", "figures/%Y/%m")
    unknown = write_unknown("figures/2001/02/1-0123456789abcdef-kabcdef.dark@2x.png")
    assert scan() == [unknown]


def test_a_file_published_or_replaced_while_a_scan_reads_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two of its reads a file may leave the ledger for a row, or a row for the ledger."""
    chart = Portrait.objects.create()
    chart.render()
    reads = {name: getattr(scanning, name) for name in ("_ledger", "_stems")}

    def then_render(name: str) -> Any:
        def read() -> Any:
            found = list(reads[name]())
            row(chart).render(force=True)
            return iter(found)

        return read

    for name in reads:
        monkeypatch.setattr(scanning, name, then_render(name))
    assert scan() == []


def test_a_storage_that_cannot_list_is_told_of(settings: Any) -> None:
    assert list(scanning.unlistable("default")) == []
    settings.STORAGES = storage_of("tests.storages.Unlistable")
    assert scan() == []
    assert any("shop.Balance.image cannot be listed" in sentence for sentence in scanning.unlistable("default"))


def test_a_file_that_cannot_be_deleted_keeps_no_other_from_it(settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    names = sorted(write_unknown() for _ in range(2))

    def strike(name: str) -> None:
        if name == names[0]:
            raise ConnectionError

    with faults(delete=strike):
        assert scan() == [names[1]]


def test_a_storage_that_cannot_tell_ages_keeps_its_files(settings: Any) -> None:
    settings.STORAGES = storage_of("tests.storages.Faulty")
    write_unknown()
    with faults(get_modified_time=fail(NotImplementedError())):
        assert scan() == []
