"""The files themselves: received whole beside their place, checked, then put in place under their SHA-256."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, NamedTuple

from flask import current_app

from tracker.config import MEGABYTE
from tracker.evidence.formats import Format, plain_name, recognise

MAX_FILE_BYTES = 20 * MEGABYTE
MOST_FILES = 30
PIECE_BYTES = 256 * 1024


class Fault(StrEnum):
    """Why a file is not kept."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_MANY = "too_many"
    ALREADY_THERE = "already_there"


class RefusedFile(ValueError):
    """A file that is not kept; `name` is empty where none alone is at fault."""

    def __init__(self, fault: Fault, name: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.name = name


class DamagedFile(Exception):
    """A file is gone, or its content is not what was put there."""


class Received(NamedTuple):
    """A file that was checked and waits beside its place."""

    name: str
    format: Format
    size: int
    sha256: str
    path: Path


def evidence_folder() -> Path:
    """Return the folder of evidence, made when it is not there."""
    folder = Path(current_app.config["INSTANCE"]) / "evidence"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def place_of(sha256: str) -> Path:
    """Return where the content of this hash is kept."""
    return evidence_folder() / sha256[:2] / sha256


@contextmanager
def received(sources: Iterable[tuple[str, IO[bytes]]]) -> Iterator[list[Received]]:
    """Receive files by name and content; those not put in place meanwhile go. Raises RefusedFile."""
    with tempfile.TemporaryDirectory(dir=evidence_folder(), prefix=".incoming-") as scratch:
        yield [
            _receive(Path(scratch) / str(number), name, stream)
            for number, (name, stream) in enumerate(sources)
        ]


def put_in_place(file: Received) -> None:
    """Move the file to its place for good: it is there, whatever happens, before a row names it."""
    place = place_of(file.sha256)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    file.path.replace(place)
    for folder in (place.parent, place.parent.parent):
        _sync(folder)


def open_intact(sha256: str) -> IO[bytes]:
    """Return the content of this hash, opened. Raises DamagedFile where it is not what was put there."""
    with suppress(FileNotFoundError):
        file = place_of(sha256).open("rb")
        if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
            file.seek(0)
            return file
        file.close()
    raise DamagedFile


def _receive(path: Path, given: str, stream: IO[bytes]) -> Received:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        while piece := stream.read(PIECE_BYTES):
            size += len(piece)
            if size > MAX_FILE_BYTES:
                raise RefusedFile(Fault.TOO_LARGE, given)
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        if not size:
            raise RefusedFile(Fault.EMPTY, given)
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            found = recognise(content)
    if found is None:
        raise RefusedFile(Fault.UNKNOWN_FORMAT, given)
    return Received(plain_name(given, found), found, size, digest.hexdigest(), path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
