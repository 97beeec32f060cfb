"""Reading a spreadsheet or delimited text file row by row, in a limited process of its own."""

from tracker.imports.reading.headers import HeaderMatch, find_header
from tracker.imports.reading.rows import Cell, Row, Sheet, SheetInfo, UnreadableFile
from tracker.imports.reading.sheets import open_sheets, read_sheet

__all__ = [
    "Cell",
    "HeaderMatch",
    "Row",
    "Sheet",
    "SheetInfo",
    "UnreadableFile",
    "find_header",
    "open_sheets",
    "read_sheet",
]
