"""What was entered after a period was closed is said in every form of a report."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from flask import Flask

from tests.factories import BY, make_department, make_draft, make_enterprise, make_purchase
from tracker.core.periods import year
from tracker.purchases.closings import close_period
from tracker.purchases.services import correct_purchase, record_purchase
from tracker.reports.queries import get_intact_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report

IN_TIME, CORRECTED, LATE = 1_000_000, 2_500_000, 30_000


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department with two purchases of 2025, whose year is closed."""
    assert app
    office, supplier = make_department("총무과"), make_enterprise("함께", ("social", date(2020, 1, 1), None))
    make_purchase(office, supplier, IN_TIME, date(2025, 3, 2))
    make_purchase(office, supplier, 2_000_000, date(2025, 3, 3))
    close_period(office, year(2025), BY)
    return office


def freeze() -> tuple[str, list[object]]:
    """Freeze the annual report; return its page, and the rows of what is left out in its workbook."""
    snapshot = get_intact_snapshot(create_report(ReportRequest(year=2025), BY).id)
    page = render_report(snapshot, Format.HTML).data.decode()
    book = openpyxl.load_workbook(BytesIO(render_report(snapshot, Format.XLSX).data))
    return page, list(book["과세·제외"].iter_rows(values_only=True))


@pytest.mark.usefixtures("office")
def test_without_late_entries_nothing_is_said() -> None:
    page, cells = freeze()

    assert "마감 후 입력" not in page
    assert not [row for row in cells if "마감 후 입력" in str(row)]


def test_late_entries_are_counted_and_added_up_once_each(office: int) -> None:
    correct_purchase(2, make_draft(office, 1, CORRECTED, date(2025, 3, 3)), 1, "금액 오기", BY)
    correct_purchase(2, make_draft(office, 1, CORRECTED, date(2025, 3, 4)), 2, "날짜 오기", BY)
    record_purchase(make_draft(office, 1, LATE, date(2025, 12, 31)), BY, "늦은 청구")
    record_purchase(make_draft(office, 1, 7, date(2026, 1, 1)), BY)
    page, cells = freeze()

    assert "구매 2건 2,530천원 포함" in page
    assert ("마감 후 입력 포함", 2, CORRECTED + LATE) in cells
