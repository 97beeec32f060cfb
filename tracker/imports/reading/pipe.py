"""The lines of JSON by which the reading process hands over what it found."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any


def _mark(cell: object) -> dict[str, str]:
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    assert isinstance(cell, date)
    return {"date": cell.isoformat()}


def _unmark(item: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if "decimal" in item:
        return Decimal(item["decimal"])
    if "date" in item:
        return date.fromisoformat(item["date"])
    return item


encode: Callable[[object], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=_mark
).encode
decode: Callable[[str], Any] = json.JSONDecoder(object_hook=_unmark).decode
