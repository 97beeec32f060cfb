"""Makes files that mean harm, or came to some, out of ordinary ones: the same number gives the same file."""

import io
import random
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.imports.corpus import looks, write
from tests.imports.reading.files import write_compound_file

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".xlsm", ".zip", ".pdf", "")
BASES = 24
MEGABYTE = 1024**2
SHEET = "xl/worksheets/sheet1.xml"
HOSTILE_WORDS = (
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\x00",
    "\ufffd",
    "占쏙옙",
    "900101-1234567",
    "NaN",
    "1e309",
    "９９９９９９９９９９９９９９９９９",
    "'; DROP TABLE purchase; --",
    "{{7*7}}%s%(x)s{0}",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    '"',
    "\r\n",
    "\u202e",
)


class Mutated(NamedTuple):
    """A file, and what was done to it."""

    name: str
    content: bytes


@cache
def ordinary_files() -> tuple[tuple[str, bytes], ...]:
    """Return ordinary files of all kinds: suffix and content."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for look in looks(BASES * 8, seed=15)[: BASES * 4]:
            path, _ = write(look, Path(folder))
            found.append((path.suffix, path.read_bytes()))
    # As many workbooks as texts: in them is more to break.
    workbooks = [each for each in found if each[0] in (".xlsx", ".xls", ".ods")][: BASES // 2]
    return (*workbooks, *[each for each in found if each[0] in (".csv", ".tsv")][: BASES // 2])


def mutate(number: int) -> Mutated:
    """Return the mutated file of this number."""
    rng = random.Random(number)
    name = sorted(_MUTATIONS)[number % len(_MUTATIONS)]
    suffix, content = rng.choice(ordinary_files())
    suffix, content = _MUTATIONS[name](suffix, content, rng)
    return Mutated(f"{number}-{name}{suffix}", content)


_Made = tuple[str, bytes]


def _truncate(suffix: str, content: bytes, rng: random.Random) -> _Made:
    return suffix, content[: rng.randrange(len(content))]


def _flip(suffix: str, content: bytes, rng: random.Random) -> _Made:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 20, 200))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return suffix, bytes(changed)


def _overwrite(suffix: str, content: bytes, rng: random.Random) -> _Made:
    start, length = rng.randrange(len(content)), rng.choice((1, 16, 512))
    filling = rng.choice((b"\0" * length, b"\xff" * length, rng.randbytes(length), content[:length]))
    return suffix, content[:start] + filling + content[start + length :]


def _splice(suffix: str, content: bytes, rng: random.Random) -> _Made:
    _, other = rng.choice(ordinary_files())
    return suffix, content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def _repeat(suffix: str, content: bytes, rng: random.Random) -> _Made:
    start = rng.randrange(len(content))
    piece = content[start : start + rng.choice((1, 100, 5000))]
    return suffix, content[:start] + piece * rng.choice((2, 50)) + content[start:]


def _call_otherwise(_: str, content: bytes, rng: random.Random) -> _Made:
    return rng.choice(SUFFIXES), content


def _put_words(suffix: str, content: bytes, rng: random.Random) -> _Made:
    """Put hostile words where words stand, in the coding of the file."""
    word = rng.choice(HOSTILE_WORDS)
    if content.startswith(b"PK"):
        return suffix, _rewrite(content, rng, lambda part: part.replace("총무과".encode(), word.encode()))
    for codec in ("utf-8", "cp949", "utf-16-le", "utf-16-be"):
        place = content.find("총무과".encode(codec))
        if place >= 0:
            return suffix, content[:place] + word.encode(codec, "ignore") + content[place:]
    return suffix, content + word.encode()


def _break_inside(suffix: str, content: bytes, rng: random.Random) -> _Made:
    """Break what stands packed inside a workbook, and pack it again: its checksums are right."""
    if not content.startswith(b"PK"):
        return _flip(suffix, content, rng)

    def break_part(part: bytes) -> bytes:
        _, broken = rng.choice((_truncate, _flip, _overwrite, _repeat))("", part or b" ", rng)
        return broken

    return suffix, _rewrite(content, rng, break_part)


def _change_numbers(suffix: str, content: bytes, rng: random.Random) -> _Made:
    """Write extreme numbers in place of those in a workbook: rows, columns, strings, formats, values."""
    extreme = rng.choice(
        (b"0", b"-1", b"4294967295", b"1048577", b"99999999999999999999", b"1e308", b"NaN", b"")
    )
    attribute = rng.choice((b'r="', b's="', b"<v>", b'count="', b'ref="', b'numFmtId="', b'sheetId="'))

    def change(part: bytes) -> bytes:
        pieces = part.split(attribute)
        if len(pieces) > 1:
            place = rng.randrange(1, len(pieces))
            pieces[place] = extreme + pieces[place].lstrip(b"0123456789")
        return attribute.join(pieces)

    return suffix, _rewrite(content, rng, change) if content.startswith(b"PK") else content + extreme


def _zip_bomb(_: str, _content: bytes, rng: random.Random) -> _Made:
    size = rng.choice((10, 100, 300)) * MEGABYTE
    return ".xlsx", _with_parts(_workbook(), {SHEET: b"<worksheet>" + b" " * size})


def _nested_zip(_: str, content: bytes, rng: random.Random) -> _Made:
    for _level in range(rng.randrange(1, 4)):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(rng.choice((1, 100))):
                archive.writestr(f"{copy}.xlsx", content)
        content = inner.getvalue()
    return ".xlsx", content


def _xml_bomb(_: str, _content: bytes, rng: random.Random) -> _Made:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, rng.choice((5, 10, 30))))
    last = levels.count("ENTITY")
    outside = rng.choice(("", '<!ENTITY file SYSTEM "file:///etc/passwd">'))
    body = f"&e{last};" if not outside else "&file;"
    part = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "bomb">{levels}{outside}]>'
        '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr">'
        f"<is><t>{body}</t></is></c></row></sheetData></worksheet>"
    )
    return ".xlsx", _with_parts(_workbook(), {rng.choice((SHEET, "xl/sharedStrings.xml")): part.encode()})


def _deep_xml(_: str, _content: bytes, rng: random.Random) -> _Made:
    depth = rng.choice((1_000, 100_000, 300_000))
    return ".xlsx", _with_parts(_workbook(), {SHEET: b"<worksheet>" + b"<a>" * depth})


def _endless_cell(_: str, _content: bytes, rng: random.Random) -> _Made:
    """Make a cell of many megabytes, which does not pack well enough to be a bomb."""
    text = rng.randbytes(2_000).hex().encode() * (rng.choice((1, 20, 90)) * 262)
    if rng.random() < 0.5:
        quote = rng.choice((b"", b'"'))
        return ".csv", "부서,금액\n".encode() + quote + text + quote + b",1\n"
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % text
    sheet = b"<worksheet><sheetData>%s</sheetData></worksheet>" % row
    return ".xlsx", _with_parts(_workbook(), {SHEET: sheet}, zipfile.ZIP_STORED)


def _far_cells(_: str, _content: bytes, rng: random.Random) -> _Made:
    far = rng.choice(("XFD1048576", "A1048576", "XFD1", "ZZZ99999999", "A0", "1A"))
    cells = "".join(f'<row><c r="{place}"><v>1</v></c></row>' for place in ("A1", far))
    return ".xlsx", _with_parts(
        _workbook(), {SHEET: f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()}
    )


def _formulas(_: str, _content: bytes, rng: random.Random) -> _Made:
    formula = rng.choice(("cmd|'/c calc'!A0", "A1", "WEBSERVICE(&quot;http://evil.example&quot;)", "1/0"))
    value = rng.choice(("", "<v>5</v>", "<v>#DIV/0!</v>"))
    kind = rng.choice(("", ' t="str"', ' t="e"', ' t="b"', ' t="s"', ' t="x"'))
    cells = "".join(
        f'<c r="{column}{row}"{kind}><f>{formula}</f>{value}</c>'
        for row in range(2, 9)
        for column in "ABCDEFGH"
    )
    sheet = f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"
    return ".xlsx", _with_parts(_workbook(), {SHEET: sheet.encode()})


def _macros(_: str, _content: bytes, rng: random.Random) -> _Made:
    with tempfile.TemporaryDirectory() as folder:
        macros = write_compound_file(Path(folder) / "vba", "VBA", rng.randbytes(3_000)).read_bytes()
    return rng.choice((".xlsm", ".xlsx")), _with_parts(_workbook(), {"xl/vbaProject.bin": macros})


def _locked(_: str, _content: bytes, rng: random.Random) -> _Made:
    if rng.random() < 0.5:
        with tempfile.TemporaryDirectory() as folder:
            path = write_compound_file(Path(folder) / "locked", "EncryptedPackage", rng.randbytes(5_000))
            return ".xlsx", path.read_bytes()
    # Every entry says that it is encrypted.
    return ".xlsx", _workbook().replace(b"PK\x01\x02\x14\x00\x14\x00\x00", b"PK\x01\x02\x14\x00\x14\x00\x01")


def _compound_file(_: str, _content: bytes, rng: random.Random) -> _Made:
    """Make an old container with noise in the streams of Excel 97, its chains broken at times."""
    with tempfile.TemporaryDirectory() as folder:
        stream = rng.choice(("Workbook", "Book", "WordDocument", "VBA"))
        content = write_compound_file(Path(folder) / "x", stream, rng.randbytes(6_000)).read_bytes()
    return _flip(".xls", content, rng) if rng.random() < 0.5 else (".xls", content)


def _noise(_: str, _content: bytes, rng: random.Random) -> _Made:
    head = rng.choice(
        (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"<html>", b"%PDF-1.7")
    )
    return rng.choice(SUFFIXES), head + rng.randbytes(rng.choice((0, 1, 100, 50_000)))


def _many_columns(_: str, _content: bytes, rng: random.Random) -> _Made:
    width, delimiter = rng.choice((301, 5_000, 200_000)), rng.choice((b",", b"\t", b";"))
    return ".csv", delimiter.join([b"a"] * width) + b"\n"


def _only_quotes(_: str, _content: bytes, rng: random.Random) -> _Made:
    return ".csv", rng.choice((b'"', b'""', b'"a', b'"\n', b'a"b,', b"\n", b"\r", b",")) * rng.choice(
        (1, 99, 200_000)
    )


_Mutation = Callable[[str, bytes, random.Random], _Made]
_MUTATIONS: dict[str, _Mutation] = {
    "truncated": _truncate,
    "bits": _flip,
    "overwritten": _overwrite,
    "spliced": _splice,
    "repeated": _repeat,
    "called-otherwise": _call_otherwise,
    "words": _put_words,
    "inside": _break_inside,
    "numbers": _change_numbers,
    "zip-bomb": _zip_bomb,
    "nested-zip": _nested_zip,
    "xml-bomb": _xml_bomb,
    "deep-xml": _deep_xml,
    "endless-cell": _endless_cell,
    "far-cells": _far_cells,
    "formulas": _formulas,
    "macros": _macros,
    "locked": _locked,
    "compound-file": _compound_file,
    "noise": _noise,
    "many-columns": _many_columns,
    "quotes": _only_quotes,
}


@cache
def _workbook() -> bytes:
    return next(content for suffix, content in ordinary_files() if suffix == ".xlsx")


def _with_parts(workbook: bytes, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the workbook with these parts in place of its own, or besides them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(made, "w", method) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return made.getvalue()


def _rewrite(workbook: bytes, rng: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part changed: mostly that with the cells or the texts."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        names: Sequence[str] = archive.namelist()
        wanted = [name for name in names if "sheet1" in name or "Strings" in name or name == "content.xml"]
        name = rng.choice(wanted if wanted and rng.random() < 0.7 else names)
        return _with_parts(workbook, {name: change(archive.read(name))})
