"""Reading one cell: amounts, days, years, quantities and words as offices write them."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from tracker.core.money import MAX_WON, Won
from tracker.core.vocabulary import ContractMethod, GoverningLaw, Kind, Tax, Word
from tracker.imports.reading.rows import Cell

W = TypeVar("W", bound=Word)

FIRST_YEAR, LAST_YEAR = 1990, 2100
EXCEL_DAY_ZERO = date(1899, 12, 30)
EXCEL_SERIALS = range(20_000, 80_001)
MAX_QUANTITY = 10**12

BLANKS = {"", "-", "–", "—", "―", "−", "－"}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．－（）￦−", "0123456789,.-()₩-")
_NUMBER = r"(?P<sign>[-+△▲]?) ?{mark}(?P<number>(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+)(?:\.[0-9]+)?)"
_AMOUNT = re.compile("₩? ?" + _NUMBER.format(mark="₩? ?") + " ?원?")
_QUANTITY = re.compile(_NUMBER.format(mark=""))
_TIME_OF_DAY = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DAYS = (
    re.compile(r"([0-9]{4}|[0-9]{2})-([0-9]{1,2})-([0-9]{1,2})" + _TIME_OF_DAY),
    re.compile(r"([0-9]{4}|[0-9]{2})/([0-9]{1,2})/([0-9]{1,2})" + _TIME_OF_DAY),
    re.compile(r"([0-9]{4}|[0-9]{2})\. ?([0-9]{1,2})\. ?([0-9]{1,2})\.?" + _TIME_OF_DAY),
    re.compile(r"([0-9]{4}|[0-9]{2})년 ?([0-9]{1,2})월 ?([0-9]{1,2})일"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_YEAR = re.compile(r"([0-9]{4}) ?(?:년|년도|회계연도)?")
_MONTH = re.compile(r"(?:[0-9]{4} ?[-./년] ?)?(1[0-2]|0?[1-9]) ?[.월]?")
_RESIDENT_NUMBER = re.compile(r"(?<![0-9])[0-9]{6} ?- ?[1-8][0-9]{6}(?![0-9])")

METHODS = {
    "협상": ContractMethod.NEGOTIATION_AFTER_BIDDING,  # first: 제한경쟁(협상에 의한 계약)
    "수의": ContractMethod.NEGOTIATED,
    "제한": ContractMethod.RESTRICTED_BIDDING,
    "지명": ContractMethod.NOMINATED_BIDDING,
    "일반": ContractMethod.COMPETITIVE_BIDDING,
}
TAXES = {
    "면세": Tax.EXEMPT,
    "영세": Tax.ZERO_RATED,
    "별도": Tax.EXCLUDED,
    "제외": Tax.EXCLUDED,
    "미포함": Tax.EXCLUDED,  # before 포함
    "포함": Tax.INCLUDED,
}
LAWS = {"지방": GoverningLaw.LOCAL, "국가": GoverningLaw.NATIONAL}


class CellError(ValueError):
    """A cell that cannot be taken as it stands: a stable code and what its message needs."""

    def __init__(self, code: str, **parameters: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


def parse_won(cell: Cell, unit_factor: int = 1) -> Won | None:
    """Return the amount in whole won; the factor is that of the unit stated in the file (천원: 1,000).

    △, ▲, a minus sign and brackets mean less than zero.
    Errors: amount_unreadable, amount_fraction, amount_too_large.
    """
    if type(cell) is int and abs(won := cell * unit_factor) <= MAX_WON:
        return won
    number = _parse_number(cell, _AMOUNT, "amount_unreadable")
    if number is None:
        return None
    amount = Fraction(number) * unit_factor
    if abs(amount) > MAX_WON:
        raise CellError("amount_too_large", limit=MAX_WON)
    if amount.denominator != 1:
        raise CellError("amount_fraction")
    return int(amount)


def parse_quantity(cell: Cell) -> Decimal | None:
    """Return the quantity, which may have decimals or be below zero.

    Errors: quantity_unreadable, quantity_too_large.
    """
    number = _parse_number(cell, _QUANTITY, "quantity_unreadable")
    if number is not None and abs(number) > MAX_QUANTITY:
        raise CellError("quantity_too_large", limit=MAX_QUANTITY)
    return number


def parse_day(cell: Cell) -> date | None:
    """Return the day, written out or as Excel's serial number; a time of day is left off.

    Two digits of a year mean 1990 to 2089. Errors: date_unreadable, date_impossible, date_out_of_range.
    """
    if isinstance(cell, date):
        return _in_range(cell)
    text = _text(cell).translate(_FULL_WIDTH)
    if text in BLANKS:
        return None
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in EXCEL_SERIALS:
        return _in_range(EXCEL_DAY_ZERO + timedelta(days=int(serial[1])))
    for form in _DAYS:
        if match := form.fullmatch(text):
            year, month, day = match.groups()
            if len(year) == 2:
                year = ("19" if int(year) >= FIRST_YEAR % 100 else "20") + year
            return _to_day(int(year), int(month), int(day))
    raise CellError("date_unreadable")


def parse_year(cell: Cell) -> int | None:
    """Return the year of 2026, 2026년, 2026년도 or 2026회계연도. Error: year_unreadable."""
    text = _text(cell).translate(_FULL_WIDTH)
    if text in BLANKS:
        return None
    match = _YEAR.fullmatch(text)
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise CellError("year_unreadable", first=FIRST_YEAR, last=LAST_YEAR)
    return int(match[1])


def parse_month(cell: Cell) -> int | None:
    """Return the month of 3, 3월, 2026-03 or 2026년 3월, or that of a day. Error: month_unreadable."""
    if isinstance(cell, date):
        return cell.month
    text = _text(cell).translate(_FULL_WIDTH)
    if text in BLANKS:
        return None
    match = _MONTH.fullmatch(text)
    if not match:
        raise CellError("month_unreadable")
    return int(match[1])


def parse_line(cell: Cell, max_length: int) -> str | None:
    """Return the cell's text as one line: a name may be wrapped in its cell."""
    text = parse_text(cell, max_length)
    return None if text is None else " ".join(text.split())


def parse_text(cell: Cell, max_length: int) -> str | None:
    """Return free text. Errors: text_too_long, resident_number."""
    text = _text(cell)
    if text in BLANKS:
        return None
    if _RESIDENT_NUMBER.search(text.translate(_FULL_WIDTH)):
        raise CellError("resident_number")
    if len(text) > max_length:
        raise CellError("text_too_long", limit=max_length)
    return text


def parse_word(cell: Cell, words: type[W], synonyms: Mapping[str, W] | None = None) -> W | None:
    """Return the word whose Korean term the cell is, else the first whose synonym it contains.

    Error: word_unknown.
    """
    text = "".join(_text(cell).split())
    if text in BLANKS:
        return None
    for word in words:
        if text == "".join(word.korean.split()):
            return word
    for synonym, word in (synonyms or {}).items():
        if synonym in text:
            return word
    raise CellError("word_unknown")


def parse_kind(cell: Cell) -> Kind:
    """Return 물품, 용역 or 공사 where the cell contains exactly one of them (일반용역), else 미분류."""
    text = _text(cell)
    contained = [kind for kind in (Kind.GOODS, Kind.SERVICES, Kind.WORKS) if kind.korean in text]
    return contained[0] if len(contained) == 1 else Kind.UNCLASSIFIED


def parse_method(cell: Cell) -> ContractMethod | None:
    """Return the contract method; words unknown here are 기타."""
    return _parse_word_or(cell, ContractMethod, METHODS, ContractMethod.OTHER)


def parse_tax(cell: Cell) -> Tax | None:
    """Return how value-added tax stands in the amount; words unknown here are 미상."""
    return _parse_word_or(cell, Tax, TAXES, Tax.UNKNOWN)


def parse_law(cell: Cell) -> GoverningLaw | None:
    """Return the law that governs the contract; words unknown here are 미상."""
    return _parse_word_or(cell, GoverningLaw, LAWS, GoverningLaw.UNKNOWN)


def _parse_word_or(cell: Cell, words: type[W], synonyms: Mapping[str, W], otherwise: W) -> W | None:
    try:
        return parse_word(cell, words, synonyms)
    except CellError:
        return otherwise


def _parse_number(cell: Cell, form: re.Pattern[str], code: str) -> Decimal | None:
    """Return the exact number of a cell whose text has the form."""
    if isinstance(cell, int | Decimal):
        number = Decimal(cell)
        if not number.is_finite():
            raise CellError(code)
        return number
    text = _text(cell).translate(_FULL_WIDTH)
    if text in BLANKS:
        return None
    in_brackets = text.startswith("(") and text.endswith(")")
    match = form.fullmatch(text[1:-1].strip() if in_brackets else text)
    if not match or (in_brackets and match["sign"]):
        raise CellError(code)
    number = Decimal(match["number"].replace(",", ""))
    return number.copy_negate() if in_brackets or match["sign"] in {"-", "△", "▲"} else number


def _to_day(year: int, month: int, day: int) -> date:
    try:
        return _in_range(date(year, month, day))
    except CellError:
        raise
    except ValueError:
        raise CellError("date_impossible") from None


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError("date_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return str(cell).strip()
