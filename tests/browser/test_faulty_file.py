"""A file with twenty faults goes in by the page alone, mended on the way: wide and narrow."""

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, OpenPage
from tests.browser.hands import Hands
from tests.browser.server import CLERK_DEPARTMENT
from tests.imports.files import write_text
from tracker.core.vocabulary import Role

pytestmark = pytest.mark.browser

MEANINGS = {
    "담당": "department",
    "상호명칭": "enterprise",
    "성사일": "contracted_on",
    "값": "amount",
    "내용물": "contract_name",
}
GOOD = ("2026-03-02", "10000", "다과")
RIGHT = dict(zip(("성사일", "값", "내용물"), GOOD, strict=True))
# Of the twenty the first is that nobody knows the headings; two more are names that nobody is known by.
FAULTS = tuple(
    {heading: cell}
    for heading, cells in {
        "성사일": ("2026-02-30", "봄", "1800-01-01", "2026-13-01", ""),
        "값": ("만원", "1000.5", "99999999999999999", "", "1,23,4", "--5"),
        "내용물": ("가" * 600, "900101-1234567 다과"),
        "담당": ("", "없는부서"),
        "상호명칭": ("", "없는가게"),
    }.items()
    for cell in cells
)


def write_faulty(path: Path, supplier: str, suffix: str) -> Path:
    """Write one good row, two that name others, and one for each fault."""
    usual = {"담당": CLERK_DEPARTMENT, "상호명칭": supplier, **RIGHT}
    named = [{"담당": f"{CLERK_DEPARTMENT} {suffix}팀"}, {"상호명칭": f"{supplier} {suffix}점"}]
    rows = [usual, *[usual | fault for fault in (*named, *FAULTS)]]
    lines = [[row[heading] for heading in MEANINGS] for row in rows]
    for number, line in enumerate(lines, 1):
        # None may be taken for a repeat of another, nor of one from the other width.
        line[4] = line[4] and f"{line[4]} {suffix}{number}"
    # Each width has headings of its own, which nobody knows yet.
    return write_text(path, [[f"{suffix}{heading}" for heading in MEANINGS], *lines], "cp949")


def mend(path: Path, supplier: str, suffix: str) -> int:
    """Mend the downloaded rows at the cells with remarks, and return how many rows these are."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    assert sheet is not None
    headings = [cell.value for cell in sheet[1]]
    right = {"담당": CLERK_DEPARTMENT, "상호명칭": supplier, **RIGHT}
    for row in sheet.iter_rows(min_row=2):
        assert row[len(MEANINGS)].value
        faulty = [cell for cell in row if cell.comment]
        assert faulty
        for cell in faulty:
            heading = str(headings[cell.column - 1]).removeprefix(suffix)
            end = f" {suffix}고침{cell.row}" if heading == "내용물" else ""
            cell.value = right[heading] + end
    workbook.save(path)
    return int(sheet.max_row) - 1


@pytest.mark.parametrize(("viewport", "suffix"), [(WIDE, "가"), (NARROW, "나")], ids=["wide", "narrow"])
def test_a_file_with_twenty_faults_goes_in(
    viewport: ViewportSize,
    suffix: str,
    address: str,
    open_page: OpenPage,
    sign_in: Callable[[Page, Role], None],
    supplier: str,
    tmp_path: Path,
) -> None:
    page = open_page(address, viewport)
    sign_in(page, Role.STAFF)
    hands = Hands(page)
    page.goto("/imports/new")
    hands.attach("파일", write_faulty(tmp_path / f"{suffix}.csv", supplier, suffix))
    hands.press("미리보기")

    hands.follow("열의 뜻 정하기")
    for heading, meaning in MEANINGS.items():
        page.get_by_label(f"{suffix}{heading}", exact=True).select_option(meaning)
    hands.write("파일 양식 이름", f"스무 가지 잘못 {suffix}")
    hands.press("기억하고 미리보기")
    expect(page.locator("main")).to_contain_text(f"스무 가지 잘못 {suffix}")

    page.get_by_label(f"‘{CLERK_DEPARTMENT} {suffix}팀’의 실제 이름").select_option(label=CLERK_DEPARTMENT)
    other = page.get_by_label(f"‘{supplier} {suffix}점’에 해당하는 다른 업체")
    other.fill(supplier)
    hands.press("이름을 기억하고 다시 보기")
    expect(page.locator("main")).to_contain_text(re.compile(r"이름 2개를 기억했습니다"))

    with page.expect_download() as download:
        hands.follow("오류 행 내려받기")
    page.get_by_label("오류가 없는 행만 올립니다").check()
    hands.press("3행 올리기")
    expect(page).to_have_url(re.compile(r"/imports/\d+(\?|$)"))

    mended = tmp_path / "mended.xlsx"
    download.value.save_as(mended)
    assert mend(mended, supplier, suffix) == len(FAULTS)
    page.goto("/imports/new")
    hands.attach("파일", mended)
    hands.press("미리보기")
    hands.press(f"{len(FAULTS)}행 올리기")

    expect(page).to_have_url(re.compile(r"/imports/\d+(\?|$)"))
    expect(page.locator("main")).to_contain_text(f"{len(FAULTS) * 10_000:,}")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
