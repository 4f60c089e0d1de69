"""Iterators and querysets are read once, in copies; all else is given back untouched."""

import collections
import io
import itertools
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from charts.exceptions import DigestError
from charts.fingerprints import digest, settle, settling
from tests.fingerprints import samples


@pytest.mark.parametrize("data", samples.everything(), ids=lambda data: type(data).__name__)
def test_what_needs_no_reading_is_given_back_itself(data: Any) -> None:
    assert settle(data) is data


def test_a_generator_becomes_a_list() -> None:
    assert settle(number * 2 for number in range(3)) == [0, 2, 4]


def test_iterators_in_containers_become_lists_and_the_rest_stays() -> None:
    shared = [1, 2]
    data = {"a": iter([1, 2]), "b": (zip("ab", [1, 2], strict=True), shared), "c": [map(str, [1])]}
    settled = settle(data)
    assert settled == {"a": [1, 2], "b": ([("a", 1), ("b", 2)], shared), "c": [["1"]]}
    assert settled["b"][1] is shared


def test_iterators_that_give_iterators_are_read_to_the_end() -> None:
    assert settle(iter([iter([1]), (number for number in [2])])) == [[1], [2]]


def test_containers_of_others_are_copied_never_changed() -> None:
    ours: dict[str, Any] = {"rows": iter([1])}
    rows = [ours]
    settled = settle(rows)
    assert settled == [{"rows": [1]}]
    assert settled is not rows
    assert not isinstance(ours["rows"], list)


def test_containers_keep_their_types() -> None:
    point = settle(samples.Point(iter([1]), 2))  # type: ignore[arg-type]  # wrong on purpose
    assert point == samples.Point([1], 2)  # type: ignore[arg-type]  # wrong on purpose
    assert isinstance(point, samples.Point)
    assert isinstance(settle(collections.OrderedDict(a=iter([1]))), collections.OrderedDict)


def test_what_was_settled_has_a_digest_and_can_be_read_again() -> None:
    settled = settle({"rows": ((number, str(number)) for number in range(3))})
    assert digest(settled) == digest({"rows": [(0, "0"), (1, "1"), (2, "2")]})
    assert len(list(settled["rows"])) == 3


def test_an_endless_iterator_is_an_error_and_not_the_end_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MAX_ITEMS", 1000)
    with pytest.raises(DigestError, match="count of more than 1,000 items"):
        settle({"x": itertools.count()})


def test_data_that_contains_itself_is_an_error() -> None:
    data: list[Any] = []
    data += [data, data]
    with pytest.raises(DigestError, match="contains itself"):
        settle(data)


def test_an_open_file_is_not_read() -> None:
    file = io.StringIO("a\nb")
    assert settle(file) is file
    assert file.tell() == 0


@pytest.mark.django_db
def test_a_queryset_is_read_once_and_stays_a_queryset(django_assert_num_queries: Any) -> None:
    queryset = ContentType.objects.order_by("pk")
    with django_assert_num_queries(1):
        settled = settle({"rows": [queryset]})["rows"][0]
    assert settled is queryset
    with django_assert_num_queries(0):
        assert list(settled)


@pytest.mark.django_db
def test_a_raw_queryset_is_read_too(django_assert_num_queries: Any) -> None:
    queryset = ContentType.objects.raw("SELECT * FROM django_content_type ORDER BY id")
    with django_assert_num_queries(1):
        settled = settle(queryset)
    with django_assert_num_queries(0):
        assert list(settled)
