"""Renderings kept by the hash of what they show and the program's version: made once, however many ask."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from flask import current_app

from tracker.reports.models import Snapshot
from tracker.reports.printing import Watch, unwatched
from tracker.reports.renderers import Format, Rendering, render_report

ANNEX = "annex"


def render_once(snapshot: Snapshot, form: Format, watch: Watch = unwatched) -> Rendering:
    """Return the rendering that is kept, or make it and keep it; raises what `render_report` raises."""
    if kept := find_rendering(snapshot.sha256, form):
        return kept
    with _alone(snapshot.sha256, form):
        # Somebody else may have made it meanwhile.
        if kept := find_rendering(snapshot.sha256, form):
            return kept
        made = render_report(snapshot, form, watch)
        keep_rendering(snapshot.sha256, form, made)
        return made


def find_rendering(sha256: str, form: str) -> Rendering | None:
    """Return the rendering that is kept for the content with this hash; a damaged one counts as gone."""
    file = _file(sha256, form)
    try:
        about = json.loads(_beside(file, "about").read_text(encoding="utf-8"))
        data = file.read_bytes()
        annex = _beside(file, ANNEX).read_bytes() if about[ANNEX] else None
    except FileNotFoundError:
        return None
    if _sha256(data) != about["sha256"] or (annex is not None and _sha256(annex) != about[ANNEX]):
        return None
    return Rendering(data, about["missing_characters"], annex)


def keep_rendering(sha256: str, form: str, made: Rendering) -> None:
    """Keep the rendering of the content with this hash, in place of those of other versions."""
    file = _file(sha256, form)
    about = {
        "sha256": _sha256(made.data),
        "missing_characters": made.missing_characters,
        ANNEX: None if made.annex is None else _sha256(made.annex),
    }
    _folder().mkdir(parents=True, exist_ok=True)
    _put(file, made.data)
    if made.annex is not None:
        _put(_beside(file, ANNEX), made.annex)
    _put(_beside(file, "about"), json.dumps(about).encode())
    for other in _folder().glob(f"{sha256}*.{form}*"):
        if not other.name.startswith(file.name):
            other.unlink(missing_ok=True)


@contextmanager
def _alone(sha256: str, form: str) -> Iterator[None]:
    """Wait until nobody else makes the same file."""
    _folder().mkdir(parents=True, exist_ok=True)
    lock = _folder() / f".{sha256}.{form}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _put(file: Path, data: bytes) -> None:
    """Write the file whole or not at all, whoever else writes the same."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(file)


def _folder() -> Path:
    return Path(current_app.config["INSTANCE"]) / "renderings"


def _file(sha256: str, form: str) -> Path:
    return _folder() / f"{sha256}-{version('tracker')}.{form}"


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.name}.{what}")
