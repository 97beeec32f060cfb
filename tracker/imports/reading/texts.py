"""Delimited text: which encoding, which delimiter, and its records as rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import BinaryIO

from tracker.imports.reading import limits
from tracker.imports.reading.rows import Row, Sheet, UnreadableFile, to_row

BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": ("utf-8-sig", "utf-8"),
    b"\xff\xfe": ("utf-16", "utf-16le"),
    b"\xfe\xff": ("utf-16", "utf-16be"),
}
DELIMITERS = "\t,;"
SAMPLE_BYTES = 4096
SAMPLE_CHARACTERS = 256 * 1024
SAMPLE_RECORDS = 300
HTML = re.compile(r"\s*<(!doctype|!--|\?xml|html|head|body|meta|style|table|div)\b", re.IGNORECASE)
END = "\0"  # stands after the last line: found inside a cell, it proves a quotation mark that never closes


def open_text(file: BinaryIO) -> Sheet:
    """Return the one sheet of a text file. Raises UnreadableFile."""
    codec, encoding = _find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=codec, newline="")
    sample = text.read(SAMPLE_CHARACTERS)
    if HTML.match(sample):
        raise UnreadableFile("html_in_disguise")
    csv.field_size_limit(limits.MAX_CELL_CHARACTERS)
    text.seek(0)
    return Sheet("", encoding, _read_records(text, _find_delimiter(sample)))


def _find_encoding(file: BinaryIO) -> tuple[str, str]:
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    for mark, (codec, name) in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            candidates = [(codec, name)]
            break
    else:
        candidates = _guess_utf_16(head) if b"\0" in head else [("utf-8", "utf-8"), ("cp949", "cp949")]
    for codec, name in candidates:
        if _decodes(file, codec):
            return codec, name
    raise UnreadableFile("encoding_unknown")


def _guess_utf_16(head: bytes) -> list[tuple[str, str]]:
    """Return the byte order that the zero bytes of digits, delimiters and line ends give away."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if second > 4 * first:
        return [("utf-16-le", "utf-16le")]
    if first > 4 * second:
        return [("utf-16-be", "utf-16be")]
    raise UnreadableFile("not_a_spreadsheet")


def _decodes(file: BinaryIO, codec: str) -> bool:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=codec, newline="")
    try:
        while chunk := text.read(SAMPLE_CHARACTERS):
            if "\0" in chunk:
                raise UnreadableFile("not_a_spreadsheet")
    except UnicodeDecodeError:
        return False
    finally:
        text.detach()
    return True


def _find_delimiter(sample: str) -> str:
    """Return the delimiter that gives most records the same number of cells; the first on a tie."""
    return max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[int, int]:
    widths: Counter[int] = Counter()
    with suppress(csv.Error):  # with the wrong delimiter quotation marks may make no sense
        for values in islice(
            csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), SAMPLE_RECORDS
        ):
            if len(values) > 1:
                widths[len(values)] += 1
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _read_records(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    records = csv.reader(chain(lines, [END]), delimiter=delimiter)
    number = 0
    try:
        for number, values in enumerate(records, 1):
            if values == [END]:
                continue
            if values and values[-1].endswith(END):
                raise UnreadableFile("quote_unclosed", row=number)
            if number > limits.MAX_ROWS:
                raise UnreadableFile("too_many_rows", limit=limits.MAX_ROWS)
            row = to_row(number, values)
            if len(row.cells) > limits.MAX_COLUMNS:
                raise UnreadableFile("too_many_columns", row=number, limit=limits.MAX_COLUMNS)
            yield row
    except csv.Error:
        raise UnreadableFile("cell_too_long", row=number + 1, limit=limits.MAX_CELL_CHARACTERS) from None
