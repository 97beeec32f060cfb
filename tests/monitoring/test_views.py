"""The pages of monitoring as the team reads them."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.pages import address_of
from tests.purchases.pages import counted_queries, rows_of
from tracker.core.vocabulary import CertificationEventKind, PaymentKind, Role
from tracker.departments.services import close_department
from tracker.enterprises.services import CertificationDraft, certify, record_status
from tracker.purchases.drafts import PaymentDraft
from tracker.purchases.services import reverse_purchase

SOCIAL = ("social", date(2020, 1, 1), None)
PAGES = ("", "/suppliers", "/departments", "/certifications", "/ended", "/unused", "/unpaid")


def body_of(page: str) -> list[list[str]]:
    """Return the rows of the page's only table without its heads."""
    return rows_of(page)[1:]


def names_of(page: str) -> list[str]:
    """Return the first cells of the rows."""
    return [row[0] for row in body_of(page)]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_every_list(as_user: Callable[..., Browser], role: Role, page: str) -> None:
    browser = as_user(role, make_department() if role is Role.CLERK else None)

    assert browser.get(f"/monitoring{page}").status_code == 200


def test_suppliers_show_who_uses_them_and_what_share_they_have(as_user: Callable[..., Browser]) -> None:
    first, second = make_department("총무과"), make_department("민원과")
    big, wide = make_enterprise("큰기업", SOCIAL), make_enterprise("넓은기업", SOCIAL)
    plain = make_enterprise("일반기업")
    make_purchase(first, big, 7_000_000, date(2026, 5, 1))
    make_purchase(first, wide, 1_000_000, date(2026, 5, 1))
    make_purchase(second, wide, 2_000_000, date(2026, 5, 1))
    make_purchase(second, plain, 90_000_000, date(2026, 5, 1))
    make_purchase(second, big, 90_000_000, date(2025, 5, 1))
    browser = as_user()

    page = browser.get("/monitoring/suppliers").text
    by_departments = browser.get(address_of(page, "이용 부서순")).text
    behind = browser.get(address_of(page, "3,000")).text

    assert body_of(page) == [
        ["큰기업", "사회적기업", "1", "1", "7,000", "70.0"],
        ["넓은기업", "사회적기업", "2", "2", "3,000", "30.0"],
    ]
    assert re.search(r"상위 1개 업체 비중.*?70[.]0.*?상위 5개 업체 비중.*?100[.]0", page, re.S)
    assert names_of(by_departments) == ["넓은기업", "큰기업"]
    assert rows_of(behind)[-1] == ["합계", "3,000,000"]
    assert body_of(browser.get(address_of(page, "2025년 전체")).text) == [
        ["큰기업", "사회적기업", "1", "1", "90,000", "100.0"]
    ]


@pytest.mark.long
def test_many_suppliers_go_on_over_pages(as_user: Callable[..., Browser]) -> None:
    department = make_department()
    for number in range(53):
        make_purchase(
            department, make_enterprise(f"기업{number:02}", SOCIAL), 1_000 + number, date(2026, 5, 1)
        )
    browser = as_user()

    page = browser.get("/monitoring/suppliers").text

    assert len(body_of(page)) == 50
    assert names_of(browser.get(address_of(page, "다음")).text) == ["기업02", "기업01", "기업00"]
    assert len(body_of(browser.get("/monitoring/suppliers?page=x").text)) == 50


def test_departments_that_bought_nothing_come_first_then_those_that_fell(
    as_user: Callable[..., Browser],
) -> None:
    social, plain = make_enterprise("함께", SOCIAL), make_enterprise("일반")
    silent, fallen, risen, closed = (
        make_department(name) for name in ("침묵과", "감소과", "증가과", "폐지과")
    )
    for department, before, now in ((silent, 500, 0), (fallen, 900, 250), (risen, 100, 750), (closed, 5, 0)):
        make_purchase(department, social, before * 1_000, date(2025, 5, 1))
        if now:
            make_purchase(department, social, now * 1_000, date(2026, 5, 1))
    make_purchase(fallen, plain, 750_000, date(2026, 5, 1))
    close_department(closed, date(2025, 12, 31), version=1, by=BY)
    browser = as_user()

    page = browser.get("/monitoring/departments").text
    everything = browser.get(address_of(page, "모든 부서")).text

    assert body_of(page) == [
        ["침묵과", "실적 없음", "0", "500", "-500", "-100.0%", "0.0", "–"],
        ["감소과", "감소", "250", "900", "-650", "-72.2%", "25.0", "25.0"],
    ]
    assert names_of(everything) == ["침묵과", "감소과", "증가과"]
    assert rows_of(browser.get(address_of(page, "900")).text)[-1] == ["합계", "900,000"]


def test_certifications_that_end_soon_show_what_was_bought(as_user: Callable[..., Browser]) -> None:
    department, other = make_department("총무과"), make_department("민원과")
    ending = make_enterprise("곧끝나는", ("social", date(2023, 12, 1), date(2026, 12, 24)))
    renewed = make_enterprise("갱신한", ("women_owned", date(2023, 12, 1), date(2026, 12, 1)))
    certify(renewed, CertificationDraft(type="women_owned", valid_from=date(2026, 12, 2), valid_to=None), BY)
    later = make_enterprise("나중에", ("social", date(2023, 12, 1), date(2027, 1, 31)))
    make_enterprise("산적없는", ("social", date(2023, 12, 1), date(2026, 12, 24)))
    make_purchase(department, ending, 2_000_000, date(2026, 5, 1))
    make_purchase(other, renewed, 3_000_000, date(2025, 5, 1))
    make_purchase(department, later, 4_000_000, date(2026, 5, 1))
    browser = as_user()

    page = browser.get("/monitoring/certifications").text

    assert [[row[0], row[1], row[4], row[5]] for row in body_of(page)] == [
        ["2026. 12. 1.", "갱신한", "갱신됨", "0"],
        ["2026. 12. 24.", "곧끝나는", "갱신 미확인", "2,000"],
    ]
    assert [row[1] for row in body_of(browser.get(address_of(page, "30일 이내")).text)] == [
        "갱신한",
        "곧끝나는",
    ]
    assert len(body_of(browser.get(address_of(page, "90일 이내")).text)) == 3
    own = browser.get(f"/monitoring/certifications?department={department}").text
    assert [row[1] for row in body_of(own)] == ["곧끝나는"]
    assert "총무과과(와) 그 하위 부서만" in own


def test_a_cancellation_to_come_ends_a_certification_too(as_user: Callable[..., Browser]) -> None:
    enterprise = make_enterprise("함께")
    certification = certify(
        enterprise, CertificationDraft(type="social", valid_from=date(2020, 1, 1), valid_to=None), BY
    )
    record_status(certification, CertificationEventKind.RETURNED, date(2026, 12, 1), None, BY)
    make_purchase(make_department(), enterprise, 1_000_000, date(2026, 5, 1))

    page = as_user().get("/monitoring/certifications").text

    assert [row[:2] for row in body_of(page)] == [["2026. 11. 30.", "함께"]]


def test_enterprises_whose_purchases_would_not_count_any_more(as_user: Callable[..., Browser]) -> None:
    department, other = make_department("총무과"), make_department("민원과")
    expired = make_enterprise("만료된", ("social", date(2023, 1, 1), date(2026, 6, 30)))
    converted = make_enterprise("전환한", ("preliminary", date(2023, 1, 1), date(2025, 12, 31)), SOCIAL)
    women = make_enterprise(
        "여성기업만", ("social", date(2020, 1, 1), date(2026, 6, 1)), ("women_owned", date(2020, 1, 1), None)
    )
    never = make_enterprise("일반")
    old = make_enterprise("오래전", ("social", date(2015, 1, 1), date(2025, 6, 30)))
    for enterprise, day in (
        (expired, date(2026, 6, 30)),
        (expired, date(2026, 5, 1)),
        (converted, date(2026, 5, 1)),
        (never, date(2026, 5, 1)),
        (old, date(2024, 5, 1)),
    ):
        make_purchase(department, enterprise, 1_000_000, day)
    make_purchase(other, women, 1_000_000, date(2026, 4, 1))
    browser = as_user()

    page = browser.get("/monitoring/ended").text

    assert body_of(page) == [
        ["만료된", "사회적기업", "2026. 6. 30.", "2026. 6. 30.", "2"],
        ["여성기업만", "사회적기업", "2026. 6. 1.", "2026. 4. 1.", "1"],
    ]
    assert names_of(browser.get(f"/monitoring/ended?department={other}").text) == ["여성기업만"]


def test_certified_enterprises_nobody_bought_from(as_user: Callable[..., Browser]) -> None:
    department = make_department()
    make_enterprise("나마을", ("village", date(2020, 1, 1), None), number=None, address="행복구 1길")
    make_enterprise("가기업", SOCIAL, ("women_owned", date(2020, 1, 1), None))
    make_enterprise("끝난", ("social", date(2020, 1, 1), date(2026, 11, 23)))
    make_enterprise("일반")
    taken_back = make_enterprise("다기업", SOCIAL)
    reverse_purchase(make_purchase(department, taken_back), 1, "이중 입력", BY)
    make_purchase(department, make_enterprise("라기업", SOCIAL))
    browser = as_user()

    page = browser.get("/monitoring/unused").text

    assert [[row[0], *row[2:]] for row in body_of(page)] == [
        ["가기업", "사회적기업, 여성기업", "–"],
        ["나마을", "마을기업", "행복구 1길"],
        ["다기업", "사회적기업", "–"],
    ]
    assert names_of(browser.get(address_of(page, "마을기업")).text) == ["나마을"]
    assert "구매한 적이 없는 인증기업이 없습니다" in browser.get("/monitoring/unused?type=coop").text


def test_contracts_without_payment_where_payments_are_recorded(as_user: Callable[..., Browser]) -> None:
    department, without = make_department("총무과"), make_department("민원과")
    enterprise = make_enterprise("함께", SOCIAL)
    paid = PaymentDraft(paid_on=date(2026, 3, 1), amount=500, fiscal_year=2026, kind=PaymentKind.WHOLE)
    make_purchase(department, enterprise, 500, date(2026, 2, 1), payments=(paid,))
    make_purchase(department, enterprise, 1_000, date(2026, 2, 2), contract_name="잊은 계약")
    make_purchase(department, enterprise, 2_000, date(2026, 10, 1), contract_name="최근 계약")
    make_purchase(department, enterprise, -300, date(2026, 2, 2), contract_name="감액")
    make_purchase(department, enterprise, 4_000, date(2026, 2, 2), contracted_on=None)
    make_purchase(department, enterprise, 5_000, date(2025, 2, 2), contract_name="작년 계약")
    make_purchase(without, enterprise, 6_000, date(2026, 2, 2), contract_name="지출을 적지 않는 부서")
    browser = as_user()

    page = browser.get("/monitoring/unpaid").text

    assert [row[2:] for row in body_of(page)[:-1]] == [["잊은 계약", "총무과", "함께", "1,000"]]
    assert body_of(page)[-1] == ["합계", "1,000"]
    assert browser.get(address_of(page, "잊은 계약")).status_code == 200
    assert "지출이 빠진 계약이 없습니다" in browser.get(f"/monitoring/unpaid?department={without}").text


def test_the_overview_counts_and_leads_to_each_list(as_user: Callable[..., Browser]) -> None:
    department = make_department("총무과")
    make_department("침묵과")
    make_enterprise("쉬는기업", SOCIAL)
    ending = make_enterprise("곧끝나는", ("social", date(2023, 12, 1), date(2026, 12, 24)))
    ended = make_enterprise("끝난", ("social", date(2023, 12, 1), date(2026, 6, 1)))
    make_purchase(department, ending, 2_000_000, date(2025, 5, 1))
    make_purchase(department, ended, 1_000_000, date(2026, 5, 1))
    browser = as_user()

    page = browser.get("/monitoring").text

    for title in (
        "작년보다 뒤처진 부서",
        "거래액이 큰 업체",
        "60일 안에 끝나는 인증",
        "인증 종료",
        "구매 없는 인증기업",
    ):
        assert title in page
    assert [row[0] for row in rows_of(page)] == [
        *("부서", "침묵과", "총무과"),
        *("기업", "끝난"),
        *("마지막 유효일", "2026. 12. 24."),
        *("기업", "끝난"),
        *("기업", "쉬는기업"),
    ]
    assert browser.get(address_of(page, "전체 2건 보기")).status_code == 200


def test_an_empty_instance_says_so_on_every_list(as_user: Callable[..., Browser]) -> None:
    browser = as_user()

    for page in PAGES:
        assert "없습니다" in browser.get(f"/monitoring{page}").text


@pytest.mark.parametrize(
    "page",
    [
        "/suppliers?year=99",
        "/departments?year=3000",
        "/certifications?within=61",
        "/certifications?department=999",
        "/ended?department=x",
        "/unpaid?department=999",
        "/unused?type=none",
    ],
)
def test_what_does_not_exist_is_not_found(as_user: Callable[..., Browser], page: str) -> None:
    assert as_user().get(f"/monitoring{page}").status_code == 404


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_statements_does_not_grow_with_the_ledger(
    as_user: Callable[..., Browser], page: str
) -> None:
    browser = as_user()
    _enter(0, 2)
    few = _statements(browser, page)
    _enter(2, 12)

    assert _statements(browser, page) == few


def _enter(first: int, last: int) -> None:
    for number in range(first, last):
        department = make_department(f"{number}과")
        make_enterprise(f"쉬는기업{number}", SOCIAL)
        for name, end in (("곧", date(2026, 12, 24)), ("이미", date(2026, 6, 1)), ("계속", None)):
            enterprise = make_enterprise(f"{name}{number}", ("social", date(2023, 12, 1), end))
            make_purchase(department, enterprise, 1_000, date(2026, 5, 1))
        paid = PaymentDraft(paid_on=date(2026, 5, 1), amount=5, fiscal_year=2026, kind=PaymentKind.WHOLE)
        make_purchase(department, enterprise, 5, date(2026, 5, 1), payments=(paid,))


def _statements(browser: Browser, page: str) -> int:
    with counted_queries() as statements:
        assert browser.get(f"/monitoring{page}").status_code == 200
    return len(statements)
