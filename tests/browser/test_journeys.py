"""The main jobs in a real browser: wide, narrow, by keyboard alone, and with JavaScript off."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.hands import Hands
from tests.browser.server import CLERK_DEPARTMENT
from tracker.core.vocabulary import Role

pytestmark = pytest.mark.browser

SignIn = Callable[[Page, Role], None]


class Way(NamedTuple):
    """How a person works; each buys for another amount, for the like of it would be asked about."""

    viewport: ViewportSize
    amount: int
    keyboard_only: bool = False
    has_scripts: bool = True


WAYS = {
    "wide": Way(WIDE, 123_000),
    "narrow": Way(NARROW, 124_000),
    "keyboard": Way(WIDE, 125_000, keyboard_only=True),
    "no_scripts": Way(WIDE, 126_000, has_scripts=False),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    """Return each way of working in turn."""
    return WAYS[request.param]


@pytest.fixture
def begin(way: Way, address: str, open_page: OpenPage, sign_in: SignIn) -> Callable[[Role], Hands]:
    """Return a function that signs in as a role and gives the hands to work with."""

    def begin_(role: Role) -> Hands:
        page = open_page(address, way.viewport, java_script_enabled=way.has_scripts)
        sign_in(page, role)
        return Hands(page, keyboard_only=way.keyboard_only)

    return begin_


def choose_supplier(hands: Hands, way: Way, name: str) -> None:
    """Look for the supplier, and take the first that is found."""
    hands.write("업체", name)
    if way.has_scripts:
        hands.page.get_by_role("option", name=name).first.wait_for()
        hands.page.keyboard.press("Enter")
        expect(hands.page.locator("#check")).to_contain_text("사회적경제 실적으로 인정")
    else:
        hands.press("찾기")
        if hands.page.locator("button[name=choose]").count():
            hands.open(hands.page.locator("button[name=choose]").first)


def test_a_clerk_logs_a_purchase_and_corrects_it(
    begin: Callable[[Role], Hands], way: Way, supplier: str
) -> None:
    hands = begin(Role.CLERK)
    page = hands.page
    page.goto("/purchases/new")
    choose_supplier(hands, way, supplier)
    hands.write("품목", "친환경 복사용지")
    hands.write("금액", f"{way.amount:,}원")
    hands.press("저장")
    expect(page).to_have_url(re.compile(r"/purchases/\d+$"))
    expect(page.locator("main")).to_contain_text(f"{way.amount:,}")
    expect(page.locator("main")).to_contain_text("사회적경제 실적으로 인정")

    hands.follow("정정")
    hands.write("금액", str(way.amount + 30_000))
    hands.write("사유", "금액을 잘못 입력")
    hands.press("정정 저장")

    expect(page).to_have_url(re.compile(r"/purchases/\d+$"))
    expect(page.locator(".history, .changes").first).to_contain_text(f"{way.amount + 30_000:,}")
    expect(page.locator("main")).to_contain_text("금액을 잘못 입력")


def test_a_file_with_faults_is_mended_and_taken_in(
    begin: Callable[[Role], Hands], way: Way, supplier: str, tmp_path: Path
) -> None:
    head = "부서,업체명,계약일,금액,구분,계약명"
    good = f"{CLERK_DEPARTMENT},{supplier},2026-03-02,1200000,물품,사무용품 {tmp_path.name}"
    faulty, mended = tmp_path / "faulty.csv", tmp_path / "mended.csv"
    faulty.write_text(f"{head}\n{good}\n총무가,{supplier},2026-02-30,만원,물품,다과\n", "cp949")
    mended.write_text(
        f"{head}\n{good}\n{CLERK_DEPARTMENT},{supplier},2026-03-03,10000,물품,다과 {tmp_path.name}\n", "cp949"
    )
    hands = begin(Role.STAFF)
    page = hands.page
    page.goto("/imports/new")
    hands.attach("파일", faulty)
    hands.press("미리보기")
    problems = page.locator("table", has_text="2026-02-30")
    for fault in ("총무가", "2026-02-30", "만원"):
        expect(problems.get_by_role("row").filter(has_text=fault)).to_contain_text("3")
    if way.has_scripts:
        assert not Axe().run(page).response["violations"]
    hands.follow("다른 파일 고르기")
    hands.attach("파일", mended)
    hands.press("미리보기")
    expect(page.locator("main")).to_contain_text("1,210,000")

    hands.press("2행 올리기")

    expect(page).to_have_url(re.compile(r"/imports/\d+(\?|$)"))
    expect(page.locator("main")).to_contain_text("1,210,000")


def test_years_are_compared_and_a_figure_opens_its_purchases(begin: Callable[[Role], Hands]) -> None:
    hands = begin(Role.STAFF)
    page = hands.page
    hands.follow("집계")
    hands.follow("작년 전체")
    total = page.locator("tfoot td.num a").first
    figure = total.inner_text()

    hands.open(total)

    expect(page.locator("tfoot")).to_contain_text(figure[: figure.rindex(",")])
    expect(page.locator("main")).to_contain_text("표의 금액과 같음")


def test_the_annual_report_is_made_and_downloaded(begin: Callable[[Role], Hands]) -> None:
    hands = begin(Role.STAFF)
    page = hands.page
    hands.follow("보고서")
    hands.follow("보고서 만들기")
    hands.press("보고서 고정")
    expect(page).to_have_url(re.compile(r"/reports/\d+"))
    make = page.get_by_role("button", name="PDF 만들기")
    if make.count():
        hands.press("PDF 만들기")
    link = page.get_by_role("link", name="PDF 내려받기")
    link.wait_for(timeout=120_000)

    with page.expect_download() as download:
        hands.open(link)

    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-1.7")
    assert "구매실적" in download.value.suggested_filename
