"""How figures, days and numbers stand on a page: only here are they rounded."""

from datetime import date, datetime
from fractions import Fraction

from flask_babel import gettext as _

from tracker.core.business_number import format_number
from tracker.core.growth import Comparison, Note
from tracker.core.money import Unit, Won, format_won
from tracker.core.periods import SEOUL
from tracker.core.rates import rate_text

NOTHING = "–"


def won(amount: Won | None, unit: str = Unit.WON) -> str:
    """Return the amount in the unit with commas; a dash for an unknown amount, which is not zero."""
    return NOTHING if amount is None else format_won(amount, Unit(unit))


def unit_name(unit: str) -> str:
    """Return the Korean name of a unit: 원, 천원, 백만원."""
    return Unit(unit).korean


def percent(growth_text: str | None) -> str:
    """Return a growth with its sign: "46.8" is "+46.8%"; a dash for none."""
    if growth_text is None:
        return NOTHING
    is_rise = not growth_text.startswith("-") and growth_text.strip("0.") != ""
    return f"{'+' if is_rise else ''}{growth_text}%"


def growth(comparison: Comparison, digits: int = 1) -> str:
    """Return the growth in percent, or the word for why there is none (신규, –, 자료 없음)."""
    if comparison.note is Note.NEW:
        return str(_("New"))
    if comparison.note is Note.NO_DATA:
        return str(_("No data"))
    return percent(comparison.growth_text(digits))


def rate(value: Fraction | None, digits: int = 2) -> str:
    """Return a rate or attainment in percent: 0.0277 is "2.77%"; a dash for an unknown one."""
    text = rate_text(value, digits)
    return NOTHING if text is None else f"{text}%"


def day(value: date | None) -> str:
    """Return the day as official documents write it: 2026. 11. 23."""
    return f"{value.year}. {value.month}. {value.day}." if value else NOTHING


def moment(value: datetime | None) -> str:
    """Return day and time in Korea: 2026. 11. 23. 14:05."""
    return f"{day(local.date())} {local:%H:%M}" if value and (local := value.astimezone(SEOUL)) else NOTHING


def business_number(number: str | None) -> str:
    """Return the number as people read it: 123-45-67890."""
    return format_number(number) if number else NOTHING


FILTERS = {
    "won": won,
    "unit_name": unit_name,
    "percent": percent,
    "growth": growth,
    "rate": rate,
    "day": day,
    "moment": moment,
    "business_number": business_number,
}
