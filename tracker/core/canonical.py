"""One text for one value, so that a hash proves that nothing has changed."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def canonical_json(value: object) -> str:
    """Return the value as JSON with sorted keys, no blanks and unescaped text.

    Dates and times are ISO text, decimals plain decimal text. TypeError for floats, for keys that are not
    text and for anything else that JSON does not know; ValueError for a decimal that is no number.
    """
    write = _WRITERS.get(type(value))
    return write(value) if write else _write_kin(value)


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _write_number(number: Decimal) -> str:
    if not number.is_finite():
        raise ValueError(f"{number} is not a number.")
    return f'"{number:f}"'


def _write_day(day: date) -> str:
    return f'"{day.isoformat()}"'


def _write_list(items: list[object] | tuple[object, ...]) -> str:
    return "[" + ",".join(map(canonical_json, items)) + "]"


def _write_mapping(mapping: Mapping[str, object]) -> str:
    if not all(isinstance(key, str) for key in mapping):
        raise TypeError("The keys of canonical JSON are text.")
    return (
        "{"
        + ",".join([f"{encode_basestring(key)}:{canonical_json(mapping[key])}" for key in sorted(mapping)])
        + "}"
    )


_Writer = Callable[[Any], str]
_WRITERS: dict[type, _Writer] = {
    type(None): lambda _: "null",
    bool: lambda truth: "true" if truth else "false",
    int: int.__repr__,
    str: encode_basestring,
    date: _write_day,
    datetime: _write_day,
    Decimal: _write_number,
    dict: _write_mapping,
    list: _write_list,
    tuple: _write_list,
}
_WRITERS_OF_KIN: tuple[tuple[type, _Writer], ...] = (
    (str, encode_basestring),
    (int, int.__repr__),
    (date, _write_day),
    (Decimal, _write_number),
    (Mapping, _write_mapping),
    (list, _write_list),
    (tuple, _write_list),
)


def _write_kin(value: object) -> str:
    """Write a value of a type derived from one of these, such as a word of a closed list."""
    for kind, write in _WRITERS_OF_KIN:
        if isinstance(value, kind):
            _WRITERS[type(value)] = write
            return write(value)
    raise TypeError(f"{type(value).__name__} has no canonical form.")
