"""What a file's columns and names mean is said once, on the pages of imports, and kept."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise
from tests.imports.files import import_purchases, preview_purchases, purchase_row, write_text
from tests.imports.pages import confirm, figures, look, send, usual_file
from tests.imports.test_layouts import COLUMNS, DRAFT, ODD, learn, odd_file
from tracker.core.vocabulary import Role
from tracker.enterprises.models import Enterprise
from tracker.extensions import db
from tracker.imports.aliases import Pointer, learn_aliases, list_aliases
from tracker.imports.learnt_layouts import change_layout, find_learnt, list_learnt
from tracker.imports.models import AmendmentRule, Party
from tracker.jobs.worker import run_next_job

_INPUT, _ATTRIBUTE = re.compile(r"<input([^>]*)>"), re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return the department of the usual row; its enterprise is certified."""
    make_enterprise("함께", ("social", date(2020, 1, 1), None))
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    return make_department("총무과")


@pytest.fixture
def browser(office: int, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return the browser of a member of the team."""
    return as_user(Role.STAFF)


def fields_of(page: str, form: str) -> dict[str, str]:
    """Return what the form of this class would send as it stands."""
    inside = page[page.index(f'class="{form}"') :].partition("</form>")[0]
    inputs = [dict(_ATTRIBUTE.findall(each)) for each in _INPUT.findall(inside)]
    sent = {each["name"]: unescape(each.get("value", "")) for each in inputs}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    return sent


def meanings(*fields: str) -> dict[str, str]:
    """Return the meanings of the columns in their order, as the form sends them."""
    return {f"columns-{number}-field": field for number, field in enumerate(fields)}


ALL = ("", "department", "enterprise", "contract_name", "contracted_on", "amount", "", "")


def test_columns_are_explained_once_and_the_file_goes_in(browser: Browser, tmp_path: Path) -> None:
    path = odd_file(tmp_path)
    preview = look(browser, path)
    assert "열의 뜻 정하기" in browser.get(preview).text

    asked = browser.get(f"{preview}/columns").text
    assert all(f">{heading}</label>" in asked for heading in ODD)
    assert "총무과" in asked
    assert "2026-03-02" in asked
    sent = fields_of(asked, "layout-form")
    assert (sent["row"], sent["name"], sent["columns-5-field"]) == (
        "3",
        "대장",
        "amount",
    )  # 합의금액 ends in 금액

    for fields, said in (
        (
            meanings("", "department", "enterprise", "", "contracted_on", ""),
            "‘금액’에 해당하는 열을 고르세요.",
        ),
        (meanings("", "department", "department"), "다른 열에서 이미 골랐습니다"),
        (meanings(*ALL) | {"name": " \x00"}, "반드시 입력"),
        (meanings(*ALL) | {"name": "own-purchases"}, "같은 이름의 파일 양식이 있습니다"),
    ):
        answer = browser.post(f"{preview}/columns", data=sent | fields)
        assert answer.status_code == 400
        if "반드시" not in said:
            assert said in answer.text
    assert list_learnt() == []
    db.session.rollback()
    told = browser.post(
        f"{preview}/columns", data=sent | meanings(*ALL) | {"unit": "1000"}, follow_redirects=True
    ).text

    assert "파일 양식: 대장, 제목은 3행." in told
    assert figures(told) == ["1", "1", "0", "0"]
    assert "5,000원" in told
    assert confirm(browser, preview).status_code == 302
    assert preview_purchases(odd_file(tmp_path, (9, ""))).amount == 9_000
    # Asked again, the page shows what is known; whatever row is asked for.
    again = fields_of(browser.get(f"{preview}/columns?row=9999").text, "layout-form")
    assert again["row"] == "3"
    assert again | meanings(*ALL) | {"name": "대장", "unit": "1000"} == again
    assert fields_of(browser.get(f"{preview}/columns?row=4").text, "layout-form")["row"] == "4"


def test_a_recognised_file_can_be_explained_otherwise_whoever_sends_it(
    office: int, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    clerk = as_user(Role.CLERK, office)
    headings = ("부서", "업체명", "계약일", "금액", "실제 금액", "변경차수")
    path = write_text(tmp_path / "가.csv", [headings, ["총무과", "함께", "2026-03-02", "1", "2", "0"]])
    preview = look(clerk, path, layout="own-purchases")
    page = clerk.get(preview).text
    assert "최종 차수만 셉니다" in page
    assert "열의 뜻 바꾸기" in page

    sent = fields_of(clerk.get(f"{preview}/columns").text, "layout-form")
    fields = meanings("department", "enterprise", "contracted_on", "", "amount", "amendment")
    told = clerk.post(
        f"{preview}/columns", data=sent | fields | {"amendments": "increments"}, follow_redirects=True
    ).text

    assert "2원" in told
    assert "증감액을 더해 셉니다" in told
    assert find_learnt(1)
    assert clerk.get("/admin/layouts").status_code == 200
    assert clerk.get("/admin/layouts/1/edit").status_code == 403


def test_a_file_that_cannot_be_read_has_no_columns_and_a_long_one_is_looked_at_by_a_job(
    browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "나.xlsx").write_bytes(b"PK\x03\x04")
    broken = look(browser, tmp_path / "나.xlsx")
    assert browser.get(f"{broken}/columns").location == broken

    preview = browser.get(look(browser, odd_file(tmp_path, *[(1, "")] * 2_001))).location
    run_next_job()
    preview = str(browser.get(f"{preview}.json").get_json()["result"])
    sent = fields_of(browser.get(f"{preview}/columns").text, "layout-form")
    job = browser.post(f"{preview}/columns", data=sent | meanings(*ALL)).location
    token = {"csrf_token": browser.token("/imports/new")}
    assert browser.post(f"{preview}/names", data=token).location == preview
    run_next_job()

    assert figures(browser.get(browser.get(f"{job}.json").get_json()["result"]).text)[1] == "2,001"


def test_names_are_pointed_at_whom_they_mean_and_remembered(browser: Browser, tmp_path: Path) -> None:
    make_enterprise("늘푸른환경", number=None, address="강원도 강릉시")
    twin = make_enterprise("㈜늘푸른환경", number=None, address="강원도 원주시")
    other = make_enterprise("사회적협동조합 나눔")
    number = db.session.get_one(Enterprise, other).business_number or ""
    rows = [
        purchase_row(부서="총무과 서무팀", 업체명="함께일하는 사람", 계약명="가"),
        purchase_row(부서="총무과 서무팀", 업체명="늘푸른환경", 계약명="나"),
        purchase_row(업체명="", 사업자등록번호="220-81-62517", 계약명="다"),
        purchase_row(업체명="나눔조합", 사업자등록번호="120-81-47521", 계약명="라"),
    ]
    path = usual_file(tmp_path, *rows)
    preview = look(browser, path)
    page = browser.get(preview).text
    sent = fields_of(page, "names-form")
    keys = {key: name for name, key in sent.items() if name.endswith("-key")}
    line = {key: name.removesuffix("-key") for key, name in keys.items() if name.startswith("lines")}
    assert list(line) == ["총무과서무팀", "함께일하는사람", "늘푸른환경", "2208162517", "1208147521"]
    assert "나눔조합 (120-81-47521)" in page

    wrong = {f"{line['2208162517']}-search": "없는 업체", f"{line['함께일하는사람']}-number": "2"}
    answer = browser.post(f"{preview}/names", data=sent | wrong)
    assert answer.status_code == 400
    assert "해당하는 업체가 없거나 여럿입니다" in answer.text
    assert 'value="없는 업체"' in answer.text
    assert list_aliases(0, 9) == []

    office_id = re.search(r'<option value="(\d+)">총무과</option>', page)
    assert office_id
    right = {
        f"{line['총무과서무팀']}-number": office_id[1],
        f"{line['함께일하는사람']}-number": "2",
        f"{line['늘푸른환경']}-number": str(twin),
        f"{line['2208162517']}-search": number,
        f"{line['1208147521']}-search": "사회적협동조합나눔",
        "lines-9-key": "아무도", "lines-9-party": "enterprise", "lines-9-search": number,
    }  # fmt: skip
    told = browser.post(f"{preview}/names", data=sent | right, follow_redirects=True).text

    assert "이름 5개를 기억했습니다" in told
    assert figures(told) == ["4", "4", "0", "0"]
    assert "총무과 서무팀" in told[: told.index('class="agree"')]
    assert "names-form" not in told
    batch = confirm(browser, preview).location
    assert "220-81-62517 → 사회적협동조합 나눔" in browser.get(batch).text
    # Used again in other files, on the command line too; what is registered by then goes before.
    more = [purchase_row(부서="총무과서무팀", 업체명="함께일하는사람", 계약명="마")]
    again = import_purchases(usual_file(tmp_path, *more, name="다음.csv"))
    assert again.read_as == [
        (Party.DEPARTMENT, "총무과서무팀", "총무과", 1),
        (Party.ENTERPRISE, "함께일하는사람", "함께일하는사람들", 1),
    ]
    make_department("총무과 서무팀")
    make_enterprise("함께일하는 사람")
    assert preview_purchases(usual_file(tmp_path, *more, name="또.csv")).read_as == []


def test_an_ambiguous_department_is_pointed_at_and_a_clerk_points_at_the_own_ones_only(
    office: int, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    first = make_department("총무팀", parent_id=office)
    second = make_department("총무팀", parent_id=make_department("복지과"))
    clerk = as_user(Role.CLERK, office)
    preview = look(clerk, usual_file(tmp_path, purchase_row(부서="총무팀")))
    sent = fields_of(clerk.get(preview).text, "names-form")

    refused = clerk.post(f"{preview}/names", data=sent | {"lines-0-number": str(second)})
    nothing = clerk.post(f"{preview}/names", data=sent, follow_redirects=True)
    assert (refused.status_code, "기억했습니다" in nothing.text) == (400, False)
    sent = fields_of(clerk.get(preview).text, "names-form")
    done = clerk.post(f"{preview}/names", data=sent | {"lines-0-number": str(first)}, follow_redirects=True)

    assert figures(done.text) == ["1", "1", "0", "0"]
    assert [(row.written, row.number) for row in list_aliases(0, 9)] == [("총무팀", first)]


def test_of_many_unknown_names_those_of_most_rows_are_asked_for_first(
    browser: Browser, tmp_path: Path
) -> None:
    rows = [
        purchase_row(업체명=f"모르는 {number}", 계약명=str(copy)) for number in range(32) for copy in (1, 2)
    ]
    rows.append(purchase_row(업체명="한 번만"))

    preview = look(browser, usual_file(tmp_path, *rows))
    page = browser.get(preview).text
    form = page[page.index('class="names-form"') :].partition("</form>")[0]

    assert form.count('name="lines-') == 30 * 4
    assert "한 번만" not in form
    assert "이 밖에 3개가 더 있으며" in page
    # Sent in vain, they stay asked for.
    kept = browser.post(f"{preview}/confirm", data={"csrf_token": browser.token(preview)})
    assert "이 밖에 3개가 더 있으며" in kept.text


@pytest.mark.usefixtures("office")
def test_a_name_means_whom_it_was_pointed_at_last() -> None:
    for number in (1, 2):
        learn_aliases([Pointer(Party.ENTERPRISE, "나눔", "나눔", number)], BY)

    assert [(row.written, row.number) for row in list_aliases(0, 9)] == [("나눔", 2)]


def test_names_are_listed_and_withdrawn(
    browser: Browser, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    path = usual_file(tmp_path, purchase_row(부서="서무"))
    preview = look(browser, path)
    sent = fields_of(browser.get(preview).text, "names-form")
    choice = re.search(r'<option value="(\d+)">총무과</option>', browser.get(preview).text)
    assert choice
    browser.post(f"{preview}/names", data=sent | {"lines-0-number": choice[1]})
    [row] = list_aliases(0, 9)
    db.session.rollback()

    page = browser.get("/admin/layouts").text
    assert "서무" in page
    assert "철회" not in as_user(Role.AUDITOR).get("/admin/layouts").text
    form = fields_of(page[page.index(f"/aliases/{row.id}/withdraw") :], "post-button")
    address = f"/admin/layouts/aliases/{row.id}/withdraw"
    assert browser.post(address, data={"csrf_token": form["csrf_token"]}).status_code == 400
    assert browser.post(address, data=form).status_code == 302
    assert browser.post(address, data=form | {"key": "another"}).status_code == 404

    assert list_aliases(0, 9) == []
    assert preview_purchases(path).rejected == 1
    assert "오류가 있어" not in browser.get(preview).text  # nothing can go in any more


def test_layouts_are_looked_at_changed_and_retired(
    browser: Browser, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    number = learn()
    page = browser.get("/admin/layouts").text
    assert "집행 대장" in page
    assert "조달데이터허브" in page
    assert "수요기관" in browser.get("/admin/layouts/shipped/procurement-hub").text
    assert browser.get("/admin/layouts/shipped/none").status_code == 404
    place = f"/admin/layouts/{number}"
    assert "사용 중지" not in as_user(Role.AUDITOR).get(place).text
    assert browser.get("/admin/layouts/99").status_code == 404
    seen = browser.get(place).text
    assert "천원" in seen

    sent = fields_of(browser.get(f"{place}/edit").text, "layout-form")
    assert sent["columns-1-field"] == "department"
    refused = browser.post(f"{place}/edit", data=sent | {"columns-5-field": ""})
    assert (refused.status_code, "‘금액’에 해당하는 열" in refused.text) == (400, True)
    assert browser.post(f"{place}/edit", data=sent | {"name": "own-plan"}).status_code == 400
    change_layout(number, DRAFT.__class__(**vars(DRAFT) | {"name": "남이 바꾼 이름"}), 1, BY)
    conflict = browser.post(f"{place}/edit", data=sent | {"unit": "1", "amendments": "none"})
    assert conflict.status_code == 409
    assert "남이 바꾼 이름" in conflict.text
    assert browser.post(f"{place}/retire", data=fields_of(seen, "removal"), follow_redirects=True).text.count(
        "다른 사람이 이 양식을 바꾸었습니다"
    )
    sent = fields_of(conflict.text, "layout-form")
    assert (sent["unit"], sent["amendments"]) == ("1", "none")
    assert browser.post(f"{place}/edit", data=sent).location == place
    row = find_learnt(number)
    assert row
    assert (row.draft.name, row.draft.unit, row.draft.amendments, row.version) == (
        "집행 대장", 1, AmendmentRule.NONE, 3,
    )  # fmt: skip
    assert row.draft.columns == COLUMNS
    db.session.rollback()

    page = browser.get(place).text
    assert "파일 양식 변경" in page
    retiring = fields_of(page, "removal")
    assert browser.post(f"{place}/retire", data={"csrf_token": retiring["csrf_token"]}).status_code == 400
    assert "사용을 중지했습니다" in browser.post(f"{place}/retire", data=retiring, follow_redirects=True).text
    assert browser.post(f"{place}/retire", data=retiring | {"key": "another"}).status_code == 404
    sent = fields_of(page, "removal")
    assert browser.get(f"{place}/edit").location == place
    assert preview_purchases(odd_file(tmp_path)).layout is None


def test_a_layout_of_other_files_is_not_taken(browser: Browser, tmp_path: Path) -> None:
    learn()
    taken = send(browser, odd_file(tmp_path), layout="집행 대장")
    refused = send(browser, odd_file(tmp_path), subject="spending", layout="집행 대장")

    assert (taken.status_code, refused.status_code) == (302, 400)
    assert "다른 자료의 파일 양식입니다" in refused.text


def test_several_files_say_which_of_them_are_not_understood(browser: Browser, tmp_path: Path) -> None:
    summary = look(browser, odd_file(tmp_path), usual_file(tmp_path))

    page = browser.get(summary).text

    assert "열의 뜻 필요" in page
    address = re.search(r'href="(/imports/previews/[0-9a-f]{32}/columns[^"]*)"', page)
    assert address
    back = browser.get(unescape(address[1])).text
    assert "p=" in back[back.index("layout-form") - 300 :]
