"""Spreadsheet files for the tests of reading: ordinary ones, old ones, and those that mean harm."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tracker.imports.reading import Row, UnreadableFile, read_sheet

REAL_DATA = Path(__file__).parents[4] / "shared" / "data"
needs_real_data = pytest.mark.skipif(
    not REAL_DATA.is_dir(), reason="The real files are not beside this checkout (../shared/data)."
)

SECTOR = 512
FREE, END_OF_CHAIN, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def read_rows(path: Path, sheet: str | None = None) -> list[Row]:
    """Return all rows of one sheet."""
    with read_sheet(path, sheet) as opened:
        return list(opened.rows)


def refusal(path: Path, sheet: str | None = None) -> UnreadableFile:
    """Return why the file is refused."""
    with pytest.raises(UnreadableFile) as caught:
        read_rows(path, sheet)
    return caught.value


def write_bytes(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    """Return the path of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Mapping[str, Any]], hidden: Sequence[str] = ()) -> Path:
    """Return the path of a workbook with values at addresses such as C4."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for name, cells in sheets.items():
            sheet = workbook.add_worksheet(name)
            for address, value in cells.items():
                sheet.write(address, value)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
    return path


def write_ods(path: Path, rows: str, manifest: str = "") -> Path:
    """Return the path of an OpenDocument workbook with these table rows."""
    namespaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest>{manifest}</manifest:manifest>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {namespaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="구매">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def write_compound_file(path: Path, stream_name: str, stream: bytes = b"") -> Path:
    """Return the path of an OLE2 compound file with one stream."""
    stream = stream.ljust(4096, b"\0")  # shorter streams would live elsewhere
    stream += b"\0" * (-len(stream) % SECTOR)
    sectors = len(stream) // SECTOR
    chain = [FAT_SECTOR, END_OF_CHAIN, *range(3, 2 + sectors), END_OF_CHAIN]
    fat = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    header = struct.pack(
        "<8s16s5H6s9I109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0,
        0, *[FREE] * 108,
    )  # fmt: skip
    directory = (
        _directory_entry("Root Entry", kind=5, child=1, start=END_OF_CHAIN, size=0)
        + _directory_entry(stream_name, kind=2, child=FREE, start=2, size=len(stream))
    ).ljust(SECTOR, b"\0")
    path.write_bytes(header + fat + directory + stream)
    return path


def _directory_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBB3I16sI2QIQ",
        encoded, len(encoded) + 2, kind, 1, FREE, FREE, child, b"", 0, 0, 0, start, size,
    )  # fmt: skip


def write_xls(path: Path, sheet_name: str, cells: Mapping[tuple[int, int], str | float]) -> Path:
    """Return the path of a workbook of Excel 97 with values at (row, column) counted from 0."""
    bof = struct.pack("<6H", 0x0600, 0x0005, 0, 0, 0, 0)
    name = struct.pack("<BB", len(sheet_name), 1) + sheet_name.encode("utf-16-le")
    start_of_sheet = 4 + len(bof) + 4 + 6 + len(name) + 4
    globals_ = (
        _record(0x0809, bof) + _record(0x0085, struct.pack("<IH", start_of_sheet, 0) + name) + _record(0x000A)
    )
    sheet = _record(0x0809, struct.pack("<6H", 0x0600, 0x0010, 0, 0, 0, 0))
    for (row, column), value in cells.items():
        place = struct.pack("<3H", row, column, 0)
        if isinstance(value, str):
            text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
            sheet += _record(0x0204, place + text)
        else:
            sheet += _record(0x0203, place + struct.pack("<d", value))
    return write_compound_file(path, "Workbook", globals_ + sheet + _record(0x000A))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(content)) + content
