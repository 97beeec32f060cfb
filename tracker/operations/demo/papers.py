"""Made-up evidence: a one-page PDF of some lines, and a picture of boxes on a shelf."""

import struct
import zlib
from collections.abc import Sequence

_PAGE = (595, 842)
_MARGIN, _TITLE, _LINE = 72, 22, 13
# Korean comes from the reader's own font: the file stays small, and every reader of PDF has one.
_FONT = b"HYGoThic-Medium"
_WIDTH, _HEIGHT, _BOX = 480, 320, 80
_WALL, _EDGE = (226, 221, 210), (96, 74, 48)
_BOXES = ((196, 154, 108), (181, 137, 90), (208, 170, 126))


def make_pdf(title: str, lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with a title and lines below it."""
    shown, top = [_text(title, _TITLE, 0)], _TITLE * 2
    for line in lines:
        shown.append(_text(line, _LINE, top))
        top += _LINE * 2
    stream = b"\n".join(shown)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
        % _PAGE,
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/UniKS-UTF16-H/DescendantFonts[6 0 R]>>" % _FONT,
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/%s/DW 1000/W[1 95 500]/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Korea1)/Supplement 1>>>>" % _FONT,
        b"<</Type/FontDescriptor/FontName/%s/Flags 6/FontBBox[0 -140 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 700/StemV 80>>" % _FONT,
    )
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(content))
        content += b"%d 0 obj%s\nendobj\n" % (number, each)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(places))
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(content))
    return content + table + end


def make_picture(boxes: int) -> bytes:
    """Return a PNG of so many boxes, stacked from the left below."""
    rows = []
    for y in range(_HEIGHT):
        row = bytearray(b"\x00")
        for x in range(_WIDTH):
            row += bytes(_colour(x, _HEIGHT - 1 - y, boxes))
        rows.append(bytes(row))
    head = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _text(line: str, size: int, top: int) -> bytes:
    place = f"{_MARGIN} {_PAGE[1] - _MARGIN - top}"
    return f"BT /F {size} Tf {place} Td <{line.encode('utf-16-be').hex()}> Tj ET".encode()


def _colour(x: int, height: int, boxes: int) -> tuple[int, int, int]:
    number = height // _BOX * (_WIDTH // _BOX) + x // _BOX
    if number >= boxes:
        return _WALL
    is_edge = min(x % _BOX, height % _BOX) < 3
    return _EDGE if is_edge else _BOXES[number % len(_BOXES)]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
