"""Money in whole won, the units it is shown in, and the way documents spell it."""

from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from tracker.core.vocabulary import Word

Won: TypeAlias = int
"""An amount of money in whole won, never a float; whether VAT is in it stands beside it."""

MAX_WON = 10**15
"""The largest amount, above or below zero, that one entry may have."""

_DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")
_MYRIADS = ("", "만", "억", "조", "경", "해")


class Unit(Word):
    """단위: what the figures of a table are counted in."""

    WON = "won", "원"
    THOUSAND = "thousand", "천원"
    MILLION = "million", "백만원"

    @property
    def divisor(self) -> int:
        """Return how many won one unit is."""
        return {Unit.WON: 1, Unit.THOUSAND: 1_000, Unit.MILLION: 1_000_000}[self]


def divide_half_up(numerator: int, denominator: int) -> int:
    """Return the quotient as a whole number, a tie going away from zero; the denominator is positive."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def round_half_up(value: Decimal | Fraction, digits: int) -> Decimal:
    """Return the value with exactly so many decimals, a tie going away from zero; never minus zero.

    Exact for every fraction: no decimal approximation stands between the value and its rounding.
    """
    scaled = Fraction(value) * 10**digits
    return Decimal(f"{divide_half_up(scaled.numerator, scaled.denominator)}e-{digits}")


def fixed_text(value: Decimal | Fraction, digits: int) -> str:
    """Return the value half-up with exactly so many decimals, a plain decimal such as "-12.0"."""
    return f"{round_half_up(value, digits):f}"


def in_unit(amount: Won, unit: Unit) -> int:
    """Return the amount in the unit, half-up by absolute value: for display only, never to add up."""
    return divide_half_up(amount, unit.divisor)


def format_won(amount: Won, unit: Unit = Unit.WON) -> str:
    """Return the amount in the unit with thousands commas: "1,234", "-1,234"."""
    return f"{in_unit(amount, unit):,}"


def spell_won(amount: Won) -> str:
    """Return the amount as official documents write it: 금113,560원(금일십일만삼천오백육십원).

    Source: 행정업무의 운영 및 혁신에 관한 규정 시행규칙 제2조제2항, whose example keeps 일 before 십. It
    shows no negative amount; one gets a minus sign and 마이너스.
    """
    sign = "마이너스" if amount < 0 else ""
    return f"금{amount:,}원(금{sign}{_korean_numeral(abs(amount))}원)"


def _korean_numeral(number: int) -> str:
    groups: list[str] = []
    for myriad in _MYRIADS:
        number, group = divmod(number, 10_000)
        spelled = "".join(
            _DIGITS[int(digit)] + place
            for digit, place in zip(f"{group:04}", reversed(_PLACES), strict=True)
            if digit != "0"
        )
        groups.append(spelled + myriad if spelled else "")
    return "".join(reversed(groups)) or _DIGITS[0]
