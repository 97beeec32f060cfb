"""The program's own entry sheets come back as they were filled in."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import BY, business_number, make_department, make_enterprise
from tests.imports.files import codes_of, write_text
from tracker.core.vocabulary import ContractMethod, Kind, Tax
from tracker.enterprises.models import Certification, Enterprise
from tracker.extensions import db
from tracker.imports.entry_sheets import write_entry_sheet
from tracker.imports.models import ImportSubject
from tracker.imports.options import ImportOptions
from tracker.imports.services import take_in
from tracker.purchases.models import Payment, Purchase
from tracker.spending.models import Spending

FILLED: dict[ImportSubject, dict[str, object]] = {
    ImportSubject.PURCHASES: {
        "부서": "총무과",
        "계약부서": "재무과",
        "사업자등록번호": "0" + business_number(1)[1:],
        "업체명": "함께",
        "품목": "=1+1",
        "수량": 3,
        "단위": "개",
        "단가": 500,
        "구분": "용역",
        "계약명": "청소 용역",
        "계약번호": "7",
        "계약일": date(2026, 3, 2),
        "지급일": date(2026, 3, 31),
        "금액": 1_500,
        "과세": "별도",
        "계약방법": "수의계약",
        "수의계약 사유": "2천만원 이하",
        "결제수단": "계좌",
        "통계목": "201-01",
        "회계연도": 2026,
        "비고": "없음",
    },
    ImportSubject.ENTERPRISES: {
        "업체명": "새싹",
        "사업자등록번호": business_number(2),
        "대표자": "홍길동",
        "소재지": "행복로 1",
        "전화": "02-1",
        "홈페이지": "http://example.org",
        "인증유형": "마을기업",
        "인증번호": "마-1",
        "인증기관": "행정안전부",
        "인증일": date(2024, 1, 1),
        "만료일": date(2027, 1, 1),
        "상태": "유효",
        "취급품목": "김치",
    },
    ImportSubject.SPENDING: {
        "부서": "총무과",
        "회계연도": 2026,
        "구분": "물품",
        "통계목": "201-01",
        "총구매액": 9_000,
    },
    ImportSubject.PLAN: {
        "부서": "총무과",
        "회계연도": 2026,
        "제도": "사회적기업 제품 우선구매",
        "품목": "복사용지",
        "구분": "물품",
        "수량": 50,
        "단위": "상자",
        "구매시기": 3,
        "금액": 1_200_000,
        "비고": "급함",
    },
}


@pytest.fixture(autouse=True)
def _office(app: Flask) -> None:  # noqa: ARG001
    make_department("총무과")
    make_department("재무과")
    make_enterprise("함께", ("social", date(2020, 1, 1), None), number=None)


def headings(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [str(cell.value) for cell in sheet[1]]


def fill_in(path: Path, cells: dict[str, object]) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    for column, heading in enumerate(headings(path), start=1):
        cell = sheet.cell(2, column, cells[heading])
        if isinstance(cells[heading], str):
            cell.data_type = "s"
    workbook.save(path)


@pytest.mark.parametrize("subject", list(ImportSubject))
def test_an_entry_sheet_asks_for_everything_and_is_the_same_each_time(
    subject: ImportSubject, tmp_path: Path
) -> None:
    write_entry_sheet(tmp_path / "one.xlsx", subject)
    write_entry_sheet(tmp_path / "two.xlsx", subject)

    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert headings(tmp_path / "one.xlsx") == list(FILLED[subject])


def test_lists_offer_the_departments_and_words_of_the_field(tmp_path: Path) -> None:
    district = make_department("강남구")
    make_department("총무과", parent_id=district)
    write_entry_sheet(tmp_path / "sheet.xlsx", ImportSubject.PURCHASES)

    workbook: Any = openpyxl.load_workbook(tmp_path / "sheet.xlsx")
    data, guide, lists = workbook.worksheets
    offered = {
        str(column[0].column_letter): [cell.value for cell in column if cell.value is not None]
        for column in lists.columns
    }
    ranges = {str(each.sqref).split(":")[0]: each.formula1 for each in data.data_validations.dataValidation}
    assert offered["A"] == ["행복구", "총무과", "재무과", "강남구", "강남구/총무과"]
    assert ranges["A2"] == "'목록'!$A$1:$A$5"
    assert offered["I"] == ["물품", "용역", "공사"]
    assert (guide.title, lists.sheet_state) == ("작성 방법", "hidden")
    assert data["A1"].comment is not None


@pytest.mark.long
@pytest.mark.parametrize("subject", list(ImportSubject))
def test_a_filled_in_sheet_comes_back_as_workbook_and_as_text(subject: ImportSubject, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    write_entry_sheet(path, subject)
    options = ImportOptions(accept_valid=False)
    if subject is ImportSubject.PURCHASES:
        FILLED[subject]["사업자등록번호"] = ""
    fill_in(path, FILLED[subject])

    result = take_in(path, subject, options, BY)

    assert (result.imported, result.header_row, codes_of(result)) == (1, 1, [])
    for encoding in ("utf-8", "utf-8-sig", "cp949", "utf-16"):
        rows: list[list[object]] = [list(FILLED[subject]), list(FILLED[subject].values())]
        separator = "\t" if encoding == "utf-16" else ","
        text = write_text(tmp_path / f"{encoding}.csv", rows, encoding, separator)
        assert take_in(text, subject, options, BY).skipped == {"duplicate": 1}


def test_a_filled_in_purchase_says_what_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    write_entry_sheet(path, ImportSubject.PURCHASES)
    fill_in(path, FILLED[ImportSubject.PURCHASES] | {"사업자등록번호": None})

    take_in(path, ImportSubject.PURCHASES, ImportOptions(), BY)

    purchase = db.session.scalars(select(Purchase)).one()
    payment = db.session.scalars(select(Payment)).one()
    assert (purchase.item, purchase.amount, purchase.kind) == ("=1+1", 1_500, Kind.SERVICES)
    assert (purchase.tax, purchase.method) == (Tax.EXCLUDED, ContractMethod.NEGOTIATED)
    assert (payment.paid_on, payment.amount) == (date(2026, 3, 31), 1_500)


def test_filled_in_enterprises_and_spending_say_what_was_typed(tmp_path: Path) -> None:
    for subject in (ImportSubject.ENTERPRISES, ImportSubject.SPENDING):
        path = tmp_path / f"{subject.value}.xlsx"
        write_entry_sheet(path, subject)
        fill_in(path, FILLED[subject])
        take_in(path, subject, ImportOptions(), BY)

    enterprise = db.session.scalars(select(Enterprise).where(Enterprise.name == "새싹")).one()
    certification = db.session.scalars(
        select(Certification).where(Certification.enterprise_id == enterprise.id)
    ).one()
    spending = db.session.scalars(select(Spending)).one()
    assert (enterprise.business_number, enterprise.items) == (business_number(2), "김치")
    assert (certification.type, certification.authority) == ("village", "행정안전부")
    assert (spending.amount, spending.kind, spending.budget_item) == (9_000, Kind.GOODS, "201-01")
