"""Official lists as editions: record one, take one out, ask about who is missing, keep what is decided."""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, and_, exists, or_, select, tuple_
from sqlalchemy import func as sql
from sqlalchemy.orm import aliased

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.canonical import canonical_json
from tracker.core.certification import Standing, standing_on
from tracker.core.vocabulary import AbsenceDecision, CertificationEventKind
from tracker.enterprises.models import (
    Absence,
    Certification,
    CertificationType,
    Edition,
    EditionMember,
    Enterprise,
)
from tracker.enterprises.queries import certificates_of
from tracker.enterprises.services import record_status
from tracker.extensions import audit_key, db, get_locked, insert_rows, transaction

READ_CHUNK = 2_000
# A certification that proves nothing for want of a day is held to be in force until somebody looks.
IN_FORCE = frozenset({Standing.VALID, Standing.UNDATED})
ENDINGS = {
    AbsenceDecision.CANCELLED: CertificationEventKind.CANCELLED,
    AbsenceDecision.RETURNED: CertificationEventKind.RETURNED,
    AbsenceDecision.EXPIRED: CertificationEventKind.EXPIRED,
}


class Member(NamedTuple):
    """What an edition says of one certification: the columns of `EditionMember`, the representative by name.

    `certification_id` is None where the row could not be read.
    """

    row_number: int
    enterprise_id: int
    certification_id: int | None
    name: str
    representative: str | None = None
    address: str | None = None
    number: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    status: CertificationEventKind | None = None


class EditionRow(NamedTuple):
    """One edition as lists show it; `absent` counts what it lacks and what still waits for a decision."""

    id: int
    type: str
    type_name: str
    day: date
    batch_id: int
    members: int
    unread: int
    recorded_at: datetime
    withdrawn_at: datetime | None
    absent: int


class AbsenceRow(NamedTuple):
    """A certification that an edition no longer has."""

    id: int
    edition_id: int
    day: date
    certification_id: int
    enterprise_id: int
    enterprise: str
    type_name: str
    number: str | None
    decision: AbsenceDecision | None
    happened_on: date | None
    note: str | None
    decided_by: int | None
    decided_at: datetime | None
    is_open: bool

    @property
    def label(self) -> str:
        """Return the type and number of the certification."""
        return " ".join(filter(None, (self.type_name, self.number)))


class AbsenceDecided(Exception):
    """The question is closed: somebody decided it, a newer list has the enterprise, or the list is out."""


def record_edition(
    type_code: str, day: date, batch_id: int, members: Sequence[Member], unread: int, by: Acting
) -> int:
    """Keep a list as it stood on a day, ask about who is missing from the newest, and return its number."""
    with transaction():
        edition = Edition(
            type=type_code,
            day=day,
            batch_id=batch_id,
            members=len(members),
            unread=unread,
            digest="",
            recorded_at=by.at,
        )
        db.session.add(edition)
        db.session.flush()
        insert_rows(
            cast("Table", EditionMember.__table__),
            ("edition_id", *Member._fields),
            [(edition.id, *each._replace(representative=_mark(each.representative))) for each in members],
        )
        edition.digest = members_digest(edition.id)
        absent = _ask_about_absent(type_code)
        record_event(
            by,
            "edition.record",
            "edition",
            edition.id,
            {
                "type": type_code,
                "on": day,
                "rows": len(members),
                "unread": unread,
                "digest": edition.digest,
                "absent": absent,
            },
        )
        return edition.id


def withdraw_edition(batch_id: int, reason: str, by: Acting) -> None:
    """Take the edition of a batch out, if it made one; what was decided because of it stays."""
    with transaction():
        edition = db.session.scalar(
            select(Edition).where(Edition.batch_id == batch_id, Edition.withdrawn_at.is_(None))
        )
        if edition is None:
            return
        edition.withdrawn_at = by.at
        db.session.flush()
        _ask_about_absent(edition.type)
        record_event(by, "edition.withdraw", "edition", edition.id, {"reason": reason})


def decide_absence(
    absence_id: int, decision: AbsenceDecision, happened_on: date | None, note: str | None, by: Acting
) -> int:
    """Keep what became of a certification that a list no longer has; record the status where it ended.

    `happened_on` is the day of an ending. Raises AbsenceDecided where nothing is asked any more.
    """
    with transaction():
        absence = get_locked(Absence, absence_id)
        row = next(iter(list_absences(Absence.id == absence_id)), None)
        if absence is None or row is None or not row.is_open:
            raise AbsenceDecided
        absence.decision, absence.note = decision, note
        absence.decided_by, absence.decided_at = by.actor_id, by.at
        if decision in ENDINGS:
            assert happened_on
            absence.happened_on = happened_on
            record_status(row.certification_id, ENDINGS[decision], happened_on, note, by)
        record_event(
            by,
            "enterprise.absence",
            "enterprise",
            row.enterprise_id,
            {
                "certification": row.certification_id,
                "edition": row.edition_id,
                "edition_day": row.day,
                "decision": decision,
                "note": note,
            },
        )
        return absence_id


def decide_absences(
    absence_ids: Collection[int], decision: AbsenceDecision, happened_on: date | None, note: str, by: Acting
) -> int:
    """Keep one decision about all these, or about none of them, and return how many they are.

    Raises AbsenceDecided where nothing is asked any more about one of them.
    """
    with transaction():
        for absence_id in sorted(absence_ids):
            decide_absence(absence_id, decision, happened_on, note, by)
        return len(absence_ids)


def members_digest(edition_id: int) -> str:
    """Return the SHA-256 over what an edition says, line by line in the order of its rows."""
    lines = hashlib.sha256()
    columns = [getattr(EditionMember, name) for name in Member._fields]
    for row in db.session.execute(
        select(*columns)
        .where(EditionMember.edition_id == edition_id)
        .order_by(EditionMember.row_number)
        .execution_options(yield_per=READ_CHUNK)
    ):
        lines.update(canonical_json(list(row)).encode() + b"\n")
    return lines.hexdigest()


def find_edition(edition_id: int) -> EditionRow | None:
    """Return the edition, taken out or not."""
    return next(iter(_editions(Edition.id == edition_id)), None)


def find_edition_of(batch_id: int) -> EditionRow | None:
    """Return the edition that a batch made."""
    return next(iter(_editions(Edition.batch_id == batch_id)), None)


def list_editions(type_code: str | None, first: int, number: int) -> list[EditionRow]:
    """Return so many editions of one type or all, by type and the newest first, those taken out too."""
    wanted = (Edition.type == type_code,) if type_code else ()
    return _editions(*wanted, first=first, number=number)


def count_editions(type_code: str | None) -> int:
    """Return how many editions there are."""
    wanted = (Edition.type == type_code,) if type_code else ()
    return db.session.scalar(select(sql.count()).select_from(Edition).where(*wanted)) or 0


def find_neighbour(edition: EditionRow, *, is_later: bool) -> EditionRow | None:
    """Return the edition of the same type just before or just after it, by day; of one day by arrival."""
    place = tuple_(Edition.day, Edition.id)
    here = (edition.day, edition.id)
    rows = db.session.scalars(
        select(Edition.id)
        .where(
            Edition.type == edition.type,
            Edition.withdrawn_at.is_(None),
            place > here if is_later else place < here,
        )
        .order_by(*((Edition.day, Edition.id) if is_later else (Edition.day.desc(), Edition.id.desc())))
        .limit(1)
    ).all()
    return find_edition(rows[0]) if rows else None


def listed_later(type_code: str, day: date) -> frozenset[int]:
    """Return the enterprises that a list of the type has on a later day."""
    return frozenset(
        db.session.scalars(
            select(EditionMember.enterprise_id)
            .join(Edition, Edition.id == EditionMember.edition_id)
            .where(Edition.type == type_code, Edition.day > day, Edition.withdrawn_at.is_(None))
            .distinct()
        )
    )


def list_absences(
    *wanted: ColumnElement[bool], first: int = 0, number: int | None = None
) -> list[AbsenceRow]:
    """Return absences, the open ones first, each group by the name of the enterprise."""
    is_open = _is_open()
    rows = db.session.execute(
        select(
            Absence.id,
            Absence.edition_id,
            Edition.day,
            Absence.certification_id,
            Enterprise.id,
            Enterprise.name,
            CertificationType.name,
            Certification.number,
            Absence.decision,
            Absence.happened_on,
            Absence.note,
            Absence.decided_by,
            Absence.decided_at,
            is_open,
        )
        .join(Edition, Edition.id == Absence.edition_id)
        .join(Certification, Certification.id == Absence.certification_id)
        .join(CertificationType, CertificationType.code == Certification.type)
        .join(Enterprise, Enterprise.id == Certification.enterprise_id)
        .where(*wanted)
        .order_by(is_open.desc(), Enterprise.normalised_name, Absence.id)
        .offset(first)
        .limit(number)
    )
    return [AbsenceRow._make(row) for row in rows]


def absences_in(edition: EditionRow, first: int, number: int) -> list[AbsenceRow]:
    """Return so many certifications that the edition lacks: asked about by it, or waiting from earlier."""
    return list_absences(_lacks(edition), first=first, number=number)


def open_absences(edition: EditionRow, absence_ids: Collection[int]) -> list[AbsenceRow]:
    """Return those of these that the edition lacks and that wait for a decision."""
    return list_absences(_lacks(edition), _is_open(), Absence.id.in_(absence_ids))


def absences_of(enterprise_id: int) -> list[AbsenceRow]:
    """Return what is asked about the certifications of an enterprise now."""
    return list_absences(Certification.enterprise_id == enterprise_id, _is_open())


def find_absence(enterprise_id: int, absence_id: int) -> AbsenceRow | None:
    """Return the absence if it is one of this enterprise."""
    rows = list_absences(Certification.enterprise_id == enterprise_id, Absence.id == absence_id)
    return rows[0] if rows else None


def count_absences(edition: EditionRow) -> int:
    """Return how many certifications the edition lacks, in the same sense."""
    count = (
        select(sql.count())
        .select_from(Absence)
        .join(Edition, Edition.id == Absence.edition_id)
        .join(Certification, Certification.id == Absence.certification_id)
    )
    return db.session.scalar(count.where(_lacks(edition))) or 0


def _lacks(edition: EditionRow) -> ColumnElement[bool]:
    earlier = and_(
        Edition.type == edition.type, tuple_(Edition.day, Edition.id) < (edition.day, edition.id), _is_open()
    )
    return or_(Absence.edition_id == edition.id, earlier)


def _editions(*wanted: ColumnElement[bool], first: int = 0, number: int | None = None) -> list[EditionRow]:
    asked = aliased(Edition)
    absent = (
        select(sql.count())
        .select_from(Absence)
        .join(asked, asked.id == Absence.edition_id)
        .join(Certification, Certification.id == Absence.certification_id)
        .where(
            asked.type == Edition.type,
            tuple_(asked.day, asked.id) <= tuple_(Edition.day, Edition.id),
            Edition.withdrawn_at.is_(None),
            _is_open(asked),
        )
        .correlate(Edition)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Edition.id,
            Edition.type,
            CertificationType.name,
            Edition.day,
            Edition.batch_id,
            Edition.members,
            Edition.unread,
            Edition.recorded_at,
            Edition.withdrawn_at,
            absent,
        )
        .join(CertificationType, CertificationType.code == Edition.type)
        .where(*wanted)
        .order_by(CertificationType.sort_order, Edition.day.desc(), Edition.id.desc())
        .offset(first)
        .limit(number)
    )
    return [EditionRow(*row) for row in rows]


def _is_open(edition: type[Edition] = Edition) -> ColumnElement[bool]:
    """Return the condition that an absence (beside its edition and certification) waits for a decision.

    It waits no longer where a newer list has the enterprise, or the list was taken out.
    """
    newer = aliased(Edition)
    again = (
        exists()
        .where(
            newer.type == edition.type,
            newer.withdrawn_at.is_(None),
            tuple_(newer.day, newer.id) > tuple_(edition.day, edition.id),
            EditionMember.edition_id == newer.id,
            EditionMember.enterprise_id == Certification.enterprise_id,
        )
        .correlate(edition, Certification)
    )
    return and_(Absence.decision.is_(None), edition.withdrawn_at.is_(None), ~again)


def _ask_about_absent(type_code: str) -> int:
    """Ask about each certification in force on the day of the newest edition that it lacks; count them.

    Nothing is asked twice: neither what was asked of this edition, nor what still waits from an earlier one.
    """
    newest = db.session.scalar(
        select(Edition)
        .where(Edition.type == type_code, Edition.withdrawn_at.is_(None))
        .order_by(Edition.day.desc(), Edition.id.desc())
        .limit(1)
    )
    if newest is None:
        return 0
    listed = exists().where(
        EditionMember.edition_id == newest.id, EditionMember.enterprise_id == Certification.enterprise_id
    )
    asked = exists().where(
        Absence.certification_id == Certification.id,
        Edition.id == Absence.edition_id,
        or_(Absence.edition_id == newest.id, _is_open()),
    )
    missing = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Certification.id, Certification.enterprise_id).where(
                Certification.type == type_code, ~listed, ~asked
            )
        )
    }
    found = sorted(_in_force(missing, newest.day))
    insert_rows(
        cast("Table", Absence.__table__),
        ("edition_id", "certification_id"),
        [(newest.id, each) for each in found],
    )
    return len(found)


def _in_force(missing: dict[int, int], day: date) -> Iterator[int]:
    enterprises: Collection[int] = set(missing.values())
    for certificates in certificates_of(enterprises).values():
        for each in certificates:
            if each.id is not None and each.id in missing and standing_on(each, day) in IN_FORCE:
                yield each.id


def _mark(representative: str | None) -> str | None:
    """Return by what another representative is noticed without anybody's name being kept."""
    if representative is None:
        return None
    return hmac.new(audit_key(), "".join(representative.split()).encode(), hashlib.sha256).hexdigest()
