"""Taking in files and taking batches back: preview, commit, undo. One file, one transaction."""

import gc
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from sqlalchemy import Table, text, update

from tracker.audit.acting import Acting
from tracker.audit.once import find_outcome, remember_outcome
from tracker.audit.services import record_event
from tracker.enterprises.editions import withdraw_edition
from tracker.enterprises.services import (
    certify,
    change_certification,
    record_status,
    register_enterprise,
    update_enterprise,
)
from tracker.extensions import db, get_locked, insert_rows, transaction
from tracker.imports.amendments import Amendments
from tracker.imports.duplicates import Repeats
from tracker.imports.enterprise_rows import EnterprisePlan, PlannedChange
from tracker.imports.layouts import Recognised, recognise
from tracker.imports.learnt_layouts import learnt_layouts
from tracker.imports.models import AmendmentRule, ImportBatch, ImportedRow, ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.plan_rows import PlannedLine, YearlyPlan
from tracker.imports.problems import Problem
from tracker.imports.purchase_rows import PlannedPurchase, PurchasePlan
from tracker.imports.queries import (
    Obstacle,
    batch_digest,
    find_obstacles,
    find_standing_batch,
    imported_ids,
    imported_purchases,
    result_of,
    reversed_among,
    revision_before,
)
from tracker.imports.reading import Row, read_sheet
from tracker.imports.reading.headers import HEADER_WITHIN
from tracker.imports.results import Differences, ImportResult
from tracker.imports.rows import ParsedRow, RowReader
from tracker.imports.spending_rows import PlannedFigure, SpendingPlan
from tracker.imports.stated_sums import StatedSums
from tracker.purchases.drafts import PurchaseDraft
from tracker.purchases.rollup import Sums, apply_sums
from tracker.purchases.services import add_purchases, reverse_in_batch, revise_in_batch
from tracker.spending.services import record_spending, withdraw_spending
from tracker.targets.services import plan_purchases, withdraw_plan

ROWS_AT_ONCE = 2_000
# PostgreSQL: one file at a time, for two of the same content would not see each other.
IMPORT_LOCK = 7_202_412

Planned = TypeVar("Planned", covariant=True)


class UnknownBatch(LookupError):
    """There is no batch with this number."""


class AlreadyUndone(Exception):
    """The batch was taken back before."""


class TakenInBefore(Exception):
    """The same form was sent before; its file came in as this batch."""

    def __init__(self, batch_id: int) -> None:
        super().__init__(batch_id)
        self.batch_id = batch_id


class OutcomeChanged(Exception):
    """What would happen is no longer what the person was told; nothing was stored."""

    def __init__(self, result: ImportResult) -> None:
        super().__init__(result.file)
        self.result = result


class UndoRefused(Exception):
    """Purchases of the batch were changed since; they stand in the way."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__(len(obstacles))
        self.obstacles = obstacles


class Undone(NamedTuple):
    """What taking a batch back did."""

    batch_id: int
    subject: ImportSubject
    reversed_purchases: int
    restored_purchases: int
    withdrawn_figures: int


class Plan(Protocol[Planned]):
    """What the rows of one subject become."""

    def plan(self, rows: Sequence[ParsedRow]) -> Sequence[Planned]:
        """Return what becomes of these rows."""

    def finish(self) -> Sequence[Planned]:
        """Return what only the whole file tells."""


def tell_nobody(_rows: int) -> None:
    """Take note of no progress."""


def preview(
    path: Path,
    subject: ImportSubject,
    options: ImportOptions,
    by: Acting,
    name: str | None = None,
    report: Callable[[int], None] = tell_nobody,
) -> ImportResult:
    """Return what taking the file in would do; nothing is stored. Raises UnreadableFile and OSError.

    `report` is told how many rows have been gone through.
    """
    result = ImportResult(subject, name or path.name)
    if not _is_repeat(path, options, result):
        _go_through(path, options, by, result, lambda _plan, _planned: None, report)
    return result


def take_in(
    path: Path,
    subject: ImportSubject,
    options: ImportOptions,
    by: Acting,
    name: str | None = None,
    report: Callable[[int], None] = tell_nobody,
    *,
    seal: str | None = None,
    key: str | None = None,
) -> ImportResult:
    """Take a file in, all of it or (where an error refuses it) nothing, and return the account.

    Of a revision the amount counted is the row's own, which is the value of the whole contract line. It is a
    transaction of its own, not part of another. `seal` is that of the preview which the person agreed to,
    `key` that of the form. Raises UnreadableFile, OSError, OutcomeChanged and TakenInBefore.
    """
    result = ImportResult(subject, name or path.name)
    with _without_collecting(), _whole_or_nothing(result):
        done = find_outcome(key, by) if key else None
        if done is not None:
            raise TakenInBefore(done)
        if not _is_repeat(path, options, result):
            batch_id = _open_batch(path, options, result, by)
            write = _WRITERS[subject]
            entry = _Entry(batch_id, by, options.late_reason, Sums())
            _go_through(path, options, by, result, lambda plan, planned: write(plan, planned, entry), report)
        if seal is not None and not (result.goes_in and result.seal() == seal):
            raise OutcomeChanged(result)
        if result.goes_in:
            result.batch = batch_id
            apply_sums(entry.sums)
            _close_batch(batch_id, result, by, options.late_reason)
        if key and result.batch is not None:
            remember_outcome(key, result.batch, by)
    return result


def count_rows(path: Path, at_most: int | None = None) -> int:
    """Return how many rows the file has, headings included. Raises UnreadableFile and OSError."""
    with read_sheet(path) as sheet:
        return sum(1 for _ in islice(sheet.rows, at_most))


class _NothingToStore(Exception):
    """Ends a transaction whose account says that nothing goes in."""


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let nobody look for cycles: a file's rows make none, and going through them all takes long."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


@contextmanager
def _whole_or_nothing(result: ImportResult) -> Iterator[None]:
    try:
        with transaction():
            if db.session.get_bind().dialect.name == "postgresql":
                db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": IMPORT_LOCK})
            yield
            if result.batch is None:
                raise _NothingToStore
    except _NothingToStore:
        pass


def _is_repeat(path: Path, options: ImportOptions, result: ImportResult) -> bool:
    """Account for a file that came in whole before, and still stands, without going through it."""
    batch = find_standing_batch(result.subject, _sha256(path), options.meaning())
    if batch is None:
        return False
    result.already_imported = True
    before = result_of(batch)
    if before["rejected"]:
        # Some of its rows were refused then: they may be taken in now.
        return False
    result.batch = batch.id
    for name in ("layout", "encoding", "header_row", "rows_read"):
        setattr(result, name, before[name])
    result.skipped = Counter(before["skipped"])
    result.skip("duplicate", before["imported"])
    if options.edition and options.type:
        result.differences = Differences()
    return True


def _go_through(
    path: Path,
    options: ImportOptions,
    by: Acting,
    result: ImportResult,
    store: Callable[[object, Sequence[object]], None],
    report: Callable[[int], None],
) -> None:
    """Read, map and judge the rows, handing over what goes in as long as nothing speaks against it."""
    with read_sheet(path) as sheet:
        result.encoding = sheet.encoding
        # One row more than headings may stand in: it may hold their units.
        head = list(islice(sheet.rows, HEADER_WITHIN + 1))
        recognised = recognise(
            head[:HEADER_WITHIN], result.subject, options.layout, learnt_layouts(result.subject)
        )
        if recognised is None:
            result.rows_read = result.rejected = len(head) + sum(1 for _ in sheet.rows)
            result.problems.append(Problem(None, None, None, "header_not_found"))
            result.refuse()
            return
        result.layout, result.header_row = recognised.layout.name, recognised.header.row_number
        result.amendments = recognised.amendments
        reader = RowReader(recognised, head)
        rows = recognised.rows_below(chain(head, sheet.rows))
        if reader.department:
            # A sheet that was made for a department says whose it is, whoever brings it back.
            options = replace(options, department=reader.department)
        missing = recognised.missing(options.given())
        if missing or reader.problems:
            _refuse_whole(recognised, missing, reader, rows, result)
            return
        plan = _plan_for(path, recognised, reader, options, by, result)
        sums = StatedSums()
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            planned = plan.plan(list(_read_rows(chunk, reader, result, sums)))
            if options.accept_valid or not result.rejected:
                store(plan, planned)
            report(result.rows_read)
        result.problems += sums.finish()
        planned = plan.finish()
        if options.accept_valid or not result.rejected:
            store(plan, planned)
    if not result.rows_read:
        result.problems.append(Problem(result.header_row, None, None, "no_rows"))
    if not result.rows_read or (result.rejected and not options.accept_valid):
        result.refuse()
    if result.goes_in:
        result.already_imported = False
    result.problems.sort(key=lambda problem: problem.row or 0)


def _read_rows(
    rows: Sequence[Row], reader: RowReader, result: ImportResult, sums: StatedSums
) -> Iterator[ParsedRow]:
    for row in rows:
        result.rows_read += 1
        if reason := reader.skip_reason(row):
            result.skip(reason)
            if label := reader.sum_label(row):
                result.problems += sums.check(reader.read(row), label)
        else:
            parsed = reader.read(row)
            sums.add(parsed)
            yield parsed


def _refuse_whole(
    recognised: Recognised,
    missing: Sequence[tuple[str, ...]],
    reader: RowReader,
    rows: Iterator[Row],
    result: ImportResult,
) -> None:
    """Refuse a file that lacks a required column, or says two units of its amounts.

    Its likely duplicates are judged on what there is.
    """
    result.problems += reader.problems
    for group in missing:
        named = " / ".join(recognised.heading(field) for field in group)
        result.problems.append(
            Problem(recognised.header.row_number, named, None, "column_missing", {"column": named})
        )
    if recognised.layout.lacks:
        result.problems.append(Problem(recognised.header.row_number, None, None, recognised.layout.lacks))
    repeats = Repeats()
    for row in rows:
        result.rows_read += 1
        result.rejected += 1
        if reader.skip_reason(row) is None:
            parsed = ParsedRow(row, recognised)
            repeats.note_unread(parsed)
            result.problems += parsed.problems
    result.refuse()


def _plan_for(
    path: Path,
    recognised: Recognised,
    reader: RowReader,
    options: ImportOptions,
    by: Acting,
    result: ImportResult,
) -> Plan[object]:
    if result.subject is ImportSubject.ENTERPRISES:
        return EnterprisePlan(options, by.at.date(), result, recognised.layout)
    if result.subject is ImportSubject.SPENDING:
        return SpendingPlan(options, result)
    if result.subject is ImportSubject.PLAN:
        return YearlyPlan(options, result)
    amendments = None
    if recognised.amendments is AmendmentRule.FINAL:
        with read_sheet(path) as sheet:
            rows = (row for row in recognised.rows_below(sheet.rows) if reader.skip_reason(row) is None)
            amendments = Amendments(map(reader.read, rows))
    return PurchasePlan(recognised, options, amendments, result)


class _Entry(NamedTuple):
    """Into which batch rows are written, by whom, and why those of closed periods come late.

    `sums` are those of the new purchases: they are stored once, for the rows of a file share most of them.
    """

    batch_id: int
    by: Acting
    late_reason: str
    sums: Sums


def _write_purchases(plan: PurchasePlan, planned: Sequence[PlannedPurchase], entry: _Entry) -> None:
    if not planned:
        return
    batch_id, by, late_reason, sums = entry
    plan.departments.store(by)
    plan.enterprises.store(by)
    change = _change(batch_id)
    new = [each for each in planned if each.amends is None]
    amended = [each for each in planned if each.amends is not None]
    drafts = [_with_stored_parties(each.draft, plan) for each in new]
    ids = add_purchases(drafts, by, change, late_reason, plan.records, sums) if new else []
    _note_rows(batch_id, [(each.row_number, number, 1) for each, number in zip(new, ids, strict=True)])
    revisions = [(each.amends or 0, _with_stored_parties(each.draft, plan)) for each in amended]
    numbers = revise_in_batch(revisions, change, by, late_reason)
    _note_rows(
        batch_id,
        [(each.row_number, each.amends or 0, n) for each, n in zip(amended, numbers, strict=True)],
    )


def _with_stored_parties(draft: PurchaseDraft, plan: PurchasePlan) -> PurchaseDraft:
    facts = draft.facts
    contracting = facts.contracting_department_id
    if min(facts.department_id, facts.enterprise_id, contracting or 0) >= 0:
        return draft
    return PurchaseDraft(
        facts=facts.naming(
            department_id=plan.departments.stored(facts.department_id),
            contracting_department_id=None if contracting is None else plan.departments.stored(contracting),
            enterprise_id=plan.enterprises.stored(facts.enterprise_id),
        ),
        payments=draft.payments,
    )


def _write_changes(plan: EnterprisePlan, planned: Sequence[PlannedChange], entry: _Entry) -> None:
    batch_id, by, *_ = entry
    for each in planned:
        if each.enterprise:
            if plan.enterprises.is_planned(each.enterprise_id):
                plan.enterprises.mark_stored(each.enterprise_id, register_enterprise(each.enterprise, by))
            else:
                update_enterprise(plan.enterprises.stored(each.enterprise_id), each.enterprise, by)
        enterprise_id = plan.enterprises.stored(each.enterprise_id)
        certification_id = each.certification_id
        if each.certification and certification_id is not None:
            if certification_id in plan.new_certifications or certification_id > 0:
                certification_id = plan.new_certifications.get(certification_id, certification_id)
                change_certification(certification_id, each.certification, by)
            else:
                plan.new_certifications[certification_id] = certify(enterprise_id, each.certification, by)
        if each.status and each.certification_id is not None:
            certification_id = plan.new_certifications.get(each.certification_id, each.certification_id)
            record_status(certification_id, each.status.kind, each.status.happened_on, None, by)
        _note_rows(batch_id, [(each.row_number, enterprise_id, None)])
    if plan.members:
        plan.keep_edition(batch_id, by)


def _write_figures(plan: SpendingPlan, planned: Sequence[PlannedFigure], entry: _Entry) -> None:
    batch_id, by, *_ = entry
    plan.departments.store(by)
    drafts = [
        replace(each.draft, department_id=plan.departments.stored(each.draft.department_id))
        for each in planned
    ]
    for each, recorded in zip(planned, record_spending(drafts, by), strict=True):
        assert recorded.spending_id is not None
        _note_rows(batch_id, [(number, recorded.spending_id, None) for number in each.row_numbers])


def _write_lines(plan: YearlyPlan, planned: Sequence[PlannedLine], entry: _Entry) -> None:
    if not planned:
        return
    batch_id, by, *_ = entry
    plan.departments.store(by)
    drafts = [
        replace(each.draft, department_id=plan.departments.stored(each.draft.department_id))
        for each in planned
    ]
    numbers = plan_purchases(drafts, by)
    _note_rows(batch_id, [(each.row_number, n, None) for each, n in zip(planned, numbers, strict=True)])


_WRITERS: dict[ImportSubject, Callable[[Any, Any, _Entry], None]] = {
    ImportSubject.PURCHASES: _write_purchases,
    ImportSubject.ENTERPRISES: _write_changes,
    ImportSubject.SPENDING: _write_figures,
    ImportSubject.PLAN: _write_lines,
}


def _note_rows(batch_id: int, rows: Sequence[tuple[int, int, int | None]]) -> None:
    insert_rows(
        cast("Table", ImportedRow.__table__),
        ("batch_id", "row_number", "subject_id", "revision"),
        [(batch_id, *row) for row in rows],
    )


def _open_batch(path: Path, options: ImportOptions, result: ImportResult, by: Acting) -> int:
    batch = ImportBatch(
        subject=result.subject,
        file_name=result.file[-255:],
        file_sha256=_sha256(path),
        options=options.meaning(),
        layout="",
        imported=0,
        amount=0,
        result="{}",
        digest="",
        actor_id=by.actor_id,
        imported_at=by.at,
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


def _close_batch(batch_id: int, result: ImportResult, by: Acting, late_reason: str) -> None:
    digest = batch_digest(batch_id, result.subject)
    db.session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id)
        .values(
            layout=result.layout,
            imported=result.imported,
            amount=result.amount,
            result=json.dumps(result.account(), ensure_ascii=False),
            digest=digest,
        )
    )
    record_event(
        by,
        f"import.{result.subject.value}",
        "import_batch",
        batch_id,
        {"rows": result.imported, "amount": result.amount, "digest": digest, "reason": late_reason},
    )


def undo_batch(batch_id: int, reason: str, by: Acting) -> Undone:
    """Take a batch back whole: its purchases out of all totals, what it replaced in force again.

    Departments and enterprises that it made stay; an edition is taken out. Raises UnknownBatch,
    AlreadyUndone, and UndoRefused where a purchase was corrected or paid since.
    """
    with transaction():
        batch = get_locked(ImportBatch, batch_id)
        if batch is None:
            raise UnknownBatch(batch_id)
        if batch.undone_at is not None:
            raise AlreadyUndone(batch_id)
        subject = batch.subject
        counts = (0, 0, 0)
        if subject is ImportSubject.PURCHASES:
            counts = (*_take_back_purchases(batch_id, reason, by), 0)
        elif subject is ImportSubject.SPENDING:
            figures = imported_ids(batch_id)
            withdraw_spending(figures, reason, by)
            counts = (0, 0, len(figures))
        elif subject is ImportSubject.ENTERPRISES:
            withdraw_edition(batch_id, reason, by)
        elif subject is ImportSubject.PLAN:
            counts = (0, 0, withdraw_plan(imported_ids(batch_id), reason, by))
        db.session.execute(
            update(ImportBatch).where(ImportBatch.id == batch_id).values(undone_at=by.at, undo_reason=reason)
        )
        record_event(by, "import.undo", "import_batch", batch_id, {"reason": reason})
        return Undone(batch_id, subject, *counts)


def _take_back_purchases(batch_id: int, reason: str, by: Acting) -> tuple[int, int]:
    revisions = imported_purchases(batch_id)
    if obstacles := find_obstacles(revisions):
        raise UndoRefused(obstacles)
    gone = reversed_among(revisions)
    made = [number for number, made in revisions.items() if made[0] == 1 and number not in gone]
    amended = {number: made[0] for number, made in revisions.items() if made[0] > 1 and number not in gone}
    reverse_in_batch(made, reason, by)
    restored = []
    for purchase_id, number in amended.items():
        facts, payments = revision_before(purchase_id, number)
        restored.append((purchase_id, PurchaseDraft(facts=facts, payments=payments)))
    revise_in_batch(restored, reason, by)
    return len(made), len(restored)


def _change(batch_id: int) -> str:
    return f"import {batch_id}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
