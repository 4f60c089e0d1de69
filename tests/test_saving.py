"""Saving a chart, in all the ways there are: no save of an existing row writes what rendering has written."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.serializers import deserialize, serialize
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models.signals import post_save
from django.test import Client

from charts.fields import ChartImageField
from charts.pipeline import own_fields
from tests.shop.models import Account, Balance, MonthlyRevenue, Portrait, Region
from tests.tools import files_of, names_of_storage, row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _manual(settings: Any) -> None:
    """Let nothing be drawn but what a test draws."""
    settings.CHARTS = {"DISPATCHER": "manual"}


@pytest.fixture
def account() -> Account:
    return Account.objects.create()


@pytest.fixture
def drawn(account: Account) -> Balance:
    chart = Balance.objects.create(account=account, title="First")
    chart.render()
    return chart


@pytest.fixture
def outdated(drawn: Balance) -> Balance:
    """An instance that is older than its row's picture, in every column of it."""
    old = row(drawn)
    drawn.render(force=True)
    for name in own_fields(Balance):
        setattr(old, name, Balance._meta.get_field(name).get_default())
    return old


def published(chart: Any) -> dict[str, Any]:
    """Return the row's columns that rendering writes."""
    return type(chart)._base_manager.filter(pk=chart.pk).values(*own_fields(type(chart)) - {"data_version"}).get()


def save_all(chart: Balance) -> None:
    chart.save()


def save_the_image(chart: Balance) -> None:
    chart.save(update_fields=["image"])


def save_image_and_title(chart: Balance) -> None:
    chart.save(update_fields=["image", "title", "data_digest"])


def save_every_column_by_name(chart: Balance) -> None:
    chart.save(update_fields=[field.name for field in chart._meta.concrete_fields if not field.primary_key])


def force_an_update(chart: Balance) -> None:
    chart.save(force_update=True)


def save_by_base(chart: Balance) -> None:
    chart.save_base()


def save_an_instance_made_by_hand(chart: Balance) -> None:
    Balance(pk=chart.pk, account=chart.account, title=chart.title).save()


def save_what_only_loaded(chart: Balance) -> None:
    part = Balance.objects.only("title").get(pk=chart.pk)
    part.title = chart.title
    part.save()


def save_what_deferred_the_image(chart: Balance) -> None:
    part = Balance.objects.defer("image", "alt").get(pk=chart.pk)
    part.image = ""
    part.title = chart.title
    part.save()


def save_a_pickled_one(chart: Balance) -> None:
    pickle.loads(pickle.dumps(chart)).save()  # noqa: S301  (our own)


def save_a_copy_in_memory(chart: Balance) -> None:
    copy.copy(chart).save()


def update_or_create_it(chart: Balance) -> None:
    Balance.objects.update_or_create(pk=chart.pk, defaults={"title": chart.title, "image": ""})


def bulk_update_the_title(chart: Balance) -> None:
    Balance.objects.bulk_update([chart], ["title"])


@pytest.mark.parametrize(
    "save",
    [
        save_all,
        save_image_and_title,
        save_every_column_by_name,
        force_an_update,
        save_by_base,
        save_an_instance_made_by_hand,
        save_what_only_loaded,
        save_what_deferred_the_image,
        save_a_pickled_one,
        save_a_copy_in_memory,
        update_or_create_it,
        bulk_update_the_title,
    ],
    ids=lambda save: save.__name__,
)
def test_a_save_writes_own_columns_and_leaves_the_picture_alone(
    outdated: Balance, save: Callable[[Balance], None]
) -> None:
    before = published(outdated)
    outdated.title = "Second"
    save(outdated)
    assert published(outdated) == before
    assert row(outdated).title == "Second"


@pytest.mark.parametrize("select_on_save", [False, True])
def test_saving_nothing_but_the_image_writes_nothing(
    outdated: Balance, monkeypatch: pytest.MonkeyPatch, select_on_save: bool
) -> None:
    monkeypatch.setattr(Balance._meta, "select_on_save", select_on_save)
    before = published(outdated)
    save_the_image(outdated)
    assert published(outdated) == before


def test_a_save_that_looks_first_leaves_the_picture_alone(outdated: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Balance._meta, "select_on_save", True)
    before = published(outdated)
    outdated.title = "Second"
    outdated.save()
    assert (published(outdated), row(outdated).title) == (before, "Second")


def test_a_chart_without_columns_of_its_own_is_saved_in_place() -> None:
    chart = Portrait.objects.create()
    chart.render()
    before = published(chart)
    Portrait(pk=chart.pk).save()
    assert (Portrait.objects.count(), published(chart)) == (1, before)


def test_saving_only_the_image_of_a_deleted_row_is_an_error_as_ever(drawn: Balance) -> None:
    Balance.objects.filter(pk=drawn.pk).delete()
    with pytest.raises(DatabaseError):
        drawn.save(update_fields=["image"])


def test_forcing_an_update_of_a_deleted_row_is_an_error_as_ever(drawn: Balance) -> None:
    Balance.objects.filter(pk=drawn.pk).delete()
    with pytest.raises(DatabaseError):
        drawn.save(force_update=True)


def test_forcing_an_insert_of_an_existing_row_is_an_error_as_ever(drawn: Balance, database: str) -> None:
    before = published(drawn)
    with pytest.raises(IntegrityError), transaction.atomic(using=database):
        Balance(pk=drawn.pk, account=drawn.account).save(force_insert=True)
    assert published(drawn) == before


def test_a_deleted_row_saved_again_names_no_file(drawn: Balance) -> None:
    old = row(drawn)
    drawn.delete()
    old.save()
    assert (row(old).image.name, row(old).image_version, row(old).is_stale) == ("", 0, True)


def test_a_copied_row_shares_no_file(drawn: Balance) -> None:
    original = row(drawn)
    drawn.pk = None
    drawn.save()
    assert (row(drawn).image.name, row(drawn).alt, row(drawn).data_digest) == ("", "", "")
    assert row(original).image.name == original.image.name


def test_the_copy_in_hand_says_so_too(drawn: Balance) -> None:
    drawn.pk = None
    drawn.save()
    assert (drawn.image.name, drawn.image_version, drawn.rendered_at) == ("", 0, None)


def test_deleting_a_copied_row_leaves_the_originals_picture(drawn: Balance) -> None:
    original = row(drawn)
    drawn.pk = None
    drawn._state.adding = True
    drawn.save()
    drawn.delete()
    assert set(files_of(original)) <= names_of_storage()


@pytest.fixture
def revenue(region: Region) -> MonthlyRevenue:
    """A rendered chart that is in the admin."""
    chart = MonthlyRevenue.objects.create(region=region)
    chart.render()
    return chart


def test_save_as_new_in_the_admin_shares_no_file(revenue: MonthlyRevenue, client: Client) -> None:
    client.force_login(User.objects.create_superuser("chief"))
    form = {"region": revenue.region_id, "title": "Copy", "_saveasnew": "Save as new"}
    client.post(f"/admin/shop/monthlyrevenue/{revenue.pk}/change/", form)
    assert MonthlyRevenue.objects.get(title="Copy").image.name == ""


def test_a_save_in_the_admin_leaves_a_picture_that_was_published_meanwhile(
    revenue: MonthlyRevenue, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("chief"))

    def publish_meanwhile(instance: MonthlyRevenue, **kwargs: Any) -> None:
        row(instance).render(force=True)

    models.signals.pre_save.connect(publish_meanwhile, sender=MonthlyRevenue)
    try:
        client.post(
            f"/admin/shop/monthlyrevenue/{revenue.pk}/change/", {"region": revenue.region_id, "title": "Second"}
        )
    finally:
        models.signals.pre_save.disconnect(publish_meanwhile, sender=MonthlyRevenue)
    assert row(revenue).title == "Second"
    assert row(revenue).image.name != revenue.image.name
    assert set(files_of(revenue)) <= names_of_storage()


def test_saving_again_in_post_save_ends(drawn: Balance) -> None:
    calls = []

    def save_again(instance: Balance, **kwargs: Any) -> None:
        calls.append(instance)
        if len(calls) < 3:
            instance.save()

    post_save.connect(save_again, sender=Balance)
    try:
        drawn.save()
    finally:
        post_save.disconnect(save_again, sender=Balance)
    assert len(calls) == 3


def test_rendering_in_post_save_saves_nothing_again(account: Account) -> None:
    saves = []

    def render(instance: Balance, **kwargs: Any) -> None:
        saves.append(instance)
        instance.render()

    post_save.connect(render, sender=Balance)
    try:
        chart = Balance.objects.create(account=account)
    finally:
        post_save.disconnect(render, sender=Balance)
    assert len(saves) == 1
    assert row(chart).image.name


def test_bulk_create_writes_what_it_is_told(account: Account) -> None:
    Balance.objects.bulk_create([Balance(account=account, image="told.png", image_version=7)])
    chart = Balance.objects.get()
    assert (chart.image.name, chart.image_version) == ("told.png", 7)


def test_update_and_bulk_update_write_what_they_are_told(drawn: Balance) -> None:
    Balance.objects.update(alt="told")
    assert row(drawn).alt == "told"
    drawn.alt = "told again"
    Balance.objects.bulk_update([drawn], ["alt"])
    assert row(drawn).alt == "told again"


@pytest.mark.parametrize("is_there", [True, False])
def test_loaddata_writes_what_it_is_told(drawn: Balance, is_there: bool) -> None:
    fixture = serialize("json", [drawn]).replace(drawn.image.name, "told.png")
    if is_there:
        Balance.objects.update(title="Second")
    else:
        Balance.objects.filter(pk=drawn.pk)._raw_delete(drawn._state.db)
    for loaded in deserialize("json", fixture):
        loaded.save()
    assert (row(drawn).image.name, row(drawn).title) == ("told.png", "First")


def test_refreshing_from_the_database_brings_the_picture(outdated: Balance) -> None:
    outdated.refresh_from_db(fields=["image"])
    assert outdated.image.name == row(outdated).image.name


def test_a_pickled_chart_still_knows_its_files(drawn: Balance) -> None:
    again = pickle.loads(pickle.dumps(drawn))  # noqa: S301  (our own)
    assert [variant.name for variant in again.image.variants] == [variant.name for variant in drawn.image.variants]


def test_a_file_put_into_the_attribute_is_neither_stored_nor_named(drawn: Balance) -> None:
    from django.core.files.base import ContentFile

    before, stored = published(drawn), names_of_storage()
    drawn.image = ContentFile(b"not a picture", name="own.png")
    drawn.save()
    assert (published(drawn), names_of_storage()) == (before, stored)


@pytest.mark.parametrize("method", ["save", "delete"])
def test_the_image_is_not_saved_or_deleted_by_hand(drawn: Balance, method: str) -> None:
    arguments = ("own.png", b"") if method == "save" else ()
    with pytest.raises(TypeError, match=r"Balance\.image is not .* by hand: render\(\) publishes it"):
        getattr(drawn.image, method)(*arguments)


def test_loading_rows_opens_no_file(drawn: Balance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(ChartImageField().storage), "open", pytest.fail, raising=False)
    chart = row(drawn)
    assert (chart.image_width, chart.image_height, chart.image.width, chart.image.height) == (48, 32, 48, 32)


def test_only_the_image_costs_one_query(drawn: Balance, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1, using=drawn._state.db):
        assert [chart.image.name for chart in Balance.objects.only("image")]


def test_the_column_of_a_picture_is_never_null() -> None:
    assert not ChartImageField(null=True).null
