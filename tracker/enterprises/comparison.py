"""What sets an edition of an official list apart from the one before, enterprise by enterprise."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, or_, select
from sqlalchemy import func as sql
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.core.names import normalise_heading, normalise_name
from tracker.core.vocabulary import Word
from tracker.enterprises.editions import EditionRow, Member
from tracker.enterprises.models import EditionMember, Enterprise
from tracker.extensions import chunks, db

# A list may have no column for these; then it says nothing about them.
OPTIONAL = ("representative", "address", "number", "valid_from", "valid_to")
FIELDS = ("name", *OPTIONAL, "status")


class DifferenceKind(Word):
    """What became of an enterprise between two editions; of several, the first in this order."""

    NEW = "new", "새로 오름"
    GONE = "gone", "빠짐"
    EXPIRED = "expired", "종료"
    RENEWED = "renewed", "갱신"
    CHANGED = "changed", "변경"


class FieldChange(NamedTuple):
    """A field that is said otherwise now; of a representative neither value is known."""

    field: str
    before: object
    after: object


class Difference(NamedTuple):
    """One certification that differs: what both editions say, and what of it changed."""

    kind: DifferenceKind
    enterprise_id: int
    enterprise: str
    business_number: str | None
    before: Member | None
    after: Member | None
    changes: tuple[FieldChange, ...]

    @property
    def shown(self) -> Member:
        """Return what the newer of the editions that have it says."""
        shown = self.after or self.before
        assert shown
        return shown


class _Pair(NamedTuple):
    """What two editions say of one certification; `is_known` tells that both have the enterprise."""

    enterprise_id: int
    before: Member | None
    after: Member | None
    is_known: bool


def compare(before: EditionRow, now: EditionRow) -> list[Difference]:
    """Return what differs, by kind and name; a field counts where both editions say anything of it."""
    fields = _said_by_both(before.id, now.id)
    found: dict[_Pair, tuple[DifferenceKind, tuple[FieldChange, ...]]] = {}
    for pair in (*_matched(before, now), *_unmatched(before, now)):
        changes = tuple(_changes(pair, fields))
        if kind := _kind(pair, changes, before, now):
            found[pair] = (kind, changes)
    names = _names({pair.enterprise_id for pair in found})
    differences = [
        Difference(kind, pair.enterprise_id, *names[pair.enterprise_id], pair.before, pair.after, changes)
        for pair, (kind, changes) in found.items()
    ]
    places = {kind: place for place, kind in enumerate(DifferenceKind)}
    return sorted(
        differences,
        key=lambda each: (places[each.kind], normalise_name(each.enterprise), each.shown.row_number),
    )


def count_kinds(differences: Sequence[Difference]) -> dict[DifferenceKind, int]:
    """Return how many differences there are of each kind."""
    counts = Counter(each.kind for each in differences)
    return {kind: counts[kind] for kind in DifferenceKind}


def _matched(before: EditionRow, now: EditionRow) -> Iterator[_Pair]:
    """Yield the certifications that both editions have, where something may be said otherwise."""
    old, new = aliased(EditionMember), aliased(EditionMember)
    said_otherwise = (getattr(old, name).is_distinct_from(getattr(new, name)) for name in FIELDS)
    rows = db.session.execute(
        select(*_columns(old), *_columns(new))
        .join(new, and_(new.enterprise_id == old.enterprise_id, new.certification_id == old.certification_id))
        .where(
            old.edition_id == before.id,
            new.edition_id == now.id,
            or_(*said_otherwise, and_(old.valid_to >= before.day, new.valid_to < now.day)),
        )
    )
    half = len(Member._fields)
    for row in rows:
        yield _Pair(row[1], Member(*row[:half]), Member(*row[half:]), is_known=True)


def _unmatched(before: EditionRow, now: EditionRow) -> Iterator[_Pair]:
    """Yield what only one edition has; those of one enterprise in pairs: a new number replaces the old."""
    old, new = _only_in(before.id, now.id), _only_in(now.id, before.id)
    for enterprise_id in old.keys() | new.keys():
        was_listed, is_listed = old.get(enterprise_id, []), new.get(enterprise_id, [])
        is_known = any(known for _, known in (*was_listed, *is_listed))
        for one, other in zip_longest(was_listed, is_listed):
            yield _Pair(enterprise_id, one and one[0], other and other[0], is_known)


def _only_in(edition_id: int, other_id: int) -> dict[int, list[tuple[Member, bool]]]:
    """Return by enterprise what the other edition lacks, with whether it has the enterprise at all."""
    here, there = aliased(EditionMember), aliased(EditionMember)
    same_enterprise = and_(there.edition_id == other_id, there.enterprise_id == here.enterprise_id)
    same = and_(same_enterprise, there.certification_id == here.certification_id)
    found: dict[int, list[tuple[Member, bool]]] = defaultdict(list)
    for *said, is_known in db.session.execute(
        select(*_columns(here), exists().where(same_enterprise))
        .where(here.edition_id == edition_id, ~exists().where(same))
        .order_by(here.row_number)
    ):
        member = Member(*said)
        found[member.enterprise_id].append((member, bool(is_known)))
    return found


def _columns(table: type[EditionMember]) -> list[InstrumentedAttribute[Any]]:
    return [getattr(table, name) for name in Member._fields]


def _said_by_both(*edition_ids: int) -> frozenset[str]:
    """Return the fields of which both editions say anything; how a certification stands always counts."""
    counts = [sql.count(getattr(EditionMember, name)) for name in OPTIONAL]
    rows = db.session.execute(
        select(*counts).where(EditionMember.edition_id.in_(edition_ids)).group_by(EditionMember.edition_id)
    ).all()
    said = {name for place, name in enumerate(OPTIONAL) if all(row[place] for row in rows)}
    return frozenset(said | {"name", "status"})


def _names(enterprise_ids: set[int]) -> dict[int, tuple[str, str | None]]:
    found: dict[int, tuple[str, str | None]] = {}
    for run in chunks(enterprise_ids):
        rows = db.session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.business_number).where(Enterprise.id.in_(run))
        )
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return found


def _changes(pair: _Pair, fields: frozenset[str]) -> Iterator[FieldChange]:
    before, after = pair.before, pair.after
    if before and after:
        for name in FIELDS:
            was, is_now = getattr(before, name), getattr(after, name)
            if name in fields and _compared(name, was) != _compared(name, is_now):
                yield FieldChange(name, was, is_now)


def _compared(field: str, value: Any) -> object:  # noqa: ANN401 - as the column holds it
    if value is None or field not in _COMPARED:
        return value
    return _COMPARED[field](value)


def _kind(
    pair: _Pair, changes: Sequence[FieldChange], before: EditionRow, now: EditionRow
) -> DifferenceKind | None:
    old, new = pair.before, pair.after
    if not pair.is_known:
        return DifferenceKind.NEW if new else DifferenceKind.GONE
    if any(each and each.certification_id is None for each in (old, new)):
        # A row that could not be read says no more than that the enterprise is in the list.
        return None
    if new is None:
        return DifferenceKind.EXPIRED
    if old is None:
        return DifferenceKind.RENEWED
    if _is_over(new, now) and not _is_over(old, before):
        return DifferenceKind.EXPIRED
    if old.certification_id != new.certification_id or _is_longer(old, new, changes):
        return DifferenceKind.RENEWED
    return DifferenceKind.CHANGED if changes else None


def _is_over(member: Member, edition: EditionRow) -> bool:
    return member.status is not None or (member.valid_to is not None and member.valid_to < edition.day)


def _is_longer(old: Member, new: Member, changes: Sequence[FieldChange]) -> bool:
    """Return whether the term begins or ends later than before."""
    changed = {each.field for each in changes}
    begins_later = (new.valid_from or date.min) > (old.valid_from or date.max)
    ends_later = (new.valid_to or date.max) > (old.valid_to or date.max)
    return ("valid_from" in changed and begins_later) or ("valid_to" in changed and ends_later)


_COMPARED: dict[str, Callable[[str], object]] = {
    "name": normalise_name,
    "address": str.split,
    "number": normalise_heading,
}
"""How texts are compared: company forms and blanks make no difference."""
