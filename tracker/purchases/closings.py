"""마감: periods whose purchases are confirmed by department, and what is entered into them afterwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple, cast

from sqlalchemy import Table, func, insert, select

from tracker.audit.acting import Acting
from tracker.core.money import Won
from tracker.core.periods import Period
from tracker.departments.models import Department
from tracker.extensions import chunks, db, get_locked, total, transaction
from tracker.purchases.drafts import Facts
from tracker.purchases.models import Closing, LateEntry


class Closed(NamedTuple):
    """A period that is closed for a department."""

    id: int
    department_id: int
    department: str
    period: Period


class ClosedPeriod(Exception):
    """The purchase dates lie in closed periods; with a reason they go in as late entries."""

    def __init__(self, closed: Collection[Closed]) -> None:
        super().__init__(len(closed))
        self.closed = sorted(closed, key=lambda each: (each.department, each.period.start, each.id))


class Change(NamedTuple):
    """What a purchase said before, None where it is new, and what it says now."""

    before: Facts | None
    after: Facts


class LateMark(NamedTuple):
    """Why a revision of a purchase came after the period was closed."""

    revision: int
    reason: str
    period: Period


class LateSum(NamedTuple):
    """How many purchases were entered or changed late, and what that adds to the closed figures."""

    number: int
    difference: Won


class Closings:
    """The closed periods of some departments."""

    def __init__(self, closed: Sequence[Closed]) -> None:
        self._by_department: dict[int, list[Closed]] = defaultdict(list)
        for each in closed:
            self._by_department[each.department_id].append(each)

    def __bool__(self) -> bool:
        """Return whether any period is closed."""
        return bool(self._by_department)

    def at(self, department_id: int, day: date) -> list[Closed]:
        """Return the closed periods of a department that hold the day."""
        return [each for each in self._by_department.get(department_id, ()) if day in each.period]

    def touched_by(self, change: Change) -> list[Closed]:
        """Return the closed periods that a purchase lies in, or lay in."""
        places = {
            (facts.department_id, facts.purchased_on) for facts in (change.before, change.after) if facts
        }
        return list(dict.fromkeys(each for place in sorted(places) for each in self.at(*place)))


def closings_of(department_ids: Collection[int]) -> Closings:
    """Return the periods that are closed for these departments."""
    found = []
    for run in chunks(department_ids):
        rows = db.session.execute(
            select(Closing.id, Closing.department_id, Department.name, Closing.start_on, Closing.end_on)
            .join(Department, Department.id == Closing.department_id)
            .where(Closing.department_id.in_(run), Closing.reopened_at.is_(None))
            .order_by(Closing.start_on, Closing.id)
        )
        found += [Closed(row[0], row[1], row[2], Period(row[3], row[4])) for row in rows]
    return Closings(found)


def find_late(changes: Sequence[Change], reason: str) -> list[list[Closed]]:
    """Return for each change the closed periods that it touches; ClosedPeriod without a reason.

    The departments are held until the transaction ends, so that none is closed meanwhile.
    """
    departments = {facts.department_id for change in changes for facts in change if facts}
    for run in chunks(departments):
        locked = select(Department.id).where(Department.id.in_(run)).order_by(Department.id)
        db.session.execute(locked.with_for_update(read=True, key_share=True)).all()
    closings = closings_of(departments)
    if not closings:
        return [[] for _ in changes]
    found = [closings.touched_by(change) for change in changes]
    if any(found) and not reason:
        raise ClosedPeriod({closed for each in found for closed in each})
    return found


def mark_late(
    revisions: Iterable[tuple[int, int]],
    changes: Iterable[Change],
    late: Iterable[Sequence[Closed]],
    reason: str,
) -> None:
    """Note the revisions (purchase and number) whose changes touch closed periods, as `find_late` told."""
    rows = [
        {
            "purchase_id": purchase_id,
            "revision": number,
            "closing_id": closed.id,
            "reason": reason,
            "difference": _amount_in(closed, change.after) - _amount_in(closed, change.before),
        }
        for (purchase_id, number), change, touched in zip(revisions, changes, late, strict=True)
        for closed in touched
    ]
    if rows:
        db.session.execute(insert(cast("Table", LateEntry.__table__)), rows)


def close_period(department_id: int, period: Period, by: Acting) -> int:
    """Close a period for a department and return the number of the closing; the caller audits it."""
    with transaction():
        get_locked(Department, department_id)
        closing = Closing(
            department_id=department_id, start_on=period.start, end_on=period.end, closed_at=by.at
        )
        db.session.add(closing)
        db.session.flush()
        return closing.id


def reopen_period(closing_id: int, by: Acting) -> None:
    """Lift a closing; what came late stays marked. The caller audits it."""
    with transaction():
        db.session.get_one(Closing, closing_id).reopened_at = by.at
        db.session.flush()


def late_marks_of(purchase_id: int) -> list[LateMark]:
    """Return the marks of one purchase in the order of its revisions."""
    rows = db.session.execute(
        select(LateEntry.revision, LateEntry.reason, Closing.start_on, Closing.end_on)
        .join(Closing, Closing.id == LateEntry.closing_id)
        .where(LateEntry.purchase_id == purchase_id)
        .order_by(LateEntry.revision, LateEntry.closing_id)
    )
    return [LateMark(row[0], row[1], Period(row[2], row[3])) for row in rows]


def late_sums(closing_ids: Collection[int]) -> dict[int, LateSum]:
    """Return what came late after each closing; nothing for one that nothing came after."""
    found = {}
    for run in chunks(closing_ids):
        for closing_id, number, difference in db.session.execute(
            select(
                LateEntry.closing_id,
                func.count(LateEntry.purchase_id.distinct()),
                total(LateEntry.difference),
            )
            .where(LateEntry.closing_id.in_(run))
            .group_by(LateEntry.closing_id)
        ):
            found[closing_id] = LateSum(number, int(difference))
    return found


def late_among(purchase_ids: Collection[int]) -> set[int]:
    """Return which of these purchases were entered or changed after their period was closed."""
    found: set[int] = set()
    for run in chunks(purchase_ids):
        found |= set(db.session.scalars(select(LateEntry.purchase_id).where(LateEntry.purchase_id.in_(run))))
    return found


def _amount_in(closed: Closed, facts: Facts | None) -> Won:
    is_in = (
        facts is not None
        and not facts.is_reversed
        and facts.department_id == closed.department_id
        and facts.purchased_on in closed.period
    )
    return facts.amount if facts and is_in else 0
