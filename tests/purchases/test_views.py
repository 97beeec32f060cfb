"""The list of purchases, its files, and one purchase with its history, as a person sees them."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.client import Browser
from tests.factories import BY, business_number, make_department, make_draft, make_enterprise, make_purchase
from tests.imports.files import import_purchases
from tests.purchases.pages import counted_queries, rows_of, texts_of
from tracker.core.business_number import format_number
from tracker.core.vocabulary import (
    ContractMethod,
    Directness,
    GoverningLaw,
    Kind,
    Nature,
    PaymentKind,
    Role,
    Tax,
)
from tracker.purchases import views
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.services import correct_purchase, record_payment, record_purchases, reverse_purchase

SOCIAL = ("social", date(2020, 1, 1), None)
WOMEN = ("women_owned", date(2025, 1, 1), date(2026, 12, 31))
"""Certifications of the suppliers below."""


class Ledger:
    """Two departments, three suppliers and six purchases of 2026, one of 2025."""

    def __init__(self) -> None:
        self.office, self.civil = make_department("총무과"), make_department("민원과")
        self.team = make_department("민원팀", parent_id=self.civil)
        self.social = make_enterprise("함께일하는사람들", SOCIAL)
        self.women = make_enterprise("온빛기획", WOMEN)
        self.plain = make_enterprise("일반상사")
        self.old = make_purchase(self.office, self.social, 700, date(2025, 5, 1), contract_name="작년 것")
        self.paper = make_purchase(
            self.office,
            self.social,
            1_000,
            date(2026, 3, 1),
            item="복사 용지",
            method=ContractMethod.NEGOTIATED,
        )
        self.print = make_purchase(
            self.office, self.women, 20_000, date(2026, 3, 2), item="안내 책자", kind=Kind.SERVICES
        )
        self.desk = make_purchase(self.civil, self.plain, 300_000, date(2026, 3, 3), item="책상_100%")
        self.event = make_purchase(self.team, self.social, 4_000_000, date(2026, 3, 4), item="행사 도시락")
        self.aid = make_purchase(
            self.civil, self.social, 50_000_000, date(2026, 3, 5), item="보조", nature=Nature.SUBSIDY
        )
        self.wrong = make_purchase(self.civil, self.social, 600_000_000, date(2026, 3, 6), item="이중 입력")
        reverse_purchase(self.wrong, 1, "두 번 입력", BY)


@pytest.fixture
def ledger(app: object) -> Ledger:
    """Return the ledger."""
    assert app
    return Ledger()


@pytest.fixture
def browser(ledger: Ledger, as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the team, which sees the ledger."""
    assert ledger
    return as_user()


def numbers(page: str) -> list[int]:
    """Return the numbers of the purchases on the page, in their order."""
    return [int(row[0]) for row in rows_of(page) if row[0].isdigit()]


def sums(page: str) -> tuple[str, str]:
    """Return count and amount of the totals row."""
    found = re.search(r"전체 ([0-9,]+)건", page)
    return (found[1] if found else "0", rows_of(page)[-1][-1])


def link(page: str, text: str) -> str:
    """Return where the link with this text leads."""
    found = re.search(rf'href="([^"]+)"[^>]*>{text}<', page)
    assert found, text
    return unescape(found[1])


# The list


def test_the_list_shows_this_fiscal_year_newest_first_with_a_total_of_all(
    browser: Browser, ledger: Ledger
) -> None:
    page = browser.get("/purchases").text

    assert numbers(page) == [ledger.aid, ledger.event, ledger.desk, ledger.print, ledger.paper]
    assert sums(page) == ("5", "54,321,000")
    assert rows_of(page)[2] == [
        str(ledger.event), "2026. 3. 4.", "민원팀", "함께일하는사람들", "행사 도시락", "물품", "미상",
        "대상 사회적기업", "4,000,000",
    ]  # fmt: skip


def test_what_does_not_count_says_why(browser: Browser) -> None:
    rows = {row[4]: row[7] for row in rows_of(browser.get("/purchases?with_reversed=1").text)[1:-1]}

    assert rows == {
        "이중 입력": "취소됨",
        "보조": "비대상 사회적기업",
        "행사 도시락": "대상 사회적기업",
        "책상_100%": "비대상 인증 없음",
        "안내 책자": "비대상 여성기업",
        "복사 용지": "대상 사회적기업",
    }


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("fiscal_year=2025", "old"),
        ("fiscal_year=", "aid event desk print paper old"),
        ("text=복사용지", "paper"),
        ("text=_100%25", "desk"),
        ("text=작년&fiscal_year=", "old"),
        ("from=2026-03-04", "aid event"),
        ("from=2026-03-02&to=2026-03-03", "desk print"),
        ("from=2026.3.2&to=26.3.3", "desk print"),
        ("department={civil}", "aid event desk"),
        ("department={team}", "event"),
        ("enterprise=함께", "aid event paper"),
        ("enterprise=㈜온빛 기획", "print"),
        ("kind=services", "print"),
        ("type=women_owned", "print"),
        ("type=social", "aid event paper"),
        ("method=negotiated", "paper"),
        ("counted=yes", "event paper"),
        ("counted=no", "aid desk print"),
        ("with_reversed=1", "wrong aid event desk print paper"),
        ("counted=no&with_reversed=1", "wrong aid desk print"),
        ("enterprise_id={plain}", "desk"),
        ("enterprise_id={social}", "aid event paper old"),
        ("type=social&counted=yes&department={office}&fiscal_year=", "paper old"),
        ("kind=goods&department={civil}", "aid event desk"),
        ("text=없는것", ""),
    ],
)
def test_the_list_is_filtered(browser: Browser, ledger: Ledger, question: str, names: str) -> None:
    page = browser.get("/purchases?" + question.format(**vars(ledger))).text

    shown = [row for row in rows_of(page) if row[0].isdigit() and row[7] != "취소됨"]
    assert numbers(page) == [getattr(ledger, name) for name in names.split()]
    if names:
        added = sum(int(row[8].replace(",", "")) for row in shown)
        assert sums(page) == (str(len(shown)), f"{added:,}")


def test_part_of_a_business_number_finds_its_purchases(browser: Browser, ledger: Ledger) -> None:
    page = browser.get(f"/purchases?enterprise={format_number(business_number(2))}").text

    assert numbers(page) == [ledger.print]


def test_one_supplier_is_named_and_can_be_left(browser: Browser, ledger: Ledger) -> None:
    page = browser.get(f"/purchases?enterprise_id={ledger.plain}").text

    assert "일반상사" in texts_of(page)
    assert len(numbers(browser.get(link(page, "모든 업체 보기")).text)) == 6


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("oldest", "paper print desk event aid"),
        ("amount", "aid event desk print paper"),
        ("department", "desk aid event paper print"),
        ("enterprise", "print desk paper event aid"),
        ("recorded", "aid event desk print paper"),
    ],
)
def test_the_list_is_ordered(browser: Browser, ledger: Ledger, sort: str, names: str) -> None:
    page = browser.get(f"/purchases?sort={sort}").text

    assert sorted(numbers(page)) == sorted(getattr(ledger, name) for name in names.split())
    if sort not in ("department", "enterprise"):
        assert numbers(page) == [getattr(ledger, name) for name in names.split()]


@pytest.mark.long
@pytest.mark.parametrize("sort", ["newest", "oldest", "amount", "department", "enterprise", "recorded"])
def test_pages_follow_each_other_without_gap_or_repeat(browser: Browser, ledger: Ledger, sort: str) -> None:
    made = {make_purchase(ledger.office, ledger.plain, 10, date(2024, 1, 1 + n % 3)) for n in range(120)}
    page = browser.get(f"/purchases?fiscal_year=2024&sort={sort}").text
    seen, totals = numbers(page), {sums(page)}
    while 'rel="next"' in page:
        page = browser.get(link(page, "다음")).text
        seen += numbers(page)
        totals.add(sums(page))

    assert len(seen) == 120
    assert set(seen) == made
    assert totals == {("120", "1,200")}
    assert numbers(browser.get(link(page, "처음으로")).text) == seen[:50]


def test_a_heading_turns_the_order_round(browser: Browser) -> None:
    turned = browser.get(link(browser.get("/purchases").text, "구매일 <span[^<]*▼</span>")).text

    assert numbers(turned) == sorted(numbers(turned))


def test_a_page_behind_the_last_purchase_leads_back(browser: Browser) -> None:
    page = browser.get("/purchases?after=999999").text

    assert numbers(page) == []
    assert numbers(browser.get(link(page, "처음으로")).text)


def test_a_clerk_begins_with_the_own_department_and_those_below(
    ledger: Ledger, as_user: Callable[..., Browser]
) -> None:
    clerk = as_user(Role.CLERK, ledger.civil)

    assert numbers(clerk.get("/purchases").text) == [ledger.aid, ledger.event, ledger.desk]
    assert len(numbers(clerk.get("/purchases?department=").text)) == 5


def test_who_may_not_write_sees_no_button(ledger: Ledger, as_user: Callable[..., Browser]) -> None:
    for role in (Role.AUDITOR, Role.ADMIN):
        page = as_user(role, None if role is Role.ADMIN else ledger.office).get("/purchases").text

        assert numbers(page)
        assert "/purchases/new" not in page


@pytest.mark.parametrize(
    "question",
    ["fiscal_year=x", "fiscal_year=99999999999", "department=99999", "kind=none", "from=2026-02-30"],
)
def test_a_question_that_makes_no_sense_is_sent_back_with_its_fault(browser: Browser, question: str) -> None:
    answer = browser.get(f"/purchases?{question}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("after", ["x", "-1", "²", "99999999999999999999"])
def test_there_is_no_page_after_what_is_no_number(browser: Browser, after: str) -> None:
    assert browser.get(f"/purchases?after={after}").status_code == 404


@pytest.mark.long
def test_list_and_detail_ask_the_same_number_of_questions_whatever_their_size(
    ledger: Ledger, browser: Browser
) -> None:
    asked = []
    purchase = ledger.paper
    for version in range(1, 60):
        if version in (5, 59):
            for page in ("/purchases", f"/purchases/{purchase}"):
                with counted_queries() as statements:
                    assert browser.get(page).status_code == 200
                asked.append(len(statements))
        supplier = make_enterprise(f"업체 {version}", SOCIAL)
        make_purchase(ledger.civil, supplier, version, date(2026, 4, 1) + timedelta(version))
        record_payment(purchase, paid(version), version, BY)

    assert asked[:2] == asked[2:]
    assert max(asked) < 30


# Files


NUMBER = format_number(business_number(2))


def read_csv(browser: Browser, question: str) -> list[list[str]]:
    """Return the lines of the CSV file of a list."""
    with browser.get(f"/purchases/export?format=csv&{question}", buffered=True) as answer:
        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == "attachment; filename=purchases-2026-11-24.csv"
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_csv_file_holds_the_list_as_seen(browser: Browser, ledger: Ledger) -> None:
    seen = numbers(browser.get("/purchases?sort=amount&counted=no").text)

    head, *lines = read_csv(browser, "sort=amount&counted=no")

    assert [int(line[0]) for line in lines] == seen
    assert dict(zip(head, lines[-1], strict=True)) == {
        "번호": str(ledger.print), "회계연도": "2026", "구매일": "2026-03-02", "부서": "총무과",
        "기업": "온빛기획", "사업자등록번호": NUMBER, "품목": "안내 책자", "구분": "용역",
        "계약명": "사무용품 구매", "계약번호": "", "계약방법": "미상", "금액": "20000", "과세": "미상",
        "직접/간접": "직접", "거래성격": "구매", "사회적경제 실적으로 인정": "아니요", "유형": "여성기업",
        "사유": "구매일에 인증이 유효했습니다.", "취소됨": "", "비고": "",
    }  # fmt: skip


def test_the_link_of_a_file_asks_what_the_page_shows(browser: Browser, ledger: Ledger) -> None:
    page = browser.get(f"/purchases?department={ledger.civil}&with_reversed=1&sort=oldest").text

    _, *lines = read_csv(browser, link(page, "CSV").partition("?")[2])

    assert [int(line[0]) for line in lines] == numbers(page)
    assert lines[-1][18] == "예"


@pytest.mark.long
def test_many_lines_come_in_pieces_and_whole(browser: Browser, ledger: Ledger) -> None:
    drafts = [make_draft(ledger.office, ledger.plain, n, date(2023, 1, 1)) for n in range(1, 1_102)]
    record_purchases(drafts, BY)

    _, *lines = read_csv(browser, "fiscal_year=2023&sort=recorded")

    assert [int(line[11]) for line in lines] == list(range(1_101, 0, -1))


PAYLOADS = ("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "＝1+1", " =1+1", "　-1", "http://x.kr")


def test_no_cell_of_a_file_becomes_a_formula(browser: Browser, ledger: Ledger, tmp_path: Path) -> None:
    for payload in PAYLOADS:
        make_purchase(ledger.office, ledger.plain, -5, date(2022, 1, 1), item=payload, note=payload)

    _, *lines = read_csv(browser, "fiscal_year=2022&sort=recorded")
    with browser.get("/purchases/export?format=xlsx&fiscal_year=2022&sort=recorded") as answer:
        (tmp_path / "list.xlsx").write_bytes(answer.data)
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active

    assert sheet
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert [cell.value for cell in sheet["G"]][1:] == list(reversed(PAYLOADS))
    assert sheet["L2"].value == -5
    assert {line[11] for line in lines} == {"-5"}
    for line in lines:
        assert line[6].startswith("'") or line[6] == "http://x.kr"


def test_a_list_too_long_for_a_workbook_says_so_and_offers_the_other_file(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "XLSX_ROWS", 4)
    page = browser.get("/purchases").text

    answer = browser.get("/purchases/export?format=xlsx&department=", follow_redirects=True)

    assert "format=xlsx" not in page
    assert "format=csv" in page
    assert "4건까지 담을 수 있습니다" in answer.text
    assert numbers(answer.text) == numbers(page)


@pytest.mark.parametrize("question", ["format=pdf", "", "format=csv&fiscal_year=x"])
def test_there_is_no_file_of_another_form_or_of_nonsense(browser: Browser, question: str) -> None:
    assert browser.get(f"/purchases/export?{question}").status_code == 404


# One purchase


def paid(amount: int, day: date = date(2026, 4, 1)) -> PaymentDraft:
    """Return a part payment."""
    return PaymentDraft(paid_on=day, amount=amount, fiscal_year=day.year, kind=PaymentKind.PROGRESS)


def test_the_page_of_a_purchase_tells_its_facts_and_why_it_counts(browser: Browser, ledger: Ledger) -> None:
    purchase = make_purchase(
        ledger.office,
        ledger.social,
        1_234_000,
        item="복사용지 A4",
        tax=Tax.INCLUDED,
        contracting_department_id=ledger.civil,
        payments=(paid(1_000_000),),
    )

    page = texts_of(browser.get(f"/purchases/{purchase}").text)

    for text in (
        "1,234,000 원", "함께일하는사람들 100-00-00014", "사회적경제 실적으로 인정", "품목 복사용지 A4",
        "과세 과세 포함", "계약부서 민원과", "구매일 2026. 3. 2. 기준 판정",
        "사회적기업 대상 구매일에 인증이 유효했습니다. (제2020-0011호, 2020. 1. 1. ~)",
        "남은 금액 234,000", "2026 회계연도",
    ):  # fmt: skip
        assert text in page


def test_warnings_of_a_stored_purchase_are_shown(browser: Browser, ledger: Ledger) -> None:
    facts: dict[str, Any] = {
        "kind": Kind.GOODS,
        "method": ContractMethod.NEGOTIATED,
        "ground": "지방계약법 시행령 제25조제1항제5호나목",
        "fiscal_year": 2027,
    }
    first = make_purchase(ledger.office, ledger.plain, 33_000_000, **facts)
    second = make_purchase(ledger.office, ledger.plain, 33_000_000, **facts)

    page = browser.get(f"/purchases/{second}").text

    assert "30,000,000원(계약금액 기준, 부가세 제외)은 수의계약 한도 20,000,000원을 넘습니다" in texts_of(
        page
    )
    assert f"구매 {first}번(사무용품 구매)과 부서·업체·구매일·금액이 같습니다" in texts_of(page)
    assert f'href="/purchases/{first}"' in page
    assert "회계연도 2027" in page


def test_the_history_tells_who_changed_what_and_why(browser: Browser, ledger: Ledger) -> None:
    draft = make_draft(
        ledger.civil, ledger.women, 2_000, date(2026, 3, 1), item="A4 용지", payments=(paid(5),)
    )
    record_payment(ledger.paper, paid(7), 1, BY)
    correct_purchase(ledger.paper, draft, 2, "업체를 잘못 적음", BY)
    reverse_purchase(ledger.paper, 3, "계약 해지", BY)

    page = browser.get(f"/purchases/{ledger.paper}").text
    history = [texts_of(each) for each in re.findall(r"<li>\s*<p class=\"revision.*?</li>", page, re.S)]

    assert [entry.split()[:3] for entry in history] == [
        ["4", "취소됨", "시스템"], ["3", "정정", "시스템"], ["2", "지출", "추가"], ["1", "입력", "시스템"],
    ]  # fmt: skip
    assert "사유 계약 해지" in history[0]
    assert "사유 업체를 잘못 적음" in history[1]
    for change in (
        "부서 총무과 민원과", "기업 함께일하는사람들 온빛기획", "금액 1,000 2,000", "품목 복사 용지 A4 용지",
        "지출 2026. 4. 1. 기성 7원", "계약방법 수의계약 미상", "다시 판정했습니다",
    ):  # fmt: skip
        assert change in history[1]
    assert "지출 – 2026. 4. 1. 기성 7원" in history[2]
    assert "취소된 구매로 어떤 집계에도 들어가지 않습니다" in page


def test_paying_more_than_the_amount_is_shown(browser: Browser, ledger: Ledger) -> None:
    record_payment(ledger.paper, paid(1_500), 1, BY)

    assert "구매금액을 넘은 지출 -500" in texts_of(browser.get(f"/purchases/{ledger.paper}").text)


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"directness": Directness.INDIRECT}, "기록만 하고 셈하지 않음: 직접 구매만 실적"),
        ({"law": GoverningLaw.NATIONAL, "ground": "제26조제1항제5호"}, "수의계약 한도 검토 안 함"),
    ],
)
def test_what_is_special_about_a_purchase_is_said(
    browser: Browser, ledger: Ledger, facts: dict[str, Any], standing: str
) -> None:
    purchase = make_purchase(ledger.office, ledger.social, 50_000_000, **facts)

    assert standing in browser.get(f"/purchases/{purchase}").text


def test_buttons_stand_only_where_they_would_work(ledger: Ledger, as_user: Callable[..., Browser]) -> None:
    clerk, auditor = as_user(Role.CLERK, ledger.office), as_user(Role.AUDITOR)

    def acts(browser: Browser, purchase: int) -> set[str]:
        page = browser.get(f"/purchases/{purchase}").text
        found = set(re.findall(rf"/purchases/{purchase}/(correct|payments|reverse)", page))
        return found | ({"repeat"} if f"repeat={purchase}" in page else set())

    assert acts(clerk, ledger.paper) == {"correct", "payments", "reverse", "repeat"}
    assert acts(clerk, ledger.desk) == {"repeat"}
    assert acts(auditor, ledger.paper) == set()
    assert acts(as_user(Role.STAFF), ledger.wrong) == {"repeat"}


@pytest.mark.parametrize("number", ["999999", "99999999999999999999"])
def test_there_is_no_page_of_an_unknown_purchase(browser: Browser, number: str) -> None:
    assert browser.get(f"/purchases/{number}").status_code == 404


def test_a_purchase_from_a_file_tells_its_row(browser: Browser, ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "계약대장.csv"
    head = "부서,사업자등록번호,계약일,금액,품목,회계연도,구분"
    number = format_number(business_number(1))
    file.write_text(f"{head}\n총무과,{number},2026-05-06,5000,명패,2026,물품\n", encoding="utf-8")
    import_purchases(file)

    [purchase] = numbers(browser.get("/purchases?text=명패").text)
    page = browser.get(f"/purchases/{purchase}").text

    assert "1차 내용은 올린 파일 계약대장.csv의 2행에서 왔습니다." in texts_of(page)
    assert 'href="/imports/1"' in page
    assert ledger
