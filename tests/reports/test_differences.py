"""What sets two reports apart is told line by line, and adds up."""

import json
from datetime import date

import pytest
from flask import Flask

from tests.factories import BY, make_draft, make_purchase
from tests.reports.ledger import ROWS, SINCE, Ledger, enter_ledger
from tracker.core.vocabulary import Kind
from tracker.purchases.services import correct_purchase, reverse_purchase
from tracker.reports.differences import IncomparableReports, compare_contents, compare_reports
from tracker.reports.queries import get_snapshot
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.reports.verification import Change

REQUEST = ReportRequest(year=2025)


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    """Return the small ledger."""
    assert app
    return enter_ledger()


def test_reports_of_the_same_figures_do_not_differ(ledger: Ledger) -> None:  # noqa: ARG001
    first, second = (create_report(REQUEST, BY).id for _ in range(2))

    found = compare_reports(first, second)

    assert (found.figures, found.purchases, found.difference) == ([], [], 0)


def test_figures_and_purchases_that_changed_are_told_with_their_difference(ledger: Ledger) -> None:
    first = create_report(REQUEST, BY).id
    department, supplier = ledger.departments["총무과"], ledger.suppliers["함께"]
    corrected = ledger.purchases[ROWS[0]]
    correct_purchase(corrected, make_draft(department, supplier, 1_234_000, ROWS[0].day), 1, "오기", BY)
    moved = ledger.purchases[ROWS[2]]
    draft = make_draft(ledger.departments["복지과"], ledger.suppliers["사랑"], 999, date(2025, 11, 30))
    correct_purchase(moved, draft, 1, "날짜", BY)
    reverse_purchase(ledger.purchases[ROWS[3]], 1, "취소", BY)
    added = make_purchase(ledger.departments["민원과"], supplier, 70_000, date(2025, 2, 3), kind=Kind.WORKS)
    assert date(2025, 2, 3) > SINCE

    found = compare_reports(first, create_report(REQUEST, BY).id)

    changes = {each.id: (each.change, each.before, each.after, each.difference) for each in found.purchases}
    assert changes == {
        corrected: (Change.AMOUNT, 1_234_567, 1_234_000, -567),
        moved: (Change.MOVED, 999, 999, 0),
        ledger.purchases[ROWS[3]]: (Change.REMOVED, -500, None, 500),
        added: (Change.ADDED, None, 70_000, 70_000),
    }
    assert found.difference == sum(each.difference for each in found.purchases) == 69_933
    by_row = {(each.row, each.column): each for each in found.figures if "부서별" in each.table}
    minwon = by_row["민원과", "2025년"]
    assert (minwon.before, minwon.after, minwon.difference) == ("0", "70,000", 70_000)
    assert by_row["합계", "2025년"].difference == 69_933


def test_reports_of_two_kinds_are_not_compared(ledger: Ledger) -> None:  # noqa: ARG001
    content = json.loads(get_snapshot(create_report(REQUEST, BY).id).content)

    with pytest.raises(IncomparableReports):
        compare_contents(content, content | {"kind": "scheme"})
