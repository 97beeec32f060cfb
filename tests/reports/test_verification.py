"""Verifying a report: altered ones are found, and what the ledger says differently today is named."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from tests.factories import BY, make_purchase
from tests.reports.ledger import ROWS, Ledger, enter_ledger, reckon
from tracker.audit.integrity import check_chain
from tracker.core.canonical import sha256_hex
from tracker.core.vocabulary import Kind, Nature, Tax
from tracker.extensions import db, transaction
from tracker.purchases.drafts import PurchaseDraft, facts_of
from tracker.purchases.models import Purchase
from tracker.purchases.services import correct_purchase, reverse_purchase
from tracker.reports.integrity import check_snapshots
from tracker.reports.queries import AlteredReport, UnknownReport, get_intact_snapshot, get_snapshot
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.reports.verification import Change, Difference, verify_report

FIRST, LAST = ROWS[0], ROWS[2]


@pytest.fixture
def ledger(any_app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger with report 1 about 2025 frozen."""
    ledger = enter_ledger()
    create_report(ReportRequest(year=2025), BY)
    return ledger


def correct(purchase_id: int, **changes: object) -> None:
    """Correct some facts of a purchase."""
    purchase = db.session.get_one(Purchase, purchase_id)
    draft = PurchaseDraft(facts=replace(facts_of(purchase), **changes))  # type: ignore[arg-type]
    correct_purchase(purchase_id, draft, purchase.version, "정정", BY)


def tamper(statement: str, **values: str) -> None:
    """Change stored reports by hand, the trigger out of the way."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    with transaction():
        for act in ("update", "delete") if is_sqlite else ():
            db.session.execute(text(f"DROP TRIGGER report_snapshot_no_{act}"))
        if not is_sqlite:
            db.session.execute(text("ALTER TABLE report_snapshot DISABLE TRIGGER USER"))
        db.session.execute(text(statement), values)
        db.session.expire_all()


def findings(found: Iterable[object]) -> list[tuple[int | None, str]]:
    return [(each.subject_id, each.detail) for each in found]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("ledger")
def test_an_untouched_report_over_an_untouched_ledger_has_nothing_to_tell() -> None:
    found = verify_report(1)

    assert (found.is_intact, found.faults, found.differences) == (True, [], [])
    assert (found.difference, found.prior_difference) == (0, 0)
    assert list(check_snapshots()) == []


def test_corrected_new_and_reversed_purchases_are_named_to_the_won(ledger: Ledger) -> None:
    corrected, gone = ledger.purchases[FIRST], ledger.purchases[LAST]
    correct(corrected, amount=1_234_560)
    reverse_purchase(gone, 1, "중복", BY)
    new = make_purchase(ledger.departments["민원과"], ledger.suppliers["이음"], 10_001, date(2025, 12, 30))
    make_purchase(ledger.departments["민원과"], ledger.suppliers["여성상사"], 5, date(2025, 12, 30))

    found = verify_report(1)

    assert found.is_intact
    assert found.differences == [
        Difference(corrected, -7, Change.AMOUNT),
        Difference(gone, -999, Change.REMOVED),
        Difference(new, 10_001, Change.ADDED),
    ]
    assert found.difference == -7 - 999 + 10_001
    assert list(check_snapshots()) == []


@pytest.mark.parametrize(
    ("changes", "change", "amount"),
    [
        ({"kind": Kind.SERVICES}, Change.MOVED, 0),
        ({"purchased_on": date(2025, 3, 3), "contracted_on": date(2025, 3, 3)}, Change.MOVED, 0),
        ({"nature": Nature.SUBSIDY}, Change.REMOVED, -1_234_567),
        ({"fiscal_year": 2026}, Change.REMOVED, -1_234_567),
        ({"amount": 0}, Change.AMOUNT, -1_234_567),
    ],
)
def test_what_a_correction_does_to_the_report_is_told(
    ledger: Ledger, changes: dict[str, object], change: Change, amount: int
) -> None:
    number = ledger.purchases[FIRST]

    correct(number, **changes)

    assert verify_report(1).differences == [Difference(number, amount, change)]


def test_what_is_in_no_table_makes_no_difference(ledger: Ledger) -> None:
    correct(ledger.purchases[FIRST], note="비고", tax=Tax.INCLUDED)

    assert verify_report(1).differences == []


def test_a_purchase_moved_to_another_department_is_told(ledger: Ledger) -> None:
    number = ledger.purchases[FIRST]

    correct(number, department_id=ledger.departments["민원과"])

    assert verify_report(1).differences == [Difference(number, 0, Change.MOVED)]


def test_what_changed_in_the_year_compared_with_is_told_as_a_whole(ledger: Ledger) -> None:
    make_purchase(ledger.departments["총무과"], ledger.suppliers["함께"], 30, date(2024, 2, 1))

    found = verify_report(1)

    assert (found.differences, found.prior_difference) == ([], 30)


@pytest.mark.usefixtures("ledger")
def test_there_is_no_difference_to_a_year_without_data() -> None:
    create_report(ReportRequest(year=2024), BY)

    assert verify_report(2).prior_difference is None


def test_an_altered_report_is_found_and_not_shown_any_more(ledger: Ledger) -> None:
    tamper(f"UPDATE report_snapshot SET content = replace(content, '{reckon(2025)}', '9999999')")
    make_purchase(ledger.departments["총무과"], ledger.suppliers["함께"], 30, date(2025, 2, 1))

    found = verify_report(1)

    assert (found.faults, found.differences) == (["content"], [])
    assert findings(check_snapshots()) == [(1, "its content is not what its SHA-256 was taken of")]
    with pytest.raises(AlteredReport):
        get_intact_snapshot(1)


@pytest.mark.usefixtures("ledger")
def test_a_content_altered_with_its_hash_contradicts_the_audit_trail() -> None:
    altered = get_snapshot(1).content.replace("총무과", "정무과")
    tamper(
        "UPDATE report_snapshot SET sha256 = :sha256, content = :altered",
        sha256=sha256_hex(altered),
        altered=altered,
    )

    assert verify_report(1).faults == ["audit"]
    assert findings(check_snapshots()) == [(1, "its SHA-256 is not the one in the audit trail")]


@pytest.mark.usefixtures("ledger")
def test_a_report_that_nobody_made_is_found() -> None:
    tamper(
        "INSERT INTO report_snapshot "
        "SELECT 2, kind, fiscal_year, title, content, sha256, actor_id, frozen_at, asked FROM report_snapshot"
    )

    assert verify_report(2).faults == ["audit"]


@pytest.mark.usefixtures("ledger")
def test_a_report_that_is_gone_is_found() -> None:
    create_report(ReportRequest(year=2024), BY)
    tamper("DELETE FROM report_snapshot WHERE id = 1")

    assert findings(check_snapshots()) == [(1, "is missing")]
    assert not list(check_chain())


@pytest.mark.usefixtures("ledger")
def test_only_reports_that_exist_are_verified() -> None:
    with pytest.raises(UnknownReport):
        verify_report(7)
