"""Logos of reports (기관 로고·휘장), kept by their SHA-256 where evidence is kept; never deleted."""

from io import BytesIO

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.evidence.files import open_intact, put_in_place, received
from tracker.extensions import db
from tracker.reports.document import Logo
from tracker.reports.models import ReportLogo
from tracker.reports.pictures import Picture, read_picture
from tracker.reports.requests import Content


def keep_logo(picture: Picture, by: Acting) -> None:
    """Keep a picture for good, within the caller's transaction, which records it too."""
    with received([("logo", BytesIO(picture.content))]) as (file,):
        db.session.add(ReportLogo(sha256=file.sha256, size=file.size, actor_id=by.actor_id, added_at=by.at))
        db.session.flush()
        put_in_place(file)


def get_picture(sha256: str) -> Picture:
    """Return the picture of this hash. Raises DamagedFile where it is not what was kept."""
    with open_intact(sha256) as file:
        return read_picture(file.read())


def logo_of(content: Content) -> Logo | None:
    """Return the logo that a report was frozen with, if any. Raises DamagedFile."""
    frozen = content.get("logo")
    return Logo(frozen["text"], get_picture(frozen["sha256"])) if frozen else None


def logo_hashes() -> set[str]:
    """Return the SHA-256 of every logo that was ever kept."""
    return set(db.session.scalars(select(ReportLogo.sha256).distinct()))
