"""Growth, its notes, and changes of rates in points."""

from decimal import Decimal
from fractions import Fraction

import pytest

from tracker.core.growth import Comparison, Note, percentage_points


@pytest.mark.parametrize(
    ("current", "prior", "growth"),
    [
        (1_888, 1_286, "46.8"),
        (880, 1_000, "-12.0"),
        (0, 500, "-100.0"),
        (10_005, 10_000, "0.1"),
        (9_995, 10_000, "-0.1"),
        (9_999, 10_000, "0.0"),
        (50, -100, "150.0"),
        (-150, -100, "-50.0"),
        (100, 100, "0.0"),
    ],
)
def test_growth_is_half_up_over_the_prior_amount_without_sign(current: int, prior: int, growth: str) -> None:
    comparison = Comparison(current, prior)

    assert (comparison.growth_text(), comparison.note) == (growth, None)


def test_growth_has_as_many_digits_as_asked() -> None:
    comparison = Comparison(1_888, 1_286)

    assert [comparison.growth_text(digits) for digits in (0, 2, 4)] == ["47", "46.81", "46.8118"]


def test_growth_itself_is_not_rounded() -> None:
    growth = Comparison(2, 3).growth

    assert growth is not None
    assert str(growth).startswith("-33.33333333333333333333333333333333333333")


@pytest.mark.parametrize(
    ("current", "prior", "note", "difference"),
    [(5, 0, Note.NEW, 5), (-5, 0, Note.NEW, -5), (0, 0, Note.NONE, 0), (5, None, Note.NO_DATA, None)],
)
def test_without_a_prior_amount_a_note_stands_for_growth(
    current: int, prior: int | None, note: Note, difference: int | None
) -> None:
    comparison = Comparison(current, prior)

    assert (comparison.note, comparison.difference) == (note, difference)
    assert (comparison.growth, comparison.growth_text()) == (None, None)


def test_a_change_of_rates_is_in_points() -> None:
    assert percentage_points(Decimal("0.0277"), Decimal("0.0285")) == Decimal("-0.08")
    assert percentage_points(Fraction(1, 8), Fraction(1, 4)) == Decimal("-12.5")


def test_a_change_from_or_to_an_unknown_rate_is_unknown() -> None:
    assert percentage_points(None, Decimal("0.1")) is None
    assert percentage_points(Decimal("0.1"), None) is None
