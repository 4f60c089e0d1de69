"""CHARTS: defaults, overrides, and what is said of wrong keys and values."""

from typing import Any

import pytest

from charts import conf
from charts.choices import choices


def said(settings: Any, **chosen: object) -> list[str]:
    settings.CHARTS = chosen
    return [f"{problem.sentence} {problem.hint}" for problem in conf.problems()]


def test_every_key_has_a_default_that_is_a_good_value() -> None:
    assert set(conf.RULES) == set(conf.KEYS)
    for key, (_, is_good) in conf.RULES.items():
        assert is_good(conf.default(key)), key


def test_without_the_setting_everything_is_the_default(settings: Any) -> None:
    del settings.CHARTS
    assert conf.config() == conf.Config()


def test_a_changed_setting_is_seen_at_once(settings: Any) -> None:
    settings.CHARTS = {"INLINE_LIMIT": 7}
    assert conf.config().inline_limit == 7
    settings.CHARTS = {}
    assert conf.config().inline_limit == 20


def test_a_change_waits_two_seconds_for_the_next_but_not_inline(settings: Any) -> None:
    settings.CHARTS = {}
    assert conf.config().delay == 0
    settings.CHARTS = {"DISPATCHER": "manual"}
    assert conf.config().delay == 2
    settings.CHARTS = {"DISPATCHER": "inline", "DEBOUNCE": 5}
    assert conf.config().delay == 5


def test_good_values_are_no_problem(settings: Any) -> None:
    good = {
        "DISPATCHER": "shop.dispatching.Own",
        "WATCH": False,
        "DEBOUNCE": None,
        "INLINE_LIMIT": 0,
        "TIMEOUT": 0.5,
        "LEASE": 90,
        "MAX_ATTEMPTS": 1,
        "MAX_PIXELS": 1,
        "KEEP_OLD_FILES": 0,
        "CAN_VIEW": "shop.permissions.can_view",
        "THEMES": {"corporate": {"extends": "dark"}},
        "PNG": "small",
    }
    assert said(settings, **good) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DISPATCHER", "redis"),
        ("DISPATCHER", None),
        ("WATCH", 0),
        ("DEBOUNCE", -1),
        ("DEBOUNCE", "2"),
        ("DEBOUNCE", float("inf")),
        ("INLINE_LIMIT", 2.5),
        ("INLINE_LIMIT", True),
        ("TIMEOUT", 0),
        ("TIMEOUT", True),
        ("LEASE", float("nan")),
        ("MAX_ATTEMPTS", 0),
        ("MAX_PIXELS", None),
        ("KEEP_OLD_FILES", -3600),
        ("CAN_VIEW", "can_view"),
        ("CAN_VIEW", len),
        ("THEMES", ["dark"]),
        ("THEMES", {"two words": {}}),
        ("THEMES", {"corporate": "dark"}),
        ("PNG", "tiny"),
    ],
)
def test_a_bad_value_is_told_with_what_it_must_be(settings: Any, key: str, value: object) -> None:
    (sentence,) = said(settings, **{key: value})
    assert f"CHARTS[{key!r}] is {value!r}, but must be {conf.RULES[key][0]}." in sentence


def test_an_unknown_key_is_told_with_the_one_that_was_meant(settings: Any) -> None:
    (sentence,) = said(settings, DISPACHER="inline")
    assert sentence.startswith("CHARTS has no key 'DISPACHER'. Did you mean 'DISPATCHER'? Choices are: DISPATCHER, ")


def test_unknown_keys_and_bad_types_break_nothing_before_the_checks_tell(settings: Any) -> None:
    settings.CHARTS = {"NONSENSE": 1, 3: 4}
    assert conf.config() == conf.Config()
    settings.CHARTS = ["DISPATCHER"]
    assert conf.config() == conf.Config()
    assert [problem.sentence for problem in conf.problems()] == ["CHARTS is ['DISPATCHER'], but must be a dict."]


def test_choices_name_the_closest_and_all() -> None:
    assert choices("SHOP.order", ["shop.Order", "shop.Region"]) == (
        "Did you mean 'shop.Order'? Choices are: shop.Order, shop.Region."
    )
    assert choices("zzz", ["shop.Order"]) == "Choices are: shop.Order."
    assert choices("zzz", []) == "There is none."
