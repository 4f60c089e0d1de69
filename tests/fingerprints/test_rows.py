"""Rows of models count by what is loaded of them, and nothing is loaded for it."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import models
from django.db.models import F, Value
from django.test.utils import isolate_apps
from django.utils.functional import cached_property

from charts.exceptions import DigestError
from charts.fingerprints import digest, row_state, settle
from tests.shop.models import Customer, Order, Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders() -> list[Order]:
    north, south = Region.objects.create(name="North"), Region.objects.create(name="South")
    customers = [Customer.objects.create(region=region) for region in (north, south)]
    return [Order.objects.create(customer=customer, total=total) for total in (1, 2) for customer in customers]


def test_rows_that_are_loaded_alike_have_one_digest(orders: list[Order]) -> None:
    queryset = Order.objects.order_by("pk")
    assert digest(queryset) == digest(list(Order.objects.order_by("pk"))) == digest(settle(queryset.iterator()))


def test_each_column_and_the_order_of_rows_count(orders: list[Order]) -> None:
    before = digest(Order.objects.order_by("pk"))
    assert digest(Order.objects.order_by("-pk")) != before
    orders[2].month = 12
    orders[2].save()
    assert digest(Order.objects.order_by("pk")) != before


@pytest.mark.parametrize(
    "read", [lambda rows: rows.values("pk", "total"), lambda rows: rows.values_list("pk", "total")]
)
def test_values_count_as_they_come(orders: list[Order], read: Any) -> None:
    before = digest(read(Order.objects.order_by("pk")))
    assert before == digest(list(read(Order.objects.order_by("pk"))))
    Order.objects.filter(pk=orders[1].pk).update(total=9)
    assert digest(read(Order.objects.order_by("pk"))) != before


def test_an_annotation_counts(orders: list[Order]) -> None:
    digests = {digest(Order.objects.annotate(share=Value(share))) for share in (1, 2)}
    assert len(digests | {digest(Order.objects.all())}) == 3


def test_a_deferred_column_is_not_loaded(orders: list[Order], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        row = Order.objects.only("pk", "customer").first()
    assert row is not None
    with django_assert_num_queries(0):
        assert digest(row)
        assert digest([row, row])
        assert row_state(row)


def test_a_column_loaded_later_counts_as_if_it_had_been_loaded_first(orders: list[Order]) -> None:
    late = Order.objects.only("pk").get(pk=orders[0].pk)
    assert [late.total, late.month, late.customer_id] == [1, 1, orders[0].customer_id]
    assert digest(late) == digest(Order.objects.get(pk=orders[0].pk))


def test_a_foreign_row_counts_where_it_is_loaded(orders: list[Order], django_assert_num_queries: Any) -> None:
    def read() -> models.QuerySet[Order]:
        return Order.objects.select_related("customer__region").order_by("pk")

    before = digest(read())
    assert before != digest(Order.objects.order_by("pk"))
    Region.objects.filter(name="South").update(name="East")
    rows = list(read())
    with django_assert_num_queries(0):
        assert digest(rows) != before


def test_prefetched_rows_count(orders: list[Order], django_assert_num_queries: Any) -> None:
    def read() -> list[Region]:
        return list(Region.objects.prefetch_related("customer_set__order_set").order_by("pk"))

    before = digest(read())
    Order.objects.filter(pk=orders[0].pk).update(total=9)
    rows = read()
    with django_assert_num_queries(0):
        assert digest(rows) != before


def test_an_attribute_that_get_data_set_counts(orders: list[Order]) -> None:
    rows = list(Order.objects.order_by("pk"))
    before = digest(rows)
    rows[0].rank = 1  # type: ignore[attr-defined]  # as users do
    assert digest(rows) != before


def test_a_row_of_another_model_is_another_row() -> None:
    assert digest(Region(pk=1)) != digest(Customer(pk=1))
    assert digest([Region(pk=1), Customer(pk=1)]) != digest([Region(pk=1), Region(pk=1)])


@isolate_apps("tests.shop")
def test_what_is_cached_on_a_row_does_not_count() -> None:
    class Cached(models.Model):  # noqa: DJ008  nobody shows it
        name = models.CharField(max_length=5)

        class Meta:
            app_label = "shop"

        @cached_property
        def loud(self) -> str:
            return self.name.upper()

    one, other = Cached(name="a"), Cached(name="a")
    assert one.loud == "A"
    one._private = object()  # type: ignore[attr-defined]  # as libraries do
    assert digest(one) == digest(other)


@isolate_apps("tests.shop")
def test_rows_that_point_at_each_other_end() -> None:
    class Person(models.Model):  # noqa: DJ008  nobody shows it
        partner = models.OneToOneField("self", models.CASCADE, null=True, related_name="other")

        class Meta:
            app_label = "shop"

    one, two = Person(pk=1), Person(pk=2)
    one.partner, two.partner = two, one
    assert len({digest(one), digest(two), digest([one, two]), digest([two, one])}) == 4
    partner = ["shop.Person", {"id": 2, "partner_id": 1}, {}]
    assert row_state(one) == ["shop.Person", {"id": 1, "partner_id": 2}, {"other": partner, "partner": partner}]
    assert digest(row_state(one))


@isolate_apps("tests.shop")
def test_a_file_counts_by_its_name_however_often_it_was_asked_for() -> None:
    class Paper(models.Model):  # noqa: DJ008  nobody shows it
        file = models.FileField()

        class Meta:
            app_label = "shop"

    one, other = Paper(file="a.pdf"), Paper(file="a.pdf")
    assert other.file.name == "a.pdf"
    assert digest([one]) == digest([other])
    assert digest([one, other]) == digest([other, one])
    assert digest(one) != digest(Paper(file="b.pdf"))
    assert digest(row_state(one)) == digest(row_state(other))
    assert digest(other.file) == digest(ContentFile(b"", name="a.pdf"))


class Place:
    """A value that only its field can write."""

    def __init__(self, name: str) -> None:
        self.name = name


@isolate_apps("tests.shop")
def test_a_column_of_an_unknown_type_counts_as_its_field_writes_it() -> None:
    class PlaceField(
        models.CharField[Any, Any] if hasattr(models.CharField, "__class_getitem__") else models.CharField
    ):  # type: ignore[misc]  # generic in the stubs only
        def value_to_string(self, obj: models.Model) -> str:
            return str(self.value_from_object(obj).name)

    class Shop(models.Model):  # noqa: DJ008  nobody shows it
        place = PlaceField(max_length=5)

        class Meta:
            app_label = "shop"

    one, same, other = (Shop(place=Place(name)) for name in ("a", "a", "b"))
    assert digest([one]) == digest([same]) != digest([other])
    assert digest(row_state(one)) == digest(row_state(same)) != digest(row_state(other))


def test_what_has_no_digest_in_an_annotation_is_named(orders: list[Order]) -> None:
    rows = list(Order.objects.order_by("pk"))
    rows[2].shape = Place("a")  # type: ignore[attr-defined]  # as users do
    rows[0].shape = rows[1].shape = rows[3].shape = 1  # type: ignore[attr-defined]  # as users do
    with pytest.raises(DigestError, match=r"^data\[2\]\.shape is"):
        digest(rows)
    with pytest.raises(DigestError, match=r"^data\.shape is"):
        digest(rows[2])


# The chart's own row.


def test_the_state_of_a_row_is_its_columns_and_those_of_loaded_rows(orders: list[Order]) -> None:
    row = Order.objects.select_related("customer__region").get(pk=orders[0].pk)
    assert row_state(row, exclude={"month"}) == [
        "shop.Order",
        {"id": row.pk, "customer_id": row.customer_id, "total": 1},
        {
            "customer": [
                "shop.Customer",
                {"id": row.customer.pk, "region_id": row.customer.region_id},
                {"region": ["shop.Region", {"id": row.customer.region_id, "name": "North"}, {}]},
            ]
        },
    ]


@pytest.mark.parametrize("name", ["customer", "customer_id"])
def test_a_foreign_key_can_be_left_out_by_either_name(orders: list[Order], name: str) -> None:
    row = Order.objects.select_related("customer").get(pk=orders[0].pk)
    assert digest(row_state(row, exclude={name})) == digest(["shop.Order", {"id": row.pk, "month": 1, "total": 1}, {}])


def test_names_left_out_are_those_of_the_row_itself(orders: list[Order]) -> None:
    row = Order.objects.select_related("customer__region").get(pk=orders[0].pk)
    assert "North" in str(row_state(row, exclude={"name"}))


def test_each_row_on_the_way_can_say_what_to_leave_out(orders: list[Order]) -> None:
    row = Order.objects.select_related("customer__region").get(pk=orders[0].pk)
    state = row_state(row, exclude=lambda row: {"name"} if isinstance(row, Region) else set())
    assert "North" not in str(state)
    assert "'total': 1" in str(state)


def test_the_state_of_a_row_follows_its_foreign_rows(orders: list[Order]) -> None:
    def state() -> str:
        return digest(row_state(Order.objects.select_related("customer__region").get(pk=orders[0].pk)))

    before = state()
    Region.objects.filter(name="North").update(name="Nord")
    assert state() != before


def test_an_annotation_is_no_part_of_a_row(orders: list[Order]) -> None:
    row = Order.objects.annotate(twice=F("total") * 2, price=Value(Decimal(1))).get(pk=orders[0].pk)
    assert row_state(row) == row_state(Order.objects.get(pk=orders[0].pk))


def test_content_types_and_other_generic_rows_have_a_digest() -> None:
    assert digest(ContentType.objects.order_by("pk"))
