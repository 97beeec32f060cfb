"""Published and worked figures that the arithmetic must reproduce."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tracker.core.growth import Comparison, percentage_points
from tracker.core.rates import attainment, purchasing_rate, rate_text
from tracker.core.shares import share_percents

HUNDRED_MILLION = 100_000_000
NATIONAL_PURCHASES = {
    2013: 2_632,
    2014: 3_550,
    2015: 5_957,
    2016: 7_401,
    2017: 9_428,
    2018: 10_595,
    2019: 12_829,
    2020: 16_225,
    2021: 18_171,
}
"""Purchases from social enterprises by all public bodies, in 억원, as the press reported them."""


def test_placements_grew_by_46_81_percent() -> None:
    assert Comparison(1_888, 1_286).growth_text(2) == "46.81"


def test_growth_of_167_percent_is_2_67_times() -> None:
    assert Comparison(267, 100).growth_text(0) == "167"


@pytest.mark.parametrize(
    ("year", "growth"),
    [
        (2014, "34.9"),
        (2015, "67.8"),
        (2016, "24.2"),
        (2017, "27.4"),
        (2018, "12.4"),
        (2019, "21.1"),
        (2020, "26.5"),
        (2021, "12.0"),
    ],
)
def test_growth_of_national_purchases(year: int, growth: str) -> None:
    current, prior = (NATIONAL_PURCHASES[each] * HUNDRED_MILLION for each in (year, year - 1))

    assert Comparison(current, prior).growth_text() == growth


@pytest.mark.parametrize(
    ("eligible", "total", "rate"),
    [
        (191_633 * HUNDRED_MILLION // 100, 35_991_782 * HUNDRED_MILLION // 100, "0.53"),
        (18_171 * HUNDRED_MILLION, 655_000 * HUNDRED_MILLION, "2.77"),
        (18_171 * HUNDRED_MILLION, (655_000 - 32_000) * HUNDRED_MILLION, "2.92"),
    ],
)
def test_national_rates(eligible: int, total: int, rate: str) -> None:
    assert rate_text(purchasing_rate(eligible, total)) == rate


def test_the_national_rate_fell_while_purchases_rose() -> None:
    assert percentage_points(Decimal("0.0277"), Decimal("0.0285")) == Decimal("-0.08")


def test_goods_and_services_of_2021_make_the_whole() -> None:
    assert NATIONAL_PURCHASES[2021] == 9_201 + 8_970
    assert share_percents([9_201, 8_970]) == [Decimal("50.6"), Decimal("49.4")]


@pytest.mark.parametrize(
    ("actual", "target", "text"),
    [
        ("67.8", "55", "123.3"),
        ("75.4", "60", "125.7"),
        ("14.43", "8.33", "173.2"),
        ("16.24", "8.94", "181.7"),
    ],
)
def test_attainment_of_worked_examples(actual: str, target: str, text: str) -> None:
    assert rate_text(attainment(Decimal(actual), Decimal(target)), 1) == text


@pytest.mark.parametrize(
    ("eligible", "target", "rate", "attained"),
    [
        (600_000 + 400_000 + 200_000, "0.50", "100.00", "200.00"),
        (600_000 + 400_000, "0.60", "83.33", "138.89"),
        (600_000 + 200_000, "0.10", "66.67", "666.67"),
    ],
)
def test_attainment_of_three_schemes_comes_from_unrounded_rates(
    eligible: int, target: str, rate: str, attained: str
) -> None:
    unrounded = purchasing_rate(eligible, 1_200_000)

    assert rate_text(unrounded) == rate
    assert rate_text(attainment(unrounded, Decimal(target))) == attained


def test_a_target_from_the_purchasable_budget() -> None:
    assert 742 * HUNDRED_MILLION * Fraction(8, 100) == Fraction("59.36") * HUNDRED_MILLION
