"""The lines of JSON by which the reading process hands over what it found: messages, and runs of rows.

A number with an exponent is a day by its place in the calendar, one with a point a decimal.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from tracker.imports.reading.rows import CELLS_REMEMBERED, Cell, Row

LINE_CHARACTERS = 32 * 1024

encode: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@lru_cache(CELLS_REMEMBERED)
def _encode_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return encode_basestring(cell)
    if isinstance(cell, date):
        return f"{cell.toordinal()}e0"
    return "null" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


@lru_cache(CELLS_REMEMBERED)
def _decode_number(text: str) -> Decimal | date:
    return date.fromordinal(int(text[:-2])) if text.endswith("e0") else Decimal(text)


decode: Callable[[str], Any] = json.JSONDecoder(parse_float=_decode_number).decode


def encode_rows(rows: Iterable[Row]) -> Iterator[str]:
    """Return the rows in runs, those before a fault too."""
    run: list[str] = []
    length = 0
    try:
        for number, cells in rows:
            text = f"[{number},[{','.join(map(_encode_cell, cells))}]]"
            run.append(text)
            length += len(text)
            if length > LINE_CHARACTERS:
                yield f"[{','.join(run)}]"
                run, length = [], 0
    except ValueError:
        if run:
            yield f"[{','.join(run)}]"
        raise
    if run:
        yield f"[{','.join(run)}]"
