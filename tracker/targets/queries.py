"""Reading schemes, their rules of a year, targets, deadlines, budgets and plans."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import func as sql
from sqlalchemy.orm import aliased

from tracker.accounts.models import User
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.money import Won
from tracker.core.names import normalise_heading
from tracker.core.schemes import Predicate, counted_kinds
from tracker.core.vocabulary import Basis, DeadlineKind, Kind
from tracker.departments.models import Department
from tracker.extensions import db, total
from tracker.targets.models import (
    Deadline,
    PlannedPurchase,
    PurchasableBudget,
    Scheme,
    SchemeRule,
    Target,
)

WHOLE = ""


class Exclusion(NamedTuple):
    """A 통계목 (or its beginning) that a scheme leaves out on both sides, and why."""

    item: str
    reason: str


class Rule(NamedTuple):
    """What a scheme counts. `fiscal_year` is the year that the rule was set for, `version` that of its form.

    `types` are codes of certification types; without any, the numerator is not known.
    """

    scheme: str
    fiscal_year: int
    notice: str
    types: tuple[str, ...]
    predicate: Predicate
    exclusions: tuple[Exclusion, ...]
    recipient: str
    version: int


class SchemeRow(NamedTuple):
    """A scheme with the rule that holds in the year asked for."""

    code: str
    name: str
    law: str
    is_statutory: bool
    rule: Rule


class TargetRow(NamedTuple):
    """A target; the rate is a fraction, the amount in won; no department is the institution."""

    id: int
    scheme: str
    department_id: int | None
    kind: str
    rate: Decimal | None
    amount: Won | None
    ground: str
    version: int


class DeadlineRow(NamedTuple):
    """Something that is due, with the name of its scheme if it has one."""

    id: int
    scheme: str | None
    scheme_name: str | None
    fiscal_year: int
    due_on: date
    kind: DeadlineKind
    title: str
    version: int


class BudgetRow(NamedTuple):
    """A figure of 구매가능예산: by whom, when and why, and what it replaced; the last one stands."""

    id: int
    department_id: int
    amount: Won
    reason: str
    actor: str
    recorded_at: datetime
    replaced_at: datetime | None
    amount_before: Won | None


class PlanRow(NamedTuple):
    """A line of the plan."""

    id: int
    fiscal_year: int
    department_id: int
    department: str
    scheme: str
    item: str
    kind: Kind
    quantity: Decimal | None
    unit: str
    planned_month: int | None
    amount: Won
    note: str
    version: int


def list_schemes(fiscal_year: int) -> list[SchemeRow]:
    """Return every scheme with its rule: the year's, else that of the nearest year before, else the first."""
    rules: dict[str, SchemeRule] = {}
    for rule in db.session.scalars(select(SchemeRule).order_by(SchemeRule.fiscal_year)):
        if rule.fiscal_year <= fiscal_year or rule.scheme not in rules:
            rules[rule.scheme] = rule
    return [
        SchemeRow(row.code, row.name, row.law, row.is_statutory, _rule(rules[row.code]))
        for row in db.session.scalars(select(Scheme).order_by(Scheme.sort_order, Scheme.code))
        if row.code in rules
    ]


def list_scheme_names() -> dict[str, str]:
    """Return the name of every scheme by its code."""
    rows = db.session.execute(select(Scheme.code, Scheme.name).order_by(Scheme.sort_order, Scheme.code))
    return {row.code: row.name for row in rows}


def code_of_scheme(text: str, names: Mapping[str, str]) -> str | None:
    """Return the scheme that is called so: by code, by name, or by the beginning of one name alone."""
    said = normalise_heading(text)
    found = [code for code, name in names.items() if said in (code, normalise_heading(name))]
    found = found or [code for code, name in names.items() if normalise_heading(name).startswith(said)]
    return found[0] if len(found) == 1 else None


def list_rule_years() -> list[int]:
    """Return the years for which rules or targets were set."""
    years = select(SchemeRule.fiscal_year).union(select(Target.fiscal_year))
    return sorted(db.session.scalars(years))


def find_scheme(code: str, fiscal_year: int) -> SchemeRow | None:
    """Return one scheme with the rule that holds in the year."""
    return next((row for row in list_schemes(fiscal_year) if row.code == code), None)


def list_targets(
    fiscal_year: int, scheme: str | None = None, department_ids: Collection[int] | None = None
) -> list[TargetRow]:
    """Return the targets of a year: the institution's, and those of these departments (of all by default)."""
    statement = select(Target).where(Target.fiscal_year == fiscal_year)
    if scheme is not None:
        statement = statement.where(Target.scheme == scheme)
    if department_ids is not None:
        statement = statement.where(
            or_(Target.department_id.is_(None), Target.department_id.in_(department_ids))
        )
    return [
        TargetRow(
            row.id, row.scheme, row.department_id, row.kind, row.rate, row.amount, row.ground, row.version
        )
        for row in db.session.scalars(statement.order_by(Target.scheme, Target.department_id, Target.kind))
    ]


def whole_amount(targets: Sequence[TargetRow]) -> Won | None:
    """Return the amount that the institution is to reach in all, if one is set."""
    return next((row.amount for row in targets if row.department_id is None and row.kind == WHOLE), None)


def seal_of(targets: Sequence[TargetRow]) -> str:
    """Return a mark of the targets of the whole: the same as long as none of them changes."""
    return sha256_hex(canonical_json(sorted([row.id, row.version] for row in targets if row.kind == WHOLE)))


def list_deadlines(start: date, end: date, limit: int | None = None) -> list[DeadlineRow]:
    """Return what is due from the first to the last day, in the order of days."""
    return _deadlines(Deadline.due_on.between(start, end), limit=limit)


def find_deadline(deadline_id: int) -> DeadlineRow | None:
    """Return one of them."""
    return next(iter(_deadlines(Deadline.id == deadline_id)), None)


def deadlines_of(fiscal_year: int) -> list[DeadlineRow]:
    """Return what is due for the results of a year."""
    return _deadlines(Deadline.fiscal_year == fiscal_year)


def _deadlines(condition: ColumnElement[bool], *, limit: int | None = None) -> list[DeadlineRow]:
    rows = db.session.execute(
        select(Deadline, Scheme.name)
        .outerjoin(Scheme, Scheme.code == Deadline.scheme)
        .where(condition)
        .order_by(Deadline.due_on, Deadline.id)
        .limit(limit)
    )
    return [
        DeadlineRow(row.id, row.scheme, name, row.fiscal_year, row.due_on, row.kind, row.title, row.version)
        for row, name in rows
    ]


def budgets_by_department(fiscal_year: int) -> dict[int, Won]:
    """Return 구매가능예산 of a year in won by department, as it stands now."""
    rows = db.session.execute(
        select(PurchasableBudget.department_id, PurchasableBudget.amount).where(
            PurchasableBudget.fiscal_year == fiscal_year, PurchasableBudget.replaced_at.is_(None)
        )
    )
    return {department_id: int(amount) for department_id, amount in rows}


def list_budgets(fiscal_year: int) -> dict[int, BudgetRow]:
    """Return the figures of 구매가능예산 that stand for a year by department."""
    rows = _budgets(PurchasableBudget.fiscal_year == fiscal_year, PurchasableBudget.replaced_at.is_(None))
    return {row.department_id: row for row in rows}


def budget_history(department_id: int, fiscal_year: int) -> list[BudgetRow]:
    """Return every figure of a department's 구매가능예산 of a year, the newest first."""
    return _budgets(
        PurchasableBudget.fiscal_year == fiscal_year, PurchasableBudget.department_id == department_id
    )


def _budgets(*conditions: ColumnElement[bool]) -> list[BudgetRow]:
    earlier = aliased(PurchasableBudget)
    before = (
        select(earlier.amount)
        .where(
            earlier.department_id == PurchasableBudget.department_id,
            earlier.fiscal_year == PurchasableBudget.fiscal_year,
            earlier.id < PurchasableBudget.id,
        )
        .order_by(earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            PurchasableBudget.id,
            PurchasableBudget.department_id,
            PurchasableBudget.amount,
            PurchasableBudget.reason,
            User.name,
            PurchasableBudget.recorded_at,
            PurchasableBudget.replaced_at,
            before,
        )
        .join(User, User.id == PurchasableBudget.actor_id)
        .where(*conditions)
        .order_by(PurchasableBudget.id.desc())
    )
    return [BudgetRow(*row) for row in rows]


def list_plan(
    fiscal_year: int,
    department_ids: Collection[int] | None = None,
    scheme: str | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[PlanRow]:
    """Return the plan of a year by department, scheme and month."""
    statement = (
        select(PlannedPurchase, Department.name)
        .join(Department, Department.id == PlannedPurchase.department_id)
        .where(*_planned(fiscal_year, department_ids, scheme))
        .order_by(
            Department.sort_order,
            Department.id,
            PlannedPurchase.scheme,
            PlannedPurchase.planned_month,
            PlannedPurchase.id,
        )
        .offset(offset)
        .limit(limit)
    )
    return [_plan_row(row, department) for row, department in db.session.execute(statement)]


def find_plan_line(line_id: int) -> PlanRow | None:
    """Return one line of the plan."""
    found = db.session.execute(
        select(PlannedPurchase, Department.name)
        .join(Department, Department.id == PlannedPurchase.department_id)
        .where(PlannedPurchase.id == line_id)
    ).one_or_none()
    return _plan_row(*found) if found else None


def sum_plan(
    fiscal_year: int, department_ids: Collection[int] | None = None, scheme: str | None = None
) -> dict[tuple[int, str], tuple[int, Won]]:
    """Return by department and scheme how many lines the plan has, and what they add up to in won."""
    rows = db.session.execute(
        select(
            PlannedPurchase.department_id,
            PlannedPurchase.scheme,
            sql.count(),
            total(PlannedPurchase.amount),
        )
        .where(*_planned(fiscal_year, department_ids, scheme))
        .group_by(PlannedPurchase.department_id, PlannedPurchase.scheme)
    )
    return {(department, code): (count, int(amount)) for department, code, count, amount in rows}


def list_plan_years() -> list[int]:
    """Return the years that have a plan."""
    return sorted(db.session.scalars(select(PlannedPurchase.fiscal_year).distinct()))


def _planned(
    fiscal_year: int, department_ids: Collection[int] | None, scheme: str | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [PlannedPurchase.fiscal_year == fiscal_year]
    if department_ids is not None:
        conditions.append(PlannedPurchase.department_id.in_(department_ids))
    if scheme is not None:
        conditions.append(PlannedPurchase.scheme == scheme)
    return conditions


def _plan_row(row: PlannedPurchase, department: str) -> PlanRow:
    values: dict[str, Any] = {name: getattr(row, name) for name in PlanRow._fields if name != "department"}
    return PlanRow(**values, department=department)


def _rule(row: SchemeRule) -> Rule:
    exclusions = tuple(Exclusion(item, reason) for item, reason in json.loads(row.excluded_items))
    return Rule(
        row.scheme,
        row.fiscal_year,
        row.notice,
        tuple(json.loads(row.types)),
        predicate_of(
            [Kind(kind) for kind in json.loads(row.kinds)],
            exclusions,
            row.basis,
            with_affiliated=row.with_affiliated,
        ),
        exclusions,
        row.recipient,
        row.version,
    )


def predicate_of(
    kinds: Collection[Kind], exclusions: Sequence[Exclusion], basis: Basis, *, with_affiliated: bool
) -> Predicate:
    """Return which money a scheme looks at."""
    return Predicate(
        kinds=counted_kinds(kinds),
        excluded_items=tuple(each.item for each in exclusions),
        with_affiliated=with_affiliated,
        basis=basis,
    )
