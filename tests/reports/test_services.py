"""A frozen report: numbered, hashed, audited, and closed to every change."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import BY
from tests.reports.ledger import enter_ledger
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.extensions import db, transaction
from tracker.reports.queries import (
    UnknownReport,
    find_creation_body,
    get_audit_head,
    get_intact_snapshot,
    get_snapshot,
    list_reports,
)
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report

pytestmark = pytest.mark.usefixtures("any_app")


def freeze(year: int = 2025) -> int:
    return create_report(ReportRequest(year=year), BY).id


def test_a_report_is_numbered_and_its_hash_is_of_its_canonical_content() -> None:
    enter_ledger()
    before = get_audit_head().sequence

    first, second = (create_report(ReportRequest(year=year), BY) for year in (2025, 2024))
    snapshot = get_intact_snapshot(first.id)
    content = json.loads(snapshot.content)

    assert (first.id, second.id) == (1, 2)
    assert first.sha256 == snapshot.sha256 == sha256_hex(snapshot.content)
    assert canonical_json(content) == snapshot.content
    assert content["number"] == "2025-0001"
    assert content["title"] == "2025년도 행복구 사회적경제기업 제품 우선구매 실적보고서"
    assert [row.title for row in list_reports()] == [
        content["title"],
        content["title"].replace("2025", "2024"),
    ]
    assert content["basis"]["audit"]["sequence"] == before
    assert json.loads(find_creation_body(1) or "") == {"number": "2025-0001", "sha256": first.sha256}


def test_nothing_about_a_report_depends_on_the_moment_except_what_says_so() -> None:
    enter_ledger()

    first, second = (json.loads(get_snapshot(freeze()).content) for _ in range(2))
    for content in (first, second):
        del content["number"], content["basis"]["audit"]

    assert first == second


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE report_snapshot SET content = '{}'",
        "UPDATE report_snapshot SET sha256 = 'x'",
        "UPDATE report_snapshot SET title = 'x' WHERE id = 1",
        "DELETE FROM report_snapshot",
        "DELETE FROM report_snapshot WHERE id = 1",
    ],
)
def test_a_frozen_report_can_be_neither_changed_nor_removed(statement: str) -> None:
    enter_ledger()
    freeze()

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))

    assert get_intact_snapshot(1).sha256


def test_replacing_a_frozen_report_is_refused() -> None:
    enter_ledger()
    freeze()
    if db.engine.dialect.name == "sqlite":
        statement = "INSERT OR REPLACE INTO report_snapshot SELECT * FROM report_snapshot"
    else:
        statement = "TRUNCATE report_snapshot CASCADE"

    with pytest.raises(DBAPIError, match=r"append-only|must grow"), transaction():
        db.session.execute(text(statement))


def test_a_report_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(UnknownReport):
        get_snapshot(1)
    assert list_reports() == []


def test_without_any_event_the_chain_stands_at_its_beginning() -> None:
    assert get_audit_head() == (0, "0" * 64)
