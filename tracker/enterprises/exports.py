"""Giving away as a file what sets an edition apart from the one before."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from flask_babel import gettext as _

from tracker.core.business_number import format_number
from tracker.enterprises.comparison import Difference
from tracker.enterprises.wording import LABELS, say_listed
from tracker.web.spreadsheets import BOM, QUOTING, harmless, new_workbook

WIDTHS = (10, 28, 15, 18, 14, 24, 24)


def write_csv(differences: Sequence[Difference]) -> str:
    """Return the file as text, with the mark that Excel needs."""
    file = io.StringIO()
    file.write(BOM)
    csv.writer(file, quoting=QUOTING).writerows(
        [harmless(cell) for cell in line] for line in (_heads(), *_lines(differences))
    )
    return file.getvalue()


def write_xlsx(differences: Sequence[Difference], day: date, at: datetime) -> bytes:
    """Return the workbook: everything is text, nothing a formula."""
    file = io.BytesIO()
    workbook = new_workbook(file, at)
    page = workbook.add_worksheet(f"{day}")
    head = workbook.add_format({"bold": True, "bg_color": "#E6EBF3", "bottom": 1})
    for place, width in enumerate(WIDTHS):
        page.set_column(place, place, width)
    for place, text in enumerate(_heads()):
        page.write_string(0, place, text, head)
    number = 0
    for number, line in enumerate(_lines(differences), start=1):
        for place, text in enumerate(line):
            page.write_string(number, place, text)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, number, len(WIDTHS) - 1)
    workbook.close()
    return file.getvalue()


def _heads() -> list[str]:
    return [
        _("What became of it"),
        _("Enterprise"),
        _("Business number"),
        _("Certification number"),
        _("Field"),
        _("Edition before"),
        _("This edition"),
    ]


def _lines(differences: Sequence[Difference]) -> Iterator[list[str]]:
    """Yield a line for each field that changed; one for what is new or gone as a whole."""
    for each in differences:
        number = format_number(each.business_number) if each.business_number else ""
        what = [each.kind.korean, each.enterprise, number, each.shown.number or ""]
        if not each.changes:
            yield [*what, "", "", ""]
        for change in each.changes:
            said = (say_listed(change.field, value) for value in (change.before, change.after))
            yield [*what, str(LABELS[change.field]), *said]
