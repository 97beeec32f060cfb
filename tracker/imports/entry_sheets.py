"""The program's own entry sheets, with lists to choose from and hints; the same bytes each time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from flask_babel import gettext as _

from tracker.departments.queries import list_departments
from tracker.enterprises.queries import list_types
from tracker.imports.cells import parse_day, parse_quantity, parse_won
from tracker.imports.columns import COLUMNS, PURCHASE_NUMBER, Column
from tracker.imports.layouts import LAYOUTS
from tracker.imports.models import ImportSubject
from tracker.targets.queries import list_scheme_names
from tracker.web.spreadsheets import new_workbook

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS_WITH_LISTS = 5_000
LISTS = "목록"
GUIDE = "작성 방법"
WRITTEN_AT = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's dates have no zone; it never changes
WIDTHS = {
    "item": 30,
    "contract_name": 40,
    "address": 40,
    "ground": 30,
    "note": 30,
    "items": 40,
    "enterprise": 24,
}
USUAL_WIDTH = 15
NUMBER_FORMATS = {parse_won: "#,##0", parse_day: "yyyy-mm-dd", parse_quantity: "#,##0.###"}


class Filled(NamedTuple):
    """What stands in a sheet beforehand: lines above the headings, and rows of values by field."""

    lines: Sequence[str]
    rows: Sequence[Mapping[str, object]]


def write_entry_sheet(file: Path | IO[bytes], subject: ImportSubject, filled: Filled | None = None) -> None:
    """Write the entry sheet of this subject; its lists hold today's departments and types."""
    target = str(file) if isinstance(file, Path) else file
    with new_workbook(target, WRITTEN_AT, title=subject.korean) as workbook:
        columns = [column for column in COLUMNS[subject] if column.in_entry_sheet]
        if filled:
            columns.append(PURCHASE_NUMBER)
        top = len(filled.lines) if filled else 0
        sheet = workbook.add_worksheet(subject.korean)
        _write_guide(workbook, subject, columns)
        lists = workbook.add_worksheet(LISTS)
        lists.hide()
        sheet.freeze_panes(top + 1, 0)
        for position, column in enumerate(columns):
            _write_column(workbook, sheet, (top, position), column, subject)
            _offer(sheet, lists, (top, position), _choices(column))
        if filled:
            _fill(workbook, sheet, columns, filled)


def _fill(workbook: "Workbook", sheet: "Worksheet", columns: Sequence[Column], filled: Filled) -> None:
    plain = workbook.add_format({"num_format": "@"})
    for place, line in enumerate(filled.lines):
        sheet.write_string(place, 0, line, plain)
    for place, row in enumerate(filled.rows, start=len(filled.lines) + 1):
        for position, column in enumerate(columns):
            match row.get(column.field):
                case int() as number:
                    sheet.write_number(place, position, number)
                case date() as day:
                    sheet.write_datetime(place, position, day)
                case str() as text:
                    sheet.write_string(place, position, text)


def _write_column(
    workbook: "Workbook",
    sheet: "Worksheet",
    place: tuple[int, int],
    column: Column,
    subject: ImportSubject,
) -> None:
    top, position = place
    pattern = (
        "@"
        if column.parse is None
        else next((form for parse, form in NUMBER_FORMATS.items() if parse is column.parse), "General")
    )
    width = WIDTHS.get(column.field, USUAL_WIDTH)
    sheet.set_column(position, position, width, workbook.add_format({"num_format": pattern}))
    sheet.write_string(top, position, column.heading, _heading_format(workbook, _is_needed(column, subject)))
    if column.hint:
        sheet.write_comment(top, position, str(column.hint), {"x_scale": 2})


def _offer(sheet: "Worksheet", lists: "Worksheet", place: tuple[int, int], choices: list[str]) -> None:
    """Offer a list of choices; another value is asked about, not refused: a code or a path is welcome."""
    top, position = place
    if not choices:
        return
    lists.write_column(0, position, choices)
    # Only who writes a workbook waits for the package.
    from xlsxwriter.utility import xl_col_to_name

    name = xl_col_to_name(position, col_abs=True)
    sheet.data_validation(
        top + 1,
        position,
        top + ROWS_WITH_LISTS,
        position,
        {
            "validate": "list",
            "source": f"='{LISTS}'!{name}$1:{name}${len(choices)}",
            "error_type": "warning",
        },
    )


def _choices(column: Column) -> list[str]:
    if column.field in ("department", "contracting_department"):
        rows = list_departments()
        names = Counter(row.name for row in rows)
        return [row.name if names[row.name] == 1 else row.path for row in rows]
    if column.field == "type":
        return [row.name for row in list_types()]
    if column.field == "scheme":
        return list(list_scheme_names().values())
    return list(column.choices)


def _write_guide(workbook: "Workbook", subject: ImportSubject, columns: list[Column]) -> None:
    guide = workbook.add_worksheet(GUIDE)
    heading = _heading_format(workbook, is_needed=False)
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    guide.set_column(0, 1, 16)
    guide.set_column(2, 2, 90)
    guide.write_row(0, 0, [_("Column"), _("Needed"), _("How to fill it in")], heading)
    for position, column in enumerate(columns, start=1):
        needed = _("yes") if _is_needed(column, subject) else ""
        words = [str(column.hint or ""), " / ".join(column.choices)]
        guide.write_row(position, 0, [column.heading, needed, "\n".join(filter(None, words))], wrapped)


def _is_needed(column: Column, subject: ImportSubject) -> bool:
    """Return whether the column is needed, alone or where another of its group is empty."""
    return any(
        column.field in group for layout in LAYOUTS if layout.subject is subject for group in layout.required
    )


def _heading_format(workbook: "Workbook", is_needed: bool) -> "Format":
    return workbook.add_format(
        {"bold": True, "border": 1, "num_format": "@", "bg_color": "#FFE699" if is_needed else "#DDEBF7"}
    )
