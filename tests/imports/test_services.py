"""Taking files of purchases in, all of them or nothing, and taking batches back."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from tests.factories import BY, make_department, make_enterprise
from tests.imports.files import (
    HEADINGS,
    adds_up,
    codes_of,
    import_purchases,
    preview_purchases,
    purchase_row,
    write_text,
    write_workbook,
)
from tracker.core.vocabulary import Kind, PaymentKind
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportBatch, ImportedRow
from tracker.imports.queries import list_batches
from tracker.imports.services import AlreadyUndone, UndoRefused, UnknownBatch, undo_batch
from tracker.purchases.drafts import PaymentDraft, PurchaseDraft, facts_of
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import Payment, Purchase
from tracker.purchases.services import correct_purchase, record_payment, reverse_purchase


@pytest.fixture
def office(any_app: Flask) -> int:  # noqa: ARG001
    """Return the department of the usual row; its enterprise is certified from 2020 on."""
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    return make_department("총무과")


@pytest.fixture
def desk(app: Flask) -> int:  # noqa: ARG001
    """Return the same on SQLite alone."""
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    return make_department("총무과")


def total() -> int:
    """Return what the ledger adds up to."""
    amounts = select(func.coalesce(func.sum(Purchase.amount), 0)).where(Purchase.is_reversed.is_(False))
    return int(db.session.scalar(amounts) or 0)


def count(model: type[Purchase | Department | Enterprise | ImportBatch | ImportedRow]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def only_purchase() -> Purchase:
    return db.session.scalars(select(Purchase).order_by(Purchase.id)).one()


def assert_sound() -> None:
    """The ledger, its rollup and the batches agree with their history."""
    assert list(check_ledger()) == []
    assert list(check_batches()) == []


def usual_file(folder: Path, *rows: list[object], name: str = "purchases.csv") -> Path:
    return write_text(folder / name, [HEADINGS, *(rows or [purchase_row()])])


def test_a_file_becomes_purchases_judged_on_their_day(office: int, tmp_path: Path) -> None:
    result = import_purchases(usual_file(tmp_path))

    purchase = only_purchase()
    assert (result.imported, result.amount, codes_of(result)) == (1, 1_000_000, [])
    assert (result.layout, result.header_row, result.encoding) == ("own-purchases", 1, "utf-8")
    assert (purchase.department_id, purchase.amount, purchase.fiscal_year) == (office, 1_000_000, 2026)
    assert (purchase.kind, purchase.contracted_on) == (Kind.GOODS, date(2026, 3, 2))
    assert purchase.is_social
    assert_sound()


@pytest.mark.parametrize(
    ("encoding", "delimiter", "named"),
    [
        ("utf-8", ",", "utf-8"),
        ("utf-8-sig", ";", "utf-8"),
        ("cp949", ",", "cp949"),
        ("utf-16", "\t", "utf-16le"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_text_in_any_encoding_of_the_field_says_the_same(
    tmp_path: Path, encoding: str, delimiter: str, named: str
) -> None:
    rows = [HEADINGS, purchase_row(), purchase_row(금액="△200,000", 계약명="반품")]
    path = write_text(tmp_path / "purchases.txt", rows, encoding, delimiter)

    result = import_purchases(path)

    assert (result.imported, result.amount, result.encoding) == (2, 800_000, named)


@pytest.mark.usefixtures("desk")
def test_a_workbook_has_no_encoding_and_its_own_row_numbers(tmp_path: Path) -> None:
    rows = [["○○구 구매 내역"], [], HEADINGS, purchase_row(금액=5_000), purchase_row(금액="없음")]

    result = import_purchases(write_workbook(tmp_path / "purchases.xlsx", rows))

    assert (result.encoding, result.header_row, result.rejected) == (None, 3, 1)
    assert [(problem.row, problem.column, problem.value) for problem in result.problems] == [
        (5, "금액", "없음")
    ]


@pytest.mark.usefixtures("office")
def test_one_error_keeps_the_whole_file_out(tmp_path: Path) -> None:
    path = usual_file(tmp_path, purchase_row(), purchase_row(계약일="2026-02-30"), purchase_row(금액="7"))

    result = import_purchases(path)

    assert result.is_refused
    assert (result.imported, result.amount, result.rejected, result.batch) == (0, 0, 1, None)
    assert result.skipped == {"not_committed": 2}
    assert codes_of(result) == ["date_impossible"]
    assert (count(Purchase), count(ImportBatch)) == (0, 0)


@pytest.mark.usefixtures("office")
def test_valid_rows_go_in_when_asked_for_and_the_corrected_file_brings_the_rest(tmp_path: Path) -> None:
    first = import_purchases(
        usual_file(tmp_path, purchase_row(), purchase_row(부서="없는과", 금액=30)), accept_valid=True
    )
    make_department("없는과")

    again = import_purchases(tmp_path / "purchases.csv")
    once_more = import_purchases(tmp_path / "purchases.csv")

    assert (first.imported, first.rejected, first.is_refused) == (1, 1, False)
    assert (again.imported, again.amount, again.skipped) == (1, 30, {"duplicate": 1})
    assert (once_more.imported, once_more.already_imported) == (0, True)
    assert total() == 1_000_030


@pytest.mark.usefixtures("office")
def test_the_same_file_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = usual_file(tmp_path, purchase_row(), purchase_row(금액=5))
    first = import_purchases(path)

    again = import_purchases(path)

    assert again.already_imported
    assert (again.batch, again.imported, again.amount) == (first.batch, 0, 0)
    assert (again.rows_read, again.skipped) == (2, {"duplicate": 2})
    assert total() == 1_000_005


@pytest.mark.usefixtures("office")
def test_the_same_rows_in_another_file_are_left_out_as_often_as_they_stand_in_the_ledger(
    tmp_path: Path,
) -> None:
    import_purchases(usual_file(tmp_path))
    other = usual_file(tmp_path, purchase_row(), purchase_row(), purchase_row(품목="의자"), name="other.csv")

    result = import_purchases(other)

    assert (result.imported, result.skipped, result.already_imported) == (2, {"duplicate": 1}, False)
    assert total() == 3_000_000
    assert_sound()


@pytest.mark.usefixtures("office")
def test_a_purchase_corrected_by_hand_is_not_brought_in_again(tmp_path: Path) -> None:
    import_purchases(usual_file(tmp_path))
    purchase = only_purchase()
    corrected = PurchaseDraft(
        facts=replace(facts_of(purchase), amount=900_000, purchased_on=date(2026, 3, 3))
    )
    correct_purchase(purchase.id, corrected, 1, "오기", BY)

    result = import_purchases(usual_file(tmp_path, purchase_row(), purchase_row(금액=1), name="other.csv"))

    assert (result.imported, result.skipped) == (1, {"duplicate": 1})
    assert total() == 900_001


@pytest.mark.usefixtures("desk")
def test_a_reversed_purchase_may_come_in_again_with_another_file(tmp_path: Path) -> None:
    import_purchases(usual_file(tmp_path))
    reverse_purchase(only_purchase().id, 1, "잘못 올림", BY)

    result = import_purchases(usual_file(tmp_path, purchase_row(), name="other.csv"))
    same_file = import_purchases(usual_file(tmp_path, purchase_row(), [], name="third.csv"))

    assert (result.imported, result.already_imported) == (0, True)
    assert (same_file.imported, same_file.skipped) == (1, {"blank": 1})


@pytest.mark.usefixtures("office")
def test_a_batch_is_taken_back_to_the_won_and_can_come_in_again(tmp_path: Path) -> None:
    import_purchases(usual_file(tmp_path, purchase_row(금액=7), name="before.csv"))
    path = usual_file(tmp_path)
    batch = import_purchases(path).batch
    assert batch

    undone = undo_batch(batch, "잘못 올림", BY)

    assert (undone.reversed_purchases, total()) == (1, 7)
    assert_sound()
    assert [(row.undo_reason, row.imported) for row in list_batches()] == [("잘못 올림", 1), (None, 1)]
    assert import_purchases(path).imported == 1
    assert total() == 1_000_007


@pytest.mark.usefixtures("desk")
def test_a_batch_is_taken_back_once(tmp_path: Path) -> None:
    batch = import_purchases(usual_file(tmp_path)).batch
    assert batch
    undo_batch(batch, "잘못 올림", BY)

    with pytest.raises(AlreadyUndone):
        undo_batch(batch, "다시", BY)
    with pytest.raises(UnknownBatch):
        undo_batch(batch + 1, "없음", BY)


@pytest.mark.usefixtures("office")
def test_a_purchase_corrected_or_paid_since_stands_in_the_way_of_taking_back(tmp_path: Path) -> None:
    rows = [purchase_row(금액=amount) for amount in (1, 2, 3)]
    batch = import_purchases(usual_file(tmp_path, *rows)).batch
    assert batch
    first, second, third = db.session.scalars(select(Purchase.id).order_by(Purchase.id))
    facts = facts_of(db.session.get_one(Purchase, first))
    correct_purchase(first, PurchaseDraft(facts=replace(facts, amount=9)), 1, "오기", BY)
    payment = PaymentDraft(paid_on=date(2026, 4, 1), amount=2, fiscal_year=2026, kind=PaymentKind.COMPLETION)
    record_payment(second, payment, 1, BY)
    reverse_purchase(third, 1, "중복", BY)

    with pytest.raises(UndoRefused) as refusal:
        undo_batch(batch, "잘못 올림", BY)

    assert [obstacle.purchase_id for obstacle in refusal.value.obstacles] == [first, second]
    assert total() == 11


@pytest.mark.usefixtures("desk")
def test_a_preview_tells_what_would_happen_and_stores_nothing(tmp_path: Path) -> None:
    path = usual_file(
        tmp_path, purchase_row(), purchase_row(), purchase_row(부서="새로운과", 업체명="새로운 기업")
    )
    options = {"create_missing": True}

    would = preview_purchases(path, **options)

    assert (count(Purchase), count(ImportBatch), count(Department)) == (0, 0, 2)
    did = import_purchases(path, **options)
    assert (would.new_departments, would.new_enterprises) == (1, 1)
    assert replace(would, batch=did.batch) == did
    assert preview_purchases(path, **options).already_imported


@pytest.mark.usefixtures("office")
def test_missing_departments_and_enterprises_are_made_when_asked_for(tmp_path: Path) -> None:
    path = usual_file(tmp_path, *(purchase_row(부서="새로운과", 업체명="새 기업", 금액=n) for n in (1, 2)))

    refused = import_purchases(path)
    result = import_purchases(path, create_missing=True)

    assert codes_of(refused) == ["department_unknown", "enterprise_unknown"] * 2
    assert (result.imported, result.new_departments, result.new_enterprises) == (2, 1, 1)
    assert codes_of(result) == ["not_certified"] * 2
    made = db.session.scalars(select(Department).where(Department.name == "새로운과")).one()
    assert made.parent_id == db.session.scalar(select(Department.id).where(Department.parent_id.is_(None)))


def test_an_empty_instance_gets_its_institution(app: Flask, tmp_path: Path) -> None:  # noqa: ARG001
    result = import_purchases(usual_file(tmp_path), create_missing=True, institution="새벽구")

    names = db.session.scalars(select(Department.name).order_by(Department.id)).all()
    assert (result.imported, names) == (1, ["새벽구", "총무과"])


@pytest.mark.usefixtures("desk")
def test_a_payment_date_makes_one_payment_of_the_whole_amount(tmp_path: Path) -> None:
    headings = ("부서", "업체명", "구분", "지급일", "금액")
    path = write_text(
        tmp_path / "paid.csv", [headings, ("총무과", "함께일하는사람들", "물품", "2026.4.1", "300")]
    )

    import_purchases(path)

    payment = db.session.scalars(select(Payment)).one()
    assert (payment.paid_on, payment.amount, payment.kind) == (date(2026, 4, 1), 300, PaymentKind.WHOLE)
    assert (only_purchase().purchased_on, only_purchase().contracted_on) == (date(2026, 4, 1), None)


@pytest.mark.usefixtures("desk")
def test_payments_of_other_months_are_no_repeats(tmp_path: Path) -> None:
    headings = ("부서", "업체명", "구분", "계약일", "지급일", "금액")
    months = [("총무과", "함께일하는사람들", "용역", "2026-01-02", f"2026-0{n}-25", "300") for n in (1, 2)]
    import_purchases(write_text(tmp_path / "january.csv", [headings, months[0]]))

    result = import_purchases(write_text(tmp_path / "february.csv", [headings, *months]))

    assert (result.imported, result.skipped) == (1, {"duplicate": 1})


@pytest.mark.usefixtures("desk")
def test_a_file_without_a_required_column_is_refused_whole(tmp_path: Path) -> None:
    headings = ("업체명", "계약명", "계약일")
    row = ("함께일하는사람들", "청소", "2026-01-02")
    path = write_text(tmp_path / "incomplete.csv", [headings, row, row, ("합계",), row])

    result = import_purchases(path)

    assert result.is_refused
    assert (result.rows_read, result.rejected, result.header_row) == (4, 4, 1)
    assert codes_of(result) == ["column_missing", "column_missing", "duplicate_likely", "duplicate_likely"]
    assert [problem.column for problem in result.problems[:2]] == ["부서", "금액"]
    assert codes_of(import_purchases(path, department="총무과"))[0] == "column_missing"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("rows", "code"),
    [([["가", "나"], ["다", "라"]], "header_not_found"), ([HEADINGS], "no_rows")],
)
def test_a_file_that_says_nothing_is_no_success(tmp_path: Path, rows: list[list[str]], code: str) -> None:
    result = import_purchases(write_text(tmp_path / "empty.csv", rows))

    assert result.is_refused
    assert codes_of(result) == [code]
    assert adds_up(result)


@pytest.mark.usefixtures("desk")
def test_subtotals_blank_rows_and_repeated_headings_are_left_out(tmp_path: Path) -> None:
    rows = [
        purchase_row(),
        purchase_row(부서="[소 계]", 업체명="", 계약일=""),
        [],
        HEADINGS,
        purchase_row(금액=5),
    ]

    result = import_purchases(usual_file(tmp_path, *map(list, rows)))

    assert (result.imported, result.skipped) == (2, {"subtotal": 1, "blank": 1, "header": 1})
    assert adds_up(result)


@pytest.mark.usefixtures("desk")
def test_amounts_in_a_stated_unit_are_stored_in_won(tmp_path: Path) -> None:
    headings = [*HEADINGS[:-1], "금액(천원)"]
    import_purchases(write_text(tmp_path / "heading.csv", [headings, purchase_row(금액="1,234.5")]))
    corner = [["", "(단위: 백만원)"], HEADINGS, purchase_row(금액="2", 계약명="청소")]
    import_purchases(write_text(tmp_path / "corner.csv", corner))

    assert db.session.scalars(select(Purchase.amount).order_by(Purchase.id)).all() == [1_234_500, 2_000_000]


@pytest.mark.usefixtures("desk")
def test_a_batch_changed_behind_our_back_is_found(tmp_path: Path) -> None:
    batch = import_purchases(usual_file(tmp_path, purchase_row(), purchase_row(금액=5))).batch
    db.session.execute(delete(ImportedRow).where(ImportedRow.row_number == 3))
    db.session.commit()
    assert [(finding.subject_id, finding.detail) for finding in check_batches()] == [
        (batch, "its rows are not those that came in")
    ]

    db.session.execute(update(ImportBatch).values(digest="0" * 64))
    db.session.commit()
    assert "its digest is not the one recorded" in [finding.detail for finding in check_batches()]

    db.session.execute(delete(ImportedRow))
    db.session.execute(delete(ImportBatch))
    db.session.commit()
    assert [finding.detail for finding in check_batches()] == ["is missing"]
