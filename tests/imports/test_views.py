"""The pages of imports: what a file would do is seen first, then confirmed, and can be taken back."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.factories import BY, NOW, make_department, make_enterprise
from tests.imports.files import HEADINGS, purchase_row, write_text, write_workbook
from tests.imports.pages import (
    confirm,
    figures,
    hidden_fields,
    look,
    problem_cells,
    send,
    take_in,
    texts,
    usual_file,
)
from tracker.accounts.models import User
from tracker.core.vocabulary import Role
from tracker.departments.models import Department
from tracker.enterprises.models import Enterprise
from tracker.extensions import db, transaction
from tracker.imports.forms import MOST_FILES
from tracker.imports.integrity import check_batches
from tracker.imports.models import ImportBatch
from tracker.imports.uploads import MAX_FOLDER_BYTES, upload_folder
from tracker.jobs.worker import run_next_job
from tracker.purchases.drafts import PurchaseDraft, facts_of
from tracker.purchases.integrity import check_ledger
from tracker.purchases.models import Purchase
from tracker.purchases.services import correct_purchase, reverse_purchase

LONG = 2_001


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return the department of the usual row; its enterprise is certified from 2020 on."""
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    return make_department("총무과")


@pytest.fixture
def browser(office: int, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return the browser of a member of the team."""
    return as_user(Role.STAFF)


def total() -> int:
    """Return what the ledger adds up to."""
    db.session.rollback()
    amounts = select(func.coalesce(func.sum(Purchase.amount), 0)).where(Purchase.is_reversed.is_(False))
    return int(db.session.scalar(amounts) or 0)


def count(model: type[Purchase | Department | Enterprise | ImportBatch]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def long_file(folder: Path) -> Path:
    """Return a file that a job looks at."""
    rows = [purchase_row(금액=1_000 + number, 계약명=f"구매 {number}") for number in range(LONG)]
    return usual_file(folder, *rows, name="긴 파일.csv")


def do_job(answer_location: str) -> str:
    """Let a worker do the job that the address shows, and return the number in it."""
    number = re.fullmatch(r"/jobs/(\d+)", answer_location)
    assert number, answer_location
    assert run_next_job() == int(number[1])
    return number[1]


def result_of(browser: Browser, job: str) -> str:
    """Return where the job's page leads to."""
    return str(browser.get(f"/jobs/{job}.json").get_json()["result"])


# What a file would do.


def test_a_preview_tells_what_would_happen_and_stores_nothing(browser: Browser, tmp_path: Path) -> None:
    make_enterprise("인증 없는 회사")
    path = usual_file(
        tmp_path,
        purchase_row(),
        purchase_row(금액="500", 업체명="인증 없는 회사", 계약일="2025-12-01"),
        [],
        purchase_row(부서="합계", 업체명="", 계약일=""),
    )

    page = browser.get(look(browser, path)).text

    assert figures(page) == ["4", "2", "2", "0"]
    assert "1,000,500원" in page
    assert "빈 행 1" in page
    assert "소계·합계 1" in page
    for row in (
        ["사회적경제 실적으로 인정", "1", "1,000,000"],
        ["인증 없음", "1", "500"],
        ["2025", "1", "500"],
        ["2026", "1", "1,000,000"],
        ["총무과", "2", "1,000,500"],
    ):
        assert row in [texts(line) for line in re.findall(r"<tr>(.*?)</tr>", page, re.S)]
    assert (count(Purchase), count(ImportBatch)) == (0, 0)


def test_new_departments_and_enterprises_are_named_before_they_are_made(
    browser: Browser, tmp_path: Path
) -> None:
    path = usual_file(tmp_path, purchase_row(부서="새로운과", 업체명="새로운 기업"))
    before = count(Department)

    page = browser.get(look(browser, path, create_missing="y")).text

    assert "<li>새로운과</li>" in page
    assert "<li>새로운 기업</li>" in page
    assert count(Department) == before


@pytest.mark.long
def test_of_many_new_enterprises_the_first_hundred_are_named(browser: Browser, tmp_path: Path) -> None:
    rows = [purchase_row(업체명=f"새 기업 {number}") for number in range(103)]

    page = browser.get(look(browser, usual_file(tmp_path, *rows), create_missing="y")).text

    assert len(re.findall(r"<li>새 기업 \d+</li>", page)) == 100
    assert "그 밖에 3개" in page


def test_every_problem_stands_at_its_cell(browser: Browser, tmp_path: Path) -> None:
    path = usual_file(
        tmp_path, purchase_row(계약일="2026-02-30"), purchase_row(구분="?"), purchase_row(금액="없음")
    )

    address = look(browser, path)

    assert problem_cells(browser.get(address).text) == [
        ["2", "계약일", "2026-02-30", "오류", "없는 날짜입니다."],
        ["4", "금액", "없음", "오류", "금액이 아닙니다. 원 단위로 적으세요. 예: 1,234,000"],
    ]
    assert [row[:4] for row in problem_cells(browser.get(f"{address}?severity=warning").text)] == [
        ["3", "구분", "?", "경고"]
    ]
    assert len(problem_cells(browser.get(f"{address}?severity=all").text)) == 3
    assert [row[0] for row in problem_cells(browser.get(f"{address}?code=amount_unreadable").text)] == ["4"]
    assert len(problem_cells(browser.get(f"{address}?code=no_such_code").text)) == 2


def test_many_problems_are_shown_page_by_page(browser: Browser, tmp_path: Path) -> None:
    address = look(
        browser, usual_file(tmp_path, *[purchase_row(금액="없음", 계약명=str(n)) for n in range(101)])
    )

    assert len(problem_cells(browser.get(address).text)) == 100
    assert problem_cells(browser.get(f"{address}?page=2").text)[0][0] == "102"
    assert f"{address}/faulty" in browser.get(address).text


def test_a_file_without_problems_says_so(browser: Browser, tmp_path: Path) -> None:
    assert "확인할 점이 없는 파일입니다" in browser.get(look(browser, usual_file(tmp_path))).text


def test_warnings_alone_are_shown_with_nothing_to_filter(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path, purchase_row(구분="")))

    assert [row[3] for row in problem_cells(browser.get(address).text)] == ["경고"]
    assert "해당하는 항목이 없습니다" in browser.get(f"{address}?severity=error").text


def test_what_was_typed_in_a_file_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    page = browser.get(look(browser, usual_file(tmp_path, purchase_row(금액="<b>없음</b>")))).text

    assert "&lt;b&gt;없음" in page
    assert "<b>없음" not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "빈 파일입니다"), (b"PK\x03\x04broken", "손상"), (b"<html><table></table>", "웹 문서")],
)
def test_a_file_that_cannot_be_read_says_why(
    browser: Browser, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "깨진.xlsx"
    path.write_bytes(content)

    page = browser.get(look(browser, path)).text

    assert said in page
    assert "아무것도 입력되지 않았습니다" in page


def test_a_file_without_a_needed_column_cannot_be_confirmed(browser: Browser, tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", [("업체명", "계약일"), ("함께일하는사람들", "2026-01-02")])

    page = browser.get(look(browser, path)).text

    assert "올릴 수 있는 행이 없습니다" in page
    assert "‘금액’ 열이 없습니다" in page
    assert 'class="agree"' not in page
    assert "/faulty" not in page


def test_a_file_of_headings_alone_cannot_be_confirmed(browser: Browser, tmp_path: Path) -> None:
    page = browser.get(look(browser, write_text(tmp_path / "a.csv", [HEADINGS]))).text

    assert "제목 아래에 행이 없습니다" in page
    assert 'class="agree"' not in page


def test_a_preview_follows_what_is_recorded_meanwhile(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path, purchase_row(부서="새로운과")))
    assert figures(browser.get(address).text)[3] == "1"

    make_department("새로운과")

    assert figures(browser.get(address).text)[3] == "0"


# Sending.


def test_pasted_cells_take_the_same_path(browser: Browser) -> None:
    cells = "\n".join("\t".join(map(str, row)) for row in (HEADINGS, purchase_row(품목="복사용지, A4")))

    batch = take_in(browser, text=f"{cells}\n")

    assert "붙여 넣은 자료" in browser.get(batch).text
    assert total() == 1_000_000


@pytest.mark.long
def test_several_files_have_one_summary_and_are_confirmed_one_by_one(
    browser: Browser, tmp_path: Path
) -> None:
    first = usual_file(tmp_path, purchase_row(금액=700), name="가.csv")
    second = usual_file(tmp_path, purchase_row(금액=700), purchase_row(금액="없음"), name="나.csv")
    (tmp_path / "다.xlsx").write_bytes(b"PK\x03\x04")

    summary = look(browser, first, second, tmp_path / "다.xlsx")
    page = browser.get(summary).text
    rows = [texts(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S)]

    assert rows[1] == ["가.csv", "1", "1", "0", "700", "올릴 수 있음"]
    assert rows[2] == ["나.csv", "2", "1", "1", "700", "오류"]
    assert "손상" in rows[3][1]
    assert rows[4] == ["합계", "3", "2", "1", "1,400", ""]

    addresses = re.findall(r'<th scope="row"><a href="([^"]+)"', page)
    batch = confirm_in(browser, addresses[0])
    assert summary.partition("?")[2] in batch.replace("&amp;", "&")
    again = [texts(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", browser.get(summary).text, re.S)]
    assert again[1][5] == "이미 올림"
    assert again[2][1:5] == ["2", "0", "1", "0"]
    assert "모든 파일 보기" in browser.get(addresses[2].replace("&amp;", "&")).text


def confirm_in(browser: Browser, address: str) -> str:
    """Agree to one of several previews, and return where that leads to."""
    address = address.replace("&amp;", "&")
    page = browser.get(address).text
    action = re.search(r'action="([^"]+)" class="agree"', page)
    assert action
    return str(browser.post(action[1].replace("&amp;", "&"), data=hidden_fields(page)).location)


def test_a_summary_of_nothing_is_not_there(browser: Browser) -> None:
    assert browser.get("/imports/previews").status_code == 404
    assert browser.get("/imports/previews?p=../../etc/passwd").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "파일을 고르거나 셀을 붙여 넣으세요"),
        ({"text": "가", "subject": "nothing"}, "무엇을 올리나요?:"),
        ({"text": "가", "year": "1"}, "1990"),
        ({"text": "가", "subject": "enterprises", "edition": "2026-01-01"}, "어떤 유형의 전체 명단인지"),
    ],
)
def test_what_is_missing_is_asked_for(browser: Browser, fields: dict[str, str], said: str) -> None:
    answer = browser.submit("/imports/new", **({"subject": "purchases"} | fields))

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert said in answer.text


def test_too_many_files_at_once_are_refused(browser: Browser, tmp_path: Path) -> None:
    files = [usual_file(tmp_path, name=f"{number}.csv") for number in range(MOST_FILES + 1)]

    answer = send(browser, *files)

    assert answer.status_code == 400
    assert f"한 번에 {MOST_FILES}개까지" in answer.text


def test_where_the_file_is_silent_the_form_speaks(browser: Browser, tmp_path: Path) -> None:
    path = write_text(
        tmp_path / "a.csv",
        [("업체명", "구분", "계약일", "금액"), ("함께일하는사람들", "물품", "2026-01-02", "900")],
    )

    batch = take_in(browser, path, department="총무과", year="2025", layout="own-purchases")

    assert ["총무과", "1", "900"] in [
        texts(row) for row in re.findall(r"<tr>(.*?)</tr>", browser.get(batch).text, re.S)
    ]
    assert db.session.scalars(select(Purchase.fiscal_year)).one() == 2025


def test_departments_of_one_name_are_offered_by_what_tells_them_apart(browser: Browser) -> None:
    district = make_department("동구")
    make_department("총무과", parent_id=district)
    make_department("민원과", code="A1")
    make_department("민원과", parent_id=district)

    page = browser.get("/imports/new").text

    assert '<option value="동구/총무과">동구/총무과</option>' in page
    assert '<option value="A1">민원과</option>' in page
    assert '<option value="총무과">' not in page


def test_the_subject_asked_for_stands_ready(browser: Browser) -> None:
    assert re.search(
        r'<input checked[^>]*value="spending"', browser.get("/imports/new?subject=spending").text
    )


def test_a_file_can_be_sent_while_another_process_writes(browser: Browser, tmp_path: Path) -> None:
    token = browser.token("/imports/new")
    content = usual_file(tmp_path).read_bytes()
    with db.engine.connect() as other:
        connection = other.connection.driver_connection
        assert connection
        connection.execute("BEGIN IMMEDIATE")
        data = {"csrf_token": token, "subject": "purchases", "files": (BytesIO(content), "a.csv")}
        answer = browser.post("/imports/new", data=data)
        page = browser.get(answer.location)
        connection.execute("ROLLBACK")

    assert figures(page.text) == ["1", "1", "0", "0"]


def test_uploads_are_kept_for_some_days_only(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path))
    browser.get(address)
    old = (NOW - timedelta(days=8)).timestamp()
    for file in upload_folder().rglob("*"):
        os.utime(file, (old, old))

    look(browser, usual_file(tmp_path, purchase_row(금액=7)))

    assert browser.get(address).status_code == 404
    assert len([file for file in upload_folder().iterdir() if file.is_file()]) == 1


def test_uploads_take_only_so_much_room(browser: Browser, tmp_path: Path) -> None:
    with (upload_folder() / "large").open("wb") as file:
        file.truncate(MAX_FOLDER_BYTES + 1)

    answer = send(browser, usual_file(tmp_path))

    assert answer.status_code == 503
    assert "너무 많습니다" in answer.text


# Confirming.


def test_confirming_takes_the_file_in(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(
        browser, usual_file(tmp_path, purchase_row(), purchase_row(금액=5, 계약명="<b>둘</b>", 품목=""))
    )

    page = browser.get(batch).text
    purchases = browser.get(f"{batch}/purchases").text

    assert figures(page) == ["2", "2", "0", "0"]
    assert "구매.csv" in page
    assert re.findall(r'href="(/purchases/\d+)"', purchases) == ["/purchases/1", "/purchases/2"]
    assert "&lt;b&gt;둘" in purchases
    assert total() == 1_000_005
    assert [*check_ledger(), *check_batches()] == []


def test_rows_with_errors_go_nowhere_without_consent(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path, purchase_row(), purchase_row(금액="없음")))

    refused = confirm(browser, address)

    assert refused.status_code == 400
    assert "그 행을 빼고 올리는 데 동의하세요" in refused.text
    assert count(Purchase) == 0


@pytest.mark.long
def test_valid_rows_go_in_with_consent_and_the_mended_rest_later(browser: Browser, tmp_path: Path) -> None:
    head = [["○○구 구매 내역", "(단위: 천원)"], []]
    day = date(2026, 3, 2)
    rows = [
        *head,
        HEADINGS,
        purchase_row(금액=5, 계약일=day),
        purchase_row(금액="칠천", 계약일=day, 부서="없는과"),
    ]
    address = look(browser, write_workbook(tmp_path / "구매.xlsx", rows))

    answer = confirm(browser, address, accept_valid="y")
    faulty = re.search(r'href="([^"]+/faulty)"', browser.get(answer.location).text)
    assert faulty
    workbook = openpyxl.load_workbook(BytesIO(browser.get(faulty[1]).data))
    sheet = workbook.active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:2] == ["○○구 구매 내역", "(단위: 천원)"]
    assert [cell.value for cell in sheet[3]] == [*HEADINGS, "고칠 점", "파일의 행"]
    assert sheet.max_row == 4
    assert sheet["J4"].value == 5
    assert "부서: 없는 부서입니다" in str(sheet["I4"].value)
    comment = sheet["H4"].comment
    assert comment
    assert "금액이 아닙니다" in comment.text
    sheet["A4"], sheet["H4"] = "총무과", 7
    workbook.save(tmp_path / "고침.xlsx")
    mended = browser.get(look(browser, tmp_path / "고침.xlsx")).text

    assert total() == 5_000
    assert figures(mended) == ["1", "1", "0", "0"]
    assert "7,000원" in mended


@pytest.mark.long
def test_faults_of_days_stay_days_in_the_file_to_mend(browser: Browser, tmp_path: Path) -> None:
    rows = [HEADINGS, purchase_row(계약일=date(1890, 3, 2), 금액=1.5)]
    address = look(browser, write_text(tmp_path / "a.csv", rows))
    rows = [HEADINGS, purchase_row(계약일=date(2426, 3, 2), 금액=1.5)]
    second = look(browser, write_workbook(tmp_path / "a.xlsx", rows))
    browser.get(address)
    browser.get(second)

    for each, expected in ((address, "1890-03-02"), (second, date(2426, 3, 2))):
        sheet = openpyxl.load_workbook(BytesIO(browser.get(f"{each}/faulty").data)).active
        assert sheet is not None
        value = sheet["G2"].value
        assert (value.date() if hasattr(value, "date") else value) == expected


def test_a_confirmation_sent_twice_takes_in_once(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path))
    seen = hidden_fields(browser.get(address).text)

    answers = [browser.post(f"{address}/confirm", data=seen).location for _ in range(2)]

    assert answers[0] == answers[1]
    assert (total(), count(ImportBatch)) == (1_000_000, 1)


@pytest.mark.long
def test_what_has_changed_since_the_preview_is_shown_before_it_happens(
    browser: Browser, tmp_path: Path
) -> None:
    address = look(browser, usual_file(tmp_path, purchase_row(), purchase_row(금액=7)))
    seen = hidden_fields(browser.get(address).text)
    other = usual_file(tmp_path, purchase_row(), name="other.csv")
    take_in(browser, other)

    answer = browser.post(f"{address}/confirm", data=seen)
    page = browser.get(answer.location).text

    assert answer.location == f"{address}?changed=1"
    assert "결과가 달라졌습니다" in page
    assert figures(page) == ["2", "1", "1", "0"]
    assert total() == 1_000_000
    assert confirm(browser, address).location.startswith("/imports/2")
    assert total() == 1_000_007


@pytest.mark.long
def test_the_same_file_again_is_recognised(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path))

    page = browser.get(look(browser, usual_file(tmp_path))).text

    assert "이미 올려 반영된 파일입니다" in page
    assert f'href="{batch}"' in page
    assert 'class="agree"' not in page


@pytest.mark.long
def test_a_file_with_nothing_new_has_nothing_to_confirm(browser: Browser, tmp_path: Path) -> None:
    take_in(browser, usual_file(tmp_path))
    address = look(browser, usual_file(tmp_path, purchase_row(), [], name="other.csv"))
    page = browser.get(address).text

    assert "모두 이미 입력되어 있습니다" in page
    assert 'class="agree"' not in page
    forced = {"csrf_token": browser.token("/imports/new"), "key": "k", "seal": "s"}
    assert browser.post(f"{address}/confirm", data=forced).location == f"{address}?changed=1"
    assert count(ImportBatch) == 1


def test_a_confirmation_without_its_seal_is_no_confirmation(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path))
    browser.get(address)

    answer = browser.post(f"{address}/confirm", data={"csrf_token": browser.token("/imports/new")})

    assert answer.status_code == 400
    assert count(Purchase) == 0


def test_nobody_confirms_what_was_not_looked_at(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path))
    token = browser.token("/imports/new")

    answer = browser.post(f"{address}/confirm", data={"csrf_token": token, "key": "k", "seal": "s"})

    assert answer.location == address
    assert browser.get(f"{address}/faulty").status_code == 404
    assert count(Purchase) == 0


def test_a_look_can_be_asked_for_again(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path))

    assert browser.submit(address, f"{address}/again").location == address


@pytest.mark.long
def test_enterprises_come_with_the_differences_of_an_edition(browser: Browser, tmp_path: Path) -> None:
    make_enterprise("사라진 기업", ("village", date(2020, 1, 1), None))
    path = write_text(tmp_path / "마을.csv", [("마을기업명", "소재지"), ("새 기업", "행복구")])
    asked = {"subject": "enterprises", "type": "village", "edition": "2026-01-01"}

    page = browser.get(look(browser, path, **asked)).text
    batch = browser.get(take_in(browser, path, **asked)).text

    for each in (page, batch):
        assert re.search(r"새로 오른 업체 <strong>1</strong>.*?<li>새 기업</li>", each, re.S)
        assert re.search(r"빠진 업체 <strong>1</strong>.*?<li>사라진 기업</li>", each, re.S)
    assert browser.get("/imports/1/purchases").status_code == 404


@pytest.mark.long
def test_an_edition_that_differs_in_nothing_says_so(browser: Browser, tmp_path: Path) -> None:
    path = write_text(tmp_path / "마을.csv", [("마을기업명", "소재지"), ("새 기업", "행복구")])
    asked = {"subject": "enterprises", "type": "village", "edition": "2026-01-01"}
    take_in(browser, path, **asked)
    other = write_text(tmp_path / "마을2.csv", [("소재지", "마을기업명"), ("행복구", "새 기업")])

    assert "등록된 내용과 다른 점이 없습니다" in browser.get(look(browser, other, **asked)).text


def test_spending_is_taken_in_and_back(browser: Browser, tmp_path: Path) -> None:
    headings = ("부서", "회계연도", "구분", "통계목", "총구매액")
    path = write_text(tmp_path / "총구매액.csv", [headings, ("총무과", "2026", "물품", "201-01", "9,000")])

    batch = take_in(browser, path, subject="spending")
    page = browser.get(batch).text

    assert ["2026", "1", "9,000"] in [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)]
    assert "이 자료의 구매" not in page
    assert undo(browser, batch).location == batch
    assert "되돌림: 잘못 올림" in browser.get(batch).text


# Taking back.


def undo(browser: Browser, batch: str, reason: str = "잘못 올림") -> TestResponse:
    """Take the batch back with the form on its page."""
    return browser.post(f"{batch}/undo", data=hidden_fields(browser.get(batch).text) | {"reason": reason})


def test_a_batch_is_taken_back_whole(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path, purchase_row(), purchase_row(금액=5)))

    undo(browser, batch)
    page = browser.get(batch).text

    assert total() == 0
    assert "되돌림: 잘못 올림" in page
    assert "/undo" not in page
    assert "되돌림" in browser.get("/imports").text
    assert "취소됨" in browser.get(f"{batch}/purchases").text
    assert list(check_ledger()) == []


def test_taking_back_asks_why(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path))

    for reason in ("", "가" * 301):
        answer = undo(browser, batch, reason)
        assert answer.status_code == 400
        assert 'id="reason-error"' in answer.text
    assert total() == 1_000_000


def test_taking_back_twice_happens_once(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path))
    seen = hidden_fields(browser.get(batch).text) | {"reason": "잘못 올림"}

    answers = [browser.post(f"{batch}/undo", data=seen) for _ in range(2)]
    other_form = browser.post(f"{batch}/undo", data=seen | {"key": "another"})

    assert [answer.location for answer in (*answers, other_form)] == [batch] * 3
    assert "이미 되돌린 자료입니다" in browser.get(batch).text


def test_what_stands_in_the_way_of_taking_back_is_named(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path, purchase_row(), purchase_row(금액=5)))
    correct(2, 9)

    answer = undo(browser, batch)

    assert answer.status_code == 409
    assert re.findall(r'href="(/purchases/\d+)"', answer.text) == ["/purchases/2"]
    assert total() == 1_000_009
    reverse_purchase(2, 2, "정리", BY)
    assert undo(browser, batch).status_code == 302
    assert total() == 0


def correct(purchase_id: int, amount: int) -> None:
    """Correct a purchase by hand."""
    facts = facts_of(db.session.get_one(Purchase, purchase_id))
    correct_purchase(purchase_id, PurchaseDraft(facts=replace(facts, amount=amount)), 1, "오기", BY)


def test_there_is_no_batch_that_is_not_there(browser: Browser) -> None:
    for address in ("/imports/9", "/imports/9/purchases"):
        assert browser.get(address).status_code == 404


# The list.


def test_the_list_shows_every_file_with_who_and_when(browser: Browser, tmp_path: Path) -> None:
    assert "올린 자료가 없습니다" in browser.get("/imports").text
    take_in(browser, usual_file(tmp_path))

    rows = [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", browser.get("/imports").text, re.S)]

    assert rows[1] == ["1", "구매", "구매.csv", "김민지", "2026. 11. 24. 09:00", "1", "1,000,000", "반영됨"]
    assert "올린 자료가 없습니다" in browser.get("/imports?subject=spending").text


def test_the_list_goes_on_behind_fifty_files(browser: Browser) -> None:
    with transaction():
        for number in range(51):
            db.session.add(
                ImportBatch(
                    subject="purchases", file_name=f"{number}.csv", file_sha256="", options="{}",
                    layout="own-purchases", imported=0, amount=0, result="{}", digest="",
                    actor_id=BY.actor_id, imported_at=NOW,
                )
            )  # fmt: skip

    assert len(re.findall(r'<a href="/imports/\d+">', browser.get("/imports?subject=purchases").text)) == 50
    assert re.findall(r'<a href="(/imports/\d+)">', browser.get("/imports?page=2").text) == ["/imports/1"]


@pytest.mark.long
def test_purchases_of_a_batch_go_on_behind_a_hundred(browser: Browser, tmp_path: Path) -> None:
    batch = take_in(browser, usual_file(tmp_path, *[purchase_row(계약명=str(n)) for n in range(101)]))

    first = browser.get(f"{batch}/purchases").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following

    assert len(re.findall(r'href="/purchases/\d+"', first)) == 100
    assert len(re.findall(r'href="/purchases/\d+"', browser.get(following[1]).text)) == 1


@pytest.mark.long
def test_amended_purchases_are_marked(browser: Browser, tmp_path: Path) -> None:
    headings = (*HEADINGS, "계약번호", "변경차수")
    for revision, amount in (("00", 5), ("01", 7)):
        row = [*purchase_row(금액=amount), "R1", revision]
        batch = take_in(browser, write_text(tmp_path / f"{revision}.csv", [headings, row]))

    assert "변경" in browser.get(f"{batch}/purchases").text
    assert total() == 7


@pytest.mark.parametrize("subject", ["purchases", "enterprises", "spending"])
def test_entry_sheets_can_be_downloaded(browser: Browser, subject: str) -> None:
    answer = browser.get(f"/imports/template?subject={subject}")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert len(openpyxl.load_workbook(BytesIO(answer.data)).sheetnames) == 3
    assert browser.get("/imports/template?subject=other").status_code == 404


# Rights.


def test_a_clerk_brings_rows_of_the_own_departments_only(
    office: int, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    make_department("총무팀", parent_id=office)
    make_department("복지과")
    rows = [purchase_row(), purchase_row(부서="총무팀", 금액=2), purchase_row(부서="복지과", 금액=3)]
    clerk = as_user(Role.CLERK, office)
    address = look(clerk, usual_file(tmp_path, *rows))

    assert [row[:4] for row in problem_cells(clerk.get(address).text)] == [["4", "부서", "복지과", "오류"]]
    confirm(clerk, address, accept_valid="y")
    assert total() == 1_000_002


@pytest.mark.long
def test_a_clerk_amends_no_purchase_of_another_department(
    office: int, browser: Browser, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    make_department("복지과")
    headings = (*HEADINGS, "계약번호", "변경차수")
    take_in(browser, write_text(tmp_path / "a.csv", [headings, [*purchase_row(부서="복지과"), "R1", "00"]]))
    clerk = as_user(Role.CLERK, office)

    page = clerk.get(
        look(clerk, write_text(tmp_path / "b.csv", [headings, [*purchase_row(), "R1", "01"]]))
    ).text

    assert problem_cells(page)[0][1:4] == ["부서", "총무과", "오류"]


def test_a_clerk_has_the_own_department_ready_and_makes_no_parties(
    office: int, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    make_department("복지과")
    clerk = as_user(Role.CLERK, office)
    page = clerk.get("/imports/new").text

    assert '<option selected value="총무과">' in page
    assert "복지과" not in page
    assert 'value="enterprises"' not in page
    assert 'name="create_missing"' not in page
    forced = clerk.get(
        look(clerk, usual_file(tmp_path, purchase_row(업체명="새 기업")), create_missing="y")
    ).text
    assert problem_cells(forced)[0][1] == "업체명"
    assert send(clerk, usual_file(tmp_path), subject="enterprises").status_code == 400


@pytest.mark.long
def test_a_clerk_takes_back_the_own_batches_only(
    office: int, browser: Browser, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    clerk = as_user(Role.CLERK, office)
    own = take_in(clerk, usual_file(tmp_path))
    others = take_in(browser, usual_file(tmp_path, purchase_row(금액=5), name="other.csv"))

    assert "/undo" not in clerk.get(others).text
    assert clerk.submit(own, f"{others}/undo", key="k", reason="내 것이 아님").status_code == 403
    assert undo(browser, own).status_code == 302
    assert total() == 5


def test_a_preview_is_seen_by_who_sent_the_file(
    office: int, browser: Browser, as_user: Callable[..., Browser], tmp_path: Path
) -> None:
    address = look(browser, usual_file(tmp_path))
    browser.get(address)
    clerk = as_user(Role.CLERK, office)
    token = clerk.token("/imports/new")

    for each in (address, f"{address}/faulty", address.replace("previews/", "previews?p=")):
        assert clerk.get(each).status_code == 404
    for act in ("confirm", "again"):
        assert clerk.post(f"{address}/{act}", data={"csrf_token": token}).status_code == 404


def test_who_may_not_bring_a_subject_any_more_sees_no_preview_of_it(browser: Browser, tmp_path: Path) -> None:
    path = write_text(tmp_path / "마을.csv", [("마을기업명",), ("새 기업",)])
    address = look(browser, path, subject="enterprises")
    with transaction():
        account = db.session.scalars(select(User).where(User.login == "staff.0")).one()
        account.role = Role.CLERK

    assert browser.get(address).status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_who_only_reads_sees_the_list_and_brings_nothing(
    browser: Browser, as_user: Callable[..., Browser], tmp_path: Path, role: Role
) -> None:
    batch = take_in(browser, usual_file(tmp_path))
    reader = as_user(role)

    assert "구매.csv" in reader.get("/imports").text
    assert "자료 올리기</a>" not in reader.get("/imports").text.partition("<main")[2]
    assert "/undo" not in reader.get(batch).text
    assert reader.get("/imports/new").status_code == 403


# Long files.


@pytest.mark.long
def test_a_long_file_is_looked_at_and_taken_in_by_jobs(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, long_file(tmp_path))
    job = browser.get(address).location

    looked = result_of(browser, do_job(job))
    page = browser.get(looked).text
    asked, again = (browser.post(f"{looked}/confirm", data=hidden_fields(page)) for _ in range(2))
    batch = result_of(browser, do_job(asked.location))

    assert looked == address
    assert figures(page) == ["2,001", "2,001", "0", "0"]
    assert figures(browser.get(batch).text) == ["2,001", "2,001", "0", "0"]
    assert again.location == asked.location
    assert total() == sum(range(1_000, 1_000 + LONG))
    assert count(ImportBatch) == 1

    undone = undo(browser, batch.partition("?")[0])
    assert result_of(browser, do_job(undone.location)) == batch.partition("?")[0]
    assert total() == 0


@pytest.mark.long
def test_a_long_file_is_looked_at_again_when_asked_to(browser: Browser, tmp_path: Path) -> None:
    rows = [purchase_row(금액="없음", 계약명=str(number)) for number in range(LONG)]
    address = look(browser, usual_file(tmp_path, *rows))
    do_job(browser.get(address).location)
    summary = browser.get(address.replace("previews/", "previews?p=")).text
    make_department("새로운과")
    page = browser.get(address).text

    assert "올릴 수 있는 행이 없습니다" in page
    assert "다른 자료가 입력되었습니다" in page
    assert "2,001" in summary
    do_job(browser.submit(address, f"{address}/again").location)
    assert "다른 자료가 입력되었습니다" not in browser.get(address).text


def test_a_long_file_that_is_being_looked_at_says_so(browser: Browser, tmp_path: Path) -> None:
    address = look(browser, usual_file(tmp_path), long_file(tmp_path))

    assert "진행 중" in browser.get(address).text
