"""Files for spreadsheet programs: no cell of them is ever taken for a formula or an address."""

import csv
import unicodedata
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xlsxwriter

BOM = "\ufeff"
"""What a CSV file begins with, so that Excel reads it as UTF-8."""

QUOTING: Final = csv.QUOTE_NONNUMERIC
"""How cells of a CSV file are quoted: a program that divides at semicolons or tabs too divides no text."""

_FORMULA_SIGNS = frozenset("=+-@")


def harmless(value: object) -> object:
    """Return a CSV cell that stays text; numbers are left as they are.

    Spreadsheets take a cell for a formula by its first sign, in full width too, passing over what nobody
    sees.
    """
    if not isinstance(value, str):
        return value
    seen = next((sign for sign in value if sign.isprintable() and sign != " "), "")
    is_formula = unicodedata.normalize("NFKC", seen) in _FORMULA_SIGNS
    return f"'{value}" if is_formula or value.startswith(("\t", "\r", "\n")) else value


def new_workbook(
    file: IO[bytes] | str, at: datetime, *, is_long: bool = False, **properties: str
) -> "xlsxwriter.Workbook":
    """Return an empty workbook in which texts stay texts; the same content gives the same bytes.

    A long one is written row by row in constant memory. `properties` are what the document says of itself:
    title, author.
    """
    # Only who asks for a workbook waits for the package.
    import xlsxwriter

    options = {"constant_memory": is_long, "default_date_format": "yyyy-mm-dd"}
    workbook = xlsxwriter.Workbook(file, options | {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties(properties | {"created": at.replace(tzinfo=None)})
    return workbook
