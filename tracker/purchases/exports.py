"""Giving the filtered ledger away as a file: CSV row by row, XLSX through a temporary file."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import IO, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tracker.core.business_number import format_number
from tracker.purchases.listing import PurchaseRow
from tracker.purchases.wording import REASONS
from tracker.web.spreadsheets import BOM, QUOTING, harmless, new_workbook

XLSX_ROWS = 50_000
"""Beyond this a workbook takes too long to wait for; the CSV file has no such limit."""

_LINES_AT_ONCE = 500


class Column(NamedTuple):
    """One column of the file: heading, width, and what stands in it."""

    heading: LazyString
    width: int
    value_of: Callable[[PurchaseRow], object]
    is_money: bool = False


COLUMNS = (
    Column(_l("No."), 8, lambda row: row.id),
    Column(_l("Accounting year"), 9, lambda row: row.fiscal_year),
    Column(_l("Purchase date"), 12, lambda row: row.purchased_on),
    Column(_l("Department"), 18, lambda row: row.department),
    Column(_l("Enterprise"), 24, lambda row: row.enterprise),
    Column(_l("Business number"), 15, lambda row: row.business_number and format_number(row.business_number)),
    Column(_l("Item"), 24, lambda row: row.item),
    Column(_l("Kind"), 8, lambda row: row.kind.korean),
    Column(_l("Contract name"), 32, lambda row: row.contract_name),
    Column(_l("Contract number"), 16, lambda row: row.contract_number),
    Column(_l("Contract method"), 12, lambda row: row.method.korean),
    Column(_l("Amount"), 15, lambda row: row.amount, is_money=True),
    Column(_l("VAT"), 10, lambda row: row.tax.korean),
    Column(_l("Direct or indirect"), 9, lambda row: row.directness.korean),
    Column(_l("Nature"), 9, lambda row: row.nature.korean),
    Column(_l("Counts as social economy"), 12, lambda row: _("Yes") if row.is_counted else _("No")),
    Column(_l("Types"), 24, lambda row: row.types),
    Column(_l("Reason"), 34, lambda row: REASONS[row.reason]),
    Column(_l("Reversed"), 8, lambda row: _("Yes") if row.is_reversed else ""),
    Column(_l("Note"), 30, lambda row: row.note),
)


def write_csv(rows: Iterator[PurchaseRow], type_names: Mapping[str, str]) -> Iterator[str]:
    """Yield the file in pieces, in UTF-8 with BOM as Excel expects it; no cell is taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=QUOTING)
    buffer.write(BOM)
    writer.writerow([str(column.heading) for column in COLUMNS])
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(value) for value in _values(row, type_names)])
        if number % _LINES_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def write_xlsx(rows: Iterator[PurchaseRow], type_names: Mapping[str, str], at: datetime) -> IO[bytes]:
    """Return the workbook as an open temporary file: numbers and days as such, all else as text."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when it has been sent
    workbook = new_workbook(file, at, is_long=True)
    sheet = workbook.add_worksheet(str(_("Purchases")))
    sheet.freeze_panes(1, 0)
    head = workbook.add_format({"bold": True, "bg_color": "#E6EBF3", "bottom": 1})
    figure = workbook.add_format({"num_format": "#,##0"})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, figure if column.is_money else None)
        sheet.write_string(0, place, str(column.heading), head)
    number = 0
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(_values(row, type_names)):
            if value is not None:
                write = sheet.write_string if isinstance(value, str) else sheet.write
                write(number, place, value)
    sheet.autofilter(0, 0, number, len(COLUMNS) - 1)
    workbook.close()
    file.seek(0)
    return file


def _values(row: PurchaseRow, type_names: Mapping[str, str]) -> Iterator[object]:
    for column in COLUMNS:
        value = column.value_of(row)
        if isinstance(value, tuple):
            value = ", ".join(type_names[code] for code in value)
        yield str(value) if isinstance(value, LazyString) else value
