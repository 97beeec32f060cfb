"""A document as a workbook: what it is based on, then a sheet for each table, whole won as numbers."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from tracker.core.money import Unit
from tracker.reports.document import Cell, Column, Document, Facts, Form, Line, Medium, Role, Table
from tracker.reports.markup import DENSE_COLUMNS, head_rows
from tracker.reports.wording import say_cell, say_note, say_units
from tracker.web.spreadsheets import new_workbook

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# A sheet ends at 1,048,576 rows, and what lies beyond would be lost in silence.
MOST_ROWS = 1_000_000
FACTS_SHEET = "작성기준"
TABLE_TOP = 2
NARROWEST, WIDEST = 8, 40
A4 = 9
NAME_LENGTH = 31


def write_workbook(document: Document, tell: Callable[[], None], most_rows: int = MOST_ROWS) -> bytes:
    """Return the workbook, the same bytes every time; `tell` is called before each sheet."""
    file = BytesIO()
    at = datetime.fromisoformat(document.frozen_at)
    with new_workbook(file, at, title=document.title, author=document.body) as workbook:
        looks = _Looks(workbook)
        _write_facts(_add_sheet(workbook, FACTS_SHEET, document), looks, document)
        for section in document.sections:
            for table in section.blocks:
                if isinstance(table, Table) and table.medium is not Medium.PAPER:
                    tell()
                    sheet = _add_sheet(workbook, table.sheet, document)
                    if section.is_wide or len(table.columns) >= DENSE_COLUMNS:
                        sheet.set_landscape()
                    _write_table(sheet, looks, table, most_rows)
    return file.getvalue()


def _add_sheet(workbook: "xlsxwriter.Workbook", name: str, document: Document) -> "Worksheet":
    """Return a sheet of its own name, ready to be printed."""
    name = re.sub(r"[\[\]:*?/\\']", " ", name)[:NAME_LENGTH]
    taken = {sheet.name.lower() for sheet in workbook.worksheets()}
    number = 1
    unique = name
    while unique.lower() in taken:
        number += 1
        unique = f"{name[: NAME_LENGTH - 4]}({number})"
    sheet = workbook.add_worksheet(unique)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.75, bottom=0.75)
    body = document.body.replace("&", "&&")
    sheet.set_footer(f"&L{body}&C- &P -&R관리번호 {document.number}")
    return sheet


def _write_facts(sheet: "Worksheet", looks: "_Looks", document: Document) -> None:
    facts = [block for section in document.sections for block in section.blocks if isinstance(block, Facts)]
    pairs = [
        ("관리번호", document.number),
        ("보고 기관", document.body),
        *([("상태", document.mark)] if document.mark else []),
        *(pair for block in facts for pair in block.pairs),
        ("SHA-256", document.sha256),
    ]
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, document.title, looks.title)
    for row, (term, said) in enumerate(pairs, start=TABLE_TOP):
        sheet.write_string(row, 0, term, looks.term)
        sheet.write_string(row, 1, said, looks.said)
    sheet.freeze_panes(TABLE_TOP, 1)


def _write_table(sheet: "Worksheet", looks: "_Looks", table: Table, most_rows: int) -> None:
    has_remarks = any(line.remark for line in table.lines)
    columns = [*table.columns, *([Column("비고", 1)] if has_remarks else [])]
    # What no sheet holds is said to be elsewhere; the sums stay.
    is_whole = len(table.lines) <= most_rows
    lines = table.lines if is_whole else [line for line in table.lines if line.role is not Role.BODY]
    notes = table.notes if is_whole else (*table.notes, "내역이 많아 JSON 파일로 붙임.")
    for place, width in enumerate(_widths(columns, lines)):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, table.title, looks.title)
    money = Unit.WON if table.money else None
    sheet.write_string(1, len(columns) - 1, say_units(money, table.units), looks.unit)
    top = _write_heads(sheet, looks, columns)
    for row, line in enumerate(lines, start=top):
        for place, cell in enumerate(line.cells):
            _put(sheet, row, place, cell, looks.of(cell.form, line.role))
        if has_remarks:
            sheet.write_string(row, len(line.cells), line.remark, looks.of(Form.TEXT, line.role))
    for row, note in enumerate(notes, start=top + len(lines)):
        sheet.write_string(row, 0, f"※ {note}", looks.note)
    sheet.freeze_panes(top, 1)
    sheet.repeat_rows(TABLE_TOP, top - 1)


def _write_heads(sheet: "Worksheet", looks: "_Looks", columns: Sequence[Column]) -> int:
    """Write the head and return the row below it."""
    rows = head_rows(columns)
    below = [place for place, column in enumerate(columns) if column.group]
    place = 0
    for head in rows[0]:
        if head.columns == 1 == head.rows:
            sheet.write_string(TABLE_TOP, place, head.label, looks.head)
        else:
            last = (TABLE_TOP + head.rows - 1, place + head.columns - 1)
            sheet.merge_range(TABLE_TOP, place, *last, head.label, looks.head)
        place += head.columns
    for place, head in zip(below, rows[-1] if below else (), strict=True):
        sheet.write_string(TABLE_TOP + 1, place, head.label, looks.head)
    return TABLE_TOP + len(rows)


def _widths(columns: Sequence[Column], lines: Iterable[Line]) -> list[int]:
    """Return how wide each column must be for what stands in it, in characters."""
    widest = [_length(column.label) for column in columns]
    for line in lines:
        for place, cell in enumerate(line.cells):
            widest[place] = max(widest[place], _length(say_cell(cell, Unit.WON)))
        if line.remark:
            widest[-1] = max(widest[-1], _length(line.remark))
    return [min(WIDEST, max(NARROWEST, width + 2)) for width in widest]


def _length(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _put(sheet: "Worksheet", row: int, place: int, cell: Cell, look: "Format") -> None:
    form, value = cell
    if form is Form.PERCENT or form is Form.POINTS:
        sheet.write_number(row, place, Decimal(value), look)
    elif form is Form.DAY:
        sheet.write_datetime(row, place, date.fromisoformat(str(value)), look)
    elif isinstance(value, int):
        sheet.write_number(row, place, value, look)
    else:
        sheet.write_string(row, place, say_note(value) if form is Form.NOTE else value, look)


class _Looks:
    """The looks of cells."""

    def __init__(self, workbook: "xlsxwriter.Workbook") -> None:
        font = {"font_name": "맑은 고딕", "font_size": 10, "valign": "vcenter"}
        grey, rule = {"font_color": "#45505C"}, {"bottom": 1, "bottom_color": "#C3CAD3"}
        add = workbook.add_format
        self.title = add(font | {"bold": True, "font_size": 14})
        self.unit = add(font | grey | {"align": "right"})
        self.note = add(font | grey | {"font_size": 9})
        self.term = add(font | rule | {"bold": True, "bg_color": "#F1F4F8"})
        self.said = add(font | rule | {"text_wrap": True})
        middle = {"align": "center", "text_wrap": True}
        self.head = add(font | middle | {"bold": True, "bg_color": "#E9EEF5", "top": 2, "bottom": 1})
        roles = {
            Role.BODY: rule,
            Role.TOTAL: {"bold": True, "bg_color": "#F1F4F8", "top": 1, "bottom": 2},
            Role.BESIDE: rule | grey,
        }
        number, share = {"num_format": '#,##0;"△"#,##0'}, {"num_format": '#,##0.0#;"△"#,##0.0#'}
        forms = {
            Form.TEXT: {},
            Form.CENTRED: {"align": "center", "num_format": "0"},
            Form.AMOUNT: number,
            Form.NUMBER: number,
            Form.PERCENT: share,
            Form.POINTS: share,
            Form.DAY: {"align": "center", "num_format": "yyyy. m. d."},
            Form.NOTE: {"align": "right"},
        }
        self._looks = {
            (form, role): add(font | look | of_role)
            for form, look in forms.items()
            for role, of_role in roles.items()
        }

    def of(self, form: Form, role: Role) -> "Format":
        """Return the look of a cell."""
        return self._looks[form, role]
