"""Evidence is kept by its content, outlives every mistake and is never lost: on both databases."""

import io
import os
import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.evidence.papers import HTML, PDF, POLYGLOT, keep, keep_all, png
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tracker.audit.queries import history_of
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence import files
from tracker.evidence.files import Fault, RefusedFile, evidence_folder, open_intact, place_of, received
from tracker.evidence.queries import find_evidence, list_evidence
from tracker.evidence.services import (
    EvidenceDraft,
    StaleEvidence,
    add_evidence,
    replace_evidence,
    withdraw_evidence,
)
from tracker.extensions import db, transaction
from tracker.purchases.services import UnknownPurchase

INVOICE = EvidenceDraft(EvidenceKind.TAX_INVOICE, "1차")


@pytest.fixture
def purchase(any_app: Flask) -> int:
    """Return a purchase, on each database in turn."""
    assert any_app
    return make_purchase(make_department(), make_enterprise())


def replace(evidence_id: int, content: bytes | None, version: int) -> None:
    sources = [] if content is None else [("세금계산서.pdf", io.BytesIO(content))]
    with received(sources) as there:
        replace_evidence(evidence_id, INVOICE, there[0] if there else None, "다시 스캔", version, BY)


def kept() -> list[Path]:
    return [path for path in evidence_folder().rglob("*") if path.is_file()]


def test_a_file_is_kept_by_its_hash_for_the_program_alone(purchase: int) -> None:
    evidence = keep(purchase, PDF, "../계약서.pdf", note="원본")
    (version,) = list_evidence(purchase)
    place = place_of(version.sha256)

    assert (version.evidence_id, version.number, version.file_name) == (evidence, 1, "계약서.pdf")
    assert (version.kind.korean, version.note, version.size) == ("계약서", "원본", len(PDF))
    assert place == evidence_folder() / version.sha256[:2] / version.sha256
    assert kept() == [place]
    assert place.read_bytes() == PDF
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(evidence_folder().stat().st_mode) == 0o700
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    with open_intact(version.sha256) as file:
        assert file.read() == PDF


def test_a_new_version_holds_and_those_before_stay_readable(purchase: int) -> None:
    evidence = keep(purchase)
    replace(evidence, POLYGLOT, 1)
    replace(evidence, None, 2)
    record = find_evidence(evidence)

    assert record
    assert [each.number for each in record.versions] == [3, 2, 1]
    assert record.current.kind is EvidenceKind.TAX_INVOICE
    assert record.current.file_name == "세금계산서.pdf"
    assert record.current.reason == "다시 스캔"
    assert record.versions[0].sha256 == record.versions[1].sha256
    assert len(kept()) == 2
    for version in record.versions:
        open_intact(version.sha256).close()
    assert [each.number for each in list_evidence(purchase)] == [3]


def test_what_was_withdrawn_stays_readable_and_counts_no_more(purchase: int) -> None:
    first, second = keep(purchase), keep(purchase, png(), "사진.png")
    withdraw_evidence(first, "다른 구매의 증빙", 1, BY)
    found = list_evidence(purchase)

    assert [each.evidence_id for each in found] == [second, first]
    assert [each.withdrawal_reason for each in found] == [None, "다른 구매의 증빙"]
    open_intact(found[1].sha256).close()
    assert keep(purchase), "the same file may come in anew"


@pytest.mark.usefixtures("any_app")
def test_every_act_stands_in_the_trail(purchase: int) -> None:
    evidence = keep(purchase)
    replace(evidence, png(), 1)
    withdraw_evidence(evidence, "오류", 2, BY)
    events = history_of("evidence", evidence)

    assert [each.action for each in events] == ["evidence.withdraw", "evidence.replace", "evidence.add"]
    assert {each.body["purchase"] for each in events} == {purchase}
    assert events[1].body["changes"]["evidence_kind"] == ["contract", "tax_invoice"]
    assert events[0].body["reason"] == "오류"
    assert "계약서.pdf" not in str(events), "names of files may hold names of people"


def test_of_two_who_change_the_same_file_the_second_is_told(purchase: int) -> None:
    evidence = keep(purchase)
    replace(evidence, None, 1)

    with pytest.raises(StaleEvidence):
        replace(evidence, png(), 1)
    with pytest.raises(StaleEvidence):
        withdraw_evidence(evidence, "오류", 1, BY)
    withdraw_evidence(evidence, "오류", 2, BY)
    with pytest.raises(StaleEvidence):
        replace(evidence, None, 2)
    with pytest.raises(StaleEvidence):
        withdraw_evidence(999, "오류", 1, BY)
    assert len(kept()) == 1


@pytest.mark.parametrize(
    ("content", "fault"), [(b"", Fault.EMPTY), (HTML, Fault.UNKNOWN_FORMAT), (PDF + b"x", Fault.TOO_LARGE)]
)
def test_what_is_refused_leaves_nothing(
    purchase: int, content: bytes, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", len(PDF))
    with pytest.raises(RefusedFile) as refused:
        keep_all(purchase, [("계약서.pdf", PDF), ("이것.pdf", content)])

    assert (refused.value.fault, refused.value.name) == (fault, "이것.pdf")
    assert list(evidence_folder().iterdir()) == []
    assert list_evidence(purchase) == []
    assert keep(purchase)  # the control: as large as may be


def test_a_purchase_holds_so_many_files_and_each_once(purchase: int) -> None:
    first = keep(purchase)
    many = [("사진.png", png(side)) for side in range(1, files.MOST_FILES + 1)]
    with pytest.raises(RefusedFile) as too_many:
        keep_all(purchase, many)
    with pytest.raises(RefusedFile) as twice:
        keep_all(purchase, [("사진.png", png()), ("다른 이름.pdf", PDF)])
    other = keep_all(purchase, many[1:])[0]
    with pytest.raises(RefusedFile) as as_another:
        replace(other, PDF, 1)

    assert too_many.value.fault is Fault.TOO_MANY
    assert (twice.value.fault, twice.value.name) == (Fault.ALREADY_THERE, "다른 이름.pdf")
    assert as_another.value.fault is Fault.ALREADY_THERE
    assert len(list_evidence(purchase)) == files.MOST_FILES
    withdraw_evidence(first, "중복", 1, BY)
    assert keep_all(purchase, many[:1])


def test_a_file_of_two_purchases_is_kept_once(purchase: int) -> None:
    other = make_purchase(1, 1)
    keep(purchase)
    keep(other)

    assert len(kept()) == 1


def test_evidence_needs_a_purchase(purchase: int) -> None:
    with pytest.raises(UnknownPurchase):
        keep(purchase + 1)
    assert kept() == []


def test_the_file_is_whole_and_in_its_place_before_a_row_names_it(
    purchase: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    there: list[bool] = []
    real = os.fsync

    def sync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    with received([("계약서.pdf", io.BytesIO(PDF))]) as (file,), transaction():
        assert file.path.stat().st_ino in synced
        add_evidence(purchase, INVOICE, [file], BY)
        there.append(place_of(file.sha256).read_bytes() == PDF)

    assert there == [True]
    assert {place_of(file.sha256).parent.stat().st_ino, evidence_folder().stat().st_ino} <= set(synced)


def test_when_the_row_cannot_be_stored_nothing_names_the_file(purchase: int) -> None:
    def fail() -> None:
        with transaction():
            keep(purchase)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert list_evidence(purchase) == []
    assert keep(purchase), "and it can be sent again"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_version SET sha256 = 'x'",
        "DELETE FROM evidence_version",
        "DELETE FROM evidence",
    ],
)
def test_no_version_is_ever_changed_or_deleted(purchase: int, statement: str) -> None:
    keep(purchase)

    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text(statement))


def test_sqlite_refuses_replacing_a_version(app: Flask) -> None:
    assert app
    keep(make_purchase(make_department(), make_enterprise()))

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text("INSERT OR REPLACE INTO evidence_version SELECT * FROM evidence_version"))


@pytest.mark.postgresql
def test_postgresql_refuses_truncating(postgresql_app: Flask) -> None:
    assert postgresql_app
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text("TRUNCATE evidence_version CASCADE"))
