"""Renderings kept by the hash of the report they show: made once, and again only when one is gone."""

import hashlib
import json
import os
from pathlib import Path

from flask import current_app

from tracker.reports.models import Snapshot
from tracker.reports.printing import Watch, unwatched
from tracker.reports.renderers import Format, Rendering, render_report


def render_once(snapshot: Snapshot, form: Format, watch: Watch = unwatched) -> Rendering:
    """Return the rendering that is kept, or make it and keep it; raises what `render_report` raises."""
    kept = find_rendering(snapshot.sha256, form)
    if kept:
        return kept
    made = render_report(snapshot, form, watch)
    keep_rendering(snapshot.sha256, form, made)
    return made


def find_rendering(sha256: str, form: str) -> Rendering | None:
    """Return the rendering that is kept for the content with this hash; a damaged one counts as gone."""
    file = _file(sha256, form)
    try:
        about = json.loads(_about(file).read_text(encoding="utf-8"))
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(data).hexdigest() != about["sha256"]:
        return None
    return Rendering(data, about["missing_characters"])


def keep_rendering(sha256: str, form: str, made: Rendering) -> None:
    """Keep the rendering of the content with this hash."""
    file = _file(sha256, form)
    file.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "sha256": hashlib.sha256(made.data).hexdigest(),
        "missing_characters": made.missing_characters,
    }
    _put(file, made.data)
    _put(_about(file), json.dumps(about).encode())


def _put(file: Path, data: bytes) -> None:
    """Write the file whole or not at all, whoever else writes the same."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(file)


def _file(sha256: str, form: str) -> Path:
    return Path(current_app.config["INSTANCE"]) / "renderings" / f"{sha256}.{form}"


def _about(file: Path) -> Path:
    return file.with_name(f"{file.name}.about")
