"""Reading frozen reports, and what their basis needs beside the totals."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select

from tracker.accounts.models import User
from tracker.audit.models import AuditEvent
from tracker.audit.services import FIRST_HASH
from tracker.core.canonical import sha256_hex
from tracker.core.eligibility import counts_in
from tracker.core.money import Won
from tracker.core.vocabulary import ContractMethod, Directness, Kind, Measure, Nature, Procurement, Tax
from tracker.departments.models import Department
from tracker.enterprises.models import Certification, CertificationType, Enterprise
from tracker.extensions import chunks, db, total
from tracker.purchases.models import Purchase, Verdict
from tracker.purchases.queries import types_of
from tracker.reports.models import Snapshot
from tracker.targets.queries import Rule
from tracker.totals.questions import Question, Side
from tracker.totals.rates import select_counted
from tracker.totals.scope import Scope
from tracker.totals.sums import LINES, lines_of


class UnknownReport(LookupError):
    """There is no report with this number."""


class AlteredReport(Exception):
    """The stored content of the report is not what its SHA-256 was made from, or its logo is not."""


class ReportRow(NamedTuple):
    """A report in the list of all."""

    id: int
    kind: str
    fiscal_year: int
    title: str
    sha256: str
    frozen_at: datetime


class ReportSummary(NamedTuple):
    """A report in the list that people read; of an altered one `content` is None, for it may say anything."""

    id: int
    title: str
    sha256: str
    frozen_at: datetime
    author: str
    content: dict[str, Any] | None


class NamedPurchase(NamedTuple):
    """What people call a purchase that a report no longer agrees with."""

    id: int
    day: date
    department: str
    enterprise: str
    subject: str | None


class AuditHead(NamedTuple):
    """The last event of the audit chain."""

    sequence: int
    hash: str


class Terms(NamedTuple):
    """What a report freezes of each purchase as plain values: tax, who procured it, contract, quantity."""

    tax: Tax
    procurement: Procurement
    method: ContractMethod
    contract_number: str | None
    contracted_on: str | None
    quantity: str | None
    unit: str | None


class Trade(NamedTuple):
    """What kind of transaction a purchase is, and whether it counts as social economy."""

    directness: Directness
    nature: Nature
    is_counted: bool


class CountedLine(NamedTuple):
    """A purchase, or a payment of one, that counts in a scheme."""

    id: int
    department_id: int
    department: str
    enterprise_id: int
    enterprise: str
    item: str | None
    contract_name: str | None
    kind: Kind
    day: date
    amount: Won
    types: tuple[str, ...]


@dataclass(frozen=True)
class Excluded:
    """Purchases from social-economy enterprises that count in no statutory total, in won."""

    directness: Directness
    nature: Nature
    amount: Won
    count: int


class Register(NamedTuple):
    """How much stands in the register that verdicts were judged by."""

    enterprises: int
    certifications: int


def get_snapshot(report_id: int) -> Snapshot:
    """Return the frozen report; UnknownReport when there is none."""
    snapshot = db.session.get(Snapshot, report_id)
    if snapshot is None:
        raise UnknownReport(report_id)
    return snapshot


def get_intact_snapshot(report_id: int) -> Snapshot:
    """Return the frozen report; AlteredReport when it must not be shown any more."""
    snapshot = get_snapshot(report_id)
    if sha256_hex(snapshot.content) != snapshot.sha256:
        raise AlteredReport(report_id)
    return snapshot


def list_reports() -> list[ReportRow]:
    """Return all frozen reports, the earliest first."""
    rows = db.session.execute(
        select(
            Snapshot.id,
            Snapshot.kind,
            Snapshot.fiscal_year,
            Snapshot.title,
            Snapshot.sha256,
            Snapshot.frozen_at,
        ).order_by(Snapshot.id)
    )
    return [ReportRow(*row) for row in rows]


def count_reports() -> int:
    """Return how many reports are frozen."""
    return db.session.scalar(select(func.count(Snapshot.id))) or 0


def list_summaries(page: int, size: int) -> list[ReportSummary]:
    """Return a page of the reports, the latest first, one content in memory at a time."""
    found = db.session.execute(
        select(Snapshot.id, Snapshot.title, Snapshot.sha256, Snapshot.frozen_at, User.name, Snapshot.content)
        .join(User, User.id == Snapshot.actor_id)
        .order_by(Snapshot.id.desc())
        .offset((page - 1) * size)
        .limit(size)
        .execution_options(yield_per=1)
    )
    return [
        ReportSummary(number, title, sha256, frozen_at, author, _without_purchases(content, sha256))
        for number, title, sha256, frozen_at, author, content in found
    ]


def _without_purchases(content: str, sha256: str) -> dict[str, Any] | None:
    if sha256_hex(content) != sha256:
        return None
    report: dict[str, Any] = json.loads(content)
    for name in ("annex", "cross"):
        report.pop(name, None)
    return report


def find_author(snapshot: Snapshot) -> str:
    """Return the name of the account that froze the report."""
    return db.session.scalars(select(User.name).where(User.id == snapshot.actor_id)).one()


def name_purchases(purchase_ids: Collection[int]) -> dict[int, NamedPurchase]:
    """Return what these purchases are called today."""
    return {
        row.id: NamedPurchase(*row)
        for run in chunks(purchase_ids)
        for row in db.session.execute(
            select(
                Purchase.id,
                Purchase.purchased_on,
                Department.name,
                Enterprise.name,
                func.coalesce(Purchase.contract_name, Purchase.item),
            )
            .join(Department, Department.id == Purchase.department_id)
            .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
            .where(Purchase.id.in_(run))
        )
    }


def get_audit_head() -> AuditHead:
    """Return where the audit chain stands."""
    head = db.session.execute(
        select(AuditEvent.sequence, AuditEvent.hash).order_by(AuditEvent.sequence.desc()).limit(1)
    ).one_or_none()
    return AuditHead(*head) if head else AuditHead(0, FIRST_HASH)


def find_creation_body(report_id: int) -> str | None:
    """Return what the audit trail says about the making of the report."""
    return db.session.scalar(
        select(AuditEvent.body).where(
            AuditEvent.subject == "report",
            AuditEvent.subject_id == report_id,
            AuditEvent.action == "report.create",
        )
    )


def terms_of(purchase_ids: Collection[int]) -> dict[int, Terms]:
    """Return on what terms each purchase was made."""
    return {
        row.id: Terms(
            row.tax,
            row.procurement,
            row.method,
            row.contract_number,
            row.contracted_on and row.contracted_on.isoformat(),
            None if row.quantity is None else format(row.quantity, "f"),
            row.unit,
        )
        for run in chunks(purchase_ids)
        for row in db.session.execute(
            select(
                Purchase.id,
                Purchase.tax,
                Purchase.procurement,
                Purchase.method,
                Purchase.contract_number,
                Purchase.contracted_on,
                Purchase.quantity,
                Purchase.unit,
            ).where(Purchase.id.in_(run))
        )
    }


def trade_of(purchase_ids: Collection[int]) -> dict[int, Trade]:
    """Return what kind of transaction each purchase is."""
    return {
        purchase_id: Trade(
            directness,
            nature,
            counts_in(
                Measure.SOCIAL,
                is_social=is_social,
                is_certified=is_certified,
                directness=directness,
                nature=nature,
            ),
        )
        for run in chunks(purchase_ids)
        for purchase_id, directness, nature, is_social, is_certified in db.session.execute(
            select(
                Purchase.id, Purchase.directness, Purchase.nature, Purchase.is_social, Purchase.is_certified
            ).where(Purchase.id.in_(run))
        )
    }


def certificates_on(purchase_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the certifications that each purchase counted by on its day, as its verdicts froze them."""
    found: dict[int, list[str]] = {purchase_id: [] for purchase_id in purchase_ids}
    for run in chunks(purchase_ids):
        rows = db.session.execute(
            select(Verdict.purchase_id, CertificationType.name, Verdict.parameters)
            .join(CertificationType, CertificationType.code == Verdict.type)
            .where(Verdict.purchase_id.in_(run), Verdict.replaced_in.is_(None), Verdict.is_eligible)
            .order_by(CertificationType.sort_order)
        )
        for purchase_id, name, parameters in rows:
            number = json.loads(parameters).get("number")
            found[purchase_id].append(f"{name} {number}" if number else name)
    return found


def list_counted(fiscal_year: int, rule: Rule, department_ids: Collection[int]) -> list[CountedLine]:
    """Return every line that counts in a scheme, by day, with the types it has at all."""
    line = LINES[rule.predicate.basis]
    found = db.session.execute(
        select_counted(fiscal_year, rule, department_ids)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .join(Department, Department.id == Purchase.department_id)
        .with_only_columns(
            Purchase.id,
            Department.id,
            Department.name,
            Enterprise.id,
            Enterprise.name,
            Purchase.item,
            Purchase.contract_name,
            Purchase.kind,
            line.day,
            line.amount,
        )
        .order_by(line.day, line.id)
    ).all()
    types = types_of({row[0] for row in found})
    return [CountedLine._make((*row, types[row[0]])) for row in found]


def excluded_sums(question: Question, types: Collection[str] = ()) -> list[Excluded]:
    """Return what is left out though the supplier counted: 간접, 위탁, 보조, 출연.

    It counted in one of these types, or as social economy where none are given.
    """
    held = (
        select(Verdict.id)
        .where(
            Verdict.purchase_id == Purchase.id,
            Verdict.replaced_in.is_(None),
            Verdict.is_eligible,
            Verdict.type.in_(types),
        )
        .exists()
    )
    rows = db.session.execute(
        lines_of(
            replace(question, of=Measure.ALL),
            Side.CURRENT,
            Scope(question).ids(Side.CURRENT),
            [Purchase.directness, Purchase.nature, total(Purchase.amount), func.count()],
        )
        .where(
            held if types else Purchase.is_social,
            or_(Purchase.directness != Directness.DIRECT, Purchase.nature != Nature.PURCHASE),
        )
        .group_by(Purchase.directness, Purchase.nature)
        .order_by(Purchase.directness, Purchase.nature)
    )
    return [Excluded(directness, nature, int(amount), count) for directness, nature, amount, count in rows]


def sum_recorded(
    question: Question, enterprise_ids: Collection[int], kinds: Collection[Kind]
) -> dict[int, Won]:
    """Return what was bought directly this year from each of these suppliers, whether it counts or not."""
    found: dict[int, Won] = {}
    everything = replace(question, of=Measure.ALL)
    ids = Scope(question).ids(Side.CURRENT)
    for run in chunks(enterprise_ids):
        rows = db.session.execute(
            lines_of(
                everything, Side.CURRENT, ids, [Purchase.enterprise_id, total(LINES[question.basis].amount)]
            )
            .where(
                Purchase.enterprise_id.in_(run),
                Purchase.kind.in_(kinds),
                Purchase.directness == Directness.DIRECT,
                Purchase.nature == Nature.PURCHASE,
            )
            .group_by(Purchase.enterprise_id)
        )
        found |= {enterprise_id: int(amount) for enterprise_id, amount in rows}
    return found


def count_register() -> Register:
    """Return the size of the register of enterprises and their certifications."""
    return Register(
        db.session.scalar(select(func.count(Enterprise.id))) or 0,
        db.session.scalar(select(func.count(Certification.id))) or 0,
    )
