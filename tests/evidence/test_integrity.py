"""`tracker verify` finds evidence that is gone, altered, somebody's invention or nobody's."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.evidence.papers import PDF, keep, png
from tests.factories import BY, NOW, make_department, make_enterprise, make_purchase
from tracker.core.vocabulary import EvidenceKind
from tracker.evidence.files import evidence_folder, place_of
from tracker.evidence.integrity import UPLOADS_TAKE
from tracker.evidence.queries import list_evidence
from tracker.evidence.services import EvidenceDraft, replace_evidence, withdraw_evidence
from tracker.extensions import db, writing
from tracker.operations.verification import verify_instance


@pytest.fixture
def purchase(any_app: Flask) -> int:
    """Return a purchase with two files, one of them replaced and withdrawn, all of it in order."""
    assert any_app
    purchase = make_purchase(make_department(), make_enterprise())
    keep(purchase)
    other = keep(purchase, png(), "사진.png")
    replace_evidence(other, EvidenceDraft(EvidenceKind.PHOTO), None, "종류 정정", 1, BY)
    withdraw_evidence(other, "중복", 2, BY)
    assert found() == []
    return purchase


def found() -> list[tuple[int | None, str]]:
    """Return what the check of the whole instance finds in evidence."""
    db.session.rollback()
    return [(each.subject_id, each.detail) for each in verify_instance()["evidence"]]


def place(purchase: int) -> Path:
    return place_of(list_evidence(purchase)[0].sha256)


def tamper(*statements: str) -> None:
    """Change rows as somebody with the database in hand can."""
    with writing(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for act in ("update", "delete", "insert"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS evidence_version_no_{act}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


def test_a_missing_file_is_found(purchase: int) -> None:
    path = place(purchase)
    path.unlink()

    assert found() == [(1, f"its file {path.name} is missing")]


def test_an_altered_file_is_found(purchase: int) -> None:
    path = place(purchase)
    path.write_bytes(PDF.replace(b"1.4", b"1.5"))

    assert found() == [(1, f"its file {path.name} was altered")]


def test_a_file_that_belongs_to_nothing_is_found(purchase: int) -> None:
    assert purchase
    for name in ("ab/" + "ab" * 32, "notes.txt", ".incoming-x/0"):
        stray = evidence_folder() / name
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"x")

    assert found() == [
        (None, ".incoming-x/0 belongs to no evidence"),
        (None, f"ab/{'ab' * 32} belongs to no evidence"),
        (None, "notes.txt belongs to no evidence"),
    ]


def test_a_file_that_is_being_sent_is_no_finding(purchase: int) -> None:
    assert purchase
    stray = evidence_folder() / "ab" / ("ab" * 32)
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    moment = (NOW - UPLOADS_TAKE).timestamp()
    os.utime(stray, (moment, moment))
    young = found()
    moment -= timedelta(minutes=1).total_seconds()
    os.utime(stray, (moment, moment))

    assert young == []
    assert len(found()) == 1


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE evidence_version SET sha256 = (SELECT max(sha256) FROM evidence_version)",
            "versions are not",
        ),
        ("UPDATE evidence SET purchase_id = 2 WHERE id = 1", "versions are not"),
        ("UPDATE evidence SET version = 1 WHERE id = 2", "versions are not"),
        ("DELETE FROM evidence_version WHERE evidence_id = 1", "versions are not"),
        (
            "DELETE FROM evidence_version WHERE evidence_id = 1; DELETE FROM evidence WHERE id = 1",
            "is missing",
        ),
        ("UPDATE evidence SET withdrawn_at = NULL WHERE id = 2", "whether it is withdrawn"),
        ("UPDATE evidence SET withdrawn_at = '2026-01-01 00:00:00.000000' WHERE id = 1", "whether it is"),
    ],
)
def test_rows_that_were_tampered_with_are_found(purchase: int, statement: str, finding: str) -> None:
    assert purchase
    make_purchase(1, 1)
    tamper(*statement.split("; "))

    assert any(finding in detail for _number, detail in found())
