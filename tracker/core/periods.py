"""Where a day begins, periods of whole days, their whole months, and the like period of an earlier year."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The days from start to end, both included; ValueError when the end comes first."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"A period cannot end ({self.end}) before it starts ({self.start}).")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def is_whole_months(self) -> bool:
        """Return whether the period starts on a first and ends on a last day of a month."""
        return self.start.day == 1 and _is_month_end(self.end)

    def a_year_earlier(self, years: int = 1) -> "Period":
        """Return the like period so many years earlier.

        Whole months stand against whole months, so a full February against a full February of 28 or 29
        days; any other period runs up to the same day, 29 February becoming 28 February.
        """
        start, end = a_year_earlier(self.start, years), a_year_earlier(self.end, years)
        return Period(start, _month_end(end) if self.is_whole_months else end)


def year(y: int) -> Period:
    """Return the calendar year."""
    return Period(date(y, 1, 1), date(y, 12, 31))


def half(y: int, h: int) -> Period:
    """Return the first or second half of the year."""
    return _months(y, h, 6)


def quarter(y: int, q: int) -> Period:
    """Return the quarter, 1 to 4, of the year."""
    return _months(y, q, 3)


def month(y: int, m: int) -> Period:
    """Return the month of the year."""
    return _months(y, m, 1)


def evaluation_year(y: int) -> Period:
    """Return 1 September of the year before to 31 August, as cities evaluate their districts."""
    return Period(date(y - 1, 9, 1), date(y, 8, 31))


def a_year_earlier(day: date, years: int = 1) -> date:
    """Return the same day so many years earlier; 29 February becomes 28 February where there is none."""
    earlier = day.year - years
    return date(earlier, day.month, min(day.day, monthrange(earlier, day.month)[1]))


def yyyymm(day: date) -> int:
    """Return the month of the day as a number: 202403."""
    return day.year * 100 + day.month


def months_of(year: int) -> list[int]:
    """Return the twelve months of the calendar year as numbers: 202401 to 202412."""
    return [year * 100 + number for number in range(1, 13)]


def split_months(period: Period) -> tuple[list[int], list[Period]]:
    """Return the whole months inside the period as numbers, and the days at its edges as periods.

    Together they cover each day of the period exactly once.
    """
    months: list[int] = []
    edges: list[Period] = []
    start = period.start
    while start <= period.end:
        end = min(_month_end(start), period.end)
        stretch = Period(start, end)
        if stretch.is_whole_months:
            months.append(yyyymm(start))
        else:
            edges.append(stretch)
        start = end + _ONE_DAY
    return months, edges


def _months(y: int, number: int, length: int) -> Period:
    """Return the number-th stretch of so many months of the year; ValueError when the year has none."""
    last = number * length
    if not length <= last <= 12:
        raise ValueError(f"A year has no part {number} of {length} months.")
    return Period(date(y, last - length + 1, 1), _month_end(date(y, last, 1)))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _is_month_end(day: date) -> bool:
    return day == _month_end(day)
