"""Rounding, units and the spelling of amounts."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tracker.core.money import Unit, fixed_text, format_won, in_unit, round_half_up, spell_won


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 0, "-3"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("1.005"), 2, "1.01"),
        (Decimal("7"), 1, "7.0"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(-1, 1000), 1, "0.0"),
        (Decimal(f"{10**40}.5"), 0, str(10**40 + 1)),
    ],
)
def test_a_tie_goes_away_from_zero(value: Decimal | Fraction, digits: int, rounded: str) -> None:
    assert str(round_half_up(value, digits)) == rounded


def test_a_tiny_value_is_plain_text_without_exponent_or_minus_zero() -> None:
    assert fixed_text(Decimal("-1e-12"), 8) == "0.00000000"


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (1_500, Unit.THOUSAND, 2),
        (1_499, Unit.THOUSAND, 1),
        (-1_500, Unit.THOUSAND, -2),
        (-499, Unit.THOUSAND, 0),
        (500_000, Unit.MILLION, 1),
        (1_234, Unit.WON, 1_234),
    ],
)
def test_an_amount_is_shown_in_a_unit_half_up(amount: int, unit: Unit, shown: int) -> None:
    assert in_unit(amount, unit) == shown


def test_amounts_have_thousands_commas_and_a_minus_sign() -> None:
    assert [format_won(1234), format_won(-1234), format_won(0), format_won(1_234_500_000, Unit.THOUSAND)] == [
        "1,234",
        "-1,234",
        "0",
        "1,234,500",
    ]


def test_units_carry_their_korean_word() -> None:
    assert [unit.korean for unit in Unit] == ["원", "천원", "백만원"]


@pytest.mark.parametrize(
    ("amount", "spelled"),
    [
        (113_560, "금113,560원(금일십일만삼천오백육십원)"),
        (0, "금0원(금영원)"),
        (10_000, "금10,000원(금일만원)"),
        (100_000_000, "금100,000,000원(금일억원)"),
        (1_000_000_000_001, "금1,000,000,000,001원(금일조일원)"),
        (20_304_050, "금20,304,050원(금이천삼십만사천오십원)"),
        (-1_000, "금-1,000원(금마이너스일천원)"),
        (10**15, "금1,000,000,000,000,000원(금일천조원)"),
    ],
)
def test_an_amount_is_spelled_as_in_official_documents(amount: int, spelled: str) -> None:
    assert spell_won(amount) == spelled
