"""Units in which a file says its amounts are: above the headings, in one, or in a row of units below them."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tracker.imports.cells import BLANKS
from tracker.imports.reading import Cell, Row

UNITS = {"원": 1, "천원": 1_000, "만원": 10_000, "백만원": 1_000_000, "억원": 100_000_000}
CELLS_REMEMBERED = 4_096
LONGEST_UNIT = 20

_MONEY = "|".join(UNITS)
_STATED_UNIT = re.compile(rf"단위\s*[:：]\s*({_MONEY})")
_HEADING_UNIT = re.compile(rf"[(\[（［](?:단위[:：])?({_MONEY})[)\]）］]")
_UNIT = re.compile(
    rf"([(\[（［]?)(?:단위[:：])?(?:(?P<money>{_MONEY})|개|건|명|인|식|대|매|권|부|회|종|점|조|통|병|톤|세트|박스"
    r"|년|월|일|개월|시간|연도|연월일|년월일|yyyy-mm-dd|kg|g|t|m|m2|m²|㎡|㎥|ℓ|l|ea|set|box|%|％)([)\]）］]?)"
)


def stated_unit(rows: Iterable[Row]) -> tuple[int, int] | None:
    """Return the number of the first row that states the unit of the table's amounts, and the unit in won."""
    for row in rows:
        for cell in row.cells:
            if isinstance(cell, str) and (stated := _STATED_UNIT.search(cell)):
                return row.number, UNITS[stated[1]]
    return None


def heading_unit(heading: str) -> int | None:
    """Return in won the unit that stands in a heading."""
    stated = _HEADING_UNIT.search("".join(heading.split()))
    return UNITS[stated[1]] if stated else None


def money_unit(cell: Cell) -> int | None:
    """Return in won the unit of money that a cell holds and nothing else, (천원) say."""
    unit = _unit(cell) if isinstance(cell, str) else None
    return UNITS[unit["money"]] if unit and unit["money"] else None


def is_unit_row(row: Row, amount: int) -> bool:
    """Return whether a row says nothing but the units of its columns: of the amounts' that of money."""
    units = 0
    for column, cell in enumerate(row.cells):
        if cell is None or cell in BLANKS:
            continue
        if not isinstance(cell, str) or not (unit := _unit(cell)) or (column == amount and not unit["money"]):
            return False
        units += 1
    return units > 0


def find_unit_row(head: Sequence[Row], header_row: int, amount: int | None) -> Row | None:
    """Return the row of units right below the headings, blank rows aside, where there is one."""
    below = next((row for row in head if row.number > header_row and row.cells), None)
    return below if below and amount is not None and is_unit_row(below, amount) else None


def say_unit(won: int | None) -> str:
    """Return the word of a unit in won; none stated is won itself."""
    return next(unit for unit, each in UNITS.items() if each == (won or 1))


@lru_cache(CELLS_REMEMBERED)
def _unit(text: str) -> re.Match[str] | None:
    return _UNIT.fullmatch("".join(text.lower().split())) if len(text) <= LONGEST_UNIT else None
