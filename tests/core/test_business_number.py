"""Business registration numbers as they stand in files."""

import csv
from pathlib import Path

import pytest

from tracker.core.business_number import (
    format_number,
    has_valid_checksum,
    is_sole_trader,
    looks_damaged,
    normalise,
)

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    "text", ["1234567891", "123-45-67891", " 123 45 67891 ", "１２３－４５－６７８９１", "123-45-67891\n"]
)
def test_digits_hyphens_and_blanks_make_a_number(text: str) -> None:
    assert normalise(text) == "1234567891"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789",
        "12345678901",
        "1234567891.0",
        "1.23E+09",
        "123-45-6789O",
        "１２３٤567891",
        "²234567891",
    ],
)
def test_anything_else_is_refused_not_repaired(text: str) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        normalise(text)


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [("1234567891", True), ("1234567890", False), ("2234567891", False), ("0000000000", True)],
)
def test_the_last_digit_checks_the_others(number: str, is_valid: bool) -> None:
    assert has_valid_checksum(number) is is_valid


def test_a_number_is_shown_in_three_groups() -> None:
    assert format_number("1234567890") == "123-45-67890"


@pytest.mark.parametrize(
    "text", ["1234567890.0", "123456789.0", "1.23456789E+09", "1E9", "123456789", "1234567", " 12345678 "]
)
def test_a_float_or_a_number_without_its_leading_zeros_looks_damaged(text: str) -> None:
    assert looks_damaged(text)


@pytest.mark.parametrize("text", ["1234567890", "123-45-67890", "123456", "12345678901", "", "미상"])
def test_a_whole_or_quite_different_text_does_not_look_damaged(text: str) -> None:
    assert not looks_damaged(text)


@pytest.mark.parametrize(
    ("middle", "is_person"),
    [("01", True), ("79", True), ("80", True), ("81", False), ("82", False), ("89", False), ("90", True)],
)
def test_the_middle_digits_tell_a_sole_trader_from_a_corporation(middle: str, is_person: bool) -> None:
    assert is_sole_trader(f"123{middle}00000") is is_person


@pytest.mark.acceptance
def test_every_supplier_of_the_data_hub_export_has_a_good_number() -> None:
    path = DATA / "procurement-hub-export.csv"
    if not DATA.exists():
        pytest.skip("the folder of real files, ../shared/data, is absent")
    with path.open(encoding="utf-16", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t"))
    heading = next(line for line in lines if "사업자등록번호" in line)
    column = heading.index("사업자등록번호")
    numbers = {normalise(line[column]) for line in lines[lines.index(heading) + 1 :]}

    assert len(numbers) == 408
    assert all(has_valid_checksum(number) for number in numbers)
