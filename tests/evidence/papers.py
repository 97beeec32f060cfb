"""Small files of each kind, honest and hostile, and evidence made of them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence

from tests.factories import BY
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.files import received
from tracker.evidence.services import EvidenceDraft, add_evidence

HTML = b"<!doctype html><script>document.title='run'</script>"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HWP = OLE + bytes(512) + b"HWP Document File"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
POLYGLOT = b"%PDF-1.4\n" + HTML + PDF[9:]


def png(side: int = 2) -> bytes:
    """Return a picture of so many white points."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = (b"\x00" + b"\xff" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def packed(*names: str, first: bytes = b"") -> bytes:
    """Return a ZIP file of empty members; `first` is the content of a member "mimetype" before them."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, "")
    return content.getvalue()


XLSX = packed("[Content_Types].xml", "xl/workbook.xml")
HWPX = packed("version.xml", first=b"application/hwp+zip")


def keep(purchase_id: int, content: bytes = PDF, name: str = "계약서.pdf", **draft: str) -> int:
    """Keep a file with a purchase and return its number."""
    return keep_all(purchase_id, [(name, content)], **draft)[0]


def keep_all(purchase_id: int, files: Sequence[tuple[str, bytes]], **draft: str) -> list[int]:
    """Keep files with a purchase and return their numbers."""
    with received([(name, io.BytesIO(content)) for name, content in files]) as there:
        return add_evidence(purchase_id, EvidenceDraft(EvidenceKind.CONTRACT, **draft), there, BY)
