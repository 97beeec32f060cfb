"""The main job from an empty folder: purchases in, year over year, a report, and proof that it holds."""

import sqlite3
from pathlib import Path

import pypdf
import pytest

from tests.acceptance.conftest import Tracker
from tracker.config import DATABASE_FILE

ENTERPRISES = (
    "업체명,사업자등록번호,인증유형,인증번호,인증일\n함께,1048100015,사회적기업,제2020-1호,2020-01-01\n"
)
PURCHASES = (
    "부서,업체명,계약일,금액,구분\n총무과,함께,2025-03-02,1286,물품\n총무과,함께,2026-03-02,1888,물품\n"
)


@pytest.fixture
def office(program: Tracker, tmp_path: Path) -> Tracker:
    """Return an instance with one enterprise and a purchase in each of two years."""
    (tmp_path / "enterprises.csv").write_text(ENTERPRISES, "utf-8")
    (tmp_path / "purchases.csv").write_text(PURCHASES, "utf-8")
    program.run("import", "enterprises", str(tmp_path / "enterprises.csv"))
    program.run("import", "purchases", str(tmp_path / "purchases.csv"), "--create-missing")
    return program


@pytest.mark.long
def test_two_years_are_compared_and_a_report_is_frozen_printed_and_proved(
    office: Tracker, tmp_path: Path
) -> None:
    compared = office.run("totals", "--year", "2026", "--digits", "2")
    report = office.tell("report", "create", "--year", "2026")
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    for file in (first, second):
        office.run("report", "render", str(report["id"]), "--format", "pdf", "--out", str(file))
    verified = office.tell("report", "verify", str(report["id"]))

    assert "46.81" in compared
    assert first.read_bytes() == second.read_bytes()
    assert "1,888" in "".join(page.extract_text() for page in pypdf.PdfReader(first).pages)
    assert verified["sha256"] == report["sha256"]
    assert (verified["intact"], verified["difference"]) == (True, 0)


@pytest.mark.long
def test_an_amount_changed_by_hand_is_found_and_named(office: Tracker) -> None:
    with sqlite3.connect(office.instance / DATABASE_FILE) as database:
        database.execute("UPDATE purchase SET amount = 1 WHERE amount = 1888")

    told = office.tell("verify", expect=1)

    assert ("purchase", 2) in {(each["subject"], each["subject_id"]) for each in told["findings"]}
