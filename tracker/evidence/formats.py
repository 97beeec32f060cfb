"""What a file is, told by its content alone, and what it is called when it is handed out."""

import re
import unicodedata
from enum import StrEnum
from mmap import mmap


class Format(StrEnum):
    """The kinds of files that are kept."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    XLSX = "xlsx"
    HWPX = "hwpx"
    HWP = "hwp"

    @property
    def ending(self) -> str:
        """Return the ending under which such a file is handed out."""
        return "jpg" if self is Format.JPEG else self.value


# What a browser shows by itself; everything else is only handed out.
SHOWN = {Format.PDF: "application/pdf", Format.JPEG: "image/jpeg", Format.PNG: "image/png"}

LONGEST_NAME = 80
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_STARTS = {b"%PDF-": Format.PDF, b"\xff\xd8\xff": Format.JPEG, b"\x89PNG\r\n\x1a\n": Format.PNG}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HWPX = b"mimetypeapplication/hwp+zip"
_UNWANTED = re.compile(r'[<>:"|?*]')


def recognise(content: mmap | bytes) -> Format | None:
    """Return what the content is; None for what is not kept. Nothing in it is ever unpacked or run."""
    for start, found in _STARTS.items():
        if content[: len(start)] == start:
            return found
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return Format.HEIC
    if content[:4] == _ZIP:
        if content[30 : 30 + len(_HWPX)] == _HWPX:
            return Format.HWPX
        is_workbook = content.find(b"[Content_Types].xml") >= 0 and content.find(b"xl/workbook.xml") >= 0
        return Format.XLSX if is_workbook else None
    if content[:8] == _OLE and content.find(b"HWP Document File") >= 0:
        return Format.HWP
    return None


def plain_name(given: str, found: Format) -> str:
    """Return the name under which a file is shown and handed out: no folders, nothing unseen.

    Its last ending is always that of its content.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    stem, _, ending = _UNWANTED.sub("_", seen).rpartition(".")
    if not stem or ending.lower() not in {found.value, found.ending}:
        stem = f"{stem}.{ending}" if stem else ending
    stem = " ".join(stem.split()).strip(". ")[:LONGEST_NAME].rstrip(". ")
    return f"{stem or 'evidence'}.{found.ending}"
