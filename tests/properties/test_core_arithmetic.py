"""Laws of the arithmetic that hold for every amount, weight and day."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracker.core.growth import Comparison, Note
from tracker.core.money import MAX_WON, Unit, divide_half_up, in_unit, round_half_up, spell_won
from tracker.core.periods import Period, a_year_earlier, split_months, yyyymm
from tracker.core.shares import share_percents, split_by_largest_remainder

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

amounts = st.integers(-MAX_WON, MAX_WON)
days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
periods = st.builds(
    lambda start, length: Period(start, start + timedelta(days=length)), days, st.integers(0, 800)
)


@given(amounts, st.sampled_from(Unit))
def test_an_amount_in_a_unit_is_at_most_half_a_unit_off_and_mirrors_its_negative(
    amount: int, unit: Unit
) -> None:
    shown = in_unit(amount, unit)

    assert 2 * abs(shown * unit.divisor - amount) <= unit.divisor
    assert in_unit(-amount, unit) == -shown


@given(amounts, st.integers(1, MAX_WON), st.integers(0, 6))
def test_rounding_a_fraction_is_exact(numerator: int, denominator: int, digits: int) -> None:
    value = Fraction(numerator, denominator)
    rounded = round_half_up(value, digits)

    assert abs(Fraction(rounded) - value) * 2 * 10**digits <= 1
    assert abs(Fraction(rounded)) * 10**digits == (abs(value) * 10**digits * 2 + 1) // 2


@given(st.integers(0, MAX_WON), st.integers(0, MAX_WON))
def test_two_amounts_are_never_spelled_alike(one: int, other: int) -> None:
    korean = [spell_won(amount).split("(")[1] for amount in (one, other)]

    assert (korean[0] == korean[1]) is (one == other)


@given(amounts, amounts, st.integers(0, 4))
def test_growth_as_text_is_the_unrounded_growth_rounded_once(current: int, prior: int, digits: int) -> None:
    assume(prior != 0)
    comparison = Comparison(current, prior)
    exact = Fraction((current - prior) * 100, abs(prior))
    units = divide_half_up(exact.numerator * 10**digits, exact.denominator)

    assert comparison.growth_text(digits) == f"{Decimal(f'{units}e-{digits}'):f}"
    assert comparison.growth is not None
    assert round_half_up(comparison.growth, digits) == round_half_up(exact, digits)


@given(amounts, amounts | st.none())
def test_there_is_either_growth_or_a_note(current: int, prior: int | None) -> None:
    comparison = Comparison(current, prior)

    assert (comparison.growth is None) is (comparison.note is not None)
    assert (comparison.difference is None) is (comparison.note is Note.NO_DATA)


@given(amounts, st.lists(st.integers(0, MAX_WON), min_size=1, max_size=30))
def test_parts_add_up_and_each_is_within_a_won_of_its_share(total: int, weights: list[int]) -> None:
    assume(any(weights))
    parts = split_by_largest_remainder(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
    assert split_by_largest_remainder(-total, weights) == [-part for part in parts]


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(0, 3))
def test_percentages_add_up_to_a_hundred_and_each_is_within_a_step(values: list[int], digits: int) -> None:
    assume(sum(values) != 0)
    shares = share_percents(values, digits)

    assert sum(map(Fraction, shares)) == 100
    for share, value in zip(shares, values, strict=True):
        assert abs(Fraction(share) - Fraction(100 * value, sum(values))) * 10**digits < 1


@given(periods)
def test_months_and_edges_cover_each_day_once(period: Period) -> None:
    months, edges = split_months(period)
    each_day = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]

    for day in each_day:
        assert (yyyymm(day) in months) + sum(day in edge for edge in edges) == 1
    assert months == sorted(set(months) & {yyyymm(day) for day in each_day})
    assert len(edges) <= 2
    assert not any(edge.is_whole_months for edge in edges)


@given(days, st.integers(1, 20))
def test_a_year_earlier_is_the_same_day_or_the_last_of_february(day: date, years: int) -> None:
    earlier = a_year_earlier(day, years)

    assert (earlier.year, earlier.month) == (day.year - years, day.month)
    assert earlier.day == day.day or (day.day, earlier.day, day.month) == (29, 28, 2)


@given(periods, st.integers(1, 5))
def test_whole_months_are_compared_with_whole_months(period: Period, years: int) -> None:
    earlier = period.a_year_earlier(years)

    assert earlier.start == a_year_earlier(period.start, years)
    if period.is_whole_months:
        assert earlier.is_whole_months
        assert [month + 100 * years for month in split_months(earlier)[0]] == split_months(period)[0]
    else:
        assert earlier.end == a_year_earlier(period.end, years)
