"""A file is what its content says, and is called by a name that can do no harm."""

import mmap
from pathlib import Path

import pytest

from tests.evidence.papers import HEIC, HTML, HWP, HWPX, JPEG, OLE, PDF, POLYGLOT, SVG, XLSX, packed, png
from tracker.evidence.formats import LONGEST_NAME, Format, plain_name, recognise


def kind_of(content: bytes, folder: Path) -> Format | None:
    """Return what a file of this content is."""
    path = folder / "file"
    path.write_bytes(content)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return recognise(mapped)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, Format.PDF),
        (POLYGLOT, Format.PDF),
        (JPEG, Format.JPEG),
        (png(), Format.PNG),
        (HEIC, Format.HEIC),
        (XLSX, Format.XLSX),
        (HWPX, Format.HWPX),
        (HWP, Format.HWP),
        (HTML, None),
        (SVG, None),
        (b"\n" + PDF, None),
        (HTML + PDF, None),
        (b"\xef\xbb\xbf" + HTML, None),
        (b"GIF89a" + HTML, None),
        (b"MZ\x90\x00", None),
        (b"%!PS-Adobe-3.0", None),
        (OLE + b"Word.Document", None),
        (HEIC.replace(b"heic", b"isom", 1), None),
        (packed("word/document.xml", "[Content_Types].xml"), None),
        (packed("META-INF/MANIFEST.MF", "xl/workbook.xml"), None),
        (packed("content.xml", first=b"application/vnd.oasis.opendocument.text"), None),
        (b"x", None),
    ],
)
def test_content_alone_tells_what_a_file_is(content: bytes, kind: Format | None, tmp_path: Path) -> None:
    assert kind_of(content, tmp_path) is kind


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("견적서.pdf", Format.PDF, "견적서.pdf"),
        ("견적서.PDF", Format.PDF, "견적서.pdf"),
        ("사진.jpeg", Format.JPEG, "사진.jpg"),
        ("사진.png", Format.JPEG, "사진.png.jpg"),
        ("검수 2026. 3. 15", Format.PDF, "검수 2026. 3. 15.pdf"),
        ("../../../etc/passwd", Format.PDF, "passwd.pdf"),
        ("C:\\Windows\\system.ini", Format.PDF, "system.ini.pdf"),
        ("..\\..\\a.pdf", Format.PDF, "a.pdf"),
        ("/", Format.PDF, "evidence.pdf"),
        ("...", Format.PDF, "evidence.pdf"),
        (".pdf", Format.PDF, "pdf.pdf"),
        ("a\x00\r\nb\u202efdp.exe", Format.PDF, "abfdp.exe.pdf"),
        ('a"; filename="b.html', Format.PDF, "a_; filename=_b.html.pdf"),
        ("<b>:|?*.pdf", Format.PDF, "_b_____.pdf"),
        ("  두   칸 .pdf", Format.PDF, "두 칸.pdf"),
        ("가".encode().decode(), Format.PDF, "가.pdf"),
        ("\u1100\u1161.pdf", Format.PDF, "가.pdf"),
        ("가" * 500 + ".pdf", Format.PDF, "가" * LONGEST_NAME + ".pdf"),
    ],
)
def test_a_name_is_plain_and_ends_as_its_content(given: str, kind: Format, name: str) -> None:
    assert plain_name(given, kind) == name
