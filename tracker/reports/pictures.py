"""Pictures that stand in reports: PNG and JPEG, told by their content, their size read from its head."""

import struct
from base64 import b64encode
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from tracker.evidence.formats import SHOWN, Format, recognise

MOST_BYTES = 200 * 1024
LONGEST_SIDE = 4_000
_FILL = 0xFF
# The frames of a JPEG, which say its size; what lies between their numbers are tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class PictureFault(StrEnum):
    """Why a picture is not taken."""

    TOO_LARGE = "too_large"
    NO_PICTURE = "no_picture"
    TOO_MANY_PIXELS = "too_many_pixels"


class RefusedPicture(ValueError):
    """A picture that is not taken; of one with too many pixels, how many it has."""

    def __init__(self, fault: PictureFault, width: int = 0, height: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.width, self.height = fault, width, height


class Picture(NamedTuple):
    """A PNG or JPEG and its size in pixels."""

    content: bytes
    format: Format
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Return the SHA-256 by which it is kept."""
        return sha256(self.content).hexdigest()

    @property
    def uri(self) -> str:
        """Return the picture as an address that holds all of it."""
        return f"data:{SHOWN[self.format]};base64,{b64encode(self.content).decode()}"


def read_picture(content: bytes) -> Picture:
    """Return the picture; raises RefusedPicture. Nothing of it but its head is read."""
    if len(content) > MOST_BYTES:
        raise RefusedPicture(PictureFault.TOO_LARGE)
    found = recognise(content)
    size = (
        _size_of_png(content)
        if found is Format.PNG
        else _size_of_jpeg(content)
        if found is Format.JPEG
        else None
    )
    if found is None or size is None or 0 in size:
        raise RefusedPicture(PictureFault.NO_PICTURE)
    if max(size) > LONGEST_SIDE:
        raise RefusedPicture(PictureFault.TOO_MANY_PIXELS, *size)
    return Picture(content, found, *size)


def _size_of_png(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(content) and content[place] == _FILL:
        marker = content[place + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 1 if marker == _FILL else 2 + int.from_bytes(content[place + 2 : place + 4])
    return None
