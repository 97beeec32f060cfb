"""Rows of a file as typed values, with every fault at its cell."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import Any

from tracker.core.business_number import has_valid_checksum, looks_damaged, normalise
from tracker.core.names import normalise_heading
from tracker.imports.cells import BLANKS, CellError, parse_line, parse_text, parse_won
from tracker.imports.columns import COLUMNS, Column, Parser
from tracker.imports.layouts import Recognised
from tracker.imports.models import ImportSubject
from tracker.imports.problems import Problem, Severity
from tracker.imports.reading import Cell, Row
from tracker.imports.sum_labels import LAST_OF_LABELS, SumLabel, parse_sum_label
from tracker.imports.units import (
    heading_unit,
    is_unit_row,
    money_unit,
    say_unit,
    stated_unit,
)

PERSONS_NUMBER = re.compile(r"[0-9]{13}")
CELLS_REMEMBERED = 4_096
LONGEST_HEADING = 100
# Whatever the column: a person's number never comes in, and a text cut short would say something else.
ALWAYS_REFUSED = frozenset({"resident_number", "text_too_long"})
_STATED_DEPARTMENT = re.compile(r"제출 부서\s*[:：]\s*(\S.*)")
_NOTE = re.compile(r"[※*＊☞▶]|(?:주|비고|붙임|참고)\s*[0-9]*\s*[).:：]|끝\s*\.?$")
_COUNT = re.compile(r"(?:총 ?)?[0-9,]+ ?(?:건|개|개사|개소|개 ?업체|개 ?기업|종|명)?")
# A sum may stand under a name in these columns and those of FACTS, where its row fills in none of FACTS: what
# was bought, from whom and when. Without these a row cannot be what it would be counted as.
LABELS: dict[ImportSubject, tuple[str, ...]] = {
    ImportSubject.PURCHASES: ("department", "kind"),
    ImportSubject.SPENDING: ("department", "kind", "fiscal_year"),
    ImportSubject.PLAN: ("department", "kind", "fiscal_year"),
    ImportSubject.ENTERPRISES: (),
}
SUPPLIER, DAY = ("business_number", "enterprise"), ("contracted_on", "paid_on")
NAMES = ("enterprise", "item", "contract_name")  # a sum may count here what it sums up
FACTS: dict[ImportSubject, tuple[str, ...]] = {
    ImportSubject.PURCHASES: (*SUPPLIER, *DAY, "item", "contract_name", "contract_number"),
    ImportSubject.SPENDING: ("budget_item", "paid_on", "reference", "description"),
    ImportSubject.PLAN: ("scheme", "item", "planned_month"),
    ImportSubject.ENTERPRISES: (),
}


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
    """Reads the rows below the headings of one file, whose first rows are its `head`.

    `department` is the one stated above the headings, `problems` are those of the file as a whole.
    """

    def __init__(self, recognised: Recognised, head: Sequence[Row]) -> None:
        self._recognised = recognised
        header, subject = recognised.header, recognised.layout.subject
        positions = header.columns
        preamble = [row for row in head if row.number < header.row_number]
        self.department = _stated_department(preamble)
        self._amount = positions.get("amount")
        self._units, self.problems = self._read_units(preamble, recognised.unit_row(head))
        self._columns = [
            (column, positions[column.field], _parser(column, self._units[positions[column.field]]))
            for column in COLUMNS[subject]
            if column.field in positions
        ]
        self._headings = [
            [_heading(texts[position]) if position < len(texts) else "" for _, position, _ in self._columns]
            for texts in recognised.header.rows or (recognised.header.headings,)
        ]
        self._keys = sorted(
            {0} | {positions[field] for field in ("department", "enterprise") if field in positions}
        )
        # Without amounts there are no sums: an enterprise may be called as one would be.
        named = () if self._amount is None else LABELS[subject] + FACTS[subject]
        self._named = frozenset(positions[field] for field in named if field in positions) | (
            {0} if named else set()
        )
        self._labels = sorted(self._named.union(self._keys))
        self._facts = [positions[field] for field in FACTS[subject] if field in positions]
        self._counts = frozenset(positions[field] for field in NAMES if field in positions)
        self._supplier = [positions[field] for field in SUPPLIER if field in positions]
        self._day = [positions[field] for field in DAY if field in positions]

    def skip_reason(self, row: Row) -> str | None:
        """Return why a row is none that counts: it is blank, a sum, a note, or repeats headings or units."""
        cells = row.cells
        if not cells:
            return "blank"
        if self.sum_label(row):
            return "subtotal"
        if self._is_header(row):
            return "header"
        return "note" if _is_note(cells) else None

    def _repeats(self, row: Row, headings: Sequence[str]) -> bool:
        """Return whether all that is read of a row says what these headings say."""
        for (_, position, _), heading in zip(self._columns, headings, strict=True):
            cell = row.at(position)
            if heading != (_heading(cell) if isinstance(cell, str) else "" if cell is None else None):
                return False
        return True

    def sum_label(self, row: Row) -> SumLabel | None:
        """Return which sum a row states: 소계, 누계, 합계 or the like, alone or with a name; None if none.

        What names its supplier and its day is a purchase, whatever it is called. A label with a name is but
        another name where the row says what was bought, from whom or when.
        """
        cells, width = row.cells, len(row.cells)
        for position in self._labels:
            cell = cells[position] if position < width else None
            if not isinstance(cell, str) or cell[-1:] not in LAST_OF_LABELS:
                continue
            if (label := parse_sum_label(cell)) is None:
                continue
            if label.name:
                is_sum = position in self._named and not self._says_any(row, self._facts)
            else:
                is_sum = position in self._keys and not (
                    self._says_any(row, self._supplier, but_named=False) and self._says_any(row, self._day)
                )
            if is_sum:
                return label
        return None

    def _says_any(self, row: Row, positions: Iterable[int], *, but_named: bool = True) -> bool:
        """Return whether one of the cells says something but a label of a sum, or how many it sums up.

        `but_named` tells whether a label with a name says nothing either.
        """
        for position in positions:
            cell = row.at(position)
            if cell is None or (text := str(cell)) in BLANKS:
                continue
            if position in self._counts and _COUNT.fullmatch(text):
                continue
            label = parse_sum_label(text)
            if label is None or (label.name and not but_named):
                return True
        return False

    def _read_units(
        self, preamble: Sequence[Row], unit_row: Row | None
    ) -> tuple[dict[int, int], list[Problem]]:
        """Return the unit in won of each column, and what is wrong where two statements of one differ.

        Of a column the heading tells, or the row of units below; of the table the rows above it, or any cell
        of the row of units that says so; else the layout as somebody taught it.
        """
        header, layout = self._recognised.header, self._recognised.layout
        above = stated_unit(preamble)
        below = None if unit_row is None else stated_unit([unit_row])
        table = above or below or (header.row_number, layout.unit or 1)
        units: dict[int, int] = {}
        problems: list[Problem] = []
        for column, heading in enumerate(header.headings):
            stated = [(header.row_number, unit) if (unit := heading_unit(heading)) else None]
            if unit_row is not None and (unit := money_unit(unit_row.at(column))):
                stated.append((unit_row.number, unit))
            units[column] = next((each[1] for each in stated if each), table[1])
            if column == self._amount:
                stated += [above, below]
            told = [each for each in stated if each]
            if other := next((each for each in told if each[1] != told[0][1]), None):
                problems.append(self._contradiction(column, *sorted((told[0], other))))
        return units, problems

    def _contradiction(self, column: int, first: tuple[int, int], second: tuple[int, int]) -> Problem:
        heading = self._recognised.header.headings[column]
        told = {
            "first": say_unit(first[1]),
            "first_row": first[0],
            "second": say_unit(second[1]),
            "second_row": second[0],
        }
        return Problem(second[0], heading, None, "unit_contradicts", told)

    def _is_header(self, row: Row) -> bool:
        """Return whether a row says headings or units once more; one that says another unit is none."""
        if any(self._repeats(row, headings) for headings in self._headings):
            stated = None
        elif self._amount is not None and is_unit_row(row, self._amount):
            stated = stated_unit([row])
        else:
            return False
        if self._amount is None:
            return True
        cell = row.at(self._amount)
        told = money_unit(cell) or heading_unit(str(cell)) or (stated and stated[1])
        return told in (None, self._units[self._amount])

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


def _stated_department(preamble: Iterable[Row]) -> str | None:
    for row in preamble:
        for cell in row.cells:
            if isinstance(cell, str) and (stated := _STATED_DEPARTMENT.fullmatch(cell.strip())):
                return stated[1].strip()
    return None
