"""The departments a question is about: whose purchases count, in whose row, and which of them have data."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import or_, select

from tracker.core.periods import yyyymm
from tracker.core.vocabulary import Basis, Measure
from tracker.departments.queries import DepartmentRow, list_departments, list_successions, subtree_ids
from tracker.extensions import db
from tracker.purchases.models import WHOLE, Rollup
from tracker.totals.attribution import attribute
from tracker.totals.questions import BY_DEPARTMENT, By, Question, Side, Span


class UnknownRow(LookupError):
    """The table has no row of this key."""


class Scope:
    """The departments of a question, to whom their last year belongs, and which of them have data."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.departments = list_departments()
        self.attribution = attribute(
            self.departments,
            list_successions(),
            question.prior.shown.start,
            question.current.shown.end,
            {question.department_id} if question.department_id else (),
        )
        asked = {row.id for row in self.departments}
        if question.department_id:
            asked.intersection_update(subtree_ids(question.department_id, self.departments))
        if question.affiliation:
            asked.intersection_update(
                row.id for row in self.departments if row.affiliation is question.affiliation
            )
        owner = self.attribution.owner
        self.asked = [row for row in self.departments if row.id in asked]
        self._ids = {
            Side.CURRENT: asked,
            Side.PRIOR: {row.id for row in self.departments if owner(row.id) in asked},
        }
        self._recorded: dict[Side, set[int]] = {}
        self._heads = self._find_heads()

    def ids(self, side: Side, key: str | None = None) -> Collection[int] | None:
        """Return the departments whose purchases count on that side, in a row or in all; None for any."""
        if key is not None and self.question.by in BY_DEPARTMENT:
            members = [row.id for row in self.asked if self.key_of(row.id) == key]
            if not members:
                raise UnknownRow(key)
            return members if side is Side.CURRENT else self.owned_by(members)
        return None if len(self.asked) == len(self.departments) else self._ids[side]

    def is_recorded(self, side: Side, department_ids: Collection[int] | None = None) -> bool:
        """Return whether anything at all was recorded that year for the bodies of these departments."""
        if side not in self._recorded:
            holders = _departments_with_records(self.question.span(side))
            bodies = {row.body_id for row in self.departments if row.id in holders}
            self._recorded[side] = {row.id for row in self.departments if row.body_id in bodies}
        return not self._recorded[side].isdisjoint(
            self._ids[side] if department_ids is None else department_ids
        )

    def rows(self) -> dict[DepartmentRow, list[int]]:
        """Return the head of each row by department or branch, with the departments that stand in it."""
        by_id = {row.id: row for row in self.departments}
        members: dict[DepartmentRow, list[int]] = defaultdict(list)
        for department in self.asked:
            members[by_id[self._heads[department.id]]].append(department.id)
        return members

    def key_of(self, department_id: int) -> str:
        """Return the key of the row in which a department of the question stands."""
        return str(self._heads[department_id])

    def owned_by(self, department_ids: Collection[int]) -> list[int]:
        """Return the departments whose prior amounts stand in a row of these."""
        return [each for department_id in department_ids for each in self.attribution.owned_by(department_id)]

    def _find_heads(self) -> dict[int, int]:
        """Return each department's row: itself, or by branch its ancestor one level below what is asked."""
        heads = {row.id: row.id for row in self.departments}
        if self.question.by is By.BRANCH:
            tops = {self.question.department_id, *(row.id for row in self.departments if not row.parent_id)}
            for row in self.departments:
                if row.id not in tops and row.parent_id not in tops and row.parent_id:
                    heads[row.id] = heads[row.parent_id]
        return heads

    def has_existed(self, department: DepartmentRow) -> bool:
        """Return whether the department was there on any day of either side."""
        return any(
            (department.valid_from is None or department.valid_from <= shown.end)
            and (department.valid_to is None or department.valid_to >= shown.start)
            for shown in (self.question.current.shown, self.question.prior.shown)
        )


def _departments_with_records(span: Span) -> set[int]:
    """Return the departments for which anything stands in the books or the months that the span touches."""
    touches = [Rollup.fiscal_year.in_(span.years)]
    if span.fiscal_year is None:
        touches.append(Rollup.month.between(yyyymm(span.shown.start), yyyymm(span.shown.end)))
    return set(
        db.session.scalars(
            select(Rollup.department_id)
            .where(
                Rollup.basis.in_(list(Basis)),
                Rollup.measure == Measure.ALL,
                Rollup.type == WHOLE,
                Rollup.count > 0,
                or_(*touches),
            )
            .distinct()
        )
    )


def branches_below(departments: Collection[DepartmentRow], department_id: int | None) -> set[int]:
    """Return the departments below this one, or below the institution, that have others below them."""
    parents = {row.parent_id for row in departments if row.parent_id}
    within = (
        subtree_ids(department_id, list(departments)) if department_id else [row.id for row in departments]
    )
    tops = {department_id} if department_id else {row.id for row in departments if not row.parent_id}
    return parents.intersection(within) - tops


def path_to(departments: Collection[DepartmentRow], department_id: int | None) -> list[DepartmentRow]:
    """Return the department and those above it, the topmost first; none for none."""
    by_id = {row.id: row for row in departments}
    path: list[DepartmentRow] = []
    while department_id:
        path.insert(0, by_id[department_id])
        department_id = by_id[department_id].parent_id
    return path
