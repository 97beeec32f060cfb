"""Reading a rendered PDF back."""

import re
from io import BytesIO

import pikepdf
from pypdf import PdfReader


def pages_of(data: bytes) -> list[str]:
    """Return the text of each page, runs of blanks as one."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(data)).pages]


def everything_in(data: bytes) -> bytes:
    """Return all streams of the file unpacked, attachments included."""
    with pikepdf.open(BytesIO(data)) as document:
        streams = [item for item in document.objects if isinstance(item, pikepdf.Stream)]
        return b"\n".join(stream.read_bytes() for stream in streams if _is_plain(stream))


def _is_plain(stream: pikepdf.Stream) -> bool:
    return stream.get("/Filter") in (None, pikepdf.Name.FlateDecode)
