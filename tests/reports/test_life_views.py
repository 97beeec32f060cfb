"""Pages on the life of reports: confirming, superseding, differences, signed copies, codes and wording."""

import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.client import Browser
from tests.evidence.papers import HWP, PDF, png
from tests.factories import BY, make_purchase
from tests.reports.ledger import Ledger, enter_ledger
from tracker.core.vocabulary import Kind, Role
from tracker.evidence.files import RefusedFile, place_of, received
from tracker.extensions import db, transaction
from tracker.operations.backup import back_up
from tracker.operations.verification import verify_instance
from tracker.reports import scans
from tracker.reports.queries import UnknownReport, count_reports, get_snapshot
from tracker.reports.requests import ReportKind, ReportRequest
from tracker.reports.services import create_report
from tracker.reports.texts import texts_of
from tracker.targets.services import PlanDraft, plan_purchases

YEAR = ReportRequest(year=2025)
JANUARY = BY._replace(at=datetime(2026, 1, 10, tzinfo=UTC))


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    """Return the small ledger."""
    assert app
    return enter_ledger()


@pytest.fixture
def browser(ledger: Ledger, as_user: Callable[..., Browser]) -> Browser:  # noqa: ARG001
    """Return a signed-in member of the team over the small ledger."""
    return as_user()


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the page's own form."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    form = next(each for each in forms if 'name="key"' in each and "copy-key" not in each)
    return {
        found[1]: unescape(value[1]) if (value := re.search(r'value="([^"]*)"', field)) else ""
        for field in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
        if (found := re.search(r'name="(\w+)"', field))
    }


@pytest.mark.long
def test_a_provisional_report_is_confirmed_with_its_differences_before_the_eyes(
    browser: Browser, ledger: Ledger
) -> None:
    plan = PlanDraft(
        fiscal_year=2025,
        department_id=ledger.departments["총무과"],
        scheme="social_enterprise",
        item="복사용지",
        kind=Kind.GOODS,
        quantity=Decimal(3),
        amount=1_000_000,
    )
    plan_purchases([plan], BY)
    number = create_report(YEAR, JANUARY).id
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 70_000, date(2025, 12, 30))
    assert 'href="/reports/1/confirm"' in browser.get("/reports/1").text

    page = browser.get("/reports/1/confirm").text
    assert "70,000" in page
    fields = fields_of(page)
    assert browser.post("/reports/1/confirm", data=fields | {"seen": "1"}).status_code == 409
    assert browser.post("/reports/1/confirm", data=fields | {"seen": "x"}).status_code == 422
    assert count_reports() == 1
    for _again in range(2):
        answer = browser.post("/reports/1/confirm", data=fields | {"reason": "마감 후 확정"})
        assert answer.location == "/reports/2"

    confirmed, before = words_of(browser.get("/reports/2").text), words_of(browser.get("/reports/1").text)
    assert "마감 후 확정" in confirmed
    assert "이전 보고서를 대체함" in confirmed
    assert "이 보고서는 다른 보고서로 대체되었습니다" in before
    marks = re.findall(r"<span class=\"mark.*?</span>", browser.get("/reports").text)
    assert [words_of(each).strip() for each in marks] == ["확정", "대체됨"]
    assert "70,000" in browser.get(f"/reports/{number}/differences?to=2").text
    assert browser.get("/reports/1/confirm").location == "/reports/1"


@pytest.mark.long
def test_closed_books_are_confirmed_as_they_stand_and_running_ones_need_a_reason(browser: Browser) -> None:
    create_report(YEAR, BY)
    create_report(ReportRequest(year=2026), BY)

    fields = fields_of(browser.get("/reports/1/confirm").text)
    assert browser.post("/reports/1/confirm", data=fields).location == "/reports/1"
    fields = fields_of(browser.get("/reports/2/confirm").text)
    refused = browser.post("/reports/2/confirm", data=fields)
    assert refused.status_code == 422
    assert "지금 확정하는 사유" in refused.text
    assert browser.post("/reports/2/confirm", data=fields | {"reason": "의회 요구"}).location == "/reports/3"


def test_figures_that_do_not_add_up_are_not_confirmed(browser: Browser) -> None:
    create_report(YEAR, JANUARY)
    with transaction():
        db.session.execute(text("UPDATE purchase_rollup SET amount = amount + 1"))

    answer = browser.get("/reports/1/confirm")

    assert answer.location == "/reports/1"
    assert "annex.amount" in browser.get("/reports/1").text


@pytest.mark.long
def test_a_new_report_on_the_same_offers_to_take_the_place_of_the_earlier(
    browser: Browser, ledger: Ledger
) -> None:
    create_report(YEAR, BY)
    make_purchase(ledger.departments["민원과"], ledger.suppliers["함께"], 70_000, date(2025, 12, 30))
    create_report(YEAR, BY)
    create_report(ReportRequest(year=2024), BY)

    offer = "/reports/1/supersede?by=2"
    assert offer in unescape(browser.get("/reports/2").text)
    assert "supersede" not in browser.get("/reports/3").text
    page = browser.get(offer).text
    assert "70,000" in page
    fields = fields_of(page)
    assert browser.post("/reports/1/supersede", data=fields).status_code == 422
    assert browser.post("/reports/1/supersede", data=fields | {"successor": "99"}).status_code == 404
    told = fields | {"reason": "늦게 온 세금계산서"}
    assert browser.post("/reports/1/supersede", data=told | {"successor": "1"}).status_code == 409
    assert browser.post("/reports/1/supersede", data=told).location == "/reports/2"
    assert browser.post("/reports/1/supersede", data=told).location == "/reports/2"

    assert "supersede" not in browser.get("/reports/2").text
    assert "늦게 온 세금계산서" in browser.get("/reports/1").text
    assert browser.get("/reports/1/supersede?by=x").status_code == 404


def test_the_list_holds_reports_of_every_kind(browser: Browser, ledger: Ledger) -> None:
    create_report(YEAR, BY)
    about = {"kind": ReportKind.DEPARTMENT, "department_id": ledger.departments["총무과"]}
    create_report(ReportRequest(year=2025, **about), BY)  # type: ignore[arg-type]

    assert "확인서" in words_of(browser.get("/reports").text)


def test_reports_of_other_kinds_are_not_compared(browser: Browser) -> None:
    create_report(YEAR, BY)
    create_report(ReportRequest(year=2025, kind=ReportKind.BRIEF), BY)

    assert browser.get("/reports/1/differences?to=2").location == "/reports/1"
    assert browser.get("/reports/1/differences").status_code == 404
    assert "모든 표의 수치가 같습니다" in browser.get("/reports/1/differences?to=1").text


@pytest.mark.long
def test_a_signed_copy_is_kept_given_out_to_few_checked_and_backed_up(
    browser: Browser, as_user: Callable[..., Browser], app: Flask, tmp_path: Path
) -> None:
    create_report(YEAR, BY)
    address = "/reports/1/scans/new"

    def send(content: bytes | None, name: str = "서명.pdf", browser: Browser = browser) -> int:
        fields = fields_of(browser.get(address).text) | {"note": "구청장 결재"}
        file = {} if content is None else {"file": (BytesIO(content), name)}
        return browser.post(address, data=fields | file, content_type="multipart/form-data").status_code

    assert [send(each) for each in (None, b"", HWP, b"?")] == [422] * 4
    assert send(PDF) == 302
    assert send(PDF) == 422
    assert send(png(), "서명.png") == 302

    page = browser.get("/reports/1").text
    assert "구청장 결재" in page
    answer = browser.get("/reports/1/scans/1")
    assert (answer.data, answer.content_type) == (PDF, "application/octet-stream")
    answer.close()
    assert browser.get("/reports/1/scans/9").status_code == 404
    clerk = as_user(Role.CLERK, 1)
    assert clerk.get("/reports/1/scans/1").status_code == 403
    assert "서명.pdf" in clerk.get("/reports/1").text
    back_up(tmp_path / "backup.zip", BY.at)
    names = zipfile.ZipFile(tmp_path / "backup.zip").namelist()
    assert sum(name.startswith("evidence/") for name in names) == 2
    assert [each for found in verify_instance().values() for each in found] == []

    place = place_of(answer_hash(1))
    place.write_bytes(b"other")
    assert [each.subject for each in verify_instance()["snapshots"]] == ["report"]
    assert browser.get("/reports/1/scans/1").location == "/reports/1"
    assert app


@pytest.mark.usefixtures("ledger")
def test_a_report_holds_few_copies_and_one_that_is_not_there_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app
    create_report(YEAR, BY)
    monkeypatch.setattr(scans, "MOST_SCANS", 1)
    with received([("a.pdf", BytesIO(PDF)), ("b.png", BytesIO(png()))]) as (first, second):
        with pytest.raises(UnknownReport):
            scans.add_scan(9, first, None, BY)
        scans.add_scan(1, first, None, BY)
        with pytest.raises(RefusedFile, match="too_many"):
            scans.add_scan(1, second, None, BY)

    with transaction():
        db.session.execute(text("DROP TRIGGER report_scan_no_delete"))
        db.session.execute(text("DELETE FROM report_scan"))
    details = [each.detail for found in verify_instance().values() for each in found]
    assert "its signed copies are not those in the audit trail" in details


def answer_hash(scan_id: int) -> str:
    found = db.session.scalar(text("SELECT sha256 FROM report_scan WHERE id = :id"), {"id": scan_id})
    assert isinstance(found, str)
    return found


def test_a_report_is_found_by_its_short_code(browser: Browser, as_user: Callable[..., Browser]) -> None:
    sha256 = create_report(YEAR, BY).sha256
    code = f"{sha256[:4]}-{sha256[4:8]}".upper()

    assert 'href="/reports/verify"' in browser.get("/reports").text
    found = words_of(as_user(Role.AUDITOR).get(f"/reports/verify?code={code}").text)
    assert get_snapshot(1).title in found
    assert "원본 그대로" in found
    assert "확정 대기" in found
    for wrong in ("1234567", "zzzzzzzz"):
        assert "코드가 아닙니다" in browser.get(f"/reports/verify?code={wrong}").text
    assert "이 코드의 보고서가 없습니다" in browser.get("/reports/verify?code=00000000").text

    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = '{}'"))
    assert "변조" in words_of(browser.get(f"/reports/verify?code={code}").text)


@pytest.mark.long
def test_wording_is_saved_shown_frozen_and_taken_over(browser: Browser) -> None:
    address = "/reports/texts?year=2025&kind="
    fields = fields_of(browser.get(address).text)
    general = {
        "economy": "사회연대경제",
        "team": "사회연대경제팀",
        "has_approval": "yes",
        "approval": "주무관\r\n팀장\r\n\r\n과장",
        "author_name": "홍길동",
        "department_order": "민원과\n복지과",
        "ocid_prefix": "ocds-a1b2c3",
    }
    for wrong in ({"department_order": "없는과"}, {"ocid_prefix": "OCDS 1"}, {"title": "가" * 201}):
        assert browser.post(address, data=fields | general | wrong).status_code == 422
    preview = browser.post(address.replace("texts?", "texts/preview?"), data=fields | general)
    assert "사회연대경제기업 제품" in preview.text
    assert "주무관" in preview.text
    assert "style-src 'sha256-" in preview.headers["Content-Security-Policy"]
    assert browser.post(address, data=fields | general).status_code == 302
    stale = fields_of(browser.get(address).text) | {"version": "0", "team": "다른 팀"}
    conflict = browser.post(address, data=stale)
    assert conflict.status_code == 409
    assert "다른 팀" in conflict.text
    assert "사회연대경제팀" in conflict.text

    own = f"{address}annual"
    shown = own.replace("texts?", "texts/preview?")
    title = {"title": "우선구매 실적", "laws": "조례 제3조", "has_approval": "no"}
    assert browser.post(own, data=fields_of(browser.get(own).text) | title).status_code == 302
    preview = browser.post(shown, data=fields_of(browser.get(own).text) | title)
    assert "우선구매 실적" in preview.text
    create_report(YEAR, BY)
    content = json.loads(get_snapshot(1).content)
    texts = texts_of(content)
    assert content["subject"] == texts.title == "우선구매 실적"
    assert content["basis"]["laws"] == ["조례 제3조"]
    assert (texts.approval, texts.economy, texts.author_name) == ((), "사회연대경제", "홍길동")
    assert [row["label"] for row in content["by_department"]][:2] == ["민원과", "복지과"]
    preview = browser.post(shown, data=fields_of(browser.get(own).text) | title)
    assert "미리보기" in preview.text

    with transaction():
        db.session.execute(text("DROP TRIGGER report_snapshot_no_update"))
        db.session.execute(text("UPDATE report_snapshot SET content = '{}'"))
    preview = browser.post(shown, data=fields_of(browser.get(own).text) | title)
    assert "우선구매 실적" in preview.text

    copy = "/reports/texts/copy?year=2026&kind="
    page = browser.get("/reports/texts?year=2026").text
    key = re.search(r'id="copy-key"[^>]*value="([^"]+)"', page) or pytest.fail(page)
    token = {"csrf_token": fields_of(page)["csrf_token"], "key": key[1]}
    assert browser.post(copy, data=token).status_code == 302
    assert "사회연대경제팀" in browser.get("/reports/texts?year=2026").text
    browser.post(copy, data=token | {"key": "another"})
    assert "가져올 문구가 없습니다" in browser.get("/reports/texts?year=2026").text
    assert browser.post(copy, data={}).status_code == 400
    for nowhere in ("year=x", "year=2025&kind=none"):
        assert browser.get(f"/reports/texts?{nowhere}").status_code == 404
