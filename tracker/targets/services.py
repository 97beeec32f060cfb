"""Setting rules, targets, deadlines, budgets and plans; every change is audited with before and after."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select, update

from tracker.audit.acting import Acting
from tracker.audit.services import record_event
from tracker.core.money import Won
from tracker.core.vocabulary import Basis, DeadlineKind, Kind
from tracker.departments.models import Department
from tracker.extensions import Base, chunks, db, get_locked, transaction
from tracker.targets.models import (
    Deadline,
    PlannedPurchase,
    PurchasableBudget,
    Scheme,
    SchemeRule,
    Target,
)
from tracker.targets.queries import (
    WHOLE,
    BudgetRow,
    Exclusion,
    Rule,
    deadlines_of,
    list_budgets,
    list_plan,
    list_schemes,
    list_targets,
    predicate_of,
    seal_of,
    whole_amount,
)


class Stale(Exception):
    """Someone else changed this since the form was opened."""


class UnknownRow(LookupError):
    """There is no such rule, target, deadline or line of a plan."""


class StaleBudgets(Exception):
    """Budgets are not what they were when the form was opened; `standing` are those that stand there now."""

    def __init__(self, standing: Mapping[int, BudgetRow | None]) -> None:
        super().__init__(len(standing))
        self.standing = standing


class AlreadySet(Exception):
    """Every scheme has rules of the year already; copying another year's over them would lose them."""


class NotTheWhole(ValueError):
    """The departments' parts do not add up to the institution's target; `difference` is parts minus whole."""

    def __init__(self, difference: Won) -> None:
        super().__init__(f"the parts differ from the whole by {difference}")
        self.difference = difference


@dataclass(frozen=True, kw_only=True)
class RuleDraft:
    """What a scheme counts in a year, as a person sets it."""

    scheme: str
    fiscal_year: int
    types: tuple[str, ...]
    kinds: tuple[Kind, ...]
    exclusions: tuple[Exclusion, ...] = ()
    with_affiliated: bool = False
    basis: Basis = Basis.CONTRACT
    notice: str = ""
    recipient: str = ""

    def rule(self) -> Rule:
        """Return the rule that it would make."""
        predicate = predicate_of(
            self.kinds, self.exclusions, self.basis, with_affiliated=self.with_affiliated
        )
        return Rule(
            self.scheme,
            self.fiscal_year,
            self.notice,
            self.types,
            predicate,
            self.exclusions,
            self.recipient,
            0,
        )


@dataclass(frozen=True, kw_only=True)
class TargetDraft:
    """A target of the institution (no department) or of a department; neither rate nor amount removes it."""

    scheme: str
    fiscal_year: int
    kind: Kind | None = None
    department_id: int | None = None
    rate: Decimal | None = None
    amount: Won | None = None
    ground: str = ""


@dataclass(frozen=True, kw_only=True)
class DeadlineDraft:
    """What is due for the results of a year."""

    fiscal_year: int
    due_on: date
    kind: DeadlineKind
    title: str
    scheme: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlanDraft:
    """One line of a plan; the month is 1 to 12 where it is known."""

    fiscal_year: int
    department_id: int
    scheme: str
    item: str
    kind: Kind
    amount: Won
    quantity: Decimal | None = None
    unit: str = ""
    planned_month: int | None = None
    note: str = ""


def save_rule(draft: RuleDraft, version: int | None, by: Acting) -> int:
    """Set a scheme's rule of a year and return its number; `version` is that of the form, None for a new one.

    Raises UnknownRow for an unknown scheme, Stale when the rule is not what the form showed.
    """
    with transaction():
        _lock_scheme(draft.scheme)
        row = db.session.scalar(
            select(SchemeRule).where(
                SchemeRule.scheme == draft.scheme, SchemeRule.fiscal_year == draft.fiscal_year
            )
        )
        if (row.version if row else None) != version:
            raise Stale
        values = {
            "notice": draft.notice,
            "types": json.dumps(sorted(draft.types)),
            "kinds": json.dumps(sorted(draft.kinds)),
            "excluded_items": json.dumps([list(each) for each in draft.exclusions], ensure_ascii=False),
            "with_affiliated": draft.with_affiliated,
            "basis": draft.basis,
            "recipient": draft.recipient,
        }
        if row is None:
            row = SchemeRule(scheme=draft.scheme, fiscal_year=draft.fiscal_year, **values)
            db.session.add(row)
            before = None
        else:
            before = {name: getattr(row, name) for name in values}
            _assign(row, values)
        db.session.flush()
        record_event(
            by,
            "scheme_rule.save",
            "scheme_rule",
            row.id,
            {"scheme": draft.scheme, "fiscal_year": draft.fiscal_year} | _told(before, values),
        )
        return row.id


def set_target(draft: TargetDraft, version: int | None, by: Acting) -> None:
    """Set, change or remove one target; Stale when it is not what the form showed."""
    with transaction():
        _lock_scheme(draft.scheme)
        kind = draft.kind or WHOLE
        row = db.session.scalar(
            select(Target).where(
                Target.scheme == draft.scheme,
                Target.fiscal_year == draft.fiscal_year,
                Target.kind == kind,
                Target.department_id.is_(None)
                if draft.department_id is None
                else Target.department_id == draft.department_id,
            )
        )
        if (row.version if row else None) != version:
            raise Stale
        before = {"rate": row.rate, "amount": row.amount, "ground": row.ground} if row else None
        values = {"rate": draft.rate, "amount": draft.amount, "ground": draft.ground}
        if before == values or (row is None and draft.rate is None and draft.amount is None):
            return
        if draft.rate is None and draft.amount is None:
            db.session.delete(row)
        elif row:
            _assign(row, values)
        else:
            db.session.add(
                Target(
                    scheme=draft.scheme,
                    fiscal_year=draft.fiscal_year,
                    department_id=draft.department_id,
                    kind=kind,
                    **values,
                )
            )
        db.session.flush()
        place = {name: getattr(draft, name) for name in ("scheme", "fiscal_year", "kind", "department_id")}
        record_event(by, "target.set", "target", row.id if row else None, place | _told(before, values))


def share_target(
    scheme: str,
    fiscal_year: int,
    parts: Mapping[int, Won],
    ground: str,
    by: Acting,
    *,
    seen: str | None = None,
) -> None:
    """Give each department its part of the institution's target amount, in place of the parts before.

    `seen` is the seal of the targets that a form showed. Raises UnknownRow when the institution has no
    target amount, Stale, and NotTheWhole when the parts do not add up.
    """
    with transaction():
        _lock_scheme(scheme)
        targets = list_targets(fiscal_year, scheme)
        if seen is not None and seal_of(targets) != seen:
            raise Stale
        whole = whole_amount(targets)
        if whole is None:
            raise UnknownRow(scheme)
        if sum(parts.values()) != whole:
            raise NotTheWhole(sum(parts.values()) - whole)
        db.session.execute(
            delete(Target).where(
                Target.scheme == scheme,
                Target.fiscal_year == fiscal_year,
                Target.kind == WHOLE,
                Target.department_id.is_not(None),
            )
        )
        db.session.add_all(
            Target(
                scheme=scheme,
                fiscal_year=fiscal_year,
                department_id=department_id,
                kind=WHOLE,
                amount=amount,
                ground=ground,
            )
            for department_id, amount in parts.items()
        )
        record_event(
            by,
            "target.share",
            "target",
            None,
            {
                "scheme": scheme,
                "fiscal_year": fiscal_year,
                "legal_ground": ground,
                "parts": [list(part) for part in parts.items()],
            },
        )


def copy_year(source: int, into: int, by: Acting) -> None:
    """Carry rules, rate targets of the institution and deadlines forward; amounts are decided anew each year.

    What the year has of its own stays. Raises AlreadySet when every scheme has a rule of the year.
    """
    with transaction():
        db.session.execute(select(Scheme.code).order_by(Scheme.code).with_for_update(key_share=True))
        open_schemes = {row.code for row in list_schemes(into) if row.rule.fiscal_year != into}
        if not open_schemes:
            raise AlreadySet
        for scheme in list_schemes(source):
            if scheme.code in open_schemes:
                save_rule(_carried(scheme.rule, into), None, by)
        _copy_rates(source, into, by)
        _copy_deadlines(source, into, by)


def _carried(rule: Rule, into: int) -> RuleDraft:
    return RuleDraft(
        scheme=rule.scheme,
        fiscal_year=into,
        types=rule.types,
        kinds=tuple(rule.predicate.kinds - {Kind.UNCLASSIFIED}),
        exclusions=rule.exclusions,
        with_affiliated=rule.predicate.with_affiliated,
        basis=rule.predicate.basis,
        notice=rule.notice,
        recipient=rule.recipient,
    )


def _copy_rates(source: int, into: int, by: Acting) -> None:
    taken = {(target.scheme, target.kind) for target in list_targets(into, department_ids=())}
    for target in list_targets(source, department_ids=()):
        if target.rate is not None and (target.scheme, target.kind) not in taken:
            draft = TargetDraft(
                scheme=target.scheme,
                fiscal_year=into,
                kind=Kind(target.kind) if target.kind else None,
                rate=target.rate,
                ground=target.ground,
            )
            set_target(draft, None, by)


def _copy_deadlines(source: int, into: int, by: Acting) -> None:
    taken = {(due.scheme, due.kind, due.title) for due in deadlines_of(into)}
    for due in deadlines_of(source):
        if (due.scheme, due.kind, due.title) not in taken:
            draft = DeadlineDraft(
                fiscal_year=into,
                due_on=_years_later(due.due_on, into - source),
                kind=due.kind,
                title=due.title,
                scheme=due.scheme,
            )
            add_deadline(draft, by)


def add_deadline(draft: DeadlineDraft, by: Acting) -> int:
    """Enter something that is due, and return its number."""
    with transaction():
        row = Deadline(**asdict(draft))
        db.session.add(row)
        db.session.flush()
        record_event(by, "deadline.add", "deadline", row.id, asdict(draft))
        return row.id


def change_deadline(deadline_id: int, draft: DeadlineDraft, version: int, by: Acting) -> None:
    """Change what is due, or when."""
    with transaction():
        _change(get_locked(Deadline, deadline_id), asdict(draft), version, "deadline", by)


def remove_deadline(deadline_id: int, version: int, by: Acting) -> None:
    """Strike out something that is not due any more."""
    with transaction():
        _remove(get_locked(Deadline, deadline_id), version, "deadline", by)


def record_budget(department_id: int, fiscal_year: int, amount: Won, reason: str, by: Acting) -> None:
    """Record 구매가능예산 of a department; the figure before stays readable."""
    with transaction():
        _lock_departments([department_id])
        standing = (
            PurchasableBudget.department_id == department_id,
            PurchasableBudget.fiscal_year == fiscal_year,
            PurchasableBudget.replaced_at.is_(None),
        )
        before = db.session.scalar(select(PurchasableBudget.amount).where(*standing))
        db.session.execute(update(PurchasableBudget).where(*standing).values(replaced_at=by.at))
        db.session.add(
            PurchasableBudget(
                department_id=department_id,
                fiscal_year=fiscal_year,
                amount=amount,
                reason=reason,
                actor_id=by.actor_id,
                recorded_at=by.at,
            )
        )
        record_event(
            by,
            "budget.record",
            "department",
            department_id,
            {"fiscal_year": fiscal_year, "amount": [before, amount], "reason": reason},
        )


def record_budgets(
    fiscal_year: int, amounts: Mapping[int, Won], seen: Mapping[int, int], reason: str, by: Acting
) -> int:
    """Record the budgets that differ from those standing, and return how many did.

    `seen` are the numbers of the figures that the form showed. Raises StaleBudgets, and stores nothing, where
    another figure stands by now.
    """
    with transaction():
        _lock_departments(amounts)
        standing = list_budgets(fiscal_year)
        numbers = {department_id: row.id for department_id, row in standing.items()}
        stale = [each for each in amounts if numbers.get(each) != seen.get(each)]
        if stale:
            raise StaleBudgets({each: standing.get(each) for each in stale})
        changed = {
            department_id: amount
            for department_id, amount in amounts.items()
            if department_id not in standing or standing[department_id].amount != amount
        }
        for department_id, amount in changed.items():
            record_budget(department_id, fiscal_year, amount, reason, by)
        return len(changed)


def plan_purchases(drafts: Sequence[PlanDraft], by: Acting) -> list[int]:
    """Add lines to the plan in one act, and return their numbers."""
    with transaction():
        rows = [PlannedPurchase(**asdict(draft)) for draft in drafts]
        db.session.add_all(rows)
        db.session.flush()
        ids = [row.id for row in rows]
        record_event(
            by,
            "plan.add",
            "plan",
            None,
            {"lines": [asdict(d) | {"id": i} for d, i in zip(drafts, ids, strict=True)]},
        )
        return ids


def change_plan_line(line_id: int, draft: PlanDraft, version: int, by: Acting) -> None:
    """Change one line of the plan."""
    with transaction():
        _change(get_locked(PlannedPurchase, line_id), asdict(draft), version, "plan", by)


def remove_plan_line(line_id: int, version: int, by: Acting) -> None:
    """Take one line out of the plan."""
    with transaction():
        _remove(get_locked(PlannedPurchase, line_id), version, "plan", by)


def withdraw_plan(line_ids: Sequence[int], reason: str, by: Acting) -> int:
    """Take out those of these lines that nobody has changed since, and return how many they were."""
    with transaction():
        gone: list[int] = []
        for run in chunks(line_ids):
            gone += db.session.scalars(
                delete(PlannedPurchase)
                .where(PlannedPurchase.id.in_(run), PlannedPurchase.version == 1)
                .returning(PlannedPurchase.id)
            )
        record_event(by, "plan.withdraw", "plan", None, {"figures": sorted(gone), "reason": reason})
        return len(gone)


def copy_plan(source: int, into: int, department_ids: Collection[int], by: Acting) -> list[int]:
    """Carry the plan of a year forward for those of these departments that have none yet.

    Returns the numbers of the new lines.
    """
    with transaction():
        _lock_departments(department_ids)
        planned = {row.department_id for row in list_plan(into, department_ids)}
        drafts = [
            PlanDraft(
                fiscal_year=into,
                department_id=row.department_id,
                scheme=row.scheme,
                item=row.item,
                kind=row.kind,
                amount=row.amount,
                quantity=row.quantity,
                unit=row.unit,
                planned_month=row.planned_month,
                note=row.note,
            )
            for row in list_plan(source, set(department_ids) - planned)
        ]
        return plan_purchases(drafts, by) if drafts else []


def _lock_scheme(code: str) -> None:
    """Let one writer at a time set rules and targets of a scheme: what is not there has no row to lock."""
    found = db.session.scalar(select(Scheme.code).where(Scheme.code == code).with_for_update(key_share=True))
    if found is None:
        raise UnknownRow(code)


def _lock_departments(department_ids: Collection[int]) -> None:
    for run in chunks(department_ids):
        db.session.execute(
            select(Department.id)
            .where(Department.id.in_(run))
            .order_by(Department.id)
            .with_for_update(key_share=True)
        )


def _change(
    row: Deadline | PlannedPurchase | None,
    values: Mapping[str, object],
    version: int,
    subject: str,
    by: Acting,
) -> None:
    if row is None:
        raise UnknownRow
    if row.version != version:
        raise Stale
    before = {name: getattr(row, name) for name in values}
    _assign(row, values)
    record_event(by, f"{subject}.change", subject, row.id, _told(before, values))


def _remove(row: Deadline | PlannedPurchase | None, version: int, subject: str, by: Acting) -> None:
    if row is None:
        raise UnknownRow
    if row.version != version:
        raise Stale
    number = row.id
    before = {
        column.key: getattr(row, column.key)
        for column in row.__table__.columns
        if column.key not in ("id", "version")
    }
    db.session.delete(row)
    record_event(by, f"{subject}.remove", subject, number, before)


def _told(before: Mapping[str, object] | None, after: Mapping[str, object]) -> dict[str, object]:
    """Return what an event tells: the fields that changed, or what was set where nothing stood."""
    named = {name: "legal_ground" if name == "ground" else name for name in after}
    if before is None:
        return {"after": {named[name]: value for name, value in after.items()}}
    changed = [name for name in after if before[name] != after[name]]
    return {"changes": {named[name]: [before[name], after[name]] for name in changed}}


def _assign(row: Base, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1  # type: ignore[attr-defined]


def _years_later(day: date, years: int) -> date:
    last_of_february = (2, 29)
    if (day.month, day.day) == last_of_february:
        return date(day.year + years, 2, 28)
    return day.replace(year=day.year + years)
