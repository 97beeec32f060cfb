"""Sheets filled in beforehand come back: what is recorded is known again, what is new goes in."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.factories import BY, business_number, make_department, make_draft, make_enterprise
from tests.imports.files import codes_of, import_purchases, preview_purchases
from tests.rounds.rounds import IN_PERIOD, board_of, close_for, make_round, row_of
from tracker.core.vocabulary import ContractMethod, Kind, PaymentKind, Tax
from tracker.imports.results import ImportResult
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.history import find_record
from tracker.purchases.services import record_purchase
from tracker.rounds.queries import find_round
from tracker.rounds.sheets import name_sheet, write_sheet, write_sheets


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department whose purchases say all that a sheet can hold, and little."""
    assert app
    office, signing = make_department("총무과"), make_department("재무과")
    supplier = make_enterprise("함께", ("social", date(2020, 1, 1), None))
    nameless = make_enterprise("새싹", number=None)
    full = make_draft(
        office, supplier, 1_500, IN_PERIOD, contracting_department_id=signing, item="=1+1",
        quantity=Decimal("2.5"), unit="식", unit_price=600, kind=Kind.SERVICES, contract_number="007",
        tax=Tax.ZERO_RATED, method=ContractMethod.NEGOTIATED, ground="2천만원 이하", means="카드",
        budget_item="201-01", note="두 번 나눔",
    )  # fmt: skip
    record_purchase(full, BY)
    parts = [
        PaymentDraft(paid_on=IN_PERIOD, amount=n, fiscal_year=2026, kind=PaymentKind.COMPLETION)
        for n in (3, 4)
    ]
    record_purchase(
        make_draft(
            office, nameless, 7, IN_PERIOD, contracted_on=None, kind=Kind.UNCLASSIFIED, contract_name=None,
            fiscal_year=2025, payments=tuple(parts),
        ),
        BY,
    )  # fmt: skip
    return office


class SheetFile:
    """A department's sheet of a round, as a person edits it."""

    def __init__(self, round_id: int, department_id: int, folder: Path) -> None:
        asked = find_round(round_id)
        assert asked
        self.path = folder / name_sheet(asked, "부서")
        self.workbook = openpyxl.load_workbook(write_sheet(asked, department_id))
        self.sheet = self.workbook.worksheets[0]
        self.top = next(row for row in range(1, 9) if self.sheet.cell(row, 1).value == "부서")
        self.columns = {self.sheet.cell(self.top, n).value: n for n in range(1, self.sheet.max_column + 1)}

    def write(self, below: int, **cells: Any) -> None:
        """Write cells into the row so many below the headings."""
        for heading, value in cells.items():
            self.sheet.cell(self.top + below, self.columns[heading]).value = value

    def come_back(self, **options: object) -> ImportResult:
        """Take the saved file in."""
        self.workbook.save(self.path)
        return import_purchases(self.path, **options)

    def look(self, **options: object) -> ImportResult:
        """Tell what the saved file would do."""
        self.workbook.save(self.path)
        return preview_purchases(self.path, **options)


def test_a_sheet_that_comes_back_untouched_changes_nothing(office: int, tmp_path: Path) -> None:
    result = SheetFile(make_round(), office, tmp_path).come_back()

    assert (result.rows_read, result.imported, result.rejected) == (2, 0, 0)
    assert result.skipped == {"duplicate": 2}


def test_a_row_below_goes_in_for_the_department_of_the_sheet(office: int, tmp_path: Path) -> None:
    file = SheetFile(make_round(), office, tmp_path)
    file.write(3, 사업자등록번호=business_number(1), 계약일="2026-09-01", 금액=900, 구분="물품")
    result = file.come_back(department="재무과")

    assert (result.imported, result.amount, result.skipped["duplicate"]) == (1, 900, 2)
    record = find_record(3)
    assert record
    assert record.facts.department_id == office


def test_a_recorded_row_that_was_changed_is_refused(office: int, tmp_path: Path) -> None:
    file = SheetFile(make_round(), office, tmp_path)
    file.write(1, 금액=1_600)
    refused = file.look()
    file.write(1, 구매번호=None)

    assert codes_of(refused) == ["recorded_differs"]
    assert (refused.imported, refused.rejected) == (0, 1)
    assert file.look().imported == 1


def test_after_the_closing_only_what_has_a_reason_comes_in(office: int, tmp_path: Path) -> None:
    round_id = make_round()
    close_for(round_id, office)
    file = SheetFile(round_id, office, tmp_path)
    file.write(3, 사업자등록번호=business_number(1), 계약일="2026-09-01", 금액=900, 구분="물품")
    refused, accepted = file.look(), file.look(late_reason="자료 누락")

    assert codes_of(refused) == ["period_closed"]
    assert (refused.imported, refused.rejected, refused.skipped["duplicate"]) == (0, 1, 2)
    assert codes_of(accepted) == ["entered_late"]
    assert accepted.imported == 1
    assert file.come_back(late_reason="자료 누락").imported == 1
    assert row_of(round_id, office).late == (1, 900)


def test_departments_of_one_name_are_told_by_their_path(app: Flask, tmp_path: Path) -> None:
    assert app
    for district in ("동구", "서구"):
        make_department("총무과", parent_id=make_department(district))
    round_id = make_round()
    rows = board_of(round_id).rows
    file = SheetFile(round_id, rows[1].department_id, tmp_path)

    assert [row.department for row in rows] == ["동구/총무과", "서구/총무과"]
    assert file.sheet.cell(2, 1).value == "제출 부서: 서구/총무과"


def test_all_sheets_come_in_one_archive_of_the_same_bytes(office: int) -> None:
    assert office
    board = board_of(make_round(title="3분기: 제출/요청"))
    archive = write_sheets(board).getvalue()

    assert zipfile.ZipFile(io.BytesIO(archive)).namelist() == [
        "총무과_3분기_ 제출_요청.xlsx",
        "재무과_3분기_ 제출_요청.xlsx",
    ]
    assert archive == write_sheets(board).getvalue()
