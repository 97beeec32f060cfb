"""Purchasing rates (구매비율) by scheme: what counts, of what was spent, against the target."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.core.money import Won, round_half_up
from tracker.core.rates import attainment, purchasing_rate, rate_text
from tracker.core.schemes import Predicate
from tracker.core.vocabulary import Affiliation, Basis, Directness, Kind, Measure, Nature
from tracker.departments.models import Department
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, total
from tracker.purchases.models import Payment, Purchase, Rollup, Verdict
from tracker.spending.models import Spending
from tracker.targets.queries import WHOLE, Exclusion, Rule, SchemeRow, TargetRow, list_schemes, list_targets
from tracker.totals.sums import LINES, Sum

Amounts = Mapping[tuple[int, str], Won]
"""Won by department and kind; the empty kind is all of them together."""

ALL_KINDS = "all"


class RateRow(NamedTuple):
    """One rate. Amounts in won, rate and target as fractions; None is unknown, which is not zero.

    numerator: eligible purchases. denominator: 총구매액 of the same kinds, budget items and departments.
    target_amount: a target in won, where that is how it was set. department: None for the institution.
    """

    scheme: SchemeRow
    kind: Kind | None
    department: DepartmentRow | None
    numerator: Won | None
    denominator: Won | None
    target: Fraction | None
    target_amount: Won | None

    @property
    def kind_name(self) -> str:
        """Return 물품, 용역, 공사, 미분류, or 계 for the whole."""
        return self.kind.korean if self.kind else "계"

    def would_be(self, rate: Decimal | None) -> Won | None:
        """Return how much this rate of total spending would be in won, half-up."""
        return part_of(self.denominator, rate)

    @property
    def rate(self) -> Fraction | None:
        """Return numerator ÷ denominator, exact."""
        return None if self.numerator is None else purchasing_rate(self.numerator, self.denominator)

    @property
    def attainment(self) -> Fraction | None:
        """Return what was reached of the target, from the unrounded rate, or from the amounts."""
        if self.target is not None:
            return attainment(self.rate, self.target)
        return attainment(self.numerator, self.target_amount)


class Effect(NamedTuple):
    """What one exclusion leaves out of each side, and the institution's rate if it were not made."""

    exclusion: Exclusion
    eligible: Won
    spent: Won
    rate: Fraction | None


class Effects(NamedTuple):
    """The institution's rate with all exclusions and with none, and what each of them does."""

    rate: Fraction | None
    rate_without_any: Fraction | None
    each: list[Effect]


class CountedLine(NamedTuple):
    """A purchase, or a payment of one, that counts in a scheme; `line_id` is that of the line."""

    id: int
    line_id: int
    day: date
    department: str
    enterprise_id: int
    enterprise: str
    subject: str | None
    kind: Kind
    amount: Won


def rates_of(
    fiscal_year: int,
    scheme: str | None = None,
    department_id: int | None = None,
    *,
    by_department: bool = False,
) -> list[RateRow]:
    """Return the rates of a year by scheme and kind, and by department too where that is asked for.

    A scheme's own scope (own departments, or corporations too) decides which departments count.
    """
    departments = list_departments()
    within = subtree_ids(department_id, departments) if department_id else [row.id for row in departments]
    asked = [row for row in departments if row.id in set(within)]
    targets: dict[str, dict[tuple[int | None, str], TargetRow]] = defaultdict(dict)
    for target in list_targets(fiscal_year, scheme):
        targets[target.scheme][target.department_id, target.kind] = target
    rows: list[RateRow] = []
    for each in list_schemes(fiscal_year):
        if scheme in (None, each.code):
            rows += _rows(
                each, fiscal_year, asked, targets[each.code], department_id, by_department=by_department
            )
    return rows


def as_object(row: RateRow) -> dict[str, object]:
    """Return a rate as programs read it: won as numbers, percent as text, null for what is unknown."""
    told: dict[str, object] = {
        "scheme": row.scheme.code,
        "scheme_name": row.scheme.name,
        "kind": row.kind or ALL_KINDS,
        "kind_name": row.kind_name,
    }
    if row.department:
        told |= {"department": row.department.name, "department_id": row.department.id}
    return told | {
        "numerator": row.numerator,
        "denominator": row.denominator,
        "rate": rate_text(row.rate),
        "target": rate_text(row.target),
        "target_amount": row.target_amount,
        "attainment": rate_text(row.attainment, 1),
        "rule_year": row.scheme.rule.fiscal_year,
    }


def part_of(whole: Won | None, rate: Decimal | None) -> Won | None:
    """Return that part of the whole in won, half-up; None where either is unknown."""
    return None if whole is None or rate is None else int(round_half_up(Fraction(rate) * whole, 0))


def departments_in(predicate: Predicate, departments: Iterable[DepartmentRow]) -> list[DepartmentRow]:
    """Return the departments whose money a scheme looks at."""
    return [row for row in departments if predicate.with_affiliated or row.affiliation is Affiliation.OWN]


def effects_of(fiscal_year: int, rule: Rule) -> Effects:
    """Return what the exclusions of a rule do to the institution's rate."""
    bodies = {row.id: row.affiliation for row in list_departments()}
    line = LINES[rule.predicate.basis]
    eligible = _by_item(_eligible(fiscal_year, rule), Purchase, line.amount)
    spent = _by_item(select_spent(fiscal_year), Spending, Spending.amount)

    def sums(excluded: Collection[Exclusion]) -> tuple[Won, Won]:
        predicate = replace(rule.predicate, excluded_items=tuple(each.item for each in excluded))
        bought, whole = (
            sum(amount for body, kind, item, amount in side if predicate.counts(kind, item, bodies[body]))
            for side in (eligible, spent)
        )
        return bought, whole

    def rate(bought: Won, whole: Won) -> Fraction | None:
        return purchasing_rate(bought, whole) if rule.types else None

    with_all = sums(rule.exclusions)
    effects = []
    for exclusion in rule.exclusions:
        without = sums([each for each in rule.exclusions if each != exclusion])
        effects.append(Effect(exclusion, without[0] - with_all[0], without[1] - with_all[1], rate(*without)))
    return Effects(rate(*with_all), rate(*sums(())), effects)


def lines_counted(
    fiscal_year: int,
    rule: Rule,
    department_ids: Collection[int],
    kind: Kind | None = None,
    after: tuple[date, int] | None = None,
    limit: int = 100,
) -> list[CountedLine]:
    """Return the lines behind a numerator by day, those behind the day and line `after`."""
    line = LINES[rule.predicate.basis]
    statement = select_counted(fiscal_year, rule, department_ids, kind)
    if after:
        statement = statement.where(or_(line.day > after[0], (line.day == after[0]) & (line.id > after[1])))
    rows = db.session.execute(
        statement.join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .with_only_columns(
            Purchase.id,
            line.id,
            line.day,
            Department.name,
            Enterprise.id,
            Enterprise.name,
            func.coalesce(Purchase.contract_name, Purchase.item),
            Purchase.kind,
            line.amount,
        )
        .order_by(line.day, line.id)
        .limit(limit)
    )
    return [CountedLine(*row) for row in rows]


def sum_counted(
    fiscal_year: int, rule: Rule, department_ids: Collection[int], kind: Kind | None = None
) -> Sum:
    """Return the sum of the lines behind a numerator, from the ledger itself."""
    statement = select_counted(fiscal_year, rule, department_ids, kind)
    amount, count = db.session.execute(
        statement.with_only_columns(total(LINES[rule.predicate.basis].amount), func.count())
    ).one()
    return Sum(int(amount), int(count))


def eligible_amounts(fiscal_year: int, rule: Rule, department_ids: Collection[int]) -> Amounts:
    """Return what counts in the scheme, each purchase once however many of its types it has."""
    if len(rule.types) == 1 and not rule.exclusions:
        # The rollup knows the sums of a single type, but neither 통계목 nor how types overlap.
        statement = select(Rollup.department_id, Rollup.kind, total(Rollup.amount)).where(
            Rollup.basis == rule.predicate.basis,
            Rollup.fiscal_year == fiscal_year,
            Rollup.measure == Measure.CERTIFIED,
            Rollup.type == rule.types[0],
            Rollup.department_id.in_(department_ids),
            Rollup.kind.in_(rule.predicate.kinds),
            Rollup.count > 0,
        )
        return _amounts(db.session.execute(statement.group_by(Rollup.department_id, Rollup.kind)))
    line = LINES[rule.predicate.basis]
    statement = select_counted(fiscal_year, rule, department_ids).with_only_columns(
        Purchase.department_id, Purchase.kind, total(line.amount)
    )
    return _amounts(db.session.execute(statement.group_by(Purchase.department_id, Purchase.kind)))


def spent_amounts(fiscal_year: int, rule: Rule, department_ids: Collection[int]) -> Amounts:
    """Return 총구매액 under the same predicate; what was not entered is not there."""
    statement = (
        select_spent(fiscal_year)
        .where(
            Spending.department_id.in_(department_ids),
            Spending.kind.in_(rule.predicate.kinds),
            *not_excluded(Spending.budget_item, rule.predicate),
        )
        .with_only_columns(Spending.department_id, Spending.kind, total(Spending.amount))
        .group_by(Spending.department_id, Spending.kind)
    )
    return _amounts(db.session.execute(statement))


def select_counted(
    fiscal_year: int, rule: Rule, department_ids: Collection[int], kind: Kind | None = None
) -> Select[Any]:
    """Select the lines that count in the scheme: eligible ones under its predicate."""
    statement = _eligible(fiscal_year, rule).where(
        Purchase.department_id.in_(department_ids),
        Purchase.kind.in_(rule.predicate.kinds),
        *not_excluded(Purchase.budget_item, rule.predicate),
    )
    return statement if kind is None else statement.where(Purchase.kind == kind)


def _eligible(fiscal_year: int, rule: Rule) -> Select[Any]:
    """Select the lines of direct purchases of a year that were eligible in one of the scheme's types."""
    line = LINES[rule.predicate.basis]
    held = (
        select(Verdict.id)
        .where(
            Verdict.purchase_id == Purchase.id,
            Verdict.replaced_in.is_(None),
            Verdict.is_eligible,
            Verdict.type.in_(rule.types),
        )
        .exists()
    )
    statement = (
        select(Purchase.id)
        .select_from(Purchase)
        .where(
            line.fiscal_year == fiscal_year,
            not_(Purchase.is_reversed),
            Purchase.directness == Directness.DIRECT,
            Purchase.nature == Nature.PURCHASE,
            # Eligible in any type: it stands beside the purchase and spares looking for the verdicts of most.
            Purchase.is_certified,
            held,
        )
    )
    if rule.predicate.basis is Basis.PAYMENT:
        statement = statement.join(
            Payment, (Payment.purchase_id == Purchase.id) & Payment.removed_in.is_(None)
        )
    return statement


def select_spent(fiscal_year: int) -> Select[Any]:
    """Select the figures of total spending that stand in a year."""
    return select(Spending.id).where(Spending.fiscal_year == fiscal_year, Spending.replaced_at.is_(None))


def _by_item(
    statement: Select[Any],
    table: type[Purchase] | type[Spending],
    amount: ColumnElement[int] | InstrumentedAttribute[int],
) -> list[tuple[int, Kind, str | None, Won]]:
    """Return the amounts by department, kind and 통계목, before any predicate."""
    groups = (table.department_id, table.kind, table.budget_item)
    rows = db.session.execute(statement.with_only_columns(*groups, total(amount)).group_by(*groups))
    return [(body, kind, item, int(found)) for body, kind, item, found in rows]


def _rows(
    scheme: SchemeRow,
    fiscal_year: int,
    asked: Collection[DepartmentRow],
    targets: Mapping[tuple[int | None, str], TargetRow],
    whole_id: int | None,
    *,
    by_department: bool,
) -> list[RateRow]:
    rule = scheme.rule
    counted = departments_in(rule.predicate, asked)
    ids = [row.id for row in counted]
    eligible = eligible_amounts(fiscal_year, rule, ids) if rule.types else None
    spent = spent_amounts(fiscal_year, rule, ids)
    held = {kind for amounts in (eligible or {}, spent) for _department, kind in amounts}
    kinds: list[Kind | None] = [
        kind
        for kind in Kind
        if kind in rule.predicate.kinds and (kind is not Kind.UNCLASSIFIED or kind in held)
    ]

    def row(department: DepartmentRow | None, kind: Kind | None) -> RateRow:
        target_of = department.id if department else whole_id
        target = targets.get((target_of, kind or WHOLE))
        return RateRow(
            scheme,
            kind,
            department,
            None if eligible is None else _added(eligible, department, kind or WHOLE) or 0,
            _added(spent, department, kind or WHOLE),
            None if target is None or target.rate is None else Fraction(target.rate),
            target.amount if target else None,
        )

    rows = [row(None, kind) for kind in (*kinds, None)]
    if by_department:
        active = {department for amounts in (eligible or {}, spent) for department, _kind in amounts}
        active |= {department for department, _kind in targets if department}
        rows += [
            row(department, kind)
            for department in counted
            if department.id in active
            for kind in (*kinds, None)
        ]
    return rows


def not_excluded(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], predicate: Predicate
) -> list[ColumnElement[bool]]:
    """Say in SQL what `Predicate.counts` says of a budget item."""
    return [
        or_(column.is_(None), not_(column.startswith(item, autoescape=True)))
        for item in predicate.excluded_items
    ]


def _amounts(rows: Iterable[tuple[int, Kind, int]]) -> Amounts:
    found: dict[tuple[int, str], Won] = defaultdict(int)
    for department_id, kind, amount in rows:
        found[department_id, kind] += int(amount)
        found[department_id, WHOLE] += int(amount)
    return found


def _added(amounts: Amounts, department: DepartmentRow | None, kind: str) -> Won | None:
    """Return the sum over the departments, or one department's; None where nothing stands."""
    found = [
        amount
        for (department_id, of_kind), amount in amounts.items()
        if of_kind == kind and (department is None or department_id == department.id)
    ]
    return sum(found) if found else None
