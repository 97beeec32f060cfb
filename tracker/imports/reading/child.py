"""The reading process: limits itself, reads the file on standard input, writes lines of JSON.

First comes the sheet or the list of sheets, then the rows; an end or an error is last.
"""

import gc
import os
import resource
import sys
from itertools import chain
from typing import BinaryIO, TextIO

from tracker.imports.reading import limits, texts, workbooks
from tracker.imports.reading.pipe import encode, encode_rows
from tracker.imports.reading.rows import Row, Sheet, SheetInfo, UnreadableFile


def main() -> None:
    """Write what the arguments ask for: `sheets`, `rows` of the first sheet with any, or `rows NAME`."""
    _limit_itself()
    gc.disable()  # rows make no cycles
    wish, *name = sys.argv[1:]
    with os.fdopen(1, "w", encoding="utf-8", newline="\n") as output:
        try:
            file = sys.stdin.buffer
            is_workbook = _check(file)
            if wish == "sheets":
                _write(output, "sheets", _list_sheets(file, is_workbook))
            else:
                _write_rows(output, _open_sheet(file, is_workbook, name[0] if name else None))
            _write(output, "end")
        except UnreadableFile as error:
            _write(output, "error", error.code, error.parameters)
        except BaseException as error:
            # calamine is written in Rust: where it trips over a damaged file, no other name can be caught.
            if type(error).__name__ != "PanicException":
                raise
            _write(output, "error", "corrupt", {})


def _limit_itself() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CPU_SECONDS, limits.CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check(file: BinaryIO) -> bool:
    """Return whether the file is a workbook, else a text. Raises UnreadableFile for its size."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise UnreadableFile("empty")
    if size > limits.MAX_BYTES:
        raise UnreadableFile("too_large", limit=limits.MAX_BYTES)
    file.seek(0)
    return workbooks.is_workbook(file.read(8))


def _list_sheets(file: BinaryIO, is_workbook: bool) -> list[SheetInfo]:
    if is_workbook:
        return workbooks.list_sheets(file)
    return [SheetInfo(texts.open_text(file).name, is_hidden=False)]


def _open_sheet(file: BinaryIO, is_workbook: bool, name: str | None) -> Sheet:
    if is_workbook:
        return workbooks.open_sheet(file, name)
    if name:
        raise UnreadableFile("no_such_sheet", sheet=name)
    return texts.open_text(file)


def _write_rows(output: TextIO, sheet: Sheet) -> None:
    blank: list[Row] = []
    for row in sheet.rows:
        if row.cells:
            break
        blank.append(row)
    else:
        raise UnreadableFile("no_rows")
    _write(output, "sheet", sheet.name, sheet.encoding)
    for line in encode_rows(chain(blank, [row], sheet.rows)):
        output.write(line + "\n")


def _write(output: TextIO, *message: object) -> None:
    output.write(encode(message) + "\n")


if __name__ == "__main__":
    main()
