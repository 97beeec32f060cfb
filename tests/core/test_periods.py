"""Periods, their whole months and edges, and the like period a year earlier."""

from collections.abc import Callable
from datetime import date

import pytest

from tracker.core.periods import (
    Period,
    a_year_earlier,
    evaluation_year,
    half,
    month,
    months_of,
    quarter,
    split_months,
    year,
    yyyymm,
)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2024, 1, 2), date(2024, 1, 1))


def test_a_period_includes_its_first_and_last_day_and_no_other() -> None:
    period = Period(date(2024, 3, 1), date(2024, 3, 31))
    days = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 1)]

    assert [day in period for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (year(2024), date(2024, 1, 1), date(2024, 12, 31)),
        (half(2024, 1), date(2024, 1, 1), date(2024, 6, 30)),
        (half(2024, 2), date(2024, 7, 1), date(2024, 12, 31)),
        (quarter(2024, 1), date(2024, 1, 1), date(2024, 3, 31)),
        (quarter(2024, 4), date(2024, 10, 1), date(2024, 12, 31)),
        (month(2024, 2), date(2024, 2, 1), date(2024, 2, 29)),
        (evaluation_year(2024), date(2023, 9, 1), date(2024, 8, 31)),
    ],
)
def test_named_periods_have_their_days(period: Period, start: date, end: date) -> None:
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(("part", "number"), [(quarter, 0), (quarter, 5), (half, 3), (month, 13)])
def test_a_part_that_the_year_does_not_have_is_an_error(
    part: Callable[[int, int], Period], number: int
) -> None:
    with pytest.raises(ValueError, match="no part"):
        part(2024, number)


@pytest.mark.parametrize(
    ("day", "years", "earlier"),
    [
        (date(2024, 2, 29), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
        (date(2025, 2, 28), 1, date(2024, 2, 28)),
        (date(2024, 12, 31), 1, date(2023, 12, 31)),
    ],
)
def test_the_same_day_a_year_earlier(day: date, years: int, earlier: date) -> None:
    assert a_year_earlier(day, years) == earlier


@pytest.mark.parametrize(
    ("period", "earlier"),
    [
        (month(2024, 2), month(2023, 2)),
        (month(2025, 2), month(2024, 2)),
        (Period(date(2025, 1, 1), date(2025, 2, 28)), Period(date(2024, 1, 1), date(2024, 2, 29))),
        (Period(date(2024, 1, 15), date(2024, 2, 29)), Period(date(2023, 1, 15), date(2023, 2, 28))),
        (Period(date(2025, 1, 15), date(2025, 2, 28)), Period(date(2024, 1, 15), date(2024, 2, 28))),
        (year(2024), year(2023)),
        (evaluation_year(2025), evaluation_year(2024)),
    ],
)
def test_a_period_is_compared_like_with_like(period: Period, earlier: Period) -> None:
    assert period.a_year_earlier() == earlier


def test_a_period_can_be_compared_with_several_years_earlier() -> None:
    assert month(2024, 2).a_year_earlier(years=4) == month(2020, 2)


def test_a_year_is_twelve_whole_months_without_edges() -> None:
    assert split_months(year(2024)) == (months_of(2024), [])


def test_a_period_is_split_into_whole_months_and_the_days_at_its_edges() -> None:
    period = Period(date(2023, 11, 15), date(2024, 2, 28))

    assert split_months(period) == (
        [202312, 202401],
        [Period(date(2023, 11, 15), date(2023, 11, 30)), Period(date(2024, 2, 1), date(2024, 2, 28))],
    )


def test_a_period_inside_one_month_is_all_edge() -> None:
    period = Period(date(2024, 2, 2), date(2024, 2, 29))

    assert split_months(period) == ([], [period])


def test_months_are_numbers() -> None:
    assert (yyyymm(date(2024, 3, 31)), months_of(2024)[0], months_of(2024)[-1]) == (202403, 202401, 202412)
