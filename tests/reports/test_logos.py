"""The logo of reports: small pictures only, inherited like wording, frozen by hash, shown and verified."""

import json
import re
import struct
import zipfile
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.evidence.papers import HEIC, JPEG, PDF, SVG, png
from tests.factories import BY
from tests.reports.ledger import enter_ledger
from tests.reports.test_life_views import fields_of
from tracker.audit.queries import history_of
from tracker.core.canonical import canonical_json, sha256_hex
from tracker.core.vocabulary import Role
from tracker.evidence.files import place_of
from tracker.extensions import db, transaction
from tracker.operations.backup import back_up
from tracker.operations.verification import verify_instance
from tracker.reports.commands import report
from tracker.reports.pictures import (
    LONGEST_SIDE,
    MOST_BYTES,
    Picture,
    PictureFault,
    RefusedPicture,
    read_picture,
)
from tracker.reports.queries import get_intact_snapshot, get_snapshot
from tracker.reports.renderers import Format, render_report
from tracker.reports.requests import Content, ReportKind, ReportRequest
from tracker.reports.services import create_report
from tracker.reports.text_blocks import ALL_KINDS, Block, copy_blocks, get_block, save_block
from tracker.reports.texts import Texts, with_texts
from tracker.reports.verification import verify_report

YEAR = ReportRequest(year=2025)
GENERAL = "/reports/texts?year=2025&kind="
WIDE = png(200)
# As much of a JPEG as tells its size: a table, fill, and a frame 30 wide and 20 high.
FRAME = b"\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x11\x08" + struct.pack(">HH", 20, 30) + bytes(12)
SMALL_JPEG = b"\xff\xd8" + FRAME


@pytest.fixture
def browser(app: Flask, as_user: Callable[..., Browser]) -> Browser:
    """Return a signed-in member of the team over the small ledger."""
    assert app
    enter_ledger()
    return as_user()


def sized(width: int, height: int) -> bytes:
    """Return what says of itself that it is a PNG of this size."""
    return png()[:16] + struct.pack(">II", width, height) + png()[24:]


def send(
    browser: Browser, address: str = GENERAL, file: tuple[bytes, str] | None = None, **fields: str
) -> TestResponse:
    """Fill in the wording's form and send it, with a file where one is given."""
    form = fields_of(browser.get(address.replace("/preview", "")).text)
    sent = {"logo": (BytesIO(file[0]), file[1])} if file else {}
    return browser.post(address, data=form | fields | sent, content_type="multipart/form-data")


def content_of(report_id: int) -> Content:
    content: Content = json.loads(get_intact_snapshot(report_id).content)
    return content


def stored() -> Block:
    """Return the wording as others saved it."""
    db.session.rollback()
    return get_block(2025, ALL_KINDS)


def details() -> list[str]:
    return [each.detail for found in verify_instance().values() for each in found]


def test_size_and_kind_are_read_from_the_content() -> None:
    assert read_picture(png(7))[1:] == ("png", 7, 7)
    assert read_picture(SMALL_JPEG)[1:] == ("jpeg", 30, 20)
    assert read_picture(sized(LONGEST_SIDE, 1)).width == LONGEST_SIDE


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", PictureFault.NO_PICTURE),
        (PDF, PictureFault.NO_PICTURE),
        (SVG, PictureFault.NO_PICTURE),
        (HEIC, PictureFault.NO_PICTURE),
        (JPEG, PictureFault.NO_PICTURE),
        (SMALL_JPEG[:16], PictureFault.NO_PICTURE),
        (png()[:20], PictureFault.NO_PICTURE),
        (png()[:8] + b"GIF89a" + bytes(30), PictureFault.NO_PICTURE),
        (sized(0, 9), PictureFault.NO_PICTURE),
        (sized(9, LONGEST_SIDE + 1), PictureFault.TOO_MANY_PIXELS),
        (png() + bytes(MOST_BYTES), PictureFault.TOO_LARGE),
    ],
)
def test_what_is_no_small_picture_is_refused(content: bytes, fault: PictureFault) -> None:
    with pytest.raises(RefusedPicture) as refused:
        read_picture(content)

    assert refused.value.fault is fault


def test_a_file_that_is_refused_is_named_with_its_size(browser: Browser) -> None:
    for content, told in (
        (sized(9, 4_001), "“휘장.png” 그림은 9 × 4,001픽셀입니다"),
        (png() + bytes(MOST_BYTES), "“휘장.png” 파일이 200KB보다 큽니다"),
        (SVG, "“휘장.png” 파일의 내용이 PNG나 JPEG 그림이 아닙니다"),
    ):
        for address in (GENERAL, GENERAL.replace("texts?", "texts/preview?")):
            answer = send(browser, address, (content, "휘장.png"))
            assert answer.status_code == 422
            assert told in answer.text

    # The picture was good, but browsers do not send it again with the page that comes back.
    answer = send(browser, GENERAL, (png(), "휘장.png"), ocid_prefix="OCDS 1")
    assert answer.status_code == 422
    assert "로고 파일을 다시 고르세요" in answer.text
    assert stored().version == 0
    assert db.session.scalar(text("SELECT count(*) FROM report_logo")) == 0


def test_a_logo_is_previewed_saved_shown_and_taken_away(
    browser: Browser, as_user: Callable[..., Browser]
) -> None:
    picture = read_picture(png())
    preview = send(browser, GENERAL.replace("texts?", "texts/preview?"), (png(), "휘장.png"))
    assert f'src="{picture.uri}" alt="행복구"' in preview.text
    assert "img-src data:;" in preview.headers["Content-Security-Policy"]
    assert not place_of(picture.sha256).exists()
    assert as_user(Role.CLERK, 1).post(GENERAL).status_code == 403

    assert send(browser, GENERAL, (png(), "휘장.png"), logo_text="행복구 휘장").status_code == 302
    assert f'src="{picture.uri}" alt="행복구 휘장"' in browser.get(GENERAL).text
    [event] = history_of("report_text", 2025)
    assert event.body["changes"]["logo"] == [None, picture.sha256]

    # What else is saved keeps it, also in the preview.
    assert send(browser, logo_text="휘장", team="함께팀").status_code == 302
    assert stored().words["logo"] == picture.sha256
    preview = send(browser, GENERAL.replace("texts?", "texts/preview?"), logo_text="휘장")
    assert f'src="{picture.uri}" alt="휘장"' in preview.text

    page = fields_of(browser.get(GENERAL).text)
    stale = {"version": "1", "without_logo": "y"}
    conflict = browser.post(GENERAL, data=page | stale, content_type="multipart/form-data")
    assert conflict.status_code == 409
    assert f"{picture.sha256[:4]}-{picture.sha256[4:8]}".upper() in conflict.text
    assert send(browser, without_logo="y").status_code == 302
    assert "logo" not in stored().words
    assert "<img" not in browser.get(GENERAL).text
    assert details() == []


@pytest.mark.usefixtures("browser")
def test_a_kind_has_its_own_logo_or_that_of_all_kinds_and_a_year_takes_them_over() -> None:
    general, own = read_picture(png(3)), read_picture(png(4))
    words = {"logo": general.sha256, "logo_text": "휘장"}
    save_block(Block(2025, ALL_KINDS, words, 0), BY, general)
    save_block(Block(2025, "brief", {"logo": own.sha256}, 0), BY, own)
    save_block(Block(2025, "scheme", {"logo_text": "두 번째 휘장"}, 0), BY)
    copy_blocks(2026, BY)

    asked = [
        ReportRequest(year=year, kind=kind, scheme="social_enterprise" if kind == "scheme" else None)
        for year in (2025, 2026)
        for kind in (ReportKind.ANNUAL, ReportKind.BRIEF, ReportKind.SCHEME)
    ]
    frozen = [content_of(create_report(each, BY).id)["logo"] for each in asked]
    assert frozen == 2 * [
        {"sha256": general.sha256, "text": "휘장"},
        {"sha256": own.sha256, "text": "행복구"},
        {"sha256": general.sha256, "text": "두 번째 휘장"},
    ]
    assert details() == []


def test_a_report_without_a_logo_is_what_it_was_before_there_were_logos(browser: Browser) -> None:
    assert browser
    content = {
        "institution": "행복구",
        "subject": "실적보고서",
        "year": 2025,
        "basis": {"laws": ["법"]},
        "by_department": [{"label": "총무과"}, {"label": "민원과"}],
    }
    told = canonical_json(with_texts(content, Texts(title="우선구매 실적", department_order=("민원과",))))
    # Taken when reports had no logo.
    assert sha256_hex(told) == "caf793db60d9461114d160b97e16d0344c1c1fef0b667a101d565288c8ecaed8"

    created = create_report(YEAR, BY)
    assert '"logo' not in get_snapshot(created.id).content
    picture = read_picture(png())
    save_block(Block(2025, ALL_KINDS, {"logo": picture.sha256}, 0), BY, picture)
    with_logo = create_report(YEAR, BY)

    assert get_intact_snapshot(created.id).sha256 == created.sha256
    assert verify_report(created.id).is_intact
    before, after = content_of(created.id), content_of(with_logo.id)
    assert after.keys() - before.keys() == {"logo"}
    assert after["texts"] == before["texts"]


def freeze_with(content: bytes, words: str = "행복구 <휘장>") -> tuple[int, Picture]:
    """Freeze a report of one page with this logo."""
    picture = read_picture(content)
    block = Block(2025, ALL_KINDS, {"logo": picture.sha256, "logo_text": words}, 0)
    save_block(block, BY, picture)
    return create_report(ReportRequest(year=2025, kind=ReportKind.BRIEF), BY).id, picture


def test_the_page_of_a_report_shows_its_logo(browser: Browser) -> None:
    number, picture = freeze_with(WIDE)

    answer = browser.get(f"/reports/{number}/document")

    assert unescape(f'src="{picture.uri}" alt="행복구 <휘장>"') in unescape(answer.text)
    assert "img-src data:;" in answer.headers["Content-Security-Policy"]


@pytest.mark.long
@pytest.mark.usefixtures("browser")
def test_the_pdf_holds_the_logo_at_most_12_mm_high_and_says_what_it_shows() -> None:
    snapshot = get_intact_snapshot(freeze_with(WIDE)[0])

    data = render_report(snapshot, Format.PDF).data

    assert data == render_report(snapshot, Format.PDF).data
    with pikepdf.open(BytesIO(data)) as document:
        told = [
            str(item.Alt)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure" and "/Alt" in item
        ]
        drawn = page_pictures(document.pages[0])
    assert "행복구 <휘장>" in told
    assert drawn == [(12.0, 12.0)]


def page_pictures(page: pikepdf.Page) -> list[tuple[float, float]]:
    """Return how large pictures are drawn on the page, in mm."""
    scales, found = [(1.0, 1.0)], []
    for each in pikepdf.parse_content_stream(page):
        operator = str(each.operator)
        if operator == "q":
            scales.append(scales[-1])
        elif operator == "Q":
            scales.pop()
        elif operator == "cm":
            across, _, _, down, *_ = map(float, each.operands)
            scales[-1] = scales[-1][0] * across, scales[-1][1] * down
        elif operator == "Do" and page.resources.XObject[str(each.operands[0])].Subtype == "/Image":
            across, down = scales[-1]
            found.append((round(abs(across) * 25.4 / 72, 1), round(abs(down) * 25.4 / 72, 1)))
    return found


@pytest.mark.long
@pytest.mark.usefixtures("browser")
def test_hwpx_holds_the_logo_and_the_same_bytes_every_time() -> None:
    number, picture = freeze_with(WIDE)
    snapshot = get_intact_snapshot(number)

    data = render_report(snapshot, Format.HWPX).data

    assert data == render_report(snapshot, Format.HWPX).data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        [name] = [each for each in archive.namelist() if each.startswith("BinData/")]
        assert archive.read(name) == picture.content
        section = archive.read("Contents/section0.xml").decode()
    assert "<hp:shapeComment>행복구 &lt;휘장&gt;</hp:shapeComment>" in section
    assert re.search(r'<hp:curSz width="(\d+)" height="\1"', section)


def test_a_logo_that_is_damaged_is_reported_and_nothing_is_shown_without_it(
    browser: Browser, tmp_path: Path
) -> None:
    number, picture = freeze_with(png())
    back_up(tmp_path / "backup.zip", BY.at)
    assert details() == []
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.read(f"evidence/{picture.sha256[:2]}/{picture.sha256}") == picture.content

    for damage in (lambda: place_of(picture.sha256).write_bytes(png(3)), place_of(picture.sha256).unlink):
        damage()
        assert verify_report(number).faults == ["logo"]
        assert details() == ["its logo is damaged or gone", f"logo {picture.sha256} is damaged or gone"]

    answer = browser.get(f"/reports/{number}/document")
    assert answer.location == f"/reports/{number}/verify"
    assert "로고 파일이 없거나" in browser.get(answer.location).text
    page = browser.get(GENERAL).text
    assert "로고 파일이 없거나" in page
    assert "<img" not in page
    preview = send(browser, GENERAL.replace("texts?", "texts/preview?"))
    assert preview.status_code == 200
    assert "<img" not in preview.text
    out = str(tmp_path / "report.html")
    told = CliRunner().invoke(report, ["render", str(number), "--format", "html", "--out", out])
    assert told.exit_code == 1
    assert CliRunner().invoke(report, ["verify", str(number)]).exit_code == 1


def test_which_logos_were_kept_is_never_changed(any_app: Flask) -> None:
    assert any_app
    picture = read_picture(png())
    save_block(Block(2025, ALL_KINDS, {"logo": picture.sha256}, 0), BY, picture)

    for act in ("UPDATE report_logo SET size = 1", "DELETE FROM report_logo"):
        with pytest.raises(Exception, match="append-only"), transaction():
            db.session.execute(text(act))


@pytest.mark.usefixtures("app")
def test_a_logo_missing_from_the_table_is_found() -> None:
    picture = read_picture(png())
    save_block(Block(2025, ALL_KINDS, {"logo": picture.sha256}, 0), BY, picture)
    with transaction():
        db.session.execute(text("DROP TRIGGER report_logo_no_delete"))
        db.session.execute(text("DELETE FROM report_logo"))

    assert f"logo {picture.sha256} is not told alike by the database and the audit trail" in details()
