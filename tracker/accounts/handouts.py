"""First passwords as a sheet to cut up and hand out; it is made once and kept nowhere."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from flask_babel import gettext as _

WIDTHS = (28, 14, 18, 20)


class Handout(NamedTuple):
    """What one person is given."""

    department: str
    name: str
    login: str
    password: str


def write_handouts(handouts: Sequence[Handout]) -> bytes:
    """Return the XLSX of first passwords."""
    # Here, because the web process starts without it.
    from xlsxwriter import Workbook

    file = BytesIO()
    workbook = Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = workbook.add_worksheet(_("First passwords"))
    heading, mono = (
        workbook.add_format({"bold": True, "bottom": 1}),
        workbook.add_format({"font_name": "Consolas"}),
    )
    for column, (text, width) in enumerate(zip(headings(), WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, text, heading)
    for row, handout in enumerate(handouts, 1):
        for column, text in enumerate(handout):
            sheet.write_string(row, column, text, mono if column >= 2 else None)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    workbook.close()
    return file.getvalue()


def headings() -> tuple[str, ...]:
    """Return what stands above the columns."""
    return _("Department"), _("Name"), _("Login"), _("First password")
