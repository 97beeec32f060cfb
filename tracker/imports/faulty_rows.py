"""The rows that errors keep out, as a workbook to mend and send again: with the reasons at their cells."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, TYPE_CHECKING

from flask_babel import gettext as _

from tracker.imports.layouts import recognise
from tracker.imports.learnt_layouts import learnt_layouts
from tracker.imports.previews import Preview, problems_of
from tracker.imports.problems import Problem, Severity
from tracker.imports.reading import Cell, Row, read_sheet
from tracker.imports.reading.headers import HEADER_WITHIN
from tracker.imports.uploads import uploaded
from tracker.web.spreadsheets import new_workbook

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WIDTH, REASON_WIDTH = 15, 60
DAY = "yyyy-mm-dd"


def write_faulty_rows(file: IO[bytes], preview: Preview, at: datetime) -> None:
    """Write what stands above the headings, the headings and the faulty rows, each with what is to be mended.

    The file can be sent again as it is, once mended: it has the columns of the one that came.
    """
    faults: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems_of(preview, Severity.ERROR):
        if problem.row is not None:
            faults[problem.row].append(problem)
    with new_workbook(file, at) as workbook:
        sheet = workbook.add_worksheet()
        faulty = workbook.add_format({"bg_color": "#FCEBEA", "border": 1, "border_color": "#A8201A"})
        faulty_day = workbook.add_format({"bg_color": "#FCEBEA", "border": 1, "num_format": DAY})
        day, reason = workbook.add_format({"num_format": DAY}), workbook.add_format({"text_wrap": True})
        headings: Sequence[str] = ()
        for line, (row, found) in enumerate(_rows(preview, faults.keys())):
            for column, cell in enumerate(row.cells):
                _write(sheet, line, column, cell, day if isinstance(cell, date) else None)
            if found:
                headings = found
                sheet.write_row(line, len(headings), [_("To be mended"), _("Row in the file")])
                sheet.set_column(0, len(headings) - 1, WIDTH)
                sheet.set_column(len(headings), len(headings), REASON_WIDTH)
                sheet.freeze_panes(line + 1, 0)
            elif row.number in faults:
                for problem in faults[row.number]:
                    if problem.column in headings:
                        column = headings.index(problem.column)
                        cell = row.at(column)
                        _write(sheet, line, column, cell, faulty_day if isinstance(cell, date) else faulty)
                        sheet.write_comment(line, column, problem.message, {"x_scale": 2})
                said = "\n".join(f"{problem.column}: {problem.message}" for problem in faults[row.number])
                sheet.write_string(line, len(headings), said, reason)
                sheet.write_number(line, len(headings) + 1, row.number)


def _rows(preview: Preview, wanted: Collection[int]) -> Iterator[tuple[Row, Sequence[str]]]:
    """Yield the rows down to the headings (what these say comes with them), their units, the wanted ones."""
    with read_sheet(uploaded(preview.sha256)) as sheet:
        head = list(islice(sheet.rows, HEADER_WITHIN + 1))
        learnt = learnt_layouts(preview.subject)
        recognised = recognise(head[:HEADER_WITHIN], preview.subject, preview.options.layout, learnt)
        units = recognised.unit_row(head) if recognised else None
        header = recognised.header.row_number if recognised else 0
        headings = recognised.header.headings if recognised else ()
        for row in head:
            if row.number <= header or row == units or row.number in wanted:
                yield row, headings if row.number == header else ()
        yield from ((row, ()) for row in sheet.rows if row.number in wanted)


def _write(sheet: "Worksheet", line: int, column: int, cell: Cell, look: "Format | None") -> None:
    if cell is None:
        sheet.write_blank(line, column, None, look)
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, cell, look)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(line, column, cell, look)
    else:
        sheet.write_string(line, column, cell, look)
