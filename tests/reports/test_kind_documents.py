"""Every kind of report as a document: its tables hold the figures of its content, in words that fit."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import BY, NOW, make_department, make_enterprise, make_purchase
from tests.reports.ledger import SINCE, Ledger, enter_ledger, enter_spending
from tests.reports.test_kinds import about
from tests.targets.pages import aim, spend, write_plan
from tracker.core.canonical import canonical_json
from tracker.core.money import spell_won
from tracker.core.periods import Period
from tracker.core.vocabulary import Kind
from tracker.departments.services import reorganise
from tracker.reports.catalogue import RECIPES, build_report, recipe_of
from tracker.reports.document import Document, Facts, Form, Points, Role, Table
from tracker.reports.indicators import IndicatorDraft, add_indicator
from tracker.reports.letters import write_letter
from tracker.reports.markup import document_html
from tracker.reports.requests import Content, OneOff, ReportKind, ReportRequest
from tracker.rounds.services import RoundDraft, open_round
from tracker.targets.queries import Exclusion
from tracker.targets.services import RuleDraft, save_rule

KINDS = [kind for kind in ReportKind if kind not in (ReportKind.ANNUAL, ReportKind.DISTRICTS)]


@pytest.fixture
def ledger(app: object) -> Ledger:  # noqa: ARG001
    """Return the small ledger with all that may stand beside it."""
    found = enter_ledger()
    enter_spending(found, 2025, 9_000_000)
    enter_spending(found, 2024, 5_000_000)
    aim("social_economy", amount=5_000_000, year=2025)
    aim("social_economy", rate="0.5", year=2025, kind=Kind.GOODS)
    aim("social_economy", amount=7, year=2025, department_id=found.departments["총무과"])
    write_plan(
        found.departments["복지과"],
        fiscal_year=2025,
        scheme="social_economy",
        quantity=Decimal(3),
        unit="상자",
    )
    for value, before in (("1888", "1286"), ("2.5", None)):
        add_indicator(
            IndicatorDraft(
                year=2025,
                field="일자리",
                name="취업 연계",
                unit="명",
                value=Decimal(value),
                value_before=Decimal(before) if before else None,
                evidence="명부",
            ),
            BY,
        )
    return found


def content_of(request: ReportRequest) -> Content:
    """Return the content as it is read again after freezing."""
    told = build_report(request, NOW) | {"number": "2025-0001", "title": "보고서"}
    return json.loads(canonical_json(told))  # type: ignore[no-any-return]


def document_of(request: ReportRequest) -> Document:
    content = content_of(request)
    return recipe_of(content).compose(content, "0" * 64)


def table(document: Document, key: str) -> list[tuple[Any, ...]]:
    """Return the values of a table's lines."""
    [found] = [each for each in document.tables if each.key == key]
    return [tuple(cell.value for cell in line.cells) for line in found.lines]


def words(document: Document) -> str:
    """Return all points and facts."""
    told = []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Points):
                told += [point.text for point in block.points]
            if isinstance(block, Facts):
                told += [f"{term}: {said}" for term, said in block.pairs]
    return "\n".join(told)


def whole(document: Document, key: str) -> list[int]:
    """Return the amounts in the total of a table."""
    [found] = [each for each in document.tables if each.key == key]
    return [
        int(cell.value)
        for line in found.lines
        if line.role is Role.TOTAL
        for cell in line.cells
        if cell.form is Form.AMOUNT
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_of_a_document_hold_the_total_to_the_won_and_every_line_is_as_wide_as_its_head(
    ledger: Ledger, kind: ReportKind
) -> None:
    request = about(kind, ledger)
    document = document_of(request)
    total = content_of(request)["summary"]["total"]["current"]

    for each in document.tables:
        assert {len(line.cells) for line in each.lines} <= {len(each.columns)}, each.key
    for key in {"by_kind", "by_department", "by_year", "annex", "summary", "by_procurement"} & {
        each.key for each in document.tables
    }:
        assert total in whole(document, key), key
    sheets = [each.sheet for each in document.tables if each.medium != "paper"]
    assert len(sheets) == len(set(sheets))
    assert "<main" in document_html(document)


def test_a_scheme_says_what_counts_targets_and_what_was_missed(ledger: Ledger) -> None:
    request = about(ReportKind.SCHEME, ledger)
    document = document_of(request)

    assert "대상 기업: 사회적기업, 예비사회적기업" in words(document)
    assert table(document, "targets")[0][:5] == ("물품", "50.00", "none", "13.72", "27.4")
    assert table(document, "targets")[2][1] == "목표 없음"
    assert [row[0] for row in table(document, "shortfalls")] == ["물품", "계"]
    assert {row[3] for row in table(document, "shortfalls")} == {""}
    assert table(document, "plan")[0] == ("복지과", "복사용지", "물품", "3 상자", "미정", 1_000_000)
    assert table(document, "department_targets")[0][:3] == ("총무과", 7, 3_235_067)
    assert "새로 거래한 기업 1개 +2,001천원" in words(document)


def test_a_scheme_without_anything_says_so(app: object) -> None:  # noqa: ARG001
    make_department()
    document = document_of(ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="sme"))

    assert "정하지 않음" in words(document)
    assert "자료가 없어 비교하지 않음" in words(document)
    assert table(document, "rates")[-1][1:] == ("no_data",) * 6 + ("none",)
    assert table(document, "targets")[0][1] == "목표 없음"


def test_one_off_items_stand_beside_the_rate(ledger: Ledger) -> None:
    bought = next(number for row, number in ledger.purchases.items() if row.supplier == "여성상사")
    request = ReportRequest(
        year=2025,
        kind=ReportKind.SCHEME,
        scheme="social_enterprise",
        one_offs=(OneOff("청소차", (bought,)), OneOff("기타", (), ("9",)))[:1],
    )

    assert table(document_of(request), "one_offs") == [
        ("모두 넣은 비율", "none", "none", "35.94", "15.94"),
        ("청소차 제외", 0, 5_000_000, "80.86", "60.86"),
    ]


def test_a_department_with_nothing_confirms_that_there_is_none(ledger: Ledger) -> None:
    request = ReportRequest(year=2025, kind=ReportKind.DEPARTMENT, department_id=ledger.departments["민원과"])
    html = document_html(document_of(request))

    assert "해당 없음: 위 부서는 2025. 1. 1.부터 2025. 12. 31.까지" in html
    assert "서명 또는 인" in html


def test_a_period_says_who_took_part_and_the_other_indicators(ledger: Ledger) -> None:
    document = document_of(about(ReportKind.PERIOD, ledger))

    assert document.kicker == "2025. 1. 1. ~ 2025. 12. 31."
    assert table(document, "indicators") == [
        ("일자리", "취업 연계", "명", 1888, 1286, "46.81", "명부"),
        ("일자리", "취업 연계", "명", "2.5", "자료 없음", "none", "명부"),
    ]
    assert "두 기간 모두 구매가 없는 부서: 민원과" in words(document)
    empty = document_of(
        ReportRequest(year=2020, kind=ReportKind.PERIOD, period=Period(date(2020, 1, 1), date(2020, 6, 30)))
    )
    assert "입력된 지표 없음" in words(empty)


def test_the_brief_says_in_three_sentences_what_rose_what_fell_and_why(ledger: Ledger) -> None:
    told = words(document_of(about(ReportKind.BRIEF, ledger))).splitlines()

    assert told == [
        "전년보다 가장 많이 늘어난 유형은 사회적기업 2,235천원(223.5%), 부서는 총무과 2,235천원(223.5%).",
        "전년보다 가장 많이 줄어든 유형은 협동조합 4천원(77.8%), 부서는 복지과 4천원(88.9%).",
        "전년 대비 2,231천원(222.1%) 증가: 새로 거래한 기업(1개)의 2,001천원 증가 영향이 가장 큼, "
        "가장 큰 구매는 사무용품 구매 2,001천원.",
    ]
    make_purchase(ledger.departments["총무과"], make_enterprise("이름 긴 곳"), 1, date(2023, 1, 1))
    assert words(document_of(ReportRequest(year=2023, kind=ReportKind.BRIEF))).splitlines() == [
        "전년보다 늘어난 유형과 부서 없음.",
        "전년보다 줄어든 유형과 부서 없음.",
        "구매액은 전년 자료 없음.",
    ]


def test_a_statement_without_purchases_says_so(ledger: Ledger) -> None:
    request = ReportRequest(
        year=2025, kind=ReportKind.ENTERPRISE, enterprise_id=make_enterprise("없음", number=None)
    )
    document = document_of(request)

    assert ledger
    assert "해당 기간의 구매 내역 없음" in words(document)
    assert "사업자등록번호: 등록되지 않음" in words(document)
    assert RECIPES[ReportKind.ENTERPRISE].asks == {"enterprise_id"}
    assert isinstance(document.tables[0], Table)


def test_letters_say_title_relation_content_and_enclosure(ledger: Ledger) -> None:
    annual = content_of(ReportRequest(year=2025))
    scheme = content_of(ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="women"))
    sheet = content_of(about(ReportKind.DEPARTMENT, ledger))

    assert write_letter(annual).splitlines() == [
        "제목  보고서 통보",
        "",
        "1. 관련: 사회적기업 육성법 제12조, 같은 법 시행령 제12조의2",
        "2. 보고서 자료를 붙임과 같이 통보합니다.",
        "  가. 기간: 2025. 1. 1. ~ 2025. 12. 31.",
        f"  나. 사회적기업 제품 구매액: {spell_won(3_234_567)}",
        "  다. 구매비율: 35.94%",
        f"  라. 사회적경제기업 구매액: {spell_won(3_235_566)}",
        "",
        "붙임  보고서 1부.  끝.",
    ]
    assert write_letter(scheme).startswith("수신  중소벤처기업부장관\n제목  보고서 제출")
    assert "구매비율: 55.56%, 달성률: 자료 없음" in write_letter(scheme)
    assert "부서: 총무과" in write_letter(sheet)


@pytest.mark.long
def test_what_is_rare_is_told_too(ledger: Ledger) -> None:
    """A reorganisation, a running year, rules that changed, rounds, suppliers whose certification ended."""
    old, new = ledger.departments["복지과"], make_department("복지정책과", valid_from=date(2026, 1, 1))
    reorganise([old], [new], date(2026, 1, 1), BY)
    ended = make_enterprise("끝난 곳", ("severe_disability", SINCE, date(2026, 3, 31)))
    begun = make_enterprise("새 곳", ("severe_disability", date(2026, 2, 1), None))
    for supplier, day in ((ended, date(2025, 3, 1)), (ended, date(2026, 3, 1)), (begun, date(2026, 3, 2))):
        make_purchase(new if day.year == 2026 else old, supplier, 500, day)
    save_rule(
        RuleDraft(
            scheme="severe_disability",
            fiscal_year=2026,
            types=("severe_disability", "social"),
            kinds=(Kind.GOODS, Kind.SERVICES),
            exclusions=(Exclusion("307", "의무 대상 아님"),),
        ),
        None,
        BY,
    )
    spend(new, 10, year=2026)
    aim("severe_disability", rate="0.011", year=2026, department_id=new)
    document = document_of(ReportRequest(year=2026, kind=ReportKind.SCHEME, scheme="severe_disability"))
    html = document_html(document)

    for told in (
        "공사 제외: 우선구매액과 총구매액 모두",
        "307(의무 대상 아님)",
        "전년 실적은 전년의 집계 기준",
        "새로 인증·지정된 기업 1개에서 구매",
        "인증·지정이 끝난 기업 1개",
        "총구매액이 입력되지 않은 구분은",
        "우선구매액이 총구매액보다 큰 구분이 있음",
        "구매비율은 두 해 모두 회계연도 전체 기준(잠정)",
        "목표 비율 1.10%",
        "통합·승계: 복지과 →",
        "조직개편으로 통합·승계된 부서",
    ):
        assert told in html, told

    section = make_department("복지1팀", parent_id=new)
    make_purchase(section, ledger.suppliers["함께"], 70, date(2026, 4, 1))
    open_round(
        RoundDraft(
            title="2026년 자료 제출",
            period=Period(date(2026, 1, 1), date(2026, 12, 31)),
            due_on=date(2027, 1, 10),
            with_affiliated=True,
            request="제출 요청",
        ),
        BY,
    )
    sheet = document_of(ReportRequest(year=2026, kind=ReportKind.DEPARTMENT, department_id=new))
    assert table(sheet, "rounds")[0][3:] == ("미제출", "–", "–")
    assert {row[0] for row in table(sheet, "by_department")} == {"복지정책과", "복지1팀", "합계"}
    days = ReportRequest(year=2026, kind=ReportKind.BRIEF, period=Period(date(2026, 1, 1), date(2026, 4, 1)))
    assert table(document_of(days), "summary")[1][0] == "사회적기업 구매액"


def test_sums_that_do_not_hold_are_named(ledger: Ledger) -> None:
    content = content_of(ReportRequest(year=2025, kind=ReportKind.SCHEME, scheme="social_economy"))
    content["by_procurement"][0]["current"] += 1
    content["rates"][0]["denominator"]["current"] += 1
    content["rates"][-1]["numerator"]["current"] += 1
    content["by_type"][0]["current"] += 1
    content["plan"]["amount"] += 1
    content["explained"]["suppliers"]["new"]["prior"] += 1

    assert ledger
    assert set(RECIPES[ReportKind.SCHEME].find_faults(content)) == {
        "by_procurement.current",
        "rates.denominator",
        "rates.numerator",
        "by_type.social",
        "plan.amount",
        "explained.suppliers.prior",
    }
