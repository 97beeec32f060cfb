"""How a report says its plain values in Korean, the same in every format."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tracker.core.growth import Note
from tracker.core.money import Unit, Won, in_unit
from tracker.core.periods import SEOUL
from tracker.reports.document import Cell, Form
from tracker.reports.requests import Content

NOTES = {Note.NEW: "신규", Note.NONE: "–", Note.NO_DATA: "자료 없음"}


def say_note(code: str) -> str:
    """Return why there is no figure: 신규, –, 자료 없음."""
    return NOTES[Note(code)]


def say_amount(amount: Won, unit: Unit = Unit.WON) -> str:
    """Return the amount as official tables write it, a negative one as △1,000."""
    shown = in_unit(amount, unit)
    return f"{'△' if shown < 0 else ''}{abs(shown):,}"


def say_percent(number: str) -> str:
    """Return a plain decimal with △ for minus."""
    whole, _, decimals = number.removeprefix("-").partition(".")
    return f"{'△' if number.startswith('-') else ''}{int(whole):,}{'.' if decimals else ''}{decimals}"


def say_cell(cell: Cell, unit: Unit | None) -> str:
    """Return what a table on paper says of the value, amounts in its unit."""
    value = cell.value
    if cell.form is Form.AMOUNT or cell.form is Form.NUMBER:
        return say_amount(int(value), unit if unit and cell.form is Form.AMOUNT else Unit.WON)
    if cell.form is Form.PERCENT or cell.form is Form.POINTS:
        return f"{say_percent(str(value))}{'%p' if cell.form is Form.POINTS else ''}"
    if cell.form is Form.DAY:
        return say_day(str(value))
    return say_note(str(value)) if cell.form is Form.NOTE else str(value)


def say_units(money: Unit | None, units: Iterable[str]) -> str:
    """Return what the corner of a table says: (단위: 천원, %), nothing without units."""
    names = ", ".join((*((money.korean,) if money else ()), *units))
    return f"(단위: {names})" if names else ""


def say_enclosures(names: Sequence[str]) -> list[str]:
    """Return the lines of 붙임: one has no number, 끝 follows the last."""
    lines = [f"{f'{number}. ' if names[1:] else ''}{name} 1부." for number, name in enumerate(names, start=1)]
    lines[0] = f"붙임\u00a0 {lines[0]}"
    lines[-1] += "\u00a0 끝."
    return lines


def say_code(sha256: str) -> str:
    """Return the short code that stands on each page of a report: 1A2B-3C4D."""
    return f"{sha256[:4]}-{sha256[4:8]}".upper()


def say_day(iso: str) -> str:
    """Return the day as official documents write it: 2026. 11. 23."""
    day = date.fromisoformat(iso)
    return f"{day.year}. {day.month}. {day.day}."


def say_moment(iso: str) -> str:
    """Return day and time in Korea."""
    moment = datetime.fromisoformat(iso).astimezone(SEOUL)
    return f"{say_day(moment.date().isoformat())} {moment:%H:%M}"


def say_month(key: str, year: int) -> str:
    """Return the month as its table says it; what lies outside the report's year says its year too."""
    number, month = map(int, key.split("-"))
    return f"{month}월" if number == year else f"{number}. {month}월"


def say_prior_year(content: Content) -> str:
    """Return the year compared with; 동기 where it is a part of it like this year's."""
    basis = content["basis"]
    is_part = basis["is_running"] or not basis["is_by_fiscal_year"]
    return f"{content['year'] - 1}년{' 동기' if is_part else ''}"
