"""What a file is read as: sheets of numbered rows of plain cells."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple

from tracker.imports.reading.limits import MAX_CELL_CHARACTERS

Cell = str | int | Decimal | date | None

CELLS_REMEMBERED = 16_384  # the same few words, numbers and days come again and again
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


def to_row(number: int, values: Sequence[object]) -> Row:
    """Return the row of a file's raw values.

    Raises UnreadableFile where text was destroyed earlier, and for a cell longer than any of Excel's.
    """
    try:
        cells = [_READERS.get(type(value), to_cell)(value) for value in values]
    except _DestroyedText as destroyed:
        column = values.index(destroyed.args[0]) + 1
        raise UnreadableFile("destroyed_text", row=number, column=column) from None
    except _EndlessText:
        raise UnreadableFile("cell_too_long", row=number, limit=MAX_CELL_CHARACTERS) from None
    while cells and cells[-1] is None:
        cells.pop()
    return Row(number, tuple(cells))


def to_cell(value: object) -> Cell:
    """Return a raw value as a cell: clean text or None, whole numbers as int, days as date.

    A date with a time of day stays text, as does everything that is no number and no day.
    """
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int) or value is None:
        return value
    if isinstance(value, float):
        return _read_float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return str(value)


class _DestroyedText(ValueError):
    """Characters of the text were replaced before it came here."""


class _EndlessText(ValueError):
    """The text is longer than a cell can be."""


@lru_cache(CELLS_REMEMBERED)
def _read_text(text: str) -> str | None:
    if len(text) > MAX_CELL_CHARACTERS:
        raise _EndlessText
    clean = _clean_text(text)
    if REPLACEMENT in clean or MANGLED_REPLACEMENT in clean:
        raise _DestroyedText(text)
    return clean or None


@lru_cache(CELLS_REMEMBERED)
def _read_float(value: float) -> Cell:
    if not isfinite(value):
        return str(value)
    number = Decimal(format(value, EXCEL_DIGITS))
    return int(number) if number == number.to_integral_value() else number


_READERS: dict[type, Callable[[Any], Cell]] = {str: _read_text, float: _read_float}


def _clean_text(text: str) -> str:
    if not text.isprintable():
        text = re.sub(r"\r\n?|\u2028|\u2029", "\n", text).replace("\t", " ")
        text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf"})
    return unicodedata.normalize("NFC", text).strip()
