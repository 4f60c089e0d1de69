"""Publishing: what becomes the picture, what is kept of the one before, and what goes with a deleted row."""

from typing import Any

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from charts import files
from charts.exceptions import RenderError
from charts.freshness import jobs, publishing
from charts.ledger import Job, LooseFile
from charts.pipeline import reading
from tests.shop.models import Account, Badge, Balance, Country, Entry, Portrait, Scripted, Statement
from tests.tools import (
    assert_readable,
    files_of,
    job,
    key_of,
    loose_names,
    make_old,
    names_of_storage,
    numbers,
    prune,
    raise_version,
    rolled_back,
    row,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def account() -> Account:
    return Account.objects.create(name="Rent")


@pytest.fixture
def balance(account: Account) -> Balance:
    """A rendered chart that shows 1."""
    Entry.objects.create(account=account, amount=1)
    return row(Balance.objects.create(account=account))


def outcome(chart: Any, **changes: Any) -> publishing.Outcome:
    """Return what a render of the chart, as it is in hand, would publish; its files are written."""
    chart = reading.read(key_of(chart))
    stem = files.new_stem(f"charts/shop/{chart.pk}", type(chart)._meta.get_field("image").options.key)
    field = type(chart)._meta.get_field("image")
    names = [field.options.name(stem, look) for look in field.options.looks()]
    files.enter(chart._state.db, files.loose(files.Shelf.of(field), names[0], names, 3600))
    files.write(field.storage, dict.fromkeys(names, b"drawn"))
    values = {"columns": {"image": names[0]}, "written": names, "replaced": reading.replaced, "token": ""}
    return publishing.Outcome(**({"key": key_of(chart), "row": chart} | values | changes))


# The one UPDATE.


def test_all_files_and_columns_are_published_by_one_update(balance: Balance, database: str) -> None:
    with CaptureQueriesContext(connections[database]) as queries:
        balance.render(force=True)
    table = connections[database].ops.quote_name(Balance._meta.db_table)
    updates = [query["sql"] for query in queries if query["sql"].startswith(f"UPDATE {table}")]
    raising, publishing_ = updates
    assert "data_version" in raising.partition(" WHERE ")[0]
    columns = publishing_.partition(" WHERE ")[0]
    assert all(name in columns for name in ("image", "alt", "image_version", "data_digest", "rendered_at"))
    assert "account_id" not in columns
    assert "title" not in columns


def test_two_pictures_of_a_row_are_published_together(database: str) -> None:
    chart = Portrait.objects.create()
    first = row(chart)
    chart.render(force=True)
    second = row(chart)
    assert first.image.name != second.image.name
    assert first.narrow.name != second.narrow.name
    assert set(loose_names(database)) == {each.name for each in (*first.image.variants, *first.narrow.variants)}


def test_a_picture_that_was_published_meanwhile_is_not_overwritten_by_one_as_old(balance: Balance) -> None:
    late = outcome(balance)
    balance.render(force=True)
    newer = row(balance)
    assert publishing.publish(late).status == "superseded"
    assert row(balance).image.name == newer.image.name


def test_a_newer_picture_goes_over_an_older_one_that_came_first(balance: Balance, database: str) -> None:
    older = outcome(balance)
    raise_version(balance)
    newer = outcome(balance)
    raise_version(balance)
    publishing.publish(older)
    assert publishing.publish(newer).status == "rendered"
    assert row(balance).image.name == newer.columns["image"]
    assert set(older.written) <= set(loose_names(database))


def test_two_pictures_of_one_version_lose_no_file(balance: Balance, database: str) -> None:
    """A picture taken away by hand leaves both versions as they were: two workers then draw the same version."""
    Balance.objects.update(image="")
    one, other = outcome(balance), outcome(balance)
    publishing.publish(one)
    assert publishing.publish(other).status == "superseded"
    assert row(balance).image.name == one.columns["image"]
    assert set(other.written) <= set(loose_names(database))
    assert not set(one.written) & set(loose_names(database))


def test_unchanged_does_not_bless_a_picture_that_came_meanwhile(balance: Balance) -> None:
    checked = outcome(balance, columns={}, written=())
    older = outcome(balance)
    raise_version(balance)
    checked = outcome(balance, columns={}, written=())
    publishing.publish(older)
    published = publishing.publish(checked)
    assert (published.status, published.stale) == ("superseded", True)
    assert row(balance).is_stale
    assert job(balance).due_at is not None


def test_a_row_that_was_deleted_meanwhile_is_an_error_and_its_files_stay_loose(balance: Balance, database: str) -> None:
    late = outcome(balance)
    balance.delete()
    with pytest.raises(RenderError, match="its row was deleted"):
        publishing.publish(late)
    assert set(late.written) <= set(loose_names(database))


def test_new_files_that_were_pruned_meanwhile_are_not_published(balance: Balance, database: str) -> None:
    late = outcome(balance)
    make_old(database)
    files.prune_all(database)
    with pytest.raises(RenderError, match="pruned meanwhile"):
        publishing.publish(late)
    assert_readable(balance)


def test_a_condemned_file_is_not_published(balance: Balance, database: str) -> None:
    late = outcome(balance)
    LooseFile.objects.using(database).filter(name=late.written[0]).update(condemned=True)
    with pytest.raises(RenderError, match="pruned meanwhile"):
        publishing.publish(late)
    assert row(balance).image.name == balance.image.name


# What is settled with it.


def test_publishing_settles_the_job(balance: Balance) -> None:
    settled = job(balance)
    assert (settled.due_at, settled.attempts, settled.error, settled.lease_token) == (None, 0, "", "")
    assert settled.leased_until is None
    assert settled.finished_at is not None
    assert settled.duration is not None


def test_a_chart_that_is_stale_again_stays_due(balance: Balance) -> None:
    late = outcome(balance)
    raise_version(balance)
    raise_version(balance)
    assert publishing.publish(outcome(balance, row=late.row)).stale
    assert job(balance).due_at is not None


def test_a_chart_that_changes_all_the_time_is_not_due_at_once(balance: Balance, settings: Any) -> None:
    settings.CHARTS = {"DISPATCHER": "manual", "DEBOUNCE": 60}
    jobs.make_due([key_of(balance)], 0)
    late = outcome(balance)
    raise_version(balance)
    publishing.publish(outcome(balance, row=late.row))
    assert not jobs.claim(key_of(balance))
    assert jobs.unsend(key_of(balance))


def test_another_workers_lease_is_left_alone(balance: Balance) -> None:
    jobs.make_due([key_of(balance)], 0)
    token = jobs.claim(key_of(balance))
    publishing.publish(outcome(balance, token="another"))
    assert (job(balance).lease_token, job(balance).leased_until is not None) == (token, True)


def test_a_chart_without_a_job_gets_one(balance: Balance, database: str) -> None:
    Job.objects.using(database).all().delete()
    assert not publishing.publish(outcome(balance)).stale
    assert job(balance).due_at is None


def test_warnings_stay_with_the_picture_they_are_about(script: dict[str, Any]) -> None:
    script["draw"] = lambda chart, figure, data: figure.text(0.5, 0.5, "\U000f0000")
    chart = Scripted.objects.create()
    warned = job(chart).warnings
    assert len(warned) == 1
    assert chart.render().status == "unchanged"
    assert job(chart).warnings == warned


# What is replaced.


def test_replaced_files_stay_readable_for_a_while(balance: Balance) -> None:
    before = files_of(balance)
    balance.render(force=True)
    assert set(before) <= names_of_storage()


def test_replaced_files_go_when_their_time_is_over(balance: Balance, database: str) -> None:
    before = files_of(balance)
    balance.render(force=True)
    make_old(database)
    prune()
    assert not set(before) & names_of_storage()
    assert names_of_storage() == set(files_of(balance))
    assert loose_names(database) == []


def test_each_publish_deletes_what_is_due(balance: Balance, database: str) -> None:
    before = files_of(balance)
    balance.render(force=True)
    make_old(database)
    balance.render(force=True)
    assert not set(before) & names_of_storage()


def test_without_a_time_to_keep_they_go_at_once(balance: Balance, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    balance.render(force=True)
    assert names_of_storage() == set(files_of(balance))


def test_without_a_time_to_keep_they_stay_until_the_commit(balance: Balance, settings: Any, database: str) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    before = set(files_of(balance))
    with transaction.atomic(using=database):
        balance.render(force=True)
        assert before <= names_of_storage()
    assert not before & names_of_storage()


def test_replacing_that_is_rolled_back_keeps_the_files(balance: Balance, database: str, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    before = files_of(balance)
    with rolled_back(database):
        balance.render(force=True)
    assert files_of(balance) == before
    assert_readable(balance)
    assert loose_names(database) == []


# Deleting rows.


def test_the_files_of_a_deleted_chart_go_after_the_commit(balance: Balance, database: str) -> None:
    with transaction.atomic(using=database):
        balance.delete()
        assert names_of_storage()
    assert names_of_storage() == set()
    assert loose_names(database) == []


def test_so_do_files_that_the_instance_does_not_know(balance: Balance, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    row(balance).render(force=True)
    balance.delete()
    assert names_of_storage() == set()


def test_so_do_all_of_a_deleted_queryset(account: Account, database: str) -> None:
    for _ in range(3):
        Balance.objects.create(account=account)
    Balance.objects.all().delete()
    assert names_of_storage() == set()
    assert not Job.objects.using(database).exists()


def test_so_do_those_of_a_cascade(balance: Balance, database: str) -> None:
    balance.account.delete()
    assert names_of_storage() == set()
    assert not Job.objects.using(database).exists()


def test_a_delete_that_is_rolled_back_keeps_files_and_job(balance: Balance, database: str) -> None:
    with rolled_back(database):
        row(balance).delete()
    assert_readable(balance)
    assert loose_names(database) == []
    assert job(balance)


def test_many_deleted_charts_are_cleared_up_after_once(account: Account, database: str) -> None:
    charts = [Balance.objects.create(account=account) for _ in range(5)]
    with transaction.atomic(using=database):
        for chart in charts:
            chart.delete()
        assert len(connections[database].run_on_commit) == 1


def test_a_second_picture_goes_with_its_row(database: str) -> None:
    Portrait.objects.create().delete()
    assert names_of_storage() == set()


def test_a_chart_without_a_picture_is_deleted_too(settings: Any, account: Account, database: str) -> None:
    settings.CHARTS = {"DISPATCHER": "manual"}
    Balance.objects.create(account=account).delete()
    assert loose_names(database) == []
    assert not Job.objects.using(database).exists()


def test_a_deleted_charts_marks_do_no_harm(balance: Balance, database: str) -> None:
    with transaction.atomic(using=database):
        Entry.objects.create(account=balance.account)
        balance.delete()
    assert not Job.objects.using(database).exists()


def test_deleting_an_instance_that_has_no_row_any_more_is_quiet(balance: Balance) -> None:
    again = row(balance)
    balance.delete()
    again.delete()
    assert not Balance.objects.exists()


# Rows copied with all their columns, as `bulk_create` and `loaddata` can.


def test_a_file_that_two_rows_name_stays_when_one_is_deleted(balance: Balance, database: str) -> None:
    copied = Balance(account=balance.account, image=balance.image.name, image_version=1)
    Balance.objects.bulk_create([copied])
    shared = files_of(balance)
    balance.delete()
    assert set(shared) <= names_of_storage()
    assert loose_names(database) == []
    Balance.objects.get().delete()
    assert names_of_storage() == set()


# Keys that databases write in their own ways.


@pytest.mark.parametrize("pk", ["de", "Ünïcode/../'%\"\\", "a" * 100, "42", " "])
def test_a_text_key_may_hold_anything(pk: str, database: str, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    chart = Country.objects.create(code=pk)
    assert row(chart).image.name
    assert all(name.startswith("charts/shop/country/") and ".." not in name for name in names_of_storage())
    Country.objects.filter(pk=pk).update(value=1)
    Country.objects.mark_stale()
    assert not row(chart).is_stale
    chart.delete()
    assert names_of_storage() == set()
    assert not Job.objects.using(database).exists()


def test_a_uuid_is_marked_drawn_and_deleted(database: str) -> None:
    chart = Badge.objects.create()
    before = row(chart)
    assert before.image.name
    Badge.objects.update(value=1)
    Badge.objects.mark_stale()
    assert row(chart).image.name != before.image.name
    assert Badge.objects.failed().count() == 0
    chart.delete()
    assert not Job.objects.using(database).exists()


def test_another_rows_key_is_marked_drawn_and_deleted(account: Account, database: str, settings: Any) -> None:
    settings.CHARTS = {"KEEP_OLD_FILES": 0}
    chart = Statement.objects.create(account=account)
    before = row(chart)
    Statement.objects.update(value=1)
    Statement.objects.mark_stale()
    assert row(chart).image.name != before.image.name
    account.delete()
    assert names_of_storage() == set()
    assert not Job.objects.using(database).exists()


def test_the_published_file_says_the_committed_data(balance: Balance) -> None:
    Entry.objects.create(account=balance.account, amount=2)
    assert numbers(balance) == [1, 2]
