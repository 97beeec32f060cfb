"""Reading schemes, their rules of a year, targets, deadlines, budgets and plans."""

import json
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func as sql
from sqlalchemy import or_, select

from tracker.core.money import Won
from tracker.core.schemes import Predicate, counted_kinds
from tracker.core.vocabulary import Kind
from tracker.departments.models import Department
from tracker.extensions import db, total
from tracker.targets.models import (
    Deadline,
    DeadlineKind,
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


def list_deadlines(start: date, end: date) -> list[DeadlineRow]:
    """Return what is due from the first to the last day, in the order of days."""
    rows = db.session.execute(
        select(Deadline, Scheme.name)
        .outerjoin(Scheme, Scheme.code == Deadline.scheme)
        .where(Deadline.due_on.between(start, end))
        .order_by(Deadline.due_on, Deadline.id)
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


def list_plan(
    fiscal_year: int, department_ids: Collection[int] | None = None, scheme: str | None = None
) -> list[PlanRow]:
    """Return the plan of a year by department, scheme and month."""
    statement = (
        select(PlannedPurchase, Department.name)
        .join(Department, Department.id == PlannedPurchase.department_id)
        .where(PlannedPurchase.fiscal_year == fiscal_year)
        .order_by(
            Department.sort_order,
            Department.name,
            PlannedPurchase.scheme,
            PlannedPurchase.planned_month,
            PlannedPurchase.id,
        )
    )
    if department_ids is not None:
        statement = statement.where(PlannedPurchase.department_id.in_(department_ids))
    if scheme is not None:
        statement = statement.where(PlannedPurchase.scheme == scheme)
    return [
        PlanRow(
            row.id,
            row.fiscal_year,
            row.department_id,
            department,
            row.scheme,
            row.item,
            row.kind,
            row.quantity,
            row.unit,
            row.planned_month,
            row.amount,
            row.note,
            row.version,
        )
        for row, department in db.session.execute(statement)
    ]


def planned_by_scheme(fiscal_year: int) -> dict[str, Won]:
    """Return what the departments plan to buy in a year, in won by scheme."""
    rows = db.session.execute(
        select(PlannedPurchase.scheme, total(PlannedPurchase.amount))
        .where(PlannedPurchase.fiscal_year == fiscal_year)
        .group_by(PlannedPurchase.scheme)
    )
    return {scheme: int(amount) for scheme, amount in rows}


def has_rules(fiscal_year: int) -> bool:
    """Return whether rules were set for this very year."""
    return bool(
        db.session.scalar(
            select(sql.count()).select_from(SchemeRule).where(SchemeRule.fiscal_year == fiscal_year)
        )
    )


def _rule(row: SchemeRule) -> Rule:
    exclusions = tuple(Exclusion(item, reason) for item, reason in json.loads(row.excluded_items))
    return Rule(
        row.scheme,
        row.fiscal_year,
        row.notice,
        tuple(json.loads(row.types)),
        Predicate(
            kinds=counted_kinds([Kind(kind) for kind in json.loads(row.kinds)]),
            excluded_items=tuple(each.item for each in exclusions),
            with_affiliated=row.with_affiliated,
            basis=row.basis,
        ),
        exclusions,
        row.recipient,
        row.version,
    )
