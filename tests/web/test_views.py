"""The start page, the languages, the sign of life, and how lightly the web process starts."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest

from tests.client import Browser
from tests.factories import make_department, make_enterprise, make_purchase
from tests.pages import address_of
from tests.purchases.pages import counted_queries, rows_of
from tracker.core.vocabulary import PaymentKind, Role
from tracker.purchases.drafts import PaymentDraft

SOCIAL = ("social", date(2020, 1, 1), None)


def test_the_team_sees_this_year_so_far_against_the_same_days_of_last_year(
    as_user: Callable[..., Browser],
) -> None:
    department = make_department()
    enterprise = make_enterprise("함께", SOCIAL)
    make_purchase(department, enterprise, 1_286_000, date(2025, 11, 24))
    make_purchase(department, enterprise, 9_000_000, date(2025, 11, 25))
    make_purchase(department, enterprise, 1_888_000, date(2026, 11, 24))
    browser = as_user()

    page = browser.get("/").text
    behind = browser.get(address_of(page, "1,888")).text

    assert "2026. 11. 24." in page
    assert "전년 대비 +46.8%" in page
    assert "(1,286)" in page
    assert rows_of(behind)[-1][:4] == ["합계", "1,888", "1,286", "602"]


def test_the_team_sees_departments_behind_certifications_ending_and_last_entries(
    as_user: Callable[..., Browser],
) -> None:
    silent, busy = make_department("침묵과"), make_department("총무과")
    enterprise = make_enterprise("함께", ("social", date(2023, 12, 1), date(2026, 12, 24)))
    make_purchase(silent, enterprise, 2_000_000, date(2025, 5, 1))
    make_purchase(busy, enterprise, 3_000_000, date(2026, 5, 1), contract_name="어제 입력한 계약")
    browser = as_user()

    page = browser.get("/").text

    assert "올해 사회적경제기업 구매가 없는 부서는 1개" in page
    assert ["침묵과", "실적 없음", "0", "2,000", "-2,000", "-100.0%", "0.0", "–"] in rows_of(page)
    assert [row[:2] for row in rows_of(page) if row[0] == "2026. 12. 24."] == [["2026. 12. 24.", "함께"]]
    assert "3,000,000" in browser.get(address_of(page, "어제 입력한 계약")).text
    for text in (
        "자료 올리기",
        "실적보고서",
        "부서 점검 전체 보기",
        "부서별 집계 보기",
        "모든 구매 보기",
        "함께",
    ):
        assert browser.get(address_of(page, text)).status_code == 200


def test_the_team_is_told_when_nothing_is_amiss(as_user: Callable[..., Browser]) -> None:
    make_purchase(make_department(), make_enterprise("함께", SOCIAL), 1_000, date(2026, 5, 1))

    page = as_user().get("/").text

    assert "작년보다 뒤처진 부서가 없습니다" in page
    assert "이 기간에 끝나는 인증이 없습니다" in page


def test_a_clerk_sees_the_own_department_and_can_enter_a_purchase_first(
    as_user: Callable[..., Browser],
) -> None:
    department, other = make_department("총무과"), make_department("민원과")
    team = make_department("서무팀", parent_id=department)
    enterprise = make_enterprise("함께", SOCIAL)
    make_purchase(department, enterprise, 1_000_000, date(2026, 11, 2), contract_name="총무과 계약")
    make_purchase(team, enterprise, 500_000, date(2026, 11, 2), contract_name="서무팀 계약")
    make_purchase(other, enterprise, 7_000_000, date(2026, 11, 2), contract_name="민원과 계약")
    browser = as_user(Role.CLERK, department)

    page = browser.get("/").text
    first_link = page.index('class="btn btn-primary"')

    assert page.index("/purchases/new", first_link) - first_link < 50
    assert "총무과 2026년 구매실적 현황" in page
    assert rows_of(browser.get(address_of(page, "1,500")).text)[-1][:2] == ["합계", "1,500"]
    assert [row[1] for row in rows_of(page)[1:]] == ["서무팀 계약", "총무과 계약"]
    assert "빠진 것이 없습니다" in page
    assert browser.get(address_of(page, "부서의 모든 구매 보기")).status_code == 200


def test_a_clerk_is_told_what_is_missing_in_the_own_department(as_user: Callable[..., Browser]) -> None:
    department = make_department("총무과")
    ended = make_enterprise("끝난", ("social", date(2023, 1, 1), date(2026, 6, 30)))
    ending = make_enterprise("곧끝나는", ("social", date(2023, 12, 1), date(2026, 12, 24)))
    paid = PaymentDraft(paid_on=date(2026, 3, 1), amount=500, fiscal_year=2026, kind=PaymentKind.WHOLE)
    make_purchase(department, ended, 500, date(2026, 2, 1), payments=(paid,))
    make_purchase(department, ending, 1_000, date(2026, 2, 2), contract_name="잊은 계약")
    browser = as_user(Role.CLERK, department)

    page = browser.get("/").text

    assert "이번 분기에 입력된 구매가 없습니다." in page
    assert "최근 구매일: 2026. 2. 2." in page
    assert "잊은 계약" in browser.get(address_of(page, "지출이 입력되지 않은 계약이 1건 있습니다[.]")).text
    assert "끝난" in browser.get(address_of(page, "거래한 업체 가운데 1곳은 인증이 끝났습니다[.]")).text
    assert "곧끝나는" in browser.get(address_of(page, "거래한 업체의 인증 1건이 60일 안에 끝납니다[.]")).text


def test_a_month_without_an_entry_is_told_before_the_quarter_is_over(as_user: Callable[..., Browser]) -> None:
    department = make_department("총무과")
    make_purchase(department, make_enterprise("함께", SOCIAL), 500, date(2026, 10, 5))

    page = as_user(Role.CLERK, department).get("/").text

    assert "이번 달에 입력된 구매가 없습니다." in page


def test_a_department_that_never_recorded_anything_is_invited_to(as_user: Callable[..., Browser]) -> None:
    page = as_user(Role.CLERK, make_department()).get("/").text

    assert "부서에 입력된 구매가 아직 없습니다" in page
    assert "최근 구매일: –" in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_only_reads_sees_the_figures_by_type(as_user: Callable[..., Browser], role: Role) -> None:
    department = make_department()
    enterprise = make_enterprise("함께", SOCIAL, ("village", date(2020, 1, 1), None))
    make_purchase(department, enterprise, 1_888_000, date(2026, 11, 24))
    browser = as_user(role)

    page = browser.get("/").text
    types = {row[0]: row[1] for row in rows_of(page)}

    assert (types["사회적기업"], types["마을기업"], types["합계"]) == ("1,888", "1,888", "1,888")
    assert rows_of(browser.get(links_of_figures(page)[0]).text)[-1] == ["합계", "1,888,000"]
    assert "구매 입력" not in page


@pytest.mark.parametrize("role", [Role.STAFF, Role.AUDITOR])
def test_home_of_an_empty_instance_says_what_to_do(as_user: Callable[..., Browser], role: Role) -> None:
    page = as_user(role).get("/").text

    assert "아직 등록된 구매가 없습니다" in page
    assert "자료 없음" in page


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role))
def test_home_asks_a_fixed_number_of_questions(as_user: Callable[..., Browser], role: Role) -> None:
    own = make_department("총무과")
    browser = as_user(role, own)
    counts = []
    for first, last in ((0, 2), (2, 14)):
        for number in range(first, last):
            department = make_department(f"{number}과", parent_id=own)
            for end in (date(2026, 12, 24), date(2026, 6, 1), None):
                enterprise = make_enterprise(f"기업{number}{end}", ("social", date(2023, 12, 1), end))
                make_purchase(department, enterprise, 1_000, date(2026, 5, 1))
        with counted_queries() as statements:
            assert browser.get("/").status_code == 200
        # The department in the page's head may be in memory still; then it is not asked for again.
        counts.append(sum("WHERE department.id = " not in statement for statement in statements))

    assert counts[0] == counts[1]


def links_of_figures(page: str) -> list[str]:
    """Return the addresses of the figures in the page's table."""
    return [unescape(link) for link in re.findall(r'<td class="num"><a href="([^"]+)"', page)]


def test_the_language_is_switched_and_comes_back_to_the_page(client: Browser) -> None:
    assert '<html lang="ko">' in client.get("/login?next=/totals").text
    switched = client.get("/lang/en?next=/login?next%3D/totals")

    assert switched.location == "/login?next=/totals"
    assert '<html lang="en">' in client.get("/login").text
    assert "Password" in client.get("/login").text
    client.get("/lang/ko")
    assert "비밀번호" in client.get("/login").text


def test_the_language_outlasts_signing_in(as_user: Callable[[], Browser]) -> None:
    browser = as_user()
    browser.get("/lang/en")

    assert "Sign out" in browser.get("/").text
    browser.submit("/", "/logout")
    assert "Sign in" in browser.get("/login").text


def test_an_unknown_language_is_not_found(client: Browser) -> None:
    assert client.get("/lang/xx").status_code == 404


def test_health_says_that_the_database_is_reachable(client: Browser) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["database"] is True


@pytest.mark.long
def test_the_web_process_starts_without_the_heavy_packages() -> None:
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from tracker import create_app; create_app(); "
            "print(sorted({'pandas', 'numpy', 'weasyprint', 'xlsxwriter'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout.strip() == "[]"
