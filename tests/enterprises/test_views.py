"""The pages of enterprises and products as a person reads them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.purchases.pages import counted_queries, texts_of
from tracker.audit.models import AccessRecord
from tracker.core.vocabulary import CertificationEventKind, Directness, Role
from tracker.departments.services import add_department
from tracker.enterprises.history import PAGE as HISTORY
from tracker.enterprises.listing import PAGE
from tracker.enterprises.queries import SHOWN_PRODUCTS, list_certifications
from tracker.enterprises.services import (
    EnterpriseDraft,
    ProductDraft,
    add_product,
    record_status,
    update_enterprise,
)
from tracker.extensions import db, transaction

OPEN = ("social", date(2020, 1, 1), None)
LAPSED = ("women_owned", date(2021, 1, 1), date(2023, 12, 31))
Browse = Callable[..., Browser]


def rows_of(page: str, caption: str = "") -> list[list[str]]:
    """Return the texts of the cells of the page's table with this caption."""
    [table] = [
        each for each in re.findall(r"<table.*?</table>", page, re.S) if f">{caption}</caption>" in each
    ]
    return [
        [texts_of(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table, re.S)
    ]


def next_of(page: str) -> str:
    """Return the address of the following page."""
    link = re.search(r'rel="next" href="([^"]+)"', page)
    assert link, "the list does not go on"
    return unescape(link[1])


def certification_of(enterprise_id: int) -> int:
    """Return the number of an enterprise's first certification."""
    found = list_certifications(enterprise_id)[0].certificate.id
    assert found
    return found


def test_the_list_tells_types_today_place_number_and_purchases_of_the_year(as_user: Browse) -> None:
    enterprise = make_enterprise("함께", OPEN, LAPSED, number="1234567891", address="관악구")
    department = make_department()
    make_purchase(department, enterprise, 1_500_000)
    make_purchase(department, enterprise, 9_000, date(2025, 3, 2))

    page = as_user(Role.CLERK).get("/enterprises").text

    assert rows_of(page, "기업")[1:] == [
        ["함께", "123-45-67891", "사회적기업 여성기업 · 만료", "관악구", "2021. 1. 1.", "1,500,000"]
    ]
    assert "기업 1곳" in page
    assert "2026. 11. 24." in page


def test_who_is_certified_is_asked_for_today_or_for_a_day(as_user: Browse) -> None:
    make_enterprise("가", OPEN)
    make_enterprise("나", ("social", date(2021, 1, 1), date(2023, 12, 31)))
    browser = as_user()

    def found(question: str) -> list[list[str]]:
        return [[row[0], row[2]] for row in rows_of(browser.get(f"/enterprises?{question}").text, "기업")[1:]]

    assert found("state=valid") == [["가", "사회적기업"]]
    assert found("state=valid&day=2023-12-31") == [["가", "사회적기업"], ["나", "사회적기업"]]
    assert found("day=2024-01-01&q=나") == [["나", "사회적기업 · 만료"]]


def test_the_list_goes_on_and_keeps_the_question(as_user: Browse) -> None:
    with transaction():
        for serial in range(PAGE + 3):
            make_enterprise(f"기업{serial:02d}", OPEN, number=None)
    browser = as_user()

    first = browser.get("/enterprises?state=valid&sort=certified").text
    address = next_of(first)
    second = browser.get(address).text

    assert "state=valid" in address
    assert "sort=certified" in address
    assert len(rows_of(first, "기업")) == PAGE + 1
    assert len(rows_of(second, "기업")) == 3 + 1
    assert 'rel="next"' not in second


@pytest.mark.parametrize("page", ["/enterprises", "/products"])
@pytest.mark.parametrize(
    "question", ["type=none", "day=x", "day=2023-02-30", "after=x", "after=99999999999", "sort=x"]
)
def test_a_question_that_makes_no_sense_is_sent_back_with_its_fault(
    as_user: Browse, page: str, question: str
) -> None:
    answer = as_user().get(f"{page}?{question}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.postgresql
def test_control_characters_in_a_question_do_no_harm(postgresql_app: Flask) -> None:
    from tests.client import make_user

    browser = postgresql_app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in(make_user())

    for page in ("/enterprises?q=%00&product=%00&region=%00", "/products?q=%00&region=%00"):
        assert browser.get(page).status_code == 200


def test_empty_lists_say_what_to_do(as_user: Browse) -> None:
    browser = as_user()

    assert "등록된 기업이 없습니다." in browser.get("/enterprises").text
    assert "조건에 맞는 기업이 없습니다." in browser.get("/enterprises?q=없음").text
    assert "조건에 맞는 품목이 없습니다." in browser.get("/products?q=없음").text


def test_the_page_of_an_enterprise_tells_all_there_is(as_user: Browse) -> None:
    enterprise = make_enterprise(
        "함께", OPEN, number="1234567891", address="관악구", homepage="https://hamkke.example", items="문구"
    )
    record_status(
        certification_of(enterprise), CertificationEventKind.CANCELLED, date(2026, 5, 1), "지정취소 공고", BY
    )
    add_product(enterprise, ProductDraft(name="복사 용지", unit="상자", unit_price=24_500), BY)

    page = as_user(Role.CLERK).get(f"/enterprises/{enterprise}").text

    assert re.search(r'<svg[^>]* role="img" aria-labelledby="timeline-title timeline-description"', page)
    assert rows_of(page, "인증")[1:] == [
        [
            "사회적기업",
            "제2020-0011호",
            "–",
            "2020. 1. 1.",
            "기한 없음",
            "취소",
            "취소 2026. 5. 1. 지정취소 공고",
        ]
    ]
    assert rows_of(page, "품목")[1:] == [["복사 용지", "–", "24,500", "상자", "–"]]
    assert '<a href="https://hamkke.example"' in page
    assert "이 기업에서 구매한 내역이 없습니다." in page
    assert "style=" not in page


def test_the_page_of_an_enterprise_without_anything_says_so(as_user: Browse) -> None:
    page = as_user(Role.CLERK).get(f"/enterprises/{make_enterprise('함께')}").text

    for said in ("등록된 인증이 없습니다.", "등록된 품목이 없습니다.", "기록된 고용비율이 없습니다."):
        assert said in page
    assert "<svg class" not in page.split('id="certifications"')[1]


def test_purchases_stand_by_department_and_year_and_open_in_the_ledger(as_user: Browse) -> None:
    enterprise, office, town = (
        make_enterprise("함께", OPEN),
        make_department("총무과"),
        make_department("복지과"),
    )
    team = add_department("복지1팀", parent_id=town, by=BY)
    make_purchase(office, enterprise, 3_000)
    make_purchase(office, enterprise, 500, directness=Directness.INDIRECT)
    make_purchase(town, enterprise, 70_000, date(2025, 3, 2))
    make_purchase(team, enterprise, 8_000, date(2025, 3, 2))
    make_purchase(office, make_enterprise("다른 기업"), 1)

    browser = as_user()
    page = browser.get(f"/enterprises/{enterprise}").text

    table = rows_of(page, "부서별·연도별 구매")
    assert table == [
        ["부서", "2025", "2026"],
        ["복지1팀", "8,000", "0"],
        ["복지과", "70,000", "0"],
        ["총무과", "0", "3,500"],
        ["합계", "78,000 실적 인정 78,000 · 2건", "3,500 실적 인정 3,000 · 2건"],
    ]
    links = [unescape(link) for link in re.findall(r'<a href="(/purchases\?[^"]+)">[0-9,]+</a>', page)]
    # A department with others below it has no link of its own: the list would hold theirs too.
    assert len(links) == 4
    for link, figure in zip(links, ("8,000", "3,500", "78,000", "3,500"), strict=True):
        assert figure in browser.get(link).text


def test_what_was_changed_is_told_in_words_and_of_persons_only_that(as_user: Browse) -> None:
    enterprise = make_enterprise("함께", OPEN, number="1234567891", phone="02-120")
    update_enterprise(
        enterprise,
        EnterpriseDraft(name="더함께", business_number="1234567891", phone="02-999", address="관악구"),
        BY,
    )
    record_status(certification_of(enterprise), CertificationEventKind.RETURNED, date(2026, 5, 1), "공고", BY)

    history = rows_of(as_user().get(f"/enterprises/{enterprise}").text, "변경 이력")

    assert [row[2] for row in history[1:]] == [
        "인증 상태 변동 기록 사회적기업 제2020-0011호 반납 2026. 5. 1. 공고",
        "기본정보 변경 소재지: – → 관악구 이름: 함께 → 더함께 전화: 변경(개인정보 값은 이력에 남기지 않음)",
        "인증 추가 유형 사회적기업 · 인증번호 제2020-0011호 · 유효 시작일 2020. 1. 1.",
        "기업 등록 이름 함께",
    ]
    assert history[1][:2] == ["2026. 11. 24. 09:00", "시스템"]


def test_the_history_goes_on_behind_the_latest(as_user: Browse) -> None:
    enterprise = make_enterprise("이름0")
    for serial in range(1, HISTORY + 3):
        update_enterprise(enterprise, EnterpriseDraft(name=f"이름{serial}"), BY)
    browser = as_user()

    first = browser.get(f"/enterprises/{enterprise}").text
    second = browser.get(next_of(first)).text

    assert (len(rows_of(first, "변경 이력")), len(rows_of(second, "변경 이력"))) == (HISTORY + 1, 3 + 1)
    assert browser.get(f"/enterprises/{enterprise}?before=x").status_code == 404


@pytest.mark.parametrize(
    ("role", "may"), [(Role.STAFF, True), (Role.AUDITOR, True), (Role.CLERK, False), (Role.ADMIN, False)]
)
def test_personal_data_is_shown_to_team_and_auditor_only_and_that_they_looked_is_kept(
    as_user: Browse, role: Role, may: bool
) -> None:
    enterprise = make_enterprise("함께", representative="홍길동", phone="02-120-1234")
    browser = as_user(role)

    detail = browser.get(f"/enterprises/{enterprise}").text
    answer = browser.get(f"/enterprises/{enterprise}/personal")

    assert "홍길동" not in detail
    assert "02-120-1234" not in detail
    assert ("personal" in detail) is may
    assert answer.status_code == (200 if may else 403)
    assert ("홍길동" in answer.text and "02-120-1234" in answer.text) is may
    looks = db.session.execute(select(AccessRecord.subject, AccessRecord.subject_id)).all()
    assert looks == ([("enterprise", enterprise)] if may else [])


def test_what_was_typed_is_shown_as_text_and_odd_homepages_are_no_links(as_user: Browse) -> None:
    enterprise = make_enterprise(
        "<b>함께</b>", OPEN, homepage="javascript:alert(1)", address="<i>관악구</i>", items="<script>"
    )
    add_product(enterprise, ProductDraft(name="<u>용지</u>", description="<img src=x>"), BY)
    browser = as_user()

    for page in (f"/enterprises/{enterprise}", "/enterprises", "/products"):
        text = browser.get(page).text
        for typed in ("<b>함께", "<i>관악", "<u>용지", "<img src=x", "<script>", 'href="javascript:'):
            assert typed not in text
    assert "javascript:alert(1)" in browser.get(f"/enterprises/{enterprise}").text


def test_products_of_certified_enterprises_are_shown_first_of_all(as_user: Browse) -> None:
    certified, lapsed = make_enterprise("두레", OPEN, address="관악구"), make_enterprise("늘품", LAPSED)
    add_product(
        certified,
        ProductDraft(name="복사 용지", category_code="44120000", unit="상자", unit_price=24_500),
        BY,
    )
    add_product(lapsed, ProductDraft(name="복사 용지", unit_price=20_000), BY)
    make_enterprise("한마음", OPEN, items="복사용지")
    browser = as_user(Role.AUDITOR)

    page = browser.get("/products?q=복사용지").text
    everyone = browser.get("/products?q=복사용지&state=all&max_price=22,000원").text

    assert rows_of(page, "품목")[1:] == [
        ["복사 용지", "44120000", "24,500", "상자", "두레", "사회적기업", "관악구"]
    ]
    assert "취급품목에 이 말이 있는 기업이 1곳 더 있습니다" in page
    assert [row[4:6] for row in rows_of(everyone, "품목")[1:]] == [["늘품", "여성기업 · 만료"]]


def test_from_a_product_one_goes_on_to_its_seller_and_to_buying(as_user: Browse) -> None:
    enterprise = make_enterprise("두레", OPEN)
    add_product(enterprise, ProductDraft(name="복사 용지"), BY)
    clerk, auditor = as_user(Role.CLERK, make_department()), as_user(Role.AUDITOR)

    page = clerk.get("/products").text

    assert f'href="/enterprises/{enterprise}"' in page
    assert f'href="/purchases/new?enterprise={enterprise}"' in page
    assert f'href="/purchases/new?enterprise={enterprise}"' in clerk.get(f"/enterprises/{enterprise}").text
    assert "/purchases/new" not in auditor.get("/products").text
    assert "/purchases/new" not in auditor.get(f"/enterprises/{enterprise}").text


def test_many_products_of_one_enterprise_go_on_in_the_search(as_user: Browse) -> None:
    enterprise, other = make_enterprise("두레"), make_enterprise("늘품", OPEN)
    with transaction():
        for serial in range(SHOWN_PRODUCTS + 1):
            add_product(enterprise, ProductDraft(name=f"품목{serial}"), BY)
        add_product(other, ProductDraft(name="토너"), BY)
    browser = as_user()

    detail = browser.get(f"/enterprises/{enterprise}").text
    more = re.search(r'href="(/products\?[^"]+)"', detail)
    assert more
    found = browser.get(unescape(more[1])).text
    following = browser.get(next_of(found)).text

    assert len(rows_of(detail, "품목")) == SHOWN_PRODUCTS + 1
    assert "두레의 품목만 보입니다." in following
    assert "토너" not in found + following


def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(as_user: Browse) -> None:
    department, browser = make_department(), as_user()
    enterprise = make_enterprise("기업", OPEN, items="품목")
    add_product(enterprise, ProductDraft(name="품목"), BY)
    make_purchase(department, enterprise)
    pages = (
        "/enterprises?q=기업&product=품목&sort=bought",
        "/products?q=품목",
        f"/enterprises/{enterprise}",
    )

    def counts() -> list[int]:
        found = []
        for page in pages:
            with counted_queries() as seen:
                assert browser.get(page).status_code == 200
            found.append(len(seen))
        return found

    few = counts()
    with transaction():
        for serial in range(20):
            other = make_enterprise(f"기업{serial}", OPEN, LAPSED, items="품목", number=None)
            add_product(other, ProductDraft(name=f"품목{serial}"), BY)
            add_product(enterprise, ProductDraft(name=f"품목{serial}"), BY)
            make_purchase(make_department(f"과{serial}"), enterprise, day=date(2024 + serial % 3, 3, 2))
            record_status(
                certification_of(enterprise),
                CertificationEventKind.RENEWED,
                date(2025, 1, 1 + serial),
                None,
                BY,
            )

    assert counts() == few
    assert max(few) < 20


@pytest.mark.parametrize("page", ["/enterprises/99", "/enterprises/99/personal", "/enterprises/99999999999"])
def test_there_is_no_page_of_an_enterprise_that_is_not_there(as_user: Browse, page: str) -> None:
    assert as_user().get(page).status_code == 404
