"""Purchases of this year against last year, in rows, and the purchases behind every figure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, func, or_, select

from tracker.core.eligibility import Reason
from tracker.core.growth import Comparison, Note
from tracker.core.money import Won
from tracker.core.periods import Period, yyyymm
from tracker.core.vocabulary import ContractMethod, Kind, Measure
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import list_types
from tracker.extensions import chunks, db, total
from tracker.purchases.models import WHOLE, Purchase
from tracker.purchases.queries import types_of
from tracker.totals.attribution import Reorganisation
from tracker.totals.questions import BY_DEPARTMENT, By, Question, Side, month_text
from tracker.totals.scope import Scope
from tracker.totals.sums import LINES, Group, Sum, in_row, lines_of, sums_of

READ_CHUNK = 1_000


class Unrecorded(Comparison):
    """A year without data: its 0 means nothing, and nothing can be said against last year."""

    @property
    def difference(self) -> None:
        """Return None: nothing is known."""
        return

    @property
    def note(self) -> Note:
        """Return that there is no data."""
        return Note.NO_DATA

    @property
    def growth(self) -> None:
        """Return None: nothing is known."""
        return

    def growth_text(self, digits: int = 1) -> None:  # noqa: ARG002
        """Return None: nothing is known."""
        return


@dataclass(frozen=True)
class TotalRow:
    """One figure against last year's; the count (of purchases, or payments) is this year's."""

    key: str
    label: str
    comparison: Comparison
    count: int
    succession: Reorganisation | None = None

    @property
    def is_recorded(self) -> bool:
        """Return whether this year has data; if not, 0 is not an amount."""
        return not isinstance(self.comparison, Unrecorded)


@dataclass(frozen=True)
class Answer:
    """The table: rows add up to the total, except where `rows_overlap` (by type)."""

    question: Question
    rows: list[TotalRow]
    total: TotalRow

    @property
    def period(self) -> Period:
        """Return the days that this year's side stands for."""
        return self.question.current.shown

    @property
    def against(self) -> Period:
        """Return the days that the other side stands for."""
        return self.question.prior.shown

    @property
    def rows_overlap(self) -> bool:
        """Return whether a purchase may stand in several rows."""
        return self.question.by is By.TYPE


class PurchaseBehind(NamedTuple):
    """One line behind a figure: a purchase, or one payment of it. `keys` are the rows it stands in."""

    id: int
    department: str
    enterprise: str
    business_number: str | None
    item: str | None
    contract_name: str | None
    kind: Kind
    day: date
    amount: Won
    types: tuple[str, ...]
    reason: Reason
    keys: tuple[str, ...]
    line_id: int
    department_id: int
    enterprise_id: int


def answer(question: Question) -> Answer:
    """Return the totals asked for, in a fixed number of queries."""
    scope = Scope(question)
    current, prior = sums_of(question, Side.CURRENT, scope), sums_of(question, Side.PRIOR, scope)
    was_recorded = scope.is_recorded(Side.PRIOR)
    compare = Comparison if scope.is_recorded(Side.CURRENT) else Unrecorded

    def row(key: str, label: str, now: Sum, before: Sum) -> TotalRow:
        return TotalRow(key, label, compare(now.amount, before.amount if was_recorded else None), now.count)

    whole = row("", "합계", _whole(question, current), _whole(question, prior))
    if question.by in BY_DEPARTMENT:
        return Answer(question, _department_rows(scope, current, prior), whole)
    labels = _labels(question, current, prior)
    rows = [row(_key(question, group), label, current[group], prior[group]) for group, label in labels]
    return Answer(question, rows, whole)


def purchases_behind(
    question: Question,
    key: str | None = None,
    side: Side = Side.CURRENT,
    after: tuple[date, int] | None = None,
) -> Iterator[PurchaseBehind]:
    """Yield the lines that add up to the figure of a row, or of the total, by date and in constant memory.

    `after` continues behind the line with that day and line id. UnknownRow when there can be no such row.
    """
    scope = Scope(question)
    line = LINES[question.basis]
    statement = (
        lines_of(
            question,
            side,
            scope.ids(side, key),
            [
                Purchase.id,
                Department.id.label("department_id"),
                Department.name.label("department"),
                Enterprise.id.label("enterprise_id"),
                Enterprise.name.label("enterprise"),
                Enterprise.business_number,
                Purchase.item,
                Purchase.contract_name,
                Purchase.kind,
                Purchase.method,
                line.day.label("day"),
                line.amount.label("amount"),
                line.id.label("line_id"),
                Purchase.reason,
            ],
        )
        .join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .where(*(in_row(question, side, key) if key is not None else ()))
        .order_by(line.day, line.id)
        .limit(READ_CHUNK)
    )
    while True:
        further = statement
        if after:
            further = statement.where(or_(line.day > after[0], (line.day == after[0]) & (line.id > after[1])))
        found = db.session.execute(further).all()
        types = types_of({row.id for row in found})
        for row in found:
            yield PurchaseBehind(
                row.id,
                row.department,
                row.enterprise,
                row.business_number,
                row.item,
                row.contract_name,
                row.kind,
                row.day,
                row.amount,
                types[row.id],
                row.reason,
                _keys(question, side, row, types[row.id], scope),
                row.line_id,
                row.department_id,
                row.enterprise_id,
            )
        if len(found) < READ_CHUNK:
            return
        after = (found[-1].day, found[-1].line_id)


def sum_behind(question: Question, key: str | None = None, side: Side = Side.CURRENT) -> Sum:
    """Return the sum of those lines, from the ledger itself."""
    ids, line = Scope(question).ids(side, key), LINES[question.basis]
    statement = lines_of(question, side, ids, [total(line.amount), func.count()]).where(
        *(in_row(question, side, key) if key is not None else ())
    )
    amount, count = db.session.execute(statement).one()
    return Sum(int(amount), int(count))


def _department_rows(
    scope: Scope, current: Mapping[Group, Sum], prior: Mapping[Group, Sum]
) -> list[TotalRow]:
    """Return a row for each department that has something or could have: those that only group do not."""
    names = {row.id: row.name for row in scope.departments}
    repeated = _repeated(names.values())
    parents = {row.parent_id for row in scope.departments}
    existed = {row.id for row in scope.departments if scope.has_existed(row)}
    rows = []
    for department, members in scope.rows().items():
        owned = scope.owned_by(members)
        now = sum((current[each] for each in members), Sum())
        before = sum((prior[each] for each in owned), Sum())
        only_groups = department.id in parents and members == [department.id]
        has_nothing = not (now.count or before.count)
        if has_nothing and (only_groups or not owned or existed.isdisjoint(members)):
            continue
        is_divided = not before.count and not scope.attribution.split_from.keys().isdisjoint(members)
        was_recorded = scope.is_recorded(Side.PRIOR, owned)
        compare = Comparison if scope.is_recorded(Side.CURRENT, members) else Unrecorded
        label = department.path if department.name in repeated else department.name
        rows.append(
            TotalRow(
                str(department.id),
                f"{label} (직속)" if scope.question.by is By.BRANCH and only_groups else label,
                compare(now.amount, before.amount if was_recorded and not is_divided else None),
                now.count,
                scope.attribution.describe(department.id, names),
            )
        )
    return rows


def _whole(question: Question, sums: Mapping[Group, Sum]) -> Sum:
    return sums[WHOLE] if question.by is By.TYPE else sum(sums.values(), Sum())


def _labels(question: Question, *sides: Mapping[Group, Sum]) -> list[tuple[Group, str]]:
    """Return the rows of the table in their order."""
    held = {group for side in sides for group, found in side.items() if found.count and group != WHOLE}
    if question.by is By.TYPE:
        return [
            (row.code, row.name)
            for row in list_types()
            if row.code in held
            or (not question.type and (row.is_social_economy or question.of is not Measure.SOCIAL))
        ]
    if question.by is By.KIND:
        return [(kind, kind.korean) for kind in Kind if kind in held or kind is not Kind.UNCLASSIFIED]
    if question.by is By.METHOD:
        return [(method, method.korean) for method in ContractMethod if method in held]
    if question.by is By.MONTH:
        shown = question.current.shown
        listed = range(yyyymm(shown.start), yyyymm(shown.end) + 1)
        months = {month for month in listed if 1 <= month % 100 <= 12}
        return [(month, month_text(month)) for month in sorted(months | {int(month) for month in held})]
    return _enterprise_labels({int(group) for group in held}, *sides)


def _enterprise_labels(ids: Collection[int], *sides: Mapping[Group, Sum]) -> list[tuple[Group, str]]:
    rows = [
        row
        for run in chunks(ids)
        for row in db.session.execute(
            select(Enterprise.id, Enterprise.name, Enterprise.business_number).where(Enterprise.id.in_(run))
        )
    ]
    repeated = _repeated(row.name for row in rows)
    rows.sort(key=lambda row: (*(-side[row.id].amount for side in sides), row.name, row.id))
    return [
        (row.id, f"{row.name} ({row.business_number or row.id})" if row.name in repeated else row.name)
        for row in rows
    ]


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _key(question: Question, group: Group) -> str:
    return month_text(int(group)) if question.by is By.MONTH else str(group)


def _keys(
    question: Question, side: Side, row: Row[Any], types: tuple[str, ...], scope: Scope
) -> tuple[str, ...]:
    """Return the keys of the rows in which a line stands."""
    if question.by is By.TYPE:
        return types
    if question.by is By.KIND:
        return (str(row.kind),)
    if question.by is By.METHOD:
        return (str(row.method),)
    if question.by is By.ENTERPRISE:
        return (str(row.enterprise_id),)
    if question.by is By.MONTH:
        later = question.years_between if side is Side.PRIOR else 0
        return (month_text(yyyymm(row.day) + 100 * later),)
    owner = scope.attribution.owner(row.department_id) if side is Side.PRIOR else row.department_id
    return (scope.key_of(owner),)
