"""Layouts that people taught: what the columns of a file mean, said once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.names import normalise_heading
from tracker.extensions import db, get_locked, transaction
from tracker.imports.columns import COLUMNS
from tracker.imports.layouts import LAYOUTS, Layout, Recognised, required_of
from tracker.imports.models import AmendmentRule, ImportSubject, LearntLayout

LONGEST_NAME = 60
Columns = tuple[tuple[str, str | None], ...]


class NameTaken(ValueError):
    """Another layout in use has this name."""


class StaleLayout(Exception):
    """Somebody else changed or retired the layout since the form was opened."""


class UnknownLayout(LookupError):
    """There is no such layout in use."""


@dataclass(frozen=True, kw_only=True)
class LayoutDraft:
    """What a person says of the columns of a file: each heading with the field that it means, or None."""

    name: str
    columns: Columns
    unit: int | None
    amendments: AmendmentRule

    @property
    def fields(self) -> dict[str, str]:
        """Return the heading of each field."""
        return {field: heading for heading, field in self.columns if field}


class LearntRow(NamedTuple):
    """A layout that was learnt, as lists and pages show it."""

    id: int
    subject: ImportSubject
    draft: LayoutDraft
    header_row: int
    version: int
    learnt_by: int
    learnt_at: datetime
    retired_at: datetime | None


def list_learnt() -> list[LearntRow]:
    """Return all layouts that were learnt, those in use first, by name."""
    rows = db.session.scalars(
        select(LearntLayout).order_by(
            LearntLayout.retired_at.is_not(None), LearntLayout.name, LearntLayout.id.desc()
        )
    )
    return [_row(row) for row in rows]


def find_learnt(layout_id: int) -> LearntRow | None:
    """Return one layout, retired ones too."""
    row = db.session.get(LearntLayout, layout_id)
    return _row(row) if row else None


def learnt_layouts(subject: ImportSubject) -> list[Layout]:
    """Return the learnt layouts in which such files may come, the newest first."""
    rows = db.session.scalars(
        select(LearntLayout)
        .where(LearntLayout.subject == subject, LearntLayout.retired_at.is_(None))
        .order_by(LearntLayout.id.desc())
    )
    return [_layout(_row(row)) for row in rows]


def learn_layout(subject: ImportSubject, draft: LayoutDraft, header_row: int, by: Acting) -> int:
    """Keep what the columns of a file mean, in place of what was kept for the same headings.

    Returns the number of the layout; raises NameTaken.
    """
    with transaction():
        signature = _signature(draft.columns)
        for row in _in_use():
            if row.subject is subject and _signature(_columns(row)) == signature:
                _retire(row, by)
            elif row.name == draft.name:
                raise NameTaken(draft.name)
        _check_name(draft.name)
        learnt = LearntLayout(
            subject=subject, header_row=header_row, learnt_by=by.actor_id, learnt_at=by.at, **_values(draft)
        )
        db.session.add(learnt)
        db.session.flush()
        record_event(by, "layout.learn", "layout", learnt.id, _told(subject, draft))
        return learnt.id


def change_layout(layout_id: int, draft: LayoutDraft, version: int, by: Acting) -> None:
    """Change what a layout says. Raises UnknownLayout, StaleLayout and NameTaken."""
    with transaction():
        row = _get(layout_id, version)
        if any(each.name == draft.name and each.id != layout_id for each in _in_use()):
            raise NameTaken(draft.name)
        _check_name(draft.name)
        before, after = _told(row.subject, _row(row).draft), _told(row.subject, draft)
        for name, value in _values(draft).items():
            setattr(row, name, value)
        row.version += 1
        changes = {name: [before[name], value] for name, value in after.items() if before[name] != value}
        record_event(by, "layout.change", "layout", layout_id, {"changes": changes})


def retire_layout(layout_id: int, version: int, by: Acting) -> None:
    """Let no further file be recognised by the layout. Raises UnknownLayout and StaleLayout."""
    with transaction():
        _retire(_get(layout_id, version), by)


def propose_layout(name: str, columns: Columns, recognised: Recognised | None) -> LayoutDraft:
    """Return what a person starts from: the layout by which the file is read now, if it is one."""
    layout = recognised.layout if recognised else None
    return LayoutDraft(
        name=layout.name if layout and layout.signature else name[:LONGEST_NAME],
        columns=columns,
        unit=layout.unit if layout else None,
        amendments=layout.amendments if layout else AmendmentRule.FINAL,
    )


def _layout(row: LearntRow) -> Layout:
    return Layout(
        row.draft.name,
        row.subject,
        {field: (heading,) for field, heading in row.draft.fields.items()},
        required_of(row.subject),
        amendments=row.draft.amendments,
        signature=_signature(row.draft.columns),
        unit=row.draft.unit,
    )


def _row(row: LearntLayout) -> LearntRow:
    draft = LayoutDraft(name=row.name, columns=_columns(row), unit=row.unit, amendments=row.amendments)
    return LearntRow(
        row.id, row.subject, draft, row.header_row, row.version, row.learnt_by, row.learnt_at, row.retired_at
    )


def _columns(row: LearntLayout) -> Columns:
    return tuple((heading, field) for heading, field in json.loads(row.columns))


def _signature(columns: Columns) -> frozenset[str]:
    return frozenset(normalise_heading(heading) for heading, _ in columns)


def _values(draft: LayoutDraft) -> dict[str, object]:
    columns = json.dumps(draft.columns, ensure_ascii=False)
    return {"name": draft.name, "columns": columns, "unit": draft.unit, "amendments": draft.amendments}


def _told(subject: ImportSubject, draft: LayoutDraft) -> dict[str, object]:
    """Return what the trail keeps, in words: it is read by people."""
    meanings = {column.field: column.heading for column in COLUMNS[subject]}
    said = [f"{heading} → {meanings[field]}" for heading, field in draft.columns if field]
    return {
        "name": draft.name,
        "brings": subject.korean,
        "columns": ", ".join(said),
        "won_a_unit": draft.unit,
        "amendments": draft.amendments.korean,
    }


def _in_use() -> Sequence[LearntLayout]:
    return db.session.scalars(select(LearntLayout).where(LearntLayout.retired_at.is_(None))).all()


def _check_name(name: str) -> None:
    if name in {layout.name for layout in LAYOUTS}:
        raise NameTaken(name)


def _get(layout_id: int, version: int) -> LearntLayout:
    row = get_locked(LearntLayout, layout_id)
    if row is None or row.retired_at is not None:
        raise UnknownLayout(layout_id)
    if row.version != version:
        raise StaleLayout(layout_id)
    return row


def _retire(row: LearntLayout, by: Acting) -> None:
    row.retired_at = by.at
    row.version += 1
    record_event(by, "layout.retire", "layout", row.id, {"name": row.name})
