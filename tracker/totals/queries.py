"""Purchases of this year against last year, in rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from tracker.core.growth import Comparison, Note
from tracker.core.money import Won
from tracker.core.periods import Period, yyyymm
from tracker.core.vocabulary import ContractMethod, Kind, Measure
from tracker.enterprises.models import Enterprise
from tracker.enterprises.queries import list_types
from tracker.extensions import chunks, db
from tracker.purchases.models import WHOLE
from tracker.totals.attribution import Reorganisation
from tracker.totals.questions import By, Question, Side, month_text
from tracker.totals.scope import Scope
from tracker.totals.sums import Group, Sum, sums_of


@dataclass(frozen=True)
class TotalRow:
    """One figure against last year's; where this year has no data (`is_recorded`), its 0 means nothing."""

    key: str
    label: str
    comparison: Comparison
    count: int
    succession: Reorganisation | None = None
    is_recorded: bool = True

    @property
    def note(self) -> Note | None:
        """Return why there is no growth; None where there is."""
        return self.comparison.note if self.is_recorded else Note.NO_DATA

    @property
    def difference(self) -> Won | None:
        """Return current − prior in won; None where either year has no data."""
        return self.comparison.difference if self.is_recorded else None

    def growth_text(self, digits: int = 1) -> str | None:
        """Return the growth in percent; None where there is a note."""
        return self.comparison.growth_text(digits) if self.is_recorded else None


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


def answer(question: Question) -> Answer:
    """Return the totals asked for, in a fixed number of queries."""
    scope = Scope(question)
    current, prior = sums_of(question, Side.CURRENT, scope), sums_of(question, Side.PRIOR, scope)
    is_recorded, was_recorded = scope.is_recorded(Side.CURRENT), scope.is_recorded(Side.PRIOR)

    def row(key: str, label: str, now: Sum, before: Sum) -> TotalRow:
        comparison = Comparison(now.amount, before.amount if was_recorded else None)
        return TotalRow(key, label, comparison, now.count, is_recorded=is_recorded)

    whole = row("", "합계", _whole(question, current), _whole(question, prior))
    if question.by is By.DEPARTMENT:
        return Answer(question, _department_rows(scope, current, prior), whole)
    labels = _labels(question, current, prior)
    rows = [row(_key(question, group), label, current[group], prior[group]) for group, label in labels]
    return Answer(question, rows, whole)


def _department_rows(
    scope: Scope, current: Mapping[Group, Sum], prior: Mapping[Group, Sum]
) -> list[TotalRow]:
    """Return a row for each department that has something or could have: those that only group do not."""
    names = {row.id: row.name for row in scope.departments}
    repeated = _repeated(names.values())
    parents = {row.parent_id for row in scope.departments}
    rows = []
    for department in scope.asked:
        owned = scope.attribution.owned_by(department.id)
        now, before = current[department.id], sum((prior[each] for each in owned), Sum())
        has_nothing = not (now.count or before.count)
        if has_nothing and (department.id in parents or not owned or not scope.has_existed(department)):
            continue
        is_divided = department.id in scope.attribution.split_from and not before.count
        was_recorded = scope.is_recorded(Side.PRIOR, owned)
        rows.append(
            TotalRow(
                str(department.id),
                department.path if department.name in repeated else department.name,
                Comparison(now.amount, before.amount if was_recorded and not is_divided else None),
                now.count,
                scope.attribution.describe(department.id, names),
                scope.is_recorded(Side.CURRENT, [department.id]),
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
