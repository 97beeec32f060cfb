"""All departments' sheets at once: frozen together, one PDF of all and a ZIP with one of each."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.client import Browser
from tests.factories import BY, make_purchase
from tests.reports.documents import pages_of
from tests.reports.ledger import DEPARTMENTS, Ledger, enter_ledger, reckon
from tracker.core.vocabulary import ReportState, Role
from tracker.extensions import db, transaction
from tracker.jobs.models import Job
from tracker.jobs.services import enqueue
from tracker.jobs.worker import run_next_job
from tracker.operations.verification import verify_instance
from tracker.reports.batch import count_standing, freeze_sheets, get_batch, read_numbers, say_numbers
from tracker.reports.commands import report
from tracker.reports.life import ReasonNeeded, confirm_report, steps_of
from tracker.reports.queries import UnknownReport, count_reports, get_snapshot
from tracker.reports.requests import ReportRequest
from tracker.reports.services import create_report
from tracker.reports.tasks import SHEETS
from tracker.reports.wording import say_code


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    """Return the small ledger."""
    assert app
    return enter_ledger()


def sheet_count(browser: Browser) -> int:
    return len(re.findall(r'<tr><td class="day">', browser.get("/reports/sheets/1-4").text))


@pytest.mark.long
def test_a_job_makes_a_sheet_for_every_department_and_files_of_all(
    app: Flask, ledger: Ledger, as_user: Callable[..., Browser]
) -> None:
    browser = as_user()
    assert 'href="/reports/sheets/new"' in browser.get("/reports").text
    assert "4" in browser.get("/reports/sheets/new").text
    token = browser.token("/reports/sheets/new")
    fields = {"csrf_token": token, "key": "k1", "year": "2025"}
    assert browser.post("/reports/sheets/new", data=fields | {"year": "x"}).status_code == 422
    job = browser.post("/reports/sheets/new", data=fields).location
    assert browser.post("/reports/sheets/new", data=fields).location == job
    run_next_job()

    state = browser.get(f"{job}.json").json
    assert state
    assert (state["state"], state["result"]) == ("done", "/reports/sheets/1-4")
    assert sheet_count(browser) == len(DEPARTMENTS)
    contents = [json.loads(get_snapshot(number).content) for number in range(1, 5)]
    assert {each["department"] for each in contents} == set(DEPARTMENTS)
    totals = {each["department"]: each["summary"]["total"]["current"] for each in contents}
    assert totals["총무과"] == reckon(2025, department="총무과")
    assert len({each["basis"]["frozen_at"] for each in contents}) == 1

    whole = browser.get("/reports/sheets/1-4/download?format=pdf").data
    said = " ".join(pages_of(whole))
    for number in range(1, 5):
        assert say_code(get_snapshot(number).sha256) in said
    with pikepdf.open(io.BytesIO(whole)) as document:
        assert "/StructTreeRoot" in document.Root
    packed = zipfile.ZipFile(io.BytesIO(browser.get("/reports/sheets/1-4/download?format=zip").data))
    assert len(packed.namelist()) == 4
    assert packed.namelist()[0].startswith("2025-0001_2025년도_행복구_")
    assert all(packed.read(name).startswith(b"%PDF") for name in packed.namelist())
    assert ledger

    # Files that are gone are made again, to the same bytes; nothing is frozen anew.
    for file in (app.config["INSTANCE"] / "renderings").glob("*.pdf*"):
        file.unlink()
    assert browser.get("/reports/sheets/1-4/download?format=pdf").location == "/reports/sheets/1-4"
    browser.submit("/reports/sheets/1-4", to="/reports/sheets/1-4/render")
    run_next_job()
    assert browser.get("/reports/sheets/1-4/download?format=pdf").data == whole
    browser.submit("/reports/new", to="/reports/sheets/1-4/render")
    run_next_job()
    assert browser.get("/reports/sheets/1-4/download?format=pdf").data == whole
    assert count_reports() == 4


def test_only_sheets_are_a_batch_and_an_altered_one_is_not_given_out(
    ledger: Ledger, as_user: Callable[..., Browser]
) -> None:
    freeze_sheets(2025, BY)
    create_report(ReportRequest(year=2025), BY)
    for numbers in ("1-5", "5", "2-1", "0-1", "1-9", "1-900", "1,", "x", "1-2-3", "1-4,1-499"):
        with pytest.raises(UnknownReport):
            get_batch(read_numbers(numbers))
    browser = as_user(Role.AUDITOR)
    assert browser.get("/reports/sheets/1-5").status_code == 404
    assert browser.get("/reports/sheets/1-4/download?format=x").status_code == 404
    make_purchase(ledger.departments["총무과"], ledger.suppliers["함께"], 5_000, date(2025, 1, 2))

    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = '{}' WHERE id = 2"))
    assert browser.get("/reports/sheets/1-4").location == "/reports/2/verify"
    job = enqueue(SHEETS, {"numbers": "1-4"}, BY)
    run_next_job()
    db.session.rollback()
    assert db.session.get_one(Job, job).state == "failed"


@pytest.mark.parametrize(("year", "why"), [("1950", "부서"), ("2025", "annex.amount")])
def test_what_cannot_be_made_is_refused_whole(
    ledger: Ledger, as_user: Callable[..., Browser], year: str, why: str
) -> None:
    assert ledger
    with transaction():
        db.session.execute(text("UPDATE department SET valid_from = '2000-01-01'"))
        db.session.execute(text("UPDATE purchase_rollup SET amount = amount + 1"))
    browser = as_user()
    token = browser.token("/reports/sheets/new")
    job = browser.post("/reports/sheets/new", data={"csrf_token": token, "key": "k", "year": year}).location
    run_next_job()

    state = browser.get(f"{job}.json").json
    assert state
    assert state["state"] == "failed"
    assert why in browser.get(job).text
    assert count_reports() == 0
    result = CliRunner().invoke(report, ["batch", "--year", year])
    assert result.exit_code == 1


@pytest.mark.long
def test_the_command_writes_both_files(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger
    result = CliRunner().invoke(report, ["batch", "--year", "2025", "--out", str(tmp_path / "out"), "--json"])
    told = json.loads(result.stdout)

    assert told["reports"] == [1, 2, 3, 4]
    assert [Path(each).name for each in told["files"]] == [
        f"2025년도_행복구_부서별_확인서_모음.{ending}" for ending in ("pdf", "zip")
    ]
    assert all(Path(each).stat().st_size > 1_000 for each in told["files"])
    assert (told["new"], told["replaced"], told["unchanged"]) == ([1, 2, 3, 4], [], [])
    again = CliRunner().invoke(report, ["batch", "--year", "2025"])
    assert "수치가 같아 그대로 둔 것 4건" in again.output


def test_made_again_only_sheets_with_other_figures_are_replaced(ledger: Ledger) -> None:
    first = freeze_sheets(2025, BY)
    assert (first.new, first.replaced, first.unchanged) == ([1, 2, 3, 4], [], [])
    later = BY._replace(at=BY.at + timedelta(days=40))
    assert freeze_sheets(2025, later) == ([1, 2, 3, 4], [], [], [1, 2, 3, 4])
    frozen = {number: get_snapshot(number).content for number in range(1, 5)}
    changed = next(number for number in frozen if json.loads(frozen[number])["department"] == "복지과")
    confirm_report(changed, None, "확정", BY)
    make_purchase(ledger.departments["복지과"], ledger.suppliers["함께"], 5_000, date(2025, 1, 2))

    with pytest.raises(ReasonNeeded):
        freeze_sheets(2025, later)
    assert count_reports() == 4
    again = freeze_sheets(2025, later, "늦은 계산서")

    unchanged = [number for number in frozen if number != changed]
    assert (again.new, again.replaced, again.unchanged) == ([], [5], unchanged)
    assert sorted(again.numbers) == sorted([*unchanged, 5])
    assert [each.state for each in steps_of([changed])[changed]] == [
        ReportState.CONFIRMED,
        ReportState.SUPERSEDED,
    ]
    step = steps_of([changed])[changed][-1]
    assert (step.successor_id, step.reason) == (5, "늦은 계산서")
    assert {number: get_snapshot(number).content for number in frozen} == frozen
    assert count_standing(2025) == (4, 4)
    assert not [each for found in verify_instance().values() for each in found]


def test_an_altered_sheet_keeps_no_department_from_a_new_one(ledger: Ledger) -> None:
    assert ledger
    freeze_sheets(2025, BY)
    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = '{}' WHERE id = 2"))

    found = freeze_sheets(2025, BY)

    assert (found.numbers, found.new, found.unchanged) == ([1, 5, 3, 4], [5], [1, 3, 4])


def test_the_officer_says_why_and_sees_what_became_of_the_sheets(
    ledger: Ledger, as_user: Callable[..., Browser]
) -> None:
    freeze_sheets(2025, BY)
    make_purchase(ledger.departments["복지과"], ledger.suppliers["함께"], 5_000, date(2025, 1, 2))
    later = BY._replace(at=BY.at + timedelta(days=40))
    numbers = say_numbers(freeze_sheets(2025, later, "늦은 계산서").numbers)
    browser = as_user()

    page = browser.get(f"/reports/sheets/{numbers}").text
    assert "이전 확인서를 대체한 것 1건" in page
    assert "수치가 같아 그대로 둔 것 3건" in page
    fields = {"csrf_token": browser.token("/reports/sheets/new"), "key": "k", "year": "2025"}
    refused = browser.post("/reports/sheets/new", data=fields)
    assert refused.status_code == 422
    assert "사유" in refused.text
    assert browser.post("/reports/sheets/new", data=fields | {"reason": "정정"}).status_code == 302


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_numbers_in_an_address_are_read_as_they_were_said(numbers: list[int]) -> None:
    assert read_numbers(say_numbers(numbers)) == numbers
