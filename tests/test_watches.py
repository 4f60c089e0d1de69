"""Watches: which changes of which rows make which charts stale, on every database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.serializers import deserialize, serialize
from django.db import connections, models, transaction
from django.test.utils import CaptureQueriesContext

from charts.watches import Watch, source_changed, source_changing
from tests.shop.models import Account, Balance, Customer, Entry, MonthlyRevenue, Order, Region
from tests.tools import Statements

pytestmark = pytest.mark.usefixtures("database")
Versions = Callable[[], dict[str, int]]


@pytest.fixture
def versions(database: str, settings: Any) -> Versions:
    """Two regions with a chart each; return what says their charts' data versions."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    for name in ("North", "South"):
        region = Region.objects.create(name=name)
        MonthlyRevenue.objects.create(region=region)
        Customer.objects.create(region=region)
    MonthlyRevenue.objects.update(data_version=0)
    return lambda: dict(MonthlyRevenue.objects.values_list("region__name", "data_version"))


def customer(name: str) -> Customer:
    return Customer.objects.get(region__name=name)


def test_a_new_row_marks_the_charts_that_match_it(versions: Versions) -> None:
    Order.objects.create(customer=customer("North"))
    assert versions() == {"North": 1, "South": 0}


def test_a_changed_row_marks_the_charts_that_match_it(versions: Versions) -> None:
    order = Order.objects.create(customer=customer("North"))
    order.total = 7
    order.save()
    assert versions() == {"North": 2, "South": 0}


def test_a_row_that_moves_marks_the_chart_it_leaves_and_the_one_it_joins(versions: Versions) -> None:
    order = Order.objects.create(customer=customer("North"))
    order.customer = customer("South")
    order.save()
    assert versions() == {"North": 2, "South": 1}


def test_so_it_does_within_one_transaction(versions: Versions, database: str) -> None:
    order = Order.objects.create(customer=customer("North"))
    with transaction.atomic(using=database):
        order.save()
        order.customer = customer("South")
        order.save()
    assert versions() == {"North": 2, "South": 1}


def test_a_row_that_moves_there_and_on_in_one_transaction_marks_all_three(versions: Versions, database: str) -> None:
    west = Region.objects.create(name="West")
    MonthlyRevenue.objects.create(region=west)
    MonthlyRevenue.objects.update(data_version=0)
    order = Order.objects.create(customer=customer("North"))
    with transaction.atomic(using=database):
        for name in ("South", "West"):
            order.customer = customer(name) if name == "South" else Customer.objects.create(region=west)
            order.save()
    assert versions() == {"North": 2, "South": 1, "West": 1}


def test_a_deleted_row_marks_the_charts_that_matched_it(versions: Versions) -> None:
    Order.objects.create(customer=customer("North")).delete()
    assert versions() == {"North": 2, "South": 0}


def test_a_cascade_marks_too(versions: Versions) -> None:
    Order.objects.create(customer=customer("North"))
    customer("North").delete()
    assert versions()["North"] >= 2
    assert versions()["South"] == 0


def test_a_row_that_a_path_passes_through_marks_both_ends_of_its_move(versions: Versions) -> None:
    moving = customer("North")
    Order.objects.create(customer=moving)
    moving.region = Region.objects.get(name="South")
    moving.save()
    assert versions() == {"North": 2, "South": 1}


def test_a_path_that_ends_in_null_marks_no_chart(versions: Versions) -> None:
    Order.objects.create(customer=Customer.objects.create(region=None))
    assert versions() == {"North": 0, "South": 0}


def test_charts_are_asked_of_a_callable_for_the_row(versions: Versions) -> None:
    region = Region.objects.get(name="South")
    region.name = "Deep South"
    region.save()
    assert versions() == {"North": 0, "Deep South": 1}


def test_loading_fixtures_marks_nothing(versions: Versions, database: str) -> None:
    order = Order.objects.create(customer=customer("North"))
    before = versions()
    for loaded in deserialize("json", serialize("json", [order])):
        loaded.save(using=database)
    assert versions() == before


def test_a_rollback_marks_nothing(versions: Versions, database: str) -> None:
    with transaction.atomic(using=database):
        Order.objects.create(customer=customer("North"))
        transaction.set_rollback(True, using=database)
    assert versions() == {"North": 0, "South": 0}


def test_a_savepoint_that_is_rolled_back_takes_its_marks_along_and_no_others(versions: Versions, database: str) -> None:
    with transaction.atomic(using=database):
        with transaction.atomic(using=database):
            Order.objects.create(customer=customer("North"))
            transaction.set_rollback(True, using=database)
        assert versions() == {"North": 0, "South": 0}
        Order.objects.create(customer=customer("North"))
    assert versions() == {"North": 1, "South": 0}


def test_many_rows_in_one_transaction_mark_a_chart_once(versions: Versions, database: str) -> None:
    buyer = customer("North")
    with CaptureQueriesContext(connections[database]) as queries, transaction.atomic(using=database):
        for _ in range(50):
            Order.objects.create(customer=buyer)
    assert versions() == {"North": 1, "South": 0}
    marking = [query for query in queries if query["sql"].startswith("INSERT INTO") and "charts_mark" in query["sql"]]
    assert len(marking) == 1


def test_switched_off_nothing_is_marked(versions: Versions, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "WATCH": False}
    Order.objects.create(customer=customer("North"))
    MonthlyRevenue.objects.first().save()
    assert versions() == {"North": 0, "South": 0}


def test_bulk_writes_are_told_by_hand(versions: Versions) -> None:
    Order.objects.bulk_create([Order(customer=customer("North")) for _ in range(3)])
    assert versions() == {"North": 0, "South": 0}
    source_changed(Order.objects.filter(customer=customer("North")))
    assert versions() == {"North": 1, "South": 0}
    source_changed(Order)
    assert versions() == {"North": 2, "South": 0}


def test_an_update_that_falsifies_its_own_filter_marks_both_ends(versions: Versions) -> None:
    Order.objects.bulk_create([Order(customer=customer("North"))])
    moving = Order.objects.filter(customer=customer("North"))
    with source_changing(moving):
        moving.update(customer=customer("South"))
    assert versions() == {"North": 1, "South": 1}


def test_saving_the_chart_itself_marks_it(versions: Versions) -> None:
    MonthlyRevenue.objects.get(region__name="North").save()
    assert versions() == {"North": 1, "South": 0}


def test_the_first_statement_of_a_watch_is_a_write(versions: Versions, database: str) -> None:
    buyer = customer("North")
    order = Order.objects.create(customer=buyer)
    with transaction.atomic(using=database):
        with CaptureQueriesContext(connections[database]) as queries:
            order.save()
        assert queries[0]["sql"].startswith("INSERT")
    region = Region.objects.get(name="North")
    with transaction.atomic(using=database):
        with CaptureQueriesContext(connections[database]) as queries:
            region.save()
        first = queries[0]["sql"]
        assert not first.startswith("SELECT") or connections[database].vendor != "sqlite"


def test_a_watch_has_one_way_to_find_its_charts() -> None:
    with pytest.raises(TypeError, match="both match= and charts="):
        Watch("shop.Order", match={"a": "b"}, charts=lambda row: row)


# A row whose own columns say which charts it matches: they are marked before it is changed.


@pytest.fixture
def accounts(database: str, settings: Any) -> dict[str, Account]:
    """Three accounts with a chart each, and an entry of the first."""
    settings.CHARTS = {"DISPATCHER": "manual"}
    made = {name: Account.objects.create(name=name) for name in "ABC"}
    for account in made.values():
        Balance.objects.create(account=account)
    Entry.objects.create(account=made["A"])
    Balance.objects.update(data_version=0)
    return made


def marked() -> str:
    """Return the names of the accounts whose charts were marked since the last look."""
    names = Balance.objects.filter(data_version__gt=0).order_by("account__name").values_list("account__name", flat=True)
    found = "".join(names)
    Balance.objects.update(data_version=0)
    return found


def test_one_statement_marks_the_chart_it_leaves_and_the_one_it_joins(
    accounts: dict[str, Account], database: str
) -> None:
    entry = Entry.objects.get()
    entry.account = accounts["B"]
    with transaction.atomic(using=database), Statements(database) as statements:
        entry.save()
    verbs = [sql.split()[0] for sql in statements.sql]
    # Where rows have locks, what it leaves is looked at once more when nobody else can move it.
    looks = ["SELECT", "INSERT"] * connections[database].features.has_select_for_update
    assert verbs[: verbs.index("UPDATE")] == ["INSERT", *looks]
    assert marked() == "AB"


def test_what_is_not_written_counts_for_nothing(accounts: dict[str, Account], database: str) -> None:
    entry = Entry.objects.get()
    entry.account = accounts["B"]
    with transaction.atomic(using=database):
        entry.save(update_fields=["amount"])
    assert marked() == "A"
    with transaction.atomic(using=database):
        entry.save(update_fields=["account"])
    assert marked() == "AB"


def test_a_row_that_is_deleted_marks_what_it_is_and_not_what_it_would_be(
    accounts: dict[str, Account], database: str
) -> None:
    entry = Entry.objects.get()
    entry.account = accounts["B"]
    entry.delete()
    assert marked() == "A"


def test_a_row_that_was_loaded_without_its_match_marks_by_what_is_stored(
    accounts: dict[str, Account], database: str
) -> None:
    entry = Entry.objects.only("amount").get()
    with transaction.atomic(using=database):
        entry.save()
    assert marked() == "A"


def test_a_row_that_others_have_moved_marks_where_it_was(accounts: dict[str, Account], database: str) -> None:
    old = Entry.objects.get()
    Entry.objects.update(account=accounts["B"])
    with transaction.atomic(using=database):
        old.save()
    assert marked() == "AB"


def test_what_a_receiver_changes_before_the_save_is_marked_after_it(
    accounts: dict[str, Account], database: str
) -> None:
    def move(instance: Entry, **kwargs: object) -> None:
        instance.account = accounts["C"]

    models.signals.pre_save.connect(move, sender=Entry)  # called after the watch's own
    try:
        entry = Entry.objects.get()
        entry.account = accounts["B"]
        with transaction.atomic(using=database):
            entry.save()
    finally:
        models.signals.pre_save.disconnect(move, sender=Entry)
    assert set(marked()) >= {"A", "C"}


def test_what_the_database_works_out_is_marked_after_the_save(accounts: dict[str, Account], database: str) -> None:
    entry = Entry.objects.get()
    entry.account_id = models.F("account_id") + (accounts["B"].pk - accounts["A"].pk)
    with transaction.atomic(using=database):
        entry.save()
    assert marked() == "AB"


def test_a_value_that_is_none_fails_as_it_does_without_a_watch(accounts: dict[str, Account], database: str) -> None:
    entry = Entry.objects.get()
    entry.account_id = "no number"
    with pytest.raises(ValueError, match="no number"), transaction.atomic(using=database):
        entry.save()
    assert marked() == ""


def test_rows_of_a_chart_that_is_marked_already_are_only_looked_at(accounts: dict[str, Account], database: str) -> None:
    entries = [Entry.objects.create(account=accounts["A"]) for _ in range(3)]
    moved = Entry.objects.create(account=accounts["C"])
    marked()
    with transaction.atomic(using=database):
        entries[0].save()
        with Statements(database) as statements:
            entries[1].save()
            entries[2].save()
        assert not any("INSERT" in sql for sql in statements.sql)
        moved.account = accounts["A"]
        moved.save()
    assert marked() == "AC"
