"""One text for one value, so that a hash proves that nothing has changed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal


def canonical_json(value: object) -> str:
    """Return the value as JSON with sorted keys, no blanks and unescaped text.

    Dates and times are ISO text, decimals plain decimal text. TypeError for floats, for keys that are not
    text and for anything else that JSON does not know; ValueError for a decimal that is no number.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number.")
        return f"{value:f}"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("The keys of canonical JSON are text.")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form.")
