"""Rows of a file as typed values, with every fault at its cell."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from tracker.core.business_number import has_valid_checksum, looks_damaged, normalise
from tracker.core.names import normalise_heading
from tracker.imports.cells import CellError, parse_line, parse_text, parse_won
from tracker.imports.columns import COLUMNS, Column, Parser
from tracker.imports.layouts import Recognised
from tracker.imports.problems import Problem, Severity
from tracker.imports.reading import Cell, Row

PERSONS_NUMBER = re.compile(r"[0-9]{13}")
SUBTOTALS = frozenset({"소계", "누계", "합계", "총계", "계", "월계", "총합계"})
CELLS_REMEMBERED = 4_096
LONGEST_HEADING = 100
# Whatever the column: a person's number never comes in, and a text cut short would say something else.
ALWAYS_REFUSED = frozenset({"resident_number", "text_too_long"})
UNITS = {"원": 1, "천원": 1_000, "만원": 10_000, "백만원": 1_000_000, "억원": 100_000_000}
_STATED_UNIT = re.compile(r"단위\s*[:：]\s*(원|천원|만원|백만원|억원)")
_STATED_DEPARTMENT = re.compile(r"제출 부서\s*[:：]\s*(\S.*)")
_NOTE = re.compile(r"[※*＊☞▶]|(?:주|비고|붙임|참고)\s*[0-9]*\s*[).:：]|끝\s*\.?$")
_HEADING_UNIT = re.compile(r"[(\[（［](?:단위[:：])?(원|천원|만원|백만원|억원)[)\]）］]")


_remembered_heading = lru_cache(CELLS_REMEMBERED)(normalise_heading)


def _heading(text: str) -> str:
    """Return the text as a heading; what is longer than any is not remembered."""
    return _remembered_heading(text) if len(text) <= LONGEST_HEADING else normalise_heading(text)


class ParsedRow:
    """One row: its values by field (None for blanks), and what is wrong with it."""

    __slots__ = ("_recognised", "_row", "number", "problems", "values")

    def __init__(self, row: Row, recognised: Recognised) -> None:
        self.number = row.number
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._row = row
        self._recognised = recognised

    def get(self, field: str) -> Any:  # noqa: ANN401 - as the column's parser returns it
        """Return a field's value, None where it is blank, unreadable or not in the file."""
        return self.values.get(field)

    def heading(self, field: str) -> str:
        """Return the file's own heading of a field."""
        return self._recognised.heading(field)

    def text(self, field: str) -> str | None:
        """Return what the cell says, unread."""
        column = self._recognised.header.columns.get(field)
        cell = None if column is None else self._row.at(column)
        return None if cell is None else str(cell)

    def report(self, field: str, code: str, **parameters: object) -> None:
        """Note a problem at this field's cell; a resident registration number is not repeated."""
        value = None if code == "resident_number" else self.text(field)
        heading = self._recognised.heading(field)
        self.problems.append(Problem(self.number, heading, value, code, parameters))

    def require(self, *fields: str) -> Any:  # noqa: ANN401 - as the column's parser returns it
        """Return the first field's value; where none of the fields is filled in, note it in the row."""
        if self._is_blank(fields):
            columns = self._recognised.header.columns
            self.report(next((field for field in fields if field in columns), fields[0]), "cell_missing")
        return self.get(fields[0])

    def business_number(self) -> str | None:
        """Return the ten digits of the business registration number; a damaged one is not used."""
        text = self.get("business_number")
        if text is None:
            return None
        number, problem = _read_business_number(text)
        if problem:
            self.report("business_number", problem)
        return number

    def _is_blank(self, fields: tuple[str, ...]) -> bool:
        """Return whether none of the fields has a value although its cell could be read (a dash, say)."""
        return self.get(fields[0]) is None and not any(
            self.get(field) is not None
            or any(problem.column == self._recognised.heading(field) for problem in self.problems)
            for field in fields
        )

    @property
    def is_refused(self) -> bool:
        """Return whether an error keeps the row out."""
        return bool(self.problems) and any(problem.severity is Severity.ERROR for problem in self.problems)


class RowReader:
    """Reads the rows below the headings of one file; `department` is the one stated above them."""

    def __init__(self, recognised: Recognised, preamble: Sequence[Row]) -> None:
        self._recognised = recognised
        positions = recognised.header.columns
        stated = _stated_unit(preamble) or recognised.layout.unit or 1
        self.department = _stated_department(preamble)
        self._columns = [
            (
                column,
                positions[column.field],
                _parser(
                    column,
                    _heading_unit(recognised.header.headings[positions[column.field]]) or stated,
                ),
            )
            for column in COLUMNS[recognised.layout.subject]
            if column.field in positions
        ]
        self._headings = [
            [_heading(texts[position]) if position < len(texts) else "" for _, position, _ in self._columns]
            for texts in recognised.header.rows or (recognised.header.headings,)
        ]
        self._keys = sorted(
            {0} | {positions[field] for field in ("department", "enterprise") if field in positions}
        )

    def skip_reason(self, row: Row) -> str | None:
        """Return why a row is none that counts: it is blank, a subtotal, a note, or repeats the headings."""
        cells = row.cells
        if not cells:
            return "blank"
        for key in self._keys:
            cell = row.at(key)
            if isinstance(cell, str) and _heading(cell) in SUBTOTALS:
                return "subtotal"
        if any(self._repeats(row, headings) for headings in self._headings):
            return "header"
        return "note" if _is_note(cells) else None

    def _repeats(self, row: Row, headings: Sequence[str]) -> bool:
        """Return whether all that is read of a row says what these headings say."""
        for (_, position, _), heading in zip(self._columns, headings, strict=True):
            cell = row.at(position)
            if heading != (_heading(cell) if isinstance(cell, str) else "" if cell is None else None):
                return False
        return True

    def sum_label(self, row: Row) -> str:
        """Return which sum a row states that was left out as a subtotal: 소계, 누계, 합계 or the like."""
        words = (_heading(str(cell)) for cell in map(row.at, self._keys) if cell is not None)
        return next(word for word in words if word in SUBTOTALS)

    def read(self, row: Row) -> ParsedRow:
        """Return the row's values, and a problem for each cell that cannot be read."""
        parsed = ParsedRow(row, self._recognised)
        values, cells = parsed.values, row.cells
        width = len(cells)
        for column, position, parse in self._columns:
            if position >= width or (cell := cells[position]) is None:
                continue
            try:
                values[column.field] = parse(cell)
            except CellError as error:
                is_refused = column.is_essential or error.code in ALWAYS_REFUSED
                code = error.code if is_refused else "cell_ignored"
                parsed.report(column.field, code, **error.parameters)
        return parsed


def _is_note(cells: Sequence[Cell]) -> bool:
    """Return whether a row holds nothing but one text that begins as notes below a table do."""
    said = [cell for cell in cells if cell is not None]
    return len(said) == 1 and isinstance(said[0], str) and _NOTE.match(said[0]) is not None


def _parser(column: Column, unit: int) -> Parser:
    """Return how the column's cells are read; the same few words and days come again and again."""
    return lru_cache(CELLS_REMEMBERED)(_parser_of(column, unit))


def _parser_of(column: Column, unit: int) -> Parser:
    if column.parse is None:
        return partial(parse_line if column.is_line else parse_text, max_length=column.limit)
    if column.parse is parse_won:
        return partial(parse_won, unit_factor=unit)
    return column.parse


@lru_cache(CELLS_REMEMBERED)
def _read_business_number(text: str) -> tuple[str | None, str | None]:
    """Return the ten digits where they can be used, and what is wrong with them."""
    try:
        number = normalise(text)
    except ValueError:
        if PERSONS_NUMBER.fullmatch(text):
            return None, "resident_number"
        return None, "number_damaged" if looks_damaged(text) else "number_unreadable"
    return number, None if has_valid_checksum(number) else "number_checksum"


def _stated_unit(preamble: Iterable[Row]) -> int | None:
    for row in preamble:
        for cell in row.cells:
            if isinstance(cell, str) and (stated := _STATED_UNIT.search(cell)):
                return UNITS[stated[1]]
    return None


def _stated_department(preamble: Iterable[Row]) -> str | None:
    for row in preamble:
        for cell in row.cells:
            if isinstance(cell, str) and (stated := _STATED_DEPARTMENT.fullmatch(cell.strip())):
                return stated[1].strip()
    return None


def _heading_unit(heading: str) -> int | None:
    stated = _HEADING_UNIT.search("".join(heading.split()))
    return UNITS[stated[1]] if stated else None
