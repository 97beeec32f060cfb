"""What a table of totals asks: which purchases, over which days, against which, and in which rows."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.periods import Period, a_year_earlier, year
from tracker.core.vocabulary import Affiliation, Basis, Measure, Word

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)


class By(Word):
    """구분 기준: what the rows of a table are; a branch is a department one level down with all below it."""

    DEPARTMENT = "department", "부서별"
    BRANCH = "branch", "상위부서별"
    TYPE = "type", "유형별"
    KIND = "kind", "구분별"
    MONTH = "month", "월별"
    ENTERPRISE = "enterprise", "기업별"
    METHOD = "method", "계약방법별"


BY_DEPARTMENT = frozenset({By.DEPARTMENT, By.BRANCH})


class Side(StrEnum):
    """Which of the two compared years a figure belongs to."""

    CURRENT = "current"
    PRIOR = "prior"


@dataclass(frozen=True)
class Span:
    """What one side counts: the books of a fiscal year, the days of a period, or those books up to a day."""

    fiscal_year: int | None
    days: Period | None
    shown: Period

    @property
    def years(self) -> range:
        """Return the years whose books the span touches."""
        if self.fiscal_year is not None:
            return range(self.fiscal_year, self.fiscal_year + 1)
        return range(self.shown.start.year, self.shown.end.year + 1)


@dataclass(frozen=True)
class Question:
    """Purchases of `year` against those of `against`, by default the year before.

    A year goes by the stored fiscal year. With `period` the years are labels: purchases go by the date of the
    basis, against the like period earlier. With `same_period` both fiscal years count up to that day.
    ValueError where these contradict each other or lie outside 1900 to 2999.
    """

    year: int
    against: int | None = None
    period: Period | None = None
    same_period: date | None = None
    of: Measure = Measure.SOCIAL
    basis: Basis = Basis.CONTRACT
    by: By = By.DEPARTMENT
    department_id: int | None = None
    type: str | None = None
    affiliation: Affiliation | None = None

    def __post_init__(self) -> None:
        if self.period and self.same_period:
            raise ValueError("A period and a day of comparison cannot be asked for together.")
        if self.same_period and self.same_period.year < self.year:
            raise ValueError(f"The day {self.same_period} lies before the year {self.year}.")
        for number in (self.year, self.prior_year):
            if not FIRST_DAY.year <= number <= LAST_DAY.year:
                raise ValueError(f"The year {number} lies outside 1900 to 2999.")
        for days in (self.period, self.period and self.prior.shown):
            if days and not FIRST_DAY <= days.start <= days.end <= LAST_DAY:
                raise ValueError(f"The period {days.start} to {days.end} lies outside 1900 to 2999.")

    @property
    def prior_year(self) -> int:
        """Return the year that is compared with."""
        return self.year - 1 if self.against is None else self.against

    @property
    def years_between(self) -> int:
        """Return how many years lie between the two sides."""
        return self.year - self.prior_year

    @property
    def current(self) -> Span:
        """Return what this year counts."""
        if self.period:
            return Span(None, self.period, self.period)
        return _books(self.year, self.same_period)

    @property
    def prior(self) -> Span:
        """Return what the year compared with counts."""
        if self.period:
            earlier = self.period.a_year_earlier(self.years_between)
            return Span(None, earlier, earlier)
        return _books(
            self.prior_year, self.same_period and a_year_earlier(self.same_period, self.years_between)
        )

    def span(self, side: Side) -> Span:
        """Return what that side counts."""
        return self.current if side is Side.CURRENT else self.prior


def _books(fiscal_year: int, until: date | None) -> Span:
    if until is None:
        return Span(fiscal_year, None, year(fiscal_year))
    return Span(fiscal_year, Period(FIRST_DAY, until), Period(date(fiscal_year, 1, 1), until))


def month_text(yyyymm: int) -> str:
    """Return the key of a month's row: 202403 is "2024-03"."""
    return f"{yyyymm // 100:04}-{yyyymm % 100:02}"
