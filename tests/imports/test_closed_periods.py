"""Files that bring purchases of closed periods, and many files that come back together."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.client import Browser
from tests.factories import BY, make_department, make_enterprise
from tests.imports.files import codes_of, import_purchases, purchase_row, write_text
from tests.imports.pages import confirm, figures, hidden_fields, look, problem_cells, send, usual_file
from tests.imports.test_views import LONG
from tracker.core.periods import quarter
from tracker.core.vocabulary import Role
from tracker.extensions import db
from tracker.imports.commands import import_group
from tracker.imports.forms import LONGEST_REASON
from tracker.imports.previews import FILES_AT_ONCE
from tracker.imports.services import undo_batch
from tracker.jobs.worker import run_next_job
from tracker.purchases.closings import close_period, late_marks_of
from tracker.purchases.models import LateEntry, Purchase

CLOSED = quarter(2026, 1)
REASON = "세금계산서가 늦게 왔음"


@pytest.fixture
def office(app: object) -> int:  # noqa: ARG001
    """Return a department whose first quarter is closed."""
    make_enterprise("함께일하는사람들", ("social", date(2020, 1, 1), None))
    office = make_department("총무과")
    close_period(office, CLOSED, BY)
    return office


@pytest.fixture
def browser(office: int, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return the browser of a member of the team."""
    return as_user(Role.STAFF)


def reasons() -> list[str]:
    """Return the reasons of all late entries."""
    db.session.rollback()
    return list(
        db.session.scalars(select(LateEntry.reason).order_by(LateEntry.purchase_id, LateEntry.revision))
    )


@pytest.mark.long
def test_the_preview_asks_for_a_reason_and_goes_on_with_it(browser: Browser, tmp_path: Path) -> None:
    rows = purchase_row(), purchase_row(계약일="2026-04-01")
    preview = look(browser, usual_file(tmp_path, *rows))
    refused = browser.get(preview).text
    token = {"csrf_token": hidden_fields(refused)["csrf_token"]}
    without = browser.post(f"{preview}/late", data=token | {"late_reason": ""})
    given = browser.post(f"{preview}/late", data=token | {"late_reason": REASON})
    accepted = browser.get(given.location).text
    batch = confirm(browser, preview)

    assert figures(refused) == ["2", "1", "0", "1"]
    assert "마감되었습니다" in problem_cells(refused)[0][-1]
    assert without.status_code == 400
    assert given.status_code == 302
    assert figures(accepted) == ["2", "2", "0", "0"]
    assert f'value="{REASON}"' in accepted
    assert batch.status_code == 302
    assert reasons() == [REASON]


def test_a_file_without_closed_periods_is_not_asked(browser: Browser, tmp_path: Path) -> None:
    preview = look(browser, usual_file(tmp_path, purchase_row(계약일="2026-04-01")))

    assert "마감 후 입력 사유" not in browser.get(preview).text


@pytest.mark.long
def test_a_long_file_is_looked_at_again_by_a_job(browser: Browser, tmp_path: Path) -> None:
    rows = [purchase_row(금액=1_000 + number, 계약명=f"구매 {number}") for number in range(LONG)]
    preview = look(browser, usual_file(tmp_path, *rows))
    run_next_job()
    token = {"csrf_token": browser.token("/imports/new")}
    answer = browser.post(f"{preview}/late", data=token | {"late_reason": REASON})
    run_next_job()

    assert answer.location.startswith("/jobs/")
    assert figures(browser.get(preview).text)[1] == f"{LONG:,}"


def test_without_a_preview_there_is_nothing_to_give_a_reason_for(browser: Browser, tmp_path: Path) -> None:
    broken = tmp_path / "깨짐.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    preview = look(browser, broken)
    token = browser.token("/imports/new")
    answer = browser.post(f"{preview}/late", data={"csrf_token": token, "late_reason": REASON})

    assert answer.location == preview


@pytest.mark.long
def test_an_amendment_of_a_closed_purchase_needs_a_reason(office: int, tmp_path: Path) -> None:
    headings = ("부서", "업체명", "계약명", "계약일", "금액", "계약번호", "변경차수")
    first = write_text(
        tmp_path / "1.csv",
        [headings, ("총무과", "함께일하는사람들", "청소", "2026-03-02", "1000", "C-1", "00")],
    )
    second = write_text(
        tmp_path / "2.csv",
        [headings, ("총무과", "함께일하는사람들", "청소", "2026-03-02", "1500", "C-1", "01")],
    )
    assert office
    batch = import_purchases(first, late_reason=REASON).batch
    assert codes_of(import_purchases(second)).count("period_closed") == 1
    amended = import_purchases(second, late_reason="변경 계약")
    assert amended.batch
    assert batch
    undo_batch(amended.batch, "잘못 올림", BY)

    assert amended.imported == 1
    assert [(mark.revision, mark.reason) for mark in late_marks_of(1)] == [
        (1, REASON),
        (2, "변경 계약"),
        (3, "잘못 올림"),
    ]


@pytest.mark.usefixtures("office")
def test_the_command_takes_the_reason(tmp_path: Path) -> None:
    file = str(usual_file(tmp_path))
    refused = CliRunner().invoke(import_group, ["purchases", file, "--json"])
    accepted = CliRunner().invoke(import_group, ["purchases", file, "--reason", REASON, "--json"])
    endless = CliRunner().invoke(import_group, ["purchases", file, "--reason", "가" * (LONGEST_REASON + 1)])

    assert (refused.exit_code, accepted.exit_code, endless.exit_code) == (1, 0, 2)
    assert json.loads(refused.stdout)["problems"][-1]["code"] == "period_closed"
    assert {"entered_late"} <= {each["code"] for each in json.loads(accepted.stdout)["problems"]}
    assert reasons() == [REASON]


@pytest.mark.long
def test_many_files_are_looked_at_and_taken_in_by_jobs(browser: Browser, tmp_path: Path) -> None:
    files = [
        usual_file(tmp_path, purchase_row(금액=1_000 + number, 계약일="2026-04-01"), name=f"{number}.csv")
        for number in range(FILES_AT_ONCE)
    ]
    faulty = usual_file(tmp_path, purchase_row(), name="마감.csv")
    previews = send(browser, *files, faulty).location
    waiting = browser.get(previews).text
    while run_next_job():
        pass
    looked_at = browser.get(previews).text
    to, _, numbers = previews.partition("?")
    sent = hidden_fields(looked_at)
    for _each in range(2):
        answer = browser.post(f"{to}/confirm?{numbers}", data=sent)
        assert answer.location == previews
    while run_next_job():
        pass
    db.session.rollback()

    assert "확인하는 중입니다" in waiting
    assert f"준비된 파일 {FILES_AT_ONCE}개 모두 반영" in looked_at
    assert len(db.session.scalars(select(Purchase.id)).all()) == FILES_AT_ONCE
    assert "모두 반영" not in browser.get(previews).text
    assert browser.post("/imports/previews/confirm", data=sent).status_code == 404
    assert browser.post(f"{to}/confirm?{numbers}", data={"csrf_token": sent["csrf_token"]}).status_code == 404
