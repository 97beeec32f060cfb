"""Pages of evidence: who adds, sees and hands out what, and that no file can harm its reader."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.evidence.papers import HEIC, HTML, HWP, HWPX, JPEG, PDF, POLYGLOT, SVG, XLSX, keep, png
from tests.factories import BY, make_department, make_enterprise, make_purchase
from tests.purchases.pages import counted_queries, fields_of, rows_of
from tracker.audit.models import Access
from tracker.audit.queries import Filter, list_accesses
from tracker.core.vocabulary import Role
from tracker.evidence import files
from tracker.evidence.files import evidence_folder, place_of
from tracker.evidence.queries import Version, list_evidence
from tracker.evidence.services import withdraw_evidence
from tracker.extensions import db
from tracker.purchases.services import reverse_purchase

SANDBOX = re.compile(r"(^|; )sandbox( allow-scripts)?$")


@pytest.fixture
def office(app: Flask) -> int:
    """Return the department of the purchase."""
    assert app
    return make_department("총무과")


@pytest.fixture
def purchase(office: int) -> int:
    """Return a purchase of the department."""
    return make_purchase(office, make_enterprise(), contract_name="사무용품 구매")


@pytest.fixture
def clerk(as_user: Callable[..., Browser], office: int) -> Browser:
    """Return the browser of the department's clerk."""
    return as_user(Role.CLERK, office)


def add(
    browser: Browser, purchase: int, *sent: tuple[str, bytes], page: str = "", **fields: Any
) -> TestResponse:
    """Choose files in the form of a page and send it."""
    address = f"/purchases/{purchase}/evidence/new"
    typed = fields_of(browser.get(page or address).text) | {"kind": "contract"} | fields
    return browser.post(
        address, data=typed | {"files": [(io.BytesIO(content), name) for name, content in sent]}
    )


def change(browser: Browser, page: str, content: bytes | None = None, **fields: Any) -> TestResponse:
    """Send the form of a page as it is but for some fields."""
    return browser.post(page, data=typed(browser, page, content, **fields))


def typed(browser: Browser, page: str, content: bytes | None = None, **fields: Any) -> dict[str, Any]:
    file = {"file": (io.BytesIO(content), "새 계약서.pdf")} if content else {}
    return fields_of(browser.get(page).text) | file | fields


def current(purchase: int) -> Version:
    """Return the only file of the purchase as it stands now."""
    db.session.rollback()
    (version,) = list_evidence(purchase)
    return version


def names(purchase: int) -> list[str]:
    db.session.rollback()
    return [each.file_name for each in list_evidence(purchase)]


def accesses() -> list[tuple[Access, int | None, str]]:
    db.session.rollback()
    rows, _more = list_accesses(Filter(subject="evidence"))
    return [(row.access, row.subject_id, row.what) for row in reversed(rows)]


def test_files_are_added_on_the_page_of_the_purchase(clerk: Browser, purchase: int) -> None:
    page = f"/purchases/{purchase}"
    answer = add(
        clerk,
        purchase,
        ("납품 1.png", png(1)),
        ("납품 2.png", png(2)),
        page=page,
        kind="photo",
        note="납품 당일",
    )
    shown = clerk.get(answer.location)

    assert answer.status_code == 302
    assert answer.location == f"{page}#evidence"
    assert "증빙 파일 2개를 등록했습니다." in shown.text
    assert [row[:2] for row in rows_of(shown.text) if row[0] == "사진"] == [
        ["사진", "납품 1.png 납품 당일"],
        ["사진", "납품 2.png 납품 당일"],
    ]


def test_the_same_form_sent_again_adds_nothing(clerk: Browser, purchase: int) -> None:
    for _again in range(2):
        answer = add(clerk, purchase, ("계약서.pdf", PDF), key="the same")

    assert "두 번 등록하지 않았습니다" in clerk.get(answer.location).text
    assert names(purchase) == ["계약서.pdf"]
    assert [path.name for path in evidence_folder().iterdir() if path.name.startswith(".")] == []


def test_a_form_without_kind_or_file_says_so(clerk: Browser, purchase: int) -> None:
    without_file = add(clerk, purchase)
    without_kind = add(clerk, purchase, ("계약서.pdf", PDF), kind="", note="그대로 둘 것")

    assert (without_file.status_code, without_kind.status_code) == (422, 422)
    assert "파일을 선택하세요." in without_file.text
    assert "증빙 종류를 선택하세요." in without_kind.text
    assert "그대로 둘 것" in without_kind.text
    assert names(purchase) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("계약서.pdf", HTML),
        ("도장.svg", SVG),
        ("도장.png", SVG),
        ("사진.jpg", b"GIF89a" + HTML),
        ("계약서.pdf", HTML + PDF),
        ("계약서.pdf", b"MZ" + bytes(100)),
        ("계약서.docx", b"PK\x03\x04" + bytes(100)),
        ("빈 파일.pdf", b""),
    ],
)
def test_what_is_not_what_it_says_is_refused(
    clerk: Browser, purchase: int, name: str, content: bytes
) -> None:
    answer = add(clerk, purchase, ("정상.pdf", PDF), (name, content))

    assert answer.status_code == 422
    assert f"“{name}”" in answer.text
    assert names(purchase) == []
    # The control: the other file alone is taken.
    assert add(clerk, purchase, ("정상.pdf", PDF)).status_code == 302


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, "pdf"),
        (JPEG, "jpg"),
        (png(), "png"),
        (HEIC, "heic"),
        (XLSX, "xlsx"),
        (HWPX, "hwpx"),
        (HWP, "hwp"),
    ],
)
def test_the_ending_is_that_of_the_content(
    clerk: Browser, purchase: int, content: bytes, ending: str
) -> None:
    add(clerk, purchase, ("악성.html", content))
    with clerk.get("/evidence/1/1/download") as answer:
        assert answer.data == content
        assert answer.headers["Content-Disposition"].endswith(f"{quote('악성.html.' + ending)}")
        assert answer.content_length == len(content)


def test_too_large_and_too_many_are_refused(
    clerk: Browser, purchase: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", len(PDF))
    large = add(clerk, purchase, ("큰 파일.pdf", PDF + b"\n"))
    many = add(clerk, purchase, *((f"{side}.png", png(side)[: len(PDF)]) for side in range(1, 32)))
    add(clerk, purchase, ("계약서.pdf", PDF))
    twice = add(clerk, purchase, ("사본.pdf", PDF))

    assert "“큰 파일.pdf” 파일이 20MB보다 큽니다" in large.text
    assert "30개까지" in many.text
    assert "같은 파일이 이 구매에 이미 있습니다" in twice.text
    assert {large.status_code, many.status_code, twice.status_code} == {422}
    assert names(purchase) == ["계약서.pdf"]


@pytest.mark.parametrize(
    "given",
    [
        "../../../../tmp/escaped.pdf",
        "..\\..\\escaped.pdf",
        "/etc/cron.d/escaped.pdf",
        "C:\\escaped.pdf",
        "escaped\x00.html.pdf",
        'x"; filename=escaped.html',
        "x\r\nSet-Cookie: escaped=1.pdf",
        "<img src=x onerror=alert(1)>.pdf",
        "가" * 300 + ".pdf",
    ],
)
def test_a_name_leads_nowhere(clerk: Browser, purchase: int, given: str, instance: Path) -> None:
    before = set(instance.parent.rglob("*"))
    # As a browser that follows no rules would send it.
    fields = fields_of(clerk.get(f"/purchases/{purchase}").text) | {"kind": "contract"}
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    head = f"Content-Disposition: form-data; name=\"files\"; filename*=UTF-8''{quote(given)}\r\n\r\n"
    body = "".join(f"--x\r\n{part}\r\n" for part in parts).encode() + b"--x\r\n" + head.encode() + PDF
    answer = clerk.post(
        f"/purchases/{purchase}/evidence/new",
        data=body + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    version = current(purchase)
    name = version.file_name
    new = set(instance.parent.rglob("*")) - before
    there = [path for path in new if path.is_file() and path.read_bytes() == PDF]
    with clerk.get("/evidence/1/1/download") as handed_out:
        disposition = handed_out.headers["Content-Disposition"]
        assert "Set-Cookie" not in handed_out.headers or "escaped" not in handed_out.headers["Set-Cookie"]

    assert answer.status_code == 302
    assert not set('/\\\x00\r\n<>"') & set(name)
    assert name.endswith(".pdf")
    assert there == [place_of(version.sha256)]
    assert disposition.startswith("attachment; filename")
    assert disposition.count("\r") + disposition.count("\n") == 0
    assert "<img src=x" not in clerk.get(f"/purchases/{purchase}").text
    assert "<img src=x" not in clerk.get("/evidence/1").text


def test_pdf_and_pictures_are_shown_and_run_nothing(clerk: Browser, purchase: int) -> None:
    contents = {"계약서.pdf": (POLYGLOT, "application/pdf"), "사진.jpg": (JPEG + HTML, "image/jpeg"),
                "사진.png": (png() + HTML, "image/png")}  # fmt: skip
    for name, (content, _type) in contents.items():
        keep(purchase, content, name)
    for number, (content, media_type) in enumerate(contents.values(), 1):
        with clerk.get(f"/evidence/{number}/1") as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.data == content
            assert answer.content_type == media_type
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Disposition"].startswith("inline")
            assert answer.headers["Cache-Control"] == "no-store"
            assert policy.startswith("default-src 'none';")
            assert SANDBOX.search(policy)
            assert "unsafe" not in policy


def test_only_a_pdf_may_stand_in_a_frame_of_our_own(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    keep(purchase, png(), "사진.png")
    frames = {}
    for page in ("/evidence/1/1", "/evidence/2/1", "/evidence/1/1/download", "/evidence/1"):
        with clerk.get(page) as answer:
            policy = answer.headers["Content-Security-Policy"]
            frames[page] = answer.headers["X-Frame-Options"], "frame-ancestors 'self'" in policy

    assert frames == {
        "/evidence/1/1": ("SAMEORIGIN", True),
        "/evidence/2/1": ("DENY", False),
        "/evidence/1/1/download": ("DENY", False),
        "/evidence/1": ("DENY", False),
    }
    assert '<iframe class="evidence-frame" src="/evidence/1/1"' in clerk.get("/evidence/1").text
    assert 'src="/evidence/2/1"' in clerk.get("/evidence/2").text


@pytest.mark.parametrize("content", [XLSX, HWP, HWPX, HEIC])
def test_everything_else_is_only_handed_out(clerk: Browser, purchase: int, content: bytes) -> None:
    keep(purchase, content, "자료")
    with clerk.get("/evidence/1/1/download") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert SANDBOX.search(answer.headers["Content-Security-Policy"])
    assert clerk.get("/evidence/1/1").status_code == 404
    assert "브라우저에서 볼 수 없는 형식" in clerk.get("/evidence/1").text


def test_a_file_is_replaced_and_the_one_before_stays(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    answer = change(clerk, "/evidence/1/edit", POLYGLOT, kind="quotation", reason="다시 스캔")
    page = clerk.get(answer.location).text

    assert "저장했습니다." in page
    assert [row[:3] for row in rows_of(page)[1:]] == [
        ["2", "견적서", "새 계약서.pdf"],
        ["1", "계약서", "계약서.pdf"],
    ]
    for number, content in ((1, PDF), (2, POLYGLOT)):
        with clerk.get(f"/evidence/1/{number}/download") as file:
            assert file.data == content
    assert clerk.get("/evidence/1/3/download").status_code == 404


def test_what_changes_nothing_is_not_saved(clerk: Browser, purchase: int) -> None:
    keep(purchase, note="원본")
    answer = change(clerk, "/evidence/1/edit", reason="없음")

    assert "바뀐 내용이 없어" in clerk.get(answer.location).text
    assert current(purchase).number == 1


def test_a_change_needs_its_reason_and_a_good_file(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    without_reason = change(clerk, "/evidence/1/edit", POLYGLOT)
    bad = change(clerk, "/evidence/1/edit", HTML, reason="교체")
    withdrawal = change(clerk, "/evidence/1/withdraw")

    assert (without_reason.status_code, bad.status_code, withdrawal.status_code) == (422, 422, 422)
    assert "보관할 수 없는 형식" in bad.text
    assert current(purchase).number == 1


def test_a_change_sent_twice_is_done_once(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    sent = typed(clerk, "/evidence/1/edit", reason="종류 정정", kind="photo")
    clerk.post("/evidence/1/edit", data=sent)
    answer = clerk.post("/evidence/1/edit", data=sent)

    assert "두 번 저장하지 않았습니다" in clerk.get(answer.location).text
    assert current(purchase).number == 2


def test_of_two_who_change_the_same_file_the_second_sees_both(
    clerk: Browser, as_user: Callable[..., Browser], purchase: int
) -> None:
    team = as_user()
    keep(purchase)
    mine = typed(clerk, "/evidence/1/edit", POLYGLOT, reason="내 사유", note="내 비고")
    change(team, "/evidence/1/edit", png(), reason="다른 사유", note="다른 비고")
    answer = clerk.post("/evidence/1/edit", data=mine)

    assert answer.status_code == 409
    assert {"내 사유", "내 비고", "다른 사유", "다른 비고"} <= set(
        re.findall("(?:내|다른) (?:사유|비고)", answer.text)
    )
    assert current(purchase).note == "다른 비고"
    again = fields_of(answer.text) | {"file": (io.BytesIO(POLYGLOT), "새 계약서.pdf")}
    assert clerk.post("/evidence/1/edit", data=again).status_code == 302
    assert current(purchase).note == "내 비고"


def test_what_was_withdrawn_meanwhile_cannot_be_changed(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    pages = ("/evidence/1/edit", "/evidence/1/withdraw")
    sent = [typed(clerk, page, reason="늦은 사유", kind="photo") for page in pages]
    withdraw_evidence(1, "다른 구매의 증빙", 1, BY)

    for page, fields in zip(pages, sent, strict=True):
        answer = clerk.post(page, data=fields)
        assert answer.status_code == 409
        assert "다른 구매의 증빙" in answer.text


def test_a_withdrawn_file_stays_readable_with_its_reason(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    answer = change(clerk, "/evidence/1/withdraw", reason="다른 구매의 증빙")
    page = clerk.get(answer.location).text

    assert "다른 구매의 증빙" in page
    assert "/evidence/1/edit" not in page
    assert "다른 구매의 증빙" in clerk.get(f"/purchases/{purchase}").text
    with clerk.get("/evidence/1/1/download") as file:
        assert file.data == PDF


def test_every_look_and_download_is_recorded_before_it_happens(clerk: Browser, purchase: int) -> None:
    keep(purchase)
    keep(purchase, png(), "사진.png")
    for page in (f"/purchases/{purchase}", "/evidence/1", "/evidence/1/1", "/evidence/2/1/download"):
        clerk.get(page).close()
    clerk.get("/evidence/1/7").close()

    assert accesses() == [(Access.VIEW, 1, "계약서 (1)"), (Access.DOWNLOAD, 2, "계약서 (1)")]


def test_looks_lead_from_the_record_to_the_file(
    as_user: Callable[..., Browser], clerk: Browser, purchase: int
) -> None:
    keep(purchase)
    clerk.get("/evidence/1/1").close()
    auditor = as_user(Role.AUDITOR)

    assert "/evidence/1" in auditor.get("/admin/audit/access").text
    assert "증빙 등록" in auditor.get("/admin/audit?subject=evidence").text


@pytest.mark.parametrize("content", [None, HTML])
def test_a_file_that_was_altered_outside_is_not_handed_out(
    clerk: Browser, purchase: int, content: bytes | None
) -> None:
    keep(purchase)
    place = place_of(current(purchase).sha256)
    place.unlink()
    if content:
        place.write_bytes(content)

    for page in ("/evidence/1/1", "/evidence/1/1/download"):
        answer = clerk.get(page)
        assert answer.location == "/evidence/1"
        assert "관리자에게 알리세요" in clerk.get("/evidence/1").text


SEEING = ("/evidence/1", "/evidence/1/1", "/evidence/1/1/download")
WRITING = ("/purchases/1/evidence/new", "/evidence/1/edit", "/evidence/1/withdraw")


@pytest.mark.parametrize(
    ("role", "belongs", "sees", "writes"),
    [
        (Role.CLERK, "own", True, True),
        (Role.CLERK, "above", True, True),
        (Role.CLERK, "below", False, False),
        (Role.CLERK, "other", False, False),
        (Role.STAFF, None, True, True),
        (Role.AUDITOR, None, True, False),
        (Role.ADMIN, None, False, False),
    ],
)
def test_only_those_whom_it_concerns_see_and_write_evidence(
    as_user: Callable[..., Browser], role: Role, belongs: str | None, sees: bool, writes: bool
) -> None:
    above = make_department("안전국")
    own = make_department("총무과", parent_id=above)
    where = {
        "own": own,
        "above": above,
        "below": make_department("서무팀", parent_id=own),
        "other": make_department("복지과"),
    }
    purchase = make_purchase(own, make_enterprise())
    keep(purchase)
    browser = as_user(role, where.get(belongs or ""))
    on_page = browser.get("/purchases/1").text

    for page in SEEING:
        with browser.get(page) as answer:
            assert answer.status_code == (200 if sees else 403), page
    for page in WRITING:
        assert browser.get(page).status_code == (200 if writes else 403), page
        headers = {"X-CSRFToken": browser.token("/account/password")}
        assert browser.post(page, headers=headers).status_code == (422 if writes else 403), page
    assert ("계약서.pdf" in on_page) is sees
    assert ("/evidence/new" in on_page) is writes
    assert len(accesses()) == (2 if sees else 0)
    assert names(purchase) == ["계약서.pdf"]


def test_what_is_not_there_is_not_found(clerk: Browser, purchase: int) -> None:
    assert purchase
    for page in (*SEEING, *WRITING[1:], "/purchases/9/evidence/new"):
        assert clerk.get(page).status_code == 404, page


def test_a_reversed_purchase_still_takes_evidence(clerk: Browser, purchase: int) -> None:
    reverse_purchase(purchase, 1, "계약 해제", BY)

    assert add(clerk, purchase, ("해제 공문.pdf", PDF), kind="other").status_code == 302
    assert names(purchase) == ["해제 공문.pdf"]


def test_pages_ask_the_database_as_often_however_much_there_is(
    as_user: Callable[..., Browser], purchase: int
) -> None:
    team = as_user()
    team.get(f"/purchases/{purchase}")
    counts = []
    for side in (1, 2, 12):
        for each in range(side * 20, side * 20 + side):
            keep(purchase, png(each), "사진.png")
        with counted_queries() as sent:
            team.get(f"/purchases/{purchase}")
        counts.append(len(sent))

    assert counts[0] == counts[1] == counts[2]
