"""What a file is read as: sheets of numbered rows of plain cells."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

Cell = str | int | Decimal | date | None

EXCEL_DIGITS = ".15g"  # Excel shows 15 significant digits; beyond them stands binary noise (1,100,000 ÷ 1.1)
REPLACEMENT = "\ufffd"
MANGLED_REPLACEMENT = "占쏙옙"  # two replacement characters, saved as UTF-8 and read again as CP949


class UnreadableFile(ValueError):
    """A file that is refused as a whole: a stable code and what its message needs."""

    def __init__(self, code: str, **parameters: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


class Row(NamedTuple):
    """One row; cells after its last filled one are left off, so a blank row has none."""

    number: int  # the number that a spreadsheet program shows
    cells: tuple[Cell, ...]

    def at(self, column: int) -> Cell:
        """Return the cell of a column counted from 0, None beyond the end."""
        return self.cells[column] if column < len(self.cells) else None


class Sheet(NamedTuple):
    """An opened sheet; its rows can be taken once, while it is open."""

    name: str
    encoding: str | None  # None: a workbook, which has none of its own
    rows: Iterator[Row]


class SheetInfo(NamedTuple):
    """A sheet that a file offers; a text file has one, without a name."""

    name: str
    is_hidden: bool


def to_row(number: int, values: list[object]) -> Row:
    """Return the row of a file's raw values. Raises UnreadableFile where text was destroyed earlier."""
    cells: list[Cell] = []
    filled = 0
    for column, value in enumerate(values, 1):
        cell = to_cell(value)
        if cell is not None:
            filled = column
            if isinstance(cell, str) and (REPLACEMENT in cell or MANGLED_REPLACEMENT in cell):
                raise UnreadableFile("destroyed_text", row=number, column=column)
        cells.append(cell)
    return Row(number, tuple(cells[:filled]))


def to_cell(value: object) -> Cell:
    """Return a raw value as a cell: clean text or None, whole numbers as int, days as date.

    A date with a time of day stays text, as does everything that is no number and no day.
    """
    if isinstance(value, str):
        return _clean_text(value) or None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int) or value is None:
        return value
    if isinstance(value, float):
        number = Decimal(format(value, EXCEL_DIGITS))
        return int(number) if number == number.to_integral_value() else number
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return str(value)


def _clean_text(text: str) -> str:
    if not text.isprintable():
        text = re.sub(r"\r\n?|\u2028|\u2029", "\n", text).replace("\t", " ")
        text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf"})
    return unicodedata.normalize("NFC", text).strip()
