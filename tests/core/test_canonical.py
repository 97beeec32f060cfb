"""One text for one value."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.vocabulary import Kind


def test_keys_are_sorted_and_text_is_left_as_it_is() -> None:
    value = {"나": [1, None, True], "가": ("물품", Kind.GOODS), "a": {"c": -5, "b": "x\n"}}

    assert canonical_json(value) == '{"a":{"b":"x\\n","c":-5},"가":["물품","goods"],"나":[1,null,true]}'


def test_the_order_of_keys_does_not_matter() -> None:
    ordered: Mapping[str, int] = MappingProxyType({"b": 1, "a": 2})

    assert canonical_json(ordered) == canonical_json({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2024, 2, 29), '"2024-02-29"'),
        (datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), '"2024-02-29T01:02:03+00:00"'),
        (Decimal("46.80"), '"46.80"'),
        (Decimal("1E+3"), '"1000"'),
        (10**15, "1000000000000000"),
    ],
)
def test_dates_and_decimals_are_plain_text(value: object, text: str) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize("value", [1.5, float("nan"), [{"a": 0.0}], {1: "a"}, {1, 2}, b"x"])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_decimal_that_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        canonical_json({"rate": Decimal(number)})


def test_the_hash_is_that_of_the_utf8_bytes() -> None:
    assert sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_hex("가") != sha256_hex("각")
