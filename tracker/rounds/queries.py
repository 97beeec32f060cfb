"""Reading rounds: who is asked, what is recorded in the period, and how far everybody is."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger, and_, case, cast, extract, func, not_, select
from sqlalchemy.orm import aliased

from tracker.accounts.models import User
from tracker.core.money import Won
from tracker.core.periods import Period
from tracker.core.vocabulary import Affiliation, Directness, Kind, Nature
from tracker.departments.queries import DepartmentRow, list_departments
from tracker.extensions import chunks, db, total
from tracker.purchases.closings import LateSum, late_sums
from tracker.purchases.models import Purchase
from tracker.rounds.models import Round, State, Submission
from tracker.web.clock import korean_day

NONE_LATE = LateSum(0, 0)


class Figures(NamedTuple):
    """What is recorded: `counted` is the part that counts as social economy; `marks` tell any change."""

    number: int
    amount: Won
    counted: Won
    marks: str


NO_FIGURES = Figures(0, 0, 0, "0.0.0")


class Standing(StrEnum):
    """How a department stands in a round, as a board shows and filters it."""

    MISSING = "missing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    NONE = "none"
    CHANGED = "changed"
    OVERDUE = "overdue"
    LATE_ENTRIES = "late_entries"


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """A department's answer beside what is recorded for it now."""

    id: int
    version: int
    department_id: int
    department: str
    state: State
    is_by_file: bool
    submitted: Figures | None
    now: Figures
    submitted_at: datetime | None
    submitter: str | None
    decided_at: datetime | None
    decider: str | None
    remark: str
    late: LateSum
    days_late: int

    @property
    def has_answer(self) -> bool:
        """Return whether an answer stands, confirmed or not."""
        return self.state in (State.SUBMITTED, State.CONFIRMED)

    @property
    def is_none(self) -> bool:
        """Return whether the answer is 해당 없음."""
        return self.has_answer and self.submitted is not None and not self.submitted.number

    @property
    def is_changed(self) -> bool:
        """Return whether a purchase was added, changed or reversed after submitting (제출 뒤 변경)."""
        return self.has_answer and self.submitted != self.now

    def standings(self) -> set[Standing]:
        """Return every filter that shows the row."""
        also = {
            Standing.NONE: self.is_none,
            Standing.CHANGED: self.is_changed,
            Standing.OVERDUE: self.days_late > 0,
            Standing.LATE_ENTRIES: self.late.number > 0,
        }
        return {Standing(self.state.value), *(standing for standing, holds in also.items() if holds)}


@dataclass(frozen=True, kw_only=True)
class Board:
    """A round with all departments asked; `others` is recorded in departments of its scope not asked."""

    round: Round
    rows: list[BoardRow]
    others: Figures

    @property
    def period(self) -> Period:
        """Return the days asked for."""
        return Period(self.round.start_on, self.round.end_on)

    @property
    def asked(self) -> Figures:
        """Return what is recorded for the departments asked."""
        return _sum([row.now for row in self.rows])

    @property
    def submitted(self) -> Figures:
        """Return what the answers that stand hold."""
        return _sum([row.submitted for row in self.rows if row.submitted and row.has_answer])

    @property
    def whole(self) -> Figures:
        """Return all that is recorded in the scope, as totals and reports of the period count it."""
        return _sum([self.asked, self.others])

    @property
    def numbers(self) -> Counter[Standing]:
        """Return how many departments stand how."""
        return Counter(standing for row in self.rows for standing in row.standings())

    def missing(self) -> list[BoardRow]:
        """Return those from whom an answer is awaited: never submitted, or sent back."""
        return [row for row in self.rows if not row.has_answer]


class RoundRow(NamedTuple):
    """One round in the list, with the number of departments in each state."""

    round: Round
    numbers: Counter[State]

    @property
    def asked(self) -> int:
        """Return how many departments are asked."""
        return sum(self.numbers.values())

    @property
    def awaited(self) -> int:
        """Return how many answers are awaited."""
        return self.numbers[State.MISSING] + self.numbers[State.RETURNED]


class OpenRequest(NamedTuple):
    """A request that a department has not answered yet, or that was sent back to it."""

    round_id: int
    title: str
    due_on: date
    department_id: int
    department: str
    is_returned: bool
    remark: str


class Doubts(NamedTuple):
    """How many of a department's purchases in a period should be looked at, and why."""

    uncertified: int
    unclassified: int
    other_year: int
    twins: int


def list_asked(period: Period, *, with_affiliated: bool) -> list[DepartmentRow]:
    """Return the departments asked: open on a day of the period, with none below that is, in the scope."""
    there = [row for row in list_departments() if _is_open_in(row, period)]
    parents = {row.parent_id for row in there}
    return [
        row
        for row in there
        if row.id not in parents and (with_affiliated or row.affiliation is Affiliation.OWN)
    ]


def figures_of(department_ids: Collection[int], period: Period) -> dict[int, Figures]:
    """Return what is recorded for each of these departments by purchase date; reversed ones are left out."""
    number, version = cast(Purchase.id, BigInteger), cast(Purchase.version, BigInteger)
    counts = and_(
        Purchase.is_social, Purchase.directness == Directness.DIRECT, Purchase.nature == Nature.PURCHASE
    )
    found = dict.fromkeys(department_ids, NO_FIGURES)
    for run in chunks(department_ids):
        rows = db.session.execute(
            select(
                Purchase.department_id,
                func.count(),
                total(Purchase.amount),
                total(case((counts, Purchase.amount), else_=0)),
                func.sum(number),
                func.sum(version),
                func.sum(number * version),
            )
            .where(
                Purchase.department_id.in_(run),
                Purchase.purchased_on.between(period.start, period.end),
                not_(Purchase.is_reversed),
            )
            .group_by(Purchase.department_id)
        )
        for department_id, count, amount, counted, *marks in rows:
            found[department_id] = Figures(count, int(amount), int(counted), ".".join(map(str, marks)))
    return found


def list_rounds() -> list[RoundRow]:
    """Return the rounds that stand, the newest first."""
    numbers: dict[int, Counter[State]] = {}
    for round_id, state, number in db.session.execute(
        select(Submission.round_id, Submission.state, func.count()).group_by(
            Submission.round_id, Submission.state
        )
    ):
        numbers.setdefault(round_id, Counter())[state] = number
    rounds = db.session.scalars(select(Round).where(Round.withdrawn_at.is_(None)).order_by(Round.id.desc()))
    return [RoundRow(each, numbers.get(each.id, Counter())) for each in rounds]


def find_round(round_id: int) -> Round | None:
    """Return the round of this number, unless it was withdrawn."""
    found = db.session.get(Round, round_id)
    return found if found and found.withdrawn_at is None else None


def build_board(asked: Round, today: date, department_id: int | None = None) -> Board:
    """Return the round as it stands today, of all departments or of one."""
    period = Period(asked.start_on, asked.end_on)
    departments = list_departments()
    paths = {row.id: row.path for row in departments}
    order = {row.id: place for place, row in enumerate(departments)}
    submitter, decider = aliased(User), aliased(User)
    found = [
        (row, by_whom, decided_by)
        for row, by_whom, decided_by in db.session.execute(
            select(Submission, submitter.name, decider.name)
            .outerjoin(submitter, submitter.id == Submission.submitted_by)
            .outerjoin(decider, decider.id == Submission.decided_by)
            .where(
                Submission.round_id == asked.id,
                *([] if department_id is None else [Submission.department_id == department_id]),
            )
        )
    ]
    ids = {row.department_id for row, *_ in found}
    in_scope = {row.id for row in departments if asked.with_affiliated or row.affiliation is Affiliation.OWN}
    now = figures_of(ids if department_id else ids | in_scope, period)
    late = late_sums({row.closing_id for row, *_ in found if row.closing_id})
    rows = [
        BoardRow(
            id=row.id,
            version=row.version,
            department_id=row.department_id,
            department=paths[row.department_id],
            state=row.state,
            is_by_file=row.is_by_file,
            submitted=submitted_figures(row),
            now=now[row.department_id],
            submitted_at=row.submitted_at,
            submitter=by_whom,
            decided_at=row.decided_at,
            decider=decided_by,
            remark=row.remark,
            late=late.get(row.closing_id or 0, NONE_LATE),
            days_late=_days_late(row.first_submitted_at, asked.due_on, today),
        )
        for row, by_whom, decided_by in found
    ]
    rows.sort(key=lambda row: order[row.department_id])
    return Board(round=asked, rows=rows, others=_sum([now[each] for each in now.keys() - ids]))


def submitted_figures(row: Submission) -> Figures | None:
    """Return the figures submitted last."""
    if row.count is None or row.amount is None or row.counted is None or row.marks is None:
        return None
    return Figures(row.count, row.amount, row.counted, row.marks)


def list_open_requests(department_ids: Collection[int]) -> list[OpenRequest]:
    """Return what is asked of these departments and not answered, the earliest deadline first."""
    names = {row.id: row.name for row in list_departments()}
    rows = db.session.execute(
        select(Submission, Round)
        .join(Round, Round.id == Submission.round_id)
        .where(
            Submission.department_id.in_(department_ids),
            Submission.state.in_([State.MISSING, State.RETURNED]),
            Round.withdrawn_at.is_(None),
        )
        .order_by(Round.due_on, Round.id, Submission.department_id)
    )
    return [
        OpenRequest(
            asked.id,
            asked.title,
            asked.due_on,
            row.department_id,
            names[row.department_id],
            row.state is State.RETURNED,
            row.remark,
        )
        for row, asked in rows
    ]


def find_doubts(department_id: int, period: Period) -> Doubts:
    """Return what is likely wrong with a department's purchases in the period."""
    within = (
        Purchase.department_id == department_id,
        Purchase.purchased_on.between(period.start, period.end),
        not_(Purchase.is_reversed),
    )
    uncertified, unclassified, other_year = db.session.execute(
        select(
            total(case((not_(Purchase.is_certified), 1), else_=0)),
            total(case((Purchase.kind == Kind.UNCLASSIFIED, 1), else_=0)),
            total(case((Purchase.fiscal_year != extract("year", Purchase.purchased_on), 1), else_=0)),
        ).where(*within)
    ).one()
    repeated = (
        select(func.count().label("number"))
        .where(*within)
        .group_by(Purchase.enterprise_id, Purchase.purchased_on, Purchase.amount)
        .having(func.count() > 1)
        .subquery()
    )
    twins = db.session.scalar(select(total(repeated.c.number)))
    return Doubts(int(uncertified), int(unclassified), int(other_year), int(twins or 0))


def _sum(figures: Sequence[Figures]) -> Figures:
    return Figures(
        sum(each.number for each in figures),
        sum(each.amount for each in figures),
        sum(each.counted for each in figures),
        "",
    )


def _is_open_in(row: DepartmentRow, period: Period) -> bool:
    return (row.valid_from is None or row.valid_from <= period.end) and (
        row.valid_to is None or row.valid_to >= period.start
    )


def _days_late(submitted_at: datetime | None, due_on: date, today: date) -> int:
    """Return how many days after the deadline the first answer came, or is awaited."""
    answered_on = korean_day(submitted_at) if submitted_at else today
    return max((answered_on - due_on).days, 0)
