"""Reports are confirmed and superseded, step by step; what was frozen stays, and so does each step."""

import json
from datetime import UTC, date, datetime

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.factories import BY, make_purchase
from tests.reports.ledger import Ledger, enter_ledger
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.periods import Period
from tracker.core.vocabulary import ReportState
from tracker.extensions import db, transaction, writing
from tracker.operations.database import MIGRATIONS, upgrade_database
from tracker.operations.verification import verify_instance
from tracker.reports.life import (
    ImpossibleStep,
    ReasonNeeded,
    build_final,
    confirm_report,
    earlier_of,
    predecessors_of,
    state_of,
    steps_of,
    supersede_report,
)
from tracker.reports.models import Snapshot
from tracker.reports.queries import get_snapshot
from tracker.reports.requests import Content, OneOff, ReportRequest, request_of
from tracker.reports.services import create_report

JANUARY = BY._replace(at=datetime(2026, 1, 10, tzinfo=UTC))


@pytest.fixture
def ledger(any_app: Flask) -> Ledger:
    """Return the small ledger on each database."""
    assert any_app
    return enter_ledger()


def freeze(**about: object) -> int:
    return create_report(ReportRequest(year=2025, **about), BY).id  # type: ignore[arg-type]


def content_of(report_id: int) -> Content:
    content: Content = json.loads(get_snapshot(report_id).content)
    return content


def state(report_id: int) -> ReportState:
    return state_of(content_of(report_id), steps_of([report_id])[report_id])


def confirm(report_id: int, reason: str | None = None) -> int:
    return confirm_report(report_id, build_final(content_of(report_id), BY.at, reason), reason, BY)


def findings() -> list[str]:
    return [finding.detail for found in verify_instance().values() for finding in found]


def test_a_provisional_report_is_confirmed_by_a_new_one_in_its_place(ledger: Ledger) -> None:
    provisional = create_report(ReportRequest(year=2025), JANUARY).id
    frozen = get_snapshot(provisional).content
    assert state(provisional) is ReportState.PROVISIONAL
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 9_000, date(2025, 12, 30))

    confirmed = confirm(provisional)

    assert (state(provisional), state(confirmed)) == (ReportState.SUPERSEDED, ReportState.CONFIRMED)
    assert predecessors_of([confirmed])[confirmed] == [provisional]
    assert get_snapshot(provisional).content == frozen
    assert content_of(provisional)["basis"]["is_provisional"]
    assert not content_of(confirmed)["basis"]["is_provisional"]
    totals = [content_of(each)["summary"]["total"]["current"] for each in (provisional, confirmed)]
    assert totals[1] - totals[0] == 9_000
    (step,) = steps_of([confirmed])[confirmed]
    assert (step.actor, step.taken_at) == ("시스템", BY.at)
    assert findings() == []
    with pytest.raises(ImpossibleStep):
        confirm(provisional)


def test_a_report_of_closed_books_is_confirmed_as_it_stands_and_once(ledger: Ledger) -> None:  # noqa: ARG001
    report_id = freeze()
    assert state(report_id) is ReportState.UNCONFIRMED

    assert confirm(report_id) == report_id

    assert state(report_id) is ReportState.CONFIRMED
    with pytest.raises(ImpossibleStep):
        confirm(report_id)


@pytest.mark.long
def test_before_the_last_booking_day_confirming_needs_a_reason(ledger: Ledger) -> None:  # noqa: ARG001
    report_id = create_report(ReportRequest(year=2026), BY).id

    with pytest.raises(ReasonNeeded):
        confirm(report_id)
    assert state(report_id) is ReportState.PROVISIONAL
    confirmed = confirm(report_id, "의회 요구")

    basis = content_of(confirmed)["basis"]
    assert (basis["is_provisional"], basis["final_reason"]) == (False, "의회 요구")
    assert steps_of([report_id])[report_id][0].reason == "의회 요구"


def test_only_a_later_report_on_the_same_takes_the_place_of_another(ledger: Ledger) -> None:
    first, other, second, third = (
        freeze(),
        freeze(department_id=ledger.departments["총무과"]),
        freeze(),
        freeze(),
    )
    assert earlier_of(get_snapshot(third)) == [first, second]

    for report_id, successor_id in ((first, other), (second, first), (first, first), (first, 99)):
        with pytest.raises(ImpossibleStep):
            supersede_report(report_id, successor_id, "정정", BY)
    supersede_report(first, second, "정정", BY)
    with pytest.raises(ImpossibleStep):
        supersede_report(first, third, "정정", BY)
    confirm(second)
    supersede_report(second, third, "오기 정정", BY)

    assert [step.state for step in steps_of([second])[second]] == [
        ReportState.CONFIRMED,
        ReportState.SUPERSEDED,
    ]
    assert earlier_of(get_snapshot(third)) == []
    assert findings() == []


def test_steps_are_never_changed_and_a_missing_one_is_found(ledger: Ledger) -> None:  # noqa: ARG001
    report_id = freeze()
    confirm(report_id)
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    replace = "INSERT OR REPLACE INTO report_step SELECT * FROM" if is_sqlite else "TRUNCATE"
    for statement in (
        "UPDATE report_step SET reason = 'x'",
        "DELETE FROM report_step",
        f"{replace} report_step",
    ):
        with pytest.raises(DBAPIError, match="append-only"), transaction():
            db.session.execute(text(statement))

    with transaction():
        if is_sqlite:
            db.session.execute(text("DROP TRIGGER report_step_no_delete"))
        else:
            db.session.execute(text("ALTER TABLE report_step DISABLE TRIGGER USER"))
        db.session.execute(text("DELETE FROM report_step"))

    assert findings() == ["its steps are not those in the audit trail"]


def test_what_was_asked_is_read_of_older_reports_too(ledger: Ledger) -> None:
    department = ledger.departments["총무과"]
    content = content_of(freeze(department_id=department))
    del content["request"]

    assert request_of(content) == ReportRequest(year=2025, department_id=department)


@pytest.mark.long
def test_reports_frozen_before_tell_what_was_asked_once_migrated(ledger: Ledger) -> None:
    department = ledger.departments["총무과"]
    first, other, second = freeze(department_id=department), freeze(), freeze(department_id=department)
    period = Period(date(2025, 1, 1), date(2025, 6, 30))
    freeze(period=period, one_offs=(OneOff("백신", (1,), ("307-05",)),))
    about_department = content_of(first)
    del about_department["request"]
    older = canonical_json(about_department)
    alter_snapshots(
        f"UPDATE report_snapshot SET content = :content, sha256 = '{sha256_hex(older)}' WHERE id = {first}",
        content=older,
    )
    alter_snapshots(f"UPDATE report_snapshot SET content = '{{}}' WHERE id = {other}")
    stored = {row.id: (row.content, row.sha256, row.asked) for row in db.session.scalars(select(Snapshot))}
    db.session.rollback()

    with writing():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0015")
        db.engine.dispose()
    upgrade_database()

    for row in db.session.scalars(select(Snapshot)):
        content, sha256, asked = stored[row.id]
        assert (row.content, row.sha256) == (content, sha256)
        assert row.asked == ("" if row.id == other else asked)
    assert earlier_of(get_snapshot(second)) == [first]
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text("UPDATE report_snapshot SET asked = 'x'"))


def alter_snapshots(statement: str, **values: str) -> None:
    """Change what never changes, as an older version or a hand outside the program left it."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    trigger = (
        db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'report_snapshot_no_update'"))
        if is_sqlite
        else "ALTER TABLE report_snapshot ENABLE TRIGGER USER"
    )
    with transaction():
        db.session.execute(
            text(
                "DROP TRIGGER report_snapshot_no_update"
                if is_sqlite
                else "ALTER TABLE report_snapshot DISABLE TRIGGER USER"
            )
        )
        db.session.execute(text(statement), values)
        db.session.execute(text(str(trigger)))
