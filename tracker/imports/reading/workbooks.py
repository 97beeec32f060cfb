"""Workbooks (XLSX, XLSB, XLS, ODS): checked from outside, then read by calamine."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import python_calamine as calamine

from tracker.imports.reading import limits
from tracker.imports.reading.rows import Row, Sheet, SheetInfo, UnreadableFile, to_row

ZIP = b"PK\x03\x04"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORKBOOK_PARTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
WORKBOOK_STREAMS = ("Workbook", "Book")
ENCRYPTED_STREAM = "EncryptedPackage"
MANIFEST, ENCRYPTED_MARK = "META-INF/manifest.xml", b"encryption-data"  # of an ODS


def is_workbook(head: bytes) -> bool:
    """Return whether a file that begins so is a container in which workbooks come."""
    return head.startswith((ZIP, OLE2))


def list_sheets(file: BinaryIO) -> list[SheetInfo]:
    """Return the worksheets in the workbook's order. Raises UnreadableFile."""
    return _sheets_of(_open_workbook(file))


def open_sheet(file: BinaryIO, name: str | None) -> Sheet:
    """Return the named sheet, or the first one with cells, hidden ones last. Raises UnreadableFile."""
    workbook = _open_workbook(file)
    infos = _sheets_of(workbook)
    if name is None:
        names = [info.name for info in sorted(infos, key=lambda info: info.is_hidden)]
    elif any(info.name == name for info in infos):
        names = [name]
    else:
        raise UnreadableFile("no_such_sheet", sheet=name)
    for candidate in names:
        try:
            sheet = workbook.get_sheet_by_name(candidate)
        except calamine.CalamineError:
            raise UnreadableFile("corrupt") from None
        if sheet.height:
            return Sheet(candidate, None, _read_rows(sheet))
    raise UnreadableFile("no_rows")


def _open_workbook(file: BinaryIO) -> calamine.CalamineWorkbook:
    file.seek(0)
    if file.read(len(ZIP)) == ZIP:
        _check_zip(file)
    else:
        _check_ole2(file)
    file.seek(0)
    try:
        return calamine.load_workbook(file)
    except calamine.PasswordError:
        raise UnreadableFile("password_protected") from None
    except calamine.CalamineError:
        raise UnreadableFile("corrupt") from None


def _check_zip(file: BinaryIO) -> None:
    """Refuse what is no workbook, is locked, or would unpack to far more than an office's file does."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        raise UnreadableFile("corrupt") from None
    if len(parts) > limits.MAX_ZIP_ENTRIES or sum(p.file_size for p in parts) > limits.MAX_UNPACKED_BYTES:
        raise UnreadableFile("zip_bomb")
    if any(
        part.file_size > max(limits.RATIO_FREE_BYTES, limits.MAX_UNPACKED_RATIO * part.compress_size)
        for part in parts
    ):
        raise UnreadableFile("zip_bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("password_protected")
    names = {part.filename for part in parts}
    if WORKBOOK_PARTS.isdisjoint(names):
        raise UnreadableFile("not_a_spreadsheet")
    if MANIFEST in names and ENCRYPTED_MARK in _read_part(file, MANIFEST):
        raise UnreadableFile("password_protected")


def _read_part(file: BinaryIO, name: str) -> bytes:
    try:
        with ZipFile(file) as archive:
            return archive.read(name)
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error, zlib.error):
        raise UnreadableFile("corrupt") from None


def _check_ole2(file: BinaryIO) -> None:
    content = file.read()
    if ENCRYPTED_STREAM.encode("utf-16-le") in content:
        raise UnreadableFile("password_protected")
    if not any(name.encode("utf-16-le") in content for name in WORKBOOK_STREAMS):
        raise UnreadableFile("not_a_spreadsheet")


def _sheets_of(workbook: calamine.CalamineWorkbook) -> list[SheetInfo]:
    return [
        SheetInfo(sheet.name, is_hidden=sheet.visible != calamine.SheetVisibleEnum.Visible)
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]


def _read_rows(sheet: calamine.CalamineSheet) -> Iterator[Row]:
    """Return the sheet's rows, counted from its first row even where that is empty."""
    if sheet.total_height >= limits.MAX_ROWS:
        raise UnreadableFile("too_many_rows", limit=limits.MAX_ROWS)
    if sheet.total_width >= limits.MAX_COLUMNS:
        raise UnreadableFile("too_many_columns", limit=limits.MAX_COLUMNS)
    left: list[object] = [None] * sheet.start[1] if sheet.start else []
    for number, values in enumerate(sheet.iter_rows(), 1):
        yield to_row(number, [*left, *values] if left else values)
