"""Rates and attainment, exact until they are shown."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tracker.core.rates import attainment, purchasing_rate, rate_text


def test_a_rate_is_exact() -> None:
    assert purchasing_rate(1, 3) == Fraction(1, 3)


@pytest.mark.parametrize("total", [None, 0, -1])
def test_there_is_no_rate_without_a_denominator(total: int | None) -> None:
    assert purchasing_rate(100, total) is None


def test_nothing_bought_of_something_spent_is_a_rate_of_zero() -> None:
    assert rate_text(purchasing_rate(0, 100)) == "0.00"


@pytest.mark.parametrize(
    ("actual", "target"),
    [(None, Decimal("0.5")), (Fraction(1, 2), None), (Fraction(1, 2), Decimal(0)), (5, -1)],
)
def test_there_is_no_attainment_without_figure_or_target(
    actual: Fraction | int | None, target: Decimal | int | None
) -> None:
    assert attainment(actual, target) is None


def test_attainment_comes_from_unrounded_rates() -> None:
    assert attainment(Fraction(2, 3), Decimal("0.10")) == Fraction(20, 3)


@pytest.mark.parametrize(
    ("rate", "digits", "text"),
    [
        (Fraction(1, 800), 2, "0.13"),
        (Fraction(-1, 800), 2, "-0.13"),
        (Decimal("0.0277"), 2, "2.77"),
        (Fraction(2, 3), 1, "66.7"),
        (None, 2, None),
    ],
)
def test_a_rate_is_shown_in_percent_half_up(
    rate: Fraction | Decimal | None, digits: int, text: str | None
) -> None:
    assert rate_text(rate, digits) == text
