"""변경차수: the final revision of a contract line counts, within a file and against the ledger."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, make_department, make_enterprise
from tests.imports.files import codes_of, import_purchases, write_text
from tracker.extensions import db
from tracker.imports.integrity import check_batches
from tracker.imports.results import ImportResult
from tracker.imports.services import UndoRefused, undo_batch
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import Purchase, PurchaseRevision
from tracker.purchases.services import reverse_purchase

HEADINGS = ("부서", "업체명", "구분", "계약명", "계약일", "금액", "계약번호", "물품순번", "변경차수")


@pytest.fixture(autouse=True)
def _office(any_app: Flask) -> None:  # noqa: ARG001
    make_department("총무과")
    make_enterprise("함께")


def line(amendment: object, amount: int, item: str = "1", day: str = "2026-03-02") -> list[object]:
    return ["총무과", "함께", "물품", "전광판", day, amount, "R26-1", item, amendment]


def take(folder: Path, *rows: list[object], **options: object) -> ImportResult:
    path = write_text(folder / f"{len(list(folder.iterdir()))}.csv", [HEADINGS, *rows])
    return import_purchases(path, **options)


def ledger() -> list[tuple[int, int | None]]:
    rows = db.session.execute(
        select(Purchase.amount, Purchase.amendment)
        .where(Purchase.is_reversed.is_(False))
        .order_by(Purchase.id)
    )
    return [(row.amount, row.amendment) for row in rows]


def notable(result: ImportResult) -> list[str]:
    return [code for code in codes_of(result) if code != "not_certified"]


def test_the_highest_revision_in_a_file_counts(tmp_path: Path) -> None:
    result = take(tmp_path, line("01", 120), line("00", 100), line("00", 5, item="2"), line("", 7, item="3"))

    assert ledger() == [(120, 1), (5, 0), (7, None)]
    assert (result.imported, result.amount, result.skipped) == (3, 132, {"superseded_revision": 1})


def test_missing_revisions_in_between_are_warned_of(tmp_path: Path) -> None:
    result = take(tmp_path, line("00", 100), line("03", 130))
    later = take(tmp_path, line("5", 150))

    assert notable(result) == ["revision_gap"]
    assert [problem.parameters for problem in result.problems if problem.code == "revision_gap"] == [
        {"known": "0"}
    ]
    assert notable(later) == ["revision_gap"]


def test_a_higher_revision_amends_the_purchase_in_the_ledger(tmp_path: Path) -> None:
    take(tmp_path, line("00", 100))

    result = take(tmp_path, line("01", 120, day="2026-04-01"))

    assert ledger() == [(120, 1)]
    assert (result.imported, result.amount, notable(result)) == (1, 120, [])
    assert db.session.scalars(select(PurchaseRevision.number).order_by(PurchaseRevision.number)).all() == [
        1,
        2,
    ]
    assert list(check_ledger()) == []
    assert list(check_batches()) == []


@pytest.mark.long
def test_a_lower_or_equal_revision_is_left_out(tmp_path: Path) -> None:
    take(tmp_path, line("01", 120))

    result = take(tmp_path, line("01", 125))
    lower = take(tmp_path, line("00", 100))

    assert ledger() == [(120, 1)]
    assert [result.skipped, lower.skipped] == [{"superseded_revision": 1}] * 2


@pytest.mark.long
def test_the_rows_of_an_earlier_revision_stay_known(tmp_path: Path) -> None:
    take(tmp_path, line("00", 100))
    take(tmp_path, line("01", 120))

    assert take(tmp_path, line("00", 100), line("", 1, item="9")).skipped == {"duplicate": 1}


@pytest.mark.long
def test_an_amendment_is_taken_back_with_its_batch_and_can_come_again(tmp_path: Path) -> None:
    first = take(tmp_path, line("00", 100)).batch
    second = take(tmp_path, line("01", 120), line("00", 5, item="2")).batch
    assert first
    assert second

    with pytest.raises(UndoRefused):
        undo_batch(first, "순서", BY)
    undone = undo_batch(second, "잘못 올림", BY)

    assert (undone.reversed_purchases, undone.restored_purchases) == (1, 1)
    assert ledger() == [(100, 0)]
    assert list(check_ledger()) == []
    assert take(tmp_path, line("01", 120)).imported == 1
    assert ledger() == [(120, 1)]


def test_after_the_later_batch_the_earlier_one_can_be_taken_back(tmp_path: Path) -> None:
    first = take(tmp_path, line("00", 100)).batch
    second = take(tmp_path, line("01", 120)).batch
    assert first
    assert second

    undo_batch(second, "잘못 올림", BY)
    undo_batch(first, "잘못 올림", BY)

    assert ledger() == []


def test_an_amended_purchase_that_was_reversed_since_stays_so(tmp_path: Path) -> None:
    take(tmp_path, line("00", 100))
    second = take(tmp_path, line("01", 120)).batch
    assert second
    reverse_purchase(db.session.scalars(select(Purchase.id)).one(), 2, "해지", BY)

    assert undo_batch(second, "잘못 올림", BY).restored_purchases == 0
    assert ledger() == []


def test_a_contract_line_that_stands_twice_in_the_ledger_is_left_to_a_person(tmp_path: Path) -> None:
    take(tmp_path, line("00", 100), line("00", 200))

    result = take(tmp_path, line("01", 120))

    assert notable(result) == ["revision_ambiguous"]
    assert result.is_refused


@pytest.mark.long
def test_of_two_rows_of_one_amendment_the_first_amends(tmp_path: Path) -> None:
    take(tmp_path, line("00", 100))

    result = take(tmp_path, line("01", 120), line("01", 130))

    assert ledger() == [(120, 1)]
    assert result.skipped == {"superseded_revision": 1}
