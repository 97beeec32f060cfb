"""Files that were sent to be looked at: kept by their hash for some days, so that nothing is sent twice."""

import hashlib
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app

KEPT_FOR = timedelta(days=7)
MAX_FOLDER_BYTES = 2 * 1024**3
CHUNK_BYTES = 256 * 1024


class TooManyUploads(Exception):
    """The files that wait take too much room already."""


def upload_folder() -> Path:
    """Return the folder of uploads, made when it is not there; below it stand the previews."""
    folder = Path(current_app.config["INSTANCE"]) / "uploads"
    (folder / "previews").mkdir(parents=True, exist_ok=True)
    return folder


def keep_upload(stream: IO[bytes], at: datetime) -> str:
    """Keep a file and return its SHA-256; what is too old goes. Raises TooManyUploads."""
    folder = upload_folder()
    if _remove_old(folder, at) > MAX_FOLDER_BYTES:
        raise TooManyUploads
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    Path(name).replace(folder / digest.hexdigest())
    return digest.hexdigest()


def uploaded(sha256: str) -> Path:
    """Return where the file of this hash is kept, if it still is."""
    return upload_folder() / sha256


def _remove_old(folder: Path, at: datetime) -> int:
    """Remove what nobody has asked for in a while, and return how many bytes are left."""
    oldest = (at - KEPT_FOR).timestamp()
    left = 0
    for file in folder.rglob("*"):
        if file.is_file():
            state = file.stat()
            if state.st_mtime < oldest:
                file.unlink(missing_ok=True)
            else:
                left += state.st_size
    return left
