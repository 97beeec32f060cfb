"""Reading batches, and what the checks of a file need to know of the ledger."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Date, or_, select
from sqlalchemy import func as sql
from sqlalchemy.orm import InstrumentedAttribute

from tracker.audit.models import AuditEvent
from tracker.core.money import Won
from tracker.core.vocabulary import Kind
from tracker.departments.models import Department
from tracker.enterprises.models import Certification, Enterprise
from tracker.extensions import chunks, db, placeholder
from tracker.imports.models import ImportBatch, ImportedRow, ImportSubject
from tracker.purchases.drafts import FACT_NAMES, Facts, PaymentDraft, facts_of
from tracker.purchases.models import Payment, Purchase, PurchaseRevision
from tracker.spending.models import Spending

# Each key has two parameters; a statement takes 32,766 of them on SQLite.
KEYS_PER_STATEMENT = 1_000
READ_CHUNK = 2_000


class BatchRow(NamedTuple):
    """One batch as a list shows it."""

    id: int
    subject: ImportSubject
    file: str
    layout: str
    imported: int
    amount: Won
    imported_at: datetime
    actor_id: int
    undone_at: datetime | None
    undo_reason: str | None


class KnownEnterprise(NamedTuple):
    """An enterprise as far as a file can name it."""

    id: int
    name: str
    business_number: str | None
    address: str | None = None


class LedgerLine(NamedTuple):
    """A purchase that a row may repeat: as it stands, as it was first recorded, and its payments."""

    id: int
    versions: tuple[Facts, ...]
    payments: frozenset[tuple[date, Won]]


class ContractLine(NamedTuple):
    """A purchase that stands under a contract and item number."""

    id: int
    amendment: int
    facts: Facts


class Obstacle(NamedTuple):
    """A purchase that was changed since its batch came in."""

    purchase_id: int
    version: int


class ImportedPurchase(NamedTuple):
    """A row of a file with the purchase that it recorded (revision 1) or amended, as it stands now."""

    row_number: int
    purchase_id: int
    revision: int | None
    day: date
    department: str
    enterprise: str
    subject: str | None
    amount: Won
    is_reversed: bool


class Origin(NamedTuple):
    """The row of a file from which a revision of a purchase came."""

    batch_id: int
    file: str
    row_number: int
    revision: int | None


def origins_of(purchase_id: int) -> list[Origin]:
    """Return the rows of files that made or amended a purchase."""
    rows = db.session.execute(
        select(ImportBatch.id, ImportBatch.file_name, ImportedRow.row_number, ImportedRow.revision)
        .join(ImportBatch, ImportBatch.id == ImportedRow.batch_id)
        .where(ImportBatch.subject == ImportSubject.PURCHASES, ImportedRow.subject_id == purchase_id)
        .order_by(ImportedRow.revision)
    )
    return [Origin(*row) for row in rows]


def last_change() -> int:
    """Return the number of the last act that may change what a file would do; signing in is none."""
    return (
        db.session.scalar(
            select(AuditEvent.sequence)
            .where(AuditEvent.subject != "account")
            .order_by(AuditEvent.sequence.desc())
            .limit(1)
        )
        or 0
    )


def find_batch(batch_id: int) -> ImportBatch | None:
    """Return the batch of this number."""
    return db.session.get(ImportBatch, batch_id)


def count_batches(subject: ImportSubject | None = None) -> int:
    """Return how many batches there are, of one subject or of all."""
    wanted = (ImportBatch.subject == subject,) if subject else ()
    return db.session.scalar(select(sql.count()).select_from(ImportBatch).where(*wanted)) or 0


def list_purchases_of(batch_id: int, after: int, limit: int) -> list[ImportedPurchase]:
    """Return what the rows behind the row `after` became, as the purchases stand now."""
    rows = db.session.execute(
        select(
            ImportedRow.row_number,
            Purchase.id,
            ImportedRow.revision,
            Purchase.purchased_on,
            Department.name,
            Enterprise.name,
            sql.coalesce(Purchase.item, Purchase.contract_name),
            Purchase.amount,
            Purchase.is_reversed,
        )
        .join(Purchase, Purchase.id == ImportedRow.subject_id)
        .join(Department, Department.id == Purchase.department_id)
        .join(Enterprise, Enterprise.id == Purchase.enterprise_id)
        .where(ImportedRow.batch_id == batch_id, ImportedRow.row_number > after)
        .order_by(ImportedRow.row_number)
        .limit(limit)
    )
    return [ImportedPurchase(*row) for row in rows]


def list_batches(
    subject: ImportSubject | None = None, first: int = 0, number: int | None = None
) -> list[BatchRow]:
    """Return the batches, the newest first: all, or so many from the first one on, counted from 0."""
    wanted = (ImportBatch.subject == subject,) if subject else ()
    rows = db.session.scalars(
        select(ImportBatch).where(*wanted).order_by(ImportBatch.id.desc()).offset(first).limit(number)
    )
    return [
        BatchRow(
            row.id, row.subject, row.file_name, row.layout, row.imported, row.amount,
            row.imported_at, row.actor_id, row.undone_at, row.undo_reason,
        )
        for row in rows
    ]  # fmt: skip


def find_standing_batch(subject: ImportSubject, file_sha256: str, options: str) -> ImportBatch | None:
    """Return the batch by which the same file came in the same way, unless it was undone."""
    return db.session.scalar(
        select(ImportBatch)
        .where(
            ImportBatch.file_sha256 == file_sha256,
            ImportBatch.subject == subject,
            ImportBatch.options == options,
            ImportBatch.undone_at.is_(None),
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


def result_of(batch: ImportBatch) -> dict[str, Any]:
    """Return what was reported when the batch came in."""
    return dict(json.loads(batch.result))


def list_known_enterprises() -> list[KnownEnterprise]:
    """Return what every enterprise can be known by."""
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.business_number, Enterprise.address).order_by(
            Enterprise.id
        )
    )
    return [KnownEnterprise(*row) for row in rows]


def enterprises_by_id(ids: Collection[int]) -> Iterator[Enterprise]:
    """Yield these enterprises."""
    for run in chunks(ids):
        yield from db.session.scalars(select(Enterprise).where(Enterprise.id.in_(run)))


def certifications_of(enterprise_ids: Collection[int]) -> Iterator[Certification]:
    """Yield the certifications of these enterprises, as stored."""
    for run in chunks(enterprise_ids):
        yield from db.session.scalars(
            select(Certification).where(Certification.enterprise_id.in_(run)).order_by(Certification.id)
        )


def holders_of(type_code: str) -> list[int]:
    """Return the enterprises that have, or had, a certification of this type."""
    return list(
        db.session.scalars(
            select(Certification.enterprise_id).where(Certification.type == type_code).distinct()
        )
    )


def newest_purchase() -> int:
    """Return the highest number of a purchase so far: what a file brings itself stands above it."""
    return db.session.scalar(select(sql.max(Purchase.id))) or 0


def moved_purchases() -> dict[tuple[date, Won], list[int]]:
    """Return the purchases whose date or amount was corrected, by what was recorded first."""
    moved: dict[tuple[date, Won], list[int]] = defaultdict(list)
    for purchase_id, day, amount in db.session.execute(
        select(Purchase.id, PurchaseRevision.purchased_on, PurchaseRevision.amount)
        .join(PurchaseRevision, PurchaseRevision.purchase_id == Purchase.id)
        .where(
            Purchase.version > 1,
            Purchase.is_reversed.is_(False),
            PurchaseRevision.number == 1,
            or_(
                PurchaseRevision.purchased_on != Purchase.purchased_on,
                PurchaseRevision.amount != Purchase.amount,
            ),
        )
        .order_by(Purchase.id)
    ):
        moved[day, amount].append(purchase_id)
    return moved


def ids_by_day_and_amount(keys: Collection[tuple[date, Won]], newest: int) -> list[int]:
    """Return the purchases with one of these dates and amounts that are not reversed, up to `newest`."""
    found: list[int] = []
    connection = db.session.connection()
    mark = placeholder(connection)
    store_day = Date().dialect_impl(connection.dialect).bind_processor(connection.dialect)
    wanted = [(store_day(day) if store_day else day, amount) for day, amount in sorted(set(keys))]
    for start in range(0, len(wanted), KEYS_PER_STATEMENT):
        run = wanted[start : start + KEYS_PER_STATEMENT]
        pairs = ", ".join([f"({mark}, {mark})"] * len(run))
        # Joined, for SQLite would go through the whole ledger for pairs in a list.
        found += connection.exec_driver_sql(
            f"WITH pair (day, won) AS (VALUES {pairs})"  # noqa: S608 - marks
            " SELECT purchase.id FROM pair JOIN purchase ON purchased_on = day AND amount = won"
            f" WHERE purchase.id <= {mark} AND NOT is_reversed",
            (*chain.from_iterable(run), newest),
        ).scalars()
    return found


def ledger_lines(purchase_ids: Collection[int]) -> list[LedgerLine]:
    """Return these purchases, in the order of recording, as rows of a file are compared with them."""
    lines: list[LedgerLine] = []
    for run in chunks(purchase_ids):
        payments: dict[int, set[tuple[date, Won]]] = defaultdict(set)
        for purchase_id, paid_on, amount in db.session.execute(
            select(Payment.purchase_id, Payment.paid_on, Payment.amount).where(
                Payment.purchase_id.in_(run), or_(Payment.added_in == 1, Payment.removed_in.is_(None))
            )
        ):
            payments[purchase_id].add((paid_on, amount))
        current = db.session.execute(
            select(Purchase.id, Purchase.version, *_facts(Purchase))
            .where(Purchase.id.in_(run))
            .order_by(Purchase.id)
        ).all()
        first = {
            row.purchase_id: facts_of(row)
            for row in db.session.execute(
                select(PurchaseRevision.purchase_id, *_facts(PurchaseRevision)).where(
                    PurchaseRevision.purchase_id.in_([row.id for row in current if row.version > 1]),
                    PurchaseRevision.number == 1,
                )
            )
        }
        for row in current:
            versions = (facts_of(row), first[row.id]) if row.id in first else (facts_of(row),)
            lines.append(LedgerLine(row.id, versions, frozenset(payments[row.id])))
    return lines


def _facts(table: type[Purchase] | type[PurchaseRevision]) -> list[InstrumentedAttribute[Any]]:
    return [getattr(table, name) for name in FACT_NAMES]


def contract_lines(
    contract_numbers: Collection[str], newest: int
) -> dict[tuple[str, str | None], list[ContractLine]]:
    """Return the purchases under these contract numbers by (contract, item) number; not amended is 0."""
    found: dict[tuple[str, str | None], list[ContractLine]] = defaultdict(list)
    wanted = sorted(contract_numbers)
    for start in range(0, len(wanted), KEYS_PER_STATEMENT):
        for row in db.session.execute(
            select(Purchase.id, *_facts(Purchase))
            .where(
                Purchase.contract_number.in_(wanted[start : start + KEYS_PER_STATEMENT]),
                Purchase.id <= newest,
                Purchase.is_reversed.is_(False),
            )
            .order_by(Purchase.id)
        ):
            key = (str(row.contract_number), row.contract_item)
            found[key].append(ContractLine(row.id, row.amendment or 0, facts_of(row)))
    return found


def current_spending(fiscal_years: Collection[int]) -> dict[tuple[int, int, Kind, str], Won]:
    """Return the figures that stand in these years by (department, year, kind, 통계목)."""
    rows = db.session.execute(
        select(
            Spending.department_id, Spending.fiscal_year, Spending.kind, Spending.budget_item, Spending.amount
        ).where(Spending.fiscal_year.in_(fiscal_years), Spending.replaced_at.is_(None))
    )
    return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in rows}


def imported_purchases(batch_id: int) -> dict[int, list[int]]:
    """Return the purchases that a batch recorded or amended, each with the revisions it made."""
    found: dict[int, list[int]] = defaultdict(list)
    for purchase_id, number in db.session.execute(
        select(ImportedRow.subject_id, ImportedRow.revision)
        .where(ImportedRow.batch_id == batch_id)
        .order_by(ImportedRow.subject_id, ImportedRow.revision)
    ):
        found[purchase_id].append(number or 1)
    return found


def imported_ids(batch_id: int) -> list[int]:
    """Return what the rows of a batch became."""
    return list(
        db.session.scalars(
            select(ImportedRow.subject_id)
            .where(ImportedRow.batch_id == batch_id)
            .distinct()
            .order_by(ImportedRow.subject_id)
        )
    )


def revision_before(purchase_id: int, number: int) -> tuple[Facts, tuple[PaymentDraft, ...]]:
    """Return what a purchase said, and its payments, before this revision."""
    revision = db.session.scalars(
        select(PurchaseRevision).where(
            PurchaseRevision.purchase_id == purchase_id, PurchaseRevision.number == number - 1
        )
    ).one()
    return facts_of(revision), payments_at(purchase_id, number - 1)


def payments_at(purchase_id: int, number: int) -> tuple[PaymentDraft, ...]:
    """Return the payments of a purchase as of one of its revisions."""
    rows = db.session.scalars(
        select(Payment)
        .where(
            Payment.purchase_id == purchase_id,
            Payment.added_in <= number,
            or_(Payment.removed_in.is_(None), Payment.removed_in > number),
        )
        .order_by(Payment.paid_on, Payment.amount, Payment.id)
    )
    return tuple(
        PaymentDraft(paid_on=row.paid_on, amount=row.amount, fiscal_year=row.fiscal_year, kind=row.kind)
        for row in rows
    )


def find_obstacles(revisions: dict[int, list[int]]) -> list[Obstacle]:
    """Return the purchases that no longer say what the batch last made them say; reversed ones are none."""
    found: list[Obstacle] = []
    for run in chunks(revisions):
        changed = [
            (row.id, row.version)
            for row in db.session.execute(
                select(Purchase.id, Purchase.version)
                .where(Purchase.id.in_(run), Purchase.is_reversed.is_(False))
                .order_by(Purchase.id)
            )
            if row.version != revisions[row.id][-1]
        ]
        found += [Obstacle(*pair) for pair in changed if not _says_the_same(*pair, revisions[pair[0]][-1])]
    return found


def _says_the_same(purchase_id: int, version: int, number: int) -> bool:
    # A later batch that was itself taken back leaves two revisions more, and nothing else changed.
    digests = db.session.scalars(
        select(PurchaseRevision.digest).where(
            PurchaseRevision.purchase_id == purchase_id, PurchaseRevision.number.in_([version, number])
        )
    )
    return len(set(digests)) == 1 and payments_at(purchase_id, version) == payments_at(purchase_id, number)


def reversed_among(purchase_ids: Collection[int]) -> set[int]:
    """Return which of these purchases are reversed."""
    found: set[int] = set()
    for run in chunks(purchase_ids):
        found |= set(
            db.session.scalars(
                select(Purchase.id).where(Purchase.id.in_(run), Purchase.is_reversed.is_(True))
            )
        )
    return found


def batch_digest(batch_id: int, subject: ImportSubject) -> str:
    """Return the SHA-256 over a batch's canonical rows: row number, and what the row became, line by line.

    A purchase stands there by the digest of its revision's facts, a figure of spending with its amount.
    """
    lines = hashlib.sha256()
    for line in _canonical_rows(batch_id, subject):
        lines.update(":".join(map(str, line)).encode() + b"\n")
    return lines.hexdigest()


def _canonical_rows(batch_id: int, subject: ImportSubject) -> Iterator[tuple[object, ...]]:
    row, own = ImportedRow.row_number, ImportedRow.batch_id == batch_id
    query: Any
    if subject is ImportSubject.PURCHASES:
        query = select(row, PurchaseRevision.digest).join(
            PurchaseRevision,
            (PurchaseRevision.purchase_id == ImportedRow.subject_id)
            & (PurchaseRevision.number == ImportedRow.revision),
        )
    elif subject is ImportSubject.SPENDING:
        query = select(
            row,
            Spending.department_id,
            Spending.fiscal_year,
            Spending.kind,
            Spending.budget_item,
            Spending.amount,
        ).join(Spending, Spending.id == ImportedRow.subject_id)
    else:
        query = select(row, ImportedRow.subject_id)
    found = db.session.execute(query.where(own).order_by(row).execution_options(yield_per=READ_CHUNK))
    for values in found:
        yield tuple(values)
