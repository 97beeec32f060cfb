"""Entering several purchases at once: typed or pasted, each fault at its cell, all saved or none."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.purchases.pages import texts_of
from tracker.audit.integrity import check_chain
from tracker.audit.models import AuditEvent
from tracker.core.periods import month
from tracker.core.vocabulary import ContractMethod, Kind, PaymentKind, Role, Tax
from tracker.extensions import db
from tracker.purchases.closings import close_period
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.history import Record, find_record
from tracker.purchases.integrity import check_ledger
from tracker.purchases.lines import MOST_LINES
from tracker.purchases.models import Purchase

PAGE = "/purchases/new/lines"
SOCIAL = ("social", date(2020, 1, 1), None)
Fields = dict[str, str | list[str]]


@pytest.fixture
def office(app: Flask) -> int:
    """Return a department, with two suppliers beside it."""
    assert app
    make_enterprise("함께일하는사람들", SOCIAL)
    make_enterprise("일반상사")
    return make_department("총무과")


@pytest.fixture
def clerk(office: int, as_user: Callable[..., Browser]) -> Browser:
    """Return the browser of the department's clerk."""
    return as_user(Role.CLERK, office)


def grid_of(page: str) -> Fields:
    """Return the grid's form as a browser would send it."""
    form = page.partition("data-grid")[2].partition("</form>")[0]
    found: Fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name
        cells = found.setdefault(name[1], [])
        assert isinstance(cells, list)
        cells.append(unescape(value[1]) if value else "")
    found["pasted"] = ""
    found["department_id"] = re.findall(r'<option selected value="(\d+)"', form)[:1]
    return found


def cells(page: str, name: str) -> list[str]:
    """Return what stands in a column, blank lines left out."""
    found = grid_of(page)[f"cell-{name}"]
    return [text for text in found if text]


def press(browser: Browser, page: str, act: str, **changed: object) -> TestResponse:
    """Send the grid of a page with a button."""
    return browser.post(PAGE, data=grid_of(page) | {"act": act} | changed)


def paste(browser: Browser, *lines: str) -> str:
    """Paste lines, their cells divided by |, and return the page that shows them in the grid."""
    text = "\r\n".join(line.replace("|", "\t") for line in lines)
    return browser.post(PAGE, data=grid_of(browser.get(PAGE).text) | {"pasted": text, "act": "spread"}).text


def saved() -> list[Record]:
    """Return all purchases in the order of recording."""
    db.session.rollback()
    db.session.expire_all()
    found = [find_record(purchase.id) for purchase in db.session.query(Purchase).order_by(Purchase.id)]
    return [record for record in found if record]


HEAD = "계약일|업체명|품목|구분|계약금액(원)|과세|비고"
FIRST = "2026. 3. 2.|함께일하는사람들|복사용지|물품|1,234,000원|포함|첫째"
SECOND = "20260303|100-00-00014|청소|일반용역|△1,000|면세|"


def test_a_pasted_block_is_checked_and_saved_whole(clerk: Browser, office: int) -> None:
    page = paste(clerk, HEAD, FIRST, SECOND)
    assert saved() == []

    checked = press(clerk, page, "check")
    assert texts_of(checked.text).count("대상 사회적기업") == 2
    answer = press(clerk, checked.text, "save")

    assert answer.location.startswith("/purchases?sort=recorded")
    assert "구매 2건, 1,233,000원을 저장했습니다" in clerk.get(answer.location).text
    first, second = saved()
    assert (first.facts.item, first.facts.kind, first.facts.amount, first.facts.tax, first.facts.note) == (
        "복사용지", Kind.GOODS, 1_234_000, Tax.INCLUDED, "첫째",
    )  # fmt: skip
    assert (second.facts.contracted_on, second.facts.amount) == (date(2026, 3, 3), -1_000)
    assert {first.facts.department_id, second.facts.department_id} == {office}
    assert not [*check_ledger(), *check_chain()]
    assert [
        event.subject_id for event in db.session.query(AuditEvent).filter_by(action="purchase.record")
    ] == [
        first.id,
        second.id,
    ]


def test_without_headings_the_columns_are_those_of_the_table(clerk: Browser) -> None:
    page = paste(clerk, FIRST, SECOND)

    assert cells(page, "contracted_on") == ["2026. 3. 2.", "20260303"]
    assert cells(page, "note") == ["첫째"]


def test_with_headings_columns_stand_in_any_order_and_more_of_them_are_taken(clerk: Browser) -> None:
    make_department("재무과")
    page = paste(
        clerk,
        "금액|부서|계약부서|사업자등록번호|업체명|지급일|계약방법|수량|쓸데없는 열|통계목",
        "5,000|총무과|재무과|100-00-00014|이름은 다름|2026-04-01|수의계약(소액)|3|x|201-01",
    )
    assert "다음 열은 가져오지 않았습니다: 쓸데없는 열" in page

    press(clerk, page, "save")

    [record] = saved()
    facts = record.facts
    assert (facts.amount, facts.purchased_on, facts.contracted_on) == (5_000, date(2026, 4, 1), None)
    assert (facts.method, str(facts.quantity), facts.budget_item) == (
        ContractMethod.NEGOTIATED,
        "3",
        "201-01",
    )
    assert facts.contracting_department_id
    assert record.payments == (
        PaymentDraft(paid_on=date(2026, 4, 1), amount=5_000, fiscal_year=2026, kind=PaymentKind.WHOLE),
    )


def test_what_is_missing_among_the_headings_gets_a_column(clerk: Browser) -> None:
    page = paste(clerk, "품목|비고", "복사용지|첫째")

    assert grid_of(page)["column"] == ["item", "note", "contracted_on", "enterprise", "amount"]


def test_a_pasted_block_stands_behind_the_lines_filled_in(clerk: Browser) -> None:
    page = paste(clerk, FIRST)
    grid = grid_of(page)

    both = clerk.post(PAGE, data=grid | {"pasted": "품목\t금액\n의자\t5", "act": "spread"}).text

    assert cells(both, "item") == ["복사용지", "의자"]
    assert cells(both, "note") == ["첫째"]
    assert cells(both, "amount") == ["1,234,000원", "5"]


def test_cells_with_line_breaks_and_quotes_come_as_they_were(clerk: Browser) -> None:
    page = paste(clerk, '2026-03-02|함께일하는사람들|"책상 ""큰"" 것\n둘"|물품|5||')

    press(clerk, page, "save")

    assert saved()[0].facts.item == '책상 "큰" 것 둘'


def test_every_fault_stands_at_its_line_and_cell_and_nothing_is_saved(clerk: Browser) -> None:
    make_enterprise("쌍둥이", number=None)
    make_enterprise("쌍둥이", SOCIAL)
    make_department("민원과")
    page = paste(
        clerk,
        HEAD + "|부서|계약부서|수량",
        FIRST,
        "2026-02-30|함께일하는사람들||물품|5",
        "|함께일하는사람들||뭔가|많이",
        "2026-03-02|없는 업체|900101-1234567||1.5",
        "2026-03-02|쌍둥이|||5|||민원과|없는과|하나",
        "2026-03-02||||5|||총무",
    )

    answer = press(clerk, page, "save")

    assert answer.status_code == 422
    told = texts_of(answer.text.partition('class="error-summary"')[2].partition("</div>")[0])
    for fault in (
        "2번째 줄 계약일: 없는 날짜", "3번째 줄 계약일: 반드시", "3번째 줄 구분:", "3번째 줄 금액:",
        "4번째 줄 업체: 등록되지 않은", "4번째 줄 품목:", "4번째 줄 금액:", "5번째 줄 업체: 어느 업체인지",
        "5번째 줄 부서: 이 부서의", "5번째 줄 계약부서: 없는 부서", "5번째 줄 수량:",
        "6번째 줄 업체: 반드시", "6번째 줄 부서: 없는 부서",
    ):  # fmt: skip
        assert fault in told
    assert "1번째 줄" not in told
    assert 'id="line-2-contracted_on" aria-invalid="true" aria-describedby="fault-2"' in answer.text
    assert cells(answer.text, "amount") == ["1,234,000원", "5", "많이", "1.5", "5", "5"]
    assert saved() == []


def test_a_department_named_twice_is_named_by_its_path(as_user: Callable[..., Browser], office: int) -> None:
    make_department("서무팀", parent_id=office)
    make_department("서무팀", parent_id=make_department("민원과"))
    staff = as_user(Role.STAFF, office)
    page = paste(
        staff,
        "계약일|업체명|금액|부서",
        "2026-03-02|일반상사|5|서무팀",
        "2026-03-02|일반상사|5|민원과/서무팀",
    )

    answer = press(staff, page, "save")

    assert "총무과/서무팀, 민원과/서무팀" in answer.text
    assert "2번째 줄" not in answer.text


def test_warnings_stand_at_their_line_and_are_asked_about_once(clerk: Browser, office: int) -> None:
    known = make_purchase(office, 1, 1_234_000, item="복사용지")
    page = paste(clerk, HEAD, "", FIRST, FIRST, SECOND)

    first = press(clerk, page, "save")
    assert len(saved()) == 1
    told = texts_of(first.text)
    assert told.count(f"구매 {known}번(복사용지)과 부서·업체·구매일·금액이 같습니다") == 2
    assert "1번째 줄과 같은 내용입니다" in told
    assert "경고를 확인했고 모두 저장" in told
    press(clerk, first.text, "save")

    assert len(saved()) == 4


def test_blank_lines_between_do_not_shift_the_numbers(clerk: Browser) -> None:
    grid = grid_of(clerk.get(PAGE).text)
    for name, values in (
        ("contracted_on", ["", "2026-03-02", "", "2026-03-02"]),
        ("enterprise", ["", "일반상사", "", "일반상사"]),
        ("amount", [" ", "5", "", "5"]),
    ):
        grid[f"cell-{name}"] = values + [""] * 4

    answer = clerk.post(PAGE, data=grid | {"act": "check"})

    assert "2번째 줄과 같은 내용입니다" in texts_of(answer.text)


def test_the_same_lines_twice_are_saved_once(clerk: Browser) -> None:
    grid = grid_of(paste(clerk, HEAD, FIRST, SECOND)) | {"act": "save"}

    first = clerk.post(PAGE, data=grid)
    second = clerk.post(PAGE, data=grid)

    assert first.location == second.location
    assert len(saved()) == 2
    assert "두 번 저장되지 않았습니다" in clerk.get(second.location).text


@pytest.mark.parametrize("act", ["save", "check"])
def test_an_empty_grid_is_not_saved(clerk: Browser, act: str) -> None:
    answer = press(clerk, clerk.get(PAGE).text, act)

    assert answer.status_code == (422 if act == "save" else 200)
    assert "한 줄 이상 입력하세요" in answer.text


def test_more_lines_are_given(clerk: Browser) -> None:
    page = clerk.get(PAGE).text
    more = press(clerk, page, "more").text

    assert len(grid_of(more)["cell-amount"]) == 2 * len(grid_of(page)["cell-amount"])


def test_too_many_lines_are_refused_as_a_whole(clerk: Browser) -> None:
    page = paste(clerk, HEAD, *[FIRST] * (MOST_LINES + 1))
    assert "300줄까지" in page
    assert cells(page, "amount") == []
    grid = grid_of(page)
    for name in grid["column"]:
        grid[f"cell-{name}"] = ["1"] * (MOST_LINES + 1)

    assert clerk.post(PAGE, data=grid | {"act": "save"}).status_code == 422
    assert saved() == []


def test_what_is_no_block_of_cells_is_said(clerk: Browser) -> None:
    page = paste(clerk, "x" * 200_000)

    assert "셀로 읽을 수 없습니다" in page


def test_lines_of_another_department_are_refused(clerk: Browser) -> None:
    other = make_department("민원과")
    page = paste(clerk, HEAD, FIRST)

    assert press(clerk, page, "save", department_id=str(other)).status_code == 403
    assert saved() == []


def test_invented_columns_and_a_missing_key_save_nothing(clerk: Browser) -> None:
    page = paste(clerk, HEAD, FIRST)

    assert press(clerk, page, "save", column=["x", "amount", "amount"]).status_code == 422
    assert press(clerk, page, "save", key="").status_code == 422
    assert saved() == []


def test_lines_of_a_closed_period_need_a_reason(clerk: Browser, office: int) -> None:
    close_period(office, month(2026, 3), BY)
    page = paste(clerk, HEAD, FIRST, SECOND)

    asked = press(clerk, page, "save")
    assert asked.status_code == 422
    assert "마감된 기간입니다" in asked.text
    assert saved() == []
    press(clerk, asked.text, "save", late_reason="자료를 늦게 받음")

    assert len(saved()) == 2
