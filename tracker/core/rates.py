"""Purchasing rates and attainment, exact until they are shown."""

from decimal import Decimal
from fractions import Fraction

from tracker.core.money import Won, fixed_text


def purchasing_rate(eligible: Won, total: Won | None) -> Fraction | None:
    """Return 구매비율: eligible ÷ total spending (총구매액), exact.

    Source: 사회적기업 육성법 제12조. Unit: a fraction, 1/8 is 12.5 %. None when the total is unknown, or 0 or
    less: returns can outweigh a small office's purchases, and one office must not stop a report.
    """
    return Fraction(eligible, total) if total is not None and total > 0 else None


def attainment(
    actual: Fraction | Decimal | Won | None, target: Fraction | Decimal | Won | None
) -> Fraction | None:
    """Return 달성률: actual ÷ target, both unrounded and in one unit (rates as fractions, or won).

    Unit: a fraction, 5/4 is 125 %. None without a figure, without a target, or for a target of 0 or less.
    """
    if actual is None or target is None or target <= 0:
        return None
    return Fraction(actual) / Fraction(target)


def rate_text(rate: Fraction | Decimal | None, digits: int = 2) -> str | None:
    """Return a rate or attainment in percent, half-up: 0.0277 is "2.77"; None stays None, never 0."""
    return None if rate is None else fixed_text(Fraction(rate) * 100, digits)
