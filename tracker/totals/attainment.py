"""What was reached of the targets: by scheme beside the purchasable budget, and by department."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tracker.core.money import Won
from tracker.core.rates import purchasing_rate
from tracker.core.vocabulary import Word
from tracker.departments.queries import DepartmentRow, list_departments, list_successions
from tracker.targets.queries import WHOLE, SchemeRow, budgets_by_department, list_targets
from tracker.targets.sharing import ShareBy
from tracker.totals.attribution import attribute
from tracker.totals.rates import (
    RateRow,
    departments_in,
    eligible_amounts,
    part_of,
    rates_of,
    spent_amounts,
)


class SchemeStanding(NamedTuple):
    """A scheme's rates of a year by kind, the whole last, and beside it what 구매가능예산 says.

    budget: that of the departments it looks at, of all kinds together; None where none was entered.
    """

    scheme: SchemeRow
    rates: list[RateRow]
    budget: Won | None
    budget_rate: Fraction | None
    departments: int
    with_target: int

    @property
    def whole(self) -> RateRow:
        """Return the rate of all kinds together."""
        return self.rates[-1]

    @property
    def has_target(self) -> bool:
        """Return whether the institution has a target for any kind, or for the whole."""
        return any(row.target is not None or row.target_amount is not None for row in self.rates)

    def would_be(self, rate: Decimal | None) -> Won | None:
        """Return how much this rate of the purchasable budget would be in won, half-up."""
        return part_of(self.budget, rate)


class Order(Word):
    """In which order departments stand; what has no attainment comes last."""

    ATTAINMENT = "attainment", "달성률 낮은 순"
    TARGET = "target", "목표 큰 순"
    OFFICE = "office", "직제순"


class Weights(NamedTuple):
    """What a target is shared out by, in won by department; `left_out` belongs to none of them."""

    departments: list[DepartmentRow]
    by_department: Mapping[int, Won]
    left_out: Won

    @property
    def total(self) -> Won:
        """Return what all departments weigh together; below zero counts as nothing."""
        return sum(max(weight, 0) for weight in self.by_department.values())


def list_standings(fiscal_year: int, scheme: str | None = None) -> list[SchemeStanding]:
    """Return what every scheme reached in a year, or the one asked for."""
    departments = [row for row in list_departments() if row.was_there_in(fiscal_year)]
    budgets = budgets_by_department(fiscal_year)
    aimed: dict[str, set[int]] = defaultdict(set)
    for target in list_targets(fiscal_year):
        if target.department_id is not None and target.kind == WHOLE:
            aimed[target.scheme].add(target.department_id)
    rates: dict[str, list[RateRow]] = defaultdict(list)
    for row in rates_of(fiscal_year, scheme):
        rates[row.scheme.code].append(row)
    standings = []
    for code, rows in rates.items():
        counted = departments_in(rows[-1].scheme.rule.predicate, departments)
        given = [budgets[row.id] for row in counted if row.id in budgets]
        budget = sum(given) if given else None
        eligible = rows[-1].numerator
        standings.append(
            SchemeStanding(
                rows[-1].scheme,
                rows,
                budget,
                None if eligible is None else purchasing_rate(eligible, budget),
                len(counted),
                len(aimed[code]),
            )
        )
    return standings


def list_departments_reached(fiscal_year: int, scheme: str, order: Order) -> list[RateRow]:
    """Return the rate of each department that bought, spent or has a target, all kinds together."""
    rows = [
        row
        for row in rates_of(fiscal_year, scheme, by_department=True)
        if row.department is not None and row.kind is None
    ]
    if order is Order.ATTAINMENT:
        rows.sort(key=lambda row: (row.attainment is None, row.attainment or 0))
    elif order is Order.TARGET:
        rows.sort(key=lambda row: (row.target_amount is None, -(row.target_amount or 0)))
    return rows


def weights_of(by: ShareBy, fiscal_year: int, scheme: SchemeRow) -> Weights:
    """Return what the departments of a year weigh. What predecessors had last year is their successors'."""
    every = list_departments()
    parents = {row.parent_id for row in every}
    amounts = _amounts_by(by, fiscal_year, scheme, every)
    aimed = {target.department_id for target in list_targets(fiscal_year, scheme.code)}
    departments = [
        row
        for row in departments_in(scheme.rule.predicate, every)
        if row.was_there_in(fiscal_year) and (row.id not in parents or amounts.get(row.id) or row.id in aimed)
    ]
    ids = {row.id for row in departments}
    left_out = sum(amount for department_id, amount in amounts.items() if department_id not in ids)
    return Weights(departments, {each: amounts.get(each, 0) for each in ids}, left_out)


def _amounts_by(
    by: ShareBy, fiscal_year: int, scheme: SchemeRow, departments: list[DepartmentRow]
) -> dict[int, Won]:
    if by is ShareBy.HAND:
        return {}
    counted = [row.id for row in departments_in(scheme.rule.predicate, departments)]
    if by is ShareBy.BUDGET:
        budgets = budgets_by_department(fiscal_year)
        return {each: budgets[each] for each in counted if each in budgets}
    amounts = eligible_amounts if by is ShareBy.RESULTS else spent_amounts
    attribution = attribute(
        departments, list_successions(), date(fiscal_year - 1, 1, 1), date(fiscal_year, 12, 31)
    )
    found: dict[int, Won] = defaultdict(int)
    for (department_id, kind), amount in amounts(fiscal_year - 1, scheme.rule, counted).items():
        if kind == WHOLE:
            found[attribution.owner(department_id)] += amount
    return found
