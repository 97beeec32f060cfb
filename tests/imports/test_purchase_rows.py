"""What a row of a purchase file is taken for, and of what it is warned."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import business_number, make_department, make_enterprise
from tests.imports.files import HEADINGS, codes_of, import_purchases, purchase_row, write_text
from tracker.core.vocabulary import (
    BudgetKind,
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Nature,
    Procurement,
    Tax,
)
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.imports.results import ImportResult
from tracker.purchases.models import Purchase

SINCE_2020 = ("social", date(2020, 1, 1), None)


@pytest.fixture
def office(app: Flask) -> int:  # noqa: ARG001
    """Return the department of the usual row."""
    return make_department("총무과", code="A100")


def take(
    folder: Path, *rows: list[object], headings: tuple[str, ...] = HEADINGS, **options: object
) -> ImportResult:
    return import_purchases(
        write_text(folder / f"{len(list(folder.iterdir()))}.csv", [headings, *rows]), **options
    )


def suppliers() -> list[int]:
    return list(db.session.scalars(select(Purchase.enterprise_id).order_by(Purchase.id)))


@pytest.mark.usefixtures("office")
def test_an_enterprise_is_known_by_its_number_whatever_its_name(tmp_path: Path) -> None:
    known = make_enterprise("㈜함께", SINCE_2020, number=business_number(1))
    number = f"{business_number(1)[:3]}-{business_number(1)[3:5]}-{business_number(1)[5:]}"

    result = take(
        tmp_path,
        purchase_row(사업자등록번호=number, 업체명="주식회사 함께", 금액=1),
        purchase_row(사업자등록번호=number, 업체명="다른 이름", 금액=2),
        purchase_row(사업자등록번호=number, 업체명="", 금액=3),
    )

    assert suppliers() == [known] * 3
    assert codes_of(result) == ["name_differs"]
    assert "㈜함께" in result.problems[0].message


@pytest.mark.usefixtures("office")
def test_a_name_alone_is_enough_where_it_is_unambiguous(tmp_path: Path) -> None:
    known = make_enterprise("(유)푸른 환경", SINCE_2020)
    make_enterprise("같은이름", number=None)
    make_enterprise("같은이름", number=business_number(77))

    good = take(tmp_path, purchase_row(업체명="푸른환경"))
    unclear = take(tmp_path, purchase_row(업체명="같은이름"), create_missing=True)

    assert suppliers() == [known]
    assert codes_of(good) == []
    assert codes_of(unclear) == ["enterprise_ambiguous"]


@pytest.mark.usefixtures("office")
def test_a_namesake_without_number_is_left_to_a_person(tmp_path: Path) -> None:
    make_enterprise("함께", SINCE_2020, number=None)
    row = purchase_row(업체명="함께", 사업자등록번호=business_number(5))

    refused = take(tmp_path, row)
    made = take(tmp_path, row, create_missing=True)
    again = take(tmp_path, purchase_row(업체명="함께", 사업자등록번호=business_number(5), 금액=3))

    assert codes_of(refused) == ["enterprise_ambiguous"]
    assert codes_of(made) == ["namesake", "not_certified"]
    assert codes_of(again) == ["not_certified"]
    assert len(set(suppliers())) == 1


@pytest.mark.usefixtures("office")
def test_another_number_under_the_same_name_is_another_enterprise(tmp_path: Path) -> None:
    make_enterprise("함께", SINCE_2020, number=business_number(1))
    row = purchase_row(업체명="함께", 사업자등록번호=business_number(2))

    assert codes_of(take(tmp_path, row)) == ["enterprise_unknown"]
    assert take(tmp_path, row, create_missing=True).new_enterprises == 1


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("damaged", ["12345678", "1.23E+09", "1234567890.0"])
def test_a_damaged_number_is_warned_of_and_never_used(tmp_path: Path, damaged: str) -> None:
    known = make_enterprise("함께", SINCE_2020)

    by_name = take(tmp_path, purchase_row(업체명="함께", 사업자등록번호=damaged))
    nameless = take(tmp_path, purchase_row(업체명="", 사업자등록번호=damaged))
    made = take(tmp_path, purchase_row(업체명="새 기업", 사업자등록번호=damaged), create_missing=True)

    assert codes_of(by_name) == ["number_damaged"]
    assert suppliers()[0] == known
    assert codes_of(nameless) == ["number_damaged", "cell_missing"]
    assert codes_of(made) == ["number_damaged", "not_certified"]
    assert db.session.get_one(Enterprise, suppliers()[1]).business_number is None


@pytest.mark.usefixtures("office")
def test_a_wrong_check_digit_is_warned_of(tmp_path: Path) -> None:
    result = take(tmp_path, purchase_row(업체명="함께", 사업자등록번호="1234567890"), create_missing=True)

    assert codes_of(result) == ["number_checksum", "not_certified"]
    assert db.session.scalars(select(Enterprise.business_number)).one() == "1234567890"


@pytest.mark.usefixtures("office")
def test_numbers_that_identify_nobody_or_a_person_are_refused(tmp_path: Path) -> None:
    result = take(
        tmp_path,
        purchase_row(사업자등록번호="개인"),
        purchase_row(사업자등록번호="900101-1234567"),
        purchase_row(사업자등록번호="9001011234567"),
        purchase_row(업체명="", 사업자등록번호=""),
        purchase_row(업체명="", 사업자등록번호=business_number(3)),
        create_missing=True,
    )

    assert codes_of(result) == [
        "number_unreadable",
        "resident_number",
        "resident_number",
        "cell_missing",
        "enterprise_unknown",
    ]
    assert [problem.value for problem in result.problems] == ["개인", None, None, None, business_number(3)]


def test_a_department_is_found_by_name_code_or_path(office: int, tmp_path: Path) -> None:
    make_enterprise("함께일하는사람들", SINCE_2020)
    district = make_department("강남구")
    inner = make_department("민원과", parent_id=district)
    make_department("민원과")

    rows = [purchase_row(부서=name, 금액=n) for n, name in enumerate(["총무과", "A100", "강남구/민원과"], 1)]
    take(tmp_path, *rows)
    unclear = take(tmp_path, purchase_row(부서="민원과"), purchase_row(부서="총무"), purchase_row(부서=""))

    found = db.session.scalars(select(Purchase.department_id).order_by(Purchase.id)).all()
    assert found == [office, office, inner]
    assert codes_of(unclear) == ["department_ambiguous", "department_unknown", "cell_missing"]
    assert "강남구/민원과" in unclear.problems[0].message
    assert "총무과" in unclear.problems[1].message


def test_the_department_named_for_the_file_stands_in_for_empty_cells(office: int, tmp_path: Path) -> None:
    make_enterprise("함께일하는사람들", SINCE_2020)
    other = make_department("민원과")

    take(tmp_path, purchase_row(부서=""), purchase_row(부서="총무과", 금액=1), department="민원과")
    take(tmp_path, purchase_row()[1:], headings=HEADINGS[1:], department="민원과")

    found = db.session.scalars(select(Purchase.department_id).order_by(Purchase.id)).all()
    assert found == [other, office]


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("stated", "asked", "year", "codes"),
    [
        ("", None, 2026, []),
        ("", 2025, 2025, ["year_mismatch"]),
        ("2025년도", 2026, 2025, ["year_mismatch"]),
        ("2026", 2025, 2026, []),
    ],
)
def test_the_stated_fiscal_year_is_taken_before_the_one_asked_for_and_that_of_the_date(
    tmp_path: Path, stated: str, asked: int | None, year: int, codes: list[str]
) -> None:
    make_enterprise("함께일하는사람들", SINCE_2020)

    result = take(tmp_path, [*purchase_row(), stated], headings=(*HEADINGS, "회계연도"), year=asked)

    assert db.session.scalars(select(Purchase.fiscal_year)).one() == year
    assert codes_of(result) == codes


@pytest.mark.usefixtures("office")
def test_verdicts_and_kinds_in_doubt_are_warned_of(tmp_path: Path) -> None:
    make_enterprise("만료된기업", ("social", date(2020, 1, 1), date(2025, 12, 31)))
    make_enterprise("미인증기업")
    make_enterprise("인증기업", SINCE_2020)

    result = take(
        tmp_path,
        purchase_row(업체명="만료된기업"),
        purchase_row(업체명="미인증기업"),
        purchase_row(업체명="인증기업", 구분=""),
        purchase_row(업체명="인증기업", 구분="기타", 금액=3),
    )
    no_column = take(
        tmp_path, ["총무과", "인증기업", "2026-01-02", "9"], headings=("부서", "업체명", "계약일", "금액")
    )

    assert codes_of(result) == ["expired", "not_certified", "kind_unknown", "kind_unknown"]
    assert [(problem.row, problem.column) for problem in no_column.problems] == [(1, "구분")]
    assert no_column.imported == 1


@pytest.mark.usefixtures("office")
def test_a_negotiated_contract_above_its_limit_is_warned_of(tmp_path: Path) -> None:
    make_enterprise("여성기업", ("women_owned", date(2025, 1, 1), date(2027, 12, 31)))
    make_enterprise("사회적기업", SINCE_2020)
    headings = (*HEADINGS, "계약방법", "수의계약 사유")
    ground = ["수의계약", "지방계약법 시행령 제25조제1항제5호"]

    result = take(
        tmp_path,
        [*purchase_row(업체명="사회적기업", 금액="22,000,000"), *ground],
        [*purchase_row(업체명="사회적기업", 금액="22,000,011"), *ground],
        [*purchase_row(업체명="여성기업", 금액="22,000,011"), *ground],
        headings=headings,
    )

    assert [(problem.row, problem.code) for problem in result.problems] == [(3, "limit_exceeded")]
    assert "계약금액 기준" in result.problems[0].message
    assert "20,000,000" in result.problems[0].message


@pytest.mark.usefixtures("office")
def test_likely_duplicates_go_in_and_each_repeat_names_the_first_and_the_sum_at_stake(tmp_path: Path) -> None:
    make_enterprise("함께일하는사람들", SINCE_2020)

    result = take(tmp_path, purchase_row(), purchase_row(품목="의자"), purchase_row(금액=2), purchase_row())

    repeats = [problem for problem in result.problems if problem.code == "duplicate_likely"]
    assert result.imported == 4
    assert [problem.row for problem in repeats] == [3, 5]
    assert repeats[0].parameters == {"row": "2", "amount": 1_000_000}


@pytest.mark.usefixtures("office")
def test_likely_duplicates_are_judged_on_refused_rows_too(tmp_path: Path) -> None:
    result = take(tmp_path, purchase_row(), purchase_row())

    assert codes_of(result) == ["enterprise_unknown", "enterprise_unknown", "duplicate_likely"]


@pytest.mark.usefixtures("office")
def test_everything_a_file_may_say_is_kept(tmp_path: Path) -> None:
    enterprise = make_enterprise("함께일하는사람들", SINCE_2020)
    signing = make_department("재무과")
    cells = {
        "계약부서": "재무과",
        "수량": "1,000.5",
        "단위": "권",
        "단가": "900",
        "계약번호": "2026-1",
        "과세": "면세",
        "계약방법": "일반경쟁입찰",
        "결제수단": "카드",
        "통계목": "201-01",
        "비고": "급함",
        "적용계약법": "지방계약법",
        "조달방식": "중앙조달",
        "추정가격": "800,000",
        "직접/간접": "간접",
        "거래성격": "위탁",
        "예산구분": "명시이월",
        "품의번호": "품의-3",
    }

    result = take(tmp_path, [*purchase_row(), *cells.values()], headings=(*HEADINGS, *cells))

    purchase = db.session.scalars(select(Purchase)).one()
    assert codes_of(result) == []
    assert (purchase.enterprise_id, purchase.contracting_department_id) == (enterprise, signing)
    assert (str(purchase.quantity), purchase.unit, purchase.unit_price) == ("1000.5", "권", 900)
    assert (purchase.contract_number, purchase.tax, purchase.means) == ("2026-1", Tax.EXEMPT, "카드")
    assert (purchase.method, purchase.law) == (ContractMethod.COMPETITIVE_BIDDING, GoverningLaw.LOCAL)
    assert (purchase.procurement, purchase.estimated_price) == (Procurement.CENTRAL, 800_000)
    assert (purchase.directness, purchase.nature) == (Directness.INDIRECT, Nature.CONSIGNMENT)
    assert (purchase.budget_kind, purchase.budget_item) == (BudgetKind.EXPRESS_CARRYOVER, "201-01")
    assert (purchase.reference, purchase.note, purchase.kind) == ("품의-3", "급함", Kind.GOODS)


@pytest.mark.usefixtures("office")
def test_what_decides_nothing_is_left_out_where_it_cannot_be_read(tmp_path: Path) -> None:
    make_enterprise("함께일하는사람들", SINCE_2020)

    minor = take(tmp_path, [*purchase_row(), "많이", "싸게"], headings=(*HEADINGS, "수량", "단가"))
    grave = take(
        tmp_path,
        [*purchase_row(금액=1), "반쯤", ""],
        [*purchase_row(금액=2), "", "곧"],
        [*purchase_row(금액=3, 계약명="가" * 501), "", ""],
        headings=(*HEADINGS, "직접/간접", "변경차수"),
    )

    assert (minor.imported, codes_of(minor)) == (1, ["cell_ignored", "cell_ignored"])
    assert codes_of(grave) == ["word_unknown", "amendment_unreadable", "text_too_long"]
