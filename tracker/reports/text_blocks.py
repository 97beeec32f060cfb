"""문구: the institution's own wording of a year's reports, for all kinds and for each, kept and copied on."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.canonical import canonical_json
from tracker.extensions import db, transaction
from tracker.reports.logos import keep_logo
from tracker.reports.models import ReportText
from tracker.reports.pictures import Picture
from tracker.reports.requests import ReportKind
from tracker.reports.texts import LISTS, NAMES, Texts

ALL_KINDS = ""
# "yes" or "no": whether the 결재란 is printed; the posts are kept while it is not.
APPROVAL_SHOWN = "has_approval"
PERSONAL = frozenset({"author_name", "author_telephone", "contact"})

Words = Mapping[str, Any]
"""What is filled in, by the names of Texts and `has_approval`."""


class StaleTexts(Exception):
    """Somebody else saved the wording since it was opened."""


class Block(NamedTuple):
    """The wording of a year for a kind, or for all kinds; nothing was saved yet while `version` is 0."""

    year: int
    kind: str
    words: Words
    version: int


def get_block(year: int, kind: str) -> Block:
    """Return what was saved for this year and kind."""
    return _blocks(year).get(kind, Block(year, kind, {}, 0))


def count_blocks(year: int) -> int:
    """Return for how many kinds wording was saved, all kinds together being one."""
    return len(_blocks(year))


def resolve_texts(year: int, kind: ReportKind) -> Texts:
    """Return the wording of a report: its kind's, else that of all kinds, else the program's own."""
    blocks = _blocks(year)
    return texts_from(*(blocks[each].words for each in (ALL_KINDS, str(kind)) if each in blocks))


def texts_from(*words: Words) -> Texts:
    """Return the wording of these together, what comes later before what comes earlier."""
    told: dict[str, Any] = {}
    for each in words:
        if each.get("logo"):
            # What another picture shows says nothing of this one.
            told.pop("logo_text", None)
        told |= {name: value for name, value in each.items() if value not in ("", [], None)}
    if told.pop(APPROVAL_SHOWN, "no") != "yes":
        told.pop("approval", None)
    told |= {name: tuple(told[name]) for name in LISTS & told.keys()}
    return Texts(**told)


def save_block(block: Block, by: Acting, picture: Picture | None = None) -> None:
    """Keep the wording, `version` being that of what was opened, and its logo if new. Raises StaleTexts."""
    with transaction():
        row = db.session.get(
            ReportText, (block.year, block.kind), populate_existing=True, with_for_update=True
        )
        if (row.version if row else 0) != block.version:
            raise StaleTexts(block.year, block.kind)
        before = json.loads(row.words) if row else {}
        if row is None:
            row = ReportText(fiscal_year=block.year, kind=block.kind, version=0)
            db.session.add(row)
        row.words = canonical_json(dict(block.words))
        row.version = block.version + 1
        row.actor_id, row.saved_at = by.actor_id, by.at
        db.session.flush()
        if picture:
            keep_logo(picture, by)
        record_event(
            by,
            "report_text.save",
            "report_text",
            block.year,
            {"report_kind": block.kind, "changes": _changes(before, block.words)},
        )


def copy_blocks(year: int, by: Acting) -> int:
    """Give a year the wording of the year before where it has none, and return of how many kinds."""
    with transaction():
        there = _blocks(year)
        missing = [block for kind, block in sorted(_blocks(year - 1).items()) if kind not in there]
        for block in missing:
            save_block(block._replace(year=year, version=0), by)
        return len(missing)


def _changes(before: Words, after: Words) -> dict[str, Any]:
    """Return what stood there and stands now; of names and telephones only that they changed."""
    return {
        name: None if name in PERSONAL else [_line(before.get(name)), _line(after.get(name))]
        for name in (*NAMES, APPROVAL_SHOWN)
        if (before.get(name) or None) != (after.get(name) or None)
    }


def _line(value: object) -> object:
    return " / ".join(value) if isinstance(value, list) else value


def _blocks(year: int) -> dict[str, Block]:
    rows = db.session.scalars(select(ReportText).where(ReportText.fiscal_year == year))
    return {row.kind: Block(row.fiscal_year, row.kind, json.loads(row.words), row.version) for row in rows}
