"""Purchasing rates (구매비율) by scheme: what counts, of what was spent, against the target."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import ColumnElement, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.core.money import Won
from tracker.core.rates import attainment, purchasing_rate
from tracker.core.schemes import Predicate
from tracker.core.vocabulary import Affiliation, Basis, Directness, Kind, Nature
from tracker.departments.queries import DepartmentRow, list_departments, subtree_ids
from tracker.extensions import db, total
from tracker.purchases.models import Payment, Purchase, Verdict
from tracker.spending.models import Spending
from tracker.targets.queries import WHOLE, Exclusion, Rule, SchemeRow, TargetRow, list_schemes, list_targets
from tracker.totals.sums import LINES

Amounts = Mapping[tuple[int, str], Won]
"""Won by department and kind; the empty kind is all of them together."""


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
    """The institution's rate as it would be without one of the exclusions."""

    exclusion: Exclusion
    rate: Fraction | None


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
    rows: list[RateRow] = []
    for each in list_schemes(fiscal_year):
        if scheme in (None, each.code):
            targets = {
                (target.department_id, target.kind): target for target in list_targets(fiscal_year, each.code)
            }
            rows += _rows(each, fiscal_year, asked, targets, department_id, by_department=by_department)
    return rows


def effects_of(fiscal_year: int, scheme: SchemeRow) -> list[Effect]:
    """Return, for each exclusion of the scheme, the rate if that one were not made."""
    departments = [row.id for row in list_departments() if _is_in(scheme.rule.predicate, row)]
    effects = []
    for exclusion in scheme.rule.exclusions:
        others = tuple(each.item for each in scheme.rule.exclusions if each != exclusion)
        wider = Predicate(
            kinds=scheme.rule.predicate.kinds,
            excluded_items=others,
            with_affiliated=scheme.rule.predicate.with_affiliated,
            basis=scheme.rule.predicate.basis,
        )
        rule = scheme.rule._replace(predicate=wider)
        numerator = _added(eligible_amounts(fiscal_year, rule, departments), None, WHOLE)
        denominator = _added(spent_amounts(fiscal_year, rule, departments), None, WHOLE)
        effects.append(Effect(exclusion, purchasing_rate(numerator or 0, denominator)))
    return effects


def eligible_amounts(fiscal_year: int, rule: Rule, department_ids: Collection[int]) -> Amounts:
    """Return what counts in the scheme, each purchase once however many of its types it has."""
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
        select(Purchase.department_id, Purchase.kind, total(line.amount))
        .select_from(Purchase)
        .where(
            line.fiscal_year == fiscal_year,
            not_(Purchase.is_reversed),
            Purchase.directness == Directness.DIRECT,
            Purchase.nature == Nature.PURCHASE,
            Purchase.department_id.in_(department_ids),
            Purchase.kind.in_(rule.predicate.kinds),
            *_not_excluded(Purchase.budget_item, rule.predicate),
            held,
        )
        .group_by(Purchase.department_id, Purchase.kind)
    )
    if rule.predicate.basis is Basis.PAYMENT:
        statement = statement.join(
            Payment, (Payment.purchase_id == Purchase.id) & Payment.removed_in.is_(None)
        )
    return _amounts(db.session.execute(statement))


def spent_amounts(fiscal_year: int, rule: Rule, department_ids: Collection[int]) -> Amounts:
    """Return 총구매액 under the same predicate; what was not entered is not there."""
    statement = (
        select(Spending.department_id, Spending.kind, total(Spending.amount))
        .where(
            Spending.fiscal_year == fiscal_year,
            Spending.replaced_at.is_(None),
            Spending.department_id.in_(department_ids),
            Spending.kind.in_(rule.predicate.kinds),
            *_not_excluded(Spending.budget_item, rule.predicate),
        )
        .group_by(Spending.department_id, Spending.kind)
    )
    return _amounts(db.session.execute(statement))


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
    counted = [row for row in asked if _is_in(rule.predicate, row)]
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


def _is_in(predicate: Predicate, department: DepartmentRow) -> bool:
    return predicate.with_affiliated or department.affiliation is Affiliation.OWN


def _not_excluded(
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
