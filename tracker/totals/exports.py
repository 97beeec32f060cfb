"""Giving a table of totals away as a file: the rows of the page in whole won, with its basis above."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from flask_babel import gettext as _

from tracker.core.money import Unit
from tracker.core.vocabulary import Basis
from tracker.totals.queries import Answer, TotalRow
from tracker.totals.wording import say_overlap, say_reorganisation, say_title
from tracker.web.filters import NOTHING
from tracker.web.filters import growth as say_growth
from tracker.web.spreadsheets import BOM, QUOTING, harmless, new_workbook

Cell = str | int | Decimal


class Sheet(NamedTuple):
    """A table with what stands above and below it; the last row is the total."""

    title: str
    basis: list[tuple[str, str]]
    unit: str
    heads: list[str]
    rows: list[list[Cell]]
    notes: list[str]


def build_sheet(found: Answer, rows: Iterable[TotalRow], basis: list[tuple[str, str]]) -> Sheet:
    """Return the table of these rows."""
    question = found.question
    counted = _("Number of purchases") if question.basis is Basis.CONTRACT else _("Number of payments")
    heads = [
        question.by.korean.removesuffix("별"),
        _("Year %(year)s", year=question.year),
        _("Year %(year)s", year=question.prior_year),
        _("Difference"),
        _("Growth (%)"),
        counted,
        _("Remarks"),
    ]
    notes = [say_overlap()] if found.rows_overlap else []
    cells = [_cells(row) for row in (*rows, found.total)]
    unit = _("(Unit: %(unit)s)", unit=f"{Unit.WON.korean}, %")
    return Sheet(say_title(question), basis, str(unit), [str(head) for head in heads], cells, notes)


def write_csv(sheet: Sheet) -> str:
    """Return the file as text, with the mark that Excel needs."""
    file = io.StringIO()
    file.write(BOM)
    lines = [
        [sheet.title],
        *sheet.basis,
        [sheet.unit],
        sheet.heads,
        *sheet.rows,
        *([note] for note in sheet.notes),
    ]
    csv.writer(file, quoting=QUOTING).writerows([harmless(cell) for cell in line] for line in lines)
    return file.getvalue()


def write_xlsx(sheet: Sheet, at: datetime) -> bytes:
    """Return the workbook: amounts and growth as numbers, all else as text, nothing as a formula."""
    file = io.BytesIO()
    workbook = new_workbook(file, at)
    page = workbook.add_worksheet(str(_("Totals")))
    title = workbook.add_format({"bold": True, "font_size": 14})
    head = workbook.add_format(
        {"bold": True, "bg_color": "#E6EBF3", "top": 2, "bottom": 1, "align": "center"}
    )
    right = workbook.add_format({"align": "right"})
    page.set_column(0, 0, 28)
    page.set_column(1, 3, 18)
    page.set_column(4, 5, 12)
    page.set_column(6, 6, 40)
    page.write_string(0, 0, sheet.title, title)
    for place, line in enumerate(sheet.basis, start=1):
        for column, text in enumerate(line):
            page.write_string(place, column, text)
    top = len(sheet.basis) + 2
    page.write_string(top - 1, len(sheet.heads) - 1, sheet.unit, right)
    for column, text in enumerate(sheet.heads):
        page.write_string(top, column, text, head)
    for place, row in enumerate(sheet.rows, start=top + 1):
        border = {"bold": True, "top": 1, "bottom": 2} if row is sheet.rows[-1] else {}
        formats = {
            str: workbook.add_format(border),
            int: workbook.add_format(border | {"num_format": "#,##0"}),
            Decimal: workbook.add_format(border | {"num_format": "0.0"}),
        }
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(place, column, cell, formats[str] if column in (0, 6) else right)
            else:
                page.write_number(place, column, cell, formats[type(cell)])
    for place, note in enumerate(sheet.notes, start=top + len(sheet.rows) + 1):
        page.write_string(place, 0, note)
    page.freeze_panes(top + 1, 1)
    page.repeat_rows(top)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    workbook.close()
    return file.getvalue()


def _cells(row: TotalRow) -> list[Cell]:
    told = row.comparison
    no_data = str(_("No data"))
    growth = told.growth_text()
    return [
        row.label,
        told.current if row.is_recorded else no_data,
        no_data if told.prior is None else told.prior,
        NOTHING if told.difference is None else told.difference,
        say_growth(told) if growth is None else Decimal(growth),
        row.count,
        "; ".join(say_reorganisation(row)),
    ]
